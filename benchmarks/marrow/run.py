"""The benchmark of bone-marrow transplants: forecasts by cross-validation, and their scores."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.marrow.courses import courses
from benchmarks.marrow.data import COVARIATES, Floats, Patients, read
from benchmarks.marrow.ours import ours, ours_wide
from benchmarks.marrow.page import OURS, PART, headline
from benchmarks.marrow.references import (
    Forecast,
    aalen_johansen,
    cox,
    multi_state,
    transition_rows,
    transitions,
)
from benchmarks.marrow.scoring import LEVEL, Asked, asked, losses, mean_difference, resampled
from benchmarks.marrow.states import DAYS, HORIZONS, OUTCOMES
from benchmarks.political.run import commit
from benchmarks.record import keep
from forecast.history.event_history import Columns, fit_flat

FOLDS, SEED = 10, 1
FORECASTERS: dict[str, Callable[[Patients], Forecast]] = {
    OURS: ours,
    "eventcast_wide": ours_wide,
    "cox": cox,
    "multi_state": multi_state,
    "aalen_johansen": aalen_johansen,
}
DIGITS = 6
DRAWS_FLAT = 100
"""Of the posterior under flat priors; its mode is what is compared."""


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
                cells.append(_cell((day, what, ahead), question, loss, drawn))
    six = []
    for day in DAYS:
        for what in OUTCOMES:
            both = [single[day, what, ahead] for ahead in HORIZONS]
            six.append({"day": day, "outcome": what, **_differences(both, drawn)})
    by_outcome = {
        what: _differences([each for key, each in single.items() if key[1] == what], drawn)
        for what in OUTCOMES
    }
    return {"six": six, "by_outcome": by_outcome, "questions": cells}


def _cell(
    key: tuple[int, str, int], question: Asked, loss: Mapping[str, Floats], drawn: Any
) -> dict[str, Any]:
    weight, (day, what, ahead) = question.weight, key
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
    questions: Sequence[tuple[Asked, Mapping[str, Floats]]], drawn: Any
) -> dict[str, Any]:
    """Return mean Brier scores by forecaster, and how much higher the others' are than ours."""
    weights = [question.weight for question, _ in questions]
    brier = {}
    for name in questions[0][1]:
        means = [loss[name].sum() / question.weight.sum() for question, loss in questions]
        brier[name] = round(float(np.mean(means)), DIGITS)
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

    Each of its transitions has a baseline and six covariates of its own.
    """
    theirs = transitions(patients)
    found = []
    for name, (rows, event) in transition_rows(courses(patients)).items():
        table = rows[["start", "stop", *COVARIATES]].reset_index(drop=True)
        came = (rows["came"] == event).to_numpy(dtype=np.int64)
        flat = fit_flat(table.assign(event=came), Columns(), draws=DRAWS_FLAT)
        ours_here = np.array([flat.mode[column] for column in COVARIATES])
        cox = theirs[name]
        found.append(
            {
                "transition": name,
                "events": int(came.sum()),
                "log_ratio": dict(zip(COVARIATES, np.round(cox.beta, 4).tolist(), strict=True)),
                "standard_error": dict(
                    zip(COVARIATES, np.round(cox.error, 4).tolist(), strict=True)
                ),
                "furthest": float(np.abs((ours_here - cox.beta) / cox.error).max()),
            }
        )
    furthest = max(float(str(each["furthest"])) for each in found)
    return {"furthest": furthest, "transitions": found}


def measured(patients: Patients) -> dict[str, Any]:
    """Return all figures of the benchmark."""
    forecasts = {name: said(patients, learn) for name, learn in FORECASTERS.items()}
    onset = patients.histories.onset
    return {
        "patients": len(patients),
        "events": {event: int(np.isfinite(when).sum()) for event, when in onset.items()},
        "folds": FOLDS,
        "seed": SEED,
        "level": LEVEL,
        **scored(patients, forecasts),
        "coefficients": coefficients(patients),
    }


def run(data: Path) -> None:
    """Measure on the patients of a folder, and keep the figures; no row of the data is kept.

    Parameters
    ----------
    data
        Holds the file, or the folder ``bone_marrow`` with it.
    """
    figures = measured(read(data))
    keep(PART, {"headline": headline(figures), "commit": commit(), **figures})
