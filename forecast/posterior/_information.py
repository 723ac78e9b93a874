"""What a report still to come would be worth: how far each possible one would move a forecast.

For a source with hit rate h and false-alarm rate f, and with q = P(x on then | draw) and
a = P(e and x on | draw), a report that x is on has P(on) = E[h q + f (1 − q)], and after it the
forecast of e is E[h a + f (p − a)] / P(on); both means are over draws, which it reweighs as well.
An observation is a report that is never wrong.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from forecast.decimals import as_written, reaches
from forecast.engine._reach import bits_needed
from forecast.engine._relevance import Target
from forecast.errors import QueryError
from forecast.evidence._report import REPORTING
from forecast.network._prior_of import rate_is_stated
from forecast.posterior._draws import Draws
from forecast.posterior._exact import Point, case_of, plan_sweep
from forecast.posterior._given import MOST_BITS, MOST_CELLS, grid_of, out_of_reach
from forecast.posterior._sources import rate_draws
from forecast.posterior._worlds import Worlds, simulated_worlds
from forecast.time import day_label

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]

OBSERVED = "(observation)"
SAID = ("says_on", "if_on", "if_off")
CHEAP_BITS = 10
MOST_DRAWS = 512
MOST_KNOWN = 256
"""Events at times whose states in all worlds are kept, for the next question."""


class Asked(NamedTuple):
    """What is asked: an event by a time, and when the report would speak."""

    event: int
    by: datetime
    at: datetime


class Together(NamedTuple):
    """P(x on at the time of the report) and P(x then and e by the deadline on), (draw,) each."""

    report: Floats
    both: Floats
    forecast: Floats


class Shares(NamedTuple):
    """What a report can say, over sets of weights: the first is all draws, (set,) each."""

    says_on: Floats  # P(it says on)
    if_on: Floats  # the forecast then
    if_off: Floats
    before: Floats


def information_table(
    draws: Draws, asked: Asked, events: Sequence[int], sources: Sequence[str]
) -> "pd.DataFrame":
    """Return what each report would be worth; see `Posterior.value_of_information`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    rows = []
    for event, source, shares in _candidates(draws, asked, events, sources):
        change, brier, bits = _worth(shares)
        rows.append(
            {
                "source": source,
                "event": draws.lowered.events[event],
                "says_on": shares.says_on[0],
                "if_on": shares.if_on[0],
                "if_off": shares.if_off[0],
                **{f"{name}_mcse": _error(getattr(shares, name)) for name in SAID},
                "change": change[0],
                "change_mcse": _error(change),
                "brier": brier[0],
                "brier_mcse": _error(brier),
                "bits": bits[0],
                "bits_mcse": _error(bits),
            }
        )
    names = ["source", "event", "says_on", "if_on", "if_off", "change", "change_mcse"]
    names += ["brier", "brier_mcse", "bits", "bits_mcse", *(f"{name}_mcse" for name in SAID)]
    frame = pd.DataFrame(rows, columns=names).sort_values("bits", ascending=False, kind="stable")
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="rank")
    return frame


def turning_points(
    draws: Draws,
    asked: Asked,
    events: Sequence[int],
    sources: Sequence[str],
    threshold: float,
) -> "pd.DataFrame":
    """Return single items that would move the forecast past a threshold, the likeliest first.

    The list is the shortest one: of the sources whose word on an event would do, the likeliest to
    say it stands for all.
    """
    import pandas as pd  # noqa: PLC0415 - slow to import

    rows = []
    for event, source, shares in _candidates(draws, asked, events, sources):
        above = not reaches(threshold, shares.before[0])
        for says, chance, after in (
            ("on", shares.says_on, shares.if_on),
            ("off", 1 - shares.says_on, shares.if_off),
        ):
            if chance[0] > 0 and bool(reaches(threshold, after[0])) == above:
                rows.append(
                    {
                        "source": source,
                        "event": draws.lowered.events[event],
                        "says": says,
                        "probability": chance[0],
                        "forecast": after[0],
                        "forecast_mcse": _error(after),
                    }
                )
    names = ["source", "event", "says", "probability", "forecast", "forecast_mcse"]
    frame = pd.DataFrame(rows, columns=names)
    frame = frame.sort_values("probability", ascending=False, kind="stable")
    word = frame.groupby(["event", "says"])["source"]
    frame = frame.assign(sources=word.transform("size").astype("int64"))
    frame = frame.drop_duplicates(["event", "says"])
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="rank")
    return frame


