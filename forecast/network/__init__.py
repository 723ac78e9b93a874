"""What people state: events, links and sources, and what they believe about them.

The objects here are frozen and checked as they are made. They know nothing of how a forecast is
estimated.
"""

from forecast.network.base import BadValueError, UnknownNameError
from forecast.network.belief import DurationBelief, ProbabilityBelief, RatioBelief
from forecast.network.event import Event, Window
from forecast.network.link import Link
from forecast.network.network import Network
from forecast.network.prior import Fixed, Gamma, LogitNormal, LogNormal, Prior
from forecast.network.prior_of import (
    count_rate_prior,
    delay_prior,
    initial_prior,
    link_prior,
    off_rate_prior,
    rate_prior,
    report_rate_prior,
    source_prior,
)
from forecast.network.rate_belief import RateBelief
from forecast.network.source import Source, SourceType
from forecast.network.while_on import ConditionalBelief

__all__ = [
    "BadValueError",
    "ConditionalBelief",
    "DurationBelief",
    "Event",
    "Fixed",
    "Gamma",
    "Link",
    "LogNormal",
    "LogitNormal",
    "Network",
    "Prior",
    "ProbabilityBelief",
    "RateBelief",
    "RatioBelief",
    "Source",
    "SourceType",
    "UnknownNameError",
    "Window",
    "count_rate_prior",
    "delay_prior",
    "initial_prior",
    "link_prior",
    "off_rate_prior",
    "rate_prior",
    "report_rate_prior",
    "source_prior",
]
