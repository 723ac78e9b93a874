"""Chances of events along simulated paths, where the exact filter does not reach.

Paths begin at the cut-off, in states drawn from the filter, and an event is integrated out along
those of its ancestors; or they are the whole paths of the path sampler, which have seen all
evidence.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.engine._course import Courses
from forecast.engine._elimination import FactPlan, fact_plan
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._problem import FACT, ONSET, STATE, Parameters, Record, Structure, start_of
from forecast.engine._relevance import Target, nets_of
from forecast.engine._simulate import NOT_HELD, PathQuestion, forecast_along_paths, wiring
from forecast.engine.paths import ImpossibleRecord, Paths, PathSampler, make_sampler
from forecast.engine.paths._futures import chances_ahead, sample_futures
from forecast.errors import QueryError
from forecast.model._integrated import aims_of, ancestors, is_integrated, on_cycle, told_ahead
from forecast.model._lower import Lowered
from forecast.posterior._exact import Case, plan_sweep
from forecast.seeds import child_seed, generator
from forecast.threads import threads

type Floats = NDArray[np.float64]

COURSES = 2**15
"""Simulated courses of events that a question rests on at the least, over all draws: chances read
off so many have an error of at most 0.003."""
FEWEST_COURSES = 16  # a draw: with fewer, what is noise and what is not cannot be told apart
MOST_NOISE = 0.01
"""By how much noise may widen the spread over draws before more courses are simulated."""
ROUNDS = (1, 2, 4, 8)  # times as many courses as at first
MOST_HELD = 24
"""Onsets on cycles of which each gets paths of its own."""
SWEEPS = (8, 64)  # a draw of the path sampler: the fewest, which larger networks take, and most
SWEEP_WORK = 300.0  # sweeps times events of a draw, within these limits
SETTLING = 32
"""Sweeps until paths of draws that others made have forgotten where they began."""
FUTURES = 32
"""Of a draw of the path sampler: where there are fewer sweeps, each is carried on several times,
which costs a fraction of a sweep in larger networks."""


@dataclass(frozen=True)
class Along:
    """Whole paths of all events for each draw, and the problem that they solve."""

    sampler: PathSampler
    futures: Courses
    each: int  # courses, of each draw
    sweeps: int  # for each draw


@dataclass(frozen=True)
class Now:
    """What is known of the states of all events at the cut-off.

    Parameters
    ----------
    known
        The state of each event that is certain, shape (event,); of no matter for others.
    unsure
        Events that are tied together, with the distribution function of their joint states: bit b
        of a state is event b of them; shape (state, draw).
    facts
        Facts that depend on each other, with those of them whose states are drawn before.
    theta
        The parameters of their chances.
    """

    known: NDArray[np.int64]
    unsure: tuple[tuple[tuple[int, ...], Floats], ...]
    facts: tuple[tuple[FactPlan, tuple[int, ...]], ...] = ()
    theta: Parameters | None = None

    def states(self, where: NDArray[np.intp], each: int, seed: int) -> NDArray[np.int64]:
        """Return states, independent of each other: shape (draw, path, event).

        Parameters
        ----------
        where
            For each draw which of those it is that this is known for, shape (draw,).
        each
            How many for each draw.
        seed
            Of all of them.
        """
        shape = (len(where), each)
        states = np.empty((*shape, len(self.known)), dtype=np.int64)
        states[...] = self.known
        for index, (events, level) in enumerate(self.unsure):
            uniforms = generator(seed, "state", index).uniform(size=shape)
            chosen = np.stack(  # (draw, path)
                [np.searchsorted(level[:, d], row) for d, row in zip(where, uniforms, strict=True)]
            )
            chosen = np.minimum(chosen, len(level) - 1)
            for bit, event in enumerate(events):
                states[:, :, event] = (chosen >> bit) & 1
        for index, (plan, before) in enumerate(self.facts):
            assert self.theta is not None  # noqa: S101 - it comes with facts
            given = {event: states[:, :, event].reshape(-1) for event in before}
            rng = generator(seed, "facts", index)
            drawn = plan.drawn(self.theta, np.repeat(where, each), given, rng)
            for event, found in drawn.items():
                states[:, :, event] = found.reshape(shape)
        return states


def _driving(structure: Structure) -> set[int]:
    """Return the facts that act on what is no fact, with all values of each."""
    start = structure.start
    if start is None:
        return set()
    return {value for parent in structure.link_parent.tolist() for value in start.values_of(parent)}


def past_of(lowered: Lowered) -> tuple[Record, NDArray[np.intp], NDArray[np.intp]]:
    """Return the record up to the cut-off, and which items lie before and after it."""
    record = lowered.record
    before = np.flatnonzero(record.item_time <= lowered.now)
    after = np.flatnonzero(record.item_time > lowered.now)
    return record.with_items(before), before, after


def now_of(lowered: Lowered, theta: Parameters) -> Now:
    """Return what is known of the states at the cut-off from what is told of the time before it."""
    past, before, _ = past_of(lowered)
    case = Case(lowered.structure, past, lowered.now)
    everyone, structure = range(len(lowered.events)), lowered.structure
    nets, driving = nets_of(structure), _driving(structure)
    apart = {event for net in nets for event in net if event not in driving}
    asked = [Target(lowered.now, tuple(event for event in everyone if event not in apart))]
    sweep = plan_sweep(case, [], asked, np.array([lowered.now]))
    seen = theta._replace(factors=np.ascontiguousarray(theta.factors[:, before]))
    found = sweep.read(seen)
    known = [found.known.get((event, lowered.now), 0) for event in everyone]
    unsure = [
        (tuple(live), np.cumsum(states, axis=0)) for live, states in found.states[lowered.now]
    ]
    facts = tuple(
        (fact_plan(structure, past, frozenset(net), ()), tuple(sorted(driving & set(net))))
        for net in nets
    )
    return Now(np.array(known, dtype=np.int64), tuple(unsure), facts, seen)


def alike(lowered: Lowered, theta: Parameters) -> NDArray[np.bool_]:
    """Return for each event whether all parameters that bear on it never differ, shape (event,).

    What bears on it is all that links and evidence tie it to: without them its chance is the same
    whatever they are.
    """
    structure = lowered.structure
    start = structure.start or start_of(len(structure.kind))
    moved = np.asarray(np.ptp(theta.base_rate, axis=0) > 0) | (np.ptp(theta.off_rate, axis=0) > 0)
    moved |= start.any_of(np.ptp(theta.initial, axis=0) > 0)
    parent, child = structure.link_parent, structure.link_child
    moved[child[np.ptp(theta.effect, axis=0) > 0]] = True
    uncertain = (np.ptp(theta.factors, axis=0) > 0).any(axis=-1)
    moved[lowered.record.item_event[uncertain]] = True
    given, ruled = start.arrows
    parent, child = np.append(parent, given), np.append(child, ruled)
    while True:
        tied = moved[parent] | moved[child]
        before = moved.copy()
        moved[parent[tied]], moved[child[tied]] = True, True
        if (before == moved).all():
            return ~moved


def courses(draws: int) -> int:
    """Return how many courses are simulated for each of so many draws, an even number."""
    each = -(-COURSES // draws)
    return max(FEWEST_COURSES, each + each % 2)


def by_event(events: Sequence[int], parts: Floats) -> dict[int, Floats]:
    """Return each event's part of an array of shape (part, draw, event, time)."""
    return {event: np.ascontiguousarray(parts[:, :, i]) for i, event in enumerate(events)}


