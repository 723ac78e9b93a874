"""What the ledger and answered questions tell of events, as observations.

How an event came out is written once: as the ledger's word on it (``forecast resolve``), or as the
answer to a question. Here is what was so observed, by whose word.
"""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from forecast.evidence import Evidence, Observation, Place, Question
from forecast.evidence._moment import finish
from forecast.evidence._retraction import withdrawn
from forecast.files._questions_file import QUESTIONS_FILE
from forecast.network import Event, Network
from forecast.time import day_label
from forecast.workspace._contents import Contents, Inputs

if TYPE_CHECKING:  # the ledger reaches the database library
    from forecast.ledger import Standing

type Words = Mapping[str, Sequence[Standing]]
"""All that the ledger has on each event or question, in the order of the entries."""

TICK = timedelta(microseconds=1)
LEDGER, ANSWER, THE_LEDGER = "ledger", "answer", "the ledger"

PENDING = sys.maxsize
"""The entry of a word that is not in the ledger yet, and would come last."""

NOT_YET = "this_entry"
"""The id of the observation that follows from such a word."""


@dataclass(frozen=True)
class Told:
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
    silent
        Whether it is no evidence: that nothing was seen of a public event is known without it.
    """

    item: Observation
    words: str
    place: Place
    name: str = ""
    silent: bool = False

    @property
    def pending(self) -> bool:
        """Whether it is a word that is about to be recorded."""
        return self.item.id == NOT_YET

    def named_apart(self, taken: Collection[str]) -> "Told":
        """Return the same under a name that no item on file has."""
        name = self.item.id
        while name in taken:
            name = f"_{name}"[:64]
        return replace(self, item=self.item.model_copy(update={"id": name}))


def since_void(said: "Sequence[Standing]") -> "Sequence[Standing]":
    """Return the words on a state that stand: those after the last that takes back what was."""
    voids = (n for n, word in enumerate(said) if word.resolution.outcome == "void")
    return said[max(voids, default=-1) + 1 :]


def says(word: "Standing") -> str:
    """Return who says a word."""
    if word.entry == PENDING:
        return "'forecast resolve' would record"
    return f"the ledger (entry {word.entry}) says"


def states_in(inputs: Inputs) -> set[str]:
    """Return the states of a network."""
    return {node.id for node in inputs.network.nodes if node.kind == "state"}


def latest(seen: Observation) -> datetime:
    """Return by when an event that was seen on was on."""
    return seen.speaks_of_instant if seen.onset is None else seen.onset_instants[1]


def seen_in(evidence: Evidence) -> dict[str, list[Observation]]:
    """Return the observations on file that stand, by event."""
    fallen = withdrawn(evidence.items)
    found: dict[str, list[Observation]] = {}
    for item in evidence.items:
        if isinstance(item, Observation) and item.id not in fallen:
            found.setdefault(item.event, []).append(item)
    return found


def told_of(contents: Contents, inputs: Inputs, words: Words) -> Iterator[Told]:
    """Yield what the ledger says of a network's events, and the answers beyond that."""
    nodes = {node.id: node for node in inputs.network.nodes}
    spoken: set[tuple[str, datetime | None]] = set()
    for name, said in _said_of(inputs, words).items():
        for word in _telling(nodes[name], said):
            told = _by_word(inputs.network, nodes[name], word)
            if told is not None:
                if not told.silent:
                    spoken.add(_matter(nodes[name], told.item))
                yield told
    for asked in inputs.questions:
        told = _by_answer(contents, inputs.network, nodes[asked.event], asked)
        if told is not None and _matter(nodes[asked.event], told.item) not in spoken:
            if not told.silent:
                spoken.add(_matter(nodes[asked.event], told.item))
            yield told


def _matter(node: Event, item: Observation) -> tuple[str, datetime | None]:
    """Return what is told once: how an event came out, or how a state was at a time."""
    return node.id, item.speaks_of_instant if node.kind == "state" else None


