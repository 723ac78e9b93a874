"""What follows from outcomes: the observations that they are, and where files and ledger disagree.

How an event came out is written once: as the ledger's word on it (``forecast resolve``), or as the
answer to a question. The observation that follows counts as evidence from the day on which it was
public, unless one on file says the same; one that says otherwise is a fault that names both.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from forecast.errors import Fault, InputError
from forecast.evidence import Evidence, Observation, Place, Question, Questions
from forecast.evidence._moment import finish
from forecast.evidence._retraction import withdrawn
from forecast.evidence._timeline import clashes
from forecast.files._questions_file import QUESTIONS_FILE
from forecast.network import Event, Network
from forecast.time import day_label
from forecast.workspace._contents import Contents, Inputs

if TYPE_CHECKING:  # the ledger reaches the database library
    from forecast.ledger import Ledger, Standing

type Words = Mapping[str, Sequence[Standing]]
"""All that the ledger has on each event or question, in the order of the entries."""

TICK = timedelta(microseconds=1)
LEDGER, ANSWER, THE_LEDGER = "ledger", "answer", "the ledger"


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
    name
        Under which name the ledger has it: the event's or a question's.
    """

    item: Observation
    words: str
    place: Place
    name: str = ""

    def named_apart(self, taken: Collection[str]) -> "_Told":
        """Return the same under a name that no item on file has."""
        name = self.item.id
        while name in taken:
            name = f"_{name}"[:64]
        return replace(self, item=self.item.model_copy(update={"id": name}))


def words_of(ledger: "Ledger | None") -> Words:
    """Return all words on each event or question; none where there is no ledger."""
    if ledger is None:
        return {}
    from forecast.ledger import every_word  # noqa: PLC0415  it reaches the database library

    return every_word(ledger)


def since_void(said: "Sequence[Standing]") -> "Sequence[Standing]":
    """Return the words on a state that stand: those after the last that takes back what was."""
    voids = (n for n, word in enumerate(said) if word.resolution.outcome == "void")
    return said[max(voids, default=-1) + 1 :]


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
    faults: list[Fault] = []
    inputs = []
    for each in contents.inputs:
        found = list(_told(contents, each, words))
        faults += _faults(each, found)
        faults += _word_faults(each.questions, words)
        faults += _not_by_faults(each, words)
        questions = _answered(each, words, found)
        in_time = [
            one for one in found if one.item.published_instant <= each.network.horizon_instant
        ]
        inputs.append(replace(each, evidence=_with(each.evidence, in_time), questions=questions))
    if faults:
        raise InputError(tuple(dict.fromkeys(faults)))
    return replace(contents, inputs=tuple(inputs))


def _answered(inputs: Inputs, words: Words, told: Iterable[_Told]) -> Questions:
    """Return questions with the answers that the ledger's words on them or their events give."""
    seen, states = [each.item for each in told], _states(inputs)
    found = []
    for each in inputs.questions:
        word = words.get(each.id)
        answer: dict[str, object] = {}
        if each.outcome is not None:
            pass
        elif word is not None:
            answer = {"outcome": _answer_of(word[-1]), "resolved": word[-1].made_at.date()}
        else:
            for item in seen:
                if item.event == each.event and (came := _answer(item, each, states)) is not None:
                    answer = {"outcome": came, "resolved": item.published}
        found.append(each.model_copy(update=answer))
    return Questions(found, places=inputs.questions.places)


def _states(inputs: Inputs) -> set[str]:
    return {node.id for node in inputs.network.nodes if node.kind == "state"}


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


def seen_on(seen: Observation) -> str:
    """Return the day by whose end an event was seen on."""
    return day_label(_latest(seen))


def observed(contents: Contents) -> Iterator[tuple[Question, Observation, Place]]:
    """Yield each question without an outcome that an observation on file has settled."""
    for each in contents.inputs:
        seen = _seen(each.evidence)
        states = _states(each)
        for asked in each.questions:
            if asked.outcome is not None or asked.left_out or asked.event in states:
                continue  # a state that was on may have ended since
            first = next((o for o in seen.get(asked.event, ()) if _settles(o, asked)), None)
            if first is not None:
                yield asked, first, each.questions.places.get(asked.id, Place("", 0))


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


