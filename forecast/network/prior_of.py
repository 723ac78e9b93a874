"""The prior of each uncertain number of a network."""

from typing import Literal

from forecast.network.event import Event
from forecast.network.fault import bad
from forecast.network.link import Link
from forecast.network.network import Network
from forecast.network.prior import Fixed, Prior
from forecast.network.source import Source, SourceType
from forecast.network.strength import strength_prior

__all__ = [
    "RateName",
    "delay_prior",
    "initial_prior",
    "link_prior",
    "off_rate_prior",
    "rate_prior",
    "source_prior",
]

type RateName = Literal[
    "hit_rate", "false_alarm_rate", "predictive_hit_rate", "predictive_false_alarm_rate"
]


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
    """Return the prior of a link's extra rate per year or hazard ratio; None for a gate."""
    return strength_prior(link, network.event(link.child), network.start)


def delay_prior(link: Link) -> Prior | None:
    """Return the prior of a link's mean delay in years; None where there is no delay."""
    return None if link.delay is None else link.delay.prior()


def source_prior(source: Source | SourceType, which: RateName) -> Prior | None:
    """Return the prior of one of a source's rates; None where it is pooled within its type.

    Parameters
    ----------
    source
        A source, or a type. A type's predictive rates are its reporting rates if nothing is said,
        so a type always has a prior.
    which
        The rate.
    """
    beliefs = {
        "hit_rate": source.hit_rate,
        "false_alarm_rate": source.false_alarm_rate,
        "predictive_hit_rate": source.predictive_hit_rate,
        "predictive_false_alarm_rate": source.predictive_false_alarm_rate,
    }
    belief = beliefs[which]
    if belief is None and isinstance(source, SourceType):
        belief = beliefs[which.removeprefix("predictive_")]
    return None if belief is None else belief.prior()
