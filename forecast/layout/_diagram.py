"""What a drawing of a network shows: its events as nodes, its links as arrows with a strength."""

import textwrap
from math import log
from typing import NamedTuple

from forecast.network import Event, Link, Network
from forecast.network._nodes import CONFIRMED, names_of
from forecast.network._prior_of import link_prior, rate_prior
from forecast.visible import visible


class Part(NamedTuple):
    """One of the things that an event in a drawing stands for, such as an outcome of a decision.

    Parameters
    ----------
    id
        Its name, by which it is asked for.
    label
        What it is called inside the event's box: ``left``, ``twice``, ``confirmed``.
    """

    id: str
    label: str


class Node(NamedTuple):
    """An event in a drawing.

    Parameters
    ----------
    id
        The event's.
    title
        The event's title, or its id if it has none. Untrusted text.
    kind
        onset, state, fact, decision or repeated.
    parts
        What the event stands for, if it is more than one thing.
    """

    id: str
    title: str
    kind: str
    parts: tuple[Part, ...] = ()

    @property
    def words(self) -> str:
        """The title, and what the event stands for if it is more than one thing."""
        return ": ".join(filter(None, (self.title, ", ".join(part.label for part in self.parts))))


class Arrow(NamedTuple):
    """A link in a drawing.

    Parameters
    ----------
    parent, child
        The ids of the events.
    kind
        causes, multiplies, requires or prevents; or given, for what a fact depends on.
    ratio
        The factor on the child's hazard while the parent is on, with priors at their medians and
        all other influences off, or on the odds of an outcome; None for a gate, and where a table
        says what it does.
    parent_part, child_part
        Which part of the parent it comes from, and which of the child it acts on, by their labels;
        empty where it is the event itself, or all of it.
    """

    parent: str
    child: str
    kind: str
    ratio: float | None
    parent_part: str = ""
    child_part: str = ""


class Diagram(NamedTuple):
    """A network as nodes and arrows, in the network's order."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]

    @property
    def edges(self) -> list[tuple[str, str]]:
        """The arrows as (parent, child), as `layered` takes them."""
        return [(arrow.parent, arrow.child) for arrow in self.arrows]


def diagram(network: Network) -> Diagram:
    """Return what a drawing of a network shows.

    Parameters
    ----------
    network
        The network.

    Examples
    --------
    >>> from forecast.network import Event, Link, Network
    >>> rate = "10% within 1 year"
    >>> network = Network(
    ...     name="demo",
    ...     start="2024-01-01",
    ...     horizon="2024-12-31",
    ...     events=[Event(id=name, kind="onset", rate=rate) for name in ("pact", "arms")],
    ...     links=[Link(parent="pact", child="arms", kind="multiplies", hazard_ratio="x3")],
    ... )
    >>> diagram(network).arrows[0].ratio
    3.0
    """
    nodes = tuple(
        Node(event.id, event.title or event.id, event.kind, parts_of(event))
        for event in network.events
    )
    labels = {part.id: part.label for node in nodes for part in node.parts if part.id != node.id}
    arrows = [
        Arrow(
            network.stated(link.parent).id,
            network.stated(link.child).id,
            link.kind,
            ratio_of(network, link),
            labels.get(link.parent, ""),
            labels.get(link.child, ""),
        )
        for link in network.links
    ]
    arrows += [
        Arrow(network.stated(event.on).id, event.id, "requires", None, labels.get(event.on, ""))
        for event in network.events
        if event.on is not None and event.day is None
    ]
    arrows += [
        Arrow(network.stated(parent).id, event.id, "given", None)
        for event in network.events
        for parent in event.given
    ]
    return Diagram(nodes, tuple(arrow for arrow in arrows if arrow.parent != arrow.child))


def parts_of(event: Event) -> tuple[Part, ...]:
    """Return what an event stands for, each with its label; nothing where that is one thing.

    Examples
    --------
    >>> from forecast.network import Event
    >>> raid = Event(id="raid", kind="repeated", rate="1 per year", up_to=2)
    >>> [part.label for part in parts_of(raid)]
    ['once', 'twice']
    """
    names = names_of(event)
    return tuple(Part(name, _label(event, name)) for name in names) if len(names) > 1 else ()


def _label(event: Event, name: str) -> str:
    """Return what one of the things that an event stands for is called."""
    if event.values:
        return name.removeprefix(f"{event.id}.").replace("_", " ")
    bare = name.removesuffix(f".{CONFIRMED}")
    if event.kind != "repeated":
        happened = "true" if event.kind == "fact" else "happened"
        return happened if bare == name else CONFIRMED
    times = int(bare.removeprefix(f"{event.id}.")) if bare != event.id else 1
    often = TIMES.get(times, f"{times} times")
    return often if bare == name else f"{CONFIRMED} {often}"


TIMES = {1: "once", 2: "twice"}


def ratio_of(network: Network, link: Link) -> float | None:
    """Return the factor of a link on its child's hazard or odds, at medians; None for a gate."""
    prior = link_prior(network, link)
    if prior is None or link.kind == "multiplies":
        return None if prior is None else prior.median()
    return 1 + prior.median() / rate_prior(network, network.event(link.child)).median()


WIDEST_RATIO = 20.0
"""The hazard ratio beyond which arrows get no wider."""


def said(arrow: Arrow) -> str:
    """Return an arrow's kind and strength in words.

    Examples
    --------
    >>> said(Arrow("a", "b", "multiplies", 3.0)), said(Arrow("a", "b", "requires", None))
    ('×3', 'requires')
    >>> said(Arrow("vote", "law", "multiplies", 2.0, "left", "passed"))
    'if left: ×2 for passed'
    """
    what = arrow.kind if arrow.ratio is None else f"×{arrow.ratio:.2g}"
    before = f"if {arrow.parent_part}: " if arrow.parent_part else ""
    return f"{before}{what}{f' for {arrow.child_part}' if arrow.child_part else ''}"


def width(arrow: Arrow) -> float:
    """Return how wide to draw an arrow: from 0 for a ratio of 1 to 1 for a ratio of 20 or 1/20.

    The width follows the logarithm, so ×3 and ×⅓ are equally wide. A gate counts as a ratio of 3.

    Examples
    --------
    >>> round(width(Arrow("a", "b", "multiplies", 0.05)), 3)
    1.0
    """
    ratio = 3.0 if arrow.ratio is None else arrow.ratio
    return min(abs(log(ratio)) / log(WIDEST_RATIO), 1.0)


def wrapped(text: str, *, columns: int, lines: int) -> tuple[str, ...]:
    """Return a text wrapped to a number of short lines, with "…" where it was cut.

    Parameters
    ----------
    text
        Any text. Control characters and marks of writing direction become spaces.
    columns, lines
        The most characters a line, and the most lines.

    Examples
    --------
    >>> wrapped("South Korea lifts its embargo on lethal arms", columns=16, lines=2)
    ('South Korea', 'lifts its…')
    """
    plain = " ".join(visible(text).split())
    return tuple(textwrap.wrap(plain, columns, max_lines=lines, placeholder="…")) or ("",)
