"""Time at risk and events of one process, cut where anything changes and summed where alike.

A process is what one set of numbers drives: that an event comes (again), that a state ends, or that
an event is confirmed. Each of its cells has a configuration (which node may come, the states of the
nodes that act on it, the weight of the calendar), covariates and a period of the drift.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from forecast.engine._problem import Parameters, Windows, graph_of
from forecast.engine._rate import rates_over, shuts
from forecast.learning._drift import Drift
from forecast.learning._faults import Faults
from forecast.learning._panel import HISTORIES, Panel
from forecast.learning._timeline import Timeline
from forecast.learning._times import EPOCH
from forecast.model._lower import Lowered
from forecast.network import Event, Link, Network
from forecast.network._nodes import CONFIRMED
from forecast.time import years_between

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Role = Literal["on", "off", "confirmed", "value"]

COARSE = 2.5 / 365.25
"""Years: a date that is known to a day or two is as good as exact."""
SUFFIX: dict[Role, str] = {"on": "", "off": " (ends)", "confirmed": f".{CONFIRMED}", "value": ""}


@dataclass(frozen=True)
class Stretches:
    """Stretches of time at risk of a process, over all units; some end with its event.

    Parameters
    ----------
    unit, spell
        Index of each, shape (stretch,).
    start, stop
        In years, shape (stretch,).
    node
        The engine's event that may come, shape (stretch,).
    event
        Whether it comes at the stop, shape (stretch,).
    x
        The states of the engine's events, shape (stretch, event).
    weight
        Of the calendar, shape (stretch,).
    period
        Of the drift, shape (stretch,).
    """

    unit: Ints
    spell: Ints
    start: Floats
    stop: Floats
    node: Ints
    event: NDArray[np.bool_]
    x: Ints
    weight: Floats
    period: Ints

    def some(self, which: Any) -> "Stretches":
        """Return some of them."""
        return Stretches(**{name: value[which] for name, value in vars(self).items()})

    def and_those(self, others: "Stretches") -> "Stretches":
        """Return these and others."""
        pairs = {name: (value, getattr(others, name)) for name, value in vars(self).items()}
        return Stretches(**{name: np.concatenate(both) for name, both in pairs.items()})


@dataclass(frozen=True)
class Risk:
    """The cells of a process: what its likelihood is made of.

    Parameters
    ----------
    node, x, weight
        Of each configuration: the engine's event that may come, the states of its events, the
        weight of the calendar.
    configuration, period
        Of each cell, shape (cell,).
    covariates
        Less their means over time at risk, shape (cell, covariate).
    events
        Of which it is known when they came, shape (cell,).
    mixed
        Of the others the share of the time in which each may have come, sparse, shape (event,
        cell); None where there are none.
    exposure
        In years, sparse, shape (cell, unit).
    before
        The same before units entered; None where that tells nothing.
    unit_events
        Shape (unit,).
    """

    node: Ints
    x: Ints
    weight: Floats
    configuration: Ints
    period: Ints
    covariates: Floats
    events: Floats
    mixed: Any
    exposure: Any
    before: Any
    unit_events: Floats

    @property
    def years(self) -> float:
        """All time at risk."""
        return float(self.exposure.sum())

    @property
    def all_events(self) -> Floats:
        """All events, those whose dates are coarse by their shares, shape (cell,)."""
        if self.mixed is None:
            return self.events
        return self.events + np.asarray(self.mixed.sum(axis=0)).ravel()


@dataclass(frozen=True)
class Watch:
    """Who is watched for the event of one process, and when.

    Parameters
    ----------
    timeline
        The courses.
    lowered
        The network as the engine has it.
    event
        The stated event.
    role
        Whether it comes, ends or is confirmed.
    drift
        The periods in which its rate may differ.
    """

    timeline: Timeline
    lowered: Lowered
    event: Event
    role: Role
    drift: Drift

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.lowered.events)}

    @property
    def _name(self) -> str:
        """The name under which the histories have its event."""
        return f"{self.event.id}.{CONFIRMED}" if self.role == "confirmed" else self.event.id

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The nodes whose states its rates depend on, but for its own."""
        links = links_into(self.lowered.network, self.event, self.role)
        return tuple(sorted({link.parent for link in links if link.delay is None}))

    @cached_property
    def windows(self) -> Windows | None:
        """The calendar, in years on the scale of the tables."""
        found = self.lowered.structure.windows[self._index[self.event.id]]
        if found is None or self.role != "on":
            return None
        shift = 0.0
        if self.timeline.panel.scale.dated:
            shift = years_between(EPOCH, self.lowered.network.start_instant)
        return found._replace(edges=found.edges + shift)

    @cached_property
    def delayed(self) -> tuple[Link, ...]:
        """The links that act on it with a delay."""
        links = links_into(self.lowered.network, self.event, self.role)
        return tuple(link for link in links if link.delay is not None)

    def stretches(self) -> Stretches:
        """Return the time at risk, cut where anything changes."""
        every, at_risk = self.segments()
        return every.some(at_risk)

    def segments(self) -> tuple[Stretches, NDArray[np.bool_]]:
        """Return all time, cut where anything changes, and whether each stretch is at risk."""
        unit, time = self._cuts()
        pair = np.flatnonzero(unit[1:] == unit[:-1])
        unit, start, stop = unit[pair], time[pair], time[pair + 1]
        spells, key = self.timeline.panel.spells, self.timeline.key
        middle = (start + stop) / 2
        spell = np.searchsorted(key(spells.unit, spells.start), key(unit, middle), side="right") - 1
        spell = np.maximum(spell, 0)
        node, may_come = self._node(unit, middle)
        within = (spells.unit[spell] == unit) & (middle < spells.stop[spell])
        weight, period = np.ones(len(unit)), np.zeros(len(unit), dtype=np.int64)
        if self.windows is not None:
            at = np.searchsorted(self.windows.edges, middle, side="right")
            weight = self.windows.weights[at]
        if self.role == "on":
            period = self.drift.period(middle, unit)
        every = Stretches(
            unit=unit,
            spell=spell,
            start=start,
            stop=stop,
            node=node,
            event=self._ends_with_it(unit, stop),
            x=self._states(unit, middle),
            weight=weight,
            period=period,
        )
        inside = within & (middle >= spells.start[spell])
        return every, inside & may_come

    def blurred(self, found: Stretches) -> tuple[Stretches, Floats, Ints] | None:
        """Return where events may lie whose dates are coarse; None where there are none.

        Parameters
        ----------
        found
            The time at risk.

        Returns
        -------
        tuple
            Stretches over which such events may have come, the share that each has of its own
            event's, and which of the `found` ends with that event.
        """
        if not self.parents or self.delayed:
            return None
        changes, key = self.timeline.changes(self._name), self.timeline.key
        coarse = changes.on & (changes.high - changes.low > COARSE)
        at = key(changes.unit, changes.time)
        width = dict(zip(at[coarse].tolist(), np.flatnonzero(coarse).tolist(), strict=True))
        every, _ = self.segments()
        first = np.searchsorted(every.unit, np.arange(len(self.timeline.panel.units) + 1))
        places, shares, of = [], [], []
        ends = np.flatnonzero(found.event)
        for row, time in zip(
            ends.tolist(), key(found.unit[ends], found.stop[ends]).tolist(), strict=True
        ):
            change = width.get(time)
            if change is None:
                continue
            low, high = float(changes.low[change]), float(changes.high[change])
            own = np.arange(first[found.unit[row]], first[found.unit[row] + 1])
            overlap = np.minimum(every.stop[own], high) - np.maximum(every.start[own], low)
            inside = own[overlap > 0]
            places += inside.tolist()
            shares += (overlap[overlap > 0] / (high - low)).tolist()
            of += [row] * len(inside)
        if not places:
            return None
        rows = np.array(of, dtype=np.int64)
        spread = replace(every.some(np.array(places)), node=found.node[rows])
        is_open = ~self.shut(spread)
        return spread.some(is_open), np.array(shares)[is_open], rows[is_open]

    def _named(self) -> set[str]:
        """Return whatever may change its rates or what may come."""
        return {*self.parents, self.event.id, self._name, *(k.parent for k in self.delayed)}

    def _cuts(self) -> tuple[Ints, Floats]:
        """Return the times at which anything changes, by unit: units and times."""
        timeline, spells = self.timeline, self.timeline.panel.spells
        cuts = [(spells.unit, spells.start), (spells.unit, spells.stop)]
        cuts += [timeline.marks(name) for name in self._named()]
        marks = [] if self.windows is None else self.windows.edges.tolist()
        every = np.arange(len(timeline.panel.units))
        cuts += [(every, np.full(len(every), mark)) for mark in marks]
        if self.role == "on":
            cuts += [(every, edge + self.drift.shift) for edge in self.drift.edges.tolist()]
        unit = np.concatenate([who for who, _ in cuts])
        time = np.concatenate([when for _, when in cuts])
        order = np.lexsort((time, unit))
        unit, time = unit[order], time[order]
        fresh = np.ones(len(unit), dtype=np.bool_)
        fresh[1:] = (np.diff(unit) != 0) | (np.diff(time) > 0)
        return unit[fresh], time[fresh]

    def _node(self, unit: Ints, time: Floats) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the node that may come at some times, and whether it may."""
        turned, event = self.timeline.turned, self.event
        came = turned(event.id, unit, time, on=True)
        again = event.kind == "repeated"
        if self.role == "confirmed":
            known = turned(self._name, unit, time, on=True)
            most = event.up_to if again else 1
            return self._nth(known), known < np.minimum(came, most)
        if event.kind == "state":
            on = came - turned(event.id, unit, time, on=False) > 0
            return self._nth(np.zeros_like(came)), on if self.role == "off" else ~on
        return self._nth(came), np.ones(len(unit), np.bool_) if again else came == 0

    def _nth(self, count: Ints) -> Ints:
        """Return the node that comes next, after so many times."""
        names = nth_names(self.event, self._name)
        places = np.array([self._index[name] for name in names], dtype=np.int64)
        return places[np.minimum(count, len(places) - 1)]

    def _ends_with_it(self, unit: Ints, stop: Floats) -> NDArray[np.bool_]:
        changes, key = self.timeline.changes(self._name), self.timeline.key
        chosen = changes.on == (self.role != "off")
        return np.isin(key(unit, stop), key(changes.unit[chosen], changes.time[chosen]))

    def _states(self, unit: Ints, time: Floats) -> Ints:
        """Return the states of the engine's events as far as they matter.

        What an event needs of itself (that a second follows a first) is given by which node may
        come, so these are on.
        """
        x = np.zeros((len(unit), len(self.lowered.events)), dtype=np.int64)
        for gate in self.lowered.network.gates:
            x[:, self._index[gate.parent]] = gate.kind == "requires"
        for fact in self.lowered.network.hidden_facts:
            x[:, self._index[fact.name]] = 1
        for name in self.parents:
            x[:, self._index[name]] = self.timeline.state(name, unit, time)
        return x

    def shut(self, found: Stretches) -> NDArray[np.bool_]:
        """Return in which stretches a gate is closed, or the calendar lets nothing happen."""
        structure = self.lowered.structure
        closed = np.asarray(found.weight == 0)
        if self.role == "off":
            return closed
        shown = len(self.lowered.network.nodes)
        for link in np.flatnonzero(structure.link_parent < shown):  # of hidden ones nobody knows
            here = found.node == structure.link_child[link]
            state = found.x[:, structure.link_parent[link]]
            closed = closed | (here & shuts(structure.link_kind[link], state))
        return np.asarray(closed)

    def refuse_impossible(self, found: Stretches, faults: Faults) -> None:
        """Take in the fault of each event that the network says cannot happen when it did."""
        changes, key = self.timeline.changes(self._name), self.timeline.key
        at = key(changes.unit, changes.time).tolist()
        rows = dict(zip(at, changes.row, strict=True))
        for place in np.flatnonzero(self.shut(found) & found.event):
            faults.add(
                f"'{self._name}' comes while a gate of the network is closed",
                "Correct the time of one of the two, or take the gate (requires, prevents, a "
                "window of weight 0) out of the network: it says that this cannot happen.",
                (HISTORIES, rows[float(key(found.unit[place], found.stop[place]))], "on"),
                self.timeline.panel.scale.words(float(found.stop[place])),
            )


def links_into(network: Network, event: Event, role: Role) -> list[Link]:
    """Return the links that act on a process: on how an event comes, or on its confirmations."""
    if role == "off":
        return []
    links = [link for link in network.links if network.stated(link.child).id == event.id]
    confirmed = role == "confirmed"
    return [link for link in links if link.child.endswith(f".{CONFIRMED}") == confirmed]


def nth_names(event: Event, name: str) -> list[str]:
    """Return the nodes of what is repeated (or of its confirmations); else the one name."""
    if event.kind != "repeated":
        return [name]
    part = name.removeprefix(event.id)
    return [name, *(f"{event.id}.{k}{part}" for k in range(2, event.up_to + 1))]


def alike(keys: Ints, numbers: Floats | None) -> tuple[Ints, Ints]:
    """Return which rows are alike: of each its number among the different ones, and one of each.

    Parameters
    ----------
    keys
        Shape (row, column).
    numbers
        One more column, of real numbers.
    """
    if numbers is not None:
        keys = np.column_stack([keys, np.unique(numbers, return_inverse=True)[1].ravel()])
    _, first, of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return of.ravel().astype(np.int64), first


def cells(
    panel: Panel,
    found: Stretches,
    centre: Floats,
    before: Stretches | None = None,
    blurred: tuple[Stretches, Floats, Ints] | None = None,
) -> Risk:
    """Return stretches summed where they are alike.

    Parameters
    ----------
    panel
        The histories.
    found
        The time at risk.
    centre
        What is taken from covariates.
    before
        Time before units entered, in which the event had not come.
    blurred
        Where events may lie whose dates are coarse, as `Watch.blurred` has it.
    """
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - takes a while

    every = found if before is None else found.and_those(before)
    sizes = [len(found.unit), len(every.unit)]
    every = every if blurred is None else every.and_those(blurred[0])
    place = np.arange(len(every.unit))
    seen, earlier = place < sizes[0], (place >= sizes[0]) & (place < sizes[1])
    sharp, mixed = every.event & seen, None
    configuration, kept = alike(np.column_stack([every.node, every.x]), every.weight)
    values, row_of = panel.spells.covariates, np.zeros(len(every.spell), dtype=np.int64)
    if values.shape[1]:
        values, row_of = np.unique(values, axis=0, return_inverse=True)
        row_of = row_of.ravel()[every.spell]
    cell, first = alike(np.column_stack([configuration, every.period, row_of]), None)
    size, units, years = len(first), len(panel.units), every.stop - every.start

    def summed(which: NDArray[np.bool_]) -> Any:
        rows = (years[which], (cell[which], every.unit[which]))
        return coo_matrix(rows, shape=(size, units)).tocsr()

    if blurred is not None:
        which, of = np.unique(blurred[2], return_inverse=True)
        sharp[which] = False
        entries = (blurred[1], (of.ravel(), cell[sizes[1] :]))
        mixed = coo_matrix(entries, shape=(len(which), size)).tocsr()
    return Risk(
        node=every.node[kept],
        x=np.ascontiguousarray(every.x[kept]),
        weight=every.weight[kept],
        configuration=configuration[first],
        period=every.period[first],
        covariates=values[row_of[first]] - centre,
        events=np.bincount(cell, sharp, size),
        mixed=mixed,
        exposure=summed(seen),
        before=None if before is None else summed(earlier),
        unit_events=np.bincount(found.unit, found.event, units),
    )


def rates_in(lowered: Lowered, node: Ints, x: Ints, weight: Floats, theta: Parameters) -> Floats:
    """Return the engine's on-rates in some configurations, shape (draw, configuration)."""
    graph = graph_of(lowered.structure)
    return np.asarray(rates_over(graph, node, np.ascontiguousarray(x), weight, theta))