def _said_of(inputs: Inputs, words: Words) -> "dict[str, list[Standing]]":
    """Return the words that stand on each event of a network, those on its questions among them.

    Of an event that is the last one; of a state, which may change again, all since the last void.
    """
    states, found = states_in(inputs), dict[str, list["Standing"]]()
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
        last = {day_of(cast("datetime", word.resolution.at)): word for word in dated}
        return list(last.values())
    came = [word for word in dated if word.resolution.outcome == "happened"]
    return (came or sorted(dated, key=lambda word: cast("datetime", word.resolution.at)))[-1:]


def day_of(at: datetime) -> date:
    """Return the day that ends at an instant, or in which it lies."""
    return (at - TICK).date()


def _at_once(network: Network, node: Event) -> bool:
    """Return whether it is known on its day, as is what comes of a decision on a stated day."""
    stated = network.stated(node.id)
    return node.public or (stated.kind == "decision" and stated.day is not None)


def _by_word(network: Network, node: Event, word: "Standing") -> Told | None:
    """Return what a word of the ledger's on an event, or on a question about it, says was seen."""
    said = word.resolution
    if said.outcome == "void" or said.at is None or said.at > word.made_at + timedelta(days=1):
        return None
    day, came, public = day_of(said.at), said.outcome == "happened", _at_once(network, node)
    answer = said.event != node.id  # which tells how it was at the deadline, not since when
    stated = _at(day, came=came) if answer else _stated(node, day, came=came)
    known = day if public else max(day, word.made_at.date())
    item = Observation(
        id=NOT_YET if word.entry == PENDING else f"{LEDGER}_{word.entry}",
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
    place = Place() if word.entry == PENDING else Place(THE_LEDGER, word.entry)
    silent = not came and public and node.kind != "state"
    return Told(item, f"{says(word)} that '{node.id}' {words}", place, said.event, silent)


def citation_of(question: str) -> str:
    """Return where what was observed stands, if that is the ledger's answer to a question."""
    return f"the ledger's answer to question '{question}'"


def _stated(node: Event, day: date, *, came: bool) -> dict[str, Any]:
    return {"onset": day} if came and node.kind != "fact" else _at(day, came=came)


def _at(day: date, *, came: bool) -> dict[str, Any]:
    return {"state": "on" if came else "off", "speaks_of": day}


def _by_answer(contents: Contents, network: Network, node: Event, asked: Question) -> Told | None:
    """Return what the answer to a question says was observed."""
    if asked.outcome not in {"yes", "no"} or asked.left_out:
        return None
    came, public, state = asked.outcome == "yes", _at_once(network, node), node.kind == "state"
    if state and asked.closed < asked.by:
        return None  # answered before its deadline, at which it may have been otherwise
    day = day_of(asked.closed if came else asked.by)
    known = day if asked.resolved is None else max(day, day_of(asked.closed))
    if state and asked.resolved is not None:
        known = max(day, day_of(finish(asked.resolved)))
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
    words = f"question '{asked.id}' is answered {asked.outcome}: {words}"
    return Told(item, words, place, silent=not came and public and not state)


def answer_of(word: "Standing") -> str:
    """Return the answer to a question that the ledger's word on it gives."""
    return {"happened": "yes", "void": "annulled"}.get(word.resolution.outcome, "no")


def answer_from(seen: Observation, asked: Question, states: Collection[str]) -> str | None:
    """Return the answer that follows from an observation, if one does."""
    if seen.event in states:  # which may have changed between
        at_deadline = seen.speaks_of_instant == asked.by
        return ("no" if seen.state == "off" else "yes") if at_deadline else None
    if seen.onset is not None:
        return "yes" if seen.onset_instants[1] <= asked.by else "no"
    if seen.state == "on":
        return "yes" if seen.speaks_of_instant <= asked.by else None
    return "no" if asked.by <= seen.speaks_of_instant else None


def days_differ(old: Observation, new: Observation) -> bool:
    """Return whether the days of a new onset are not within those of an old one."""
    if old.onset is None or new.onset is None:
        return False
    return not (old.onset[0] <= new.onset[0] and new.onset[1] <= old.onset[1])


def seen_on(seen: Observation) -> str:
    """Return the day by whose end an event was seen on."""
    return day_label(latest(seen))
