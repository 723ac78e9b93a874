"""What came about: recorded in the ledger, and the ledger's forecasts scored against it."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np

from forecast.calibration._record import QuestionScore, Scores
from forecast.errors import Fault, InputError
from forecast.ledger import (
    Entry,
    ResolutionRecord,
    RunInputs,
    Said,
    read_run,
    resolve,
    said,
    standing,
)
from forecast.ledger._records import Outcome
from forecast.network._nodes import Node
from forecast.scoring import gain_over_life
from forecast.scoring import standing as standing_on
from forecast.time import DayError, day_label, next_midnight, parse_instant
from forecast.workspace._contents import clashes_with_word, scan_outcomes
from forecast.workspace._draws import network_of
from forecast.workspace._history import Kept, no_forecast, open_kept


@dataclass(frozen=True)
class Statement:
    """What a user says became of an event; one of the first three.

    Parameters
    ----------
    on
        The day on which it began, ISO 8601.
    not_by
        A day by whose end it had not begun.
    void
        Whether its questions are annulled.
    note
        How it is known.
    """

    on: str | None = None
    not_by: str | None = None
    void: bool = False
    note: str = ""


type Word = tuple[ResolutionRecord, Entry]


def resolve_event(folder: Path, event: str, stated: Statement) -> tuple[Word, ...]:
    """Append what became of an event to a workspace's ledger; the last word on it stands.

    If it is an outcome of a decision that has come, the others are entered as not having come.

    An `InputError` refuses an event that the ledger has no forecast of, a statement of nothing or
    of several things, a day that is none, lies in the future or before the network begins, and what
    contradicts the workspace's file of resolutions.
    """
    outcome, day = _outcome(stated)
    at = None if day is None else _past_instant(outcome, day)
    with open_kept(folder) as kept:
        last = _last_forecast(kept, event)
        if at is not None:
            _require_time_of(kept, last, outcome, at)
        record = ResolutionRecord(event, outcome, at, stated.note)
        words = [record, *_ruled_out(kept, last, record)]
        for word in words:
            _require_agreement(kept, word)
        return tuple((word, resolve(kept.ledger, word)) for word in words)


def _ruled_out(kept: Kept, last: Said, record: ResolutionRecord) -> list[ResolutionRecord]:
    """Return that no other outcome of a decision comes, ever, if it was one that has come."""
    if record.outcome != "happened" or "." not in record.event:
        return []
    network = network_of(RunInputs.of(read_run(kept.ledger, last.entry)[1]))
    node = network.event(record.event)
    rivals = node.rivals if isinstance(node, Node) else ()
    note = f"'{record.event}' came: exactly one outcome comes."
    return [ResolutionRecord(name, "not_by", network.horizon_instant, note) for name in rivals]


def _outcome(stated: Statement) -> tuple[Outcome, str | None]:
    given: list[tuple[Outcome, str | None]] = []
    if stated.on is not None:
        given.append(("happened", stated.on))
    if stated.not_by is not None:
        given.append(("not_by", stated.not_by))
    if stated.void:
        given.append(("void", None))
    if len(given) != 1:
        rule = "say one thing of an event"
        raise InputError(Fault(rule, "Give --on DATE, --not-by DATE or --void.", field="resolve"))
    return given[0]


def _past_instant(outcome: Outcome, day: str) -> datetime:
    field = _flag(outcome)
    try:
        at = parse_instant(day)
    except DayError as error:
        raise InputError(Fault(str(error), field=field)) from error
    if at > datetime.now(UTC) + timedelta(days=1):  # today counts, though it has not ended
        remedy = "Record it when it has come about."
        raise InputError(Fault("lies in the future", remedy, field=field, value=day))
    return at


def _flag(outcome: Outcome) -> str:
    return "--on" if outcome == "happened" else "--not-by"


def _require_agreement(kept: Kept, record: ResolutionRecord) -> None:
    """Refuse what contradicts resolutions.csv: the ledger never forgets a slip."""
    resolutions, faults = scan_outcomes(kept.workspace.evidence_paths)
    faults += tuple(clashes_with_word(resolutions, {record.event: record}))
    if faults:
        raise InputError(faults)


def _last_forecast(kept: Kept, event: str) -> Said:
    """Return the last forecast of an event; refuse an event that has none."""
    last = {each.forecast.event: each for each in said(kept.ledger)}
    if event not in last:
        raise no_forecast(event, last)
    return last[event]


def _require_time_of(kept: Kept, last: Said, outcome: Outcome, at: datetime) -> None:
    """Refuse a day before the network begins: nothing uncertain had happened by then."""
    _, run = read_run(kept.ledger, last.entry)
    start = json.loads(run.network_body).get("start")
    if start is not None and at <= parse_instant(start, edge="start"):
        raise InputError(
            Fault(
                f"lies before network '{run.network}' begins ({start})",
                "Check the year, or record --void where the question was never open.",
                field=_flag(outcome),
                value=day_label(at),
            )
        )


type Clock = Literal["made", "as_of"]

DAY = timedelta(days=1)


def score_workspace(folder: Path, *, clock: Clock = "made") -> Scores:
    """Return the scores of a workspace's forecasts.

    Runs that were kept although their gate failed, and conditional forecasts, are left out. By the
    clock ``"made"`` a forecast counts from when it was published, which nobody can choose with
    hindsight; by ``"as_of"`` from its knowledge cut-off, as where past dates were replayed.
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
    return Scores.of(found, **left)


def _questions(forecasts: Iterable[Said]) -> list[list[Said]]:
    """Return the forecasts of each question, in the order in which they were made."""
    asked = [each for each in forecasts if not each.forecast.condition]
    asked.sort(key=lambda each: (*_question(each), each.entry))
    return [list(group) for _, group in groupby(asked, key=_question)]


def _question(each: Said) -> tuple[str, str, datetime]:
    return each.network, each.forecast.event, each.forecast.deadline


def _score(
    told: Sequence[Said], word: ResolutionRecord | None, clock: Clock
) -> QuestionScore | Literal["open", "annulled", "late"]:
    deadline = told[0].forecast.deadline
    if word is None:
        return "open"
    if word.outcome == "void" or word.at is None:
        return "annulled"
    happened = word.outcome == "happened" and word.at <= deadline
    if not happened and word.at < deadline:
        return "open"  # it had not come by then, and may have since
    closed = min(word.at, deadline) if happened else deadline
    times = [each.made_at if clock == "made" else each.as_of for each in told]
    order = sorted(range(len(times)), key=lambda n: (times[n], told[n].entry))
    order = [n for n in order if next_midnight(times[n]) < closed]
    if not order:
        return "late"
    return _life(
        [told[n] for n in order], [times[n] for n in order], closed=closed, outcome=int(happened)
    )


def _life(
    told: Sequence[Said], times: Sequence[datetime], *, closed: datetime, outcome: int
) -> QuestionScore:
    opened, deadline = next_midnight(times[0]), told[0].forecast.deadline
    scheduled = math.ceil((deadline - opened) / DAY)
    days = np.arange(min(scheduled, math.ceil((closed - opened) / DAY)))
    by_day = {
        (next_midnight(time) - opened) / DAY: each for time, each in zip(times, told, strict=True)
    }
    made = np.array(list(by_day))  # of several a day the last stands
    p = np.array([each.forecast.probability for each in by_day.values()])
    prior = np.array([_prior(each) for each in by_day.values()])
    return QuestionScore(
        network=told[0].network,
        event=told[0].forecast.event,
        by=told[0].forecast.by,
        outcome=outcome,
        opened=day_label(opened),
        closed=day_label(closed),
        forecasts=len(told),
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
