"""Questions of a table of forecasts: their options, and what came of them."""

from typing import Any

import numpy as np
import pandas as pd

from forecast.errors import Fault
from forecast.scoring import _rows
from forecast.scoring._inputs import Floats
from forecast.scoring._rows import Faults, Names


def with_options(question: Names, column: pd.Series, faults: Faults) -> Names:
    """Return pairs of a question and one of its options as names."""
    option = _rows.names(column, faults)
    both = (question.codes >= 0) & (option.codes >= 0)
    pair = np.where(both, question.codes * max(len(option.known), 1) + option.codes, -1)
    numbers, codes = np.unique(pair[both], return_inverse=True)
    place = np.full(len(pair), -1, dtype=np.intp)
    place[both] = codes
    of_question, of_option = np.divmod(numbers, max(len(option.known), 1))
    known = pd.MultiIndex.from_arrays(
        [question.known[of_question], option.known[of_option]], names=["question", "option"]
    )
    return Names(known, place)


def filled(values: list[Any]) -> Floats:
    """Return numbers, NaN where there is none."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def outcomes(long: pd.DataFrame, question: Names, key: Names, faults: Faults) -> Floats:
    """Return outcomes by question or option, from yes or no or the name of the option."""
    if "outcome" not in long.columns:
        return np.full(len(key.known), np.nan)
    told = _rows.cells(long["outcome"])
    if key is not question:
        told = _by_option(told, long["option"], question)
    answers: list[float | None] = []
    for row, value in enumerate(told):
        found = None if value is None else _rows.outcome(value)
        if value is not None and found is None:
            problem = "an outcome is yes or no, or missing while the question is open"
            faults.cell(row, "outcome", problem, _rows.OUTCOME_REMEDY, value)
        answers.append(found)
    values = _rows.of_question(answers, "outcome", key, faults)
    y = filled(values)
    if key is not question:
        _check_one_true(y, key, faults)
    return y


def _by_option(told: list[Any], column: pd.Series, question: Names) -> list[Any]:
    """Return outcomes as 1 or 0 where every row of a question names the option that came true."""
    options = [None if _rows.missing(value) else str(value) for value in column.astype(object)]
    said: dict[int, set[str | None]] = {}
    offered: dict[int, set[str | None]] = {}
    for number, value, name in zip(question.codes.tolist(), told, options, strict=True):
        said.setdefault(number, set()).add(None if value is None else str(value))
        offered.setdefault(number, set()).add(name)
    return [
        (1 if name == str(value) else 0)
        if value is not None and len(said[number]) == 1 and said[number] <= offered[number]
        else value
        for number, value, name in zip(question.codes.tolist(), told, options, strict=True)
    ]


def _check_one_true(y: Floats, key: Names, faults: Faults) -> None:
    of_question = pd.Series(y).groupby(key.known.get_level_values(0))
    for name, values in of_question:
        if (values == 1).sum() > 1 or (values == 0).all():
            problem = "exactly one option of a question comes true"
            remedy = "Say yes to one of them, adding the one that came true if it is not there."
            faults.append(Fault(problem, remedy, field="outcome", value=str(name)))
