"""CROWD: several forecasters' probabilities of the same questions combined into one."""

from forecast.crowd._pool import METHODS, Pooled, pool
from forecast.crowd._pools import (
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
