"""SEE: the HTML page of a workspace: one file that asks for nothing, the same for the same ledger.

What the page shows comes in as plain records (`forecast.report._content`); nothing is read,
estimated or looked up here.
"""

from forecast.report._page import page

__all__ = ["page"]
