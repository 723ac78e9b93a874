"""Particles: values of the parameters, each with a course of all events, and what they say.

They are carried on in time, finished up to the horizon, resampled, and moved by the path sampler:
the steps of which the pass in the order of publication is made (`forecast.posterior._passage`).

Errors follow from families: particles that descend from one group of the first ones. Families stay
independent but for how many children each has, so that what they add to an estimate, squared and
summed, is its variance [1]_.

References
----------
.. [1] Lee & Whiteley (2018). Variance estimation in the particle filter. Biometrika 105.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from forecast.engine._course import Courses, Paths, chosen, courses_of, joined, path_of, stretch
from forecast.engine._importance import Prior
from forecast.engine._problem import Parameters
from forecast.engine.paths import ImpossibleRecord, PathSampler, make_sampler
from forecast.engine.paths._carry import (
    advanced,
    carried_on,
    finished,
    said_along,
)
from forecast.engine.paths._chain import Machine, build_moves
from forecast.engine.paths._futures import chances_ahead
from forecast.engine.paths._likelihood import path_log_likelihood
from forecast.engine.paths._marks import NOTHING
from forecast.model._integrated import aims_of
from forecast.model._lower import Lowered
from forecast.model._parameters import ParameterTable
from forecast.posterior._parts import up_to, waiting
from forecast.seeds import child_seed, generator
from forecast.threads import threads

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

FAMILIES = 32


class Levels(NamedTuple):
    """Forecasts of all events at some times, at one moment of the pass.

    Parameters
    ----------
    chance
        Shape (event, time).
    influence
        What each family adds to the error of `chance`, shape (family, event, time), in half the
        precision.
    """

    chance: Floats
    influence: NDArray[np.float32]


@dataclass(frozen=True)
class Particles:
    """A value of the parameters and a course of all events for each, and where it comes from."""

    z: Floats  # (particle, dimension)
    courses: Courses
    log_weights: Floats  # (particle,)
    family: NDArray[np.intp]  # (particle,)

    def chosen(self, rows: NDArray[np.intp]) -> "Particles":
        """Return some of them, with equal weights."""
        courses = chosen(self.courses, rows)
        return Particles(self.z[rows], courses, np.zeros(len(rows)), self.family[rows])

    @property
    def left(self) -> float:
        """The share of them that the weights leave in effect."""
        return float(1.0 / (self.weights**2).sum() / len(self.log_weights))

    @property
    def weights(self) -> Floats:
        """Shape (particle,), adding up to one."""
        return np.asarray(np.exp(self.log_weights - logsumexp(self.log_weights)))


class State(NamedTuple):
    """Where a pass stands.

    Parameters
    ----------
    lowered
        The record so far, as of a time.
    sampler
        Of that record.
    particles
        Their courses are those of that record; what they hold beyond its ends is of no matter.
    since
        The time as of which they were before they were last carried on.
    """

    lowered: Lowered
    sampler: PathSampler
    particles: Particles
    since: float = 0.0

    @property
    def theta(self) -> Parameters:
        """Engine parameters of each particle."""
        return theta_of(self.lowered, self.particles.z)


@dataclass(frozen=True)
class Handling:
    """How particles are handled.

    Parameters
    ----------
    times
        Of the forecasts, rising, in years from the start.
    seed
        Of everything random.
    chains, keep
        How many particles are moved at a time, and how many rounds each are kept.
    """

    times: Floats
    seed: int
    chains: int
    keep: int

    def begun(self, lowered: Lowered) -> State:
        """Return particles of the prior, as of the start."""
        start = up_to(lowered, [], lowered.network.start_instant)
        number, d = self.chains * self.keep, start.table.dimensions
        z = np.zeros((number, 0))
        if d:
            enough = 1 << (number - 1).bit_length()  # Sobol points come in powers of two
            z = Prior().draw(enough, d, child_seed(self.seed, "pass"))[:number]
        sampler = make_sampler(start.structure, start.record)
        one = sampler.initial(own_of(theta_of(start, z), 0), self.seed)
        initial = np.tile(one.initial, (number, 1))  # no path matters as yet
        none = Courses(initial, np.zeros(number + 1, dtype=np.int64), np.zeros(0), np.zeros(0, int))
        family = generator(self.seed, "families").permutation(number) % FAMILIES
        return State(start, sampler, Particles(z, none, np.zeros(number), family))

    def waited(self, state: State, later: Lowered, told: Sequence[str]) -> tuple[State, float]:
        """Return the state as of a later time, no item more being known, and how likely it was."""
        before, cloud = state.lowered, state.particles
        if later.now == before.now:
            return state, 0.0
        moved = waiting(before, later, told, later.as_of)
        sampler = make_sampler(moved.structure, moved.record)
        theta, seeds = state.theta, self.seeds(cloud, "wait", later.as_of.isoformat(), len(told))

        def part(a: int, b: int) -> tuple[Courses, Floats]:
            found: tuple[Courses, Floats] = carried_on(
                state.sampler.marks,
                sampler.marks,
                rows_of(theta, a, b),
                stretch(cloud.courses, a, b),
                (before.now, later.now),
                seeds[a:b],
            )
            return found

        found = over(part, len(seeds))
        gain = np.concatenate([weight for _, weight in found])
        log_weights = cloud.log_weights + gain
        courses = joined([courses for courses, _ in found])
        if not np.isfinite(log_weights).any():  # no particle had allowed for so much quiet
            mended = self.mended(sampler, moved, replace(cloud, courses=courses), "quiet")
            return State(moved, sampler, mended, before.now), 0.0
        quiet = float(logsumexp(log_weights) - logsumexp(cloud.log_weights))
        carried = replace(cloud, courses=courses, log_weights=log_weights)
        return State(moved, sampler, carried, before.now), quiet

    def finished(self, state: State, *name: str) -> State:
        """Return the state with courses up to the horizon."""
        cloud, theta, horizon = state.particles, state.theta, state.lowered.structure.horizon
        seeds = self.seeds(cloud, "ahead", state.lowered.as_of.isoformat(), *name)

        def part(a: int, b: int) -> Courses:
            found: Courses = finished(
                state.sampler.marks,
                rows_of(theta, a, b),
                stretch(cloud.courses, a, b),
                horizon,
                seeds[a:b],
            )
            return found

        courses = joined(over(part, len(seeds)))
        return state._replace(particles=replace(cloud, courses=courses))

    def chances(self, state: State, told: Lowered) -> Floats:
        """Return the chance of each event at each time along each course, (course, event, time).

        `told` is the record that is to weigh them: what it tells of the future bars an event from
        being integrated out.
        """
        lowered, courses = state.lowered, state.particles.courses
        number, theta, ahead = len(lowered.network.nodes), state.theta, self.times >= lowered.now
        (targets, here), (_, there) = (aims_of(one, range(number)) for one in (lowered, told))
        aims = targets, np.minimum(here, there)
        found = np.empty((len(courses.initial), number, len(self.times)))
        for t in np.flatnonzero(~ahead):
            for event in range(number):
                found[:, event, t] = courses.on(event, self.times[t])

        def part(a: int, b: int) -> Floats:
            found: Floats = chances_ahead(
                state.sampler.marks,
                rows_of(theta, a, b),
                stretch(courses, a, b),
                aims,
                lowered.now,
                self.times[ahead],
                np.arange(b - a),
                1,
            )
            return found[:, 0]

        if ahead.any():
            found[:, :, ahead] = np.concatenate(over(part, len(found)))
        return found

    def levels(self, state: State, told: Lowered) -> Levels:
        """Return the forecasts of finished particles."""
        cloud = state.particles
        return levels_of(cloud.log_weights, self.chances(state, told), cloud.family)

    def widened(self, state: State, later: Lowered) -> Floats:
        """Return parameters with those that a later record has more, drawn from the prior."""
        z, place = (
            state.particles.z,
            {name: i for i, name in enumerate(state.lowered.table.names())},
        )
        wider = np.empty((len(z), later.table.dimensions))
        for column, name in enumerate(later.table.names()):
            if name in place:
                wider[:, column] = z[:, place[name]]
            else:
                wider[:, column] = generator(self.seed, "number", name).normal(size=len(z))
        return wider

    def resampled(self, cloud: Particles, number: int, name: str) -> Particles:
        """Return so many particles, drawn in proportion to their weights."""
        level = np.cumsum(cloud.weights)
        shift = generator(self.seed, "resample", name).uniform()
        at = (np.arange(number) + shift) / number * level[-1]
        return cloud.chosen(np.minimum(np.searchsorted(level, at), len(level) - 1))

    def mended(
        self, sampler: PathSampler, later: Lowered, cloud: Particles, name: str
    ) -> Particles:
        """Return particles with courses that are possible on a later record."""
        theta, kind = theta_of(later, cloud.z), later.structure.kind
        seeds = self.seeds(cloud, "repair", name)

        def part(a: int, b: int) -> list[Paths]:
            paths = (path_of(kind, cloud.courses, k) for k in range(a, b))
            return [
                sampler.repaired(own_of(theta, k), path, seeds[k])
                for k, path in zip(range(a, b), paths, strict=True)
            ]

        mended = [path for paths in over(part, len(seeds)) for path in paths]
        return replace(cloud, courses=courses_of(mended))

    def moved(self, state: State, rounds: int, name: str) -> State:
        """Return the state after some rounds of the path sampler; the last ones are kept.

        Parameters
        ----------
        state
            As many particles as there are chains.
        rounds
            How many, at the least.
        name
            Of the step.
        """
        lowered, cloud = state.lowered, state.particles
        moves = build_moves(state.sampler.marks, lowered.channels, lowered.table.dimensions)
        machine = Machine(state.sampler.marks, state.sampler.blocks, lowered.channels, moves)
        apart = -(-rounds // self.keep)
        seeds = generator(self.seed, "move", lowered.as_of.isoformat(), name).integers(
            2**31, size=self.chains * self.keep
        )

        def part(a: int, b: int) -> tuple[Floats, Courses]:
            z, courses, stuck = advanced(
                machine,
                np.ascontiguousarray(cloud.z[a:b]),
                stretch(cloud.courses, a, b),
                self.keep,
                apart,
                seeds[a * self.keep : b * self.keep],
            )
            if stuck != NOTHING:
                raise ImpossibleRecord(state.sampler.members(stuck))
            return z, courses

        found = over(part, self.chains)
        z = np.concatenate([z for z, _ in found])
        family = np.repeat(cloud.family, self.keep)
        courses = joined([courses for _, courses in found])
        return state._replace(particles=Particles(z, courses, np.zeros(len(z)), family))

    def seeds(self, cloud: Particles, *name: str | int) -> Ints:
        return generator(self.seed, *name).integers(2**31, size=len(cloud.z))


def levels_of(log_weights: Floats, chance: Floats, family: NDArray[np.intp]) -> Levels:
    """Return weighed means of chances, shape (course, event, time), with each family's part."""
    weights = np.exp(log_weights - logsumexp(log_weights))
    mean = np.tensordot(weights, chance, axes=1)
    influence = np.zeros((FAMILIES, *mean.shape))
    for k in range(FAMILIES):
        own = family == k
        influence[k] = np.tensordot(weights[own], chance[own], axes=1) - weights[own].sum() * mean
    return Levels(mean, influence.astype(np.float32))