def simulated_chances(
    lowered: Lowered,
    theta: Parameters,
    events: Sequence[int],
    times: Floats,
    seed: int,
    *,
    spread: bool = True,
) -> dict[int, Floats]:
    """Return chances along simulated paths, of which there are more where noise makes a difference.

    Without an uncertain number all spread is noise, and none of it is taken for anything else. Nor
    does noise matter where only the mean over draws is wanted, not their `spread`.
    """
    free, now = ~alike(lowered, theta), now_of(lowered, theta)
    everyone = np.arange(len(theta.base_rate))
    found: dict[int, Floats] = {}
    asked, done = list(events), 0
    for rounds in ROUNDS if spread else ROUNDS[:1]:
        parts: dict[int, Floats] = {}
        for r in range(done, rounds):
            again = seed if r == 0 else child_seed(seed, "more courses", r)
            states = now.states(everyone, courses(len(everyone)), again)
            for chosen, one in _along_paths(lowered, theta, states, asked, times, again):
                for event, part in by_event(chosen, one).items():
                    parts[event] = parts[event] + part if event in parts else part
        for event, part in parts.items():
            found[event] = (done * found.get(event, 0.0) + part) / rounds
        done = rounds
        asked = [event for event in asked if free[event] and _noise(found[event]) > MOST_NOISE]
        if not asked:
            break
    return found


