"""CROWD: several forecasters' probabilities of the same questions combined into one."""

from forecast.crowd.pool import METHODS, Pooled, pool
from forecast.crowd.pools import (
    extremise,
    fit_extremising,
    geometric_mean_of_odds,
    mean,
    median,
)

__all__ = [
    "METHODS",
    "Pooled",
    "extremise",
    "fit_extremising",
    "geometric_mean_of_odds",
    "mean",
    "median",
    "pool",
]
