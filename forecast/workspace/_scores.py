"""The ledger's forecasts scored against what came about: by question where there are questions.

A question is an event and a deadline. Where the workspace has questions, those are scored, each by
its own answer or by what the ledger says of its event; otherwise whatever pairs of event and
deadline were ever forecast.
"""

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecast.calibration._record import QuestionScore, Scores
from forecast.errors import InputError
from forecast.evidence import Question, Questions, finish
from forecast.evidence._moment import begin
from forecast.ledger import (
    Ledger,
    ResolutionRecord,
    RunHead,
    Said,
    clock_words,
    read_run,
    run_heads,
    said,
)
from forecast.ledger._read import all_words
from forecast.scoring import gain_over_life
from forecast.scoring import standing as standing_on
from forecast.time import day_label, next_midnight
from forecast.workspace._contents import scan_asked
from forecast.workspace._history import open_kept, titles_at

type Clock = Literal["made", "as_of"]
type Left = Literal["open", "annulled", "late"]

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Answered:
    """How a question came out, and when it closed.

    Parameters
    ----------
    share
        1 for yes, 0 for no, or the share that it was resolved to.
    closed
        The instant from which on forecasts are too late.
    """

    share: float
    closed: datetime


@dataclass(frozen=True)
class Life:
    """A question that is answered, and what was said of it while it was open.

    Parameters
    ----------
    answer
        How it came out.
    opened, scheduled
        From when on it is scored, and how many days it would last if no answer came before its
        deadline.
    days
        Those on which it was open, counted from `opened`.
    made, said
        By when each forecast counts, in days after `opened`, and the forecasts.
    forecasts
        How many runs spoke of it, those of one day each by itself.
    """

    answer: Answered
    opened: datetime
    scheduled: int
    days: NDArray[np.int64]
    made: NDArray[np.float64]
    said: tuple[Said, ...]
    forecasts: int

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """What each forecast said, shape (forecast,)."""
        return np.array([each.forecast.probability for each in self.said])


@dataclass(frozen=True)
class Asked:
    """What was asked, and what became of it.

    Parameters
    ----------
    asked
        The workspace's question; None where it has none, and events and deadlines are scored.
    event, kind
        The event, and its kind as stated.
    life
        Its life, or why it is left out.
    hindsight
        Runs on it that were made after the answer, by entry.
    """

    asked: Question | None
    event: str
    kind: str
    life: Life | Left
    hindsight: frozenset[int] = frozenset()


def score_workspace(folder: Path, *, clock: Clock = "made", with_hindsight: bool = False) -> Scores:
    """Return the scores of a workspace's forecasts.

    Runs that were kept although their gate failed, and conditional forecasts, are left out. By the
    clock ``"made"`` a forecast counts from when it was published, which nobody can choose with
    hindsight; by ``"as_of"`` from its knowledge cut-off. A run that was made after the answer to a
    question is then named, and left out of its score unless `with_hindsight`, as where past dates
    were replayed: who made it may have known the answer.

    Raises
    ------
    InputError
        If the file of questions has faults.
    """
    questions, faults, _ = scan_asked(folder)
    if faults:
        raise InputError(faults)
    found: list[QuestionScore] = []
    left = {"open": 0, "annulled": 0, "late": 0}
    hindsight: set[int] = set()
    with open_kept(folder) as kept:
        for each in answered(
            kept.ledger, list(questions), clock=clock, with_hindsight=with_hindsight
        ):
            hindsight |= each.hindsight
            if isinstance(each.life, str):
                left[each.life] += 1
            else:
                found.append(_score(each.life, each.asked))
        notes = clock_words(kept.ledger)
        titles = _titles(kept.ledger, questions, {each.network for each in found})
    found = [
        replace(each, title=titles.get(each.question) or titles.get(each.event, ""))
        for each in found
    ]
    scores = Scores.of(found, **left)
    return replace(scores, hindsight=tuple(sorted(hindsight)), notes=notes)