def _noise(parts: Floats) -> float:
    """Return by how much noise widens the spread of chances over draws, at the worst time."""
    mean = parts.mean(axis=0)
    away = parts - mean.mean(axis=0)
    total, between = mean.var(axis=0), (away[0] * away[1]).mean(axis=0)
    return float((np.sqrt(total) - np.sqrt(np.clip(between, 0.0, total))).max())


def _along_paths(  # noqa: PLR0917
    lowered: Lowered,
    theta: Parameters,
    states: NDArray[np.int64],
    events: Sequence[int],
    times: Floats,
    seed: int,
) -> list[tuple[list[int], Floats]]:
    """Return groups of events and their chances along simulated paths: (half, draw, event, time).

    They begin in `states`. One set of paths serves all events but those that are onsets on a cycle:
    such an event is integrated out along paths of its own, on which it is held off. Where these are
    many, as in a web of units, they are read off the common paths: with more noise, for far less
    work.
    """
    _, _, after = past_of(lowered)
    items = log_likelihoods(lowered.plans(), theta)[:, after]
    chance_told = np.exp(items.sum(axis=1))  # of the future, given the past
    told = told_ahead(lowered)
    onset = {e for e in events if lowered.structure.kind[e] == ONSET and e not in told}
    held = sorted(event for event in onset if on_cycle(lowered, event))
    if len(held) > MOST_HELD:
        onset, held = onset - set(held), []
    together = [e for e in events if e not in held]
    runs = [([e], e) for e in held] + ([(together, NOT_HELD)] if together else [])
    blocks = np.array_split(np.arange(len(theta.base_rate)), threads())

    def run(chosen: list[int], held_event: int) -> Floats:
        question = _question(lowered, chosen, onset, held_event, times)
        simulated = sorted(told | ancestors(lowered, set(chosen)))
        w = wiring(lowered.structure, simulated)

        def part(block: NDArray[np.intp]) -> tuple[Floats, Floats]:
            some = Parameters(*(np.ascontiguousarray(field[block]) for field in theta))
            first = child_seed(seed, "paths") + int(block[0]) * states.shape[1]
            found: tuple[Floats, Floats] = forecast_along_paths(
                w, question, some, states[block], chance_told[block], lowered.now, first
            )
            return found

        with ThreadPoolExecutor(len(blocks)) as pool:
            parts = list(pool.map(part, [block for block in blocks if len(block)]))
        found = np.concatenate([chance for chance, _ in parts], axis=1)
        excess = np.concatenate([weight for _, weight in parts], axis=1) - 1
        steadied: Floats = found - found.mean(axis=(0, 1)) * excess[:, :, None, None]
        return steadied  # the weights' own mean is known, and serves as a control variate

    return [(chosen, run(chosen, held_event)) for chosen, held_event in runs]


