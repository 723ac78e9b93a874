"""Reference classes that a network file names: looked up in CSV files, and their counts filled in.

A name is looked up in the folder ``reference_classes`` beside the file. Only counts of years that
end before the network starts are taken: a base rate must not know what it is to forecast.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files.reference_class_file import CLASS_FOLDER, read_reference_class
from forecast.files.yaml_reader import Located
from forecast.history.reference_class import ReferenceClass
from forecast.network.base import to_day
from forecast.network.rate_belief import ClassCounts, ClassPhrase, RateBelief, is_class

__all__ = ["ClassShelf", "with_counts"]

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
        """Return a class by name.

        Raises
        ------
        InputError
            If there is none, or its file is faulty.
        """
        if name not in self._read:
            path = self.folder / f"{name}.csv"
            if not path.is_file():
                known = sorted(file.stem for file in self.folder.glob("*.csv"))
                remedy = did_you_mean(name, known) or f"Write its counts into {path}."
                raise InputError(Fault(f"there is no reference class '{name}'", remedy))
            self._read[name] = read_reference_class(path)
        return self._read[name]

    def chosen(self, phrase: ClassPhrase, start: date) -> ReferenceClass:
        """Return the counts that a phrase speaks of, of years that end before a network starts."""
        found = self.find(phrase.name)
        return found.select(phrase.subclass, since=phrase.since, before=start.year)

    def resolve(self, phrase: ClassPhrase, start: date) -> ClassPhrase:
        """Return a phrase with its counts; those that a person wrote must be the class's.

        Raises
        ------
        InputError
            If there is no such class or subclass, or the counts are others.
        """
        chosen = self.chosen(phrase, start)
        total = chosen.total(half_life=phrase.half_life, at=start.year)
        full = phrase.resolved(total.onsets, total.exposure, chosen.unit)
        if phrase.counted is not None and not _agree(phrase.counted, full.counted):
            raise InputError(
                Fault(
                    f"the class counts {full.wording.rpartition(': ')[2]} before {start.year}",
                    "Correct the counts, or leave out all from the colon on.",
                )
            )
        return full


def with_counts(located: Located, path: Path) -> tuple[Located, list[Fault]]:
    """Return what a network file holds with the counts of its reference classes filled in.

    Parameters
    ----------
    located
        The file as read; it is left as it is.
    path
        The file.

    Returns
    -------
    located : Located
        With texts such as ``class troop_entry/interstate: 12 onsets in 143 conflict-years``.
    faults : list of Fault
        Of names that dangle and of CSV files, those with their own file and line.
    """
    top = located.value
    if not isinstance(top, dict) or not any(True for _ in _named(top)):
        return located, []
    try:
        start = to_day(top.get("start"))
    except InputError:
        return located, []  # the start's own fault is told by the reader
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
                if isinstance(entry, dict) and _speaks_of_class(entry.get(name)):
                    yield block, place, name


def _speaks_of_class(wording: object) -> bool:
    if isinstance(wording, dict) and isinstance(wording.get("experts"), list):
        return any(_speaks_of_class(_belief_of(expert)) for expert in wording["experts"])
    return is_class(wording)


def _belief_of(expert: object) -> object:
    return expert.get("belief") if isinstance(expert, dict) and "belief" in expert else expert


def _filled(wording: Any, shelf: ClassShelf, start: date, faults: list[Fault]) -> Any:
    """Return a belief with counts; one that cannot be read is left to the reader's complaint.

    A class that cannot be found gets counts that nobody will see: its fault, added to `faults`, has
    the file refused, and the reader is not to complain of it again.
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
