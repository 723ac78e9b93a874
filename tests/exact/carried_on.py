"""One set of sampled paths carried on to a time, as every future is, with a seed of its own."""

import numpy as np

from forecast.engine.jit import entry
from forecast.engine.paths import Paths, PathSampler
from forecast.engine.paths.futures import completed
from forecast.engine.paths.marks import Marks
from forecast.engine.problem import Parameters


@entry  # type: ignore[untyped-decorator]
def _seeded(p: Marks, theta: Parameters, paths: Paths, until: float, seed: int) -> Paths:
    np.random.seed(seed)  # noqa: NPY002
    whole: Paths = completed(p, theta, paths, until)
    return whole


def carried_on(
    sampler: PathSampler, theta: Parameters, paths: Paths, until: float, seed: int
) -> Paths:
    whole: Paths = _seeded(sampler.marks, theta, paths, until, seed)
    return whole