def futures_of(
    lowered: Lowered, theta: Parameters, starts: Sequence[Paths], *, seed: int, least: int = 0
) -> Along:
    """Return whole paths for each draw of the path sampler.

    Parameters
    ----------
    lowered
        The network and its evidence.
    theta
        Parameters with a leading draw dimension.
    starts
        The sampler's paths, one for each draw.
    seed
        Of the paths swept and simulated from there.
    least
        How many courses there are for all draws together, at the least.
    """
    sampler = make_sampler(lowered.structure, lowered.record)
    seeds = [child_seed(seed, "futures", draw) for draw in range(len(starts))]
    horizon = lowered.structure.horizon
    fewest, most = SWEEPS
    sweeps = int(np.clip(SWEEP_WORK / len(lowered.events), fewest, most)) // 2 * 2
    each = max(1, FUTURES // sweeps)
    number = max(sweeps, -(-least // (2 * each * len(starts))) * 2), each
    futures = sample_futures(sampler, theta, starts, number, horizon, seeds)
    return Along(sampler, futures, number[0] * number[1], number[0])


def whole_courses(lowered: Lowered, theta: Parameters, *, seed: int) -> Along:
    """Return whole courses for draws that the path sampler did not make.

    Parameters
    ----------
    lowered
        The network and its evidence.
    theta
        Parameters with a leading draw dimension.
    seed
        Of the courses.

    Raises
    ------
    QueryError
        If no courses are found that agree with the evidence.
    """
    sampler = make_sampler(lowered.structure, lowered.record)

    def settled(draw: int) -> Paths:
        one = Parameters(*(np.ascontiguousarray(field[draw]) for field in theta))
        seeds = generator(seed, "settle", draw).integers(2**31, size=SETTLING + 1).tolist()
        paths = sampler.initial(one, seeds[0])
        for own in seeds[1:]:
            paths = sampler.sweep(one, paths, own)
        return paths

    try:
        with ThreadPoolExecutor(threads()) as pool:
            starts = list(pool.map(settled, range(len(theta.base_rate))))
    except ImpossibleRecord as error:
        names = ", ".join(f"'{lowered.events[event]}'" for event in error.events)
        msg = (
            f"no course of {names} was found that agrees with the evidence: ask for a date from "
            "as_of on, or estimate with method='paths'"
        )
        raise QueryError(msg) from error
    return futures_of(lowered, theta, starts, seed=seed, least=COURSES)


def known_at(lowered: Lowered, event: int, time: float) -> bool:
    """Return whether what is known of an event for sure tells its state at a time."""
    record, kind = lowered.record, lowered.structure.kind[event]
    own = record.known_event == event
    begin, end, on = (
        part[own] for part in (record.known_from, record.known_to, record.known_value)
    )
    covered = bool(((begin <= time) & (time <= end)).any())
    if kind == FACT:
        return len(on) > 0 or lowered.structure.initially[event] >= 0
    if kind == ONSET:  # on ever since, and off until then
        covered |= bool((begin[on == 1] <= time).any() or (end[on == 0] >= time).any())
        covered |= lowered.structure.initially[event] == 1
    return covered


def least_error(lowered: Lowered, event: int, along: Along, time: float = np.inf) -> float:
    """Return an error for states read off sampled paths: on in all of them is no proof.

    It is one over the number of all sweeps. A `time` before the cut-off is one in hindsight.
    """
    if time < lowered.now:
        each = along.each / along.sweeps / len(along.futures.initial)
        return 0.0 if known_at(lowered, event, time) else each
    record, now, kind = lowered.record, lowered.now, lowered.structure.kind[event]
    known = (record.known_event == event) & (record.known_from <= now) & (now <= record.known_to)
    for_good = kind == FACT or (record.known_value[known] == 1).any()
    initially = lowered.structure.initially[event]
    if (kind == FACT and initially >= 0) or (kind == ONSET and initially == 1):
        return 0.0
    if known.any() and kind != STATE and (for_good or is_integrated(lowered, event)):
        return 0.0
    return along.each / along.sweeps / len(along.futures.initial)


def chances_along(
    lowered: Lowered, theta: Parameters, events: Sequence[int], times: Floats, along: Along
) -> Floats:
    """Return chances along whole paths, shape (half, draw, event, time).

    Onsets that act on no other evidence are integrated out from the cut-off on. Times before it,
    which may not be mixed with those after it, are read off the courses.
    """
    back = times[0] < lowered.now
    targets, integrated = aims_of(lowered, events)
    blocks = np.array_split(np.arange(len(theta.base_rate)), threads())

    def part(block: NDArray[np.intp]) -> Floats:
        found: Floats = chances_ahead(
            along.sampler.marks,
            theta,
            along.futures,
            (targets, integrated * (not back)),
            0.0 if back else lowered.now,
            times,
            block.astype(np.int64),
            2,
        )
        return found

    with ThreadPoolExecutor(len(blocks)) as pool:
        parts = list(pool.map(part, [block for block in blocks if len(block)]))
    return np.ascontiguousarray(np.concatenate(parts).swapaxes(0, 1))


def _question(
    lowered: Lowered, chosen: list[int], onset: set[int], held: int, times: Floats
) -> PathQuestion:
    _, _, after = past_of(lowered)
    order = after[np.argsort(lowered.record.item_time[after], kind="stable")]
    return PathQuestion(
        target=np.array(chosen, dtype=np.int64),
        integrated=np.array([int(event in onset) for event in chosen], dtype=np.int64),
        held=held,
        times=np.ascontiguousarray(times),
        item_event=lowered.record.item_event[order],
        item_time=lowered.record.item_time[order],
        item=order.astype(np.int64),
    )
