"""Outcomes are appended, and forecasts scored against them by what could be known in time."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forecast.calibration._record import Scores
from forecast.errors import InputError
from forecast.ledger import (
    ForecastRecord,
    RunRecord,
    confirm_clock,
    open_ledger,
    publish,
    standing,
)
from forecast.ledger import _append as append
from forecast.ledger._connection import ledger_address
from forecast.scoring import gain_over_life
from forecast.time import parse_instant
from forecast.workspace._history import history_of
from forecast.workspace._outcomes import Statement, resolve_event
from forecast.workspace._scores import score_workspace
from tests.ledger.samples import key_of
from tests.tolerances import SAME_ALGEBRA
from tests.workspace.samples import write_workspace

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL


@contextmanager
def clock_at(monkeypatch: pytest.MonkeyPatch, day: datetime) -> Iterator[None]:
    class Clock:
        @staticmethod
        def now(_: object) -> datetime:
            return day

    with monkeypatch.context() as patch:
        patch.setattr(append, "datetime", Clock)
        yield


def say(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    day: str,
    made: str = "",
    **chances: float | tuple[float, str],
) -> None:
    """Publish a run of a day, then or later: each event's probability by the end of 2024, or by a
    day."""
    forecasts = []
    for event, chance in chances.items():
        p, by = chance if isinstance(chance, tuple) else (chance, "2024-12-31")
        at = parse_instant(by)
        forecasts.append(ForecastRecord(event, at, p, None, None, None, 0.2, at))
    noon = datetime.fromisoformat(made or day).replace(tzinfo=UTC) + timedelta(hours=12)
    record = RunRecord(
        key=key_of((day, *chances.items())),
        network="tiny",
        network_body='{"start": "2024-01-01"}',
        as_of=parse_instant(day, edge="start"),
        settings="{}",
        gate="{}",
        forced=False,
        forecasts=tuple(forecasts),
    )
    with (
        clock_at(monkeypatch, noon),
        open_ledger(ledger_address(None, folder)) as ledger,
    ):
        publish(ledger, record)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_workspace(tmp_path)


def test_the_gain_is_over_the_prior_through_the_scheduled_life(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    say(folder, monkeypatch, "2024-12-11", troops=0.8)
    resolve_event(folder, "troops", Statement(on="2024-12-20"))
    (found,) = score_workspace(folder).questions
    # Counted from the day after it was said: 2 to 31 December is 30 days, open for the first 19.
    expected = gain_over_life([0.5] * 10 + [0.8] * 9, 1, 0.2, scheduled=30)
    assert found.gain == pytest.approx(expected, rel=SAME_ALGEBRA)
    assert (found.outcome, found.forecasts, found.first, found.last) == (1, 2, 0.5, 0.8)
    assert (found.opened, found.closed) == ("2024-12-01", "2024-12-20")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Statement(on="2024-12-31"), 1),
        (Statement(on="2025-01-01"), 0),
        (Statement(not_by="2024-12-31"), 0),
        (Statement(not_by="2025-06-30"), 0),
    ],
)
def test_what_came_by_the_deadline_is_a_yes_and_what_came_later_a_no(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Statement, outcome: int
) -> None:
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    resolve_event(folder, "troops", answer)
    (found,) = score_workspace(folder).questions
    assert found.outcome == outcome


def test_what_is_open_annulled_or_asked_too_late_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chances: dict[str, Any] = dict.fromkeys(("a", "b", "c", "d"), 0.5)
    say(folder, monkeypatch, "2024-12-01", **chances)
    resolve_event(folder, "b", Statement(not_by="2024-12-30"))
    resolve_event(folder, "c", Statement(void=True))
    resolve_event(folder, "d", Statement(on="2024-11-30"))
    scores = score_workspace(folder)
    assert (scores.questions, scores.brier) == ((), None)
    assert (scores.open, scores.annulled, scores.late) == (2, 1, 1)


def test_what_is_said_on_the_day_on_which_it_began_is_too_late(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(folder, monkeypatch, "2024-12-01", troops=0.5, pact=0.5)
    resolve_event(folder, "troops", Statement(on="2024-12-01"))
    resolve_event(folder, "pact", Statement(on="2024-12-02"))
    scores = score_workspace(folder)
    assert [each.event for each in scores.questions] == ["pact"]
    assert scores.late == 1


def test_several_runs_of_a_day_count_as_its_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    say(folder, monkeypatch, "2024-12-01", troops=0.7)
    resolve_event(folder, "troops", Statement(not_by="2024-12-31"))
    (found,) = score_workspace(folder).questions
    assert (found.forecasts, found.first) == (2, 0.7)


def test_all_questions_together(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(folder, monkeypatch, "2024-12-01", a=0.9, b=0.2)
    say(folder, monkeypatch, "2024-12-05", a=0.6, b=0.5)  # what was said at opening is scored
    resolve_event(folder, "a", Statement(on="2024-12-10"))
    resolve_event(folder, "b", Statement(not_by="2024-12-31"))
    scores = score_workspace(folder)
    assert scores.brier == pytest.approx((0.01 + 0.04) / 2, rel=SAME_ALGEBRA)
    assert scores.log == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2, rel=SAME_ALGEBRA)
    parts = (scores.miscalibration, scores.discrimination, scores.uncertainty)
    assert parts == pytest.approx((0.025, 0.25, 0.25), rel=SAME_ALGEBRA)


def test_a_replay_can_be_scored_by_its_cut_offs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    resolve_event(folder, "troops", Statement(not_by="2024-12-31"))
    by_cut_off = score_workspace(folder, clock="as_of").questions[0]
    by_publication = score_workspace(folder, clock="made").questions[0]
    assert (by_cut_off.opened, by_publication.opened) == ("2024-11-30", "2024-12-01")


def test_a_past_date_that_is_run_after_the_answer_is_named_and_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    resolve_event(folder, "troops", Statement(on="2024-12-20"))
    honest = score_workspace(folder, clock="as_of")
    say(folder, monkeypatch, "2024-12-05", made="2026-03-01", troops=0.99)
    say(folder, monkeypatch, "2024-12-06", made="2026-03-01", troops=0.98)
    found = score_workspace(folder, clock="as_of")
    assert found.hindsight == (3, 4)
    assert found.questions == honest.questions
    with_it = score_workspace(folder, clock="as_of", with_hindsight=True)
    assert with_it.hindsight == (3, 4)
    assert with_it.questions[0].gain > honest.questions[0].gain


def test_a_clock_put_back_after_the_answer_raises_no_score(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    say(folder, monkeypatch, "2024-12-25", pact=0.5)
    honest = score_all(folder, monkeypatch)
    say(folder, monkeypatch, "2024-12-02", troops=0.99)  # the clock said so, 20 days on
    found = score_workspace(folder)
    assert found.questions == honest.questions
    assert "2024-12-02 12:00 at entry 4" in found.notes[0]


def score_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Scores:
    with clock_at(monkeypatch, datetime(2024, 12, 26, tzinfo=UTC)):
        resolve_event(folder, "troops", Statement(on="2024-12-20"))
    return score_workspace(folder)


def test_a_clock_put_forward_spoils_no_score_once_somebody_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(folder, monkeypatch, "2024-11-30", made="2031-01-01", pact=0.5)
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    assert score_all(folder, monkeypatch).questions == ()
    with (
        clock_at(monkeypatch, datetime(2024, 12, 27, tzinfo=UTC)),
        open_ledger(ledger_address(None, folder)) as ledger,
    ):
        confirm_clock(ledger)
    (found,) = score_workspace(folder).questions
    assert (found.opened, found.closed) == ("2024-12-01", "2024-12-20")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Statement(), "say one thing of an event"),
        (Statement(on="2024-07-01", void=True), "say one thing of an event"),
        (Statement(on="July"), "--on: 'July' is not an ISO 8601 date"),
        (Statement(not_by="2999-01-01"), "--not-by: lies in the future"),
        (
            Statement(on="2023-12-31"),
            "--on: lies before network 'tiny' begins (2024-01-01) (got '2023-12-31')",
        ),
        (
            Statement(not_by="2023-06-01"),
            "--not-by: lies before network 'tiny' begins (2024-01-01)",
        ),
        (Statement(on="2024-07-01", note="x" * 3000), "note: is longer than the ledger takes"),
    ],
)
def test_an_answer_that_is_none_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Statement, fault: str
) -> None:
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    with pytest.raises(InputError) as caught:
        resolve_event(folder, "troops", answer)
    assert fault in str(caught.value)
    with open_ledger(ledger_address(None, folder)) as ledger:
        assert standing(ledger) == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_event_nobody_forecast_is_no_event(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="there is no ledger yet"):
        resolve_event(folder, "troops", Statement(void=True))
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    for ask in (
        lambda: resolve_event(folder, "trops", Statement(void=True)),
        lambda: history_of(folder, "trops"),
    ):
        with pytest.raises(InputError, match="Did you mean 'troops'"):
            ask()


def test_the_history_of_an_event_has_every_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(folder, monkeypatch, "2024-12-01", troops=0.5, pact=0.1)
    say(folder, monkeypatch, "2024-12-02", troops=0.6)
    resolve_event(folder, "troops", Statement(on="2024-12-20", note="seen"))
    history = history_of(folder, "troops")
    assert [each.forecast.probability for each in history.said] == [0.5, 0.6]
    (last,) = history.last
    before = history.before(last)
    assert before is not None
    assert before.forecast.probability == 0.5
    assert history.standing is not None
    assert history.standing.resolution.note == "seen"
