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

from forecast.engine.likelihood import log_likelihoods, smoothed
from forecast.engine.passing import passed
from forecast.engine.paths import Paths, PathSampler, make_sampler
from forecast.engine.paths.ahead import chances_ahead
from forecast.engine.paths.futures import Futures, sample_futures
from forecast.engine.plan import build_plans
from forecast.engine.reach import MOST_FILTER_BITS, bits_needed, tied_bits
from forecast.engine.relevance import Target, frame, slices
from forecast.engine.simulate import NOT_HELD, PathQuestion, forecast_along_paths, wiring
from forecast.engine.structure import FACT, ONSET, STATE, Parameters, Record
from forecast.model.lower import Lowered
from forecast.seeds import child_seed, generator
from forecast.threads import threads
from forecast.time import DAYS_PER_YEAR

__all__ = ["EXACT_BITS", "Along", "Chances", "futures_of", "outlook", "states_now"]

type Floats = NDArray[np.float64]

EXACT_BITS = 8
EXACT_TOLD_BITS = 12  # for events that evidence on the future weighs: along paths they are noisy
PATHS = 16
SOME_DRAWS = 32
QUICK = 1000  # turns of all events in all: with fewer, the filter's work follows from its bits
MOST_WORK = 1e11  # products of a state and a hazard: some minutes of one core
FORECAST_STEP = 7 / DAYS_PER_YEAR


@dataclass(frozen=True)
class Chances:
    """P(event on at a time | parameters, evidence).

    Parameters
    ----------
    mean
        Shape (draw, event, time).
    variance
        Monte Carlo variance of each, zero where exact; same shape.
    """

    mean: Floats
    variance: Floats


@dataclass(frozen=True)
class Along:
    """Whole paths of all events for each draw, and the problem that they solve."""

    sampler: PathSampler
    futures: Futures


def outlook(
    lowered: Lowered,
    theta: Parameters,
    events: Sequence[int],
    times: Floats,
    *,
    seed: int,
    along: Along | None = None,
) -> Chances:
    """Return the chances of events at times.

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
    """
    draws = len(theta.base_rate)
    mean = np.zeros((draws, len(events), len(times)))
    variance, floor = np.zeros_like(mean), np.zeros(len(events))
    position = {event: i for i, event in enumerate(events)}
    exact, far = _groups(lowered, events, times, sampled=along is not None)
    for group in [group for group in exact if not _affordable(lowered, theta, group, times)]:
        exact.remove(group)
        far.extend(group)
    for group in exact:
        for event, chance in _exact(lowered, theta, group, times).items():
            mean[:, position[event]] = chance
    if far and along is not None:
        rows = [position[event] for event in far]
        mean[:, rows], variance[:, rows] = _along_futures(lowered, theta, far, times, along)
        floor[rows] = [_least_variance(lowered, event, draws) for event in far]
    elif far:
        for chosen, found in _along_paths(lowered, theta, far, times, seed):
            rows = [position[event] for event in chosen]
            mean[:, rows], variance[:, rows] = found
    return Chances(_without_noise(mean, variance), variance + floor[:, None])


def _without_noise(mean: Floats, variance: Floats) -> Floats:
    """Shrink draws to their mean by the part of their spread that is simulation noise."""
    total = mean.var(axis=0, keepdims=True)
    noise = variance.mean(axis=0, keepdims=True)
    keep = np.sqrt(np.clip(1 - noise / np.where(total > 0, total, 1.0), 0.0, 1.0))
    centre = mean.mean(axis=0, keepdims=True)
    return np.clip(np.where(noise > 0, centre + keep * (mean - centre), mean), 0.0, 1.0)


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


def _past(lowered: Lowered) -> tuple[Record, NDArray[np.intp], NDArray[np.intp]]:
    """Return the record up to the cut-off, and which items lie before and after it."""
    record = lowered.record
    before = np.flatnonzero(record.item_time <= lowered.now)
    after = np.flatnonzero(record.item_time > lowered.now)
    past = record.with_items(before)
    return past, before, after


def states_now(lowered: Lowered, theta: Parameters, seed: int) -> NDArray[np.int64]:
    """Return states of all events at the cut-off, drawn from the filter: (draw, path, event)."""
    structure, now = lowered.structure, lowered.now
    past, before, _ = _past(lowered)
    everyone = range(len(structure.kind))
    targets = (Target(now, tuple(everyone)),)
    seen = theta._replace(factors=np.ascontiguousarray(theta.factors[:, before]))
    draws = len(theta.base_rate)
    states = np.zeros((draws, PATHS, len(structure.kind)), dtype=np.int64)
    whole = slices(structure, past, targets)
    cut = int(np.searchsorted(whole.cuts, now))
    for event in everyone:
        states[:, :, event] = whole.old_status(cut, event, int(structure.initially[event]))
    plans = build_plans(structure, past, max_step=FORECAST_STEP, targets=targets)
    for index, plan in enumerate(plans):
        at = int(np.searchsorted(plan.cuts, now))
        if at >= len(plan.cuts) or plan.cuts[at] != now or not plan.live_before(at):
            continue
        chance = smoothed(plan, seen, np.array([now]))[0]  # (state, draw)
        uniforms = generator(seed, "state", index).uniform(size=(draws, PATHS))
        level = np.cumsum(chance, axis=0)
        chosen = (level[:, :, None] < uniforms[None]).sum(axis=0)  # (draw, path)
        chosen = np.minimum(chosen, len(chance) - 1)
        for bit, event in enumerate(plan.live_before(at)):
            states[:, :, event] = (chosen >> bit) & 1
    return states


