"""Circumstances in which rates are asked for: whose, with which covariates, and what is on."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from forecast.errors import InputError, did_you_mean
from forecast.learning._drift import Drift
from forecast.learning._faults import Faults
from forecast.learning._panel import NO, YES, Panel, as_number
from forecast.learning._process import Numbers, Process
from forecast.learning._risk import nth_names, rates_in
from forecast.learning._timeline import Timeline
from forecast.learning._times import is_missing, time_fault
from forecast.network import Link, Network
from forecast.time import DayError

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

ROWS = "units"
NEW = "Leave it empty for a new one."


@dataclass(frozen=True)
class Rows:
    """Circumstances, one a row.

    Parameters
    ----------
    timeline
        Of the units that were learned from.
    labels
        Of the rows.
    unit, group
        Indices; None for new ones.
    covariates
        Shape (row, covariate).
    given
        By event or node, how often it has come, or whether it is on, as far as rows say: NaN where
        they do not, shape (row,).
    """

    timeline: Timeline
    labels: Sequence[Hashable]
    unit: tuple[int | None, ...]
    group: tuple[int | None, ...]
    covariates: Floats
    given: Mapping[str, Floats]

    def state(self, name: str) -> Ints:
        """Return the state of a node in each row."""
        event = self.timeline.network.stated(name)
        found = self._at_end(name)
        part = name.partition(".")[2]
        if event.kind == "repeated" and part != "confirmed" and event.id in self.given:
            said = self.given[event.id]
            reached = said >= (int(part) if part else 1)
            found = np.where(np.isnan(said), found, reached)
        if name in self.given and not (event.kind == "repeated" and not part):
            said = self.given[name]
            found = np.where(np.isnan(said), found, said > 0)
        return np.asarray(found, dtype=np.int64)

    def period(self, drift: Drift, at: Any) -> Ints:
        """Return the period of a drift in which each row's unit is at a time.

        Of a new unit, the time since its entry is the time itself.
        """
        panel = self.timeline.panel
        try:
            scale = panel.scale if not np.any(drift.shift) else replace(panel.scale, dated=False)
            time = scale.read(at)
        except DayError as error:
            raise InputError(time_fault(error, "at", at)) from error
        middle = (time.low + time.high) / 2
        return np.searchsorted(drift.edges, np.full(len(self.labels), middle), side="right")

    def count(self, event: str) -> Ints:
        """Return how often an event has come in each row."""
        known = np.array([who is not None for who in self.unit])
        found = np.zeros(len(known), dtype=np.int64)
        if known.any():
            who, time = self._ends(known)
            found[known] = self.timeline.turned(event, who, time, on=True)
        said = self.given.get(event)
        return found if said is None else np.where(np.isnan(said), found, said).astype(np.int64)

    def _ends(self, known: NDArray[np.bool_]) -> tuple[Ints, Floats]:
        who = np.array([u for u in self.unit if u is not None], dtype=np.int64)
        spells = self.timeline.panel.spells
        last = np.searchsorted(spells.unit, who, side="right") - 1
        del known
        return who, spells.stop[last]

    def _at_end(self, name: str) -> Ints:
        known = np.array([who is not None for who in self.unit])
        found = np.zeros(len(known), dtype=np.int64)
        if known.any():
            found[known] = self.timeline.state(name, *self._ends(known))
        return found

    def rates(self, process: Process, numbers: Numbers) -> Floats:
        """Return the rate of a process's event in each row at ratio 1, shape (draw, row)."""
        lowered, event = process.lowered, process.event
        index = {name: place for place, name in enumerate(lowered.events)}
        node = np.full(len(self.labels), index[event.id])
        if event.kind == "repeated":
            names = nth_names(event, event.id)
            node = np.array([index[names[min(k, event.up_to - 1)]] for k in self.count(event.id)])
        x = np.ones((len(node), len(lowered.events)), dtype=np.int64)
        for name in {link.parent for link in lowered.network.links if link.delay is None}:
            x[:, index[name]] = self.state(name)
        found = np.zeros((len(numbers.variance), len(node)))
        delayed = process.passages.watch.delayed if process.passages is not None else ()
        through = [self._passed(link, numbers, index) for link in delayed]
        last = [index[f"{link.id}__stage_{link.stages}"] for link in delayed]
        for passed in product((0, 1), repeat=len(delayed)):
            share = np.ones_like(found)
            for place, on, chance in zip(last, passed, through, strict=True):
                x[:, place] = on
                share = share * (chance if on else 1 - chance)
            found += share * rates_in(lowered, node, x, np.ones(len(node)), numbers.theta)
        return found

    def _passed(self, link: Link, numbers: Numbers, index: Mapping[str, int]) -> Floats:
        """Return the chance that a delayed cause acts in each row, shape (draw, row).

        Where a row says that its parent is on, it acts; else as long as it is since the parent's
        first onset, if it had one.
        """
        pace = numbers.theta.base_rate[:, index[f"{link.id}__stage_1"]]
        known = np.array([who is not None for who in self.unit])
        since = np.full(len(known), -1.0)
        changes = self.timeline.changes(self.timeline.network.stated(link.parent).id)
        if known.any() and len(changes.unit):
            who, end = self._ends(known)
            first = np.searchsorted(changes.unit, who)
            at = np.minimum(first, len(changes.unit) - 1)
            came = (first < len(changes.unit)) & (changes.unit[at] == who)
            since[known] = np.where(came, end - changes.time[at], -1.0)
        share = gammainc(link.stages, pace[:, None] * np.maximum(since, 0.0))
        said = self.given.get(link.parent)
        return share if said is None else np.where(np.isnan(said), share, (said > 0) * 1.0)


