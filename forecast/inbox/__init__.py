"""News on its way to evidence: drafts, what a machine proposes for each, and what a person decided.

Nothing here touches a forecast. A draft becomes an item of evidence only when a person accepts it.
"""
