"""Reading YAML so that nothing is guessed, nothing is silently dropped, and every line is known.

The parser's events are read one by one, so anchors, tags, depth and size are checked before
anything is built. Scalars keep their text, except plain numbers, ``true``, ``false`` and ``null``:
a date stays text, and ``NO`` is a word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from forecast.errors import Fault, InputError
from forecast.files._limits import most, too_many, unjudged
from forecast.files._text_file import read_text

DEEPEST = most("YAML file", "levels")
MOST_SCALARS = most("YAML file", "values")

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_HALF = re.compile(r"[\ud800-\udfff]")
_LONGEST_WHOLE = 18  # digits; more would be a number that nobody means

type Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Located:
    """The content of a YAML file, and the line of each part of it.

    Parameters
    ----------
    file
        The file's name, as given.
    value
        Mappings, lists, text, numbers, true, false and None.
    lines
        Lines by dotted path, such as ``events.a.rate``; a list's entries count from 0.
    faults
        Faults that did not keep it from being read, such as a repeated key.
    """

    file: str
    value: Any
    lines: Mapping[str, int]
    faults: tuple[Fault, ...] = ()

    def line_of(self, path: str | Sequence[str | int]) -> int:
        """Return the line of a part; for a missing part, that of its parent."""
        dotted = path if isinstance(path, str) else ".".join(str(step) for step in path)
        while dotted and dotted not in self.lines:
            dotted = dotted.rpartition(".")[0]
        return self.lines.get(dotted, 1)


def load_yaml(path: str | Path) -> Located:
    """Return the content of a YAML file that has no faults; see `scan_yaml`."""
    located = scan_yaml(path)
    if located.faults:
        raise InputError(located.faults)
    return located


def scan_yaml(path: str | Path) -> Located:
    """Return the content of a YAML file, with faults that do not keep it from being read.

    Notes
    -----
    One document; no anchors, aliases or tags; up to 1 MB, 32 levels and 40,000 scalars.

    Raises
    ------
    InputError
        If the file cannot be read at all, with the line.
    """
    return scan_text(read_text(path), str(path))


def scan_text(text: str, file: str) -> Located:
    """Return the content of the text of a YAML file; see `scan_yaml`."""
    try:
        return _Reader(file).read(text)
    except MarkedYAMLError as error:
        raise InputError(_syntax_fault(error, file, text)) from error
    except YAMLError as error:
        raise InputError(
            Fault("is not YAML", "Check the line for a character out of place.", file=file)
        ) from error


# The parser's words, whether its line is where it gave up or where it began, what that means to the
# writer, and what to do.
_SYNTAX = (
    (
        "mapping values are not allowed",
        "problem",
        "is indented further than the line it belongs with",
        "Give lines that belong together the same indentation, two spaces per level.",
    ),
    (
        "quoted scalar",
        "context",
        "a quotation mark is never closed",
        "Close it, or double it within the text.",
    ),
    (
        "flow",
        "context",
        "a bracket [ or { is not closed properly",
        "Close it, separate the entries by commas, and put text that holds a bracket or a colon in "
        "quotes.",
    ),
    (
        "expected ':'",
        "context",
        "has no ': ' after its key",
        "Write 'key: value', with a space after the colon.",
    ),
    (
        "cannot start any token",
        "problem",
        "begins its value with a character that has a special meaning in YAML",
        "Put the value in quotes.",
    ),
    (
        "",
        "problem",
        "is not YAML here: the line fits neither as 'key: value' nor as an entry of a list",
        "Check its indentation against the lines above (two spaces per level), the colon and space "
        "after the key, and the quotes.",
    ),
)


def _syntax_fault(error: MarkedYAMLError, file: str, text: str) -> Fault:
    complaint = f"{error.context or ''} {error.problem or ''}"
    _, where, problem, remedy = next(row for row in _SYNTAX if row[0] in complaint)
    mark = error.context_mark if where == "context" else error.problem_mark
    mark = mark or error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    lines = text.splitlines()
    shown = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    if "mapping values" in complaint and shown.count(": ") > 1:
        problem = "has a second ': ' on one line"
        key, _, rest = shown.partition(": ")
        remedy = f"""Put the text with a colon in it in quotes: {key}: "{rest}"."""
    return Fault(problem, remedy, file=file, line=line, value=shown)


class _Reader:
    """Builds values from a parser's events, and keeps count."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []
        self.scalars = 0

    def read(self, text: str) -> Located:
        yaml = YAML(typ="safe", pure=True)
        events: Iterator[Any] = yaml.parse(text)
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._stop(event, "holds a second document after '---'", "Remove '---'.")
            elif isinstance(
                event, ScalarEvent | MappingStartEvent | SequenceStartEvent | AliasEvent
            ):
                value = self._node(event, events, ())
        if value is None:
            raise InputError(
                Fault("the file is empty", "Write its fields, or remove it.", file=self.file)
            )
        return Located(self.file, value, self.lines, tuple(self.faults))

    def _node(self, event: Any, events: Iterator[Any], path: Path_) -> Any:
        self._refuse(event, path)
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path)
        return self._sequence(events, path)

    def _refuse(self, event: Any, path: Path_) -> None:
        if isinstance(event, AliasEvent) or event.anchor:
            sign = "*" if isinstance(event, AliasEvent) else "&"
            raise self._stop(
                event,
                f"refers to another part of the file ('{sign}{event.anchor}'), "
                "which is not allowed",
                f"Write the value out, or put text that begins with {sign} in quotes.",
                path,
            )
        if event.tag:
            raise self._stop(
                event,
                f"has the YAML tag '{event.tag}', which is not allowed",
                "Write the value alone, or put text that begins with ! in quotes.",
                path,
            )
        if len(path) > DEEPEST:
            raise self._stop(event, f"is nested more than {DEEPEST} levels deep", "Flatten it.")

    def _mapping(self, events: Iterator[Any], path: Path_) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key in events:
            if isinstance(key, MappingEndEvent):
                break
            self._refuse(key, path)
            if not isinstance(key, ScalarEvent):
                raise self._stop(key, "a key must be one word", "Write 'key: value'.", path)
            self.scalars += 1
            name = str(key.value)
            self._whole(key, name)
            here = (*path, name)
            if name in built:
                self._twice(key, here)
            self.lines[_dotted(here)] = _line(key)
            built[name] = _joined(built.get(name), self._node(next(events), events, here))
        return built

    def _twice(self, key: Any, here: Path_) -> None:
        first = self.lines[_dotted(here)]
        if too_many(self.faults):
            raise InputError([*self.faults, unjudged(self.file, _line(key))])
        self.faults.append(
            Fault(
                f"is repeated; the first is on line {first}",
                "Remove one of them, or give it another name.",
                file=self.file,
                line=_line(key),
                field=_dotted(here),
            )
        )

    def _sequence(self, events: Iterator[Any], path: Path_) -> list[Any]:
        built: list[Any] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            here = (*path, len(built))
            self.lines[_dotted(here)] = _line(event)
            built.append(self._node(event, events, here))
        return built

    def _scalar(self, event: Any) -> Any:
        self.scalars += 1
        if self.scalars > MOST_SCALARS:
            raise self._stop(event, f"holds more than {MOST_SCALARS:,} values", "Split the file.")
        text = str(event.value)
        self._whole(event, text)
        return text if event.style else plain(text)

    def _whole(self, event: Any, text: str) -> None:
        """Refuse halves of characters, which an escape can write and no file can keep."""
        half = None if text.isascii() else _HALF.search(text)
        if half:
            problem = f"holds half of a character (U+{ord(half[0]):04X})"
            raise self._stop(event, problem, "Write the character itself.")

    def _stop(self, event: Any, problem: str, remedy: str, path: Path_ = ()) -> InputError:
        return InputError(
            Fault(problem, remedy, file=self.file, line=_line(event), field=_dotted(path))
        )