def untold(lowered: Lowered, now: float) -> Lowered:
    """Return a record without what its items tell of the time after some time."""
    record = lowered.record
    return replace(lowered, record=record.with_items(np.flatnonzero(record.item_time <= now)))


def ratio_of(log_weights: Floats, before: Floats, family: NDArray[np.intp]) -> tuple[float, Floats]:
    """Return the log of the ratio of two sums of weights, and each family's part of its error."""
    totals = [logsumexp(some) for some in (log_weights, before)]
    parts = [
        np.bincount(family, np.exp(some - total), minlength=FAMILIES)
        for some, total in zip((log_weights, before), totals, strict=True)
    ]
    return float(totals[0] - totals[1]), parts[0] - parts[1]


def mean_factor(
    log_weights: Floats, gain: Floats, family: NDArray[np.intp]
) -> tuple[float, Floats]:
    """Return the log of the weighed mean of exp(gain), and what each family adds to its error."""
    if not np.isfinite(log_weights + gain).any():
        return np.nan, np.zeros(FAMILIES)
    weights = np.exp(log_weights - logsumexp(log_weights))
    factor = np.exp(gain)
    mean = float(weights @ factor)
    parts = np.bincount(family, weights * (factor - mean), minlength=FAMILIES)
    return float(np.log(mean)), parts / mean


