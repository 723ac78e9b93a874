"""Two tables, of events and of spells at risk, as the courses of many units, checked.

An event belongs to the spell in which it lies. Of one that is known to the month or the year the
time is put in the middle of the stretch in which it may lie, and of several whose order is known
(an end after its beginning, a second after a first, what needs another after it) they are spread
evenly over it: see `forecast.learning._placing`.
"""

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError, did_you_mean
from forecast.learning._faults import Faults
from forecast.learning._placing import Edge, Moment, placed
from forecast.learning._times import Stretch, TimeScale, is_missing, time_fault, time_scale
from forecast.network import Event, Network
from forecast.network._nodes import CONFIRMED
from forecast.time import DayError, parse_span

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

HISTORIES, UNITS = "histories", "units"
BEFORE = 1.0
"""Years before the entry, of what was on already and nobody knows since when."""
YES = {"true": True, "yes": True, "1": True, "on": True, "1.0": True}
NO = {"false": False, "no": False, "0": False, "off": False, "0.0": False}


@dataclass(frozen=True)
class Spells:
    """When units are at risk, unit by unit and in order of time.

    Parameters
    ----------
    unit
        Index of the unit, shape (spell,).
    start, stop
        In years, shape (spell,).
    covariates
        Shape (spell, covariate).
    """

    unit: Ints
    start: Floats
    stop: Floats
    covariates: Floats


@dataclass(frozen=True)
class Changes:
    """When a node changes, over all units, by unit and time.

    Parameters
    ----------
    unit
        Index of the unit, shape (change,).
    time
        In years, shape (change,).
    low, high
        Within what the time lies, as far as it is known, shape (change,).
    on
        Whether it turns on, shape (change,).
    row
        Labels of the rows of the table that say so.
    """

    unit: Ints
    time: Floats
    low: Floats
    high: Floats
    on: NDArray[np.bool_]
    row: tuple[Hashable, ...]


@dataclass(frozen=True)
class Panel:
    """The courses of many units.

    Parameters
    ----------
    scale
        How times were read.
    units
        Their names.
    spells
        When they are at risk.
    covariates
        Names.
    group, groups
        Index of each unit's group, shape (unit,), and the groups' names; empty without groups.
    group_column
        The column that names them.
    origin
        When each unit's clock begins, in years, shape (unit,): before it enters, what has not come
        by then had not come.
    changes
        Of each stated event that has any: of what is repeated every time, of confirmations too.
    values
        Of facts, and of decisions: for each event (unit, time, value, row of the table).
    """

    scale: TimeScale
    units: tuple[str, ...]
    spells: Spells
    covariates: tuple[str, ...]
    group: Ints
    groups: tuple[str, ...]
    group_column: str | None
    origin: Floats
    changes: Mapping[str, Changes]
    values: Mapping[str, tuple[tuple[int, float, str, Hashable], ...]]

    @property
    def entry(self) -> Floats:
        """When each unit is first at risk, in years, shape (unit,)."""
        first = np.searchsorted(self.spells.unit, np.arange(len(self.units)))
        return self.spells.start[first]

    @property
    def exposure(self) -> float:
        """All time at risk, in years."""
        return float((self.spells.stop - self.spells.start).sum())


def read_panel(
    network: Network,
    histories: "pd.DataFrame",
    units: "pd.DataFrame",
    *,
    covariates: Sequence[str],
    group: str | None,
    unit: str,
) -> Panel:
    """Return the courses that two tables tell of.

    Raises
    ------
    InputError
        With every fault of both tables.
    """
    try:
        years = parse_span(unit)
    except ValueError as error:
        raise InputError(
            Fault(f"the unit '{unit}' is not a span of time", "Write for example '1 month'.")
        ) from error
    _check(network, histories, units)
    faults = Faults()
    faults.missing(
        UNITS, units.columns, ["unit", "start", "stop", *covariates, *([group] if group else [])]
    )
    faults.missing(HISTORIES, histories.columns, ["unit", "event", "on"])
    faults.raise_any()
    if not len(units):
        raise InputError(Fault("the table units has no rows", "Write a row a spell.", field=UNITS))
    columns = [units["start"], units["stop"], histories["on"]]
    columns += [histories["off"]] if "off" in histories else []
    scale = time_scale((value for column in columns for value in column.tolist()), years)
    names, spells = _spells(units, scale, covariates, faults)
    grouped, groups = _groups(units, names, group, faults)
    faults.raise_any()
    origin = _origin(units, names, spells, scale, faults)
    moments, values = _rows(network, histories, scale, {n: i for i, n in enumerate(names)}, faults)
    changes = _changes(network, moments, spells, scale, faults)
    faults.raise_any()
    return Panel(
        scale, names, spells, tuple(covariates), grouped, groups, group, origin, changes, values
    )


