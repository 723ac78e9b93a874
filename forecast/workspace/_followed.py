"""What follows from outcomes: the observations that they are, and the answers to questions.

The observation that follows from a word of the ledger's, or from an answer, counts as evidence from
the day on which it was public, unless one on file says the same; one that says otherwise is a fault
that names both.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from forecast.errors import Fault, InputError
from forecast.evidence import Evidence, Observation, Place, Question, Questions
from forecast.workspace._contents import Contents, Inputs
from forecast.workspace._contradicted import together_faults, told_faults
from forecast.workspace._told import (
    Told,
    Words,
    answer_from,
    answer_of,
    days_differ,
    latest,
    seen_in,
    seen_on,
    states_in,
    told_of,
)

if TYPE_CHECKING:  # the ledger reaches the database library
    from forecast.ledger import Ledger


def words_of(ledger: "Ledger | None") -> Words:
    """Return all words on each event or question; none where there is no ledger."""
    if ledger is None:
        return {}
    from forecast.ledger import every_word  # noqa: PLC0415  it reaches the database library

    return every_word(ledger)


def ledger_of(contents: Contents) -> "AbstractContextManager[Ledger | None]":
    """Open a workspace's ledger to read it; None where it has none yet, and none is made."""
    from forecast.ledger import ledger_address, open_ledger  # noqa: PLC0415  likewise

    address = ledger_address(contents.workspace.ledger, contents.workspace.folder)
    if address.file is not None and not address.file.exists():
        return cast("AbstractContextManager[Ledger | None]", nullcontext(None))
    return cast("AbstractContextManager[Ledger | None]", open_ledger(address))


def followed(contents: Contents, words: Words) -> Contents:
    """Return a workspace's contents with the observations that follow from outcomes.

    Raises
    ------
    InputError
        With each outcome that the evidence contradicts, and each question whose answer and the
        ledger's word differ.
    """
    found, faults = follow(contents, words)
    if faults:
        raise InputError(faults)
    return found


def follow(contents: Contents, words: Words) -> tuple[Contents, tuple[Fault, ...]]:
    """Return the same, and what contradicts outcomes, each once."""
    faults: dict[Fault, None] = {}
    inputs = []
    for each in contents.inputs:
        told = list(told_of(contents, each, words))
        heard = [one for one in told if not one.silent]
        in_time = [
            one for one in heard if one.item.published_instant <= each.network.horizon_instant
        ]
        evidence = _with(each.evidence, in_time)
        both = replace(each, evidence=evidence, questions=_answered(each, words, heard))
        wrong = list(told_faults(each, told, words)) or together_faults(each, both)
        faults |= dict.fromkeys(wrong)
        inputs.append(both)
    return replace(contents, inputs=tuple(inputs)), tuple(faults)


def _answered(inputs: Inputs, words: Words, told: Iterable[Told]) -> Questions:
    """Return questions with the answers that the ledger's words on them or their events give."""
    seen, states = [each.item for each in told], states_in(inputs)
    found = []
    for each in inputs.questions:
        word = words.get(each.id)
        answer: dict[str, object] = {}
        if each.outcome is not None:
            pass
        elif word is not None:
            answer = {"outcome": answer_of(word[-1]), "resolved": word[-1].made_at.date()}
        else:
            for item in seen:
                if (
                    item.event == each.event
                    and (came := answer_from(item, each, states)) is not None
                ):
                    answer = {"outcome": came, "resolved": item.published}
        found.append(each.model_copy(update=answer))
    return Questions(found, places=inputs.questions.places)


def unanswered(contents: Contents) -> Iterator[Fault]:
    """Yield a remark for each open question that an observation on file has settled."""
    for asked, first, place in observed(contents):
        yield Fault(
            f"observation '{first.id}' answers the question, which has no outcome yet",
            f"Write yes as its outcome and the day as resolved, or run: forecast resolve "
            f"{asked.id} --on {seen_on(first)}",
            *place,
            field=f"question '{asked.id}': outcome",
        )


def observed(contents: Contents) -> Iterator[tuple[Question, Observation, Place]]:
    """Yield each question without an outcome that an observation on file has settled."""
    for each in contents.inputs:
        seen = seen_in(each.evidence)
        states = states_in(each)
        for asked in each.questions:
            if asked.outcome is not None or asked.left_out or asked.event in states:
                continue  # a state that was on may have ended since
            first = next((o for o in seen.get(asked.event, ()) if _settles(o, asked)), None)
            if first is not None:
                yield asked, first, each.questions.places.get(asked.id, Place("", 0))


def _settles(seen: Observation, asked: Question) -> bool:
    on = seen.onset is not None or seen.state == "on"
    return on and latest(seen) <= asked.by


def _with(evidence: Evidence, found: Iterable[Told]) -> Evidence:
    """Return evidence with what was told, where no observation on file tells it already."""
    seen = seen_in(evidence)
    here = {item.id for item in evidence.items}
    new = [
        told.named_apart(here)
        for told in found
        if not any(_same(told.item, old) for old in seen.get(told.item.event, ()))
    ]
    if not new:
        return evidence
    places = {**evidence.places, **{told.item.id: told.place for told in new}}
    return Evidence([*evidence.items, *(told.item for told in new)], places=places)


def _same(told: Observation, old: Observation) -> bool:
    """Return whether an observation on file says at least as much."""
    if told.onset is not None:
        return old.onset is not None and not days_differ(old, told)
    return old.state == told.state and old.speaks_of_instant == told.speaks_of_instant
