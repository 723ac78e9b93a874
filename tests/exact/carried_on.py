"""One set of sampled paths carried on to a time, as every future is, with a seed of its own."""

import numpy as np

from forecast.engine._jit import entry
from forecast.engine._problem import Parameters
from forecast.engine.paths import Paths, PathSampler
from forecast.engine.paths._futures import completed
from forecast.engine.paths._marks import Marks


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
