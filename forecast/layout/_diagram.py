"""What a drawing of a network shows: its events as nodes, its links as arrows with a strength."""

import textwrap
from math import log
from typing import NamedTuple

from forecast.network import Link, Network
from forecast.network._prior_of import link_prior, rate_prior


class Node(NamedTuple):
    """An event in a drawing.

    Parameters
    ----------
    id
        The event's.
    title
        The event's title, or its id if it has none. Untrusted text.
    kind
        onset, state or fact.
    """

    id: str
    title: str
    kind: str


class Arrow(NamedTuple):
    """A link in a drawing.

    Parameters
    ----------
    parent, child
        The ids of the events.
    kind
        causes, multiplies, requires or prevents.
    ratio
        The factor on the child's hazard while the parent is on, with priors at their medians and
        all other influences off; None for a gate, and where a table says what it does.
    """

    parent: str
    child: str
    kind: str
    ratio: float | None


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
    >>> diagram(network).arrows
    (Arrow(parent='pact', child='arms', kind='multiplies', ratio=3.0),)
    """
    nodes = tuple(Node(event.id, event.title or event.id, event.kind) for event in network.events)
    arrows = [
        Arrow(network.stated(k.parent).id, network.stated(k.child).id, k.kind, _ratio(network, k))
        for k in network.links
    ]
    arrows += [
        Arrow(network.stated(event.on).id, event.id, "requires", None)
        for event in network.events
        if event.on is not None and event.day is None
    ]
    arrows += [
        Arrow(network.stated(given).id, event.id, "multiplies", None)
        for event in network.events
        for given in event.given
    ]
    return Diagram(nodes, tuple(arrows))


def _ratio(network: Network, link: Link) -> float | None:
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
    """
    if arrow.ratio is None:
        return "table" if arrow.kind == "multiplies" else arrow.kind
    return f"×{arrow.ratio:.2g}"


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
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return tuple(textwrap.wrap(plain, columns, max_lines=lines, placeholder="…")) or ("",)
