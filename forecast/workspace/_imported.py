"""Questions of a platform brought into a workspace: what fits to its files, the rest beside them.

A question on an event of a network is added to ``questions.csv``, and its opinions to the evidence.
What is there already is never overwritten. Questions on drafts of events, opinions of sources that
the network lacks, and whatever fits no field go to ``imported/``, which nothing reads.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Evidence, Forecast, Item, Place, Question, Questions, question_faults
from forecast.evidence._faults import item_faults
from forecast.files._evidence_file import COLUMNS as ITEM_COLUMNS
from forecast.files._questions_file import COLUMNS as QUESTION_COLUMNS
from forecast.files._questions_file import QUESTIONS_FILE, scan_questions
from forecast.files._table_writer import appended, csv_of, item_row, question_row
from forecast.files._text_file import replacing
from forecast.files.platforms._import import Imported, import_questions
from forecast.network import Network
from forecast.workspace._contents import read_contents

BESIDE = "imported"
EDITED = ("questions.csv", "drafts.yaml")
STATED = ("deadline", "opened", "wording", "url", "outcome", "resolved")
"""What a platform says of a question; the rest of its row is the workspace's own."""


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
    networks = [each.network for each in contents.inputs]
    known, faults = _known(folder / QUESTIONS_FILE)
    if faults:
        raise InputError(faults)
    found = import_questions(
        files,
        platform,
        events=named.events,
        deadlines=named.deadlines,
        sources=named.sources,
        known=known,
    )
    events = {node.id: network for network in networks for node in network.nodes}
    _refuse_unknown(named.events, events)
    evidence = {item.id: item for each in contents.inputs for item in each.evidence}
    sorting = _Sorting(found, known, networks, events)
    sorting.sort(evidence)
    return _write(
        folder, files, sorting, _evidence_file(contents.workspace.evidence_paths, platform)
    )


def _known(path: Path) -> tuple[Questions, tuple[Fault, ...]]:
    return scan_questions(path) if path.exists() else (Questions(), ())


def _refuse_unknown(given: Mapping[str, str], events: Mapping[str, Network]) -> None:
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


class _Sorting:
    """What goes where."""

    def __init__(
        self,
        found: Imported,
        known: Questions,
        networks: Sequence[Network],
        events: Mapping[str, Network],
    ) -> None:
        self.found, self.known = found, {each.id: each for each in known}
        self.networks, self.events = networks, events
        self.new: list[Question] = []
        self.there: list[str] = []
        self.waiting: list[Question] = []
        self.items: list[Forecast] = []
        self.old_items = 0
        self.waiting_items: list[Forecast] = []
        self.differences: list[str] = []
        self.notes = list(found.notes)

    def sort(self, evidence: Mapping[str, Item]) -> None:
        """Sort questions, then opinions."""
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
        for name in STATED:
            ours, theirs = question_row(there).get(name, ""), question_row(stated).get(name, "")
            if theirs and ours != theirs:
                self.differences.append(
                    f"question '{there.id}': {name} is '{ours[:80]}' in {QUESTIONS_FILE}, and "
                    f"'{theirs[:80]}' at the platform; it was left as it is"
                )

    def _set_faulty_aside(self) -> None:
        """Let questions wait that do not fit their network; say why."""
        known = Questions(self.known.values())
        before = {str(fault) for fault in question_faults(known, self.networks)}
        while self.new:
            everything = Questions([*known, *self.new])
            faults = question_faults(everything, self.networks)
            events = {f"'{each.id}'": each.event for each in everything}
            bad: dict[str, Fault] = {}
            for fault in faults:
                if str(fault) not in before:
                    bad |= self._guilty(fault, events)
            if not bad:
                return
            mine = {each.id: each for each in self.new}
            for name, fault in bad.items():
                self.waiting.append(mine[name])
                self.notes.append(f"question '{name}' waits: {fault.problem}")
            self.new = [each for each in self.new if each.id not in bad]

    def _guilty(self, fault: Fault, events: Mapping[str, str]) -> dict[str, Fault]:
        """Return the new questions that a fault is of; else those on the event that it is about."""
        named = fault.field.partition(": ")[0].split(" ", 1)[-1]
        own = [each.id for each in self.new if f"'{each.id}'" == named]
        about = [each.id for each in self.new if each.event == events.get(named)]
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
        path = folder / QUESTIONS_FILE
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
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
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
            {"place": each.place, "why": each.why, "fields": each.fields}
            for each in sorting.found.aside
        ]
        texts["aside.json"] = json.dumps(told, indent=1, ensure_ascii=True) + "\n"
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