def _told(contents: Contents, inputs: Inputs, words: Words) -> Iterator[_Told]:
    """Yield what the ledger says of a network's events, and the answers beyond that."""
    nodes = {node.id: node for node in inputs.network.nodes}
    spoken: set[tuple[str, datetime | None]] = set()
    for name, said in _said_of(inputs, words).items():
        for word in _telling(nodes[name], said):
            told = _by_word(inputs.network, nodes[name], word)
            if told is not None:
                spoken.add(_matter(nodes[name], told.item))
                yield told
    for asked in inputs.questions:
        told = _by_answer(contents, inputs.network, nodes[asked.event], asked)
        if told is not None and _matter(nodes[asked.event], told.item) not in spoken:
            spoken.add(_matter(nodes[asked.event], told.item))
            yield told


def _matter(node: Event, item: Observation) -> tuple[str, datetime | None]:
    """Return what is told once: how an event came out, or how a state was at a time."""
    return node.id, item.speaks_of_instant if node.kind == "state" else None


def _said_of(inputs: Inputs, words: Words) -> "dict[str, list[Standing]]":
    """Return the words that stand on each event of a network, those on its questions among them.

    Of an event that is the last one; of a state, which may change again, all since the last void.
    """
    states, found = _states(inputs), dict[str, list["Standing"]]()
    here = {node.id for node in inputs.network.nodes}
    for name, said in words.items():
        if name in here:
            found[name] = list(since_void(said) if name in states else said[-1:])
    for asked in inputs.questions:
        if asked.id in words and not asked.left_out:
            found.setdefault(asked.event, []).append(words[asked.id][-1])
    return found


def _telling(node: Event, said: "Sequence[Standing]") -> "list[Standing]":
    """Return the words that tell most: of a state the last of each day, of others one."""
    dated = [word for word in said if word.resolution.at is not None]
    if node.kind == "state":
        dated.sort(key=lambda word: (cast("datetime", word.resolution.at), word.entry))
        last = {_day(cast("datetime", word.resolution.at)): word for word in dated}
        return list(last.values())
    came = [word for word in dated if word.resolution.outcome == "happened"]
    return (came or sorted(dated, key=lambda word: cast("datetime", word.resolution.at)))[-1:]


def _day(at: datetime) -> date:
    """Return the day that ends at an instant, or in which it lies."""
    return (at - TICK).date()


def _at_once(network: Network, node: Event) -> bool:
    """Return whether it is known on its day, as is what comes of a decision on a stated day."""
    stated = network.stated(node.id)
    return node.public or (stated.kind == "decision" and stated.day is not None)


def _by_word(network: Network, node: Event, word: "Standing") -> _Told | None:
    """Return what a word of the ledger's on an event, or on a question about it, says was seen."""
    said = word.resolution
    if said.outcome == "void" or said.at is None or said.at > word.made_at + timedelta(days=1):
        return None
    day, came, public = _day(said.at), said.outcome == "happened", _at_once(network, node)
    if not came and public and node.kind != "state":
        return None  # that nothing is known is known without it
    answer = said.event != node.id  # which tells how it was at the deadline, not since when
    stated = _at(day, came=came) if answer else _stated(node, day, came=came)
    known = day if public else max(day, word.made_at.date())
    item = Observation(
        id=f"{LEDGER}_{word.entry}",
        event=node.id,
        published=known,
        recorded=max(known, word.made_at.date()),
        text=said.note,
        citation=citation_of(said.event) if answer else "the ledger's last word on the event",
        **stated,
    )
    words = {
        "happened": f"began on {day}",
        "not_by": f"had not begun by {day}",
        "ended": f"ended on {day}",
    }[said.outcome]
    if answer:
        words = f"was {'on' if came else 'not on'} at the end of {day}"
    place = Place(THE_LEDGER, word.entry)
    return _Told(item, f"the ledger (entry {word.entry}) says that it {words}", place, said.event)


