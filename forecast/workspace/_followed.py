"""What follows from outcomes: the observations that they are, and where files and ledger disagree.

How an event came out is written once: as the ledger's word on it (``forecast resolve``), or as the
answer to a question. The observation that follows counts as evidence from the day on which it was
public, unless one on file says the same; one that says otherwise is a fault that names both.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from forecast.errors import Fault, InputError
from forecast.evidence import Evidence, Observation, Place, Question, Questions
from forecast.evidence._retraction import withdrawn
from forecast.evidence._timeline import clashes
from forecast.files._questions_file import QUESTIONS_FILE
from forecast.network import Event, Network
from forecast.time import day_label
from forecast.workspace._contents import Contents, Inputs

if TYPE_CHECKING:  # the ledger reaches the database library
    from forecast.ledger import Ledger, Standing

TICK = timedelta(microseconds=1)
LEDGER, ANSWER = "ledger", "answer"


@dataclass(frozen=True)
class _Told:
    """What the ledger or a question says of one event; as a rule it is the ledger that does.

    Parameters
    ----------
    item
        The observation that it is.
    words
        Who says what, for messages.
    place
        Where.
    """

    item: Observation
    words: str
    place: Place

    def named_apart(self, taken: Collection[str]) -> "_Told":
        """Return the same under a name that no item on file has."""
        name = self.item.id
        while name in taken:
            name = f"_{name}"[:64]
        return replace(self, item=self.item.model_copy(update={"id": name}))


def words_of(ledger: "Ledger | None") -> "dict[str, Standing]":
    """Return the last word on each event or question; none where there is no ledger."""
    if ledger is None:
        return {}
    from forecast.ledger import standing  # noqa: PLC0415  it reaches the database library

    return standing(ledger)


def ledger_of(contents: Contents) -> "AbstractContextManager[Ledger | None]":
    """Open a workspace's ledger to read it; None where it has none yet, and none is made."""
    from forecast.ledger import ledger_address, open_ledger  # noqa: PLC0415  likewise

    address = ledger_address(contents.workspace.ledger, contents.workspace.folder)
    if address.file is not None and not address.file.exists():
        return cast("AbstractContextManager[Ledger | None]", nullcontext(None))
    return cast("AbstractContextManager[Ledger | None]", open_ledger(address))


def followed(contents: Contents, words: "Mapping[str, Standing]") -> Contents:
    """Return a workspace's contents with the observations that follow from outcomes.

    Raises
    ------
    InputError
        With each outcome that the evidence contradicts, and each question whose answer and the
        ledger's word differ.
    """
    faults: list[Fault] = []
    inputs = []
    for each in contents.inputs:
        found = list(_told(contents, each, words))
        faults += _faults(each, found)
        faults += _word_faults(each.questions, words)
        questions = _answered(each.questions, words, found)
        in_time = [
            one for one in found if one.item.published_instant <= each.network.horizon_instant
        ]
        inputs.append(replace(each, evidence=_with(each.evidence, in_time), questions=questions))
    if faults:
        raise InputError(tuple(dict.fromkeys(faults)))
    return replace(contents, inputs=tuple(inputs))


def _answered(
    questions: Questions, words: "Mapping[str, Standing]", told: Iterable[_Told]
) -> Questions:
    """Return questions with the answers that the ledger's words on them or their events give."""
    by_event = {each.item.event: each.item for each in told}
    found = []
    for each in questions:
        word, seen = words.get(each.id), by_event.get(each.event)
        answer: dict[str, object] = {}
        if each.outcome is not None:
            pass
        elif word is not None:
            answer = {"outcome": _answer_of(word), "resolved": word.made_at.date()}
        elif seen is not None and (came := _answer(seen, each)) is not None:
            answer = {"outcome": came, "resolved": seen.published}
        found.append(each.model_copy(update=answer))
    return Questions(found, places=questions.places)


