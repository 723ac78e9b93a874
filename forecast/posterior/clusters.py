"""Clusters of items: an item with all its copies, or the reports of one hidden origin."""

from forecast.evidence import Evidence, Report, statements

__all__ = ["clusters"]


def clusters(evidence: Evidence) -> dict[str, str]:
    """Return for each item the first item of its cluster, which may be itself.

    Items that copy each other, over any number of steps, are one cluster, as are reports that pass
    on one statement of a hidden origin.
    """
    head = {item.id: item.id for item in evidence}

    def find(name: str) -> str:
        while head[name] != name:
            name = head[name]
        return name

    order = {item.id: i for i, item in enumerate(evidence)}
    pairs = [
        (origin, item.id)
        for item in evidence
        if isinstance(item, Report)
        for origin in item.derived_from
        if origin in head
    ]
    pairs += [(group[0].id, item.id) for group in statements(evidence) for item in group]
    for one, other in pairs:
        first, second = sorted((find(one), find(other)), key=order.__getitem__)
        head[second] = first
    return {name: find(name) for name in head}
