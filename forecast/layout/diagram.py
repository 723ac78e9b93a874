"""What a drawing of a network shows: its events as nodes, its links as arrows with a strength."""

from typing import NamedTuple

from forecast.network import Event, Link, Network
from forecast.network.prior_of import link_prior, rate_prior

__all__ = ["Arrow", "Diagram", "Node", "diagram"]


class Node(NamedTuple):
    """An event in a drawing.

    Parameters
    ----------
    id
        The event's.
    title
        The event's, or its id where it has none. Untrusted text.
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
        By how much the child's hazard rises (above 1) or falls (below 1) while the parent is on,
        at the medians of the priors and all other influences off; None for a gate.
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
    return Diagram(nodes, tuple(_arrow(network, link) for link in network.links))


def _arrow(network: Network, link: Link) -> Arrow:
    return Arrow(
        link.parent, link.child, link.kind, _ratio(network, link, network.event(link.child))
    )


def _ratio(network: Network, link: Link, child: Event) -> float | None:
    prior = link_prior(network, link)
    if prior is None:
        return None
    if link.kind == "multiplies":
        return prior.median()
    return 1 + prior.median() / rate_prior(network, child).median()
