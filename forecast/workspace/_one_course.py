"""Words on a state that cannot all be true: an answer for a deadline, and how it was left."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from forecast.errors import Fault, InputError
from forecast.evidence import Question
from forecast.ledger import ResolutionRecord, Standing
from forecast.time import day_label
from forecast.workspace._told import Words, since_void


def require_one_course(
    words: Words, event: str, record: ResolutionRecord, questions: Iterable[Question]
) -> None:
    """Refuse a word on a state that makes it on and off at a question's deadline.

    At a deadline a state is as the last word of a day up to then left it. An answer that is given
    later says that it has changed since, unless that was the day of the deadline.

    Parameters
    ----------
    words
        What the ledger has.
    event, record
        The state, and what is to be said of it or of one of its questions.
    questions
        The workspace's.
    """
    if record.outcome == "reopened":
        return
    new = Standing(sys.maxsize, datetime.now(UTC), record)
    own = [*words.get(event, ()), *([new] if record.event == event else [])]
    dated = [(at, word.entry, word) for word in since_void(own) if (at := word.resolution.at)]
    dated.sort(key=lambda each: each[:2])
    for asked in questions:
        said = [*words.get(asked.id, ()), *([new] if record.event == asked.id else [])]
        until = [word for at, _, word in dated if at <= asked.by]
        if asked.event != event or asked.left_out or not said or not until:
            continue
        answer, last = said[-1], until[-1]
        told = last is new or (answer is new and last.resolution.at == asked.by)
        if told and _apart(answer.resolution, last.resolution):
            raise InputError(_fault(asked, answer if last is new else last))


def _apart(answer: ResolutionRecord, last: ResolutionRecord) -> bool:
    """Return whether an answer says otherwise than the last word up to its deadline."""
    if answer.outcome == "void" or (last.outcome == "not_by" and last.at != answer.at):
        return False  # it may have begun since
    return (answer.outcome == "happened") != (last.outcome == "happened")


def _fault(asked: Question, first: Standing) -> Fault:
    said = first.resolution
    day = "" if said.at is None else day_label(said.at)
    told = {
        "happened": f"that '{asked.event}' began on {day}",
        "ended": f"that '{asked.event}' ended on {day}",
    }.get(said.outcome, f"that '{asked.event}' had not begun by {day}")
    if said.event == asked.id:
        told = f"{'yes' if said.outcome == 'happened' else 'no'} to question '{asked.id}'"
    return Fault(
        f"'{asked.event}' would be on and off at the end of {day_label(asked.by)}: entry "
        f"{first.entry} of the ledger says {told}",
        f"If it changed between, record that first: 'forecast resolve {asked.event} --on DATE' or "
        f"--ended DATE. If that entry is wrong, 'forecast resolve {said.event} --reopen' "
        "takes it back.",
        field="resolve",
    )
