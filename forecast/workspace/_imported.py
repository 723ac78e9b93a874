"""Questions of a platform brought into a workspace: what fits to its files, the rest beside them.

A question on an event of a network is added to ``questions.csv``, and its opinions to the evidence.
What is there already is never overwritten. Questions on drafts of events, opinions of sources that
the network lacks, and whatever fits no field go to ``imported/``, which nothing reads.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import (
    Evidence,
    Forecast,
    Place,
    Question,
    Questions,
    Resolutions,
    question_faults,
)
from forecast.evidence._faults import item_faults
from forecast.evidence._fields import COLUMNS as ITEM_COLUMNS
from forecast.files._asked_rows import file_in
from forecast.files._questions_file import COLUMNS as QUESTION_COLUMNS
from forecast.files._questions_file import FORMS, QUESTIONS_FILE
from forecast.files._table_writer import appended, csv_of, item_row, question_row
from forecast.files._text_file import make_folder, replacing
from forecast.files.platforms._import import Imported, import_questions
from forecast.workspace._contents import Contents, outcome_faults, read_contents
from forecast.workspace._followed import followed, ledger_of, words_of

if TYPE_CHECKING:  # the ledger reaches the database library
    from forecast.workspace._told import Words

BESIDE = "imported"
DEEPEST = 32
NOWHERE = Place()
EDITED = ("questions.csv", "drafts.yaml")
STATED = ("deadline", "opened", "wording", "url", "outcome", "resolved")
"""What a platform says of a question; the rest of its row is the workspace's own."""
ANSWER = ("outcome", "resolved")
RESOLVE = {"yes": "--on DATE, the day on which it came", "no": "--no", "annulled": "--void"}


@dataclass(frozen=True)
class Named:
    """What the caller names for questions and sources, each by the name that it has in the files.

    Parameters
    ----------
    events, deadlines, sources
        As `import_questions` takes them.
    """

    events: Mapping[str, str]
    deadlines: Mapping[str, str]
    sources: Mapping[str, str]


@dataclass(frozen=True)
class Brought:
    """What an import did.

    Parameters
    ----------
    platform
        Which platform's.
    added, there, waiting
        The ids of questions that were added, that were there already, and that wait beside.
    opinions, opinions_there, opinions_waiting
        How many items of evidence were added, were there already, and wait beside.
    written
        The files that were written.
    differences
        How questions that were there already differ from the file's.
    notes
        What else to know.
    """

    platform: str
    added: tuple[str, ...]
    there: tuple[str, ...]
    waiting: tuple[str, ...]
    opinions: int
    opinions_there: int
    opinions_waiting: int
    written: tuple[Path, ...]
    differences: tuple[str, ...]
    notes: tuple[str, ...]


def bring(folder: Path, files: Sequence[Path], platform: str, named: Named) -> Brought:
    """Import files of a platform into a workspace.

    Raises
    ------
    InputError
        With the faults of the workspace, or those of the files; nothing is written then.
    """
    contents = read_contents(folder)
    found = import_questions(
        files,
        platform,
        events=named.events,
        deadlines=named.deadlines,
        sources=named.sources,
        known=contents.questions,
    )
    with ledger_of(contents) as ledger:
        sorting = _Sorting(found, contents, words_of(ledger))
    _refuse_unknown(named.events, sorting.events)
    sorting.sort()
    return _write(
        folder, files, sorting, _evidence_file(contents.workspace.evidence_paths, platform)
    )


def _refuse_unknown(given: Mapping[str, str], events: Collection[str]) -> None:
    """Refuse names that are no event, nor a decision that has outcomes."""
    whole = {name.partition(".")[0] for name in events}
    unknown = [name for name in given.values() if name not in events and name not in whole]
    if unknown:
        raise InputError(
            [
                Fault("unknown event", did_you_mean(name, events), field="event", value=name)
                for name in dict.fromkeys(unknown)
            ]
        )


def _evidence_file(paths: Iterable[Path], platform: str) -> Path | None:
    """Return the file of opinions in the first folder of evidence; None without a folder."""
    return next((path / f"{platform}.csv" for path in paths if path.is_dir()), None)


def _told(fault: Fault, name: str) -> str:
    """Return what is wrong with a question, and with what on file if it is told of that."""
    other = "" if f"'{name}'" in fault.field else f"{fault.field.partition(': ')[0]}: "
    return f"{other}{fault.problem}"


