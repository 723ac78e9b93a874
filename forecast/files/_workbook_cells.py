"""How many cells the sheets of a workbook span, and which show no value, before they are read.

The sheets' XML is gone through piece by piece, and nothing of it is kept.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.parsers import expat
from zipfile import ZipFile

from forecast.files._safe_text import sanitize

MAX_NUMBER = 10_000_000
"""Of rows and columns, more than any program has."""
ODS_CONTENT = "content.xml"

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ROW = re.compile(rb"<(\w+:)?row\b")
_APART = " "
_VALUE_TYPE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 value-type"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "

type Attributes = Mapping[str, str]


class Odd(NamedTuple):
    """A cell without a value that it should have."""

    place: str
    row: int
    column: int
    problem: str
    value: str


def spans(archive: ZipFile, odd: dict[str, list[Odd]]) -> Iterator[int]:
    """Yield how many cells each sheet spans, and note odd ones; refuse places that are none.

    Odd cells are by the sheet's part of the archive, or by its name in .ods, where only formulas
    without a value are found: an error is saved there as what it shows. By what the archive holds,
    as the library that reads it does, and not by its name.

    Raises
    ------
    ValueError
        If it is no such workbook.
    """
    names = archive.namelist()
    if ODS_CONTENT in names:
        content = _Content(odd)
        content.go_through(archive.read(ODS_CONTENT))
        yield from content.spans
        return
    for name in names:
        if name.endswith(".bin") and name.startswith("xl/workbook"):
            msg = "it is a binary workbook (.xlsb)"
            raise ValueError(msg)
        data = archive.read(name)
        if _ROW.search(data) is not None:  # a sheet may have any name
            sheet = _Sheet(odd, name)
            sheet.go_through(data)
            yield sheet.width * sheet.height


class _Gone:
    """Goes through XML; a document type is refused, so that nothing is expanded or fetched."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=_APART)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.begin
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.refuse

    def go_through(self, data: bytes) -> None:
        self.parser.Parse(data, True)  # noqa: FBT003 - expat's own signature

    def begin(self, tag: str, attributes: Attributes) -> None:
        raise NotImplementedError

    def end(self, tag: str) -> None:
        raise NotImplementedError

    @staticmethod
    def refuse(*_: object) -> None:
        msg = "it declares a document type"
        raise ValueError(msg)


class _Sheet(_Gone):
    """A sheet of .xlsx."""

    def __init__(self, odd: dict[str, list[Odd]], name: str) -> None:
        super().__init__()
        self.odd, self.name = odd, name
        self.row = self.column = self.width = self.height = 0
        self.kind = self.formula = self.value = ""
        self.words: list[str] = []

    def begin(self, tag: str, attributes: Attributes) -> None:
        match tag.rpartition(_APART)[2]:
            case "row":
                self.row, self.column = _number(attributes.get("r"), self.row + 1), 0
            case "c":
                self.kind, self.formula, self.value = attributes.get("t", "n"), "", ""
                at = _place(attributes.get("r"), self.column + 1, self.row)
                self.column, self.row = at
                self.width, self.height = max(self.width, at[0]), max(self.height, at[1])
            case "f" | "v":
                self.words = []
                self.parser.CharacterDataHandler = self.words.append

    def end(self, tag: str) -> None:
        match tag.rpartition(_APART)[2]:
            case "f":
                self.parser.CharacterDataHandler = None
                self.formula = "".join(self.words) or "…"
            case "v":
                self.parser.CharacterDataHandler = None
                self.value = "".join(self.words)
            case "c":
                problem = _oddity(self.kind, self.formula, self.value)
                if problem:
                    place = f"{_letters(self.column)}{self.row}"
                    shown = sanitize(self.value or f"={self.formula}")
                    told = Odd(place, self.row, self.column, problem, shown)
                    self.odd.setdefault(self.name, []).append(told)


class _Content(_Gone):
    """All sheets of .ods, which count up to the last cell that is filled."""

    def __init__(self, odd: dict[str, list[Odd]]) -> None:
        super().__init__()
        self.odd = odd
        self.spans: list[int] = []
        self.name, self.found = "", list[Odd]()
        self.rows = self.filled = self.widest = 0
        self.column = self.width = 0
        self.inside = 0  # elements that are open below a row's, its own included
        self.of_row: Attributes = {}
        self.of_cell: Attributes = {}
        self.holds = False

    def begin(self, tag: str, attributes: Attributes) -> None:
        if self.inside:
            self.inside += 1
            if self.inside == 2:  # noqa: PLR2004  a cell
                self.of_cell, self.holds = attributes, False
            else:
                self.holds = True
        elif tag == f"{_TABLE}table-row":
            self.inside, self.of_row = 1, attributes
            self.column = self.width = 0
        elif tag == f"{_TABLE}table":
            self.name, self.found = attributes.get(f"{_TABLE}name", ""), []
            self.rows = self.filled = self.widest = 0

    def end(self, tag: str) -> None:
        if self.inside == 2:  # noqa: PLR2004
            self._cell()
        elif self.inside == 1:
            self.rows += _number(self.of_row.get(f"{_TABLE}number-rows-repeated"), 1)
            self.filled = self.rows if self.width else self.filled
            self.widest = max(self.widest, self.width)
        elif not self.inside and tag == f"{_TABLE}table":
            self.odd[self.name] = self.found
            self.spans.append(self.filled * self.widest)
        self.inside = max(self.inside - 1, 0)

    def _cell(self) -> None:
        formula = self.of_cell.get(f"{_TABLE}formula")
        if formula and not self.of_cell.get(_VALUE_TYPE):
            place, problem = f"{_letters(self.column + 1)}{self.rows + 1}", _oddity("", formula, "")
            at = self.rows + 1, self.column + 1
            self.found.append(Odd(place, *at, problem, sanitize(formula)))
        self.column += _number(self.of_cell.get(f"{_TABLE}number-columns-repeated"), 1)
        self.width = self.column if self.holds else self.width


def _oddity(kind: str, formula: str, value: str) -> str:
    """Return why a cell has no value that it should have; empty where it has, or needs none."""
    if kind == "e":
        return "shows an error"
    return (
        "holds a formula that no program has worked out"
        if formula and not value and (kind != "str")
        else ""
    )


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _place(reference: str | None, column: int, row: int) -> tuple[int, int]:
    """Return the column and row of a cell."""
    if reference is None:
        return column, row
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        msg = f"a cell is at '{reference[:20]}'"
        raise ValueError(msg)
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number, int(found[2])


def _number(text: str | None, default: int) -> int:
    """Return a number of a row, of columns or of repetitions."""
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 0 < int(text[:8]) < MAX_NUMBER):
        msg = f"a number of rows or columns is '{text[:20]}'"
        raise ValueError(msg)
    return int(text)
