"""Recording what became of an event: appended to the ledger, never overwritten."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forecast.errors import Fault, InputError, did_you_mean
from forecast.ledger import Entry, ResolutionRecord, Said, read_run, resolve, said
from forecast.ledger.records import Outcome
from forecast.time import DayError, day_label, parse_instant
from forecast.workspace.kept import Kept, open_kept
from forecast.workspace.outcomes import clashes_with_word, scan_outcomes

__all__ = ["Answer", "resolve_event"]


@dataclass(frozen=True)
class Answer:
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


def resolve_event(folder: Path, event: str, answer: Answer) -> tuple[ResolutionRecord, Entry]:
    """Append what became of an event to a workspace's ledger.

    Parameters
    ----------
    folder
        The workspace.
    event
        The id of an event that the ledger has forecasts of.
    answer
        What became of it. A later answer does not overwrite an earlier one: the last stands.

    Raises
    ------
    InputError
        If no forecast is of this event, the answer is none or several, its day is no day, lies in
        the future or before the network begins, or the workspace's file of resolutions says
        otherwise.
    LedgerError
        If the ledger cannot be written.
    """
    outcome, day = _outcome(answer)
    at = None if day is None else _past_instant(outcome, day)
    with open_kept(folder) as kept:
        last = _last_forecast(kept, event)
        if at is not None:
            _require_time_of(kept, last, outcome, at)
        record = ResolutionRecord(event, outcome, at, answer.note)
        _require_agreement(kept, record)
        return record, resolve(kept.ledger, record)


def _outcome(answer: Answer) -> tuple[Outcome, str | None]:
    given: list[tuple[Outcome, str | None]] = []
    if answer.on is not None:
        given.append(("happened", answer.on))
    if answer.not_by is not None:
        given.append(("not_by", answer.not_by))
    if answer.void:
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
        remedy = did_you_mean(event, last)
        raise InputError(Fault("the ledger has no forecast of this event", remedy, value=event))
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