class _Sorting:
    """What goes where."""

    def __init__(self, found: Imported, contents: Contents, words: "Words") -> None:
        self.found, self.contents, self.words = found, contents, words
        self.known = {each.id: each for each in contents.questions}
        self.networks = [each.network for each in contents.inputs]
        self.events = {node.id for network in self.networks for node in network.nodes}
        self.new: list[Question] = []
        self.there: list[str] = []
        self.waiting: list[Question] = []
        self.items: list[Forecast] = []
        self.old_items = 0
        self.waiting_items: list[Forecast] = []
        self.differences: list[str] = []
        self.notes = list(found.notes)

    def sort(self) -> None:
        """Sort questions, then opinions."""
        evidence = {item.id for each in self.contents.inputs for item in each.evidence}
        for question in self.found.questions:
            if question.id in self.known:
                self.there.append(question.id)
                self._compare(question, self.known[question.id])
            elif question.event not in self.events:
                self.waiting.append(question)
                if question.id not in self.found.unmapped:
                    self.notes.append(self._no_outcome(question))
            else:
                self.new.append(question)
        self._set_faulty_aside()
        fitting: list[Forecast] = []
        for item in self.found.opinions:
            if not isinstance(item, Forecast):
                continue
            if item.event not in self.events:
                self.waiting_items.append(item)
            elif item.id in evidence:
                self.old_items += 1
            else:
                fitting.append(item)
        self._set_unfit_aside(fitting)

    def _no_outcome(self, question: Question) -> str:
        """Return why an option of a question waits that was named for a decision."""
        decision, _, outcome = question.event.partition(".")
        parts = [name for name in self.events if name.startswith(f"{decision}.")]
        return (
            f"question '{question.id}' waits: '{decision}' has no outcome '{outcome}'; name one "
            f"with --event {question.id}=EVENT. {did_you_mean(question.event, parts)}"
        ).rstrip()

    def _compare(self, stated: Question, there: Question) -> None:
        """Tell how the platform's word differs from the row on file."""
        answered = bool({there.id, there.event} & set(self.words))  # the ledger has the answer
        for name in STATED:
            ours, theirs = question_row(there).get(name, ""), question_row(stated).get(name, "")
            if not theirs or ours == theirs or (answered and not ours and name in ANSWER):
                continue
            way = RESOLVE.get(theirs, "") if name == "outcome" and not ours else ""
            self.differences.append(
                f"question '{there.id}': {name} is '{ours[:80]}' in {QUESTIONS_FILE}, and "
                f"'{theirs[:80]}' at the platform; it was left as it is"
                + (f". To record it: forecast resolve {there.id} {way}" if way else "")
            )

    def _set_faulty_aside(self) -> None:
        """Let questions wait with which the workspace would be refused; say why."""
        before = {str(fault) for fault in self._faults_with([])}
        while self.new:
            bad: dict[str, Fault] = {}
            for fault in self._faults_with(self.new):
                if str(fault) not in before:
                    bad = self._guilty(fault) | bad  # the first fault of each is told
            if not bad:
                return
            mine = {each.id: each for each in self.new}
            for name, fault in bad.items():
                self.waiting.append(mine[name])
                self.notes.append(f"question '{name}' waits: {_told(fault, name)}")
            self.new = [each for each in self.new if each.id not in bad]

    def _faults_with(self, new: Sequence[Question]) -> Iterator[Fault]:
        """Yield what is wrong with the workspace's questions and answers, these among them."""
        questions = Questions([*self.contents.questions, *new])
        yield from question_faults(questions, self.networks)
        answers = [each.resolution for each in new if each.resolution is not None]
        try:
            resolutions = Resolutions(
                [*self.contents.resolutions, *answers],
                places={each.id: NOWHERE for each in [*self.contents.resolutions, *answers]},
            )
            yield from outcome_faults(resolutions, self.networks)
            inputs = tuple(
                replace(each, questions=questions.about(each.network))
                for each in self.contents.inputs
            )
            followed(replace(self.contents, inputs=inputs, questions=questions), self.words)
        except InputError as error:
            yield from error.faults

    def _guilty(self, fault: Fault) -> dict[str, Fault]:
        """Return the new questions that a fault names; else those on an event that it is about."""
        named = set(re.findall(r"'([^']+)'", f"{fault.field} {fault.problem}"))
        events = {self.known[name].event for name in named & set(self.known)} | named
        own = [each.id for each in self.new if each.id in named]
        about = [each.id for each in self.new if each.event in events]
        return dict.fromkeys(own or about, fault)

    def _set_unfit_aside(self, fitting: Sequence[Forecast]) -> None:
        """Let opinions wait that the network would refuse; count them by the reason."""
        reasons: dict[str, int] = {}
        for network in self.networks:
            nodes = {node.id for node in network.nodes}
            mine = [item for item in fitting if item.event in nodes]
            faults = item_faults(network, mine, dict[str, Place]())
            for item in mine:
                if item.id not in faults:
                    self.items.append(item)
                    continue
                self.waiting_items.append(item)
                fault = faults[item.id][0]
                why = fault.problem
                if "source" in fault.field.rpartition(": ")[2]:
                    why = f"{why} '{item.source}': add it to the network's sources, or name one "
                    why += f"with --source {item.source}=NAME"
                reasons[why] = reasons.get(why, 0) + 1
        self.items = list({item.id: item for item in self.items}.values())
        self.notes += [f"opinions wait, {count:,}: {why}" for why, count in reasons.items()]


