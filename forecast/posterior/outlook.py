"""Chances of events at times, draw by draw: exact where few events are involved, else along paths.

An event's forecast needs its ancestors and whatever evidence reaches beyond the cut-off. Where
these fit the filter, its chance given the parameters is exact; beyond that it is integrated out
along simulated paths of its ancestors, whose states at the cut-off come from the filter, or along
the paths of the path sampler, where that made the draws.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.engine.course import Courses
from forecast.engine.likelihood import log_likelihoods, passed, smoothed
from forecast.engine.paths import Paths, PathSampler, make_sampler
from forecast.engine.paths.futures import chances_ahead, sample_futures
from forecast.engine.plan import build_plans
from forecast.engine.problem import FACT, ONSET, STATE, Parameters
from forecast.engine.relevance import (
    MOST_FILTER_BITS,
    Target,
    bits_needed,
    frame,
    slices,
    tied_bits,
)
from forecast.engine.simulate import NOT_HELD, PathQuestion, forecast_along_paths, wiring
from forecast.model.lower import Lowered
from forecast.posterior.alike import alike
from forecast.posterior.now import now_of, past_of
from forecast.seeds import child_seed
from forecast.threads import threads
from forecast.time import DAYS_PER_YEAR

__all__ = ["EXACT_BITS", "Along", "courses", "futures_of", "outlook"]

type Floats = NDArray[np.float64]

EXACT_BITS = 8
EXACT_TOLD_BITS = 12  # for events that evidence on the future weighs: along paths they are noisy
COURSES = 2**15
"""Simulated courses of events that a question rests on at the least, over all draws: chances read
off so many have an error of at most 0.003."""
FEWEST_COURSES = 16  # a draw: with fewer, what is noise and what is not cannot be told apart
MOST_NOISE = 0.01
"""By how much noise may widen the spread over draws before more courses are simulated."""
ROUNDS = (1, 2, 4, 8)  # times as many courses as at first
SWEEPS = (8, 64)  # a draw of the path sampler: the fewest, which larger networks take, and most
SWEEP_WORK = 300.0  # sweeps times events of a draw, within these limits
FUTURES = 32
"""Of a draw of the path sampler: where there are fewer sweeps, each is carried on several times,
which costs a fraction of a sweep in larger networks."""
SOME_DRAWS = 32
QUICK = 1000  # turns of all events in all: with fewer, the filter's work follows from its bits
MOST_WORK = 1e11  # products of a state and a hazard: some minutes of one core
FORECAST_STEP = 7 / DAYS_PER_YEAR


@dataclass(frozen=True)
class Along:
    """Whole paths of all events for each draw, and the problem that they solve."""

    sampler: PathSampler
    futures: Courses
    each: int  # courses, of each draw
    sweeps: int  # of each draw


def outlook(
    lowered: Lowered,
    theta: Parameters,
    events: Sequence[int],
    times: Floats,
    *,
    seed: int,
    along: Along | None = None,
) -> list[Floats]:
    """Return the chances of events at times, one array for each event.

    Parameters
    ----------
    lowered
        The network and its evidence.
    theta
        Parameters with a leading draw dimension.
    events
        Indices.
    times
        Rising, in years from the start.
    seed
        Of the simulated paths.
    along
        The paths of the path sampler for these parameters, from `futures_of`.

    Returns
    -------
    list of ndarray
        P(event on at a time | parameters, evidence), shape (part, draw, time): one part where it is
        exact; two, by half of the courses each, where it rests on simulated ones.
    """
    found: dict[int, Floats] = {}
    exact, far = _groups(lowered, events, times, sampled=along is not None)
    for group in [group for group in exact if not _affordable(lowered, theta, group, times)]:
        exact.remove(group)
        far.extend(group)
    for group in exact:
        for event, chance in _exact(lowered, theta, group, times).items():
            found[event] = chance[None]
    if far and along is not None:
        found |= _by_event(far, _along_futures(lowered, theta, far, times, along))
    elif far:
        found |= _simulated(lowered, theta, far, times, seed)
    return [found[event] for event in events]


def _by_event(events: Sequence[int], parts: Floats) -> dict[int, Floats]:
    """Return each event's part of an array of shape (part, draw, event, time)."""
    return {event: np.ascontiguousarray(parts[:, :, i]) for i, event in enumerate(events)}


