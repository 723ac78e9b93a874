"""A table of forecasts over the life of questions, as scores over time take it."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.errors import Fault
from forecast.scoring import _questions, _rows
from forecast.scoring._inputs import SUM_TOLERANCE, Floats, Ints
from forecast.scoring._rows import Faults, Names

LAYOUT = (
    "It needs question, forecaster, time, probability, outcome and opened; option, closed and, for "
    "Metaculus, closes (the scheduled close) are further columns."
)
DENSITIES = ("density", "chance")
BASE = ("question", "forecaster", "time", "opened")
ROUNDED = 0.02
"""How far options may miss 1: people round to whole percents."""


class Span(NamedTuple):
    """When each question opened, closed, and was to close, in days, (question,)."""

    opened: Floats
    closed: Floats
    closes: Floats


class Said(NamedTuple):
    """A table of forecasts: one entry for each forecast, with options side by side."""

    questions: pd.Index
    forecasters: pd.Index
    question: Ints  # (forecast,)
    who: Ints  # (forecast,)
    time: Floats  # (forecast,): in days
    given: Floats  # (forecast,): probability of what came true, or density there; NaN: withdrawn
    brier: Floats  # (forecast,): on the original scale, from 0 to 2
    sizes: Floats  # (question,): how many options
    chance: Floats  # (question,): the density of chance; NaN unless numeric
    span: Span

    @property
    def numeric(self) -> bool:
        """Whether densities are scored, not probabilities."""
        return bool(np.isfinite(self.chance).any())


class _Rows(NamedTuple):
    """Columns as read: an entry for each row, and for each question or option."""

    question: Names
    key: Names
    who: Names
    time: Floats
    p: Floats
    y: Floats
    span: Span


def read(forecasts: pd.DataFrame, *, scheduled: bool) -> Said:
    """Return a table as arrays.

    Raises
    ------
    InputError
        With every fault, by row and column.
    """
    numeric = scheduled and isinstance(forecasts, pd.DataFrame) and DENSITIES[0] in forecasts
    needed = [*BASE, *(DENSITIES if numeric else ("probability", "outcome"))]
    _rows.need(forecasts, [*needed, "closes" if scheduled else "closed"], LAYOUT)
    long = forecasts.reset_index(drop=True)
    faults = Faults(len(long))
    question, who = (_rows.names(long[name], faults) for name in ("question", "forecaster"))
    time = _times(long, faults)
    span = _span(long, question, faults)
    if numeric:
        chance, given = _densities(long, question, faults)
        faults.stop()
        none = np.full(len(long), np.nan)
        many = np.full(len(question.known), np.nan)
        said = Said(
            question.known, who.known, question.codes, who.codes, time, given, none, many, chance,
            span,
        )  # fmt: skip
        _check_twice(said, faults)
        faults.stop()
        return said
    key = (
        _questions.with_options(question, long["option"], faults) if "option" in long else question
    )
    p = _rows.probabilities(long["probability"], faults, blank=True)
    if scheduled:
        _check_open(p, faults)
    y = _questions.outcomes(long, question, key, faults)
    for number in np.flatnonzero(np.isnan(y)).tolist():
        problem = "a question to be scored has an outcome"
        remedy = "Fill it in, or leave out questions that are open or were annulled."
        faults.note(Fault(problem, remedy, field="outcome", value=str(key.known[number])))
    faults.stop()
    said = _gathered(_Rows(question, key, who, time, p, y, span), faults)
    _check_twice(said, faults)
    faults.stop()
    return said


def _gathered(told: _Rows, faults: Faults) -> Said:
    """Return forecasts with what they gave to the outcome, options gathered."""
    question, key, who, time, p, y, span = told
    count = len(question.known)
    happened = y[key.codes] == 1
    none = np.full(count, np.nan)
    if key is question:
        given = np.where(happened, p, 1 - p)
        brier = 2 * (1 - given) ** 2
        sizes = np.full(count, 2.0)
        return Said(
            question.known, who.known, question.codes, who.codes, time, given, brier, sizes, none,
            span,
        )  # fmt: skip
    sizes = np.bincount(pd.factorize(key.known.get_level_values(0), sort=True)[0], minlength=count)
    rows = pd.DataFrame(
        {
            "question": question.codes,
            "who": who.codes,
            "time": time,
            "p": p,
            "true": np.where(happened, p, 0.0),
            "brier": (p - happened) ** 2,
            "number": 1,
            "withdrawn": np.isnan(p),
        }
    )
    sums = rows.groupby(["question", "who", "time"], as_index=False).sum()
    asked = sizes[sums["question"]]
    part = (sums["number"] != asked) | ((sums["withdrawn"] > 0) & (sums["withdrawn"] != asked))
    off = (sums["withdrawn"] == 0) & (np.abs(sums["p"] - 1) > ROUNDED)
    for bad, problem in ((part, "leaves out options"), (off & ~part, "does not add up to 1")):
        for q, f in sums.loc[bad, ["question", "who"]].to_numpy().tolist():
            name, person = question.known[q], who.known[f]
            lacking = f"a forecast of '{person}' on '{name}' {problem}"
            remedy = "Give every option at each time, adding up to 1."
            faults.note(Fault(lacking, remedy, field="probability"))
    total = np.where(np.abs(sums["p"] - 1) > SUM_TOLERANCE, sums["p"], 1.0)
    gone = sums["withdrawn"] > 0
    return Said(
        question.known,
        who.known,
        sums["question"].to_numpy(),
        sums["who"].to_numpy(),
        sums["time"].to_numpy(),
        np.where(gone, np.nan, sums["true"] / np.where(gone, 1.0, total)),
        np.where(gone, np.nan, sums["brier"]),
        sizes.astype(np.float64),
        none,
        span,
    )


def _times(long: pd.DataFrame, faults: Faults) -> Floats:
    found = _rows.times(long["time"], faults)
    for row in np.flatnonzero([_rows.missing(value) for value in long["time"]]):
        faults.cell(int(row), "time", "a forecast has no time", "Say when it was made.")
    return found


def _span(long: pd.DataFrame, question: Names, faults: Faults) -> Span:
    """Return when each question opened, closed, and was to close."""
    found = {}
    for name in ("opened", "closed", "closes"):
        days = _rows.times(long[name], faults) if name in long else np.full(len(long), np.nan)
        told = [None if np.isnan(value) else value for value in days.tolist()]
        found[name] = _questions.filled(_rows.of_question(told, name, question, faults))
    closes = np.where(np.isnan(found["closes"]), found["closed"], found["closes"])
    closed = np.where(np.isnan(found["closed"]), closes, found["closed"])
    opened = found["opened"]
    bad = ~((opened < closed) & (opened < closes))
    for number in np.flatnonzero(bad).tolist():
        problem = "a question opens before it closes"
        remedy = "Fill in opened, and closes (the scheduled close) or closed."
        faults.note(Fault(problem, remedy, field="opened", value=str(question.known[number])))
    return Span(opened, closed, closes)


def _densities(long: pd.DataFrame, question: Names, faults: Faults) -> tuple[Floats, Floats]:
    """Return the density of chance, (question,), and of each forecast at the outcome."""
    problem, remedy = "a density is a number above 0", "Leave it blank where it was withdrawn."
    found = [
        _rows.numbers(long[name], faults, lambda d: (d > 0) & np.isfinite(d), problem, remedy)
        for name in DENSITIES
    ]
    told = [None if np.isnan(value) else value for value in found[1].tolist()]
    chance = _questions.filled(_rows.of_question(told, "chance", question, faults))
    for number in np.flatnonzero(np.isnan(chance)).tolist():
        name = str(question.known[number])
        remedy = "It is (1 - 0.05 times the open bounds) / range; beyond an open bound, 0.05."
        faults.note(
            Fault("a numeric question has a density of chance", remedy, field="chance", value=name)
        )
    return chance, found[0]


def _check_open(p: Floats, faults: Faults) -> None:
    for row in np.flatnonzero((p == 0) | (p == 1)).tolist():
        problem = "Metaculus scores take probabilities above 0 and below 1"
        remedy = "Metaculus itself takes 0.1% to 99.9%."
        faults.cell(row, "probability", problem, remedy, f"{p[row]:g}")


def _check_twice(said: Said, faults: Faults) -> None:
    rows = pd.DataFrame({"q": said.question, "f": said.who, "t": said.time})
    for row in np.flatnonzero(rows.duplicated()).tolist():
        name = said.forecasters[int(said.who[row])]
        problem = f"forecaster '{name}' has two forecasts of one question at one time"
        where = str(said.questions[int(said.question[row])])
        faults.note(Fault(problem, "Keep one of them.", field="time", value=where))
