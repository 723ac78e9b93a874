"""The benchmark: forecasts by cross-validation, their scores, and the published coefficients."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.marrow.courses import CENSORED, courses
from benchmarks.marrow.data import COVARIATES, Floats, Patients, read
from benchmarks.marrow.ours import ours
from benchmarks.marrow.references import (
    Forecast,
    aalen_johansen,
    cox,
    multi_state,
    transition_rows,
    transitions,
)
from benchmarks.marrow.scoring import Asked, asked, losses, mean_difference, resampled
from benchmarks.marrow.states import DAYS, HORIZONS, OUTCOMES, states_of
from benchmarks.record import keep, kept, stamp, table
from forecast.history.event_history import Columns, fit_flat

PART = "truth_marrow"
FOLDS, SEED = 10, 1
OURS = "eventcast"
FORECASTERS: dict[str, Callable[[Patients], Forecast]] = {
    OURS: ours,
    "cox": cox,
    "multi_state": multi_state,
    "aalen_johansen": aalen_johansen,
}
DIGITS = 6


def said(patients: Patients, learn: Callable[[Patients], Forecast]) -> dict[int, Floats]:
    """Return what a forecaster says of each patient, learned from the other folds.

    It gets a patient's history as it stood at the end of the day of the forecast, and nothing else.

    Returns
    -------
    dict
        By day, of the shape (patient, horizon, outcome).
    """
    fold = np.random.default_rng(SEED).permutation(len(patients)) % FOLDS
    found = {day: np.full((len(patients), len(HORIZONS), len(OUTCOMES)), np.nan) for day in DAYS}
    for number in range(FOLDS):
        forecast = learn(patients.some(fold != number))
        here = fold == number
        for day in DAYS:
            here_at_risk = here & (patients.end > day)
            history = patients.histories.some(here_at_risk).until(day)
            found[day][here_at_risk] = forecast(history, day)
        print(f"  {learn.__name__}: fold {number + 1} of {FOLDS}", flush=True)
    return found


def scored(patients: Patients, forecasts: Mapping[str, Mapping[int, Floats]]) -> dict[str, Any]:
    """Return the Brier scores of all questions, and our differences with their intervals."""
    drawn = resampled(len(patients))
    cells, single = [], {}
    for day in DAYS:
        for j, what in enumerate(OUTCOMES):
            for i, ahead in enumerate(HORIZONS):
                question = asked(patients, day, ahead, what)
                loss = {
                    name: losses(question, by_day[day][:, i, j])
                    for name, by_day in forecasts.items()
                }
                single[day, what, ahead] = (question, loss)
                cells.append(_cell(day, what, ahead, question, loss, drawn))
    six = []
    for day in DAYS:
        for what in OUTCOMES:
            both = [single[day, what, ahead] for ahead in HORIZONS]
            six.append({"day": day, "outcome": what, **_differences(both, drawn)})
    return {"six": six, "questions": cells, "all": _differences(list(single.values()), drawn)}


def _cell(
    day: int, what: str, ahead: int, question: Asked, loss: Mapping[str, Floats], drawn: Any
) -> dict[str, Any]:
    weight = question.weight
    return {
        "day": day,
        "outcome": what,
        "within_days": ahead,
        "patients": int(question.at_risk.sum()),
        "known": int((weight > 0).sum()),
        "came": round(float(weight @ question.outcome / weight.sum()), 4),
        **_differences([(question, loss)], drawn),
    }


def _differences(
    questions: list[tuple[Asked, Mapping[str, Floats]]], drawn: Any
) -> dict[str, Any]:
    """Return mean Brier scores by forecaster, and how much higher the others' are than ours."""
    weights = [question.weight for question, _ in questions]
    brier = {
        name: round(float(np.mean([loss[name].sum() / w.sum() for (_, loss), w in
                                   zip(questions, weights, strict=True)])), DIGITS)
        for name in questions[0][1]
    }  # fmt: skip
    gain = {
        name: [
            round(number, DIGITS)
            for number in mean_difference(
                [loss[OURS] for _, loss in questions],
                [loss[name] for _, loss in questions],
                weights,
                drawn,
            )
        ]
        for name in brier
        if name != OURS
    }
    return {"brier": brier, "gain": gain}


def coefficients(patients: Patients) -> dict[str, Any]:
    """Return how far our log ratios under flat priors are from lifelines' on the published model.

    Each of its twelve transitions has a baseline and six covariates of its own.
    """
    theirs = transitions(patients)
    found = []
    for name, (rows, event) in transition_rows(courses(patients)).items():
        stretch = rows[["start", "stop", *COVARIATES]].assign(event=(rows["came"] == event).astype(int))
        flat = fit_flat(stretch.reset_index(drop=True), Columns(), draws=1)
        away = np.array([flat.mode[column] for column in COVARIATES]) - theirs[name].beta
        found.append(
            {
                "transition": name,
                "events": int(stretch["event"].sum()),
                "log_ratio": dict(zip(COVARIATES, np.round(theirs[name].beta, 4).tolist(), strict=True)),
                "standard_error": dict(zip(COVARIATES, np.round(theirs[name].error, 4).tolist(), strict=True)),
                "furthest": float(np.abs(away / theirs[name].error).max()),
            }
        )
    return {"furthest": max(each["furthest"] for each in found), "transitions": found}
