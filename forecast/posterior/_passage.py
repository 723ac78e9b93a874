"""The pass in the order of publication: what every item did to every forecast, in one go.

Particles, each a value of the parameters and a path of every event, start from the prior and are
carried from one publication to the next: on in time, weighed by what did not happen meanwhile;
weighed by what the new item says; resampled where the weights have become uneven; and moved by
rounds of the path sampler under the record so far [1]_. Each step compares forecasts along the same
particles before and after they are weighed, so that it is known better than either.

The state after some items depends on them, on the settings and on the seed alone: see `segments`.

References
----------
.. [1] Chopin (2002). A sequential particle filter method for static models. Biometrika 89.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.engine._course import Courses, as_given, joined, stretch
from forecast.engine._problem import ONSET, Parameters
from forecast.engine.paths import PathSampler, make_sampler
from forecast.engine.paths._carry import carried_on
from forecast.model._factors import row_places
from forecast.model._lower import Lowered
from forecast.posterior._particles import (
    FAMILIES,
    Handling,
    Levels,
    Particles,
    State,
    levels_of,
    log_paths,
    log_said,
    mean_factor,
    over,
    ratio_of,
    rows_of,
    theta_of,
    untold,
)
from forecast.posterior._parts import Segment, segments
from forecast.threads import threads

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

CHAINS, KEEP = 512, 3
"""Particles that are moved, and by how many rounds of the path sampler; all states on the way are
particles from then on, as many as both make together."""
ROUNDS_SURE = 8
"""After a step that made something certain of which the particles had not allowed for."""
SNAPSHOTS = 7
"""Segments, the last ones, after which the particles are kept: a later pass goes on from there, and
where the newest item has been replaced, from before it."""
LOOKBACK = 6
"""Segments before the last one in which particles are looked for that know nothing of an onset."""
BEGIN = -1
"""The place of the particles of the prior, before all segments."""
UNEVEN = 0.6
"""The share of effective particles below which they are resampled and moved."""
FEWEST = 128
"""Courses that must agree with what is seen, for them to tell how probable it was."""


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
    run = Handling(times, seed, chains, keep)
    parts = segments(lowered)
    if begun is None or not begun.steps:
        state = run.finished(run.begun(lowered), "first")
        begun = Begun(run.levels(state, state.lowered), (), (), {})
    else:
        last = parts[len(begun.steps) - 1].lowered
        sampler = make_sampler(last.structure, last.record)
        state = State(last, sampler, begun.kept[len(begun.steps) - 1])
    steps, log_quiet, kept = [*begun.steps], [*begun.log_quiet], dict(begun.kept)
    for k in range(len(steps), len(parts)):
        earlier = _back(run, parts, kept, steps, log_quiet)
        state, quiet, found = taken(run, state, parts[k], earlier)
        steps.append(tuple(found))
        log_quiet.append(quiet)
        kept[k] = state.particles
        kept.pop(k - SNAPSHOTS, None)
    so_far = Begun(begun.first, tuple(steps), tuple(log_quiet), kept)
    state, quiet = run.waited(state, lowered, [item.id for item in lowered.evidence])
    now = run.levels(run.finished(state, "last"), lowered)
    told = tuple(step for each in steps for step in each)
    return Passage(times, begun.first, told, now, np.array([*log_quiet, quiet])), so_far


class Earlier(NamedTuple):
    """Particles from before an onset, and what the record between has told since.

    Parameters
    ----------
    state
        The particles, as of a time before the onset's window opens.
    log_told, parts
        The log of how probable items and quiet since then were, and what each family adds to the
        error of that.
    """

    state: State
    log_told: float
    parts: Floats


def _back(
    run: Handling,
    whole: Sequence[Segment],
    kept: Mapping[int, Particles],
    steps: Sequence[Sequence[Step]],
    log_quiet: Sequence[float],
) -> Earlier | None:
    """Return particles from before a public onset that comes to be known after other items.

    Those as of now were taken not to have seen it. None: it is no such item, or lies further back
    than particles are looked for. `steps` and `log_quiet` are of all segments before it.
    """
    k = len(steps)
    if k == 0 or not whole[k].sure or not _belated(whole[k - 1].lowered, whole[k]):
        return None
    opens = _window(whole[k])[0]
    # Before a regime events came about otherwise: particles of then do not serve.
    least = max((i for i in range(k) if whole[i].acting), default=BEGIN)
    last = max(least, k - LOOKBACK)
    places = [i for i in range(k - 1, last - 1, -1) if i in kept or i == BEGIN]
    for i in places:
        if i != BEGIN and whole[i].lowered.now > opens:
            continue
        if i == BEGIN:
            state = run.finished(run.begun(whole[k].lowered), "first")
        else:
            lowered = whole[i].lowered
            state = State(lowered, make_sampler(lowered.structure, lowered.record), kept[i])
        told = [step for each in steps[i + 1 :] for step in each]
        log_told = sum(log_quiet[i + 1 :]) + sum(step.log_predictive for step in told)
        parts = np.sum([np.zeros(FAMILIES), *(s.log_predictive_influence for s in told)], axis=0)
        return Earlier(state, float(log_told), parts)
    return None


def _window(segment: Segment) -> tuple[float, float]:
    """Return from when to when the onset is that has been seen; infinite where none is."""
    later = segment.lowered
    event = later.events.index(segment.items[0].event)
    known = [(a, b, v) for e, a, b, v in later.record.known if e == event]
    opens = max((end for _, end, value in known if not value), default=0.0)
    return opens, min((begin for begin, _, value in known if value), default=np.inf)


def taken(
    run: Handling, state: State, segment: Segment, earlier: Earlier | None = None
) -> tuple[State, float, list[Step]]:
    """Return the state after some items, how likely the quiet before was, and the steps.

    `earlier` are particles to take an onset's news from, where those of `state` cannot.
    """
    name, new = segment.items[0].id, {item.id for item in segment.items}
    told = [item.id for item in segment.lowered.evidence if item.id not in new]
    waited, quiet = run.waited(state, segment.lowered, told)
    waited = run.finished(waited, name)
    chance = run.chances(waited, segment.lowered)
    cloud = waited.particles
    before = levels_of(cloud.log_weights, chance, cloud.family)
    if segment.sure:
        if earlier is None:  # how likely the quiet was, and its error, are those of `waited`
            earlier = Earlier(state, 0.0, np.zeros(FAMILIES))
            reference = waited.particles.log_weights
        else:
            earlier = earlier._replace(log_told=earlier.log_told + quiet)
            reference = earlier.state.particles.log_weights
        after, levels, log_chance, parts = _made_certain(run, earlier, reference, waited, segment)
        return after, quiet, [Step(name, before, levels, log_chance, parts)]
    if segment.acting:
        after, step = _under(run, waited, segment, before)
        return after, quiet, [step]
    sampler = make_sampler(segment.lowered.structure, segment.lowered.record)
    z = run.widened(waited, segment.lowered)
    factors = _log_factors(waited, segment, z)
    steps, log_weights = [], cloud.log_weights
    for item in segment.items:
        after_levels, surprise, parts = before, np.nan, np.zeros(FAMILIES)
        if item.id in factors:
            gain = factors[item.id]
            surprise, parts = mean_factor(log_weights, gain, cloud.family)
            log_weights = log_weights + gain
            if np.isfinite(log_weights).any():
                after_levels = levels_of(log_weights, chance, cloud.family)
        steps.append(Step(item.id, before, after_levels, surprise, parts))
        before = after_levels
    if not np.isfinite(log_weights).any():  # what is said is impossible along all courses
        chains = run.resampled(replace(cloud, z=z), run.chains, name)
        chains = run.mended(sampler, segment.lowered, chains, name)
        after = run.moved(State(segment.lowered, sampler, chains), ROUNDS_SURE, name)
        return after, quiet, steps
    cloud = Particles(z, cloud.courses, log_weights, cloud.family)
    after = State(segment.lowered, sampler, cloud)
    return (after if cloud.left > UNEVEN else _renewed(run, after, run.keep, name)), quiet, steps


def _under(run: Handling, waited: State, segment: Segment, before: Levels) -> tuple[State, Step]:
    """Return the state under a regime from now on, and what the regime did.

    Courses weigh by how much likelier it makes them, as far as they matter to the record: beyond
    that they are drawn anew.
    """
    name, later, cloud = segment.items[0].id, segment.lowered, waited.particles
    sampler = make_sampler(later.structure, later.record)
    z, courses = run.widened(waited, later), as_given(later.structure, cloud.courses)
    with_it = log_paths(sampler, theta_of(later, z), courses)
    without = log_paths(waited.sampler, waited.theta, cloud.courses)
    possible = np.isfinite(without)  # of no weight elsewhere
    gain = np.where(possible, with_it - np.where(possible, without, 0.0), 0.0)
    after = State(later, sampler, Particles(z, courses, cloud.log_weights + gain, cloud.family))
    after = run.finished(after, name)
    changed, parts = mean_factor(cloud.log_weights, gain, cloud.family)
    step = Step(name, before, run.levels(after, later), changed, parts)
    even = after.particles.left > UNEVEN
    return after if even else _renewed(run, after, run.keep, name), step


def _renewed(run: Handling, state: State, rounds: int, name: str) -> State:
    """Return the state with particles resampled, and moved by so many rounds at the least."""
    chains = run.resampled(state.particles, run.chains, name)
    return run.moved(state._replace(particles=chains), rounds, name)


def _log_factors(state: State, segment: Segment, z: Floats) -> dict[str, Floats]:
    """Return by item what it adds to the log weight of each particle.

    What it does to the chances of items before it counts as its own.
    """
    later, before, courses = segment.lowered, state.lowered, state.particles.courses
    theta, theta_before = theta_of(later, z), state.theta
    old, now = row_places(before.evidence), row_places(later.evidence)
    changed = np.zeros(len(z))
    for name, was in old.items():
        rows = now.get(name)  # none: it no longer stands
        if rows and np.array_equal(theta_before.factors[:, was], theta.factors[:, rows]):
            continue
        changed += _log_said(later, courses, rows or [], theta)
        changed -= _log_said(before, courses, was, theta_before)
    new = {name: rows for name, rows in now.items() if name not in old}
    with ThreadPoolExecutor(threads()) as pool:
        factors = pool.map(lambda rows: _log_said(later, courses, rows, theta), new.values())
        found = dict(zip(new, factors, strict=True))
    if changed.any():
        first = segment.items[0].id
        found[first] = found.get(first, 0.0) + changed
    return found


def _log_said(lowered: Lowered, courses: Courses, rows: Sequence[int], theta: Parameters) -> Floats:
    """Return the log chance along each course of all rows of an item."""
    found = np.zeros(len(courses.initial))
    for i in rows:
        found += log_said(lowered, courses, i, theta.factors[:, i])
    return found


def _made_certain(
    run: Handling, earlier: Earlier, reference: Floats, waited: State, segment: Segment
) -> tuple[State, Levels, float, Floats]:
    """Return the state after something has become certain, the forecasts, and its probability.

    The forecasts are those of the particles as they were, weighed by it, where that leaves many of
    them; else of those that have been moved since.
    """
    name, later = segment.items[0].id, segment.lowered
    sampler = make_sampler(later.structure, later.record)
    dated = _dated(run, earlier.state, segment, sampler)
    if dated is not None:
        weighed = dated
        log_chance, parts = np.nan, np.zeros(FAMILIES)
        if not _belated(earlier.state.lowered, segment):
            log_chance, parts = ratio_of(weighed.log_weights, reference, weighed.family)
            log_chance, parts = log_chance - earlier.log_told, parts - earlier.parts
        chains = run.resampled(weighed, run.chains, name)
    else:
        cloud, z = waited.particles, run.widened(waited, later)
        agree = _agreeing(waited, segment)
        with np.errstate(divide="ignore"):
            log_weights = cloud.log_weights + np.log(agree)
        # A silence that was broken says more than that the event was on: how soon it was.
        for gain in _log_factors(waited, segment, z).values():
            log_weights = log_weights + gain
        log_chance, parts = np.nan, np.zeros(FAMILIES)
        if agree.sum() >= FEWEST:
            log_chance, parts = ratio_of(log_weights, cloud.log_weights, cloud.family)
        else:  # too few to go on from: paths are mended, and parameters left to the moves
            log_weights = cloud.log_weights
        weighed = Particles(z, cloud.courses, log_weights, cloud.family)
        chains = run.mended(sampler, later, run.resampled(weighed, run.chains, name), name)
    rounds = ROUNDS_SURE if dated is None else run.keep
    after = run.moved(State(later, sampler, chains), rounds, name)
    many = not np.isnan(log_chance) and weighed.left > UNEVEN
    told = State(later, sampler, weighed) if many else after
    levels = run.levels(run.finished(told, "after", name), later)
    return after, levels, log_chance, parts


def _belated(before: Lowered, segment: Segment) -> bool:
    """Return whether an onset may have been while particles were taken not to have seen it.

    They hold no such onset, so they cannot tell how probable all of its window was.
    """
    opens, closes = _window(segment)
    event = segment.lowered.events.index(segment.items[0].event)
    public = segment.lowered.network.nodes[event].public
    return public and closes < np.inf and opens < before.now


def _agreeing(state: State, segment: Segment) -> Floats:
    """Return 1 for each course that agrees with what is seen, else 0."""
    later, courses = segment.lowered, state.particles.courses
    event = later.events.index(segment.items[0].event)
    agree = np.ones(len(courses.initial), dtype=np.bool_)
    for one, begin, end, value in later.record.known:
        if one == event:
            for time in {begin, min(end, later.now)}:
                agree &= courses.on(event, time) == bool(value)
    return agree.astype(np.float64)


def _dated(run: Handling, state: State, segment: Segment, sampler: PathSampler) -> Particles | None:
    """Return particles with an onset that has been seen, or None where it is no such news.

    From when they were as of last they are carried on anew, with the onset in its time, so that
    what follows from it follows. What was told of the time to come weighs them anew as well.
    """
    before, later = state.lowered, segment.lowered
    event = later.events.index(segment.items[0].event)
    opens, closes = _window(segment)
    fresh = later.structure.kind[event] == ONSET and before.now < closes < np.inf
    if not fresh or not (later.network.nodes[event].public or opens >= before.now):
        return None
    so_far = untold(before, before.now)
    cloud, between = state.particles, (before.now, later.now)
    theta, seeds = state.theta, run.seeds(cloud, "dated", segment.items[0].id)
    marks = [
        make_sampler(one.structure, one.record).marks for one in (so_far, untold(later, before.now))
    ]
    marks.append(sampler.marks)

    def part(a: int, b: int) -> tuple[Courses, Floats]:
        courses, own, total = stretch(cloud.courses, a, b), rows_of(theta, a, b), np.zeros(b - a)
        for k, (old, new) in enumerate(pairwise(marks)):
            courses, gain = carried_on(old, new, own, courses, between, seeds[a:b] + k)
            total = total + gain
        return courses, total

    found = over(part, len(seeds))
    courses = joined([courses for courses, _ in found])
    gain = np.concatenate([weight for _, weight in found])
    z = run.widened(state, later)
    theta_later = theta_of(later, z)
    for some, factors, along, sign in (
        (later, theta_later.factors, courses, 1),
        (before, theta.factors, cloud.courses, -1),
    ):
        for i in range(len(some.record.item_event)):
            gain = gain + sign * log_said(some, along, i, factors[:, i])
    log_weights = cloud.log_weights + gain
    if not np.isfinite(log_weights).any():
        return None
    return Particles(z, courses, log_weights, cloud.family)
