"""What a network and its evidence say, by one generator over all joint states: no filter, no paths.

This states the mathematics of `docs/mathematics.md` once more, in the plainest way, and uses
nothing of the library's engine or model: networks and items are read as people state them, and the
value of every number comes from the caller. A joint state holds what is on, the phase that each
delayed link has come to, and how many each indicator has counted so far in its window. Between
cuts the generator is constant, and acts by its exponential.
"""

from collections.abc import Mapping, Sequence
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
    Observation,
    Regime,
    Retraction,
    Silence,
)
from forecast.network import Event, Network
from tests.reference.clock import years
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
        States that are supposed, as (event, time, on).
    do
        From when events are imposed to be on, by event (infinite: never); off from `as_of` to then.
    race
        Two onsets of which it is kept who came first.
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

    # The joint states: their shape is (event, ..., delayed link, ..., count, ..., whether a dated
    # onset came before its days, ..., who came first).

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """How many values each part of a joint state has."""
        stages = [link.stages + 1 for link in self.network.links if link.delay is not None]
        counted = [item.counted + 1 for item in self.counts]
        early = [2] * len(self.dated)
        events = [2] * len(self.network.events)
        return (*events, *stages, *counted, *early, *([3] if self.race else []))

    def early(self, k: int) -> int:
        """The part that is whether a dated onset came before its days."""
        return len(self.network.events) + len(self.delayed) + len(self.counts) + k

    @cached_property
    def parts(self) -> list[NDArray[np.int64]]:
        """The value of each part in each joint state."""
        return [part.ravel() for part in np.indices(self.shape)]

    @cached_property
    def strides(self) -> list[int]:
        """By how much the number of a joint state grows with each part."""
        return [int(np.prod(self.shape[k + 1 :], dtype=np.int64)) for k in range(len(self.shape))]

    def place(self, event: str) -> int:
        """The part that is an event's state."""
        return next(k for k, one in enumerate(self.network.events) if one.id == event)

    def on(self, event: str) -> Flags:
        """Whether an event is on, in each joint state."""
        return self.parts[self.place(event)] == 1

    def phase(self, link: str) -> int:
        """The part that is a delayed link's phase."""
        return len(self.network.events) + self.delayed.index(link)

    # The dynamics.

    def turning_on(self, event: Event, time: float) -> Floats:
        """The on-rate of an event in each joint state."""
        rate = np.full(len(self.parts[0]), self.values["base_rate"][event.id])
        into = [link for link in self.network.links if link.child == event.id]
        for link in into:
            if link.kind == "causes":
                rate = rate + self.values["extra_rate"][link.id] * self._acts(link.id, link.parent)
        for link in into:
            acts = self._acts(link.id, link.parent)
            if link.kind == "multiplies":
                rate = rate * np.where(acts, self.values["hazard_ratio"][link.id], 1.0)
            elif link.kind == "requires":
                rate = rate * acts
            elif link.kind == "prevents":
                rate = rate * ~acts
        for item, (first, last) in self.regimes:
            if item.event == event.id and first <= time < last:
                rate = rate * self.values["regime_ratio"][item.id]
        return rate * self._weight(event, time)

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

    def jumps(self, start: float, end: float) -> list[tuple[Floats, int, Flags]]:
        """Every way to leave a joint state over an interval: rate, step in number, if it may be."""
        time, states = (start + end) / 2, len(self.parts[0])
        always = np.ones(states, dtype=np.bool_)
        ways: list[tuple[Floats, int, Flags]] = []
        for event in self.network.events:
            if event.kind == "fact" or (event.id in self.do and start >= self.now):
                continue
            on, stride = self.on(event.id), self.strides[self.place(event.id)]
            may = self.known.may_turn(event.id, start, end)
            up = np.where(on, 0.0, self.turning_on(event, time))
            if self.race and event.id in self.race:
                first = self.parts[-1] == 0
                flag = 1 + self.race.index(event.id)
                ways.append((up * first, stride + flag, always & (1 in may)))
                up = up * ~first
            ways.append((up, stride, always & (1 in may)))
            if event.kind == "state":
                down = np.where(on, self.values["off_rate"][event.id], 0.0)
                ways.append((down, -stride, always & (0 in may)))
        for link in self.network.links:
            if link.delay is not None:
                part = self.phase(link.id)
                begun = (self.parts[part] > 0) | self.on(link.parent)
                goes = begun & (self.parts[part] < link.stages)
                rate = goes * (link.stages / self.values["delay"][link.id])
                ways.append((rate, self.strides[part], always))
        for k, item in enumerate(self.counts, start=len(self.network.events) + len(self.delayed)):
            first, last = self._window(item)
            if first <= start and end <= last:
                names = [self.values[f"count_rate_{x}"][item.source] for x in ("off", "on")]
                rate = np.where(self.on(item.event), names[1], names[0])
                ways.append((rate, self.strides[k], self.parts[k] < item.counted))
        return ways

    def _window(self, item: Count | Silence) -> tuple[float, float]:
        first = years(self.network, item.watched_from, edge="start")
        return first, years(self.network, item.watched_to)

    def generator(self, start: float, end: float) -> csr_array:
        """The generator over an interval, columns from, rows to; what was not seen only leaves."""
        number = np.arange(len(self.parts[0]))
        rows, columns, rates, leaving = [], [], [], np.zeros(len(number))
        for rate, step, may in self.jumps(start, end):
            leaving += rate
            goes = (rate > 0) & may
            rows.append(number[goes] + step)
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
        )
        return csr_array(moves.tocsr() - diags_array(leaving))

    # What is asked.

    def start(self) -> Floats:
        """The chance of each joint state at the start."""
        p = np.ones(len(self.parts[0]))
        for event in self.network.events:
            if isinstance(event.initially, bool):
                chance = float(event.initially)
            else:
                chance = self.values["initial_probability"][event.id]
            p *= np.where(self.on(event.id), chance, 1 - chance)
        for part in self.parts[len(self.network.events) :]:
            p *= part == 0
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
        for k, item in enumerate(self.counts, start=len(self.network.events) + len(self.delayed)):
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
        found = multipliers(self.network, self.items, self.seen, self.values, self.base)
        return [one for one in found if not (one[0] in self.do and one[1] > self.now)]

    def base(self, item: Forecast) -> float:
        """What was thought without a forecast: as stated, or the network's own word on that day."""
        if item.base is not None:
            return float(item.base)
        told = [i for i in self.seen if isinstance(i, Observation | Retraction | Regime)]
        before = Oracle(self.network, Evidence(told), item.published, self.values)
        assert item.speaks_of is not None
        chances = before.chances([years(self.network, item.speaks_of)])
        return float(chances[self.place(item.event), 0])

    def imposed(self, time: float) -> csr_array | None:
        """What interventions do to joint states at a cut; None: nothing."""
        number = np.arange(len(self.parts[0]))
        target = number.copy()
        for event, when in self.do.items():
            if time in (self.now, when) and when >= self.now:
                stride, place = self.strides[self.place(event)], self.place(event)
                target += stride * (int(when <= time) - self.parts[place])
        if (target == number).all():
            return None
        size = (len(number), len(number))
        return coo_array((np.ones(len(number)), (target, number)), shape=size).tocsr()

    def changes(self, time: float) -> list[csr_array]:
        """What joint states become at a cut, one change after the other."""
        both = (self.noted(time), self.imposed(time) if self.do else None)
        return [one for one in both if one is not None]

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
        found |= {edge for _, span in self.regimes for edge in span if edge < last}
        for event in self.network.events:
            for window in event.windows:
                edges = (
                    years(self.network, window.start, edge="start"),
                    years(self.network, window.end),
                )
                found |= {edge for edge in edges if 0 < edge < last}
        return sorted(found)

    def sweep(self, times: Sequence[float]) -> tuple[float, dict[float, Floats]]:
        """The log likelihood, and the chance of each joint state at times given all evidence."""
        cuts = self.cuts(times)
        generators = [self.generator(a, b) for a, b in pairwise(cuts)]
        p, total, forward = self.start(), 0.0, {}
        for k, cut in enumerate(cuts):
            p = p * self.seen_at(cut)
            for change in self.changes(cut):
                p = change @ p
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
            for change in reversed(self.changes(cuts[k])):
                after = change.T @ after
            after = after * self.seen_at(cuts[k])
            if k > 0:
                after = propagated(generators[k - 1].T.tocsr(), after, cuts[k] - cuts[k - 1])
                after = np.maximum(after, 0.0) / after.max()
        return total, found

    def log_likelihood(self) -> float:
        """The log probability of all that is seen and said by `as_of`."""
        return self.sweep([])[0]

    def chances(self, times: Sequence[float]) -> Floats:
        """P(event on at a time | evidence), shape (event, time)."""
        found = self.sweep(times)[1]
        return np.array(
            [[found[t][self.on(event.id)].sum() for t in times] for event in self.network.events]
        )

    def joint(self, events: Sequence[str], time: float) -> Floats:
        """P(each combination of events at a time), bit b being event b."""
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
