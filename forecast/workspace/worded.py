"""Items, links, numbers and outcomes in words, as the report shows them."""

from forecast.evidence import (
    Count,
    Evidence,
    Forecast,
    Item,
    LikelihoodRatio,
    Observation,
    Report,
    Silence,
)
from forecast.ledger import Standing
from forecast.network import Event, Link, Network
from forecast.network.belief import ProbabilityPool
from forecast.network.rate_belief import RatePool
from forecast.report.event import Arrival, NamedItem
from forecast.time import day_words, parse_instant

__all__ = [
    "arrival_of",
    "items_by_id",
    "named_item",
    "number_words",
    "rate_as_stated",
    "strength_of",
]

NUMBERS = {
    "base_rate": "base rate of",
    "off_rate": "rate of ending of",
    "initial_probability": "chance at the start of",
    "extra_rate": "extra rate:",
    "hazard_ratio": "hazard ratio:",
    "delay": "delay:",
    "likelihood_ratio": "likelihood ratio of",
}
"""What stands before the name of a number that is no source's."""


def named_item(network: Network, item: Item) -> NamedItem:
    """Return an item as the page shows it."""
    source = getattr(item, "source", None)
    titles = {each.id: each.title or each.id for each in network.sources}
    return NamedItem(
        id=item.id,
        event=item.event,
        published=item.published_instant,
        kind=item.kind.replace("_", " "),
        source="" if source is None else titles.get(source, source),
        claim=_claim(item),
        text=item.text,
        citation=item.citation,
    )


def _claim(item: Item) -> str:
    told = ""
    match item:
        case Report():
            day = day_words(item.speaks_of_instant)
            told = (
                f"says it will be {item.claim} by {day}"
                if item.is_prediction
                else f"says {item.claim}"
            )
        case Observation(state=str()):
            told = f"seen {item.state}"
        case Observation(onset=(first, last)):
            days = [day_words(parse_instant(day)) for day in dict.fromkeys((first, last))]
            told = (
                f"began on {days[0]}" if len(days) == 1 else f"began between {' and '.join(days)}"
            )
        case Forecast():
            told = f"says {item.probability:.0%} by {day_words(item.speaks_of_instant)}"
        case Silence():
            told = "did not report it"
        case LikelihoodRatio():
            told = str(item.likelihood_ratio)
        case Count():
            told = f"counted {item.counted}"
    return told


def rate_as_stated(event: Event) -> str:
    """Return what is stated of how readily an event turns on; of a fact, of whether it is so."""
    stated = event.initially if event.kind == "fact" else event.rate
    if isinstance(stated, RatePool | ProbabilityPool):
        return _pool_words(stated)
    return str(stated)


def _pool_words(pool: RatePool | ProbabilityPool) -> str:
    """Return a pool as what each expert said, with the weights where they differ."""
    alike = len({expert.weight for expert in pool.experts}) == 1
    said = (
        f"{expert.belief}{'' if alike else f' (weight {expert.weight:g})'}"
        for expert in pool.experts
    )
    return f"{pool.kind} pool of {'; '.join(said)}"


def strength_of(link: Link) -> str:
    """Return a link's strength and delay as stated; empty for a gate without one."""
    stated = [str(each) for each in (link.extra_rate, link.hazard_ratio) if each is not None]
    if link.delay is not None:
        stated.append(f"after {link.delay}")
    return ", ".join(stated)


def number_words(network: Network, parameter: str, label: str) -> str:
    """Return an uncertain number in words.

    Parameters
    ----------
    network
        The network.
    parameter, label
        Its group and its place there, as in the posterior.
    """
    titles = {each.id: each.title or each.id for each in network.events}
    links = {link.id: f"{titles[link.parent]} → {titles[link.child]}" for link in network.links}
    sources = {each.id: each.title or each.id for each in network.sources}
    kinds = {each.id: each.title or each.id for each in network.source_types}
    head = NUMBERS.get(parameter)
    if head is not None:
        return f"{head} {titles.get(label) or links.get(label) or label}"
    rate = parameter.removeprefix("type_").replace("_", " ")
    if parameter.startswith("type_"):
        return f"{rate} of sources of the type {kinds.get(label, label)}"
    return f"{rate} of {sources.get(label, label)}"


def arrival_of(standing: Standing) -> Arrival:
    """Return how an event came out, in words."""
    said = standing.resolution
    if said.outcome == "void" or said.at is None:
        words = "its questions are annulled"
    elif said.outcome == "happened":
        words = f"it began on {day_words(said.at)}"
    else:
        words = f"it had not begun by {day_words(said.at)}"
    return Arrival(words, said.note, standing.made_at)


def items_by_id(network: Network, evidence: Evidence) -> dict[str, NamedItem]:
    """Return all items as the page shows them, by id."""
    return {item.id: named_item(network, item) for item in evidence}
