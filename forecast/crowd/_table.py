"""A table of forecasts as arrays over forecasters and questions, as it stood at a time.

Long: a forecast a row. Wide: a question a row and a forecaster a column. Whatever is counted as
known is known by then: the newest forecast of each forecaster, and outcomes that had come out.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.scoring import _questions, _rows
from forecast.scoring._inputs import Floats, Ints, cluster_codes
from forecast.scoring._rows import Faults, Names
from forecast.time import Day, DayError

NEEDED = ("question", "forecaster", "probability")
KNOWN = ("question", "option", "outcome", "resolved", "cluster", "time", "weight")
WIDE = "\N{NULL}wide"
LAYOUT = (
    "It needs question, forecaster and probability, or question and a column for each forecaster; "
    "option, time, weight, outcome, resolved and cluster are optional."
)
SUM_TOLERANCE = 0.05
"""How far one forecaster's options of a question may miss 1: people round to whole percents."""


class Crowd(NamedTuple):
    """Forecasts as arrays.

    Parameters
    ----------
    questions, forecasters
        Their names, sorted, as indices; with options, pairs of a question and an option.
    p
        Probabilities, shape (forecaster, question); NaN where there is none.
    y
        Outcomes, shape (question,); NaN where unknown.
    cluster
        Which questions are linked, numbered, shape (question,); a question without a cluster is
        a cluster of its own.
    weight
        How much each forecast counts, above 0 where there is one, shape (forecaster, question).
    age
        Days from each forecast to the cut-off, or to the question's resolution; same shape.
    resolved
        When each question resolved, in days, NaN where not told, shape (question,).
    group
        Which question an option belongs to, numbered, shape (question,); without options,
        every question is a group of its own.
    """

    questions: pd.Index
    forecasters: pd.Index
    p: Floats
    y: Floats
    cluster: Ints
    weight: Floats
    age: Floats
    resolved: Floats
    group: Ints

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Which questions have an outcome, shape (question,)."""
        return ~np.isnan(self.y)


class _Read(NamedTuple):
    """The table as read, a forecast a row, before any cut-off."""

    long: pd.DataFrame
    question: Names
    key: Names
    who: Names
    p: Floats
    weight: Floats
    time: Floats
    resolved: Floats  # (key,): in days
    outcome: Floats  # (key,)
    cluster: list[Any]  # (key,)

    @property
    def has_options(self) -> bool:
        """Whether questions have options."""
        return self.key is not self.question


def crowd_of(forecasts: pd.DataFrame, at: Day | float | None = None) -> Crowd:
    """Return the arrays of a table of forecasts, as it stood at a time.

    Raises
    ------
    InputError
        With every fault of the table, by row and column.
    """
    _rows.need(forecasts, ["question"], LAYOUT)
    faults = Faults(len(forecasts))
    read = _read(_long(forecasts, faults), faults)
    moment = _moment(at, read, faults)
    if not faults:
        _check_known(read, moment, faults)
    faults.stop()
    return _standing(read, moment)


def _read(long: pd.DataFrame, faults: Faults) -> _Read:
    """Return the columns of a table, every fault noted."""
    question = _rows.names(long["question"], faults)
    option = "option" in long.columns
    key = _questions.with_options(question, long["option"], faults) if option else question
    who = _rows.names(long["forecaster"], faults)
    read = _Read(
        long,
        question,
        key,
        who,
        _rows.probabilities(long["probability"], faults, blank=WIDE in long.columns),
        _weights(long, faults),
        _times(long, faults),
        _resolved(long, key, faults),
        _questions.outcomes(long, question, key, faults),
        # One option comes true at the cost of the others: no link that they share would say so.
        [None] * len(key.known) if option else _clusters(long, key, faults),
    )
    if option:
        _check_sums(read, faults)
    _check_twice(read, faults)
    return read


def _long(forecasts: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """Return the table with a forecast a row; where it was wide, a column says so."""
    people = [name for name in forecasts.columns if name not in KNOWN]
    if not people or {"forecaster", "probability"} & set(people):
        _rows.need(forecasts, NEEDED, LAYOUT)
        return forecasts.reset_index(drop=True)
    table = forecasts.reset_index(drop=True)
    kept = table[[name for name in table.columns if name in KNOWN]].assign(**{WIDE: True})
    parts = []
    for name in people:
        p = _rows.probabilities(table[name], faults, blank=True)
        said = np.where((p >= 0) & (p <= 1), p, np.nan)  # what is not was noted
        parts.append(kept.assign(forecaster=name, probability=said))
    return pd.concat(parts, ignore_index=True)


def _moment(at: Day | float | None, read: _Read, faults: Faults) -> float:
    """Return the cut-off in days, the end of a day without an hour; infinite without one."""
    kinds = {
        isinstance(value, (int, float, np.number))
        for told in (_rows.cells(read.long[n]) for n in ("time", "resolved") if n in read.long)
        for value in [*[value for value in told if value is not None][:1], at]
        if value is not None
    }
    if len(kinds) > 1:
        problem = "time, resolved and at are all dates or all numbers"
        faults.note(Fault(problem, "Write all of them as dates.", field="time"))
    if at is None:
        return np.inf
    try:
        return _rows.instant(at, edge="end")
    except DayError as error:
        faults.note(Fault("this is no time", error.remedy, field="at", value=str(at)))
        return np.inf


def _weights(long: pd.DataFrame, faults: Faults) -> Floats:
    """Return how much each forecast counts, 1 unless told."""
    if "weight" not in long.columns:
        return np.ones(len(long))
    problem = "a weight is a number above 0"
    remedy = "Leave it blank for the usual weight, 1, or leave out the forecast."
    found = _rows.numbers(
        long["weight"], faults, lambda w: (w > 0) & np.isfinite(w), problem, remedy
    )
    return np.where(np.isnan(found), 1.0, found)


def _times(long: pd.DataFrame, faults: Faults) -> Floats:
    """Return when each forecast was made, in days; NaN without such a column."""
    if "time" not in long.columns:
        return np.full(len(long), np.nan)
    found = _rows.times(long["time"], faults)
    for row in np.flatnonzero([_rows.missing(value) for value in long["time"]]):
        faults.cell(int(row), "time", "a forecast has no time", "Say when it was made.")
    return found


def _resolved(long: pd.DataFrame, key: Names, faults: Faults) -> Floats:
    """Return when each question resolved, at the end of a day that has no hour."""
    if "resolved" not in long.columns:
        return np.full(len(key.known), np.nan)
    days = _rows.times(long["resolved"], faults, edge="end")
    told = [None if np.isnan(value) else value for value in days.tolist()]
    return _questions.filled(_rows.of_question(told, "resolved", key, faults))


def _clusters(long: pd.DataFrame, key: Names, faults: Faults) -> list[Any]:
    if "cluster" not in long.columns:
        return [None] * len(key.known)
    return _rows.of_question(_rows.cells(long["cluster"]), "cluster", key, faults)


def _check_sums(read: _Read, faults: Faults) -> None:
    """Refuse a forecaster's full set of options that does not add up to one."""
    made = np.nan_to_num(read.time, nan=0.0)
    rows = pd.DataFrame({"q": read.question.codes, "f": read.who.codes, "t": made, "p": read.p})
    rows = rows[(rows["q"] >= 0) & (rows["f"] >= 0)].dropna()
    sets = rows.groupby(["q", "f", "t"])["p"].agg(["sum", "size"])
    offered = read.long["option"].astype(object).groupby(read.question.codes).nunique()
    full = sets["size"].to_numpy() == offered.reindex(sets.index.get_level_values(0)).to_numpy()
    off = sets["sum"][full & (np.abs(sets["sum"].to_numpy() - 1) > SUM_TOLERANCE)]
    for (q, f, _), total in off.items():
        question, forecaster = read.question.known[int(q)], read.who.known[int(f)]
        problem = f"the options of '{question}' add up to {total:.2f} as '{forecaster}' has them"
        remedy = "Options exclude each other; give what does not as questions of their own."
        faults.note(Fault(problem, remedy, field="probability"))


