"""Time at risk and events of one process, cut where anything changes and summed where alike.

A process is what one set of numbers drives: that an event comes (again), that a state ends, or that
an event is confirmed. Each of its cells has a configuration (which node may come, the states of the
nodes that act on it, the weight of the calendar), covariates and a period of the drift.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from forecast.engine._rate import shuts
from forecast.learning._faults import Faults
from forecast.learning._panel import HISTORIES, Panel
from forecast.learning._timeline import Timeline
from forecast.learning._times import EPOCH
from forecast.model._lower import Lowered
from forecast.network import Event
from forecast.network._nodes import CONFIRMED
from forecast.time import years_between

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Role = Literal["on", "off", "confirmed"]

SUFFIX: dict[Role, str] = {"on": "", "off": " (ends)", "confirmed": f".{CONFIRMED}"}


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
        Shape (cell,).
    exposure
        In years, sparse, shape (cell, unit).
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
    exposure: Any
    unit_events: Floats

    @property
    def years(self) -> float:
        """All time at risk."""
        return float(self.exposure.sum())


def stretches(
    timeline: Timeline, lowered: Lowered, event: Event, role: Role, edges: Floats | None, shift: Floats
) -> Stretches:
    """Return the time at risk of one process.

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
    edges
        Between the periods of the drift; None for one period.
    shift
        What to take from the time of each unit before it is compared with the edges, (unit,).
    """
    panel, spells = timeline.panel, timeline.panel.spells
    names = [f"{event.id}.{CONFIRMED}" if role == "confirmed" else event.id]
    index = {name: place for place, name in enumerate(lowered.events)}
    parents = _parents(lowered, event, role)
    every = np.arange(len(panel.units))
    cuts = [(spells.unit, spells.start), (spells.unit, spells.stop)]
    for name in {*parents, event.id, *names}:
        stated = name if name in panel.changes else _stated(timeline, name)
        changes = timeline.changes(stated)
        cuts.append((changes.unit, changes.time))
        rows = panel.values.get(stated, ())
        cuts.append((np.array([r[0] for r in rows], np.int64), np.array([r[1] for r in rows])))
    windows = lowered.structure.windows[index[event.id]] if role == "on" else None
    marks = [] if windows is None else (windows.edges + calendar_shift(timeline)).tolist()
    cuts += [(every, np.full(len(every), mark)) for mark in marks]
    if edges is not None and role == "on":
        cuts += [(every, edge + shift) for edge in edges.tolist()]
    unit = np.concatenate([u for u, _ in cuts])
    time = np.concatenate([t for _, t in cuts])
    keep = np.isfinite(time)
    unit, time = unit[keep], time[keep]
    order = np.lexsort((time, unit))
    unit, time = unit[order], time[order]
    fresh = np.ones(len(unit), dtype=np.bool_)
    fresh[1:] = (np.diff(unit) != 0) | (np.diff(time) > 0)
    unit, time = unit[fresh], time[fresh]
    pair = np.flatnonzero(unit[1:] == unit[:-1])
    of, start, stop = unit[pair], time[pair], time[pair + 1]
    middle = (start + stop) / 2
    spell_key = timeline.key(spells.unit, spells.start)
    spell = np.searchsorted(spell_key, timeline.key(of, middle), side="right") - 1
    inside = (spell >= 0) & (spells.unit[spell] == of) & (middle < spells.stop[spell])
    of, start, stop, middle, spell = (a[inside] for a in (of, start, stop, middle, spell))
    node, at_risk = _node(timeline, index, event, role, of, middle)
    found = Stretches(
        unit=of,
        spell=spell,
        start=start,
        stop=stop,
        node=node,
        event=_ends_here(timeline, event, role, of, stop),
        x=_states(timeline, lowered, parents, index, of, middle),
        weight=np.ones(len(of)) if windows is None else _weights(windows, middle - calendar_shift(timeline)),
        period=np.zeros(len(of), np.int64)
        if edges is None or role != "on"
        else np.searchsorted(edges, middle - shift[of], side="right"),
    )
    return found.some(at_risk)


def _stated(timeline: Timeline, name: str) -> str:
    event = timeline.network.stated(name)
    return f"{event.id}.{CONFIRMED}" if name.endswith(f".{CONFIRMED}") else event.id


def calendar_shift(timeline: Timeline) -> float:
    """Return when the network starts, on the scale of the tables."""
    if not timeline.panel.scale.dated:
        return 0.0
    return years_between(EPOCH, timeline.network.start_instant)


def _parents(lowered: Lowered, event: Event, role: Role) -> list[str]:
    """Return the nodes whose states the rates of a process depend on, but for its own."""
    if role != "on":
        return []
    network = lowered.network
    links = [link for link in network.links if network.stated(link.child).id == event.id]
    return sorted({link.parent for link in links if link.delay is None})


def _node(
    timeline: Timeline, index: dict[str, int], event: Event, role: Role, unit: Ints, time: Floats
) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the node that may come, and whether it may."""
    came = timeline.turned(event.id, unit, time, on=True)
    if role == "confirmed":
        stated = f"{event.id}.{CONFIRMED}"
        known = timeline.turned(stated, unit, time, on=True)
        names = _times(event, stated)
        return _nth(index, names, known), known < np.minimum(came, len(names))
    if event.kind == "state":
        on = came - timeline.turned(event.id, unit, time, on=False) > 0
        return np.full(len(unit), index[event.id]), on if role == "off" else ~on
    names = _times(event, event.id)
    again = event.kind == "repeated"
    return _nth(index, names, came), np.ones(len(unit), np.bool_) if again else came == 0