def unanswered(contents: Contents) -> Iterator[Fault]:
    """Yield a remark for each open question that an observation on file has settled."""
    for each in contents.inputs:
        seen = _seen(each.evidence)
        states = {node.id for node in each.network.nodes if node.kind == "state"}
        for asked in each.questions:
            if asked.outcome is not None or asked.left_out or asked.event in states:
                continue  # a state that was on may have ended since
            first = next((o for o in seen.get(asked.event, ()) if _settles(o, asked)), None)
            if first is not None:
                day = day_label(_latest(first))
                yield Fault(
                    f"observation '{first.id}' answers the question, which has no outcome yet",
                    f"Write yes as its outcome and the day as resolved, or run: forecast resolve "
                    f"{asked.id} --on {day}",
                    *each.questions.places.get(asked.id, Place("", 0)),
                    field=f"question '{asked.id}': outcome",
                )


def _settles(seen: Observation, asked: Question) -> bool:
    on = seen.onset is not None or seen.state == "on"
    return on and _latest(seen) <= asked.by


def _latest(seen: Observation) -> datetime:
    """Return by when an event that was seen on was on."""
    return seen.speaks_of_instant if seen.onset is None else seen.onset_instants[1]


def _seen(evidence: Evidence) -> dict[str, list[Observation]]:
    """Return the observations on file that stand, by event."""
    fallen = withdrawn(evidence.items)
    found: dict[str, list[Observation]] = {}
    for item in evidence.items:
        if isinstance(item, Observation) and item.id not in fallen:
            found.setdefault(item.event, []).append(item)
    return found


def _told(contents: Contents, inputs: Inputs, words: "Mapping[str, Standing]") -> Iterator[_Told]:
    """Yield what the ledger says of a network's events, and the answers beyond that."""
    nodes = {node.id: node for node in inputs.network.nodes}
    spoken = set()
    for name, word in words.items():
        node = nodes.get(name)
        told = None if node is None else _by_word(inputs.network, node, word)
        if told is not None:
            spoken.add(name)
            yield told
    for asked in inputs.questions:
        told = _by_answer(contents, inputs.network, nodes[asked.event], asked)
        if told is not None and asked.event not in spoken:
            spoken.add(asked.event)
            yield told


def _day(at: datetime) -> date:
    """Return the day that ends at an instant, or in which it lies."""
    return (at - TICK).date()


def _at_once(network: Network, node: Event) -> bool:
    """Return whether it is known on its day, as is what comes of a decision on a stated day."""
    stated = network.stated(node.id)
    return node.public or (stated.kind == "decision" and stated.day is not None)


def _by_word(network: Network, node: Event, word: "Standing") -> _Told | None:
    """Return what the ledger's last word on an event says was observed."""
    said = word.resolution
    if said.outcome == "void" or said.at is None or said.at > word.made_at + timedelta(days=1):
        return None
    day, came, public = _day(said.at), said.outcome == "happened", _at_once(network, node)
    if node.kind == "state" or (not came and public):
        return None  # a state may have changed again; that nothing is known is known without it
    stated = _stated(node, day, came=came)
    known = day if public else max(day, word.made_at.date())
    item = Observation(
        id=f"{LEDGER}_{word.entry}",
        event=node.id,
        published=known,
        recorded=max(known, word.made_at.date()),
        text=said.note,
        citation="the ledger's last word on the event",
        **stated,
    )
    words = f"began on {day}" if came else f"had not begun by {day}"
    place = Place("the ledger", word.entry)
    return _Told(item, f"the ledger (entry {word.entry}) says that it {words}", place)


def _stated(node: Event, day: date, *, came: bool) -> dict[str, Any]:
    if came and node.kind != "fact":
        return {"onset": day}
    return {"state": "on" if came else "off", "speaks_of": day}


