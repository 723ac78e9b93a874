"""Exact sweeps with points: what a record says if an event is on, or off, at given times.

A *point* says that an event is on, or off, at a time. It enters the record as an item whose chances
are 0 and 1, or 1 and 1 where it is switched off. One plan thus serves a question with and without
its condition, so that what follows from either agrees: to rounding where sweeps are cut at the same
times, and to the error of their steps where a question brings dates of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.engine._components import AnyPlan, build_plans
from forecast.engine._likelihood import Past, live_at, swept
from forecast.engine._problem import Parameters, Record, Structure
from forecast.engine._reach import tied_bits
from forecast.engine._relevance import Slices, Target, slices
from forecast.model._lower import Lowered
from forecast.time import DAYS_PER_YEAR

type Floats = NDArray[np.float64]

STEP = 7 / DAYS_PER_YEAR
"""The longest that the filter takes on the way to a forecast."""


class Case(NamedTuple):
    """A network and its record as they are asked about: as found, or after an intervention.

    Parameters
    ----------
    structure, record
        The network; what is known and said.
    now
        The cut-off, in years from the start.
    unheard
        Items of the record that say nothing here.
    """

    structure: Structure
    record: Record
    now: float
    unheard: frozenset[int] = frozenset()


def case_of(lowered: Lowered) -> Case:
    """Return the case as it was found."""
    return Case(lowered.structure, lowered.record, lowered.now)


class Point(NamedTuple):
    """An event is on, or off, as a time is reached (years from the start)."""

    event: int
    time: float
    on: bool


@dataclass(frozen=True)
class Reading:
    """What one sweep found.

    Parameters
    ----------
    log_likelihood
        Of the plans that matter to the question, the points in force included, shape (draw,).
    states
        For each time asked, the joint states of each component that has something asked live
        there: its live events, lowest bit first, and its chances, shape (state, draw).
    known
        The state of each asked event that is known at a time, by (event, time).
    """

    log_likelihood: Floats
    states: dict[float, list[tuple[list[int], Floats]]]
    known: dict[tuple[int, float], int]

    def chance(self, event: int, time: float) -> Floats:
        """Return P(event on at a time | record, points), shape (draw,)."""
        for live, states in self.states[time]:
            if event in live:
                return chance_on(states, live.index(event))
        return np.full(len(self.log_likelihood), float(self.known[event, time]))

    def joint(self, events: Sequence[int], time: float) -> Floats:
        """Return the chance of each combination of events at a time, shape (combination, draw).

        Bit b of a combination is event b of `events`.
        """
        settled = sum(
            (self.known[event, time] == 1) << bit
            for bit, event in enumerate(events)
            if (event, time) in self.known
        )
        cells = np.zeros((2 ** len(events), len(self.log_likelihood)))
        cells[settled] = 1.0
        for live, states in self.states[time]:
            if set(live) & set(events):
                cells = _spread(cells, states, live, events)
        return cells


def _spread(cells: Floats, states: Floats, live: list[int], events: Sequence[int]) -> Floats:
    """Return the cells spread over the joint states of one more, independent, component."""
    here = [(live.index(event), bit) for bit, event in enumerate(events) if event in live]
    number = np.arange(len(states))
    moved = np.zeros(len(states), dtype=np.int64)
    for position, bit in here:
        moved |= ((number >> position) & 1) << bit
    spread = np.zeros_like(cells)
    for target in np.unique(moved):
        chance = states[moved == target].sum(axis=0)
        for cell in np.flatnonzero(cells.any(axis=1)):
            spread[cell | target] += cells[cell] * chance
    return spread


@dataclass(frozen=True)
class Sweep:
    """A question made ready: plans that hold its points and what it asks.

    Parameters
    ----------
    points
        In the order of their items, which follow those of the record.
    asked
        Times and events to read off.
    plans
        Those that hold a point or something asked.
    whole
        All events over time.
    bits
        The most events that are live and tied together at once.
    """

    case: Case
    points: tuple[Point, ...]
    asked: tuple[Target, ...]
    plans: tuple[AnyPlan, ...]
    whole: Slices
    bits: int

    def read(self, theta: Parameters, in_force: Sequence[bool] | None = None) -> Reading:
        """Return what the record says with some of the points in force (all, unless given)."""
        states: dict[float, list[tuple[list[int], Floats]]] = {t.time: [] for t in self.asked}
        log_likelihood = np.zeros(len(theta.base_rate))
        for log_chance, found in self.by_plan(theta, in_force):
            log_likelihood += log_chance
            for time, live, part in found:
                states[time].append((live, part))
        return Reading(log_likelihood, states, self.known)

    def by_plan(
        self,
        theta: Parameters,
        in_force: Sequence[bool] | None = None,
        past: Past | None = None,
    ) -> Iterator[tuple[Floats, list[tuple[float, list[int], Floats]]]]:
        """Yield each plan's log likelihood, and its joint states at the times asked of it.

        What is filtered of the `past` may serve other sweeps of the case, without points.
        """
        full = self._with_factors(theta, in_force)
        for plan in self.plans:
            times, lives = self._live_in(plan)
            states, log_chance = swept(plan, full, np.array(times), past)
            yield log_chance, list(zip(times, lives, states, strict=True))

    def log_likelihood(self, theta: Parameters, in_force: Sequence[bool] | None = None) -> Floats:
        """Return the log likelihood alone, for half the work, shape (draw,)."""
        full, nothing = self._with_factors(theta, in_force), np.zeros(0)
        return np.sum([swept(plan, full, nothing)[1] for plan in self.plans], axis=0)

    def _with_factors(self, theta: Parameters, in_force: Sequence[bool] | None) -> Parameters:
        chosen = [True] * len(self.points) if in_force is None else list(in_force)
        return theta._replace(factors=self._factors(theta, chosen))

    def _factors(self, theta: Parameters, chosen: Sequence[bool]) -> Floats:
        factors = theta.factors.copy()
        factors[:, sorted(self.case.unheard)] = 1.0
        column = np.ones((len(factors), len(self.points), 2))
        for i, (point, used) in enumerate(zip(self.points, chosen, strict=True)):
            if used:
                column[:, i, 0 if point.on else 1] = 0.0
        return np.ascontiguousarray(np.concatenate([factors, column], axis=1))

    def _live_in(self, plan: AnyPlan) -> tuple[list[float], list[list[int]]]:
        """Return the asked times at which a plan holds something asked, and what is live there."""
        times, lives = [], []
        for target in self.asked:
            live = live_at(plan, target.time)
            if set(live) & set(target.events):
                times.append(target.time)
                lives.append(live)
        return times, lives

    @cached_property
    def known(self) -> dict[tuple[int, float], int]:
        """The state of each asked event that is known at a time, by (event, time)."""
        found = {}
        for target in self.asked:
            cut = int(np.searchsorted(self.whole.cuts, target.time))
            live = {event for plan in self.plans for event in live_at(plan, target.time)}
            for event in target.events:
                if event not in live:
                    initially = int(self.case.structure.initially[event])
                    found[event, target.time] = self.whole.old_status(cut, event, initially)
        return found


def chance_on(states: Floats, bit: int) -> Floats:
    """Return the chance of one event from the chances of joint states, shape (state, draw)."""
    on = (np.arange(len(states)) >> bit) & 1 == 1
    return np.asarray(states[on].sum(axis=0))


def bits_of_sweep(
    case: Case,
    points: Sequence[Point],
    asked: Sequence[Target],
    grid: Floats,
    *,
    every: bool = False,
) -> int:
    """Return `Sweep.bits` of a question before it is made ready, which takes far longer.

    Parameters
    ----------
    case, points, asked, grid, every
        As for `plan_sweep`.
    """
    _, targets = _targets(asked, grid)
    whole = slices(case.structure, _with_points(case.record, points), targets)
    if every:
        return tied_bits(case.structure, whole)
    told = [*asked, *(Target(point.time, (point.event,)) for point in points)]
    live = {
        event
        for target in told
        for event in target.events
        if event in whole.old_live(int(np.searchsorted(whole.cuts, target.time)))
    }
    return tied_bits(case.structure, whole, live)


def _targets(
    asked: Sequence[Target], grid: Floats
) -> tuple[tuple[Target, ...], tuple[Target, ...]]:
    """Return what is asked, time by time, and with it the other times of the grid."""
    by_time: dict[float, set[int]] = {}
    for target in asked:
        by_time.setdefault(target.time, set()).update(target.events)
    merged = tuple(Target(t, tuple(sorted(by_time[t]))) for t in sorted(by_time))
    return merged, (*merged, *(Target(float(t), ()) for t in grid if float(t) not in by_time))


def plan_sweep(
    case: Case,
    points: Sequence[Point],
    asked: Sequence[Target],
    grid: Floats,
    *,
    every: bool = False,
    step: float = STEP,
) -> Sweep:
    """Return a question made ready.

    Parameters
    ----------
    case
        The network and its record.
    points
        Conditions, each to be switched on or off.
    asked
        Times and events to read off.
    grid
        Times at which every sweep is cut, those asked among them.
    every
        Keep all plans, so that the log likelihood is that of the whole record.
    step
        The longest of the filter, in years.
    """
    items = len(case.record.item_event)
    record = _with_points(case.record, points)
    merged, targets = _targets(asked, grid)
    plans = build_plans(case.structure, record, max_step=step, targets=targets)
    used = [
        plan
        for plan in plans
        if every
        or (plan.item >= items).any()
        or any(set(live_at(plan, t.time)) & set(t.events) for t in merged)
    ]
    whole = slices(case.structure, record, targets)
    bits = max((int(plan.bits.max()) for plan in used), default=0)
    return Sweep(case, tuple(points), merged, tuple(used), whole, bits)


def _with_points(record: Record, points: Sequence[Point]) -> Record:
    if not points:
        return record
    more = len(points)
    tally = None if record.tally is None else np.append(record.tally, np.full(more, -1))
    return record._replace(
        item_event=np.append(record.item_event, [p.event for p in points]).astype(np.int64),
        item_time=np.append(record.item_time, [p.time for p in points]),
        item_from=np.append(record.first_time, [p.time for p in points]),
        tally=tally,
    )