def _check_twice(read: _Read, faults: Faults) -> None:
    timed = "time" in read.long.columns
    rows = pd.DataFrame({"q": read.key.codes, "f": read.who.codes, "t": read.time})
    rows = rows[~np.isnan(read.p) & (rows["q"] >= 0) & (rows["f"] >= 0)]
    for at in rows.index[rows.duplicated()]:
        name = read.who.known[int(read.who.codes[at])]
        problem = f"forecaster '{name}' has two forecasts of one question"
        problem += " at one time" if timed else ""
        remedy = "Keep one of them." if timed else "Keep one, or say when each was made, in time."
        faults.cell(int(at), "question", problem, remedy, read.long["question"].iloc[at])


def _check_known(read: _Read, moment: float, faults: Faults) -> None:
    """Refuse an outcome of which nobody can say whether it was out at the cut-off."""
    if "resolved" not in read.long.columns or not np.isfinite(moment):
        return
    for number in np.flatnonzero(~np.isnan(read.outcome) & np.isnan(read.resolved)).tolist():
        problem = "a question with an outcome has no time at which it resolved"
        remedy = "Fill in resolved, so that nothing is learned before it was known."
        name = str(read.key.known[number])
        faults.note(Fault(problem, remedy, field="resolved", value=name))


def _standing(read: _Read, moment: float) -> Crowd:
    """Return the newest forecast of each forecaster on each question by then, as arrays."""
    y = np.where(read.resolved > moment, np.nan, read.outcome)
    # What is said once the answer is out is no forecast.
    until = np.where(np.isnan(read.resolved), moment, np.minimum(read.resolved, moment))
    counted = ~np.isnan(read.p) & (np.isnan(read.time) | (read.time <= until[read.key.codes]))
    order = np.argsort(np.nan_to_num(read.time, nan=0.0), kind="stable")
    order = order[counted[order]]  # the newest is written last
    shape = (len(read.who.known), len(read.key.known))
    p, weight, made = np.full(shape, np.nan), np.ones(shape), np.full(shape, np.nan)
    at = (read.who.codes[order], read.key.codes[order])
    p[at], weight[at], made[at] = read.p[order], read.weight[order], read.time[order]
    kept, people = ~np.isnan(p).all(axis=0), ~np.isnan(p).all(axis=1)
    if not kept.any():
        raise InputError(Fault("no forecast had been made by then", "Go later.", field="at"))
    latest = float(np.nanmax(made)) if np.isfinite(made).any() else 0.0
    age = np.where(np.isfinite(until), until, latest) - made
    inside = np.ix_(people, kept)
    questions = read.key.known[kept]
    groups = questions.get_level_values(0) if read.has_options else questions
    cluster = [name for name, there in zip(read.cluster, kept, strict=True) if there]
    return Crowd(
        questions,
        read.who.known[people],
        p[inside],
        y[kept],
        cluster_codes(cluster, len(cluster)),
        weight[inside],
        np.nan_to_num(age[inside], nan=0.0),
        read.resolved[kept],
        np.asarray(pd.factorize(groups)[0], dtype=np.intp),
    )
