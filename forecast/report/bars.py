"""Small drawings for cells of tables: a probability with its range, and a step to either side."""

from markupsafe import Markup

from forecast.report.axes import number
from forecast.report.event import Figure
from forecast.report.svg import element, joined

__all__ = ["outlook", "push"]

WIDTH = 90


def outlook(figure: Figure) -> Markup:
    """Return a probability on a line from 0 to 1, its interval, and the run before as a ring."""
    parts = [_line("rail", 0.0, 1.0)]
    if figure.lower is not None and figure.upper is not None:
        parts.append(_line("range s0", figure.lower, figure.upper))
    if figure.before is not None:
        parts.append(element("circle", cls="before", cx=_x(figure.before), cy="6", r="3"))
    parts.append(element("circle", cls="dot s0", cx=_x(figure.probability), cy="6", r="3"))
    return _cell(*parts)


def push(log_odds: float, most: float) -> Markup:
    """Return a bar to the right for what raises the odds, to the left for what lowers them."""
    half = WIDTH / 2
    length = half * min(1.0, abs(log_odds) / most) if most else 0.0
    left = half if log_odds >= 0 else half - length
    side = "up" if log_odds >= 0 else "down"
    return _cell(
        element("rect", cls=side, x=number(left), y="1", width=number(length), height="10")
    )


def _x(probability: float) -> str:
    return number(3 + (WIDTH - 6) * probability)


def _line(cls: str, low: float, high: float) -> Markup:
    return element("path", cls=cls, d=f"M{_x(low)} 6H{_x(high)}")


def _cell(*parts: Markup) -> Markup:
    """Return a drawing of 90 by 12 that says nothing which the cell's text does not say."""
    return element("svg", joined(parts), cls="cell", aria_hidden="true")
