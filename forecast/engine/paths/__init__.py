"""The path sampler: paths of events given parameters, and parameters' likelihood given paths."""

from forecast.engine.paths.likelihood import path_log_likelihood, path_log_likelihood_and_gradient
from forecast.engine.paths.problem import ImpossibleRecord
from forecast.engine.paths.sampler import PathSampler, make_sampler
from forecast.engine.paths.state import Paths, from_lists, states_at, to_lists
from forecast.engine.paths.statistics import Stats

__all__ = [
    "ImpossibleRecord",
    "PathSampler",
    "Paths",
    "Stats",
    "from_lists",
    "make_sampler",
    "path_log_likelihood",
    "path_log_likelihood_and_gradient",
    "states_at",
    "to_lists",
]
