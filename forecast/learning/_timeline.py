"""The state of any node of a unit at any time, from the courses of many units."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.learning._panel import Changes, Panel
from forecast.network import Event, Network
from forecast.network._nodes import CONFIRMED

if TYPE_CHECKING:
    from collections.abc import Sequence

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

NONE = np.zeros(0)
NOBODY = Changes(NONE.astype(np.int64), NONE, NONE, NONE, NONE.astype(np.bool_), ())


@dataclass(frozen=True)
class Timeline:
    """Looks up states of nodes; times of all units stand on one line, one unit after the other.

    Parameters
    ----------
    network
        The network.
    panel
        The courses.
    """

    network: Network
    panel: Panel

    @cached_property
    def _line(self) -> tuple[float, float]:
        """The first time of all, and how far units stand apart on the line."""
        times = [self.panel.spells.start, self.panel.spells.stop]
        times += [changes.time for changes in self.panel.changes.values()]
        times += [
            np.array([time for _, time, *_ in rows if np.isfinite(time)])
            for rows in self.panel.values.values()
        ]
        every = np.concatenate(times)
        return float(every.min()), float(np.ptp(every)) + 1.0

    def key(self, unit: Ints, time: Floats) -> Floats:
        """Return where a time of a unit stands on the line."""
        first, apart = self._line
        return np.asarray(unit * apart + (np.maximum(time, first) - first))

    def changes(self, event: str) -> Changes:
        """Return when an event changes, over all units."""
        return self.panel.changes.get(event, NOBODY)

    def marks(self, name: str) -> tuple[Ints, Floats]:
        """Return when a node, or the event that it is of, may change: units and times."""
        event = self.network.stated(name)
        stated = f"{event.id}.{CONFIRMED}" if name.endswith(f".{CONFIRMED}") else event.id
        changes = self.changes(stated)
        rows = [row for row in self.panel.values.get(stated, ()) if np.isfinite(row[1])]
        unit = np.array([row[0] for row in rows], dtype=np.int64)
        time = np.array([row[1] for row in rows], dtype=np.float64)
        return np.concatenate([changes.unit, unit]), np.concatenate([changes.time, time])

    def turned(self, event: str, unit: Ints, time: Floats, *, on: bool) -> Ints:
        """Return how often an event has turned on (or off) by some times, those included."""
        changes = self.changes(event)
        chosen = changes.on == on
        keys = self.key(changes.unit[chosen], changes.time[chosen])
        by = np.searchsorted(keys, self.key(unit, time), side="right")
        before = np.searchsorted(changes.unit[chosen], unit, side="left")
        return np.asarray(by - before, dtype=np.int64)

    def state(self, name: str, unit: Ints, time: Floats) -> Ints:
        """Return the state of a node, 0 or 1, at some times of some units.

        Raises
        ------
        InputError
            If it is a fact that the table of histories does not tell of every such unit.
        """
        event = self.network.stated(name)
        parts = name.split(".")[1:]
        if parts and parts[-1] == CONFIRMED:
            times = int(parts[0]) if len(parts) > 1 else 1
            stated = f"{event.id}.{CONFIRMED}"
            return (self.turned(stated, unit, time, on=True) >= times).astype(np.int64)
        if event.kind in {"fact", "decision"}:
            return self._value(event, parts[0] if parts else "true", unit, time)
        count = self.turned(event.id, unit, time, on=True)
        if event.kind == "repeated":
            return (count >= (int(parts[0]) if parts else 1)).astype(np.int64)
        return (count - self.turned(event.id, unit, time, on=False) > 0).astype(np.int64)

    def _value(self, event: Event, value: str, unit: Ints, time: Floats) -> Ints:
        """Return whether a fact has a value, or a decision has come out as that by a time."""
        rows = self.panel.values.get(event.id, ())
        since = np.full(len(self.panel.units), np.inf)
        known = np.zeros(len(self.panel.units), dtype=np.bool_)
        for who, when, said, _ in rows:
            known[who] = True
            if said == value:
                since[who] = -np.inf if event.kind == "fact" else when
        unknown = [] if event.kind == "decision" else np.unique(unit[~known[unit]]).tolist()
        if unknown:
            named: Sequence[str] = [self.panel.units[who] for who in unknown[:5]]
            problem = (
                f"the fact '{event.id}' acts on other events, and histories do not say what it is "
                f"for {len(unknown)} units ({', '.join(named)}{', …' if len(unknown) > 5 else ''})"  # noqa: PLR2004
            )
            remedy = "Write a row with its value for each unit."
            raise InputError(Fault(problem, remedy, field="histories"))
        return (since[unit] <= time).astype(np.int64)
