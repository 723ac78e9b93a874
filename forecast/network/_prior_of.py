"""The prior of each uncertain number of a network."""

from typing import Literal, get_args

from forecast.network._base import bad
from forecast.network._event import Event
from forecast.network._link import Link, strength_prior, strength_while_on
from forecast.network._network import Network
from forecast.network._prior import Fixed, Prior
from forecast.network._source import Source, SourceGrade, SourceType, source_grades
from forecast.network._while_on import WhileOn

type RateName = Literal[
    "hit_rate",
    "false_alarm_rate",
    "predictive_hit_rate",
    "predictive_false_alarm_rate",
    "forecast_weight",
]

type CountRateName = Literal["count_rate_off", "count_rate_on"]

COUNT_RATES: tuple[CountRateName, CountRateName] = ("count_rate_off", "count_rate_on")


def rate_prior(network: Network, event: Event) -> Prior:
    """Return the prior of an event's base rate per year.

    Raises
    ------
    BadValueError
        If the event is a fact, which has none.
    """
    if event.rate is None:
        raise bad(f"the event '{event.id}' is a {event.kind}, which has no rate")
    return event.rate.prior(network.start)


def off_rate_prior(network: Network, event: Event) -> Prior:
    """Return the prior of a state's off-rate per year.

    Raises
    ------
    BadValueError
        If the event is not a state.
    """
    if event.off_rate is None:
        raise bad(f"the event '{event.id}' is of kind {event.kind}, which has no off_rate")
    return event.off_rate.prior(network.start)


def initial_prior(event: Event) -> Prior:
    """Return the prior of the probability that an event is on at the start; fixed if known."""
    if isinstance(event.initially, bool):
        return Fixed(float(event.initially))
    return event.initially.prior()


def link_prior(network: Network, link: Link) -> Prior | None:
    """Return the prior of a link's extra rate per year or hazard ratio; None for a gate.

    For a strength given as a rate while on it is the prior with the child's base rate at its
    median.
    """
    return strength_prior(link, network.event(link.child), network.start)


def link_while_on(network: Network, link: Link) -> WhileOn | None:
    """Return how a link's strength follows its child's base rate; None where it does not."""
    return strength_while_on(link, network.event(link.child), network.start)


def delay_prior(link: Link) -> Prior | None:
    """Return the prior of a link's mean delay in years; None where there is no delay."""
    return None if link.delay is None else link.delay.prior()


def report_rate_prior(network: Network, source: Source) -> Prior | None:
    """Return the prior of the rate per year at which a source reports what is on, if one is stated.

    A source without a rate of its own has that of its type for its prior; it is learned source by
    source.
    """
    kind = _type_of(network, source)
    belief = source.report_rate or (None if kind is None else kind.report_rate)
    return None if belief is None else belief.prior(network.start)


def count_rate_prior(network: Network, source: Source, which: CountRateName) -> Prior | None:
    """Return the prior of how many a source counts a year while an event is off, or on, if stated.

    A source without a rate of its own has that of its type for its prior; it is learned source by
    source.
    """
    kind = _type_of(network, source)
    belief = getattr(source, which) or getattr(kind, which, None)
    return None if belief is None else belief.prior(network.start)


def _type_of(network: Network, source: Source) -> SourceType | None:
    return next((t for t in network.source_types if t.id == source.type), None)


def rate_is_stated(
    network: Network, source: Source, which: str, *, letter: str | None = None
) -> bool:
    """Return whether a source, its grade or its type states one of its numbers."""
    if which not in get_args(RateName.__value__):
        return True
    own = source_prior(source, which, letter=letter)  # type: ignore[arg-type]  # one of the names
    kind = _type_of(network, source)
    return own is not None or (
        kind is not None and source_prior(kind, which) is not None  # type: ignore[arg-type]
    )


def source_prior(
    source: Source | SourceType, which: RateName, *, letter: str | None = None
) -> Prior | None:
    """Return the prior of one of a source's numbers.

    None for a source where it is pooled within its type, and for a type that does not state it.

    Parameters
    ----------
    source
        A source, or a type, whose predictive rates default to its reporting rates.
    which
        The rate.
    letter
        The Admiralty code's letter given by its items; its own takes precedence.
    """
    beliefs = {
        "hit_rate": source.hit_rate,
        "false_alarm_rate": source.false_alarm_rate,
        "predictive_hit_rate": source.predictive_hit_rate,
        "predictive_false_alarm_rate": source.predictive_false_alarm_rate,
        "forecast_weight": source.forecast_weight,
    }
    belief = beliefs[which]
    if belief is None and isinstance(source, SourceType):
        belief = beliefs[which.removeprefix("predictive_")]
    grade = source.grade or letter if isinstance(source, Source) else None
    if belief is None and grade is not None and which in SourceGrade._fields:
        belief = getattr(source_grades()[grade], which)
    return None if belief is None else belief.prior()
