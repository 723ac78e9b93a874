"""What people state: events, links and sources, and what they believe about them.

The objects here are frozen and checked as they are made. They know nothing of how a forecast is
estimated.
"""

from forecast.network._base import BadValueError, UnknownNameError
from forecast.network._belief import DurationBelief, ProbabilityBelief, RatioBelief
from forecast.network._event import Event, Window
from forecast.network._link import Link
from forecast.network._network import Network
from forecast.network._prior import Fixed, Gamma, LogitNormal, LogNormal, Prior
from forecast.network._prior_of import (
    count_rate_prior,
    delay_prior,
    initial_prior,
    link_prior,
    off_rate_prior,
    rate_prior,
    report_rate_prior,
    source_prior,
)
from forecast.network._rate_belief import RateBelief
from forecast.network._source import Source, SourceType
from forecast.network._while_on import ConditionalBelief

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