def citation_of(question: str) -> str:
    """Return where what was observed stands, if that is the ledger's answer to a question."""
    return f"the ledger's answer to question '{question}'"


def _stated(node: Event, day: date, *, came: bool) -> dict[str, Any]:
    return {"onset": day} if came and node.kind != "fact" else _at(day, came=came)


def _at(day: date, *, came: bool) -> dict[str, Any]:
    return {"state": "on" if came else "off", "speaks_of": day}


def _by_answer(contents: Contents, network: Network, node: Event, asked: Question) -> _Told | None:
    """Return what the answer to a question says was observed."""
    if asked.outcome not in {"yes", "no"} or asked.left_out:
        return None
    came, public, state = asked.outcome == "yes", _at_once(network, node), node.kind == "state"
    if state and asked.closed < asked.by:
        return None  # answered before its deadline, at which it may have been otherwise
    if not came and public and not state:
        return None
    day = _day(asked.closed if came else asked.by)
    known = day if asked.resolved is None else max(day, _day(asked.closed))
    if state and asked.resolved is not None:
        known = max(day, _day(finish(asked.resolved)))
    dated = came and public and not state
    stated = _stated(node, day, came=True) if dated else _at(day, came=came)
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
        return old.onset is not None and not _days_differ(old, told)
    return old.state == told.state and old.speaks_of_instant == told.speaks_of_instant


def _faults(inputs: Inputs, found: Iterable[_Told]) -> Iterator[Fault]:
    """Yield what contradicts outcomes: observations on file, and answers of questions."""
    told, states = list(found), _states(inputs)
    seen, places = _seen(inputs.evidence), inputs.evidence.places
    for each in told:
        for old in seen.get(each.item.event, ()):
            pair = [old, each.item]
            apart = old.event not in states and _days_differ(old, each.item)
            if apart or clashes(inputs.network, pair, places):
                yield _clash(old, each, places.get(old.id, Place("", 0)))
                break
    for asked in inputs.questions:
        if asked.left_out or asked.outcome not in {"yes", "no"}:
            continue
        for word in told:
            if word.item.event != asked.event:
                continue
            if _answer(word.item, asked, states) in {None, asked.outcome}:
                continue
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


def _word_faults(questions: Questions, words: Words) -> Iterator[Fault]:
    """Yield each question of which the file and the ledger have different answers."""
    for each in questions:
        word = words[each.id][-1] if each.id in words else None
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


def _not_by_faults(inputs: Inputs, words: Words) -> Iterator[Fault]:
    """Yield each yes of an event that by the ledger's word had not begun by then.

    Of a public event such a word is no observation, since nothing seen is known without it.
    """
    states = _states(inputs)
    for asked in inputs.questions:
        said = words.get(asked.event, ())
        if not said or asked.event in states or asked.left_out or asked.outcome != "yes":
            continue
        word = said[-1].resolution
        if word.outcome == "not_by" and word.at is not None and word.at >= asked.closed:
            yield inputs.questions.fault(
                asked,
                "outcome",
                f"the answer is yes, and the ledger (entry {said[-1].entry}) says that "
                f"'{asked.event}' had not begun by {_day(word.at)}",
                "Correct the one that is wrong: the file, or with 'forecast resolve "
                f"{asked.event} --on DATE'.",
                asked.outcome,
            )


def _answer(seen: Observation, asked: Question, states: Collection[str]) -> str | None:
    """Return the answer that follows from an observation, if one does."""
    if seen.event in states:  # which may have changed between
        at_deadline = seen.speaks_of_instant == asked.by
        return ("no" if seen.state == "off" else "yes") if at_deadline else None
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
    again = "--void" if told.item.state is not None else "--on DATE"
    return Fault(
        f"{told.words}, and this item has '{old.event}' observed {what}",
        "Correct the one that is wrong: the item, or with 'forecast resolve "
        f"{told.name or old.event} {again}'; what stands last in the ledger counts."
        if told.place.file == THE_LEDGER
        else f"Correct one of the two: the item, or the answer in {Path(told.place.file).name}.",
        place.file,
        place.line,
        f"item '{old.id}'",
    )
