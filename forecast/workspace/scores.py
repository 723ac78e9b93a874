"""Scores of the ledger's forecasts against what came about: question by question, and together."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np

from forecast.calibration import corp
from forecast.ledger import ResolutionRecord, Said, said, standing
from forecast.scoring import brier, gain_over_life, logarithmic
from forecast.scoring import standing as standing_on
from forecast.time import day_label
from forecast.workspace.kept import open_kept

__all__ = ["Clock", "QuestionScore", "Scores", "score_workspace"]

type Clock = Literal["made", "as_of"]

DAY = timedelta(days=1)


@dataclass(frozen=True)
class QuestionScore:
    """One question that is resolved: whether an event would be on by a deadline.

    Parameters
    ----------
    network, event, by
        The question.
    outcome
        1 where it was, 0 where not.
    opened, closed
        The day of the first forecast, and that of the deadline or of the onset before it.
    forecasts
        How many runs spoke of it while it was open.
    first, last
        The probability that was said at first, and at last.
    gain
        What the forecasts gained over the network's own prior in Brier score, over the scheduled
        life of the question; above 0 is better than the prior.
    """

    network: str
    event: str
    by: str
    outcome: int
    opened: str
    closed: str
    forecasts: int
    first: float
    last: float
    gain: float


@dataclass(frozen=True)
class Scores:
    """All resolved questions, and what they come to.

    Parameters
    ----------
    questions
        One by one.
    brier, log
        Means over the questions of the forecast at their opening; lower is better.
    gain
        The mean gain over the prior.
    miscalibration, discrimination, uncertainty
        The parts of the Brier score, by the forecasts at opening.
    open, annulled, late
        Questions left out: not resolved yet, annulled, and asked only when it was over.
    """

    questions: tuple[QuestionScore, ...]
    brier: float | None
    log: float | None
    gain: float | None
    miscalibration: float | None
    discrimination: float | None
    uncertainty: float | None
    open: int
    annulled: int
    late: int


def score_workspace(folder: Path, *, clock: Clock = "made") -> Scores:
    """Return the scores of a workspace's forecasts.

    Runs that were kept although their gate failed, and conditional forecasts, are left out.

    Parameters
    ----------
    folder
        The workspace.
    clock
        ``"made"``: a forecast counts from when it was published, which nobody can choose with
        hindsight. ``"as_of"``: from its knowledge cut-off, as where past dates were replayed.

    Raises
    ------
    InputError
        If there is no workspace or no ledger.
    LedgerError
        If the ledger cannot be read.
    """
    with open_kept(folder) as kept:
        forecasts = [each for each in said(kept.ledger) if not each.forced]
        words = {event: word.resolution for event, word in standing(kept.ledger).items()}
    found: list[QuestionScore] = []
    left = {"open": 0, "annulled": 0, "late": 0}
    for question in _questions(forecasts):
        told = _score(question, words.get(question[0].forecast.event), clock)
        if isinstance(told, str):
            left[told] += 1
        else:
            found.append(told)
    return _together(found, left)


def _questions(forecasts: Iterable[Said]) -> list[list[Said]]:
    """Return the forecasts of each question, in the order in which they were made."""
    asked = [each for each in forecasts if not each.forecast.condition]
    asked.sort(key=lambda each: (*_question(each), each.entry))
    return [list(group) for _, group in groupby(asked, key=_question)]


def _question(each: Said) -> tuple[str, str, datetime]:
    return each.network, each.forecast.event, each.forecast.deadline


def _score(
    said_: Sequence[Said], word: ResolutionRecord | None, clock: Clock
) -> QuestionScore | Literal["open", "annulled", "late"]:
    deadline = said_[0].forecast.deadline
    if word is None:
        return "open"
    if word.outcome == "void" or word.at is None:
        return "annulled"
    happened = word.outcome == "happened" and word.at <= deadline
    if not happened and word.at < deadline:
        return "open"  # it had not come by then, and may have since
    closed = min(word.at, deadline) if happened else deadline
    times = [each.made_at if clock == "made" else each.as_of for each in said_]
    order = sorted(range(len(times)), key=lambda n: (times[n], said_[n].entry))
    order = [n for n in order if _day_after(times[n]) < closed]
    if not order:
        return "late"
    return _life(
        [said_[n] for n in order], [times[n] for n in order], closed=closed, outcome=int(happened)
    )


def _life(
    said_: Sequence[Said], times: Sequence[datetime], *, closed: datetime, outcome: int
) -> QuestionScore:
    opened, deadline = _day_after(times[0]), said_[0].forecast.deadline
    scheduled = math.ceil((deadline - opened) / DAY)
    days = np.arange(min(scheduled, math.ceil((closed - opened) / DAY)))
    by_day = {
        (_day_after(time) - opened) / DAY: each for time, each in zip(times, said_, strict=True)
    }
    made = np.array(list(by_day))  # of several a day the last stands
    p = np.array([each.forecast.probability for each in by_day.values()])
    prior = np.array([_prior(each) for each in by_day.values()])
    return QuestionScore(
        network=said_[0].network,
        event=said_[0].forecast.event,
        by=day_label(deadline),
        outcome=outcome,
        opened=day_label(opened),
        closed=day_label(closed),
        forecasts=len(said_),
        first=float(p[0]),
        last=float(p[-1]),
        gain=gain_over_life(
            standing_on(made, p, days),
            outcome,
            standing_on(made, prior, days),
            scheduled=scheduled,
        ),
    )


def _prior(each: Said) -> float:
    """Return what the network says without evidence; even odds where that was not kept."""
    return 0.5 if each.forecast.prior is None else each.forecast.prior


def _day_after(time: datetime) -> datetime:
    """Return the midnight from which on a forecast counts: the first at or after it."""
    midnight = datetime(time.year, time.month, time.day, tzinfo=UTC)
    return midnight if time == midnight else midnight + DAY


def _together(found: list[QuestionScore], left: dict[str, int]) -> Scores:
    if not found:
        return Scores((), None, None, None, None, None, None, **left)
    p = np.array([each.first for each in found])
    y = np.array([each.outcome for each in found])
    parts = corp(p, y)
    return Scores(
        questions=tuple(found),
        brier=float(brier(p, y).mean()),
        log=float(logarithmic(p, y).mean()),
        gain=float(np.mean([each.gain for each in found])),
        miscalibration=parts.miscalibration,
        discrimination=parts.discrimination,
        uncertainty=parts.uncertainty,
        **left,
    )