def _candidates(
    draws: Draws, asked: Asked, events: Sequence[int], sources: Sequence[str]
) -> list[tuple[int, str, Shares]]:
    """Return what each source could say of each event that is not settled.

    Raises
    ------
    QueryError
        If the reports would be published before the cut-off.
    """
    if asked.at < draws.calendar.as_of:
        msg = (
            f"at ({day_label(asked.at)}) is before as_of, and a report still to come is not: ask "
            f"for a date from {day_label(draws.calendar.as_of)} on"
        )
        raise QueryError(msg)
    number = len(draws.theta.base_rate)
    network = draws.lowered.network
    rates = {
        source: _rates(draws, source)
        for source in sources
        if all(rate_is_stated(network, network.source(source), name) for name in REPORTING)
    }
    rates[OBSERVED] = (np.ones(number), np.zeros(number))
    found = []
    for event, (rows, together) in _together(draws, asked, events).items():
        if together.report.min() == together.report.max() and together.report[0] in (0.0, 1.0):
            continue  # settled: nobody could say anything new
        weights = _leave_batches_out(draws.batch[rows])
        found += [
            (event, source, _shares(weights, together, hit[rows], false_alarm[rows]))
            for source, (hit, false_alarm) in rates.items()
        ]
    return found


def _rates(draws: Draws, source: str) -> tuple[Floats, Floats]:
    """Return a source's hit rate and false-alarm rate, draw by draw; every event asks for them."""
    key = "rates", source
    if key not in draws.memo:
        draws.memo[key] = (
            rate_draws(draws, source, "hit_rate"),
            rate_draws(draws, source, "false_alarm_rate"),
        )
    found: tuple[Floats, Floats] = draws.memo[key]
    return found


def _shares(weights: Floats, t: Together, hit: Floats, false_alarm: Floats) -> Shares:
    on = hit * t.report + false_alarm * (1 - t.report)  # (draw,)
    both = hit * t.both + false_alarm * (t.forecast - t.both)
    says, before = weights @ on, weights @ t.forecast
    held = weights @ both
    if_on = np.divide(held, says, out=before.copy(), where=says > 0)
    if_off = np.divide(before - held, 1 - says, out=before.copy(), where=says < 1)
    return Shares(says, np.clip(if_on, 0, 1), np.clip(if_off, 0, 1), before)


def _worth(s: Shares) -> tuple[Floats, Floats, Floats]:
    """Return the expected change, the fall of the expected Brier score, and the bits, (set,)."""
    change, brier, bits = (np.zeros(len(s.says_on)) for _ in range(3))
    for chance, after in ((s.says_on, s.if_on), (1 - s.says_on, s.if_off)):
        change += chance * np.abs(after - s.before)
        brier += chance * (after - s.before) ** 2
        told = rel_entr(after, s.before) + rel_entr(1 - after, 1 - s.before)
        bits += chance * np.where(np.isfinite(told), told, 0.0) / np.log(2)
    return change, brier, bits


def _leave_batches_out(batch: NDArray[np.intp]) -> Floats:
    """Return weights of the draws: all alike first, then with each batch left out, (set, draw)."""
    kept = np.vstack([np.ones(len(batch)), batch[None, :] != np.unique(batch)[:, None]])
    return np.asarray(kept / kept.sum(axis=1, keepdims=True))


