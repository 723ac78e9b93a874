"""Reference classes from CSV files, and their counts filled in where a network file names them.

A file has a head of '# key: text' lines, then one count a row. A network file names classes of the
folder ``reference_classes`` next to it. Only counts of years that end before the network starts are
used: a base rate must not know what it is to forecast.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files._csv_reader import Row, csv_fault, csv_text, parse_csv
from forecast.files._limits import too_many, unjudged
from forecast.files._yaml_reader import Located
from forecast.history._reference_class import ReferenceClass, Tally, tally_faults
from forecast.network._base import to_day
from forecast.network._rate_belief import ClassCounts, ClassPhrase, RateBelief, is_class

CLASS_FOLDER = "reference_classes"
HEAD_KEYS = ("title", "definition", "population", "unit", "source", "licence", "script")
COLUMNS = ("subclass", "first", "last", "exposure", "onsets", "entrants", "note")
REQUIRED = ("subclass", "first", "last", "exposure", "onsets")
UNIT = re.compile(r"[a-z-]*years?")

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,63}")
_HEAD = re.compile(r"# ?([a-z]+): *(.*)")


def read_reference_class(path: str | Path) -> ReferenceClass:
    """Return the reference class that a CSV file states; it is named as its file.

    Parameters
    ----------
    path
        The file: first lines ``# key: text`` (a line ``#   more`` continues one), with the keys
        title, definition, population, unit, source, licence, script; then a table with the columns
        subclass, first, last, exposure, onsets and optionally entrants and note.

    Raises
    ------
    InputError
        With every fault of the file, each with its line, the value, and what to write instead.
    """
    path = Path(path)
    text = csv_text(path)
    words, faults = _head(text, path)
    table = "\n".join("" if line.startswith("#") else line for line in text.splitlines())
    if not table.strip():
        faults.append(csv_fault(path, 1, "has a head but no counts", "Write the header and a row."))
        raise InputError(faults)
    rows, form = parse_csv(table, path, columns=COLUMNS, required=REQUIRED)
    faults += form
    tallies = []
    for row in rows:
        if too_many(faults):
            faults.append(unjudged(str(path), row.line))
            break
        tally = _tally(row, path, faults)
        if tally is not None:
            tallies.append((row.line, tally))
    for fault in tally_faults(tally for _, tally in tallies):
        if fault.field.isdigit():
            line = tallies[int(fault.field)][0]
            faults.append(csv_fault(path, line, fault.problem, fault.remedy))
        elif not faults:  # else there were rows, with faults of their own
            faults.append(csv_fault(path, 0, fault.problem, fault.remedy))
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.line))
    return ReferenceClass(path.stem, [tally for _, tally in tallies], **words)


def _head(text: str, path: Path) -> tuple[dict[str, str], list[Fault]]:
    """Return the words of the head by key, and its faults."""
    words: dict[str, list[str]] = {}
    faults: list[Fault] = []
    last = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#"):
            continue
        if too_many(faults):
            faults.append(unjudged(str(path), number))
            break
        found = _HEAD.fullmatch(line.rstrip())
        if found is None:
            if last and line.startswith("#  "):
                words[last].append(line[1:].strip())
            continue
        last = found[1]
        if last not in HEAD_KEYS:
            remedy = did_you_mean(last, HEAD_KEYS)
            faults.append(
                csv_fault(path, number, "is not a key of a reference class", remedy, last)
            )
        elif last in words:
            faults.append(csv_fault(path, number, "the key is repeated", "Remove one.", last))
        words.setdefault(last, []).append(found[2])
    texts = {key: " ".join(parts).strip() for key, parts in words.items() if key in HEAD_KEYS}
    faults += [
        csv_fault(path, 1, f"the head lacks '{key}'", f"Write '# {key}: …'.")
        for key in HEAD_KEYS
        if not texts.get(key)
    ]
    if texts.get("unit") and UNIT.fullmatch(texts["unit"]) is None:
        remedy = "Write for example dyad-years."
        faults.append(csv_fault(path, 1, "the unit is not a kind of year", remedy, texts["unit"]))
    if _NAME.fullmatch(path.stem) is None:
        remedy = "Use lower-case letters, digits and underscores."
        faults.append(csv_fault(path, 0, "the file's name cannot be a class's", remedy, path.stem))
    return texts, faults


def _tally(row: Row, path: Path, faults: list[Fault]) -> Tally | None:
    """Return the count of a row; None if it is faulty, with its faults noted."""
    before = len(faults)
    numbers = {
        column: _number(row, column, path, faults)
        for column in ("first", "last", "exposure", "onsets", "entrants")
    }
    name = row.cells.get("subclass", "").strip()
    if _NAME.fullmatch(name) is None:
        remedy = "Use lower-case letters, digits and underscores; 'all' if there is only one."
        faults.append(csv_fault(path, row.line, "the subclass is not a name", remedy, name))
    if len(faults) > before:
        return None
    entrants = None if numbers["entrants"] is None else int(numbers["entrants"])
    whole = [int(numbers[column] or 0) for column in ("first", "last", "onsets")]
    return Tally(name, whole[0], whole[1], numbers["exposure"] or 0.0, whole[2], entrants)


def _number(row: Row, column: str, path: Path, faults: list[Fault]) -> float | None:
    text = row.cells.get(column, "").strip()
    if not text:
        if column != "entrants":
            faults.append(csv_fault(path, row.line, f"the {column} is missing", "Write a number."))
        return None
    pattern = r"[0-9]+(\.[0-9]+)?" if column == "exposure" else r"[0-9]+"
    if re.fullmatch(pattern, text) is None or not isfinite(float(text)):
        kind = "a number" if column == "exposure" else "a whole number, 0 or more"
        faults.append(csv_fault(path, row.line, f"the {column} is not {kind}", "Correct it.", text))
        return None
    return float(text)


FIELDS = {"events": ("rate", "off_rate", "reference_class"), "links": ("extra_rate",)}
AGREES = 1e-5
"""Relative: counts are written to six digits."""


@dataclass
class ClassShelf:
    """The reference classes of a folder, each read once.

    Parameters
    ----------
    folder
        Where the CSV files are.
    """

    folder: Path
    _read: dict[str, ReferenceClass] = field(default_factory=dict)

    def find(self, name: str) -> ReferenceClass:
        """Return a class by name, if there is one and its file is sound."""
        if name not in self._read:
            path = self.folder / f"{name}.csv"
            if not path.is_file():
                known = sorted(file.stem for file in self.folder.glob("*.csv"))
                remedy = did_you_mean(name, known) or f"Write its counts into {path}."
                raise InputError(Fault(f"there is no reference class '{name}'", remedy))
            self._read[name] = read_reference_class(path)
        return self._read[name]

    def chosen(self, phrase: ClassPhrase, start: date) -> ReferenceClass:
        """Return the counts that a phrase means, of years that end before a network starts."""
        found = self.find(phrase.name)
        return found.select(phrase.subclass, since=phrase.since, before=start.year)

    def resolve(self, phrase: ClassPhrase, start: date) -> ClassPhrase:
        """Return a phrase with its counts; those that a person wrote must agree with the class."""
        chosen = self.chosen(phrase, start)
        total = chosen.total(half_life=phrase.half_life, at=start.year)
        full = phrase.resolved(total.onsets, total.exposure, chosen.unit)
        if phrase.counted is not None and not _agree(phrase.counted, full.counted):
            raise InputError(
                Fault(
                    f"the class counts {full.wording.rpartition(': ')[2]} before {start.year}",
                    "Correct the counts, or leave out everything from the colon on.",
                )
            )
        return full


def with_counts(located: Located, path: Path) -> tuple[Located, list[Fault]]:
    """Return a network file's content with the counts of its reference classes filled in.

    The texts become such as ``class troop_entry/interstate: 12 onsets in 143 conflict-years``. The
    faults are those of unknown names, and of CSV files with their own file and line.
    """
    top = located.value
    if not isinstance(top, dict) or not any(True for _ in _named(top)):
        return located, []
    try:
        start = to_day(top.get("start"))
    except InputError:
        return located, []  # the reader reports the start's own fault
    shelf, faults, lines = ClassShelf(path.parent / CLASS_FOLDER), [], located.line_of
    value = {key: dict(part) if isinstance(part, dict) else part for key, part in top.items()}
    if isinstance(value.get("links"), list):
        value["links"] = list(value["links"])
    for block, place, name in list(_named(top)):
        dangling: list[Fault] = []
        wording = _filled(value[block][place][name], shelf, start, dangling)
        where = f"{block}.{place}.{name}"
        faults += [_placed(fault, located.file, lines(where), where) for fault in dangling]
        value[block][place] = {**value[block][place], name: wording}
    return replace(located, value=value), list(dict.fromkeys(faults))


def _named(top: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Yield block, place and field wherever a belief names a class."""
    for block, names in FIELDS.items():
        found = top.get(block)
        if isinstance(found, dict):
            entries: Iterator[tuple[Any, Any]] = iter(found.items())
        elif isinstance(found, list):
            entries = iter(enumerate(found))
        else:
            continue
        for place, entry in entries:
            for name in names:
                if isinstance(entry, dict) and _names_class(entry.get(name)):
                    yield block, place, name


