"""What became of events and questions, as people state it: appended to the ledger."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from forecast.errors import Fault, InputError
from forecast.evidence import Question
from forecast.ledger import (
    Entry,
    ResolutionRecord,
    RunInputs,
    Said,
    Standing,
    every_word,
    read_run,
    resolve,
    said,
)
from forecast.ledger._records import Outcome
from forecast.network._nodes import Node
from forecast.time import DayError, day_label, parse_instant
from forecast.workspace._contents import clashes_with_word, read_contents, scan_asked, scan_outcomes
from forecast.workspace._draws import network_of
from forecast.workspace._head import note_head
from forecast.workspace._history import Kept, no_forecast, open_kept
from forecast.workspace._one_course import require_one_course
from forecast.workspace._possible import require_possible


@dataclass(frozen=True)
class Statement:
    """What a user says became of an event, or of a question; one of all but the note.

    Parameters
    ----------
    on
        The day on which it began, ISO 8601.
    not_by
        A day by whose end it had not begun.
    ended
        The day on which a state ended.
    answer
        ``"yes"`` or ``"no"``: whether what a question asks was so at its deadline.
    void
        Whether the question, or all questions about the event, are annulled.
    reopen
        Whether all that was recorded is taken back, so that it is open again.
    note
        How it is known.
    """

    on: str | None = None
    not_by: str | None = None
    ended: str | None = None
    answer: Literal["yes", "no"] | None = None
    void: bool = False
    reopen: bool = False
    note: str = ""


type Word = tuple[ResolutionRecord, Entry]


def resolve_event(folder: Path, name: str, stated: Statement) -> tuple[Word, ...]:
    """Append what became of an event or a question to the ledger; the last word on it stands.

    What is said of a question is said of its event, which answers all questions about it; unless it
    is annulled, or asks of a state that may have changed since. If an outcome of a decision has
    come, the others are entered as not having come. To reopen a question takes back its own words,
    and where it has none, those on its event.

    An `InputError` refuses an event that the ledger has no forecast of, a statement of nothing or
    of several things, a day that is none, lies in the future or before the network begins, and what
    contradicts the evidence on file, the network, the workspace's questions, its file of
    resolutions, or what the ledger says of a state at a deadline.
    """
    questions, faults, _ = scan_asked(folder)
    if faults:
        raise InputError(faults)
    asked = next((each for each in questions if each.id == name), None)
    event = name if asked is None else asked.event
    with open_kept(folder) as kept:
        last = _last_forecast(kept, event, [each.id for each in questions])
        inputs = RunInputs.of(read_run(kept.ledger, last.entry)[1])
        state = _is_state(inputs, event)
        outcome, day = _outcome(stated, asked, state=state)
        at = None if day is None else _past_instant(outcome, day)
        if at is not None:
            _require_time_of(kept, last, outcome, at)
        told = every_word(kept.ledger)
        own = asked is not None and (stated.void or (state and stated.answer is not None))
        if stated.reopen:
            own = asked is not None and name in told
            _require_word(told, name if own else event, asked)
        record = ResolutionRecord(name if own else event, outcome, at, stated.note)
        if stated.answer is not None and not own:
            record = _no_of_onset(record, told.get(event, ()))
        words = [record, *_ruled_out(inputs, record), *_ruled_in(told, record)]
        if stated.answer is not None and not own and name in told:  # such as that it is annulled
            words.append(ResolutionRecord(name, outcome, at, stated.note))
        for word in words:
            _require_agreement(kept, word)
        if state:
            require_one_course(told, event, record, questions)
        require_possible(read_contents(folder), told, words)
        made = tuple((word, resolve(kept.ledger, word)) for word in words)
        note_head(kept.workspace, kept.ledger)
        return made


def _no_of_onset(record: ResolutionRecord, told: Sequence[Standing]) -> ResolutionRecord:
    """Return a no to a question as a word on its onset, which takes back nothing that implies it.

    A word on the event is corrected by the next one, and with it every answer that follows.
    """
    said = told[-1].resolution if told else record
    if record.at is None or said.at is None:
        return record
    implied = said.at > record.at or (said.outcome == "not_by" and said.at == record.at)
    return replace(said, note=record.note) if implied else record


def _ruled_out(inputs: RunInputs, record: ResolutionRecord) -> list[ResolutionRecord]:
    """Return that no other outcome of a decision comes, ever, if it was one that has come."""
    if record.outcome != "happened" or "." not in record.event:
        return []
    network = network_of(inputs)
    node = network.event(record.event)
    rivals = node.rivals if isinstance(node, Node) else ()
    at, note = network.horizon_instant, _came(record.event)
    return [ResolutionRecord(name, "not_by", at, note) for name in rivals]


def _ruled_in(
    words: Mapping[str, Sequence[Standing]], record: ResolutionRecord
) -> list[ResolutionRecord]:
    """Return that other outcomes of a decision are open again, where this one ruled them out."""
    if record.outcome != "reopened":
        return []
    note = _came(record.event)
    return [
        ResolutionRecord(name, "reopened", None, record.note)
        for name, said in words.items()
        if said[-1].resolution.note == note
    ]


def _require_word(
    words: Mapping[str, Sequence[Standing]], name: str, asked: Question | None
) -> None:
    """Refuse to reopen what has no word in the ledger."""
    if name in words:
        return
    remedy = (
        "It is open, unless an item on file or the answer in questions.csv says how it came out."
    )
    value = name if asked is None else asked.id
    raise InputError(Fault("nothing is recorded of it", remedy, field="--reopen", value=value))


def _came(event: str) -> str:
    """Return the note of what an outcome that came rules out."""
    return f"'{event}' came: exactly one outcome comes."


def _is_state(inputs: RunInputs, event: str) -> bool:
    events = json.loads(inputs.network).get("events", ())
    return any(each.get("id") == event and each.get("kind") == "state" for each in events)


def _outcome(
    stated: Statement, asked: Question | None, *, state: bool
) -> tuple[Outcome, str | None]:
    """Return what is said, and the day; refuse nothing, several things, and what has no sense."""
    given: list[tuple[Outcome, str | None]] = []
    if stated.on is not None:
        given.append(("happened", stated.on))
    if stated.not_by is not None:
        given.append(("not_by", stated.not_by))
    if stated.ended is not None:
        given.append(("ended", stated.ended))
    if stated.answer is not None and asked is not None:
        came: Outcome = "happened" if stated.answer == "yes" else "not_by"
        given.append((came, day_label(asked.by)))
    if stated.void:
        given.append(("void", None))
    if stated.reopen:
        given.append(("reopened", None))
    remedy = "Give --on DATE, --not-by DATE, --ended DATE (of a state), --void or --reopen"
    if stated.answer is not None and asked is None:
        rule = f"--{stated.answer} answers a question, and this is an event"
        raise InputError(Fault(rule, f"{remedy}.", field="resolve"))
    if len(given) != 1:
        rule = "say one thing of an event"
        more = "; of a question, --yes or --no" if asked is not None else ""
        raise InputError(Fault(rule, f"{remedy}{more}.", field="resolve"))
    if given[0][0] == "ended" and not state:
        raise InputError(Fault("only a state ends", f"{remedy}.", field="--ended"))
    if stated.answer == "yes" and not state:
        rule = "a yes needs the day on which it began, which answers other questions too"
        raise InputError(Fault(rule, "Give --on DATE.", field="--yes"))
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
    return {"happened": "--on", "ended": "--ended"}.get(outcome, "--not-by")


def _require_agreement(kept: Kept, record: ResolutionRecord) -> None:
    """Refuse what contradicts resolutions.csv: the ledger never forgets a slip."""
    questions, wrong, _ = scan_asked(kept.workspace.folder)
    resolutions, faults, _ = scan_outcomes(kept.workspace.evidence_paths, questions)
    faults += wrong
    faults += tuple(clashes_with_word(resolutions, {record.event: record}))
    if faults:
        raise InputError(faults)


def _last_forecast(kept: Kept, event: str, questions: Collection[str]) -> Said:
    """Return the last forecast of an event; refuse an event that has none."""
    last = {each.forecast.event: each for each in said(kept.ledger)}
    if event not in last:
        raise no_forecast(event, {*last, *questions})
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
