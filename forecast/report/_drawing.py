"""The network as SVG: events in boxes that fill with their probability, links as arrows."""

from collections.abc import Sequence

from markupsafe import Markup

from forecast.layout import Arrow, layered, said, width, wrapped
from forecast.probability import percent
from forecast.report._content import EventPart, Influence
from forecast.report._svg import Drawing, element, joined, number, text

BOX = (158.0, 58.0)
GAP = 26.0
MARGIN = 4.0
COLUMNS, LINES = 26, 2
THINNEST, WIDEST = 1.0, 5.0

KINDS = {
    "causes": "opens a way of its own",
    "multiplies": "makes likelier, or less likely (dashed)",
    "requires": "must be on first",
    "prevents": "must be off",
}
"""What an arrow of each kind means."""


def network_drawing(
    events: Sequence[EventPart], influences: Sequence[Influence], anchor: str
) -> Drawing:
    """Return the drawing; each box tells the last figure.

    `anchor` stands before an event's id in the name of its section.
    """
    arrows = [Arrow(each.parent, each.child, each.kind, each.ratio) for each in influences]
    ends = [(arrow.parent, arrow.child) for arrow in arrows]
    drawn = layered({event.id: BOX for event in events}, ends, gap=GAP)
    parts = [element("defs", joined(_head(kind, anchor) for kind in KINDS))]
    parts += [_arrow(*each, anchor) for each in zip(arrows, drawn.routes, strict=True)]
    parts += [_box(event, *drawn.centres[event.id], anchor) for event in events]
    moved = element("g", joined(parts), transform=f"translate({number(MARGIN)} {number(MARGIN)})")
    words = (
        f"The network: {len(events)} events and {len(influences)} links. Each event's section "
        "lists what bears on it and what it bears on."
    )
    size = drawn.width + 2 * MARGIN, drawn.height + 2 * MARGIN
    return Drawing(*size, words, (moved,), role="group")


def _head(kind: str, anchor: str) -> Markup:
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


def _box(event: EventPart, x: float, y: float, anchor: str) -> Markup:
    wide, high = BOX
    left, top = x - wide / 2, y - high / 2
    last = event.figures[-1]
    size = {"x": number(left), "y": number(top), "height": number(high), "rx": "5"}
    full = number(max(2.0, (wide - 12) * last.probability))
    rail = {"x": number(left + 6), "y": number(top + high - 9), "height": "4", "rx": "2"}
    lines = wrapped(event.title or event.id, columns=COLUMNS, lines=LINES)
    parts = [
        element("rect", cls="box", width=number(wide), **size),
        element("rect", cls="rail", width=number(wide - 12), **rail),
        element("rect", cls="full", width=full, **rail),
    ]
    if lines[-1].endswith("…"):
        parts.insert(0, element("title", event.title or event.id))
    parts += [text(left + 7, top + 15 + 12 * n, line, cls="title") for n, line in enumerate(lines)]
    value = percent(last.probability, last.mcse)
    parts.append(text(left + wide - 7, top + high - 13, value, cls="value e"))
    return element("a", joined(parts), href=f"#{anchor}{event.id}", cls=f"node {event.kind}")
