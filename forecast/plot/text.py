"""Text from data, drawn as typed: no mathematics, no control characters, no missing letters."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.font_manager import findfont, get_font

from forecast.layout import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PLAIN", "cut", "drawable", "room", "wide"]

PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}
"""For every text that came from data: a ``$`` is a dollar, a ``\\`` is a backslash."""

LETTER = 0.56
"""The width of a letter of running text, in its height: a little over the mean of DejaVu Sans."""

LABELS = 54.0
"""What labels beside the axes take of a figure's width, in points."""

FEWEST = 12
MISSING = "□"


def drawable(text: str) -> str:
    r"""Return a text on one line without what cannot be drawn.

    Control characters and those that turn the direction of writing become spaces; letters that no
    font of the session has become "□", as Matplotlib would draw them too, but with a warning each.

    Examples
    --------
    >>> drawable("a\tb\u202ec")
    'a b c'
    """
    letters = _letters(tuple(mpl.rcParams["font.family"]), tuple(mpl.rcParams["font.sans-serif"]))
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return "".join(c if ord(c) in letters else MISSING for c in plain)


def wide(ax: "Axes", text: str, size: float) -> list[str]:
    """Return a text in as many lines as it needs to stand over the axes."""
    return list(wrapped(drawable(text), columns=_columns(ax, size), lines=4))


def cut(ax: "Axes", text: str, size: float) -> str:
    """Return a text on one line, no longer than the axes are wide; "…" where it was cut."""
    return wrapped(drawable(text), columns=_columns(ax, size), lines=1)[0]


def room(ax: "Axes") -> float:
    """Return how wide the axes are, in points; about how wide they will be, if that is not known.

    A layout engine makes room for labels when the figure is drawn, and not before.
    """
    grid, figure = ax.get_subplotspec(), ax.figure
    points = 72 / figure.dpi
    if figure.get_layout_engine() is None or grid is None:
        return float(ax.get_window_extent().width * points)
    columns = (grid.colspan.stop - grid.colspan.start) / grid.get_gridspec().ncols
    return float(figure.bbox.width * points * columns) - LABELS


def _columns(ax: "Axes", size: float) -> int:
    """Return how many letters of a size, in points, fit across the axes."""
    return max(FEWEST, int(room(ax) / (size * LETTER)))


@lru_cache(maxsize=8)
def _letters(families: tuple[str, ...], sans: tuple[str, ...]) -> frozenset[int]:
    """Return every character that the session's fonts have."""
    names = [name for family in families for name in (sans if family == "sans-serif" else [family])]
    known: set[int] = set()
    for name in names:
        try:
            path = findfont(name, fallback_to_default=False)
        except ValueError:
            continue
        known |= set(get_font(path).get_charmap())
    return frozenset(known or get_font(findfont("DejaVu Sans")).get_charmap())
