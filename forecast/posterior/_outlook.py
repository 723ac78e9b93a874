"""Chances of events at times, draw by draw: exact where few events are involved, else along paths.

An event's forecast needs its ancestors and whatever evidence reaches beyond the cut-off. Where
these fit the filter, its chance given the parameters is exact; beyond that it is integrated out
along simulated paths of its ancestors, whose states at the cut-off come from the filter, or along
the paths of the path sampler, where that made the draws. Of times before the cut-off whole courses
tell, which have seen all evidence.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.engine._components import build_plans, joined
from forecast.engine._elimination import fact_plan
from forecast.engine._likelihood import Past, fact_chances, passed
from forecast.engine._problem import Parameters, Structure
from forecast.engine._reach import MOST_FILTER_BITS, bits_needed, tied_over_time
from forecast.engine._relevance import Frame, Slices, Target, frame, nets_of, slices
from forecast.model._integrated import told_ahead
from forecast.model._lower import Lowered
from forecast.posterior._along import Along, by_event, chances_along, simulated_chances
from forecast.posterior._exact import STEP, case_of, chance_on, plan_sweep

type Floats = NDArray[np.float64]

EXACT_BITS = 8
EXACT_TOLD_BITS = 12  # for events that later evidence weighs: along paths they are noisy
SOME_DRAWS = 32
QUICK = 1000  # turns of all events in all: with fewer, the filter's work follows from its bits
MOST_WORK = 1e11  # products of a state and a hazard: some minutes of one core


def outlook(
    lowered: Lowered,
    theta: Parameters,
    events: Sequence[int],
    times: Floats,
    *,
    seed: int,
    along: Along | None = None,
    spread: bool = True,
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
    spread
        Whether the spread over draws is wanted, not their mean alone.

    Returns
    -------
    list of ndarray
        P(event on at a time | parameters, evidence), shape (part, draw, time): one part where it is
        exact; two, by half of the courses each, where it rests on simulated ones.
    """
    sampled, noisy = along is not None, told_ahead(lowered)
    found, far = _by_filter(lowered, theta, events, times, sampled=sampled, noisy=noisy)
    if far and along is not None:
        found |= by_event(far, chances_along(lowered, theta, far, times, along))
    elif far:
        found |= simulated_chances(lowered, theta, far, times, seed, spread=spread)
    return [found[event] for event in events]


def hindsight(
    lowered: Lowered,
    theta: Parameters,
    events: Sequence[int],
    times: Floats,
    whole: Callable[[], Along],
    *,
    sampled: bool,
) -> list[Floats]:
    """Return the chances of events at times before the cut-off, one array for each event.

    Parameters
    ----------
    lowered, theta, events, times
        As for `outlook`; all times are before the cut-off.
    whole
        Gives whole courses for these parameters, where the filter does not reach.
    sampled
        Whether the path sampler has made them anyway.

    Returns
    -------
    list of ndarray
        As `outlook` gives them: P(event on at a time | parameters, all evidence).
    """
    found, far = _by_filter(lowered, theta, events, times, sampled=sampled, noisy=events)
    if far:
        found |= by_event(far, chances_along(lowered, theta, far, times, whole()))
    return [found[event] for event in events]


def _by_filter(
    lowered: Lowered,
    theta: Parameters,
    events: Sequence[int],
    times: Floats,
    *,
    sampled: bool,
    noisy: Collection[int],
) -> tuple[dict[int, Floats], list[int]]:
    """Return the chances of the events that the filter reaches, and the events beyond it."""
    found = _settled(lowered, theta, events, times)
    others = [event for event in events if event not in found]
    exact, far = _groups(lowered, others, times, sampled=sampled, noisy=noisy)
    for group in [group for group in exact if not _affordable(lowered, theta, group, times)]:
        exact.remove(group)
        far.extend(group)
    past = Past(lowered.now) if times[0] >= lowered.now else None
    for group in exact:
        for event, chance in _exact(lowered, theta, group, times, past).items():
            found[event] = chance[None]
    return found, far


def _settled(
    lowered: Lowered, theta: Parameters, events: Sequence[int], times: Floats
) -> dict[int, Floats]:
    """Return the chances of facts that depend on each other, at all times the same.

    They are summed out in one go, whatever their number, where the filter reaches what else is
    told.
    """
    structure, record = lowered.structure, lowered.record
    facts = [] if structure.start is None else np.flatnonzero(structure.start.tied).tolist()
    wanted = sorted(set(events) & set(facts))
    if not wanted or record.counted.any() or bits_needed(structure, record) > MOST_FILTER_BITS:
        return {}
    if not _affordable(lowered, theta, [], times):
        return {}
    plans = build_plans(structure, record, max_step=STEP)
    found = fact_chances(plans, theta, wanted)
    left = set(wanted) - set(found)
    nets = (frozenset(net) for net in nets_of(structure))
    untold = [fact_plan(structure, record, net, ()) for net in nets if left & net]
    found |= fact_chances(untold, theta, left)
    return {e: np.repeat(one[None, :, None], len(times), axis=2) for e, one in found.items()}


