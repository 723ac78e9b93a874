"""Beliefs: what people say about a number, read from text or a mapping and turned into a prior."""

from forecast.network.conditional_belief import ConditionalBelief
from forecast.network.probability_belief import ProbabilityBelief
from forecast.network.quantity_belief import DurationBelief, RatioBelief
from forecast.network.rate_belief import RateBelief
from forecast.network.spoken import Belief

__all__ = [
    "Belief",
    "ConditionalBelief",
    "DurationBelief",
    "ProbabilityBelief",
    "RateBelief",
    "RatioBelief",
]