def answered(
    ledger: Ledger,
    questions: Sequence[Question],
    *,
    clock: Clock = "made",
    with_hindsight: bool = False,
    until: datetime | None = None,
) -> Iterator[Asked]:
    """Yield what was asked, with the life of what is answered.

    `until` leaves out what the ledger did not have by an instant, forecasts and outcomes alike, and
    what had not closed by then.
    """
    forecasts = [
        each
        for each in said(ledger)
        if not each.forced and (until is None or each.made_at <= until)
    ]
    words, kinds = all_words(ledger, until=until), _kinds(ledger)
    states = {name for name, kind in kinds.items() if kind == "state"}
    told = {question: list(group) for question, group in _by_question(forecasts)}
    for asked, everything in _asked(questions, told):
        group = everything
        deadline = group[0].forecast.deadline if group else finish(asked.deadline)  # type: ignore[union-attr]
        event = group[0].forecast.event if asked is None else asked.event
        kind = kinds.get(event, kinds.get(event.partition(".")[0], ""))
        answer = _answer(asked, group, deadline, words, states)
        if until is not None and not isinstance(answer, str) and answer.closed > until:
            answer = "open"
        after: frozenset[int] = frozenset()
        if clock == "as_of" and not isinstance(answer, str):
            after = frozenset(each.entry for each in group if _knew(each, answer))
            group = [each for each in group if with_hindsight or each.entry not in after]
        life = answer if isinstance(answer, str) else _life(group, answer, asked, clock)
        yield Asked(asked, event, kind, life, after)


def settled(ledger: Ledger, questions: Sequence[Question]) -> set[str]:
    """Return the ids of questions that are answered or annulled, in the file or in the ledger."""
    words = all_words(ledger)
    states = {name for name, kind in _kinds(ledger).items() if kind == "state"}
    return {each.id for each in questions if _answer(each, (), each.by, words, states) != "open"}


def _knew(each: Said, answer: Answered) -> bool:
    """Return whether a run counts from before the answer and was made after it."""
    return next_midnight(each.as_of) < answer.closed <= each.made_at


def _asked(
    questions: Sequence[Question], told: Mapping[tuple[str, str, datetime], list[Said]]
) -> list[tuple[Question | None, list[Said]]]:
    """Return what is scored, with its forecasts: the questions, else all that was forecast."""
    if not questions:
        return [(None, group) for group in told.values()]
    by_pair: dict[tuple[str, datetime], list[Said]] = {}
    for (_, event, deadline), group in told.items():
        by_pair.setdefault((event, deadline), []).extend(group)
    return [
        (each, sorted(by_pair.get((each.event, each.by), []), key=lambda one: one.entry))
        for each in questions
        if not each.left_out
    ]


def _titles(ledger: Ledger, questions: Questions, networks: Collection[str]) -> dict[str, str]:
    """Return the titles of events, by each network's newest run, and the words of questions."""
    found: dict[str, str] = {}
    for head in {head.network: head for head in run_heads(ledger)}.values():
        if head.network in networks:
            found |= titles_at(ledger, head.entry)
    return found | {each.id: each.wording for each in questions if each.wording}


def _kinds(ledger: Ledger) -> dict[str, str]:
    """Return the kind of each event, by the newest run of each network."""
    newest: dict[str, RunHead] = {head.network: head for head in run_heads(ledger)}
    found: dict[str, str] = {}
    for head in newest.values():
        body = json.loads(read_run(ledger, head.entry)[1].network_body)
        found |= {each["id"]: str(each.get("kind", "")) for each in body.get("events", ())}
    return found


def _answer(
    asked: Question | None,
    group: Sequence[Said],
    deadline: datetime,
    words: Mapping[str, Sequence[ResolutionRecord]],
    states: set[str],
) -> Answered | Left:
    event = group[0].forecast.event if asked is None else asked.event
    if asked is not None:
        if asked.outcome == "annulled":
            return "annulled"
        if asked.share is not None:
            return Answered(asked.share, asked.closed)
        own = words.get(asked.id, ())
        if own:
            return _by_question_word(own[-1], deadline)
    said_of = words.get(event, ())
    if not said_of:
        return "open"
    if event in states:
        return _of_state(said_of, deadline)
    return _of_onset(said_of[-1], deadline)


def _by_question_word(word: ResolutionRecord, deadline: datetime) -> Answered | Left:
    if word.outcome == "void" or word.at is None:
        return "annulled"
    return Answered(float(word.outcome == "happened"), min(word.at, deadline))