def _targets(events: Sequence[int], times: Floats) -> tuple[Target, ...]:
    return tuple(Target(float(time), tuple(events)) for time in times)


def _groups(
    lowered: Lowered, events: Sequence[int], times: Floats, *, sampled: bool
) -> tuple[list[list[int]], list[int]]:
    """Return groups of events that one exact sweep can serve, and events beyond its reach.

    Where the paths are sampled anyway, no more is asked of the filter than is cheap.
    """
    horizon = times[-1:]
    groups: list[list[int]] = []
    far: list[int] = []
    structure, record = lowered.structure, lowered.record
    floor = bits_needed(structure, record)
    if lowered.record.counted.any() or floor > MOST_FILTER_BITS:
        return [], list(events)

    framed = frame(structure, record, _targets((), horizon))

    def bits(chosen: Sequence[int]) -> int:
        sliced = framed.slices(_targets(chosen, horizon))
        return tied_bits(structure, sliced, set(chosen) if sampled else None)

    told = _told(lowered)
    for event in events:
        limit = max(EXACT_TOLD_BITS if event in told else EXACT_BITS, floor)
        if sampled:
            limit = EXACT_BITS
        for group in groups:
            if bits([*group, event]) <= limit:
                group.append(event)
                break
        else:
            if bits([event]) <= limit:
                groups.append([event])
            else:
                far.append(event)
    return groups, far