def _times(event: Event, name: str) -> list[str]:
    """Return the nodes of what is repeated, or the one of what is not."""
    if event.kind != "repeated":
        return [name]
    part = name.removeprefix(event.id)
    return [name, *(f"{event.id}.{k}{part}" for k in range(2, event.up_to + 1))]


def _nth(index: dict[str, int], names: Sequence[str], count: Ints) -> Ints:
    places = np.array([index[name] for name in names], dtype=np.int64)
    return places[np.minimum(count, len(places) - 1)]


def _ends_here(
    timeline: Timeline, event: Event, role: Role, unit: Ints, stop: Floats
) -> NDArray[np.bool_]:
    changes = timeline.changes(f"{event.id}.{CONFIRMED}" if role == "confirmed" else event.id)
    chosen = changes.on == (role != "off")
    keys = timeline.key(changes.unit[chosen], changes.time[chosen])
    return np.isin(timeline.key(unit, stop), keys)


def _states(
    timeline: Timeline,
    lowered: Lowered,
    parents: Sequence[str],
    index: dict[str, int],
    unit: Ints,
    time: Floats,
) -> Ints:
    """Return the states of the engine's events as far as they matter, the others as if they acted.

    What an event needs of itself (that a second follows a first) is given by which node may come.
    """
    x = np.zeros((len(unit), len(lowered.events)), dtype=np.int64)
    shown = {parent: timeline.state(parent, unit, time) for parent in parents}
    for name, state in shown.items():
        x[:, index[name]] = state
    for gate in lowered.network.gates:  # within one stated event: as the node at risk has it
        if gate.kind == "requires" and gate.parent not in shown:
            x[:, index[gate.parent]] = 1
    for fact in lowered.network.hidden_facts:
        x[:, index[fact.name]] = 1
    return x


def _weights(windows: Any, time: Floats) -> Floats:
    return np.asarray(windows.weights[np.searchsorted(windows.edges, time, side="right")])


def shut(lowered: Lowered, found: Stretches) -> NDArray[np.bool_]:
    """Return in which stretches a gate is closed, or the calendar lets nothing happen."""
    structure = lowered.structure
    closed = found.weight == 0
    for link in range(len(structure.link_kind)):
        here = found.node == structure.link_child[link]
        state = found.x[:, structure.link_parent[link]]
        closed |= here & shuts(structure.link_kind[link], state)
    return closed


def refuse_impossible(
    timeline: Timeline, lowered: Lowered, event: Event, found: Stretches, faults: Faults
) -> None:
    """Take in the fault of each event that the network says cannot happen when it did."""
    changes = timeline.changes(event.id)
    rows = dict(zip(timeline.key(changes.unit, changes.time).tolist(), changes.row, strict=True))
    for place in np.flatnonzero(shut(lowered, found) & found.event):
        faults.add(
            f"'{event.id}' comes while a gate of the network is closed",
            "Correct the time of one of the two, or take the gate (requires, prevents, a window of "
            "weight 0) out of the network: it says that this cannot happen.",
            (HISTORIES, rows[float(timeline.key(found.unit[place], found.stop[place]))], "on"),
            timeline.panel.scale.words(float(found.stop[place])),
        )


def cells(panel: Panel, found: Stretches, centre: Floats) -> Risk:
    """Return stretches summed where they are alike."""
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - takes a while

    weights, weight_of = np.unique(found.weight, return_inverse=True)
    keys = np.column_stack([found.node, found.x, weight_of.ravel()])
    alike, configuration = np.unique(keys, axis=0, return_inverse=True)
    configuration = configuration.ravel()
    rows = panel.spells.covariates
    if rows.shape[1]:
        values, row_of = np.unique(rows, axis=0, return_inverse=True)
        row_of = row_of.ravel()[found.spell]
    else:
        values, row_of = np.zeros((1, 0)), np.zeros(len(found.spell), dtype=np.int64)
    cell_keys = np.column_stack([configuration, found.period, row_of])
    kept, cell = np.unique(cell_keys, axis=0, return_inverse=True)
    cell = cell.ravel()
    size, units = len(kept), len(panel.units)
    exposure = coo_matrix(
        (found.stop - found.start, (cell, found.unit)), shape=(size, units)
    ).tocsr()
    return Risk(
        node=alike[:, 0],
        x=np.ascontiguousarray(alike[:, 1:-1]),
        weight=weights[alike[:, -1]],
        configuration=kept[:, 0],
        period=kept[:, 1],
        covariates=values[kept[:, 2]] - centre,
        events=np.bincount(cell, found.event, size),
        exposure=exposure,
        unit_events=np.bincount(found.unit, found.event, units),
    )
