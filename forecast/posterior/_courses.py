"""Whole courses of all events for any draws: those of the path sampler, or swept to fit."""

from concurrent.futures import ThreadPoolExecutor

from forecast.engine._problem import Parameters
from forecast.engine.paths import Paths, make_sampler
from forecast.posterior._along import Along, futures_of
from forecast.posterior._draws import Draws, rows_of
from forecast.seeds import child_seed
from forecast.threads import threads

SWEEPS = 16
"""Of the paths of a draw that comes without, until they have forgotten where they began."""


def courses_of(draws: Draws) -> Along:
    """Return whole paths for each draw; those that are drawn here are drawn once.

    Draws of the other methods have none. They are drawn given the draw's parameters and all
    evidence, from the same first paths for all, since which are possible does not hang on the draw.
    """
    if draws.along is not None:
        return draws.along
    if "courses" not in draws.memo:
        starts = _paths(draws)
        seed = child_seed(draws.seed, "courses")
        draws.memo["courses"] = futures_of(draws.lowered, draws.theta, starts, seed=seed)
    found: Along = draws.memo["courses"]
    return found


def _paths(draws: Draws) -> list[Paths]:
    sampler = make_sampler(draws.lowered.structure, draws.lowered.record)
    first = sampler.initial(_one(draws, 0), child_seed(draws.seed, "first paths"))

    def one(draw: int) -> Paths:
        theta, paths = _one(draws, draw), first
        for k in range(SWEEPS):
            paths = sampler.sweep(theta, paths, child_seed(draws.seed, "sweep", draw, k))
        return paths

    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(one, range(len(draws.batch))))


def _one(draws: Draws, draw: int) -> Parameters:
    row = rows_of(draws.theta, [draw])
    return Parameters(*(part[0] for part in row))
