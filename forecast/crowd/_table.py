"""A table of forecasts, one per row, as arrays over forecasters and questions."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Floats, Ints, cluster_codes, probabilities

NEEDED = ("question", "forecaster", "probability")


class Crowd(NamedTuple):
    """Forecasts as arrays.

    Parameters
    ----------
    questions, forecasters
        Their names, sorted, as indices.
    p
        Probabilities, shape (forecaster, question); NaN where there is none.
    y
        Outcomes, shape (question,); NaN where unknown.
    cluster
        Which questions are linked, numbered, shape (question,); a question without a cluster is
        a cluster of its own.
    """

    questions: pd.Index
    forecasters: pd.Index
    p: Floats
    y: Floats
    cluster: Ints

    @property
    def resolved(self) -> NDArray[np.bool_]:
        """Which questions have an outcome, shape (question,)."""
        return ~np.isnan(self.y)


def crowd_of(forecasts: pd.DataFrame) -> Crowd:
    """Return the arrays of a table of forecasts.

    Raises
    ------
    InputError
        If a column is missing, a probability is invalid, a forecaster has two forecasts of one
        question, or a question has two outcomes or two clusters.
    """
    missing = [name for name in NEEDED if name not in forecasts.columns]
    if missing:
        raise InputError(
            Fault(
                f"the table of forecasts has no column '{missing[0]}'",
                "It needs question, forecaster and probability; outcome and cluster are optional.",
            )
        )
    if forecasts.empty:
        raise InputError(Fault("the table of forecasts has no rows"))
    given = probabilities(forecasts["probability"].to_numpy(), "probability")
    rows = forecasts.assign(probability=given)
    twice = rows.duplicated(["forecaster", "question"])
    if twice.any():
        first = rows[twice].iloc[0]
        raise InputError(
            Fault(
                f"forecaster '{first['forecaster']}' has two forecasts of one question",
                "Keep one forecast: the latest, or their mean.",
                field="question",
                value=str(first["question"]),
            )
        )
    questions, question = _named(rows["question"])
    forecasters, forecaster = _named(rows["forecaster"])
    p = np.full((len(forecasters), len(questions)), np.nan)
    p[forecaster, question] = given
    cluster = _of_question(rows, "cluster", questions, question)
    return Crowd(
        questions,
        forecasters,
        p,
        _outcomes(_of_question(rows, "outcome", questions, question)),
        cluster_codes(cluster.to_numpy(), len(questions)),
    )


def _named(column: pd.Series) -> tuple[pd.Index, Ints]:
    """Return the names in a column (not its unused categories), sorted, and each row's index."""
    categorical = isinstance(column.dtype, pd.CategoricalDtype)
    values = column.astype(column.cat.categories.dtype) if categorical else column
    codes, names = pd.factorize(values, sort=True)
    if (codes < 0).any():
        raise InputError(
            Fault(
                f"a forecast has no {column.name}",
                "Name the question and the forecaster in every row.",
                field=str(column.name),
                value=f"row {int(np.flatnonzero(codes < 0)[0]) + 1}",
            )
        )
    return pd.Index(names, name=column.name), codes


def _outcomes(outcome: pd.Series) -> Floats:
    y = pd.to_numeric(outcome, errors="coerce").to_numpy(dtype=np.float64)
    bad = outcome[(np.isnan(y) & outcome.notna().to_numpy()) | ((y != 0) & (y != 1) & ~np.isnan(y))]
    if len(bad):
        raise InputError(
            Fault(
                "an outcome is 0 or 1, or missing while the question is open",
                field="outcome",
                value=str(bad.iloc[0]),
            )
        )
    return y


def _missing(value: Any) -> bool:
    """Return whether a cell is empty: None, NaN, NA or blank text."""
    return not value.strip() if isinstance(value, str) else bool(pd.isna(value))


def _of_question(rows: pd.DataFrame, column: str, questions: pd.Index, question: Ints) -> pd.Series:
    """Return a column's value for each question, in the questions' order; else missing."""
    found = pd.Series([None] * len(questions), index=questions, dtype=object)
    if column not in rows.columns:
        return found
    cells = [None if _missing(value) else value for value in rows[column].astype(object)]
    for number, value in dict(zip(question.tolist(), cells, strict=True)).items():
        found.iloc[number] = value
    unequal = [
        n for n, value in zip(question.tolist(), cells, strict=True) if value != found.iloc[n]
    ]
    if unequal:
        raise InputError(
            Fault(
                f"a question has more than one {column}",
                "Write the same in all its rows.",
                field="question",
                value=str(questions[unequal[0]]),
            )
        )
    return found