def _error(values: Floats) -> float:
    """Return the jackknife's error of the first of some values, the rest being left-out ones.

    What rounding alone makes of values that are all alike is none.
    """
    left = values[1:]
    squares = (len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum()
    return float(as_written(np.sqrt(squares)))


def _together(
    draws: Draws, asked: Asked, events: Sequence[int]
) -> dict[int, tuple[NDArray[np.intp], Together]]:
    """Return for each event the draws used and the joint chances; a sweep serves many events."""
    found: dict[int, tuple[NDArray[np.intp], Together]] = {}
    far = []
    for group, bits in _groups(draws, asked, events):
        if out_of_reach(draws, bits):
            far += group
        else:
            found |= _swept(draws, asked, group, min(MOST_DRAWS, MOST_CELLS >> bits))
    if far:
        found |= _counted(draws, asked, far)
    return {event: found[event] for event in events}


def _groups(draws: Draws, asked: Asked, events: Sequence[int]) -> list[tuple[list[int], int]]:
    """Return groups of events whose joint sweeps are cheap, with how many bits each takes."""
    lowered, calendar = draws.lowered, draws.calendar
    by, at = calendar.years(asked.by), calendar.years(asked.at)

    def bits(chosen: Sequence[int]) -> int:
        targets = (Target(by, (asked.event,)), Target(at, tuple(chosen)))
        return bits_needed(lowered.structure, lowered.record, targets)

    if out_of_reach(draws, fewest := bits([])):
        return [([*events], fewest)]
    cheap = max(CHEAP_BITS, min(fewest, MOST_BITS))  # what is asked takes so many anyway
    groups: list[tuple[list[int], int]] = []
    for event in events:
        for place, (group, _) in enumerate(groups):
            needed = bits([*group, event])
            if needed <= cheap:
                groups[place] = ([*group, event], needed)
                break
        else:
            groups.append(([event], bits([event])))
    return groups


def _swept(
    draws: Draws, asked: Asked, group: Sequence[int], number: int
) -> dict[int, tuple[NDArray[np.intp], Together]]:
    by, at = draws.calendar.years(asked.by), draws.calendar.years(asked.at)
    targets = [Target(at, tuple(group)), Target(by, (asked.event,))]
    point = Point(asked.event, by, on=True)
    sweep = plan_sweep(case_of(draws.lowered), [point], targets, grid_of(draws, [at, by]))
    rows = draws.some(number)
    theta, where = draws.picked(number)
    plain = sweep.read(theta, [False])
    held = sweep.read(theta)
    forecast = np.clip(plain.chance(asked.event, by), 0, 1)
    possible = np.isfinite(held.log_likelihood)
    found = {}
    for event in group:
        report = np.clip(plain.chance(event, at), 0, 1)
        both = forecast * np.where(possible, np.clip(held.chance(event, at), 0, 1), 0.0)
        both = np.clip(both, np.maximum(0, forecast + report - 1), np.minimum(forecast, report))
        found[event] = (rows, Together(report[where], both[where], forecast[where]))
    return found


def _counted(
    draws: Draws, asked: Asked, events: Sequence[int]
) -> dict[int, tuple[NDArray[np.intp], Together]]:
    """Return the same by counting worlds."""
    by, at = draws.calendar.years(asked.by), draws.calendar.years(asked.at)
    worlds = simulated_worlds(draws, [by, at])
    held, number = _on(draws, worlds, asked.event, by), worlds.draws

    def share(chosen: NDArray[np.bool_]) -> Floats:
        return np.bincount(worlds.draw, worlds.weights * chosen, minlength=number) * number

    rows, found = np.arange(number), {}
    for event in events:
        on = _on(draws, worlds, event, at)
        found[event] = (rows, Together(share(on), share(on & held), share(held)))
    return found


def _on(draws: Draws, worlds: Worlds, event: int, time: float) -> NDArray[np.bool_]:
    """Return in which worlds an event is on at a time.

    The questions of a report ask the same of them again and again; those of other times make room.
    """
    known: dict[tuple[int, float], NDArray[np.bool_]] = draws.memo.setdefault("on", {})
    if len(known) >= MOST_KNOWN:
        known.clear()
    if (event, time) not in known:
        known[event, time] = worlds.on(event, time)
    return known[event, time]