def plain(text: str) -> str | int | float | bool | None:
    """Return the value of an unquoted scalar: a number, true, false, None, or its text.

    Examples
    --------
    >>> plain("0.5"), plain("true"), plain("NO"), plain("2024-06-01"), plain("007")
    (0.5, True, 'NO', '2024-06-01', '007')
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_WHOLE else text
    if _DECIMAL.fullmatch(text) and not _LEADING_ZERO.match(text):
        return float(text) if isfinite(float(text)) else text
    return text


def _joined(first: Any, second: Any) -> Any:
    """Return the value of a repeated key, so that nothing in it seems missing."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first | second
    return first if second is None else second


def _dotted(path: Path_) -> str:
    return ".".join(str(step) for step in path)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def scan_list(path: str | Path, key: str, noun: str) -> tuple[Located, list[Any], list[Fault]]:
    """Return a file that holds one list under a key, the list, and the faults of the rest.

    Raises
    ------
    InputError
        If it holds no such list, or is no YAML file.
    """
    located = scan_yaml(path)
    faults = list(located.faults)
    top = located.value if isinstance(located.value, dict) else {}
    entries = top.get(key)
    if not isinstance(entries, list):
        remedy = f"Begin the file with '{key}:', and each {noun} below it with '- id: …'."
        fault = Fault(f"the file holds no list of {key}", remedy, file=str(path), line=1)
        raise InputError([*faults, fault])
    for other in top.keys() - {key}:
        line = located.line_of((other,))
        remedy = f"The file holds '{key}' alone."
        faults.append(Fault("unknown key", remedy, file=str(path), line=line, field=other))
    return located, entries, faults
