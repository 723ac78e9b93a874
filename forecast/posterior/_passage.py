"""The pass in the order of publication: what every item did to every forecast, in one go.

Particles, each a value of the parameters and a path of every event, start from the prior and are
carried from one publication to the next: on in time, weighed by what did not happen meanwhile;
weighed by what the new item says; resampled where the weights have become uneven; and moved by
rounds of the path sampler under the record so far [1]_. Each step compares forecasts along the same
particles before and after they are weighed, so that it is known better than either.

The state after some items depends on them, on the settings and on the seed alone: see `segments`.

Errors follow from families: particles that descend from one group of the first ones. Families stay
independent but for how many children each has, so that what they add to an estimate, squared and
summed, is its variance [2]_.

References
----------
.. [1] Chopin (2002). A sequential particle filter method for static models. Biometrika 89.
.. [2] Lee & Whiteley (2018). Variance estimation in the particle filter. Biometrika 105.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from forecast.engine._course import Courses, Paths, chosen, courses_of, joined, path_of, stretch
from forecast.engine._problem import ONSET, Parameters
from forecast.engine.paths import ImpossibleRecord, PathSampler, make_sampler
from forecast.engine.paths._carry import (
    advanced,
    carried_on,
    chances_by_course,
    finished,
    said_along,
)
from forecast.engine.paths._chain import Machine, build_moves
from forecast.engine.paths._marks import NOTHING
from forecast.estimate._importance import Prior
from forecast.model._factors import items_in_force
from forecast.model._lower import Lowered
from forecast.posterior._along import is_integrated
from forecast.posterior._parts import Segment, segments, up_to, waiting
from forecast.seeds import child_seed, generator
from forecast.threads import threads

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

CHAINS, KEEP = 512, 3
"""Particles that are moved, and by how many rounds of the path sampler; all states on the way are
particles from then on, as many as both make together."""
FAMILIES = 32
ROUNDS_SURE = 8
"""After a step that made something certain of which the particles had not allowed for."""
SNAPSHOTS = 4
"""Segments, the last ones, after which the particles are kept: a later pass goes on from there, and
where the newest item has been replaced, from before it."""
UNEVEN = 0.6
"""The share of effective particles below which they are resampled and moved."""
FEWEST = 128
"""Courses that must agree with what is seen, for them to tell how probable it was."""


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
class Step:
    """What one item did.

    Parameters
    ----------
    item
        Its id.
    before, after
        The forecasts just before it, as of its publication, and just after.
    log_predictive
        The log of how probable the item was, given all before; NaN where that is not known.
    log_predictive_influence
        What each family adds to the error of that, shape (family,).
    """

    item: str
    before: Levels
    after: Levels
    log_predictive: float
    log_predictive_influence: Floats


@dataclass(frozen=True)
class Passage:
    """What a pass found.

    Parameters
    ----------
    times
        Of the forecasts, in years from the start, rising.
    first
        The network's own forecasts, from its start.
    steps
        Item by item.
    last
        The forecasts by the cut-off.
    log_quiet
        The log of how probable it was that nothing else happened in public, stretch by stretch:
        one for each step, and up to the cut-off.
    """

    times: Floats
    first: Levels
    steps: tuple[Step, ...]
    last: Levels
    log_quiet: Floats


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
    def weights(self) -> Floats:
        """Shape (particle,), adding up to one."""
        return np.asarray(np.exp(self.log_weights - logsumexp(self.log_weights)))


class _State(NamedTuple):
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


class Begun(NamedTuple):
    """A pass as far as it has come: what has been told, and the particles after some of its parts.

    Parameters
    ----------
    first
        The network's own forecasts.
    steps
        Of each segment.
    log_quiet
        Before each segment.
    kept
        The particles after a segment, by its place.
    """

    first: Levels
    steps: tuple[tuple[Step, ...], ...]
    log_quiet: tuple[float, ...]
    kept: Mapping[int, Particles]


def passage(
    lowered: Lowered,
    times: Floats,
    seed: int,
    *,
    begun: Begun | None = None,
    chains: int = CHAINS,
    keep: int = KEEP,
) -> tuple[Passage, Begun]:
    """Return what the items of a record did to the forecasts of all events, one after the other.

    Parameters
    ----------
    lowered
        The network and the record.
    times
        Of the forecasts, rising, in years from the start.
    seed
        Of everything random.
    begun
        The same pass over the first of the segments, ending in one of which the particles are kept;
        the result is the same to the last bit with it and without.
    chains, keep
        How many particles are moved at a time, and how many rounds each: all states on the way are
        particles from then on.

    Returns
    -------
    tuple
        What the pass found, and how far it came before it was carried on to the cut-off.
    """
    run = _Pass(times, seed, chains, keep)
    parts = segments(lowered)
    if begun is None or not begun.steps:
        state = run.finished(run.begun(lowered), "first")
        begun = Begun(run.levels(state, state.lowered), (), (), {})
    else:
        last = parts[len(begun.steps) - 1].lowered
        sampler = make_sampler(last.structure, last.record)
        state = _State(last, sampler, begun.kept[len(begun.steps) - 1])
    steps, log_quiet, kept = [*begun.steps], [*begun.log_quiet], dict(begun.kept)
    for k in range(len(steps), len(parts)):
        state, quiet, found = run.taken(state, parts[k])
        steps.append(tuple(found))
        log_quiet.append(quiet)
        kept[k] = state.particles
        kept.pop(k - SNAPSHOTS, None)
    so_far = Begun(begun.first, tuple(steps), tuple(log_quiet), kept)
    state, quiet = run.waited(state, lowered, [item.id for item in lowered.evidence])
    now = run.levels(run.finished(state, "last"), lowered)
    told = tuple(step for each in steps for step in each)
    return Passage(times, begun.first, told, now, np.array([*log_quiet, quiet])), so_far


@dataclass(frozen=True)
class _Pass:
    times: Floats
    seed: int
    chains: int
    keep: int

    def begun(self, lowered: Lowered) -> _State:
        """Return particles of the prior, as of the start."""
        start = up_to(lowered, [], lowered.network.start_instant)
        number, d = self.chains * self.keep, start.table.dimensions
        z = np.zeros((number, 0))
        if d:
            enough = 1 << (number - 1).bit_length()  # Sobol points come in powers of two
            z = Prior().draw(enough, d, child_seed(self.seed, "pass"))[:number]
        sampler = make_sampler(start.structure, start.record)
        one = sampler.initial(_own(theta_of(start, z), 0), self.seed)
        initial = np.tile(one.initial, (number, 1))  # no path matters as yet
        none = Courses(initial, np.zeros(number + 1, dtype=np.int64), np.zeros(0), np.zeros(0, int))
        family = generator(self.seed, "families").permutation(number) % FAMILIES
        return _State(start, sampler, Particles(z, none, np.zeros(number), family))

    def waited(self, state: _State, later: Lowered, told: Sequence[str]) -> tuple[_State, float]:
        """Return the state as of a later time, no item more being known, and how likely it was."""
        before, cloud = state.lowered, state.particles
        if later.now == before.now:
            return state, 0.0
        moved = waiting(before, later, told, later.as_of)
        sampler = make_sampler(moved.structure, moved.record)
        theta, seeds = state.theta, self._seeds(cloud, "wait", later.as_of.isoformat(), len(told))

        def part(a: int, b: int) -> tuple[Courses, Floats]:
            found: tuple[Courses, Floats] = carried_on(
                state.sampler.marks,
                sampler.marks,
                _rows(theta, a, b),
                stretch(cloud.courses, a, b),
                (before.now, later.now),
                seeds[a:b],
            )
            return found

        found = _over(part, len(seeds))
        gain = np.concatenate([weight for _, weight in found])
        log_weights = cloud.log_weights + gain
        quiet = float(logsumexp(log_weights) - logsumexp(cloud.log_weights))
        courses = joined([courses for courses, _ in found])
        carried = replace(cloud, courses=courses, log_weights=log_weights)
        return _State(moved, sampler, carried, before.now), quiet

    def finished(self, state: _State, *name: str) -> _State:
        """Return the state with courses up to the horizon."""
        cloud, theta, horizon = state.particles, state.theta, state.lowered.structure.horizon
        seeds = self._seeds(cloud, "ahead", state.lowered.as_of.isoformat(), *name)

        def part(a: int, b: int) -> Courses:
            found: Courses = finished(
                state.sampler.marks,
                _rows(theta, a, b),
                stretch(cloud.courses, a, b),
                horizon,
                seeds[a:b],
            )
            return found

        courses = joined(_over(part, len(seeds)))
        return state._replace(particles=replace(cloud, courses=courses))

    def chances(self, state: _State, told: Lowered) -> Floats:
        """Return the chance of each event at each time along each course, (course, event, time).

        `told` is the record that is to weigh them: what it tells of the future bars an event from
        being integrated out.
        """
        lowered, courses = state.lowered, state.particles.courses
        number, theta, ahead = len(lowered.network.events), state.theta, self.times >= lowered.now
        integrated = [
            int(is_integrated(lowered, event) and is_integrated(told, event))
            for event in range(number)
        ]
        aims = np.arange(number), np.array(integrated, dtype=np.int64)
        found = np.empty((len(courses.initial), number, len(self.times)))
        for t in np.flatnonzero(~ahead):
            for event in range(number):
                found[:, event, t] = courses.on(event, self.times[t])

        def part(a: int, b: int) -> Floats:
            here: Floats = chances_by_course(
                state.sampler.marks,
                _rows(theta, a, b),
                stretch(courses, a, b),
                aims,
                lowered.now,
                self.times[ahead],
            )
            return here

        if ahead.any():
            found[:, :, ahead] = np.concatenate(_over(part, len(found)))
        return found

    def levels(self, state: _State, told: Lowered) -> Levels:
        """Return the forecasts of finished particles."""
        cloud = state.particles
        return levels_of(cloud.log_weights, self.chances(state, told), cloud.family)

    def taken(self, state: _State, segment: Segment) -> tuple[_State, float, list[Step]]:
        """Return the state after some items, how likely the quiet before was, and the steps."""
        name, new = segment.items[0].id, {item.id for item in segment.items}
        told = [item.id for item in segment.lowered.evidence if item.id not in new]
        waited, quiet = self.waited(state, segment.lowered, told)
        waited = self.finished(waited, name)
        chance = self.chances(waited, segment.lowered)
        cloud = waited.particles
        before = levels_of(cloud.log_weights, chance, cloud.family)
        if segment.sure:
            after, log_chance, parts = self._made_certain(state, waited, segment)
            levels = self.levels(self.finished(after, "after", name), segment.lowered)
            return after, quiet, [Step(name, before, levels, log_chance, parts)]
        sampler = make_sampler(segment.lowered.structure, segment.lowered.record)
        z = self._widened(waited, segment.lowered)
        factors = self._log_factors(waited, segment, z)
        steps, log_weights = [], cloud.log_weights
        for item in segment.items:
            after_levels, surprise, parts = before, np.nan, np.zeros(FAMILIES)
            if item.id in factors:
                gain = factors[item.id]
                surprise, parts = _mean_factor(log_weights, gain, cloud.family)
                log_weights = log_weights + gain
                after_levels = levels_of(log_weights, chance, cloud.family)
            steps.append(Step(item.id, before, after_levels, surprise, parts))
            before = after_levels
        cloud = Particles(z, cloud.courses, log_weights, cloud.family)
        after = _State(segment.lowered, sampler, cloud)
        left = 1.0 / (cloud.weights**2).sum() / len(log_weights)
        return (after if left > UNEVEN else self._renewed(after, self.keep, name)), quiet, steps

    def _renewed(self, state: _State, rounds: int, name: str) -> _State:
        """Return the state with particles resampled, and moved by so many rounds at the least."""
        chains = self._resampled(state.particles, self.chains, name)
        return self.moved(state._replace(particles=chains), rounds, name)

    def _widened(self, state: _State, later: Lowered) -> Floats:
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

    def _log_factors(self, state: _State, segment: Segment, z: Floats) -> dict[str, Floats]:
        """Return by item what it adds to the log weight of each particle.

        What it does to the chances of items before it counts as its own.
        """
        later, before, courses = segment.lowered, state.lowered, state.particles.courses
        theta, theta_before = theta_of(later, z), state.theta
        old = {item.id: i for i, item in enumerate(items_in_force(before.evidence))}
        new: dict[str, int] = {}
        changed = np.zeros(len(z))
        for i, item in enumerate(items_in_force(later.evidence)):
            place = old.pop(item.id, None)
            if place is None:
                new[item.id] = i
                continue
            was, now = theta_before.factors[:, place], theta.factors[:, i]
            if not np.array_equal(was, now):
                changed += _log_chance(later, courses, i, now)
                changed -= _log_chance(before, courses, place, was)
        for place in old.values():  # which no longer stand
            changed -= _log_chance(before, courses, place, theta_before.factors[:, place])
        with ThreadPoolExecutor(threads()) as pool:
            said = pool.map(
                lambda i: _log_chance(later, courses, i, theta.factors[:, i]), new.values()
            )
            found = dict(zip(new, said, strict=True))
        if changed.any():
            first = segment.items[0].id
            found[first] = found.get(first, 0.0) + changed
        return found

    def _resampled(self, cloud: Particles, number: int, name: str) -> Particles:
        """Return so many particles, drawn in proportion to their weights."""
        level = np.cumsum(cloud.weights)
        shift = generator(self.seed, "resample", name).uniform()
        at = (np.arange(number) + shift) / number * level[-1]
        return cloud.chosen(np.minimum(np.searchsorted(level, at), len(level) - 1))

    def _made_certain(
        self, state: _State, waited: _State, segment: Segment
    ) -> tuple[_State, float, Floats]:
        """Return the state after something has become certain, and how probable that was."""
        name, later = segment.items[0].id, segment.lowered
        sampler = make_sampler(later.structure, later.record)
        dated = self._dated(state, segment, sampler)
        if dated is not None:
            weighed, lost = dated, waited.particles.log_weights
            log_chance, parts = np.nan, np.zeros(FAMILIES)
            if not _belated(state.lowered, segment):
                log_chance, parts = _ratio(weighed.log_weights, lost, weighed.family)
            chains = self._resampled(weighed, self.chains, name)
        else:
            cloud, z = waited.particles, self._widened(waited, later)
            agree = self._agreeing(waited, segment)
            with np.errstate(divide="ignore"):
                log_weights = cloud.log_weights + np.log(agree)
            # A silence that was broken says more than that the event was on: how soon it was.
            for gain in self._log_factors(waited, segment, z).values():
                log_weights = log_weights + gain
            log_chance, parts = np.nan, np.zeros(FAMILIES)
            if agree.sum() >= FEWEST:
                log_chance, parts = _ratio(log_weights, cloud.log_weights, cloud.family)
            else:  # too few to go on from: paths are mended, and parameters left to the moves
                log_weights = cloud.log_weights
            weighed = Particles(z, cloud.courses, log_weights, cloud.family)
            chains = self._mended(sampler, later, self._resampled(weighed, self.chains, name), name)
        rounds = ROUNDS_SURE if dated is None else self.keep
        return self.moved(_State(later, sampler, chains), rounds, name), log_chance, parts

    def _mended(
        self, sampler: PathSampler, later: Lowered, cloud: Particles, name: str
    ) -> Particles:
        """Return particles with courses that are possible on a later record."""
        theta, kind = theta_of(later, cloud.z), later.structure.kind
        seeds = self._seeds(cloud, "repair", name)

        def part(a: int, b: int) -> list[Paths]:
            paths = (path_of(kind, cloud.courses, k) for k in range(a, b))
            return [
                sampler.repaired(_own(theta, k), path, seeds[k])
                for k, path in zip(range(a, b), paths, strict=True)
            ]

        mended = [path for paths in _over(part, len(seeds)) for path in paths]
        return replace(cloud, courses=courses_of(mended))

    def _agreeing(self, state: _State, segment: Segment) -> Floats:
        """Return 1 for each course that agrees with what is seen, else 0."""
        later, courses = segment.lowered, state.particles.courses
        event = later.events.index(segment.items[0].event)
        agree = np.ones(len(courses.initial), dtype=np.bool_)
        for one, begin, end, value in later.record.known:
            if one == event:
                for time in {begin, min(end, later.now)}:
                    agree &= courses.on(event, time) == bool(value)
        return agree.astype(np.float64)

    def _dated(self, state: _State, segment: Segment, sampler: PathSampler) -> Particles | None:
        """Return particles with an onset that has been seen, or None where it is no such news.

        From when they were as of last they are carried on anew, with the onset in its time, so that
        what follows from it follows. What was told of the time to come weighs them anew as well.
        """
        before, later = state.lowered, segment.lowered
        event = later.events.index(segment.items[0].event)
        known = [(a, b, v) for e, a, b, v in later.record.known if e == event]
        on = [begin for begin, _, value in known if value]
        off = [end for _, end, value in known if not value]
        fresh = later.structure.kind[event] == ONSET and on and min(on) > before.now
        public = later.network.events[event].public if fresh else False
        if not fresh or not (public or max(off, default=0.0) >= before.now):
            return None
        so_far = _untold(before, before.now)
        cloud, between = state.particles, (before.now, later.now)
        theta, seeds = state.theta, self._seeds(cloud, "dated", segment.items[0].id)
        marks = [
            make_sampler(one.structure, one.record).marks
            for one in (so_far, _untold(later, before.now))
        ]
        marks.append(sampler.marks)

        def part(a: int, b: int) -> tuple[Courses, Floats]:
            courses, own, total = stretch(cloud.courses, a, b), _rows(theta, a, b), np.zeros(b - a)
            for k, (old, new) in enumerate(pairwise(marks)):
                courses, gain = carried_on(old, new, own, courses, between, seeds[a:b] + k)
                total = total + gain
            return courses, total

        found = _over(part, len(seeds))
        courses = joined([courses for courses, _ in found])
        gain = np.concatenate([weight for _, weight in found])
        z = self._widened(state, later)
        theta_later = theta_of(later, z)
        for some, factors, along, sign in (
            (later, theta_later.factors, courses, 1),
            (before, theta.factors, cloud.courses, -1),
        ):
            for i in range(len(some.record.item_event)):
                gain = gain + sign * _log_chance(some, along, i, factors[:, i])
        return Particles(z, courses, cloud.log_weights + gain, cloud.family)

    def moved(self, state: _State, rounds: int, name: str) -> _State:
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

        found = _over(part, self.chains)
        z = np.concatenate([z for z, _ in found])
        family = np.repeat(cloud.family, self.keep)
        courses = joined([courses for _, courses in found])
        return state._replace(particles=Particles(z, courses, np.zeros(len(z)), family))

    def _seeds(self, cloud: Particles, *name: str | int) -> Ints:
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


def _belated(before: Lowered, segment: Segment) -> bool:
    """Return whether an onset may have been while particles were taken not to have seen it.

    They hold no such onset, so they cannot tell how probable all of its window was.
    """
    later = segment.lowered
    event = later.events.index(segment.items[0].event)
    off = [end for e, _, end, value in later.record.known if e == event and not value]
    return later.network.events[event].public and max(off, default=0.0) < before.now


def _untold(lowered: Lowered, now: float) -> Lowered:
    """Return a record without what its items tell of the time after some time."""
    record = lowered.record
    return replace(lowered, record=record.with_items(np.flatnonzero(record.item_time <= now)))


def _ratio(log_weights: Floats, before: Floats, family: NDArray[np.intp]) -> tuple[float, Floats]:
    """Return the log of the ratio of two sums of weights, and each family's part of its error."""
    totals = [logsumexp(some) for some in (log_weights, before)]
    parts = [
        np.bincount(family, np.exp(some - total), minlength=FAMILIES)
        for some, total in zip((log_weights, before), totals, strict=True)
    ]
    return float(totals[0] - totals[1]), parts[0] - parts[1]


