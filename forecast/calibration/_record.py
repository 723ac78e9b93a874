"""A record of answered questions: the scores of each, and what they come to together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.calibration._corp import corp
from forecast.scoring import brier, logarithmic


@dataclass(frozen=True)
class QuestionScore:
    """One question that is resolved: whether an event would be on by a deadline.

    Parameters
    ----------
    network, event, by
        The question.
    outcome
        1 where it was, 0 where not, or the share that it was resolved to.
    opened, closed
        The day of the first forecast, and that of the deadline or of the onset before it.
    forecasts
        How many runs spoke of it while it was open.
    first, last
        The probability that was said at first, and at last.
    gain
        What the forecasts gained over the network's own prior in Brier score, over the scheduled
        life of the question; above 0 is better than the prior.
    question
        The name of the question, where the workspace has questions.
    title
        Its words, else the title of the event; empty where there is neither.
    """

    network: str
    event: str
    by: str
    outcome: float
    opened: str
    closed: str
    forecasts: int
    first: float
    last: float
    gain: float
    question: str = ""
    title: str = ""


@dataclass(frozen=True)
class Scores:
    """All resolved questions, and what they come to.

    Parameters
    ----------
    questions
        One by one.
    brier, log
        Means over the questions of the forecast at their opening; lower is better. A share counts
        as so much of a yes and the rest of a no.
    gain
        The mean gain over the prior.
    miscalibration, discrimination, uncertainty
        The parts of the Brier score, by the forecasts at opening; without those that were resolved
        to a share.
    open, annulled, late
        Questions left out: not resolved yet, annulled, and asked only when it was over.
    hindsight
        Runs that were made after the answer to a question, by their entries in the ledger.
    notes
        What is to be known of the times that forecasts count from.
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
    hindsight: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        questions: Sequence[QuestionScore],
        *,
        open: int,  # noqa: A002
        annulled: int,
        late: int,
    ) -> "Scores":
        """Return what questions come to, beside how many were left out."""
        if not questions:
            return cls((), None, None, None, None, None, None, open, annulled, late)
        p = np.array([each.first for each in questions])
        y = np.array([each.outcome for each in questions])
        sure = (y == 0) | (y == 1)
        parts = corp(p[sure], y[sure]) if sure.any() else None
        losses = [
            float(((1 - y) * rule(p, np.zeros_like(y)) + y * rule(p, np.ones_like(y))).mean())
            for rule in (brier, logarithmic)
        ]
        return cls(
            questions=tuple(questions),
            brier=losses[0],
            log=losses[1],
            gain=float(np.mean([each.gain for each in questions])),
            miscalibration=None if parts is None else parts.miscalibration,
            discrimination=None if parts is None else parts.discrimination,
            uncertainty=None if parts is None else parts.uncertainty,
            open=open,
            annulled=annulled,
            late=late,
        )