def _write(
    folder: Path, files: Sequence[Path], sorting: _Sorting, evidence: Path | None
) -> Brought:
    """Write everything, or nothing where a file could not be read again."""
    texts: dict[Path, str] = {}
    if sorting.new:
        path = file_in(folder, QUESTIONS_FILE, FORMS)
        texts[path] = appended(path, QUESTION_COLUMNS, [question_row(q) for q in sorting.new])
    items, waiting_items = list(sorting.items), list(sorting.waiting_items)
    if items and evidence is None:
        sorting.notes.append("opinions wait: forecast.toml names no folder of evidence")
        waiting_items, items = waiting_items + items, []
    if items and evidence is not None:
        rows = [item_row(item) for item in Evidence(items)]
        texts[evidence] = appended(evidence, ITEM_COLUMNS, rows)
    beside = folder / BESIDE / f"{sorting.found.platform}-{files[0].stem}"
    texts |= _beside(beside, sorting, waiting_items)
    write_all(texts)
    return Brought(
        platform=sorting.found.platform,
        added=tuple(question.id for question in sorting.new),
        there=tuple(sorting.there),
        waiting=tuple(question.id for question in sorting.waiting),
        opinions=len(items),
        opinions_there=sorting.old_items,
        opinions_waiting=len(waiting_items),
        written=tuple(texts),
        differences=tuple(sorting.differences),
        notes=tuple(sorting.notes),
    )


def write_all(texts: Mapping[Path, str]) -> None:
    """Write files, each whole, with the folders that they need."""
    for path, text in texts.items():
        make_folder(path.parent)
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")


def _plain(value: object, depth: int = 0) -> object:
    """Return a JSON value that any program reads: no NaN, and no nesting without end."""
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if not isinstance(value, dict | list):
        return value
    if depth > DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {name: _plain(part, depth + 1) for name, part in value.items()}
    return [_plain(part, depth + 1) for part in value]


def _beside(folder: Path, sorting: _Sorting, items: Sequence[Forecast]) -> dict[Path, str]:
    """Return the files beside.

    Questions and drafts are edited by hand: those that are there and differ are left, and others
    made. Opinions and what is aside are replaced.
    """
    texts: dict[str, str] = {}
    if sorting.waiting:
        rows = [question_row(question) for question in sorting.waiting]
        texts["questions.csv"] = csv_of(QUESTION_COLUMNS, rows)
    if items:
        filled = [item_row(item) for item in Evidence(items)]
        columns = [name for name in ITEM_COLUMNS if any(name in row for row in filled)]
        texts["opinions.csv"] = csv_of(columns, filled)
    if any(question.id in sorting.found.unmapped for question in sorting.waiting):
        texts["drafts.yaml"] = sorting.found.drafts
    if sorting.found.aside:
        told = [
            {"place": each.place, "why": each.why, "fields": _plain(each.fields)}
            for each in sorting.found.aside
        ]
        texts["aside.json"] = json.dumps(told, indent=1, ensure_ascii=True) + "\n"
    return placed_beside(folder, texts)


def placed_beside(folder: Path, texts: Mapping[str, str]) -> dict[Path, str]:
    """Return the files in which texts are to be kept; those that are there already are left out.

    One that is edited by hand, and differs, is left as it is, and another made.
    """
    placed: dict[Path, str] = {}
    for name, text in texts.items():
        path, number = folder / name, 2
        edited = name in EDITED
        while edited and path.exists() and path.read_bytes() != text.encode():
            path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
            number += 1
        if not path.exists() or path.read_bytes() != text.encode():
            placed[path] = text
    return placed
