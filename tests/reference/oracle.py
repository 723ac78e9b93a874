"""What a network and its evidence say, by one generator over all joint states: no filter, no paths.

This states the mathematics of `docs/mathematics.md` once more, in the plainest way, and uses
nothing of the library's engine or model: networks and items are read as people state them, and the
value of every number comes from the caller. A joint state holds what each event is in (its parts:
`tests.reference.parts`), the phase that each delayed link has come to, and how many each indicator
has counted so far in its window. Between cuts the generator is constant, and acts by its
exponential; a decision on a day is a stochastic map.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.linalg import expm_multiply

from forecast.evidence import (
    Count,
    Evidence,
    Forecast,
    Item,
    Regime,
    Silence,
)
from forecast.network import Event, Network
from tests.reference.clock import years
from tests.reference.parts import Named, Part, day_of, named, parts_of, speed
from tests.reference.said import Certain, Dated, certain, dated, multipliers, standing, time_of

__all__ = ["Oracle", "Values"]

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]
type Values = Mapping[str, Mapping[str, float]]
"""The value of every number by name and label: ``values["off_rate"]["office"]``, per year."""

MOST_DENSE = 32  # joint states whose generator is exponentiated whole


@dataclass(frozen=True)
class Oracle:
    """What is seen of a network by a date, the value of every number being given.

    Parameters
    ----------
    network, evidence, as_of
        As `fc.update` takes them.
    values
        Of every number.
    given
        States that are supposed, as (name, time, on).
    do
        From when what has a name is imposed to be on (infinite: never); off from `as_of` to then.
        Of parts of one event, what follows is imposed too: one outcome brought about excludes the
        others.
    race
        Two onsets, by name, of which it is kept who came first.
    """

    network: Network
    evidence: Evidence
    as_of: date | str
    values: Values
    given: tuple[tuple[str, float, bool], ...] = ()
    do: Mapping[str, float] = field(default_factory=dict)
    race: tuple[str, str] | None = None

    @cached_property
    def now(self) -> float:
        """`as_of` in years."""
        return years(self.network, self.as_of)

    @cached_property
    def seen(self) -> list[Item]:
        """What was published by `as_of`."""
        return [i for i in self.evidence if years(self.network, i.published) <= self.now]

    @cached_property
    def items(self) -> list[Item]:
        """What of it is not taken back."""
        return standing(self.seen)

    @cached_property
    def known(self) -> Certain:
        """What observations, and that nothing else was seen in public, make certain."""
        return certain(self.network, self.items, self.now)

    @cached_property
    def counts(self) -> list[Count]:
        """The counts that stand."""
        return [item for item in self.items if isinstance(item, Count)]

    @cached_property
    def delayed(self) -> list[str]:
        """The links with a delay."""
        return [link.id for link in self.network.links if link.delay is not None]

    @cached_property
    def dated(self) -> list[Dated]:
        """The onsets that reports date; of `do`, those that lie wholly in the past."""
        found = dated(self.network, self.items, self.seen, self.values)
        return [one for one in found if not (one.event in self.do and one.last > self.now)]

    @cached_property
    def names(self) -> dict[str, Named]:
        """What is asked for, by name, event by event."""
        return {one.name: one for event in self.network.events for one in named(event)}

    # The joint states: their shape is (part of an event, ..., delayed link, ..., count, ...,
    # whether a dated onset came before its days, ..., who came first).

    @cached_property
    def kept(self) -> dict[str, Part]:
        """The parts that events are in."""
        return {part.id: part for event in self.network.events for part in parts_of(event)}

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """How many values each part of a joint state has."""
        events = [part.size for part in self.kept.values()]
        stages = [link.stages + 1 for link in self.network.links if link.delay is not None]
        counted = [item.counted + 1 for item in self.counts]
        early = [2] * len(self.dated)
        return (*events, *stages, *counted, *early, *([3] if self.race else []))

    def early(self, k: int) -> int:
        """The part that is whether a dated onset came before its days."""
        return len(self.kept) + len(self.delayed) + len(self.counts) + k

    @cached_property
    def parts(self) -> list[NDArray[np.int64]]:
        """The value of each part in each joint state."""
        return [part.ravel() for part in np.indices(self.shape)]

    @cached_property
    def number(self) -> NDArray[np.int64]:
        """The number of each joint state."""
        return np.arange(len(self.parts[0]))

    @cached_property
    def strides(self) -> list[int]:
        """By how much the number of a joint state grows with each part."""
        return [int(np.prod(self.shape[k + 1 :], dtype=np.int64)) for k in range(len(self.shape))]

    def place(self, part: str) -> int:
        """Where a part of an event stands."""
        return list(self.kept).index(part)

    def value(self, part: str) -> NDArray[np.int64]:
        """The value of a part of an event, in each joint state."""
        return self.parts[self.place(part)]

    def on(self, name: str) -> Flags:
        """Whether what has a name is on, in each joint state."""
        one = self.names[name]
        value = self.value(one.part)
        return value == one.value if one.exactly else value >= one.value

    def phase(self, link: str) -> int:
        """The part that is a delayed link's phase."""
        return len(self.kept) + self.delayed.index(link)

    # The dynamics.

    def influenced(self, base: Floats | float, children: Iterable[str]) -> Floats:
        """A rate, or odds, with what links into any of these names do to it."""
        rate = np.full(len(self.number), base)
        into = [link for link in self.network.links if link.child in set(children)]
        for link in into:
            if link.kind == "causes":
                rate = rate + self.values["extra_rate"][link.id] * self._acts(link.id, link.parent)
        for link in into:
            acts = self._acts(link.id, link.parent)
            if link.kind == "multiplies":
                name = "hazard_ratio" if link.odds_ratio is None else "odds_ratio"
                rate = rate * np.where(acts, self.values[name][link.id], 1.0)
            elif link.kind == "requires":
                rate = rate * acts
            elif link.kind == "prevents":
                rate = rate * ~acts
        return rate

    def turning_on(self, part: Part, time: float) -> Iterable[tuple[int, Floats]]:
        """The rates at which a part takes on a higher value: by how much higher, and the rate."""
        event, value = part.event, self.value(part.id)
        if event.kind == "decision":
            if day_of(self.network, event) is None:
                open_ = self.on(str(event.on))
                for k, odds in enumerate(self.odds(event, time), start=1):
                    yield k, odds * open_ * speed(self.network, event)
            return
        if part.role == "ever" or (event.kind == "fact" and part.role == "itself"):
            return
        # By how often it has happened, or been confirmed, so far.
        rates = np.zeros(len(self.number))
        for k in range(part.size - 1):
            name = part.id if k == 0 else f"{event.id}.{k + 1}"
            if part.role == "confirmed":
                before = self.value(event.id) > k
                name = f"{event.id}.confirmed" if k == 0 else f"{event.id}.{k + 1}.confirmed"
                rate = self.influenced(self.values["base_rate"][part.id], [name]) * before
            else:
                again = k > 0 and event.rate_after is not None
                base = self.values["base_rate"][f"{event.id}.2" if again else event.id]
                rate = self.influenced(base, [event.id, name]) * self._weight(event, time)
            names = [name] if part.role == "confirmed" else [event.id, name]
            rates = np.where(value == k, rate * self.paced(names, time), rates)
        if event.ever is not None and part.role == "itself":
            rates = rates * self.value(f"{event.id}.ever")
        yield 1, rates

    def odds(self, event: Event, time: float) -> list[Floats]:
        """The odds of each outcome of a decision that has not fallen, in each joint state."""
        assert event.outcomes is not None
        open_ = self.value(event.id) == 0
        return [
            self.influenced(self.values["outcome_weight"][name], [event.id, name])
            * self.paced([event.id, name], time)
            * open_
            for name in (f"{event.id}.{outcome}" for outcome in event.outcomes.names)
        ]

    def paced(self, names: Iterable[str], time: float) -> float:
        """By how much regimes multiply the rate of what any of these names stand for."""
        among = set(names)
        holding = [i for i, (first, last) in self.regimes if first <= time < last]
        ratios = (self.values["regime_ratio"][i.id] for i in holding if i.event in among)
        return float(np.prod(list(ratios)))

    @cached_property
    def regimes(self) -> list[tuple[Regime, tuple[float, float]]]:
        """What changes a rate, and from when to when."""
        found = [item for item in self.items if isinstance(item, Regime)]
        ends = [np.inf if item.until is None else years(self.network, item.until) for item in found]
        begins = [time_of(self.network, item) for item in found]
        return list(zip(found, zip(begins, ends, strict=True), strict=True))

    def _acts(self, link: str, parent: str) -> Flags:
        if link not in self.delayed:
            return self.on(parent)
        part = self.phase(link)
        return self.parts[part] == self.shape[part] - 1

    def _weight(self, event: Event, time: float) -> float:
        for window in event.windows:
            first = years(self.network, window.start, edge="start")
            if first <= time < years(self.network, window.end):
                return float(window.weight)
        return float(event.outside_windows) if event.windows else 1.0

    def jumps(self, start: float, end: float) -> list[tuple[Floats, NDArray[np.int64], Flags]]:
        """Every way to leave a joint state over an interval: rate, where to, if it may be."""
        time = (start + end) / 2
        always = np.ones(len(self.number), dtype=np.bool_)
        ways: list[tuple[Floats, NDArray[np.int64], Flags]] = []

        def go(rate: Floats, step: int, may: Flags = always) -> None:
            goes = rate > 0
            ways.append((rate, self.raced(np.where(goes, self.number + step, self.number)), may))

        for part in self.kept.values():
            place = self.place(part.id)
            may = self.known.may_turn(part.id, start, end)
            for step, rate in self.turning_on(part, time):
                free = rate * ~self.held(part.id, self.parts[place] + step, start)
                go(free, step * self.strides[place], always & (1 in may))
            if part.event.kind == "state" and not (part.id in self.do and start >= self.now):
                down = np.where(self.on(part.id), self.values["off_rate"][part.id], 0.0)
                go(down, -self.strides[place], always & (0 in may))
        for link in self.network.links:
            if link.delay is not None:
                place = self.phase(link.id)
                begun = (self.parts[place] > 0) | self.on(link.parent)
                goes = begun & (self.parts[place] < link.stages)
                go(goes * (link.stages / self.values["delay"][link.id]), self.strides[place])
        for k, item in enumerate(self.counts, start=len(self.kept) + len(self.delayed)):
            first, last = self._window(item)
            if first <= start and end <= last:
                names = [self.values[f"count_rate_{x}"][item.source] for x in ("off", "on")]
                rate = np.where(self.on(item.event), names[1], names[0])
                may_count = self.parts[k] < item.counted
                ways.append((rate, self.number + self.strides[k] * may_count, may_count))
        return ways

    def raced(self, target: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where a jump from each joint state leads once it is kept who came first."""
        if not self.race:
            return target
        for flag, name in enumerate(self.race, start=1):
            on = self.on(name)
            came = ~on & on[target] & (self.parts[-1][target] == 0)
            target = target + flag * came
        return target

    def held(self, part: str, value: NDArray[np.int64], start: float) -> Flags:
        """Whether an intervention keeps a part from a value, in each joint state."""
        kept = np.zeros(len(self.number), dtype=np.bool_)
        if start < self.now:
            return kept
        for name, when in self.do.items():
            one = self.names[name]
            if one.part == part and one.exactly:
                kept |= np.isfinite(when) | (value == one.value)
            elif one.part == part:
                kept |= (self.value(part) < one.value) & (value >= one.value)
        return kept

    def falls(self, event: Event, time: float) -> csr_array:
        """What a decision on a day does to joint states as it falls: it goes by the odds."""
        place, stay = self.place(event.id), np.ones(len(self.number))
        odds = []
        for k, each in enumerate(self.odds(event, time), start=1):
            odds.append(each * ~self.held(event.id, np.full(len(stay), k), time))
        total = np.sum(odds, axis=0)
        stay[total > 0] = 0.0
        found = csr_array(diags_array(stay))
        for k, each in enumerate(odds, start=1):
            goes = np.flatnonzero(each > 0)
            target = self.raced(
                np.where(each > 0, self.number + k * self.strides[place], self.number)
            )
            cells = each[goes] / total[goes], (target[goes], goes)
            found = found + coo_array(cells, shape=found.shape).tocsr()
        return csr_array(found)

    @cached_property
    def days(self) -> list[tuple[Event, float, float]]:
        """The decisions on a day: when each falls, and when its day ends."""
        found = [(event, day_of(self.network, event)) for event in self.network.events]
        return [(event, *day) for event, day in found if day is not None]

    def late(self, start: float, end: float) -> list[csr_array]:
        """Of decisions whose day it still is: what they do once a gate opens after all."""
        within = [event for event, falls, ends in self.days if falls <= start and end <= ends]
        return [self.falls(event, start) for event in within]

    def _window(self, item: Count | Silence) -> tuple[float, float]:
        first = years(self.network, item.watched_from, edge="start")
        return first, years(self.network, item.watched_to)

    def generator(self, start: float, end: float) -> csr_array:
        """The generator over an interval, columns from, rows to; what was not seen only leaves."""
        number = self.number
        rows, columns, rates, leaving = [], [], [], np.zeros(len(number))
        for rate, target, may in self.jumps(start, end):
            leaving += rate
            goes = (rate > 0) & may
            rows.append(target[goes])
            columns.append(number[goes])
            rates.append(rate[goes])
        for item in self.items:
            if isinstance(item, Silence):
                first, last = self._window(item)
                if first <= start and end <= last:
                    on = sum(self.on(event).astype(np.float64) for event in item.events)
                    leaving += self.values["report_rate"][item.source] * on
        size = (len(number), len(number))
        if not rows:
            return csr_array(diags_array(-leaving))
        moves = coo_array(
            (np.concatenate(rates), (np.concatenate(rows), np.concatenate(columns))), shape=size
        ).tocsr()
        for fall in self.late(start, end):
            moves = fall @ moves
        return csr_array(moves - diags_array(leaving))

    # What is asked.

    def start(self) -> Floats:
        """The chance of each joint state at the start."""
        p = np.ones(len(self.number))
        for part in self.kept.values():
            value, initially = self.value(part.id), part.event.initially
            if part.role == "confirmed":
                chance = 0.0
            elif part.role == "itself" and isinstance(initially, bool):
                chance = float(initially)
            else:
                chance = self.values["initial_probability"][part.id]
            p *= np.where(value == 1, chance, np.where(value == 0, 1 - chance, 0.0))
        for place in self.parts[len(self.kept) :]:
            p *= place == 0
        return p

    def seen_at(self, time: float) -> Floats:
        """The chance of what is seen and said at a cut, in each joint state."""
        p = np.ones(len(self.parts[0]))
        for event, when, factor in self.said:
            if when == time:
                p *= np.where(self.on(event), factor[1], factor[0])
        for event, when, value in (*self.known.points, *self.given):
            if when == time:
                p *= self.on(event) == value
        for k, item in enumerate(self.counts, start=len(self.kept) + len(self.delayed)):
            if self._window(item)[1] == time:
                p *= self.parts[k] == item.counted
        for k, one in enumerate(self.dated):
            if one.last == time:
                within = self.on(one.event) & (self.parts[self.early(k)] == 0)
                p *= np.where(within, one.inside, one.outside)
        return p

    def noted(self, time: float) -> csr_array | None:
        """What joint states become at a cut, as it is noted which dated onsets came before it."""
        number = np.arange(len(self.parts[0]))
        target = number.copy()
        for k, one in enumerate(self.dated):
            if one.first == time:
                part = self.early(k)
                target += self.strides[part] * (self.on(one.event) & (self.parts[part] == 0))
        if (target == number).all():
            return None
        size = (len(number), len(number))
        return coo_array((np.ones(len(number)), (target, number)), shape=size).tocsr()

    @cached_property
    def said(self) -> list[tuple[str, float, tuple[float, float]]]:
        """What is said of a moment: event, time, chance if off and if on; of `do`, the past's."""
        found = multipliers(self.network, self.items, self.seen, self.values, self.own)
        return [one for one in found if not (self.brought_about(one[0]) and one[1] > self.now)]

    def brought_about(self, name: str) -> bool:
        """Whether an intervention settles for all time from `as_of` on what has a name."""
        one = self.names[name]
        for other, when in self.do.items():
            did = self.names[other]
            if did.part != one.part:
                continue
            if did.exactly:
                settled = name == other or np.isfinite(when)
            else:
                on, off = when <= self.now, not np.isfinite(when)
                settled = (
                    name == other
                    or (on and one.value <= did.value)
                    or (off and one.value >= did.value)
                )
            if settled:
                return True
        return False

    def own(self, name: str, time: float, day: object) -> float:
        """What the network itself says, by all that was seen by a day, but for any forecast."""
        told = Evidence(item for item in self.seen if not isinstance(item, Forecast))
        by = self.as_of if day is None else day
        chances = Oracle(self.network, told, by, self.values).chances([time])
        return float(chances[list(self.names).index(name), 0])

    def imposed(self, time: float) -> csr_array | None:
        """What interventions do to joint states at a cut; None: nothing."""
        target = self.number.copy()
        for name, when in self.do.items():
            if time not in (self.now, when) or when < self.now:
                continue
            one, value = self.names[name], self.value(self.names[name].part)
            if one.exactly and when <= time:
                then = np.full(len(value), one.value)
            elif one.exactly:
                then = np.where((value == one.value) | np.isfinite(when), 0, value)
            elif when <= time:
                then = np.maximum(value, one.value)
            else:
                then = np.minimum(value, one.value - 1)
            target += self.strides[self.place(one.part)] * (then - value)
        if (target == self.number).all():
            return None
        size = (len(self.number), len(self.number))
        return coo_array((np.ones(len(self.number)), (target, self.number)), shape=size).tocsr()

    def maps(self, time: float) -> list[csr_array]:
        """What happens to joint states at a cut, one after the other."""
        both = (self.noted(time), self.imposed(time) if self.do else None)
        falling = [self.falls(event, time) for event, when, _ in self.days if when == time]
        return [one for one in both if one is not None] + falling

    def cuts(self, times: Sequence[float]) -> list[float]:
        """The times at which anything changes, is seen, said or asked."""
        found = {0.0, self.now, *times, *self.known.edges, *(when for _, when, _ in self.said)}
        found |= {when for _, when, _ in self.given}
        found |= {when for one in self.dated for when in (one.first, one.last)}
        found |= {when for when in self.do.values() if np.isfinite(when)}
        for item in self.items:
            if isinstance(item, Count | Silence):
                found |= set(self._window(item))
        last = max(found)
        edges = [edge for _, *day in self.days for edge in day]
        edges += [edge for _, span in self.regimes for edge in span]
        for event in self.network.events:
            for window in event.windows:
                edges += [
                    years(self.network, window.start, edge="start"),
                    years(self.network, window.end),
                ]
        found |= {edge for edge in edges if 0 < edge < last}
        return sorted(found)

    def sweep(self, times: Sequence[float]) -> tuple[float, dict[float, Floats]]:
        """The log likelihood, and the chance of each joint state at times given all evidence."""
        cuts = self.cuts(times)
        generators = [self.generator(a, b) for a, b in pairwise(cuts)]
        p, total, forward = self.start(), 0.0, {}
        for k, cut in enumerate(cuts):
            p = p * self.seen_at(cut)
            for happens in self.maps(cut):
                p = happens @ p
            mass = p.sum()
            if not mass > 0:
                return -np.inf, {}
            total, p = total + float(np.log(mass)), p / mass
            forward[cut] = p
            if k < len(generators):
                p = np.maximum(propagated(generators[k], p, cuts[k + 1] - cut), 0.0)
        after: Floats = np.ones(len(p))
        found: dict[float, Floats] = {}
        for k in range(len(cuts) - 1, -1, -1):
            if cuts[k] in times:
                both = forward[cuts[k]] * after
                found[cuts[k]] = both / both.sum()
            for happens in reversed(self.maps(cuts[k])):
                after = happens.T @ after
            after = after * self.seen_at(cuts[k])
            if k > 0:
                after = propagated(generators[k - 1].T.tocsr(), after, cuts[k] - cuts[k - 1])
                after = np.maximum(after, 0.0) / after.max()
        return total, found

    def log_likelihood(self) -> float:
        """The log probability of all that is seen and said by `as_of`."""
        return self.sweep([])[0]

    def chances(self, times: Sequence[float]) -> Floats:
        """P(on at a time | evidence), shape (name, time)."""
        found = self.sweep(times)[1]
        return np.array([[found[t][self.on(name)].sum() for t in times] for name in self.names])

    def joint(self, events: Sequence[str], time: float) -> Floats:
        """P(each combination at a time), bit b being name b."""
        p = self.sweep([time])[1][time]
        cell = sum(self.on(event).astype(np.int64) << b for b, event in enumerate(events))
        return np.bincount(cell, p, minlength=2 ** len(events))

    def came_first(self, time: float) -> float:
        """P(the first of the two that race has happened by a time, and before the other)."""
        return float(self.sweep([time])[1][time][self.parts[-1] == 1].sum())


def propagated(generator: csr_array, p: Floats, time: float) -> Floats:
    """The exponential of a generator over a time, applied."""
    if len(p) <= MOST_DENSE:
        return np.asarray(expm(generator.toarray() * time) @ p)
    return np.asarray(expm_multiply(generator * time, p, traceA=float(generator.trace()) * time))
