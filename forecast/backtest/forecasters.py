"""The forecasters of a replay: the network itself, and those that it is held against."""

from collections.abc import Collection
from typing import Literal, get_args

from forecast.evidence import Evidence, Item, Report
from forecast.network import Network

__all__ = [
    "CARRIED_ON",
    "DATED",
    "FORECASTERS",
    "OURS",
    "PRIOR",
    "Estimate",
    "Forecaster",
    "inputs_of",
]

type Estimate = Literal[
    "forecast", "no_links", "gates_only", "copies_independent", "base_rate", "prior"
]
type Forecaster = Literal[
    "forecast", "prior", "base_rate", "no_links", "gates_only", "copies_independent", "carried_on"
]

GATES = ("requires", "prevents")
OURS: Literal["forecast"] = "forecast"
PRIOR: Literal["prior"] = "prior"
CARRIED_ON: Literal["carried_on"] = "carried_on"
FORECASTERS: tuple[Forecaster, ...] = get_args(Forecaster.__value__)
DATED: tuple[Estimate, ...] = tuple(name for name in get_args(Estimate.__value__) if name != PRIOR)
"""Those that estimate anew at each date. The prior stands as it was at the network's start, and the
last forecast carried on is our own of the date before; the first carries on the prior."""


def inputs_of(
    forecaster: Estimate, network: Network, evidence: Evidence
) -> tuple[Network, Evidence]:
    """Return what a forecaster estimates from.

    ``"forecast"``: everything. ``"no_links"``: the same news, each event by itself, at its stated
    rate. ``"gates_only"``: the same, but an event still waits for what it requires and is ruled out
    by what prevents it, as its stated rate supposes. ``"copies_independent"``: the same network,
    each report taken as its source's own word, whatever it was copied from. ``"base_rate"``: the
    stated rates alone, no links and no news. ``"prior"``: the network, no news.
    """
    match forecaster:
        case "no_links":
            return _with_links(network, ()), evidence
        case "gates_only":
            return _with_links(network, GATES), evidence
        case "copies_independent":
            return network, _independent(evidence)
        case "base_rate":
            return _with_links(network, ()), Evidence()
        case "prior":
            return network, Evidence()
        case _:
            return network, evidence


def _with_links(network: Network, kinds: Collection[str]) -> Network:
    """Return a network with links of some kinds alone; a copy would keep what it has cached."""
    stated = {name: getattr(network, name) for name in Network.model_fields}
    links = tuple(link for link in network.links if link.kind in kinds)
    return Network(**{**stated, "links": links})


def _independent(evidence: Evidence) -> Evidence:
    return Evidence(map(_own_word, evidence), places=evidence.places)


def _own_word(item: Item) -> Item:
    if not isinstance(item, Report) or not (item.derived_from or item.origin):
        return item
    return item.model_copy(update={"derived_from": (), "origin": None, "check": None})