def _check(network: object, histories: object, units: object) -> None:
    """Refuse what is no network, or no table."""
    if not isinstance(network, Network):
        remedy = "Read it with forecast.read_network, or build a forecast.Network."
        raise InputError(Fault("this is no network", remedy, field="network", value=str(network)))
    for name, table in ((HISTORIES, histories), (UNITS, units)):
        if not hasattr(table, "columns"):
            remedy = "Read it with pandas.read_csv, or build a pandas.DataFrame."
            raise InputError(Fault("this is no table", remedy, field=name, value=str(table)))


# ---- Spells


def _spells(
    units: "pd.DataFrame", scale: TimeScale, covariates: Sequence[str], faults: Faults
) -> tuple[tuple[str, ...], Spells]:
    names = [str(value) for value in units["unit"].tolist()]
    index = {name: place for place, name in enumerate(dict.fromkeys(names))}
    of = np.array([index[name] for name in names], dtype=np.int64)
    starts = _times(units, "start", UNITS, scale, faults)
    stops = _times(units, "stop", UNITS, scale, faults)
    numbers = _covariates(units, covariates, faults)
    faults.raise_any()
    low = np.array([each.low for each in starts if each is not None])
    ends = [each for each in stops if each is not None]
    high = np.array([each.high for each in ends])
    order = np.lexsort((low, of))
    labels = units.index.tolist()
    for one, two in itertools.pairwise(order):
        if of[one] != of[two] or high[one] <= low[two]:
            continue
        if ends[one].low == low[two]:  # the day, month or year at which the next one starts
            high[one] = low[two]
            continue
        faults.add(
            f"overlaps the spell of row {labels[one]} of the same unit",
            "Let each spell start where the one before it stops; a stop is included, but for one "
            "on which the next spell starts.",
            (UNITS, labels[two], "start"),
            units["start"].tolist()[two],
        )
    for place in np.flatnonzero(high <= low):
        faults.add(
            "a spell ends before it begins",
            "Write a stop after the start.",
            (UNITS, labels[place], "stop"),
            units["stop"].tolist()[place],
        )
    return tuple(index), Spells(of[order], low[order], high[order], numbers[order])


def _times(
    table: "pd.DataFrame", column: str, name: str, scale: TimeScale, faults: Faults
) -> list[Stretch | None]:
    """Return the stretches of a column's times; None where a cell is empty, or cannot be read."""
    found: list[Stretch | None] = []
    for label, value in zip(table.index.tolist(), table[column].tolist(), strict=True):
        try:
            if is_missing(value) and name == HISTORIES:
                found.append(None)
            else:
                found.append(scale.read(value))
        except DayError as error:
            fault = time_fault(error, column, value)
            faults.add(fault.problem, fault.remedy, (name, label, column), value)
            found.append(None)
    return found


