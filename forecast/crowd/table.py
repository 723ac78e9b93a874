"""From a table of forecasts, one row each, to arrays over forecasters and questions."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.scoring.checks import Floats, Ints, probabilities

__all__ = ["Crowd", "crowd_of"]

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
        Which questions hang together, numbered, shape (question,).
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
        If a column is missing, a probability is none, a forecaster speaks twice to one question, or
        a question has two outcomes or two clusters.
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
    said = probabilities(forecasts["probability"].to_numpy(), "probability")
    rows = forecasts.assign(probability=said)
    twice = rows.duplicated(["forecaster", "question"])
    if twice.any():
        first = rows[twice].iloc[0]
        raise InputError(
            Fault(
                f"forecaster '{first['forecaster']}' speaks twice to one question",
                "Keep one forecast: the latest, or their mean.",
                field="question",
                value=str(first["question"]),
            )
        )
    wide = rows.pivot(index="forecaster", columns="question", values="probability")  # noqa: PD010
    cluster = _of_question(rows, "cluster")
    codes = np.arange(wide.shape[1]) if cluster is None else pd.factorize(cluster, sort=True)[0]
    return Crowd(wide.columns, wide.index, wide.to_numpy(), _outcomes(rows), codes)


def _outcomes(rows: pd.DataFrame) -> Floats:
    outcome = _of_question(rows, "outcome")
    if outcome is None:
        return np.full(rows["question"].nunique(), np.nan)
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


def _of_question(rows: pd.DataFrame, column: str) -> "pd.Series | None":
    """Return what a column says of each question, in the questions' order."""
    if column not in rows.columns:
        return None
    by_question = rows.groupby("question", sort=True)[column]
    unequal = by_question.nunique(dropna=False) > 1  # noqa: PD101
    if unequal.any():
        raise InputError(
            Fault(
                f"a question has more than one {column}",
                "Write the same in all its rows.",
                field="question",
                value=str(unequal.index[unequal][0]),
            )
        )
    return (
        by_question.first() if column == "outcome" else by_question.agg(lambda found: found.iloc[0])
    )
