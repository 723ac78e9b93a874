"""The path sampler: paths of events given parameters, and parameters' likelihood given paths."""

from forecast.engine._course import (
    Paths,
    from_lists,
    packed,
    states_at,
    to_lists,
    unpacked,
)
from forecast.engine.paths._likelihood import (
    Stats,
    path_log_likelihood,
    path_log_likelihood_and_gradient,
)
from forecast.engine.paths._marks import ImpossibleRecord
from forecast.engine.paths._sampler import PathSampler, make_sampler

__all__ = [
    "ImpossibleRecord",
    "PathSampler",
    "Paths",
    "Stats",
    "from_lists",
    "make_sampler",
    "packed",
    "path_log_likelihood",
    "path_log_likelihood_and_gradient",
    "states_at",
    "to_lists",
    "unpacked",
]