def _covariates(units: "pd.DataFrame", names: Sequence[str], faults: Faults) -> Floats:
    columns, labels = [], units.index.tolist()
    for name in names:
        stated = units[name].tolist()
        numbers = np.array([as_number(value) for value in stated])
        for place in np.flatnonzero(~np.isfinite(numbers)):
            faults.add(
                f"the covariate '{name}' is not a finite number",
                "Fill the gap or leave the row out: missing values are not guessed; write a "
                "category as columns of 0 and 1.",
                (UNITS, labels[place], name),
                stated[place],
            )
        if len(numbers) and np.ptp(numbers) == 0:
            faults.add(
                f"the covariate '{name}' never varies", "Leave it out.", (UNITS, "all", name)
            )
        columns.append(numbers)
    found = np.column_stack(columns) if columns else np.zeros((len(units), 0))
    if not faults and names:
        centred = found - found.mean(axis=0)
        if np.linalg.matrix_rank(centred / centred.std(axis=0)) < len(names):
            faults.add(
                f"the covariates {', '.join(names)} repeat each other",
                "Leave out one that follows from the others.",
                (UNITS, "all", names[0]),
            )
    return found


def as_number(value: object) -> float:
    """Return a cell as a number; NaN where it is none."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def _groups(
    units: "pd.DataFrame", names: Sequence[str], group: str | None, faults: Faults
) -> tuple[Ints, tuple[str, ...]]:
    if group is None:
        return np.zeros(len(names), dtype=np.int64), ()
    of: dict[str, str] = {}
    rows = zip(units.index.tolist(), units["unit"].tolist(), units[group].tolist(), strict=True)
    for label, name, value in rows:
        if is_missing(value):
            faults.add("the group is missing", "Name one.", (UNITS, label, group))
        elif of.setdefault(str(name), str(value)) != str(value):
            faults.add(
                f"unit '{name}' is in the group '{of[str(name)]}' in another row",
                "A unit stays in one group; what changes is a covariate.",
                (UNITS, label, group),
                value,
            )
    groups = tuple(sorted(set(of.values())))
    index = {name: place for place, name in enumerate(groups)}
    return np.array([index[of[n]] for n in names if n in of], dtype=np.int64), groups


def _origin(
    units: "pd.DataFrame", names: Sequence[str], spells: Spells, scale: TimeScale, faults: Faults
) -> Floats:
    """Return when each unit's clock begins: as stated, else 0 of numbers, else as it enters."""
    entry = spells.start[np.searchsorted(spells.unit, np.arange(len(names)))]
    if "origin" not in units:
        return entry if scale.dated else np.minimum(entry, 0.0)
    found, index = entry.copy(), {name: place for place, name in enumerate(names)}
    stated = _times(units, "origin", UNITS, scale, faults)
    for label, name, time in zip(units.index.tolist(), units["unit"].tolist(), stated, strict=True):
        place = index[str(name)]
        if time is not None and time.low > entry[place]:
            faults.add("a unit's origin is after it enters", "Correct one of the two.",
                       (UNITS, label, "origin"), scale.words(time.low))  # fmt: skip
        elif time is not None:
            found[place] = time.low
    return found


# ---- Events


type Values = dict[str, tuple[tuple[int, float, str, Hashable], ...]]