def _names_class(wording: object) -> bool:
    if isinstance(wording, dict) and isinstance(wording.get("experts"), list):
        return any(_names_class(_belief_of(expert)) for expert in wording["experts"])
    return is_class(wording)


def _belief_of(expert: object) -> object:
    return expert.get("belief") if isinstance(expert, dict) and "belief" in expert else expert


def _filled(wording: Any, shelf: ClassShelf, start: date, faults: list[Fault]) -> Any:
    """Return a belief with counts; the reader reports one that cannot be read.

    A class that cannot be found gets counts that nobody will see: its fault, added to `faults`,
    refuses the file, and the reader should not report it again.
    """
    if isinstance(wording, dict) and "experts" in wording:
        voices = [_filled_expert(each, shelf, start, faults) for each in wording["experts"]]
        return {**wording, "experts": voices}
    if not is_class(wording):
        return wording
    try:
        belief = RateBelief.parse(wording)
    except InputError:
        return wording
    if not isinstance(belief, ClassCounts):
        return wording
    try:
        return shelf.resolve(belief.phrase, start).wording
    except InputError as error:
        faults += error.faults
        return belief.phrase.resolved(0, 1, "years").wording


def _filled_expert(expert: Any, shelf: ClassShelf, start: date, faults: list[Fault]) -> Any:
    wording = _filled(_belief_of(expert), shelf, start, faults)
    return (
        {**expert, "belief": wording}
        if isinstance(expert, dict) and "belief" in expert
        else wording
    )


def _agree(one: tuple[float, float], two: tuple[float, float] | None) -> bool:
    return two is not None and all(
        abs(a - b) <= AGREES * max(abs(a), abs(b)) for a, b in zip(one, two, strict=True)
    )


def _placed(fault: Fault, file: str, line: int, where: str) -> Fault:
    """Return a fault where the class was named; a fault of a CSV file keeps its own place."""
    return fault if fault.file else replace(fault, file=file, line=line, field=where)
