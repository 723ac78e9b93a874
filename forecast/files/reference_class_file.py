"""Reference classes from CSV: a head of '# key: text' lines that say what, then one count a row."""

import re
from math import isfinite
from pathlib import Path

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files.csv_reader import Row, csv_text, parse_csv
from forecast.history.reference_class import ReferenceClass, Tally, tally_faults

__all__ = ["CLASS_FOLDER", "COLUMNS", "HEAD_KEYS", "read_reference_class"]

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
        The file: first lines ``# key: text`` (a line ``#   more`` carries on), with the keys title,
        definition, population, unit, source, licence, script; then a table with the columns
        subclass, first, last, exposure, onsets and, if they mean something, entrants and note.

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
        faults.append(_fault(path, 1, "has a head but no counts", "Write the header and a row."))
        raise InputError(faults)
    rows, form = parse_csv(table, path, columns=COLUMNS, required=REQUIRED)
    faults += form
    tallies = [(row.line, tally) for row in rows if (tally := _tally(row, path, faults))]
    for fault in tally_faults(tally for _, tally in tallies):
        if fault.field.isdigit():
            line = tallies[int(fault.field)][0]
            faults.append(_fault(path, line, fault.problem, fault.remedy))
        elif not faults:  # else there were rows, with faults of their own
            faults.append(_fault(path, 0, fault.problem, fault.remedy))
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.line))
    return ReferenceClass(path.stem, [tally for _, tally in tallies], **words)


def _head(text: str, path: Path) -> tuple[dict[str, str], list[Fault]]:
    """Return the words of the head by key, and its faults."""
    words: dict[str, list[str]] = {}
    faults = []
    last = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#"):
            continue
        found = _HEAD.fullmatch(line.rstrip())
        if found is None:
            if last and line.startswith("#  "):
                words[last].append(line[1:].strip())
            continue
        last = found[1]
        if last not in HEAD_KEYS:
            remedy = did_you_mean(last, HEAD_KEYS)
            faults.append(_fault(path, number, "is not a key of a reference class", remedy, last))
        elif last in words:
            faults.append(_fault(path, number, "the key stands there twice", "Remove one.", last))
        words.setdefault(last, []).append(found[2])
    said = {key: " ".join(parts).strip() for key, parts in words.items() if key in HEAD_KEYS}
    faults += [
        _fault(path, 1, f"the head lacks '{key}'", f"Write '# {key}: …'.")
        for key in HEAD_KEYS
        if not said.get(key)
    ]
    if said.get("unit") and UNIT.fullmatch(said["unit"]) is None:
        remedy = "Write for example dyad-years."
        faults.append(_fault(path, 1, "the unit is not one of years", remedy, said["unit"]))
    if _NAME.fullmatch(path.stem) is None:
        remedy = "Use lower-case letters, digits and underscores."
        faults.append(_fault(path, 0, "the file's name cannot be a class's", remedy, path.stem))
    return said, faults


def _tally(row: Row, path: Path, faults: list[Fault]) -> Tally | None:
    """Return the count of a row; None, with its faults noted, where it holds none."""
    before = len(faults)
    numbers = {
        column: _number(row, column, path, faults)
        for column in ("first", "last", "exposure", "onsets", "entrants")
    }
    name = row.cells.get("subclass", "").strip()
    if _NAME.fullmatch(name) is None:
        remedy = "Use lower-case letters, digits and underscores; 'all' where there is but one."
        faults.append(_fault(path, row.line, "the subclass is no name", remedy, name))
    if len(faults) > before:
        return None
    entrants = None if numbers["entrants"] is None else int(numbers["entrants"])
    whole = [int(numbers[column] or 0) for column in ("first", "last", "onsets")]
    return Tally(name, whole[0], whole[1], numbers["exposure"] or 0.0, whole[2], entrants)


def _number(row: Row, column: str, path: Path, faults: list[Fault]) -> float | None:
    text = row.cells.get(column, "").strip()
    if not text:
        if column != "entrants":
            faults.append(_fault(path, row.line, f"the {column} is missing", "Write a number."))
        return None
    pattern = r"[0-9]+(\.[0-9]+)?" if column == "exposure" else r"[0-9]+"
    if re.fullmatch(pattern, text) is None or not isfinite(float(text)):
        kind = "a number" if column == "exposure" else "a whole number, 0 or more"
        faults.append(_fault(path, row.line, f"the {column} is not {kind}", "Correct it.", text))
        return None
    return float(text)


def _fault(path: Path, line: int, problem: str, remedy: str, value: str = "") -> Fault:
    return Fault(problem, remedy, file=str(path), line=line, value=value)