def _rows(
    network: Network,
    histories: "pd.DataFrame",
    scale: TimeScale,
    index: Mapping[str, int],
    faults: Faults,
) -> tuple[list[Moment], Values]:
    """Return the moments at which events turn on or off, and what facts and decisions came to."""
    ons = _times(histories, "on", HISTORIES, scale, faults)
    empty: list[Stretch | None] = [None] * len(histories)
    offs = _times(histories, "off", HISTORIES, scale, faults) if "off" in histories else empty
    said = histories["value"].tolist() if "value" in histories else [None] * len(histories)
    moments: list[Moment] = []
    values: dict[str, list[tuple[int, float, str, Hashable]]] = {}
    for place, label in enumerate(histories.index.tolist()):
        name, who = str(histories["event"].iloc[place]), str(histories["unit"].iloc[place])
        where, event = (HISTORIES, label, "event"), _stated(network, name)
        if who not in index:
            faults.add("no spell of the table units is of this unit",
                       did_you_mean(who, index), (HISTORIES, label, "unit"), who)  # fmt: skip
            continue
        if event is None:
            known = [each.id for each in network.events]
            faults.add("the network has no such event", did_you_mean(name, known), where, name)
            continue
        on, off = ons[place], offs[place]
        if event.kind in {"fact", "decision"} and not name.endswith(f".{CONFIRMED}"):
            value = _value(event, name, said[place])
            if value is None:
                faults.add(
                    f"is no value of the {event.kind} '{event.id}'",
                    f"Write one of: {', '.join(values_of(event) or ('true', 'false'))}.",
                    (HISTORIES, label, "value"),
                    said[place],
                )
                continue
            if event.kind == "decision" and on is None:
                faults.add("a decision falls on a day", "Write it.", (HISTORIES, label, "on"))
                continue
            if any(row[0] == index[who] for row in values.get(event.id, ())):
                faults.add(f"the {event.kind} '{event.id}' has a value of this unit already",
                           "Leave one of the two rows out.", where, who)  # fmt: skip
                continue
            time = -np.inf if on is None else (on.low + on.high) / 2
            values.setdefault(event.id, []).append((index[who], time, value, label))
            continue
        if not is_missing(said[place]):
            faults.add(f"an event of kind {event.kind} has no value", "Leave it empty.",
                       (HISTORIES, label, "value"), said[place])  # fmt: skip
        if off is not None and event.kind != "state":
            faults.add(f"an event of kind {event.kind} never turns off", "Leave it empty.",
                       (HISTORIES, label, "off"), off)  # fmt: skip
            continue
        if on is None and event.kind != "state":
            faults.add("it is not said when it happened", "Write the day, the month or the year.",
                       (HISTORIES, label, "on"))  # fmt: skip
            continue
        moments.append(Moment(name, index[who], label, on, off))
    return moments, {name: tuple(rows) for name, rows in values.items()}


def _stated(network: Network, name: str) -> Event | None:
    """Return the stated event that a row is about; None where there is none."""
    stated, _, part = name.partition(".")
    event = next((each for each in network.events if each.id == stated), None)
    if event is None or not part:
        return event
    if part == CONFIRMED:
        return event if event.lag is not None else None
    return event if event.kind in {"decision", "fact"} and part in values_of(event) else None


def values_of(event: Event) -> tuple[str, ...]:
    """Return the outcomes of a decision or the values of a fact; empty where it is true or not."""
    return event.values  # noqa: PD011 - of an event, not of a table


def _value(event: Event, name: str, value: Any) -> str | None:
    """Return a value of a fact or a decision as the network spells it; None where it has none."""
    part, known = name.partition(".")[2], values_of(event)
    if known:
        text = part or str(value).strip()
        return text if text in known and (not part or is_missing(value)) else None
    text = str(value).strip().lower()
    return "true" if text in YES else "false" if text in NO else None


def _changes(
    network: Network,
    moments: Sequence[Moment],
    spells: Spells,
    scale: TimeScale,
    faults: Faults,
) -> dict[str, Changes]:
    """Return when each event changes, with every time put where it is taken to lie."""
    by_unit: dict[int, list[Moment]] = {}
    for moment in moments:
        by_unit.setdefault(moment.unit, []).append(moment)
    first = np.searchsorted(spells.unit, np.arange(spells.unit[-1] + 2))
    found: dict[str, list[_Change]] = {}
    for who, own in by_unit.items():
        inside = slice(first[who], first[who + 1])
        at = [*zip(spells.start[inside].tolist(), spells.stop[inside].tolist(), strict=True)]
        since = Edge(at[0][0] - BEFORE, at[0][0] - BEFORE)
        for moment, begins, ends in placed(network, own, at, scale, faults):
            for edge, on in ((begins or since, True), (ends, False)):
                if edge is not None:
                    change = (who, edge.time, edge.low, edge.high, on, moment.row)
                    found.setdefault(moment.event, []).append(change)
    return {name: _sorted(rows) for name, rows in found.items()}


type _Change = tuple[int, float, float, float, bool, Hashable]


def _sorted(rows: list[_Change]) -> Changes:
    rows = sorted(rows, key=lambda row: row[:5])
    unit, time, low, high, on, label = zip(*rows, strict=True)
    return Changes(
        unit=np.array(unit, dtype=np.int64),
        time=np.array(time),
        low=np.array(low),
        high=np.array(high),
        on=np.array(on),
        row=tuple(label),
    )
