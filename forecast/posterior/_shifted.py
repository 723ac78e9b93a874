"""A forecast of a path-sampled run with each number set, in turn, to a value of its prior.

Each path weighs as much as the number makes it likelier; what comes after it is drawn anew where
the number bears on that, with the same random numbers for every value of it, so that differences
are less noisy than the forecasts are.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from forecast.engine._channels import EFFECT, NOTHING, Channels
from forecast.engine._importance import pareto_smooth
from forecast.engine._problem import STATE
from forecast.engine.paths._chain import Machine, build_steps
from forecast.engine.paths._marks import FREE, OVER, Marks
from forecast.engine.paths._shifted import shifted_chances, shifted_likelihoods
from forecast.model._integrated import aims_of, ancestors
from forecast.model._lower import Lowered
from forecast.posterior._courses import courses_of
from forecast.posterior._draws import Draws
from forecast.seeds import generator
from forecast.threads import threads

type Floats = NDArray[np.float64]

MOST, SWEEPS = 2048, 2
"""Draws at the most, and how many sweeps of each."""
SEED_RANGE = 2**31 - 1
FLAT = 1e-12


class Shifted(NamedTuple):
    """A forecast with a number set.

    Parameters
    ----------
    mean
        The forecast.
    influence
        What each group of draws adds to its error; groups are independent of each other.
    khat, effective
        Pareto k of the weights, and how many independent draws they leave.
    least
        Error that does not show in the draws: what they all agree on is not known for sure.
    """

    mean: float
    influence: Floats
    khat: float
    effective: float
    least: float = 0.0

    def error(self, other: "Shifted | None" = None) -> float:
        """Return the Monte Carlo error of the mean, or of its difference from another's."""
        spread = self.influence if other is None else self.influence - other.influence
        return float(np.hypot(np.sqrt((spread**2).sum()), self.least))


def shifted_forecasts(
    draws: Draws, event: int, by: datetime, levels: Sequence[float]
) -> list[list[Shifted]]:
    """Return a forecast with each number at each level, number by number in the table's order.

    Parameters
    ----------
    draws
        By whatever method.
    event, by
        The forecast.
    levels
        Standard normals of the number's prior.
    """
    lowered, along, total = draws.lowered, courses_of(draws), len(draws.batch)
    number = min(MOST, total)
    rows = (np.arange(number) * total + total // 2) // number
    z = lowered.table.to_z({name: value[rows] for name, value in draws.natural.items()})
    time, marks = draws.calendar.years(by), along.sampler.marks
    moves = build_steps(marks, lowered.channels, lowered.table.dimensions)
    machine = Machine(marks, along.sampler.blocks, lowered.channels, moves)
    upstream = ancestors(lowered, {event})
    ahead = machine._replace(marks=_idle(marks, upstream))
    integrated = int(aims_of(lowered, [event])[1][0])
    reads = _reads(lowered, marks, event, upstream, time, integrated=bool(integrated))
    sweeps, size = min(SWEEPS, along.sweeps), along.each // along.sweeps
    seeds = generator(draws.seed, "shifted").integers(SEED_RANGE, size=(number, sweeps, 1))
    at, ask = np.array(levels), (event, integrated, lowered.now, time)

    def one(k: int) -> tuple[Floats, Floats]:
        courses = rows[k] * along.each + np.arange(sweeps) * size
        log_weights = shifted_likelihoods(machine, z[k], along.futures, courses, at)
        _, chances = shifted_chances(ahead, z[k], along.futures, courses, at, reads, ask, seeds[k])
        return log_weights, chances

    with ThreadPoolExecutor(threads()) as pool:
        found = list(pool.map(one, range(number)))
    log_weights, chances = (np.array(part) for part in zip(*found, strict=True))
    batch, share = draws.batch[rows], draws.effective / total
    bears = (np.diff(moves.first_event) > 0) | (np.diff(moves.first_term) > 0)
    least = np.where(bears[:, None], chances.std(axis=(0, 3)) / (number * share), 0.0)
    each = {
        (k, j): _weighed(log_weights[:, k, j], chances[:, k, j], batch, share, float(least[k, j]))
        for k, j in np.ndindex(len(reads), len(levels))
    }
    return [[each[k, j] for j in range(len(levels))] for k in range(len(reads))]


def _weighed(
    log_weights: Floats, chances: Floats, batch: NDArray[np.intp], share: float, least: float
) -> Shifted:
    """Return a forecast from weights and chances, each of shape (draw, course)."""
    of_draw, khat = logsumexp(log_weights, axis=1), -np.inf
    within = np.exp(log_weights - of_draw[:, None])
    smoothed = of_draw - logsumexp(of_draw)
    if np.ptp(log_weights) > FLAT:
        smoothed, khat = pareto_smooth(np.maximum(of_draw, of_draw.max() - 700))
    weights = np.exp(smoothed)[:, None] * within
    p = float((weights * chances).sum())
    parts = np.bincount(batch, (weights * (chances - p)).sum(axis=1))
    groups = len(np.unique(batch))
    left = share / (weights.sum(axis=1) ** 2).sum()
    return Shifted(p, np.sqrt(groups / max(groups - 1, 1)) * parts, khat, float(left), least)


def _idle(marks: Marks, upstream: set[int]) -> Marks:
    """Return the marks with all other events at rest beyond the ends of their paths."""
    known = marks.mark_known.copy()
    for event in set(range(len(marks.end))) - upstream:
        own = slice(marks.first_mark[event], marks.first_mark[event + 1])
        known[own] = np.where(known[own] == OVER, FREE, known[own])
    return marks._replace(mark_known=known)


def _reads(
    lowered: Lowered,
    marks: Marks,
    event: int,
    upstream: set[int],
    time: float,
    *,
    integrated: bool,
) -> NDArray[np.int64]:
    """Return what each number bears on: see `shifted_chances`."""
    record, settled = lowered.record, set[int]()
    alone = integrated and marks.end[event] >= lowered.now  # else its state by then is drawn too
    for known, start, end, value in record.known:
        for_good = value == 1 and lowered.structure.kind[known] != STATE
        if start <= lowered.now and (for_good or end >= time):
            settled.add(known)
    found = []
    for touched in _touched(lowered.channels, marks, lowered.table.dimensions):
        some = (touched & upstream) - settled
        found.append(0 if not some else 1 if alone and some == {event} else 2)
    return np.array(found, dtype=np.int64)


def _touched(c: Channels, marks: Marks, dimensions: int) -> list[set[int]]:
    """Return the events whose rates hang on each standard normal."""
    found: list[set[int]] = [set() for _ in range(dimensions)]
    for v in range(len(c.form)):
        for normal in {int(c.normal[v]), int(c.normal[c.over[v]]) if c.over[v] >= 0 else NOTHING}:
            if normal != NOTHING:
                for i in range(c.first_use[v], c.first_use[v + 1]):
                    at = int(c.use_at[i])
                    link = c.use_field[i] == EFFECT
                    found[normal].add(int(marks.graph.link_child[at]) if link else at)
                cells = len(marks.graph.kind) + c.cell[c.first_cell[v] : c.first_cell[v + 1]]
                found[normal] |= marks.graph.start.owners(cells.tolist())
    return found