def _affordable(lowered: Lowered, theta: Parameters, events: Sequence[int], times: Floats) -> bool:
    """Return whether exact chances of events take no more work than is worth it."""
    some = Parameters(*(field[:: max(1, len(field) // SOME_DRAWS)] for field in theta))
    quickest = (some.base_rate.sum(axis=1) + some.off_rate.sum(axis=1)).max(initial=0.0)
    if quickest * times[-1] < QUICK:
        return True
    plans = build_plans(
        lowered.structure,
        lowered.record,
        max_step=FORECAST_STEP,
        targets=_targets(events, times),
    )
    return passed(plans, some).work * len(theta.base_rate) < MOST_WORK


def _exact(
    lowered: Lowered, theta: Parameters, events: Sequence[int], times: Floats
) -> Mapping[int, Floats]:
    """Return each event's chance at each time by smoothing, shape (draw, time)."""
    targets = _targets(events, times)
    structure, record = lowered.structure, lowered.record
    plans = build_plans(structure, record, max_step=FORECAST_STEP, targets=targets)
    whole = slices(structure, record, targets)
    chances = {event: np.empty((len(theta.base_rate), len(times))) for event in events}
    known = {event: np.ones(len(times), dtype=bool) for event in events}
    for plan in plans:
        cuts = np.searchsorted(plan.cuts, times)
        asked = [
            t
            for t, cut in enumerate(cuts)
            if cut < len(plan.cuts)
            and plan.cuts[cut] == times[t]
            and set(plan.live_before(int(cut))) & set(events)
        ]
        if not asked:
            continue
        for t, states in zip(asked, smoothed(plan, theta, times[asked]), strict=True):
            for bit, event in enumerate(plan.live_before(int(cuts[t]))):
                if event in chances:
                    on = (np.arange(len(states)) >> bit) & 1 == 1
                    chances[event][:, t] = states[on].sum(axis=0)
                    known[event][t] = False
    for event in events:
        for t in np.flatnonzero(known[event]).tolist():
            cut = int(np.searchsorted(whole.cuts, times[t]))
            chances[event][:, t] = whole.old_status(cut, event, int(structure.initially[event]))
    return chances


def courses(draws: int) -> int:
    """Return how many courses are simulated for each of so many draws, an even number."""
    each = -(-COURSES // draws)
    return max(FEWEST_COURSES, each + each % 2)


def _simulated(
    lowered: Lowered, theta: Parameters, events: Sequence[int], times: Floats, seed: int
) -> dict[int, Floats]:
    """Return chances along simulated paths, of which there are more where noise makes a difference.

    Without an uncertain number all spread is noise, and none of it is taken for anything else.
    """
    free, now = ~alike(lowered, theta), now_of(lowered, theta)
    everyone = np.arange(len(theta.base_rate))
    found: dict[int, Floats] = {}
    asked, done = list(events), 0
    for rounds in ROUNDS:
        parts: dict[int, Floats] = {}
        for r in range(done, rounds):
            again = seed if r == 0 else child_seed(seed, "more courses", r)
            states = now.states(everyone, courses(len(everyone)), again)
            for chosen, one in _along_paths(lowered, theta, states, asked, times, again):
                for event, part in _by_event(chosen, one).items():
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
    such an event is integrated out along paths of its own, on which it is held off.
    """
    _, _, after = past_of(lowered)
    items = log_likelihoods(lowered.plans(), theta)[:, after]
    chance_told = np.exp(items.sum(axis=1))  # of the future, given the past
    told = _told(lowered)
    onset = {e for e in events if lowered.structure.kind[e] == ONSET and e not in told}
    held = sorted(e for e in onset if e in _ancestors(lowered, _parents(lowered, e)))
    together = [e for e in events if e not in held]
    runs = [([e], e) for e in held] + ([(together, NOT_HELD)] if together else [])
    blocks = np.array_split(np.arange(len(theta.base_rate)), threads())

    def run(chosen: list[int], held_event: int) -> Floats:
        question = _question(lowered, chosen, onset, held_event, times)
        simulated = sorted(told | _ancestors(lowered, set(chosen)))
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


def futures_of(lowered: Lowered, theta: Parameters, starts: Sequence[Paths], *, seed: int) -> Along:
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
    """
    sampler = make_sampler(lowered.structure, lowered.record)
    seeds = [child_seed(seed, "futures", draw) for draw in range(len(starts))]
    horizon = lowered.structure.horizon
    fewest, most = SWEEPS
    sweeps = int(np.clip(SWEEP_WORK / len(lowered.events), fewest, most)) // 2 * 2
    number = sweeps, max(1, FUTURES // sweeps)
    futures = sample_futures(sampler, theta, starts, number, horizon, seeds)
    return Along(sampler, futures, number[0] * number[1], sweeps)


def least_error(lowered: Lowered, event: int, along: Along) -> float:
    """Return an error for states read off sampled paths: on in all of them is no proof.

    It is one over the number of all sweeps.
    """
    record, now, kind = lowered.record, lowered.now, lowered.structure.kind[event]
    known = (record.known_event == event) & (record.known_from <= now) & (now <= record.known_to)
    for_good = kind == FACT or (record.known_value[known] == 1).any()
    initially = lowered.structure.initially[event]
    if (kind == FACT and initially >= 0) or (kind == ONSET and initially == 1):
        return 0.0
    if known.any() and kind != STATE and (for_good or _integrated(lowered, event)):
        return 0.0
    return along.each / along.sweeps / len(along.futures.initial)


def _integrated(lowered: Lowered, event: int) -> bool:
    """Return whether an event can be integrated out along the paths of its ancestors."""
    return (
        lowered.structure.kind[event] == ONSET
        and event not in _told(lowered)
        and event not in _ancestors(lowered, _parents(lowered, event))
    )


def _along_futures(
    lowered: Lowered, theta: Parameters, events: Sequence[int], times: Floats, along: Along
) -> Floats:
    """Return chances along whole paths, shape (half, draw, event, time).

    Onsets that act on no other evidence are integrated out.
    """
    integrated = [int(_integrated(lowered, event)) for event in events]
    blocks = np.array_split(np.arange(len(theta.base_rate)), threads())

    def part(block: NDArray[np.intp]) -> Floats:
        found: Floats = chances_ahead(
            along.sampler.marks,
            theta,
            along.futures,
            (np.array(events, dtype=np.int64), np.array(integrated, dtype=np.int64)),
            lowered.now,
            times,
            block.astype(np.int64),
        )
        return found

    with ThreadPoolExecutor(len(blocks)) as pool:
        parts = list(pool.map(part, [block for block in blocks if len(block)]))
    return np.concatenate(parts, axis=1)


def _told(lowered: Lowered) -> set[int]:
    """Return the events that what is told of the future bears on, directly or not."""
    _, _, after = past_of(lowered)
    return _ancestors(lowered, set(lowered.record.item_event[after].tolist()))


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


def _parents(lowered: Lowered, event: int) -> set[int]:
    return set(lowered.structure.link_parent[lowered.structure.link_child == event].tolist())


def _ancestors(lowered: Lowered, events: set[int]) -> set[int]:
    found, queue = set(events), list(events)
    while queue:
        child = queue.pop()
        for parent in lowered.structure.link_parent[lowered.structure.link_child == child]:
            if int(parent) not in found:
                found.add(int(parent))
                queue.append(int(parent))
    return found
