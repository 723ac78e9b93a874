"""A network with one event of each kind, and items on it, for the tests of evidence."""

from typing import Any, Literal

from forecast.evidence import Evidence, Item, LikelihoodRatio, Observation, Report, Silence
from forecast.network import Event, Network, Source, SourceType
from forecast.network._base import Model
from forecast.time import parse_instant, years_between

START = "2024-01-01"


def make[M: Model](model: type[M], /, **fields: Any) -> M:
    """Return an object from fields as people write them."""
    return model(**fields)


def network() -> Network:
    rate = "10% [3%, 25%] within 6 months"
    rates = {"rate": rate, "off_rate": rate}
    return make(
        Network,
        name="sample",
        start=START,
        horizon="2024-12-31",
        events=[
            make(Event, id="pact", kind="onset", rate=rate),
            make(Event, id="covert", kind="onset", rate=rate, public=False),
            make(Event, id="begun", kind="onset", rate=rate, initially=True),
            make(Event, id="office", kind="state", initially=True, **rates),
            make(Event, id="policy", kind="state", initially="50% [20%, 80%]", **rates),
            make(Event, id="patrol", kind="state", public=False, **rates),
            make(Event, id="clause", kind="fact", initially="30% [10%, 60%]"),
        ],
        source_types=[make(SourceType, id="wire", hit_rate="70%", false_alarm_rate="5%")],
        sources=[
            Source(id="reuters", type="wire"),
            make(Source, id="afp", type="wire", report_rate="80% within 1 month"),
        ],
    )


def at(day: str, edge: Literal["start", "end"] = "end") -> float:
    """Return a day as years since the start of the network."""
    start = parse_instant(START, edge="start")
    return years_between(start, parse_instant(day, edge=edge))


def seen(name: str, event: str, state: str, day: str, **fields: Any) -> Observation:
    """Return an observation of a state, published as the day ends."""
    fields = {"published": day, **fields}
    return make(Observation, id=name, event=event, state=state, **fields)


def dated(name: str, event: str, onset: object, published: str) -> Observation:
    """Return an observation of an onset."""
    return make(Observation, id=name, event=event, onset=onset, published=published)


def said(name: str, published: object, **fields: Any) -> Report:
    """Return a report that the covert onset has happened, unless the fields say otherwise."""
    fields = {"event": "covert", "source": "reuters", "claim": "on", **fields}
    return make(Report, id=name, published=published, **fields)


def silent(name: str, event: object, **fields: Any) -> Silence:
    """Return a silence of February."""
    fields = {"published": "2024-02-29", "source": "afp", **fields}
    window = {"watched_from": "2024-02-01", "watched_to": "2024-02-29"}
    return make(Silence, id=name, event=event, **window, **fields)


def weighed(name: str, published: str, **fields: Any) -> LikelihoodRatio:
    """Return a likelihood ratio on the fact."""
    fields = {"event": "clause", "likelihood_ratio": "x2 [1.2, 4]", **fields}
    return make(LikelihoodRatio, id=name, published=published, **fields)


def record(*items: Item) -> Evidence:
    """Return the record of these items."""
    return Evidence(items)