def _of_onset(word: ResolutionRecord, deadline: datetime) -> Answered | Left:
    if word.outcome == "void" or word.at is None:
        return "annulled"
    if word.outcome == "happened" and word.at <= deadline:
        return Answered(1.0, word.at)
    if word.outcome == "not_by" and word.at < deadline:
        return "open"  # it had not come by then, and may have since
    return Answered(0.0, deadline)


def _of_state(words: Sequence[ResolutionRecord], deadline: datetime) -> Answered | Left:
    """Return whether a state was on at a deadline that has passed.

    It is in the state that the last word of a day up to the deadline says; a void takes back all
    that was said before it.
    """
    if words[-1].outcome == "void":
        return "annulled"
    since = max((n for n, word in enumerate(words) if word.outcome == "void"), default=-1)
    dated = sorted(
        ((word.at, n, word.outcome) for n, word in enumerate(words[since + 1 :]) if word.at),
        key=lambda each: each[:2],
    )
    until = [(at, outcome) for at, _, outcome in dated if at <= deadline]
    later = [outcome for at, _, outcome in dated if at > deadline]
    if deadline > datetime.now(UTC):
        return "open"
    if until and (until[-1][1] != "not_by" or until[-1][0] == deadline):
        return Answered(float(until[-1][1] == "happened"), deadline)
    return Answered(0.0, deadline) if later and later[0] != "ended" else "open"


def _by_question(
    forecasts: Iterable[Said],
) -> Iterable[tuple[tuple[str, str, datetime], Iterable[Said]]]:
    """Return the forecasts of each question, in the order in which they were made."""
    asked = [each for each in forecasts if not each.forecast.condition]
    asked.sort(key=lambda each: (*_question(each), each.entry))
    return groupby(asked, key=_question)


def _question(each: Said) -> tuple[str, str, datetime]:
    return each.network, each.forecast.event, each.forecast.deadline


def _life(
    told: Sequence[Said], answer: Answered, asked: Question | None, clock: Clock
) -> Life | Left:
    """Return the days of a question, and what was said by each."""
    times = [each.made_at if clock == "made" else each.as_of for each in told]
    order = sorted(range(len(times)), key=lambda n: (times[n], told[n].entry))
    order = [n for n in order if next_midnight(times[n]) < answer.closed]
    if not order:
        return "late"
    opened = next_midnight(times[order[0]])
    if asked is not None and asked.opened is not None:
        opened = max(opened, begin(asked.opened))
        if opened >= answer.closed:
            return "late"
    deadline = told[order[0]].forecast.deadline
    scheduled = math.ceil((deadline - opened) / DAY)
    by_day = {  # what was said before a question was opened stands on its first day
        max((next_midnight(times[n]) - opened) / DAY, 0.0): told[n] for n in order
    }
    return Life(
        answer=answer,
        opened=opened,
        scheduled=scheduled,
        days=np.arange(min(scheduled, math.ceil((answer.closed - opened) / DAY))),
        made=np.array(list(by_day)),  # of several a day the last stands
        said=tuple(by_day.values()),
        forecasts=len(order),
    )


def _score(life: Life, asked: Question | None) -> QuestionScore:
    first, answer = life.said[0], life.answer
    p, prior = life.probabilities, np.array([_prior(each) for each in life.said])
    gains = [
        gain_over_life(
            standing_on(life.made, p, life.days),
            y,
            standing_on(life.made, prior, life.days),
            scheduled=life.scheduled,
        )
        for y in (0, 1)
    ]
    return QuestionScore(
        network=first.network,
        event=first.forecast.event,
        by=first.forecast.by,
        outcome=answer.share,
        opened=day_label(life.opened),
        closed=day_label(answer.closed),
        forecasts=life.forecasts,
        first=float(p[0]),
        last=float(p[-1]),
        gain=(1 - answer.share) * gains[0] + answer.share * gains[1],
        question="" if asked is None else asked.id,
    )


def _prior(each: Said) -> float:
    """Return what the network says without evidence; even odds where that was not kept."""
    return 0.5 if each.forecast.prior is None else each.forecast.prior
