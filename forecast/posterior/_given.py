"""Questions of several events: under conditions, after interventions, together, one before another.

Each is answered by an exact sweep where that is in reach, and else by counting simulated worlds.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecast.engine._problem import ONSET, PREVENTS, Parameters, Structure
from forecast.engine._relevance import Target
from forecast.errors import QueryError
from forecast.model._factors import openings
from forecast.posterior._along import alike
from forecast.posterior._conditions import Imposed, in_time, intervened
from forecast.posterior._draws import Draws
from forecast.posterior._exact import (
    Case,
    Point,
    Sweep,
    bits_of_sweep,
    case_of,
    plan_sweep,
)
from forecast.posterior._probability import Estimates, Probability
from forecast.posterior._worlds import Worlds, simulated_worlds
from forecast.time import day_label

type Floats = NDArray[np.float64]


MOST_BITS = 13
"""Events of unknown state, tied together at once, that a question may involve; else worlds."""
MOST_CELLS = 2**20
"""States times draws in one sweep: the more events are involved, the fewer draws are used."""
FEW_CELLS = 2**19
"""The same where sampled courses answer too."""
FEW = 100.0
"""Effective draws below which an answer says so."""
FEW_WORLDS = 6.0
"""Effective courses of a draw below which an answer says so."""
MOST_EVENTS = 10


def supposed_probability(
    draws: Draws,
    event: int,
    by: datetime,
    points: Sequence[Point] = (),
    imposed: Sequence[Imposed] = (),
) -> Probability:
    """Return the probability that an event is on at a time, under conditions.

    Raises
    ------
    QueryError
        If what is given is impossible.
    """
    time = draws.calendar.years(by)
    if max([time, *(point.time for point in points)]) < draws.lowered.now:
        imposed = ()  # what is brought about later leaves all that is asked about as it was
    if not points and not imposed:
        return draws.one(event, by)
    past = time < draws.lowered.now
    forced = next((one for one in imposed if one.event == event and not past), None)
    if forced is not None and not points:
        sure = np.full((1, len(draws.batch)), float(forced.on_from <= time))
        return Probability.of(Estimates(sure, draws.batch))
    case = intervened(case_of(draws.lowered), imposed, openings(draws.lowered.factors))
    sweep = reachable(draws, case, points, [Target(time, (event,))])
    if sweep is None:
        return _along_worlds(draws, event, time, points, imposed)
    theta, where, batch = _used(draws, sweep)
    theta = in_time(theta, draws.lowered, imposed)
    reading = sweep.read(theta)
    chance = np.clip(reading.chance(event, time), 0.0, 1.0)[where]
    if not points:
        return Probability.of(Estimates(chance[None], batch))
    if forced is not None:
        chance = np.full(len(where), float(forced.on_from <= time))
    known = _implied(draws, event, time, points)
    if known is not None:  # without the rounding of the sweep
        chance = np.full(len(where), float(known))
    log_chance = reading.log_likelihood - sweep.log_likelihood(theta, [False] * len(points))
    if not np.isfinite(log_chance).any():
        raise impossible(draws, sweep, theta)
    log_chance = log_chance[where]
    possible = np.isfinite(log_chance)
    weights = np.where(possible, np.exp(log_chance - log_chance[possible].max()), 0.0)
    hits = np.where(possible, chance, 0.0) * weights
    estimates = Estimates(hits[None], batch, weights[None])
    return Probability.of(estimates, _few(draws, estimates))


def _implied(draws: Draws, event: int, time: float, points: Sequence[Point]) -> bool | None:
    """Return whether what is given of an event itself says that it is on, or off; else None."""
    lasts = draws.lowered.structure.kind[event] == ONSET
    for point in points:
        if point.event == event and (
            point.time == time or (lasts and (point.time < time) == point.on)
        ):
            return point.on
    return None


def _along_worlds(
    draws: Draws,
    event: int,
    time: float,
    points: Sequence[Point],
    imposed: Sequence[Imposed],
) -> Probability:
    """Return the same by counting worlds; draws are weighed by the share that meets the points."""
    worlds = simulated_worlds(draws, [time, *(point.time for point in points)], imposed)
    meet = worlds.meet(points)
    if not (worlds.weights[meet] > 0).any():
        msg = (
            f"none of {len(meet):,} simulated courses of events agrees with what is given: it is "
            "impossible or next to it. Give less, or later dates"
        )
        raise QueryError(msg)
    return counted(draws, worlds, worlds.on(event, time), meet)


def joint_chances(draws: Draws, events: Sequence[int], by: datetime) -> list[Probability]:
    """Return the chance of each combination; bit b of a combination is event b of `events`.

    Raises
    ------
    QueryError
        If there are more events than a table of all combinations is good for.
    """
    if len(events) > MOST_EVENTS:
        msg = (
            f"a table of {len(events)} events has {2 ** len(events):,} rows, and at most "
            f"{MOST_EVENTS} events are taken: ask for fewer, or for the most probable scenarios"
        )
        raise QueryError(msg)
    time = draws.calendar.years(by)
    sweep = reachable(draws, case_of(draws.lowered), [], [Target(time, tuple(events))])
    if sweep is None:
        return _counted(draws, events, time)
    theta, where, batch = _used(draws, sweep)
    cells = sweep.read(theta).joint(events, time)  # (combination, draw)
    return [Probability.of(Estimates(cell[None, where], batch)) for cell in cells]


def probability_before(draws: Draws, pair: tuple[int, int], by: datetime) -> Probability:
    """Return the probability that one onset has happened by a time, and before another.

    Raises
    ------
    QueryError
        If either is no onset, or both are the same.
    """
    first, second = pair
    _check(draws, pair)
    case, time = case_of(draws.lowered), draws.calendar.years(by)
    point, everyone = Point(first, time, on=True), [Target(time, (first, second))]
    race = reachable(draws, raced(case, pair), [point], everyone, every=True)
    if race is None:
        worlds = simulated_worlds(draws, [time])
        both = np.isneginf(worlds.onset(first)) & np.isneginf(worlds.onset(second))
        if worlds.begin > 0 and both.any():  # on as the courses begin: which came first?
            worlds = simulated_worlds(draws, [0.0, time])
        earlier = worlds.onset(first) < worlds.onset(second)
        return counted(draws, worlds, earlier & worlds.on(first, time))
    plain = plan_sweep(case, [point], everyone, grid_of(draws, [time]), every=True)
    theta, where, batch = _used(draws, race)
    extra = np.ones((len(theta.effect), 1))
    with_gate = theta._replace(effect=np.concatenate([theta.effect, extra], axis=1))
    log_ratio = race.log_likelihood(with_gate) - plain.log_likelihood(theta, [False])
    chance = np.clip(np.exp(log_ratio), 0.0, 1.0)[where]
    return Probability.of(Estimates(chance[None], batch))


def _check(draws: Draws, pair: Sequence[int]) -> None:
    events, kinds = draws.lowered.events, draws.lowered.structure.kind
    for event in pair:
        if kinds[event] != ONSET:
            kind = draws.lowered.network.nodes[event].kind
            msg = (
                f"'{events[event]}' is a {kind}, and only onsets have a time that comes before "
                "another: ask for two onsets"
            )
            raise QueryError(msg)
    if pair[0] == pair[1]:
        msg = f"'{events[pair[0]]}' cannot come before itself: ask for two events"
        raise QueryError(msg)


def raced(case: Case, pair: tuple[int, int]) -> Case:
    """Return the case with a gate more: the second event prevents the first."""
    structure: Structure = case.structure
    return case._replace(
        structure=structure._replace(
            link_kind=np.append(structure.link_kind, PREVENTS),
            link_parent=np.append(structure.link_parent, pair[1]),
            link_child=np.append(structure.link_child, pair[0]),
        )
    )


def reachable(
    draws: Draws,
    case: Case,
    points: Sequence[Point],
    asked: Sequence[Target],
    *,
    every: bool = False,
) -> Sweep | None:
    """Return a question made ready, or None where it is out of the exact filter's reach.

    Where there are sampled courses of all draws anyway, the filter has to answer for all of them,
    and quickly: what it saves in noise it would else lose by using fewer.
    """
    times = [*(target.time for target in asked), *(point.time for point in points)]
    grid = grid_of(draws, times)
    if case.record.counted.any():
        return None
    if out_of_reach(draws, bits_of_sweep(case, points, asked, grid, every=every)):
        return None
    return plan_sweep(case, points, asked, grid, every=every)


def out_of_reach(draws: Draws, bits: int) -> bool:
    """Return whether courses are counted where a question has so many tied events."""
    if draws.lowered.record.counted.any() or bits > MOST_BITS:
        return True
    return bool(draws.fitted.paths) and len(draws.batch) << bits > FEW_CELLS


def _used(draws: Draws, sweep: Sweep) -> tuple[Parameters, NDArray[np.intp], NDArray[np.intp]]:
    """Return the draws with which a question is answered exactly.

    They come each once, with where each of equally weighted draws is among them, and the batches of
    those.
    """
    number = MOST_CELLS >> sweep.bits
    return (*draws.picked(number), draws.batch[draws.some(number)])


def grid_of(draws: Draws, times: Sequence[float]) -> Floats:
    """Return where sweeps that ask for these times are cut."""
    return draws.calendar.grid([*times, *draws.lowered.record.item_time.tolist()])


def beyond(draws: Draws, bits: int) -> str:
    """Return why what needs so many tied events is beyond the exact filter; empty: it is not."""
    counted = draws.lowered.record.counted
    if counted.any():
        rows = zip(draws.lowered.factors, counted, strict=True)
        listed = ", ".join(f"'{row.item}'" for row, open_ in rows if open_)
        return f"the evidence counts over times at which the event may be on or off ({listed})"
    if bits > MOST_BITS:
        return f"{bits} events of unknown state are tied together (at most {MOST_BITS})"
    return ""


def counted(
    draws: Draws,
    worlds: Worlds,
    held: NDArray[np.bool_],
    meet: NDArray[np.bool_] | None = None,
) -> Probability:
    """Return how often something holds among the worlds (that meet a condition), draw by draw."""
    meet = np.ones(len(held), dtype=np.bool_) if meet is None else meet
    same = bool(alike(draws.lowered, draws.theta).all())
    estimates = Estimates(
        worlds.tallied(meet & held), worlds.batch, worlds.tallied(meet), alike=same
    )
    floor = np.hypot(_unseen(draws, worlds, estimates, meet), worlds.bias(held, meet))
    estimates = replace(estimates, floor=float(floor))
    notes = ["counted over simulated courses", _few(draws, estimates)]
    if worlds.left < FEW_WORLDS:
        notes.append(
            f"only {worlds.left:.0f} courses of a draw go with what is told of the time after the "
            "cut-off, so that it may be off by a few points"
        )
    return Probability.of(estimates, "; ".join(note for note in notes if note))


def _unseen(draws: Draws, worlds: Worlds, estimates: Estimates, meet: NDArray[np.bool_]) -> float:
    """Return the error that the batches do not show, since too few courses tell of it.

    Of n independent courses of which a share p agrees, the chance itself lies about p as a beta
    distribution has it that knew nothing before [1]_; its root mean square from there is the least
    error of all. Where few draws are left of a condition these count, and not their courses, which
    say the same of what hangs on the draw.

    References
    ----------
    .. [1] Brown, Cai & DasGupta (2001). Interval estimation for a binomial proportion. Statistical
       Science 16.
    """
    n = _left(draws, estimates)
    if n >= FEW:
        weights = worlds.weights[meet]
        n = max(n, float(weights.sum() ** 2 / (weights**2).sum()))
    p = estimates.mean
    centre = (n * p + 1) / (n + 2)
    least = centre * (1 - centre) / (n + 3) + (centre - p) ** 2
    return float(np.sqrt(max(least - estimates.mcse() ** 2, 0.0)))


def _left(draws: Draws, estimates: Estimates) -> float:
    """Return how many effective draws a condition leaves."""
    number = len(estimates.batch)
    return float(min(draws.effective, number) / number / (estimates.weights**2).sum())


def _few(draws: Draws, estimates: Estimates) -> str:
    """Return a note where few draws are left of a condition, else nothing."""
    left = _left(draws, estimates)
    if left >= FEW:
        return ""
    return (
        f"what is given is improbable under most draws: {left:.0f} effective draws are left, and "
        "the spread is uncertain"
    )


def impossible(draws: Draws, sweep: Sweep, theta: Parameters) -> QueryError:
    """Return the error about a condition of probability zero, naming what is to blame."""
    names = draws.lowered.events
    for i, point in enumerate(sweep.points):
        alone = [i == j for j in range(len(sweep.points))]
        if not np.isfinite(sweep.log_likelihood(theta, alone)).any():
            state, when = ("on" if point.on else "off"), draws.calendar.instant(point.time)
            return QueryError(
                f"given has probability zero: '{names[point.event]}' cannot be {state} at the end "
                f"of {day_label(when)} under what is known and the network's gates and calendar. "
                f"Leave it out, or suppose the opposite"
            )
    listed = ", ".join(sorted({f"'{names[point.event]}'" for point in sweep.points}))
    return QueryError(
        f"given has probability zero: its parts ({listed}) are possible one by one and not "
        "together. Leave one of them out, or change its date"
    )


def _counted(draws: Draws, events: Sequence[int], time: float) -> list[Probability]:
    """Return the same by counting worlds."""
    worlds = simulated_worlds(draws, [time])
    cell = np.zeros(len(worlds.draw), dtype=np.int64)
    for bit, event in enumerate(events):
        cell |= worlds.on(event, time).astype(np.int64) << bit
    return [counted(draws, worlds, cell == number) for number in range(2 ** len(events))]
