"""Futures: for each draw of the parameters several whole paths, from the start to the horizon.

Paths up to what the evidence reaches are swept on from the sampler's own, and every sweep is
carried on from there several times, since that costs a fraction of the sweep. So what is told of
the future weighs them as it should. Sweeps, each of which redraws every path, are next to
independent of each other: those of the first half tell nothing of those of the second but through
the parameters.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from forecast.engine.jit import entry
from forecast.engine.paths.around import shell_sort
from forecast.engine.paths.blocks import Blocks
from forecast.engine.paths.complete import completed
from forecast.engine.paths.problem import NOTHING, ImpossibleRecord, Problem
from forecast.engine.paths.sampler import PathSampler
from forecast.engine.paths.state import Paths
from forecast.engine.paths.sweep import sweep_layer
from forecast.engine.structure import Floats, Ints, Parameters
from forecast.threads import threads

__all__ = ["Futures", "one_of", "sample_futures"]

AT_RANDOM, SHUT = -1, 0.0
SEED_RANGE = 2**31 - 1
FEW = 64  # draws that a thread takes at a time


class Futures(NamedTuple):
    """Paths of all events, some for each draw of the parameters, and their jumps by time.

    Path k of draw d is number ``d * paths + k``, sweep by sweep; its jumps are
    ``first[number]:first[number + 1]``.
    """

    paths: int  # for each draw
    initial: Ints  # (number, event)
    first: Ints  # (number + 1,)
    time: Floats  # (jump,) rising within a path
    event: Ints  # (jump,)


@entry
def _some(
    p: Problem,
    w: Blocks,
    theta: Parameters,
    paths: Paths,
    number: tuple[int, int],
    until: float,
    seed: int,
) -> tuple[Ints, Ints, Floats, Ints, int]:
    """Return the parts of `Futures` for one draw, and a block without a path, or `NOTHING`."""
    np.random.seed(seed)  # noqa: NPY002
    sweeps, each = number
    events, stuck, many = len(p.kind), NOTHING, sweeps * each
    initial, first = np.empty((many, events), dtype=np.int64), np.zeros(many + 1, np.int64)
    time, event = np.empty(8 * many), np.empty(8 * many, dtype=np.int64)
    seeds = np.random.randint(0, SEED_RANGE, sweeps)  # noqa: NPY002
    for k in range(many):
        if len(w.size) > 0 and k % each == 0:
            paths, stuck = sweep_layer(p, w, theta, paths, AT_RANDOM, seeds[k // each], SHUT)
            if stuck != NOTHING:
                break
        whole = completed(p, theta, paths, until)
        start, n = first[k], 0
        if start + whole.jumps.sum() > len(time):
            more = 2 * (start + whole.jumps.sum())
            old_time, old_event = time, event
            time, event = np.empty(more), np.empty(more, dtype=np.int64)
            time[:start], event[:start] = old_time[:start], old_event[:start]
        for e in range(events):
            initial[k, e] = whole.initial[e]
            for i in range(whole.first[e], whole.first[e] + whole.jumps[e]):
                time[start + n], event[start + n] = whole.time[i], e
                n += 1
        first[k + 1] = start + n
        shell_sort(time[start:], event[start:], n)
    return initial, first, time[: first[many]].copy(), event[: first[many]].copy(), stuck


def one_of(theta: Parameters, draw: int) -> Parameters:
    """Return the parameters of one draw."""
    return Parameters(*(np.ascontiguousarray(field[draw]) for field in theta))


def sample_futures(
    sampler: PathSampler,
    theta: Parameters,
    starts: Sequence[Paths],
    number: tuple[int, int],
    until: float,
    seeds: Sequence[int],
) -> Futures:
    """Return so many futures for each draw.

    Parameters
    ----------
    sampler
        Of the network and its record.
    theta
        Parameters with a leading draw dimension.
    starts
        Of the sampler, one for each draw.
    number
        How many sweeps for each draw, and how often each is carried on.
    until
        The horizon, in years from the start.
    seeds
        One for each draw.

    Raises
    ------
    ImpossibleRecord
        If some paths of `starts` are impossible under their parameters.
    """

    def some(draws: range) -> list[tuple[Ints, Ints, Floats, Ints, int]]:
        p, w = sampler.problem, sampler.blocks
        return [_some(p, w, one_of(theta, d), starts[d], number, until, seeds[d]) for d in draws]

    n = len(starts)
    parts = [range(i, min(i + FEW, n)) for i in range(0, n, FEW)]
    with ThreadPoolExecutor(threads()) as pool:
        found = [one for part in pool.map(some, parts) for one in part]
    stuck = [int(one[4]) for one in found if one[4] != NOTHING]
    if stuck:
        raise ImpossibleRecord(sampler.members(stuck[0]))
    counts = np.concatenate([np.diff(one[1]) for one in found])
    return Futures(
        number[0] * number[1],
        np.concatenate([one[0] for one in found]),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.concatenate([one[2] for one in found]),
        np.concatenate([one[3] for one in found]),
    )
