"""The life of a question: which dates count, and for how long each forecast stands."""

import numpy as np

from forecast.backtest._questions import life_of
from forecast.evidence import Resolution
from forecast.time import parse_instant

DATES = tuple(parse_instant(day) for day in ("2024-06-10", "2024-06-20", "2024-06-30"))


def life(outcome: str, resolved: str | None = None, by: str = "2024-06-30"):
    return life_of(
        Resolution(id="q", event="pact", deadline=by, outcome=outcome, resolved=resolved), DATES
    )


def test_a_no_is_open_for_as_long_as_scheduled() -> None:
    found = life("no")
    # EventChance at the end of the 10th, it stands from the 11th; that of the 30th comes too late.
    assert [len(found.dates), found.scheduled, found.open_days] == [2, 20, 20]
    assert found.daily([0.3, 0.6]).tolist() == [0.3] * 10 + [0.6] * 10


def test_a_yes_closes_with_the_day_on_which_it_was_known() -> None:
    found = life("yes", "2024-06-22")
    assert [len(found.dates), found.scheduled, found.open_days] == [2, 20, 12]
    assert found.daily([0.3, 0.6]).tolist() == [0.3] * 10 + [0.6] * 2


def test_no_forecast_counts_that_was_made_when_the_answer_was_known() -> None:
    assert len(life("yes", "2024-06-20").dates) == 1
    assert life("yes", "2024-06-10") is None
    assert life("no", by="2024-06-10") is None


def test_a_forecast_made_at_noon_counts_from_midnight() -> None:
    noon = (parse_instant("2024-06-10T12:00Z"),)
    question = Resolution(id="q", event="pact", deadline="2024-06-12", outcome="no")
    found = life_of(question, noon)
    assert found is not None
    assert (found.scheduled, found.open_days) == (2, 2)
    assert not np.isnan(found.daily([0.4])).any()
