"""Periods in which rates may differ: of the calendar, or of the time since units entered."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.learning._panel import Panel
from forecast.learning._times import EPOCH, time_fault, year_start
from forecast.time import DayError, parse_span

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

SINCE_ENTRY = " since entry"
MOST_PERIODS = 60
REMEDY = (
    "Write for example '10 years', '2 years since entry', or the edges between the periods as the "
    "tables write their times."
)


@dataclass(frozen=True)
class Drift:
    """The periods of a drift.

    Parameters
    ----------
    edges
        Between them, rising, in years, shape (period - 1,).
    shift
        What is taken from the times of each unit before they are compared, shape (unit,).
    names
        Of the periods.
    reference
        The period whose rate the base rate is.
    """

    edges: Floats
    shift: Floats
    names: tuple[str, ...]
    reference: int

    def period(self, time: Floats, unit: Ints) -> Ints:
        """Return the period of some times of some units."""
        return np.searchsorted(self.edges, time - self.shift[unit], side="right")


def no_drift(panel: Panel) -> Drift:
    """Return the one period of rates that do not change."""
    return Drift(np.zeros(0), np.zeros(len(panel.units)), ("all",), 0)


def drift_of(panel: Panel, said: "str | Sequence[Any] | None") -> Drift:
    """Return the periods that are asked for.

    The base rate is that of the last period, and that of the one with most time at risk where
    periods count from the entry.

    Parameters
    ----------
    panel
        The histories.
    said
        Their length, ``"10 years"``, by the calendar, or since units entered with ``" since
        entry"`` after it; or the edges between them.

    Raises
    ------
    InputError
        If it is neither, or there are more than 60 periods.
    """
    if said is None:
        return no_drift(panel)
    spells, scale = panel.spells, panel.scale
    shift, entering = np.zeros(len(panel.units)), not scale.dated
    if isinstance(said, str):
        span = said.removesuffix(SINCE_ENTRY)
        if said.endswith(SINCE_ENTRY):
            shift, entering = panel.entry, True
        try:
            length = parse_span(span)
        except ValueError as error:
            problem = f"the drift '{said}' is no length of a period"
            raise InputError(Fault(problem, REMEDY, field="drift")) from error
        first = 0.0 if entering else float(spells.start.min())
        last = float((spells.stop - shift[spells.unit]).max())
        whole = scale.dated and not entering and length.is_integer()
        edges = _calendar(first, last, int(length)) if whole else np.arange(first, last, length)[1:]
    else:
        edges = _edges(panel, said)
    if len(edges) >= MOST_PERIODS:
        raise InputError(Fault(f"a drift of {len(edges) + 1} periods is too fine", "Take fewer.",
                               field="drift"))  # fmt: skip
    seen = np.zeros(len(edges) + 1)
    bounds = np.concatenate([[-np.inf], edges, [np.inf]])
    for k in range(len(seen)):
        begin = np.maximum(spells.start - shift[spells.unit], bounds[k])
        end = np.minimum(spells.stop - shift[spells.unit], bounds[k + 1])
        seen[k] = np.maximum(end - begin, 0.0).sum()
    used = np.flatnonzero(seen > 0)
    edges = edges[used[0] : used[-1]]
    seen = seen[used[0] : used[-1] + 1]
    names = _names(panel, edges, absolute=not np.any(shift))
    return Drift(edges, shift, names, int(seen.argmax()) if entering else len(edges))


def _calendar(first: float, last: float, years: int) -> Floats:
    """Return the beginnings of periods of so many years: of ten, those of 1970, 1980 …."""
    begin = int(np.floor((first + EPOCH.year - 1) / years)) * years
    every = range(begin, int(last) + EPOCH.year + 2, years)
    edges = np.array([year_start(year) for year in every])
    return edges[(edges > first) & (edges < last)]


def _edges(panel: Panel, said: Sequence[Any]) -> Floats:
    found = []
    for value in said:
        try:
            found.append(panel.scale.read(value).low)
        except DayError as error:
            raise InputError(time_fault(error, "drift", value)) from error
    edges = np.array(found)
    if not (np.diff(edges) > 0).all():
        raise InputError(Fault("the edges of a drift must rise", REMEDY, field="drift"))
    return edges


def _names(panel: Panel, edges: Floats, *, absolute: bool) -> tuple[str, ...]:
    words = [panel.scale.words(e) if absolute else f"{e:.4g} years" for e in edges.tolist()]
    if not words:
        return ("all",)
    between = [f"{a} to {b}" for a, b in itertools.pairwise(words)]
    return (f"to {words[0]}", *between, f"from {words[-1]}")