def rows_at_end(network: Network, panel: Panel) -> Rows:
    """Return every unit as it stands at the end of its history."""
    every = range(len(panel.units))
    last = np.searchsorted(panel.spells.unit, np.arange(len(panel.units)), side="right") - 1
    return Rows(
        timeline=Timeline(network, panel),
        labels=panel.units,
        unit=tuple(every),
        group=tuple(panel.group.tolist()),
        covariates=panel.spells.covariates[last],
        given={},
    )


def rows_of(network: Network, panel: Panel, table: "pd.DataFrame") -> Rows:
    """Return the circumstances that a table states.

    Raises
    ------
    InputError
        With every fault: columns that mean nothing, unknown units or groups, cells that cannot be
        read, and what a new unit does not say.
    """
    faults = Faults()
    nodes = [event.id for event in network.events] + [node.id for node in network.nodes]
    group = panel.group_column
    known = ["unit", *panel.covariates, *nodes, *([group] if group else [])]
    for column in table.columns:
        if column not in known:
            faults.add(f"'{column}' is no covariate and no event",
                       did_you_mean(str(column), known), (ROWS, "all", str(column)))  # fmt: skip
    index = {name: place for place, name in enumerate(panel.units)}
    groups = {name: place for place, name in enumerate(panel.groups)}
    unit: list[int | None] = []
    of: list[int | None] = []
    who = table["unit"].tolist() if "unit" in table else [None] * len(table)
    said = table[group].tolist() if group and group in table else [None] * len(table)
    for label, name, one in zip(table.index.tolist(), who, said, strict=True):
        place = None if is_missing(name) else index.get(str(name))
        if place is None and not is_missing(name):
            near = f"{did_you_mean(str(name), index)} {NEW}"
            faults.add("nothing was learned of this unit", near, (ROWS, label, "unit"), name)
        unit.append(place)
        if not is_missing(one) and str(one) not in groups:
            near = f"{did_you_mean(str(one), groups)} {NEW}"
            faults.add("nothing was learned of this group", near, (ROWS, label, str(group)), one)
        own = int(panel.group[place]) if place is not None and groups else None
        of.append(own if own is not None or is_missing(one) else groups.get(str(one)))
    last = np.searchsorted(panel.spells.unit, np.arange(len(panel.units)), side="right") - 1
    covariates = np.full((len(table), len(panel.covariates)), np.nan)
    for row, place in enumerate(unit):
        if place is not None:
            covariates[row] = panel.spells.covariates[last[place]]
    for k, name in enumerate(panel.covariates):
        for row, value in enumerate(table[name].tolist() if name in table else ()):
            if not is_missing(value):
                covariates[row, k] = as_number(value)
        for gap in np.flatnonzero(~np.isfinite(covariates[:, k])):
            faults.add(f"the covariate '{name}' is missing or no number",
                       "Write it: of a new unit it is not known.",
                       (ROWS, table.index.tolist()[gap], name))  # fmt: skip
    given = {name: _counts(table, name, faults) for name in dict.fromkeys(nodes) if name in table}
    faults.raise_any()
    return Rows(
        Timeline(network, panel), table.index.tolist(), tuple(unit), tuple(of), covariates, given
    )


def _counts(table: "pd.DataFrame", name: str, faults: Faults) -> Floats:
    """Return how often something has come, or 1 and 0 for on and off; NaN where a cell is empty."""
    found = np.full(len(table), np.nan)
    for row, (label, value) in enumerate(
        zip(table.index.tolist(), table[name].tolist(), strict=True)
    ):
        text = str(value).strip().lower()
        if is_missing(value):
            continue
        if text in YES or text in NO:
            found[row] = float(text in YES)
        elif text.removesuffix(".0").isdigit():
            found[row] = float(text)
        else:
            faults.add("is neither on nor off", "Write true or false; of what is repeated, how "
                       "often it has come.", (ROWS, label, name), value)  # fmt: skip
    return found
