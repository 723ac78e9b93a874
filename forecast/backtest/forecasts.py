"""What every forecaster said of every question, date by date."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import pandas as pd

from forecast.backtest.estimates import Answer, Said
from forecast.backtest.forecasters import CARRIED_ON, FORECASTERS, OURS, PRIOR, Forecaster
from forecast.backtest.plan import Place
from forecast.backtest.questions import Life
from forecast.time import day_label

__all__ = ["Made", "forecast_table", "forecasts_of"]


class Made(NamedTuple):
    """One forecast of one question, and how it was made."""

    as_of: str
    probability: float
    mcse: float
    method: str
    passed: bool


def forecasts_of(
    lives: Sequence[Life], answers: Mapping[Place, Answer]
) -> dict[tuple[Forecaster, str], list[Made]]:
    """Return the forecasts of each forecaster and question, one a date.

    Parameters
    ----------
    lives
        The questions.
    answers
        Every estimate that they need.
    """
    said = {place: _by_question(came.said) for place, came in answers.items()}
    (start,) = (place for place in answers if place[0] == PRIOR)
    found: dict[tuple[Forecaster, str], list[Made]] = {}
    for life in lives:
        asked = (life.resolution.event, life.by)
        for name in FORECASTERS:
            made = []
            for number, date in enumerate(life.dates):
                before = life.dates[number - 1] if number else None
                place = _place(name, date, before, start)
                each, came = said[place][asked], answers[place]
                made.append(
                    Made(day_label(date), each.probability, each.mcse, came.method, came.passed)
                )
            found[name, life.resolution.id] = made
    return found


def forecast_table(forecasts: Mapping[tuple[Forecaster, str], Sequence[Made]]) -> pd.DataFrame:
    """Return forecasts as a table, one a row."""
    rows = [
        {"question": question, "forecaster": name, **each._asdict()}
        for (name, question), made in forecasts.items()
        for each in made
    ]
    return pd.DataFrame(rows)


def _by_question(said: Sequence[Said]) -> dict[tuple[str, str], Said]:
    return {(each.event, each.by): each for each in said}


def _place(name: Forecaster, date: datetime, before: datetime | None, start: Place) -> Place:
    """Return whose estimate a forecaster gives at a date, and as of when."""
    if name == PRIOR:
        return start
    if name == CARRIED_ON:
        return start if before is None else (OURS, before)
    return (name, date)