def theta_of(lowered: Lowered, z: Floats) -> Parameters:
    """Return engine parameters at standard normals, one for each row."""
    theta = lowered.theta(_values(lowered.table, z.tobytes(), len(z)))
    if not lowered.table.places:
        return Parameters(*(np.repeat(part, len(z), axis=0) for part in theta))
    return theta


@lru_cache(maxsize=4)
def _values(table: ParameterTable, z: bytes, number: int) -> dict[str, Floats]:
    """Return natural values at standard normals; a step asks for the same ones several times."""
    return table.from_z(np.frombuffer(z).reshape(number, -1).copy())


def own_of(theta: Parameters, k: int) -> Parameters:
    return Parameters(*(np.ascontiguousarray(part[k]) for part in theta))


def log_said(lowered: Lowered, courses: Courses, item: int, factors: Floats) -> Floats:
    """Return the log chance of an item along each course; `factors` has shape (course, 2)."""
    record, count = lowered.record, -1
    if record.tally is not None:
        count = int(record.tally[item])
    found: Floats = said_along(
        lowered.structure.kind,
        courses,
        int(record.item_event[item]),
        (float(record.first_time[item]), float(record.item_time[item])),
        count,
        np.ascontiguousarray(factors),
    )
    return found


def log_paths(sampler: PathSampler, theta: Parameters, courses: Courses) -> Floats:
    """Return the log likelihood of each course and of what is said of it, as far as it matters."""
    kind = sampler.marks.graph.kind

    def part(a: int, b: int) -> list[float]:
        paths = (path_of(kind, courses, k) for k in range(a, b))
        stats = map(sampler.statistics, paths)
        return [
            float(path_log_likelihood(one, own_of(theta, k)))
            for k, one in zip(range(a, b), stats, strict=True)
        ]

    return np.array([one for some in over(part, len(courses.initial)) for one in some])


def rows_of(theta: Parameters, a: int, b: int) -> Parameters:
    return Parameters(*(np.ascontiguousarray(part[a:b]) for part in theta))


def over[T](part: Callable[[int, int], T], number: int) -> list[T]:
    """Return what a function gives for stretches of 0, 1, …, on all threads."""
    edges = np.linspace(0, number, 4 * threads() + 1).astype(int).tolist()
    spans = [(a, b) for a, b in pairwise(edges) if b > a]
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(lambda span: part(*span), spans))
