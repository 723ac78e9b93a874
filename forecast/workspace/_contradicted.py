"""Where outcomes contradict the files: each observation and answer that says otherwise."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from forecast.errors import Fault
from forecast.evidence import Observation, Place, Questions
from forecast.evidence._retraction import withdrawn
from forecast.evidence._timeline import clashes
from forecast.network._nodes import Node
from forecast.workspace._contents import Inputs
from forecast.workspace._taken_back import with_way_back
from forecast.workspace._told import (
    THE_LEDGER,
    Told,
    Words,
    answer_from,
    answer_of,
    day_of,
    days_differ,
    says,
    seen_in,
    seen_on,
    states_in,
)


def told_faults(inputs: Inputs, told: Sequence[Told], words: Words) -> Iterator[Fault]:
    """Yield what contradicts outcomes: observations on file, and answers of questions.

    Parameters
    ----------
    inputs
        A network and what is on file about it.
    told
        What outcomes tell of its events.
    words
        What the ledger has.
    """
    yield from _seen_faults(inputs, told)
    yield from _answer_faults(inputs, told)
    yield from _word_faults(inputs.questions, words)
    yield from _not_by_faults(inputs, words)


def together_faults(inputs: Inputs, both: Inputs) -> list[Fault]:
    """Return what cannot be true by what follows from outcomes for other events.

    Such as an event that was confirmed before it began.

    Parameters
    ----------
    inputs, both
        What is on file, without what outcomes tell and with it.
    """
    evidence = both.evidence
    if evidence is inputs.evidence:
        return []
    fallen = withdrawn(evidence.items)
    items = [item for item in evidence.items if item.id not in fallen]
    return [with_way_back(fault, both) for fault in clashes(both.network, items, evidence.places)]


def _seen_faults(inputs: Inputs, told: Iterable[Told]) -> Iterator[Fault]:
    """Yield the observations on file that say otherwise, the first of each event."""
    states, nodes = states_in(inputs), {node.id: node for node in inputs.network.nodes}
    seen, places = seen_in(inputs.evidence), inputs.evidence.places
    for each in told:
        node = nodes[each.item.event]
        rivals = node.rivals if isinstance(node, Node) and each.item.state != "off" else ()
        others = (old for name in rivals for old in seen.get(name, ()) if old.state != "off")
        for old in (*seen.get(each.item.event, ()), *others):
            pair = [old, each.item]
            apart = old.event not in states and days_differ(old, each.item)
            if apart or old.event != node.id or clashes(inputs.network, pair, places):
                yield _clash(old, each, places.get(old.id, Place("", 0)))
                break


def _answer_faults(inputs: Inputs, found: Iterable[Told]) -> Iterator[Fault]:
    """Yield the answers to questions that differ from what is told of their events."""
    told, states = [each for each in found if not each.silent], states_in(inputs)
    for asked in inputs.questions:
        if asked.left_out or asked.outcome not in {"yes", "no"}:
            continue
        for word in told:
            if word.item.event != asked.event:
                continue
            if answer_from(word.item, asked, states) in {None, asked.outcome}:
                continue
            yield inputs.questions.fault(
                asked,
                "outcome",
                f"the answer is {asked.outcome}, and {word.words}",
                f"Correct the one that is wrong: the file, or with 'forecast resolve "
                f"{asked.event}'.",
                asked.outcome,
            )


def _word_faults(questions: Questions, words: Words) -> Iterator[Fault]:
    """Yield each question of which the file and the ledger have different answers."""
    for each in questions:
        word = words[each.id][-1] if each.id in words else None
        if word is None or each.outcome is None or each.outcome == answer_of(word):
            continue
        yield questions.fault(
            each,
            "outcome",
            f"the answer is {each.outcome}, and {says(word)} {answer_of(word)}",
            f"Correct the one that is wrong: the file, or with 'forecast resolve {each.id}'.",
            each.outcome,
        )


def _not_by_faults(inputs: Inputs, words: Words) -> Iterator[Fault]:
    """Yield each yes of an event that by the ledger's word had not begun by then.

    Of a public event such a word is no observation, since nothing seen is known without it.
    """
    states = states_in(inputs)
    for asked in inputs.questions:
        said = words.get(asked.event, ())
        if not said or asked.event in states or asked.left_out or asked.outcome != "yes":
            continue
        word = said[-1].resolution
        if word.outcome == "not_by" and word.at is not None and word.at >= asked.closed:
            yield inputs.questions.fault(
                asked,
                "outcome",
                f"the answer is yes, and {says(said[-1])} that '{asked.event}' had not begun by "
                f"{day_of(word.at)}",
                "Correct the one that is wrong: the file, or with 'forecast resolve "
                f"{asked.event} --on DATE'.",
                asked.outcome,
            )


def _clash(old: Observation, told: Told, place: Place) -> Fault:
    """Return that an observation on file says otherwise, and how to have one of the two right."""
    what = old.words().removeprefix("observed ")
    rival = old.event != told.item.event
    return Fault(
        f"{told.words}, and this item has '{old.event}' observed {what}"
        + (": exactly one outcome of a decision comes" if rival else ""),
        _in_time(old, told) if told.pending else _afterwards(told, rival=rival),
        place.file,
        place.line,
        f"item '{old.id}'",
    )


def _afterwards(told: Told, *, rival: bool) -> str:
    if told.place.file != THE_LEDGER:
        return f"Correct one of the two: the item, or the answer in {Path(told.place.file).name}."
    again = "--on DATE" if told.item.state is None and not rival else "--reopen"
    return (
        "Correct the one that is wrong: the item, or with 'forecast resolve "
        f"{told.name or told.item.event} {again}'; what stands last in the ledger counts."
    )


def _in_time(old: Observation, told: Told) -> str:
    """Return what to record instead, or what to do with the item first."""
    day = seen_on(old)
    if old.state == "off":
        record = f"Record a day after {day}"
    elif old.onset is not None:
        record = f"Record what the item has: 'forecast resolve {old.event} --on {day}'"
    elif told.item.onset is not None:
        record = f"Record a day up to {day}"
    else:
        record = f"Record another day, since it was on at the end of {day}"
    taken = (
        f"'{{id: not_{old.id}, kind: retraction, event: {old.event}, "
        f"published: {told.item.recorded}, retracts: {old.id}}}'"
    )
    return f"{record}. If the item is wrong, correct it first, or withdraw it: file {taken}."
