"""How strong an arrow is, in words and as a width."""

from math import log

from forecast.layout.diagram import Arrow

__all__ = ["said", "width"]

WIDEST_RATIO = 20.0
"""A hazard ratio from which on arrows get no wider."""


def said(arrow: Arrow) -> str:
    """Return an arrow's kind and strength in words.

    Examples
    --------
    >>> said(Arrow("a", "b", "multiplies", 3.0)), said(Arrow("a", "b", "requires", None))
    ('×3', 'requires')
    """
    if arrow.ratio is None:
        return arrow.kind
    return f"×{arrow.ratio:.2g}"


def width(arrow: Arrow) -> float:
    """Return how wide to draw an arrow: 0 for a ratio of 1, 1 for a twentyfold rise or fall.

    The width goes with the logarithm, so ×3 and ×⅓ are as wide. A gate is as wide as a ratio of 3.

    Examples
    --------
    >>> round(width(Arrow("a", "b", "multiplies", 0.05)), 3)
    1.0
    """
    ratio = 3.0 if arrow.ratio is None else arrow.ratio
    return min(abs(log(ratio)) / log(WIDEST_RATIO), 1.0)