def _mean_factor(
    log_weights: Floats, gain: Floats, family: NDArray[np.intp]
) -> tuple[float, Floats]:
    """Return the log of the weighed mean of exp(gain), and what each family adds to its error."""
    weights = np.exp(log_weights - logsumexp(log_weights))
    factor = np.exp(gain)
    mean = float(weights @ factor)
    parts = np.bincount(family, weights * (factor - mean), minlength=FAMILIES)
    return float(np.log(mean)), parts / mean


def theta_of(lowered: Lowered, z: Floats) -> Parameters:
    """Return engine parameters at standard normals, one for each row."""
    theta = lowered.theta(lowered.table.from_z(z))
    if not lowered.table.places:
        return Parameters(*(np.repeat(part, len(z), axis=0) for part in theta))
    return theta


def _own(theta: Parameters, k: int) -> Parameters:
    return Parameters(*(np.ascontiguousarray(part[k]) for part in theta))


def _log_chance(lowered: Lowered, courses: Courses, item: int, factors: Floats) -> Floats:
    """Return the log chance of an item along each course; `factors` has shape (course, 2)."""
    record, count = lowered.record, -1
    if record.tally is not None:
        count = int(record.tally[item])
    found: Floats = said_along(
        courses,
        int(record.item_event[item]),
        float(record.first_time[item]),
        float(record.item_time[item]),
        count,
        np.ascontiguousarray(factors),
    )
    return found


def _rows(theta: Parameters, a: int, b: int) -> Parameters:
    return Parameters(*(np.ascontiguousarray(part[a:b]) for part in theta))


def _over[T](part: Callable[[int, int], T], number: int) -> list[T]:
    """Return what a function gives for stretches of 0, 1, …, on all threads."""
    edges = np.linspace(0, number, 4 * threads() + 1).astype(int).tolist()
    spans = [(a, b) for a, b in pairwise(edges) if b > a]
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(lambda span: part(*span), spans))
