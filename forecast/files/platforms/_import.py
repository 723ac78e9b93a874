"""What forecasting platforms hand out, as questions, opinions and drafts of events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Evidence, Forecast, Question, Questions, finish
from forecast.files._bayes_net import unique_ids
from forecast.files.platforms import (
    _fatebook,
    _forecastbench,
    _goodjudgment,
    _manifold,
    _metaculus,
    _polymarket,
)
from forecast.files.platforms._drafts import draft_event, drafts
from forecast.files.platforms._entry import Faults, clean, load
from forecast.files.platforms._stated import (
    LONGEST_QUESTION,
    Aside,
    Asked,
    Document,
    Found,
    Price,
    name_of,
)

type Reader = Callable[[Sequence[Document], Found], None]

READERS: dict[str, tuple[str, Reader]] = {
    "metaculus": ("Metaculus", _metaculus.read),
    "manifold": ("Manifold", _manifold.read),
    "polymarket": ("Polymarket", _polymarket.read),
    "goodjudgment": ("Good Judgment", _goodjudgment.read),
    "forecastbench": ("ForecastBench", _forecastbench.read),
    "fatebook": ("Fatebook", _fatebook.read),
}
"""The title and the reader of each platform."""

MOST_NAMES = 20
"""Of fields that are told."""

ONLY = ""
"""In place of a name: the only question, or the only source, of a file."""


@dataclass(frozen=True)
class Imported:
    """What was read from files of a platform.

    Parameters
    ----------
    platform
        Which one.
    questions
        Its questions, each on an event: one that was named for it, one that it has already, or a
        draft.
    opinions
        Items of kind ``forecast``, the last of each source on each day.
    drafts
        YAML with an event for each question that has none, with gaps to fill in; empty if none is
        needed.
    unmapped
        The ids of the questions whose event is a draft.
    opinions_of
        The ids of the opinions on each question, by its id.
    aside
        What did not become anything, and fields without a place here.
    notes
        What to know of the reading, a sentence each.
    """

    platform: str
    questions: Questions
    opinions: Evidence
    drafts: str
    unmapped: frozenset[str]
    opinions_of: Mapping[str, tuple[str, ...]]
    aside: tuple[Aside, ...]
    notes: tuple[str, ...]


def import_questions(
    path: str | Path | Iterable[str | Path],
    platform: str,
    *,
    events: Mapping[str, str] | None = None,
    deadlines: Mapping[str, str] | None = None,
    sources: Mapping[str, str] | None = None,
    known: Questions | None = None,
) -> Imported:
    """Return the questions, opinions and outcomes in files of a forecasting platform.

    Notes
    -----
    Read are JSON and CSV as the platform hands them out, at most 100 MB each: questions or markets,
    and their histories, in one file or in several that are given together. Nothing is guessed. A
    question goes on the event that is named for it in `events`, or that it has in `known`, or else
    on a draft; one without a deadline needs one in `deadlines`, or is put aside. Options of a
    question become a question each, on the outcomes of a decision. Questions that ask for a number
    or a date are put aside. Of each source's prices on a question the last of each day (UTC) is
    taken; those of 0 and 1, those without a time, and those from after the answer are left out, and
    counted in `notes`. Text is made safe: on one line, without control characters, and with an
    apostrophe before it where a spreadsheet would take it for a formula.

    Parameters
    ----------
    path
        The file, or several.
    platform
        ``"metaculus"``, ``"manifold"``, ``"polymarket"``, ``"goodjudgment"`` (and INFER),
        ``"forecastbench"`` or ``"fatebook"``.
    events
        The event of a question, by the question's id; by the id of a question with options, the
        decision whose outcomes are called like them. ``""`` stands for the only question.
    deadlines
        The deadline of a question, by its id, in place of the one that the file states.
    sources
        How a source is called in the network, by the name that it has here.
    known
        The questions that there are.

    Raises
    ------
    InputError
        With every fault of the files, each with its file, its line or its path in the document, the
        value and what to write; and for a name in `events`, `deadlines` or `sources` that is none
        of the files'.

    Examples
    --------
    >>> import json
    >>> from tempfile import TemporaryDirectory
    >>> market = {
    ...     "id": "m1",
    ...     "question": "Signed in 2024?",
    ...     "outcomeType": "BINARY",
    ...     "closeTime": 1735689599000,
    ...     "probability": 0.4,
    ...     "lastBetTime": 1720000000000,
    ... }
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "market.json"
    ...     _ = file.write_text(json.dumps(market))
    ...     found = import_questions(file, "manifold", events={"manifold_m1": "pact"})
    >>> [(each.id, each.event, str(each.deadline)) for each in found.questions]
    [('manifold_m1', 'pact', '2024-12-31')]
    >>> [(item.id, item.probability) for item in found.opinions]
    [('manifold_m1_20240703t094640', 0.4)]
    """
    if platform not in READERS:
        remedy = did_you_mean(str(platform), READERS)
        raise InputError(Fault("no such platform", remedy, field="platform", value=str(platform)))
    files = [path] if isinstance(path, str | Path) else list(path)
    found = _read([Path(file) for file in files], platform)
    made = _Made(found, events or {}, deadlines or {}, sources or {}, known or Questions())
    return made.imported()


def _read(files: Sequence[Path], platform: str) -> Found:
    faults = Faults()
    documents: list[Document] = []
    broken: list[Fault] = []
    for file in files:
        try:
            data, rows = load(file, faults)
        except InputError as error:
            broken += error.faults
            continue
        listed = None if rows is None else list(rows)
        documents.append(Document(str(file), data, listed, faults))
    found = Found(platform, faults)
    if not broken:
        READERS[platform][1](documents, found)
    for fault in broken:
        faults.add(fault)
    faults.refuse()
    if faults.unzoned:
        found.tell("times without a zone are taken as UTC", faults.unzoned)
    return found


class _Made:
    """What becomes of what was found."""

    def __init__(
        self,
        found: Found,
        events: Mapping[str, str],
        deadlines: Mapping[str, str],
        sources: Mapping[str, str],
        known: Questions,
    ) -> None:
        self.found = found
        self.known = {each.id: each for each in known}
        self.faults: list[Fault] = []
        self.asked = self._single()
        self.events = self._of_questions("events", events)
        self.deadlines = self._of_questions("deadlines", deadlines)
        self.sources = self._of_sources(sources)
        self.taken: dict[str, tuple[Asked, Question]] = {}
        self.unmapped: set[str] = set()
        self.options = self._options()

    def imported(self) -> Imported:
        """Return all of it."""
        self._questions()
        items, of = self._opinions()
        if self.faults:
            raise InputError(self.faults)
        groups: dict[str, list[tuple[Asked, Question]]] = {}
        for asked, question in self.taken.values():
            if question.id in self.unmapped:
                event = question.event.partition(".")[0]
                groups.setdefault(event, []).append((asked, question))
        drafted = {name for name in self.unmapped for name in of.get(name, ())}
        used = sorted({item.source for item in items if item.id in drafted})
        titles = {name: title for name, (title, _) in READERS.items()}
        notes = [
            f"{words} ({count:,})" if count > 1 else words
            for words, count in self.found.told.items()
        ]
        if self.found.unplaced:
            names = [clean(name) for name in list(self.found.unplaced)[:MOST_NAMES]]
            names += ["…"] if len(self.found.unplaced) > MOST_NAMES else []
            notes.append(f"fields without a place here are kept aside: {', '.join(names)}")
        return Imported(
            platform=self.found.platform,
            questions=Questions(question for _, question in self.taken.values()),
            opinions=Evidence(items),
            drafts=drafts(groups, used, titles) if groups else "",
            unmapped=frozenset(self.unmapped),
            opinions_of=of,
            aside=tuple(self.found.aside),
            notes=tuple(notes),
        )

    def _single(self) -> dict[str, Asked]:
        """Return the questions by id, each once; two that differ have no one id."""
        single: dict[str, Asked] = {}
        for asked in self.found.questions:
            before = single.setdefault(asked.id, asked)
            if before is asked:
                continue
            if replace(before, place="") == replace(asked, place=""):
                self.found.tell("questions are in the files twice, and taken once")
                continue
            problem = f"question '{asked.id}' is there twice, and not the same ({before.place})"
            self.faults.append(Fault(problem, "Leave one of the two.", asked.place))
        return single

    def _group(self, asked: Asked) -> str:
        return name_of(asked.platform, asked.group, longest=LONGEST_QUESTION)

    def _of_questions(self, what: str, given: Mapping[str, str]) -> dict[str, str]:
        """Return what was named for questions, by their ids, or by those of their groups."""
        groups = {self._group(asked) for asked in self.asked.values() if asked.group}
        alone = {self._group(a) if a.group else a.id for a in self.asked.values()}
        names = {*self.asked, *groups, *self.known}
        result: dict[str, str] = {}
        for name, value in given.items():
            if name == ONLY and len(alone) == 1:
                result[next(iter(alone))] = value
            elif name == ONLY:
                problem = f"the files state {len(alone):,} questions"
                remedy = f"Name one for each: QUESTION={value}. {did_you_mean('', sorted(alone))}"
                self.faults.append(Fault(problem, remedy, field=what, value=value))
            elif name in names:
                result[name] = value
            else:
                remedy = did_you_mean(name, names)
                self.faults.append(Fault("no such question", remedy, field=what, value=name))
        return result

    def _of_sources(self, given: Mapping[str, str]) -> dict[str, str]:
        named = dict.fromkeys(price.source for price in self.found.prices)
        result: dict[str, str] = {}
        for name, value in given.items():
            if name == ONLY and len(named) <= 1:
                result |= dict.fromkeys(named, value)
            elif name in named:
                result[name] = value
            else:
                remedy = did_you_mean(name, named)
                self.faults.append(Fault("no such source", remedy, field="sources", value=name))
        return result

    def _options(self) -> dict[str, str]:
        """Return how each option is called as an outcome, by its question's id."""
        groups: dict[str, list[Asked]] = {}
        for asked in self.asked.values():
            if asked.group:
                groups.setdefault(asked.group, []).append(asked)
        return {
            asked.id: name
            for several in groups.values()
            for asked, name in zip(several, unique_ids(a.option for a in several), strict=True)
        }

    def _event(self, asked: Asked) -> tuple[str, bool]:
        """Return the event of a question, and whether it is a draft."""
        part = f".{self.options[asked.id]}" if asked.group else ""
        if asked.id in self.events:
            return self.events[asked.id], False
        if asked.group and self._group(asked) in self.events:
            return self.events[self._group(asked)] + part, False
        if asked.id in self.known:
            return self.known[asked.id].event, False
        return draft_event(asked) + part, True

    def _deadline(self, asked: Asked) -> Any:
        given = self.deadlines.get(asked.id)
        if given is None and asked.group:
            given = self.deadlines.get(self._group(asked))
        if given is None and asked.deadline is None and asked.id in self.known:
            return self.known[asked.id].deadline
        return asked.deadline if given is None else given

    def _questions(self) -> None:
        title = READERS[self.found.platform][0]
        twins = {
            (each.event, each.by): each.id
            for each in self.known.values()
            if not each.left_out and each.outcome != "annulled"
        }
        for asked in self.asked.values():
            deadline = self._deadline(asked)
            if deadline is None:
                self._without_deadline(asked)
                continue
            event, drafted = self._event(asked)
            words = f"{asked.title}: {asked.option}" if asked.group else asked.title
            fields: dict[str, Any] = {
                "id": asked.id,
                "event": event,
                "deadline": deadline,
                "opened": asked.opened,
                "wording": words,
                "source": title,
                "url": asked.url,
                "outcome": asked.outcome,
                "resolved": asked.resolved,
                "notes": asked.criteria,
            }
            try:
                question = Question(**fields)
            except InputError as error:
                name = f"question '{asked.id}'"
                self.faults += (
                    replace(fault, file=asked.place, field=f"{name}: {fault.field}")
                    for fault in error.faults
                )
                continue
            twin = twins.setdefault((question.event, question.by), question.id)
            if twin != question.id and question.outcome != "annulled":
                question = Question(**fields, left_out=f"asks the same as {twin}")
                self.found.tell(
                    f"'{question.id}' asks the same as '{twin}', and is left out of scores"
                )
            self.taken[question.id] = (asked, question)
            if drafted:
                self.unmapped.add(question.id)

    def _without_deadline(self, asked: Asked) -> None:
        why = f"question '{asked.id}' has no deadline: state one for it"
        told = {"question": asked.title, "url": asked.url, "outcome": asked.outcome}
        self.found.aside.append(Aside(asked.place, why, told))
        self.found.tell(f"question '{asked.id}' states no deadline, and is put aside")

    def _opinions(self) -> tuple[list[Forecast], dict[str, tuple[str, ...]]]:
        """Return the last opinion of each source on each day, and the ids on each question."""
        days: dict[tuple[str, str, object], Price] = {}
        questions: dict[str, Question | None] = {}
        counts: dict[str, int] = {}
        for price in self.found.prices:
            if price.key not in questions:
                questions[price.key] = self._question_of(price.key)
            question = questions[price.key]
            why = _unfit(price, question)
            if why:
                counts[why] = counts.get(why, 0) + 1
                continue
            place = (price.key, price.source, price.at.date())
            before = days.get(place)
            if before is not None:
                thinned = "prices are left out: the last of each day is taken"
                counts[thinned] = counts.get(thinned, 0) + 1
            if before is None or before.at <= price.at:
                days[place] = price
        for why, count in counts.items():
            self.found.tell(why, count)
        items: list[Forecast] = []
        of: dict[str, list[str]] = {}
        for price in days.values():
            question = questions[price.key]
            if question is not None:
                item = self._item(price, question)
                items.append(item)
                of.setdefault(question.id, []).append(item.id)
        return items, {name: tuple(ids) for name, ids in of.items()}

    def _question_of(self, key: str) -> Question | None:
        name = name_of(self.found.platform, key, longest=LONGEST_QUESTION)
        if name in self.taken:
            return self.taken[name][1]
        known = None if name in self.asked else self.known.get(name)
        if known is not None and name in self.events:
            return known.model_copy(update={"event": self.events[name]})
        return known

    def _item(self, price: Price, question: Question) -> Forecast:
        stamp = price.at.strftime("%Y%m%dt%H%M%S")
        own = price.source == self.found.platform
        source = self.sources.get(price.source, price.source)
        return Forecast(
            id=name_of(*([] if own else [price.source]), question.id, stamp),
            event=question.event,
            published=price.at,
            speaks_of=question.deadline,
            source=source,
            probability=price.probability,
            citation=question.url,
            text=question.wording,
        )


def _unfit(price: Price, question: Question | None) -> str:
    """Return why a price is no opinion; empty where it is one."""
    if question is None:
        return "prices are of questions that the files do not state, or that are put aside"
    if price.probability in (0, 1):
        return "prices of 0 or 1 are left out: an opinion lies between"
    if price.at >= question.by:
        return "prices from after the deadline are left out"
    if question.resolved is not None and price.at >= finish(question.resolved):
        return "prices from after the answer was known are left out"
    return ""
