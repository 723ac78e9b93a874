"""SVG, written so that no text in it can become markup."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from forecast.report.axes import Axes, number

__all__ = ["Drawing", "element", "frame", "joined", "text"]


class Drawing(NamedTuple):
    """A drawing.

    Parameters
    ----------
    width, height
        Its size, in units of about a pixel.
    words
        What it shows, for those who do not see it.
    parts
        Its elements.
    role
        ``"img"``, or ``"group"`` where there are links in it.
    """

    width: float
    height: float
    words: str
    parts: tuple[str, ...]
    role: str = "img"

    def __html__(self) -> str:
        """Return the drawing as markup; templates call this."""
        wide, high = number(self.width), number(self.height)
        size = {"viewBox": f"0 0 {wide} {high}"}
        if self.role != "img":  # a drawing keeps its size, charts take the room that there is
            size |= {"width": wide, "height": high}
        return element("svg", joined(self.parts), role=self.role, aria_label=self.words, **size)


def element(name: str, inside: str = "", /, *, cls: str = "", **attributes: str) -> Markup:
    """Return an element.

    Parameters
    ----------
    name
        Of the element.
    inside
        What it holds; escaped unless it is markup already.
    cls
        Its class.
    attributes
        The others, an underscore standing for a hyphen; escaped.

    Examples
    --------
    >>> element("text", "a<b", x="1")
    Markup('<text x="1">a&lt;b</text>')
    """
    named = {"class": cls, **attributes} if cls else attributes
    stated = "".join(f' {key.replace("_", "-")}="{escape(value)}"' for key, value in named.items())
    if not inside:
        return Markup(f"<{name}{stated}/>")  # noqa: S704  every part is escaped
    return Markup(f"<{name}{stated}>{escape(inside)}</{name}>")  # noqa: S704


def joined(parts: Iterable[str]) -> Markup:
    """Return elements one after another; what is no markup is escaped."""
    return Markup("").join(parts)


def text(x: float, y: float, words: str, *, cls: str = "") -> Markup:
    """Return a line of text; of the classes ``m`` is centred at x, and ``e`` ends there."""
    return element("text", words, cls=cls, x=number(x), y=number(y))


def frame(place: Axes) -> Sequence[Markup]:
    """Return the grid and the labels of some axes."""
    left, right = number(place.left), number(place.right)
    grid = "".join(f"M{left} {number(tick.at)}H{right}" for tick in place.up)
    feet = "".join(f"M{number(tick.at)} {number(place.bottom)}v4" for tick in place.across)
    up = (text(place.left - 5, tick.at + 3.5, tick.label) for tick in place.up)
    across = (text(tick.at, place.bottom + 16, tick.label) for tick in place.across)
    return [
        element("path", cls="grid", d=grid),
        element("path", cls="axis", d=feet),
        element("g", joined(up), cls="tick e"),
        element("g", joined(across), cls="tick m"),
    ]