def _targets(events: Sequence[int], times: Floats) -> tuple[Target, ...]:
    return tuple(Target(float(time), tuple(events)) for time in times)


def _groups(
    lowered: Lowered,
    events: Sequence[int],
    times: Floats,
    *,
    sampled: bool,
    noisy: Collection[int],
) -> tuple[list[list[int]], list[int]]:
    """Return groups of events that one exact sweep can serve, and events beyond its reach.

    Where the paths are sampled anyway, no more is asked of the filter than is cheap; else more of
    it for events that are `noisy` along paths, and as much as the evidence asks of it in any case:
    before the cut-off and from there on, since evidence of some weeks may tie more events than can
    be followed through years.
    """
    horizon = times[-1:] if times[-1] >= lowered.now else times
    groups: list[list[int]] = []
    far: list[int] = []
    structure, record = lowered.structure, lowered.record
    needed = _tied(structure, slices(structure, record, _targets((), horizon)), lowered.now)
    if record.counted.any() or needed.most > MOST_FILTER_BITS:
        return [], list(events)

    noisy = set(noisy)

    def within(event: int, tied: Tied) -> bool:
        if sampled:
            return tied.most <= EXACT_BITS
        most = EXACT_TOLD_BITS if event in noisy else EXACT_BITS
        return tied.before <= max(most, needed.before) and tied.ahead <= max(most, needed.ahead)

    # Events that no link joins, however far round, are tied by nothing: each lot by itself.
    for lot in joined(structure):
        framed = frame(structure, record, _targets((), horizon), lot)

        def tied(chosen: Sequence[int], framed: Frame = framed) -> Tied:
            sliced = framed.slices(_targets(chosen, horizon))
            return _tied(structure, sliced, lowered.now, set(chosen) if sampled else None)

        own: list[tuple[list[int], Tied]] = []
        for event in (event for event in events if event in lot):
            alone = tied([event])
            if not within(event, alone):
                far.append(event)
                continue
            for place, (group, before) in enumerate(own):
                both = tied([*group, event])
                if within(event, both) and both.work <= before.work + alone.work:
                    own[place] = ([*group, event], both)
                    break
            else:
                own.append(([event], alone))
        for place, (group, _) in enumerate(own):
            if place < len(groups):
                groups[place] += group
            else:
                groups.append(group)
    return groups, far


class Tied(NamedTuple):
    """What a sweep has to carry.

    Parameters
    ----------
    before, ahead
        The most events of unknown state that are live and tied together at once, before the
        cut-off and from there on.
    work
        Joint states times steps.
    """

    before: int
    ahead: int
    work: float

    @property
    def most(self) -> int:
        """The most of all times."""
        return max(self.before, self.ahead)


def _tied(
    structure: Structure, sliced: Slices, now: float, asked: AbstractSet[int] | None = None
) -> Tied:
    """Return what a sweep has to carry whose live events are known."""
    tied, cuts = tied_over_time(structure, sliced, asked), sliced.cuts
    later = np.append(False, cuts[:-1] >= now)
    steps = np.append(1.0, np.ceil(np.diff(cuts) / STEP))
    return Tied(
        before=int(tied[~later].max(initial=0)),
        ahead=int(tied[later].max(initial=0)),
        work=float(np.exp2(tied) @ steps),
    )


def _affordable(lowered: Lowered, theta: Parameters, events: Sequence[int], times: Floats) -> bool:
    """Return whether exact chances of events take no more work than is worth it."""
    some = Parameters(*(field[:: max(1, len(field) // SOME_DRAWS)] for field in theta))
    quickest = (some.base_rate.sum(axis=1) + some.off_rate.sum(axis=1)).max(initial=0.0)
    if quickest * max(times[-1], lowered.now) < QUICK:
        return True
    plans = build_plans(
        lowered.structure,
        lowered.record,
        max_step=STEP,
        targets=_targets(events, times),
    )
    return passed(plans, some).work * len(theta.base_rate) < MOST_WORK


def _exact(
    lowered: Lowered,
    theta: Parameters,
    events: Sequence[int],
    times: Floats,
    past: Past | None,
) -> Mapping[int, Floats]:
    """Return each event's chance at each time by smoothing, shape (draw, time)."""
    sweep = plan_sweep(case_of(lowered), [], _targets(events, times), times)
    place = {time: t for t, time in enumerate(times.tolist())}
    chances = {event: np.empty((len(theta.base_rate), len(times))) for event in events}
    for (event, time), state in sweep.known.items():
        chances[event][:, place[time]] = state
    for _, found in sweep.by_plan(
        theta, past=past
    ):  # plan by plan: all of them at once fill the memory
        for time, live, states in found:
            for event in set(live) & set(events):
                chances[event][:, place[time]] = chance_on(states, live.index(event))
    return chances
