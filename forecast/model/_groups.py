"""Which numbers of a network are parameters, under which names, with which priors."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from forecast.evidence import Evidence, LikelihoodRatio, Report
from forecast.evidence._report import PREDICTING, REPORTING
from forecast.model._parameters import Against, Group, ParameterTable, Pooled, make_table
from forecast.model._regimes import regimes_in
from forecast.model._start import joined_nodes
from forecast.network import (
    Event,
    Fixed,
    Link,
    Network,
    Prior,
    count_rate_prior,
    delay_prior,
    initial_prior,
    link_prior,
    off_rate_prior,
    rate_prior,
    report_rate_prior,
    source_prior,
)
from forecast.network._nodes import Node
from forecast.network._prior_of import COUNT_RATES, RateName, link_while_on

LINK_STRENGTHS = ("extra_rate", "hazard_ratio")
FORECASTING: tuple[RateName] = ("forecast_weight",)


@dataclass(frozen=True)
class Stage:
    """A hidden onset that a delayed link passes through.

    Parameters
    ----------
    event
        Its id among the engine's events.
    parent
        The event or stage before it.
    link
        The link.
    stages
        How many stages the link has; each has the rate stages / delay.
    """

    event: str
    parent: str
    link: str
    stages: int


def stages_of(network: Network) -> tuple[Stage, ...]:
    """Return the hidden stages of all delayed links, link by link, first stage first."""
    found = []
    for link in network.links:
        if link.delay is None:
            continue
        names = [f"{link.id}__stage_{k}" for k in range(1, link.stages + 1)]
        for name, parent in zip(names, [link.parent, *names], strict=False):
            found.append(Stage(name, parent, link.id, link.stages))
    return tuple(found)


def model_groups(network: Network, seen: Evidence) -> ParameterTable:
    """Return the table of every uncertain number that the network and the seen evidence have."""
    nodes, joined = network.nodes, joined_nodes(network)
    rated = [e for e in nodes if e.kind != "fact" and is_rated(e)]
    alone = [e for e in nodes if e.id not in joined]
    starts = {e.id: prior for e in alone if not _is_sure(prior := initial_prior(e))}
    starts |= {fact.name: fact.chance.prior() for fact in network.hidden_facts}
    events: dict[str, dict[str, Prior]] = {
        "base_rate": {e.id: rate_prior(network, e) for e in rated},
        "outcome_weight": {e.id: e.weight for e in nodes if isinstance(e, Node) and e.scale},
        "off_rate": {e.id: off_rate_prior(network, e) for e in nodes if e.kind == "state"},
        "initial_probability": starts,
    }
    times = {link.id: _link(network, link) for link in _links(network, "multiplies")}
    odds = {link.id for link in network.links if link.odds_ratio is not None}
    links: dict[str, dict[str, Prior | Against]] = {
        "extra_rate": {link.id: _link(network, link) for link in _links(network, "causes")},
        "hazard_ratio": {name: prior for name, prior in times.items() if name not in odds},
        "odds_ratio": {name: prior for name, prior in times.items() if name in odds},
        "delay": {k.id: _sure(delay_prior(k)) for k in network.links if k.delay is not None},
    }
    rows = [number for family in network.families for row in family.rows for number in row]
    chances = {"chance": {number.label: number.prior for number in rows}}
    groups = [
        _group(name, dim, {number_of(network, name, label): one for label, one in priors.items()})
        for dim, by_name in (("event", events), ("link", links), ("row", chances))
        for name, priors in by_name.items()
    ]
    groups += _source_groups(network, seen)
    ratios = {
        item.id: item.likelihood_ratio.prior() for item in seen if isinstance(item, LikelihoodRatio)
    }
    groups.append(_group("likelihood_ratio", "item", ratios))
    paces = {item.id: item.hazard_ratio.prior() for item in regimes_in(seen)}
    return make_table([*groups, _group("regime_ratio", "item", paces)])


def rate_of(node: Event) -> str:
    """Return the node whose rate a node has: mostly its own id."""
    return node.like if isinstance(node, Node) else node.id


def number_of(network: Network, group: str, name: str) -> str:
    """Return the name of an uncertain number among the parameters.

    In a panel, that which units share; the strength of a link that was said as a rate while on is
    the unit's own where the child's base rate is.
    """
    if network.units and group in LINK_STRENGTHS and link_while_on(network, network.link(name)):
        child = network.event(network.link(name).child)
        base = rate_of(child)
        if network.number("base_rate", base) == base:
            return name
    return network.number(group, name)


def is_rated(node: Event) -> bool:
    """Return whether a node has a rate of its own: no weight, and not that of another node."""
    return not isinstance(node, Node) or (not node.scale and node.like == node.id)


def _is_sure(prior: Prior) -> bool:
    return isinstance(prior, Fixed) and prior.value in {0, 1}


def _group(name: str, dim: str, priors: Mapping[str, Prior | Pooled | Against]) -> Group:
    return Group(name, dim, tuple(priors), tuple(priors.values()))


def _links(network: Network, kind: str) -> list[Link]:
    return [link for link in network.links if link.kind == kind]


def _link(network: Network, link: Link) -> Prior | Against:
    on = link_while_on(network, link)
    if on is not None:
        node = network.event(link.child)
        return Against("base_rate", number_of(network, "base_rate", rate_of(node)), on)
    return _sure(link_prior(network, link))


def _sure(prior: Prior | None) -> Prior:
    assert prior is not None  # noqa: S101 - the network has checked it
    return prior


def _source_groups(network: Network, seen: Evidence) -> list[Group]:
    """Return the rates of the sources that have spoken, and of their types where pooled."""
    spoke: dict[str, set[str]] = defaultdict(set)
    for item in seen:
        for name, whose in item.reads():
            spoke[name].add(whose)
    graded = [item for item in seen if isinstance(item, Report) and item.grade is not None]
    letters = {item.source: item.grade[0] for item in graded if item.grade is not None}
    groups = [
        group
        for name in (*REPORTING, *PREDICTING, *FORECASTING)
        for group in _pooled_groups(network, name, {s: letters.get(s) for s in spoke[name]})
    ]
    own: dict[str, dict[str, Prior]] = {
        "report_rate": {
            s.id: _sure(report_rate_prior(network, s))
            for s in network.sources
            if s.id in spoke["report_rate"]
        },
        **{
            name: {
                s.id: _sure(count_rate_prior(network, s, name))
                for s in network.sources
                if s.id in spoke[name]
            }
            for name in COUNT_RATES
        },
    }
    return groups + [_group(name, "source", priors) for name, priors in own.items()]


def _pooled_groups(
    network: Network, name: RateName, spoke: Mapping[str, str | None]
) -> list[Group]:
    """Return one number of the sources that have spoken, after that of their types if pooled.

    Parameters
    ----------
    network
        The network.
    name
        Of the number.
    spoke
        The sources, each with the letter that its items give it.
    """
    sources = [source for source in network.sources if source.id in spoke]
    own = {s.id: source_prior(s, name, letter=spoke[s.id]) for s in sources}
    pooled = {source.type for source in sources if own[source.id] is None}
    types = {t.id: _sure(source_prior(t, name)) for t in network.source_types if t.id in pooled}
    spread = {t.id: t.spread for t in network.source_types}

    def around(kind: str) -> Prior | Pooled:
        same = spread[kind] == 0 and isinstance(types[kind], Fixed)
        return types[kind] if same else Pooled(f"type_{name}", kind, spread[kind])

    priors = {source.id: own[source.id] or around(source.type) for source in sources}
    return [_group(f"type_{name}", "source_type", types), _group(name, "source", priors)]