def _by_answer(contents: Contents, network: Network, node: Event, asked: Question) -> _Told | None:
    """Return what the answer to a question says was observed."""
    if asked.outcome not in {"yes", "no"} or asked.left_out or node.kind == "state":
        return None
    came, public = asked.outcome == "yes", _at_once(network, node)
    if not came and public:
        return None
    day = _day(asked.closed if came else asked.by)
    known = day if asked.resolved is None else max(day, _day(asked.closed))
    told = _stated(node, day, came=came and public)
    stated = told if came == (told.get("state") != "off") else {"state": "on", "speaks_of": day}
    item = Observation(
        id=f"{ANSWER}_{asked.id}"[:64],
        event=node.id,
        published=known,
        text=asked.wording,
        citation=asked.url or asked.source,
        **stated,
    )
    place = contents.questions.places.get(
        asked.id, Place(str(contents.workspace.folder / QUESTIONS_FILE), 0)
    )
    words = f"it was {'on' if came else 'not on'} by {day}"
    return _Told(item, f"question '{asked.id}' is answered {asked.outcome}: {words}", place)


def _with(evidence: Evidence, found: Iterable[_Told]) -> Evidence:
    """Return evidence with what was told, where no observation on file tells it already."""
    seen = _seen(evidence)
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
        return old.onset is not None
    return old.state == told.state and old.speaks_of_instant == told.speaks_of_instant


def _faults(inputs: Inputs, found: Iterable[_Told]) -> Iterator[Fault]:
    """Yield what contradicts outcomes: observations on file, and answers of questions."""
    told = list(found)
    seen, places = _seen(inputs.evidence), inputs.evidence.places
    for each in told:
        for old in seen.get(each.item.event, ()):
            pair = [old, each.item]
            apart = _days_differ(old, each.item)
            if apart or clashes(inputs.network, pair, places):
                yield _clash(old, each, places.get(old.id, Place("", 0)))
                break
    by_event = {each.item.event: each for each in told}
    for asked in inputs.questions:
        word = by_event.get(asked.event)
        if word is None or asked.left_out or asked.outcome not in {"yes", "no"}:
            continue
        if _answer(word.item, asked) not in {None, asked.outcome}:
            yield inputs.questions.fault(
                asked,
                "outcome",
                f"the answer is {asked.outcome}, and {word.words}",
                f"Correct the one that is wrong: the file, or with 'forecast resolve "
                f"{asked.event}'.",
                asked.outcome,
            )


def _answer_of(word: "Standing") -> str:
    """Return the answer to a question that the ledger's word on it gives."""
    return {"happened": "yes", "void": "annulled"}.get(word.resolution.outcome, "no")


def _word_faults(questions: Questions, words: "Mapping[str, Standing]") -> Iterator[Fault]:
    """Yield each question of which the file and the ledger have different answers."""
    for each in questions:
        word = words.get(each.id)
        if word is None or each.outcome is None or each.outcome == _answer_of(word):
            continue
        yield questions.fault(
            each,
            "outcome",
            f"the answer is {each.outcome}, and the ledger (entry {word.entry}) says "
            f"{_answer_of(word)}",
            f"Correct the one that is wrong: the file, or with 'forecast resolve {each.id}'.",
            each.outcome,
        )


def _answer(seen: Observation, asked: Question) -> str | None:
    """Return the answer that follows from an observation, if one does."""
    if seen.onset is not None:
        return "yes" if seen.onset_instants[1] <= asked.by else "no"
    if seen.state == "on":
        return "yes" if seen.speaks_of_instant <= asked.by else None
    return "no" if asked.by <= seen.speaks_of_instant else None


def _days_differ(old: Observation, new: Observation) -> bool:
    if old.onset is None or new.onset is None:
        return False
    return not (old.onset[0] <= new.onset[0] and new.onset[1] <= old.onset[1])


def _clash(old: Observation, told: _Told, place: Place) -> Fault:
    what = old.words().removeprefix("observed ")
    return Fault(
        f"{told.words}, and this item has '{old.event}' observed {what}",
        "Correct the one that is wrong: the item, or with 'forecast resolve "
        f"{old.event} --on DATE'; what stands last in the ledger counts."
        if told.place.file == "the ledger"
        else f"Correct one of the two: the item, or the answer in {Path(told.place.file).name}.",
        place.file,
        place.line,
        f"item '{old.id}'",
    )