def _along_paths(
    lowered: Lowered, theta: Parameters, events: Sequence[int], times: Floats, seed: int
) -> list[tuple[list[int], tuple[Floats, Floats]]]:
    """Return groups of events and their chances along simulated paths, with the variance.

    One set of paths serves all events but those that are onsets on a cycle: such an event is
    integrated out along paths of its own, on which it is held off.
    """
    states = states_now(lowered, theta, seed)
    _, _, after = _past(lowered)
    items = log_likelihoods(lowered.plans(), theta)[:, after]
    chance_told = np.exp(items.sum(axis=1))  # of the future, given the past
    told = _told(lowered)
    onset = {e for e in events if lowered.structure.kind[e] == ONSET and e not in told}
    held = sorted(e for e in onset if e in _ancestors(lowered, _parents(lowered, e)))
    together = [e for e in events if e not in held]
    runs = [([e], e) for e in held] + ([(together, NOT_HELD)] if together else [])
    blocks = np.array_split(np.arange(len(theta.base_rate)), threads())

    def run(chosen: list[int], held_event: int) -> tuple[Floats, Floats]:
        question = _question(lowered, chosen, onset, held_event, times)
        simulated = sorted(told | _ancestors(lowered, set(chosen)))
        w = wiring(lowered.structure, simulated)

        def part(block: NDArray[np.intp]) -> tuple[Floats, Floats]:
            some = Parameters(*(np.ascontiguousarray(field[block]) for field in theta))
            first = child_seed(seed, "paths") + int(block[0]) * PATHS
            found: tuple[Floats, Floats] = forecast_along_paths(
                w, question, some, states[block], chance_told[block], lowered.now, first
            )
            return found

        with ThreadPoolExecutor(len(blocks)) as pool:
            parts = list(pool.map(part, [block for block in blocks if len(block)]))
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

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
    return Along(sampler, sample_futures(sampler, theta, starts, PATHS, horizon, seeds))


def _least_variance(lowered: Lowered, event: int, draws: int) -> float:
    """Return a variance for states read off sampled paths: on in all of them is no proof.

    It makes the error of the mean over draws at least one over the number of all paths.
    """
    record, now, kind = lowered.record, lowered.now, lowered.structure.kind[event]
    known = (record.known_event == event) & (record.known_from <= now) & (now <= record.known_to)
    for_good = kind == FACT or (record.known_value[known] == 1).any()
    initially = lowered.structure.initially[event]
    if (kind == FACT and initially >= 0) or (kind == ONSET and initially == 1):
        return 0.0
    if known.any() and kind != STATE and (for_good or _integrated(lowered, event)):
        return 0.0
    return 1.0 / (draws * PATHS**2)


def _integrated(lowered: Lowered, event: int) -> bool:
    """Return whether an event can be integrated out along the paths of its ancestors."""
    return (
        lowered.structure.kind[event] == ONSET
        and event not in _told(lowered)
        and event not in _ancestors(lowered, _parents(lowered, event))
    )


def _along_futures(
    lowered: Lowered, theta: Parameters, events: Sequence[int], times: Floats, along: Along
) -> tuple[Floats, Floats]:
    """Return chances along whole paths; onsets that act on no other evidence are integrated out."""
    starts = [lowered.now if _integrated(lowered, event) else np.inf for event in events]
    blocks = np.array_split(np.arange(len(theta.base_rate)), threads())

    def part(block: NDArray[np.intp]) -> tuple[Floats, Floats]:
        found: tuple[Floats, Floats] = chances_ahead(
            along.sampler.problem,
            theta,
            along.futures,
            np.array(events, dtype=np.int64),
            np.array(starts),
            times,
            block.astype(np.int64),
        )
        return found

    with ThreadPoolExecutor(len(blocks)) as pool:
        parts = list(pool.map(part, [block for block in blocks if len(block)]))
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _told(lowered: Lowered) -> set[int]:
    """Return the events that what is told of the future bears on, directly or not."""
    _, _, after = _past(lowered)
    return _ancestors(lowered, set(lowered.record.item_event[after].tolist()))


def _question(
    lowered: Lowered, chosen: list[int], onset: set[int], held: int, times: Floats
) -> PathQuestion:
    _, _, after = _past(lowered)
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
