"""The network as SVG: events in boxes that fill with their probability, links as arrows."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from forecast.layout import Arrow, Diagram, Node, Part, layered, said, width, wrapped
from forecast.probability import percent
from forecast.report._content import EventPart
from forecast.report._svg import Drawing, element, joined, number, text

BOX = (158.0, 58.0)
HEAD, ROW = 42.0, 24.0
"""Of a box with a row for each of the things that its event stands for."""

GAP = 26.0
MARGIN = 4.0
COLUMNS, LINES = 26, 2
THINNEST, WIDEST = 1.0, 5.0

KINDS = {
    "causes": "opens a way of its own",
    "multiplies": "makes likelier, or less likely (dashed)",
    "requires": "must be on first",
    "prevents": "must be off",
    "given": "a fact that another depends on",
}
"""What an arrow of each kind means."""


def network_drawing(events: Sequence[EventPart], drawn: Diagram, anchor: str) -> Drawing:
    """Return the drawing; each box, or row of a box, tells the last figure.

    `anchor` stands before an event's id in the name of its section.
    """
    shown = {event.id: event for event in events}
    placed = layered({node.id: _size(node) for node in drawn.nodes}, drawn.edges, gap=GAP)
    parts = [element("defs", joined(_tip(kind, anchor) for kind in KINDS))]
    parts += [_arrow(*each, anchor) for each in zip(drawn.arrows, placed.routes, strict=True)]
    for node in drawn.nodes:
        draw = _rows if node.parts else _box
        parts.append(draw(node, *placed.centres[node.id], shown, anchor))
    moved = element("g", joined(parts), transform=f"translate({number(MARGIN)} {number(MARGIN)})")
    words = (
        f"The network: {len(drawn.nodes)} events and {len(drawn.arrows)} links. Each event's "
        "section lists what bears on it and what it bears on."
    )
    size = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    return Drawing(*size, words, (moved,), role="group")


def _size(node: Node) -> tuple[float, float]:
    return BOX[0], HEAD + ROW * len(node.parts) if node.parts else BOX[1]


def _tip(kind: str, anchor: str) -> Markup:
    shape = element("path", d="M0 0L8 4L0 8z")
    at = {"viewBox": "0 0 8 8", "refX": "7.5", "refY": "4", "markerUnits": "userSpaceOnUse"}
    size = {"markerWidth": "9", "markerHeight": "9", "orient": "auto"}
    return element("marker", shape, cls=f"head {kind}", id=f"{anchor}{kind}-head", **at, **size)


def _arrow(arrow: Arrow, route: Sequence[tuple[float, float]], anchor: str) -> Markup:
    (x, y), *rest = route
    ways = [
        "C" + " ".join(f"{number(a)} {number(b)}" for a, b in rest[n : n + 3])
        for n in range(0, len(rest), 3)
    ]
    less = arrow.ratio is not None and arrow.ratio < 1
    cls = f"arrow {arrow.kind}{' less' if less else ''}"
    words = element("title", f"{arrow.parent} → {arrow.child}: {said(arrow)}")
    wide = THINNEST + (WIDEST - THINNEST) * width(arrow)
    path = f"M{number(x)} {number(y)}{''.join(ways)}"
    head = {"marker_end": f"url(#{anchor}{arrow.kind}-head)", "stroke_width": number(wide)}
    return element("path", words, cls=cls, d=path, **head)


def _box(node: Node, x: float, y: float, shown: Mapping[str, EventPart], anchor: str) -> Markup:
    (wide, high), left, top = BOX, x - BOX[0] / 2, y - BOX[1] / 2
    parts = [*_frame(node, x, y), *_bar(shown[node.id], left + 6, top + high - 9, wide - 12)]
    parts.append(_value(shown[node.id], left + wide - 7, top + high - 13))
    return element("a", joined(parts), href=f"#{anchor}{node.id}", cls=f"node {node.kind}")


def _rows(node: Node, x: float, y: float, shown: Mapping[str, EventPart], anchor: str) -> Markup:
    """Return a box with a row for each thing that its event stands for, each to its section."""
    left, top = x - BOX[0] / 2, y - _size(node)[1] / 2 + HEAD
    rows = [
        _row(part, shown[part.id], (left, top + ROW * place), anchor)
        for place, part in enumerate(node.parts)
        if part.id in shown
    ]
    return element("g", joined([*_frame(node, x, y), *rows]), cls=f"node {node.kind}")


def _row(part: Part, event: EventPart, corner: tuple[float, float], anchor: str) -> Markup:
    (left, top), wide = corner, BOX[0]
    size = {"x": number(left + 1), "y": number(top), "height": number(ROW - 1)}
    parts = [
        element("rect", cls="under", width=number(wide - 2), **size),
        text(left + 7, top + 12, wrapped(part.label, columns=COLUMNS - 6, lines=1)[0], cls="title"),
        _value(event, left + wide - 7, top + 12),
        *_bar(event, left + 6, top + 16, wide - 12),
    ]
    return element("a", joined(parts), href=f"#{anchor}{part.id}")


def _frame(node: Node, x: float, y: float) -> list[Markup]:
    (wide, high), lines = _size(node), wrapped(node.title, columns=COLUMNS, lines=LINES)
    left, top = x - wide / 2, y - high / 2
    size = {"x": number(left), "y": number(top), "height": number(high), "rx": "5"}
    parts = [element("rect", cls="box", width=number(wide), **size)]
    if lines[-1].endswith("…"):
        parts.insert(0, element("title", node.title))
    return parts + [
        text(left + 7, top + 15 + 12 * n, line, cls="title") for n, line in enumerate(lines)
    ]


def _bar(event: EventPart, left: float, top: float, wide: float) -> list[Markup]:
    rail = {"x": number(left), "y": number(top), "height": "4", "rx": "2"}
    full = number(max(2.0, wide * event.figures[-1].probability))
    return [
        element("rect", cls="rail", width=number(wide), **rail),
        element("rect", cls="full", width=full, **rail),
    ]


def _value(event: EventPart, x: float, y: float) -> Markup:
    last = event.figures[-1]
    return text(x, y, percent(last.probability, last.mcse), cls="value e")
