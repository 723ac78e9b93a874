"""Tables as people keep them: CSV with commas, semicolons or tabs, .tsv, .xlsx, .ods.

Headings and cells are read as spreadsheets write them (`forecast.files._cell_forms`), and all that
is read otherwise than it is written is told. Blank rows, and columns without name and content, say
nothing. All faults come in one go, each with its line, or with its sheet and row.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files import _csv_reader as reader
from forecast.files._cell_forms import Form
from forecast.files._limits import too_many, unjudged
from forecast.files._workbook import WORKBOOKS, read_workbook

TABLES = (".csv", ".tsv", *WORKBOOKS)
COMMA, SEMICOLON, TAB = ",", ";", "\t"
WORD_OF = {COMMA: "comma", SEMICOLON: "semicolon", TAB: "tab"}
MAX_TOLD = 20
"""Remarks on one table: one for each column and kind of change, so that a long file gives few."""
A_TABLE = 2
"""A sheet with so many columns that are known is a table of them; others hold something else."""

_FIRST_LINE = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
_BLANKS = re.compile(r"[\s\-]+")
_INDEX = re.compile(r"(Unnamed: \d+)?")


class Row(NamedTuple):
    """One row: where it stands, its non-empty cells by column, and what is wrong with cells."""

    file: str
    line: int
    cells: dict[str, str]
    faults: tuple[Fault, ...] = ()


@dataclass
class Table:
    """The sound rows of a table; the faults of its form; and what is read otherwise than written.

    A cell that cannot be read is a fault of its row, which lacks the cell.
    """

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    told: list[Fault] = field(default_factory=list)


class _Sheet(NamedTuple):
    """Records under a header, and how they are separated (a workbook's are not)."""

    file: str
    records: Iterator[tuple[int, list[str]]]
    separator: str


@dataclass(frozen=True)
class Layout:
    """What a kind of table has.

    Parameters
    ----------
    columns
        The columns that the header may name, in any order.
    required
        Those that it must name.
    forms
        How cells are read, by column; those of other columns are text.
    others
        Whether the table may have other columns, which say nothing.
    """

    columns: Collection[str]
    required: Collection[str]
    forms: Mapping[str, Form]
    others: bool = False


def is_table(path: Path) -> bool:
    """Return whether a file is read as a table, by its name."""
    return path.suffix.lower() in TABLES


def read_table(path: Path, layout: Layout) -> Table:
    """Return the table in a file.

    Raises
    ------
    InputError
        If there are no usable rows: the file is unreadable, too large, empty, no text in UTF-8, has
        far too many columns, or lacks a required one.
    """
    table = Table()
    for sheet in _sheets(path, layout, table):
        _add(table, sheet, layout)
    table.faults.sort(key=lambda fault: (fault.file, fault.line))
    return table


def _sheets(path: Path, layout: Layout, table: Table) -> Iterator[_Sheet]:
    """Yield the tables of a file: one, unless it is a workbook."""
    if path.suffix.lower() not in WORKBOOKS:
        text = reader.csv_text(path)
        separator = separator_of(text, layout.columns, path)
        text = _FIRST_LINE.sub("\n", text, count=1) if _FIRST_LINE.match(text) else text
        records = reader.csv_records(text, path, table.faults, separator)
        yield _Sheet(str(path), records, separator)
        return
    sheets = read_workbook(path)
    chosen = [
        sheet
        for sheet in sheets
        if len({heading(name) for name in sheet.rows[0][1]} & {*layout.columns})
        >= min(A_TABLE, len(layout.columns))
    ]
    for sheet in sheets:
        file = f"{path}[{sheet.name}]"
        if sheet in (chosen or sheets[:1]):
            header = [heading(name) for name in sheet.rows[0][1]]
            table.faults += (
                replace(fault, field=f"{header[column]} ({fault.field})")
                for column, fault in sheet.odd
                if column < len(header) and header[column] in layout.columns
            )
            yield _Sheet(file, iter(sheet.rows), "")
        else:
            remedy = "Move it to another workbook, or give it a header of the table's columns."
            table.told.append(Fault("the sheet is not read: it has no such table", remedy, file))


def separator_of(text: str, columns: Collection[str], path: Path) -> str:
    """Return what separates the cells of a text: what makes the most columns of its header.

    A first line ``sep=;``, as spreadsheets write it, says so itself.
    """
    if stated := _FIRST_LINE.match(text):
        return stated[1]
    candidates = (
        (TAB, SEMICOLON, COMMA) if path.suffix.lower() == ".tsv" else (COMMA, SEMICOLON, TAB)
    )
    known = {each: _known(text, path, each, columns) for each in candidates}
    return max(candidates, key=lambda each: known[each])


def _known(text: str, path: Path, separator: str, columns: Collection[str]) -> int:
    _, header = next(reader.csv_records(text, path, [], separator), (1, []))
    return len({heading(name) for name in header} & {*columns})


def heading(name: str) -> str:
    """Return the column that a heading names: in lower case, underscores for blanks.

    Examples
    --------
    >>> heading(" Watched from")
    'watched_from'
    """
    return _BLANKS.sub("_", name.strip()).lower()


def _add(table: Table, sheet: _Sheet, layout: Layout) -> None:
    """Add the rows of a sheet, and what is to be said of it."""
    line, header = next(sheet.records, (1, []))
    written = [name.strip() for name in header]
    while sheet.separator == "" and written and not written[-1]:
        written.pop()  # a sheet is as wide as anything in it
    if len(written) > reader.MAX_COLUMNS:
        message = f"the header has {len(written):,} columns, more than {reader.MAX_COLUMNS}"
        remedy = f"The first row names the columns: {', '.join(layout.columns)}."
        raise InputError([Fault(message, remedy, sheet.file, line)])
    names = [heading(name) for name in written]
    records = _whole_records(table, sheet, len(header), len(names))
    left_out = set(_nameless(written, records))
    faults = _header_faults(sheet.file, line, written, names, left_out, layout)
    table.faults[:0] = faults
    if not set(layout.required) <= set(names):
        raise InputError(table.faults)
    changes = _Changes(sheet.file)
    if not layout.others:  # else the caller names the columns as they are written
        changes.headings(line, written, names, left_out)
    for at, cells in records:
        table.rows.append(_row(sheet, at, dict(zip(names, cells, strict=False)), layout, changes))
    table.told += changes.told()


def _whole_records(
    table: Table, sheet: _Sheet, width: int, columns: int
) -> list[tuple[int, list[str]]]:
    """Return the rows that are as wide as the header, and add a fault for each other one."""
    found = []
    for count, (line, cells) in enumerate(sheet.records, start=1):
        if count > reader.MAX_ROWS:
            message = f"the file has more than {reader.MAX_ROWS:,} rows"
            table.faults.append(Fault(message, "Split it into several files.", sheet.file, line))
            break
        if too_many(table.faults):
            table.faults.append(unjudged(sheet.file, line))
            break
        if sheet.separator and len(cells) != width:
            table.faults.append(_width_fault(sheet, line, len(cells), width))
        elif any(cell.strip() for cell in cells[columns:]):
            message = "the row has cells where the header has none"
            remedy = "Name the column, or clear the cells."
            table.faults.append(Fault(message, remedy, sheet.file, line))
        else:
            found.append((line, cells))
    return found


def _nameless(written: Sequence[str], records: Sequence[tuple[int, list[str]]]) -> Iterator[int]:
    """Yield the columns without a name that say nothing: empty, or numbers of rows.

    A table that pandas writes with its index has such numbers in its first column.
    """
    for position, name in enumerate(written):
        if _INDEX.fullmatch(name):
            cells = [cells[position].strip() for _, cells in records if position < len(cells)]
            numbers = [str(number) for number in range(len(cells))]
            if not any(cells) or (position == 0 and cells == numbers):
                yield position


def _header_faults(  # noqa: PLR0917
    file: str,
    line: int,
    written: Sequence[str],
    names: Sequence[str],
    left_out: Collection[int],
    layout: Layout,
) -> list[Fault]:
    faults = []
    for position, (raw, name) in enumerate(zip(written, names, strict=True)):
        if position in left_out:
            continue
        if name not in layout.columns:
            if layout.others:
                continue
            what = "a column has no name" if not name else "unknown column"
            remedy = (
                reader.column_meant(name, names, layout.columns, layout.required)
                if name
                else "Name or remove it."
            )
            faults.append(Fault(what, remedy, file, line, value=raw))
        elif name in names[:position]:
            faults.append(Fault("the column is repeated", "Remove one.", file, line, value=raw))
    missing = [name for name in layout.required if name not in names]
    if missing:
        message = f"the header lacks the column {', '.join(missing)}"
        remedy = f"The first row names the columns: {', '.join(layout.columns)}."
        if layout.others:
            remedy = " ".join(
                did_you_mean(name, [each for each in names if each]) for name in missing
            )
        faults.append(Fault(message, remedy, file, line))
    return faults


def _width_fault(sheet: _Sheet, line: int, cells: int, columns: int) -> Fault:
    if cells > columns:
        remedy = f"Put a cell that holds a {WORD_OF[sheet.separator]} in quotation marks."
    else:
        remedy = "Leave cells empty rather than out, and check that the row is not cut off."
    problem = f"the row has {cells} cells for {columns} columns"
    return Fault(problem, remedy, sheet.file, line)


def _row(
    sheet: _Sheet, line: int, cells: Mapping[str, str], layout: Layout, changes: "_Changes"
) -> Row:
    found: dict[str, str] = {}
    faults = []
    comma = sheet.separator in (SEMICOLON, TAB)
    for name, cell in cells.items():
        if name not in layout.columns or not cell.strip():
            continue
        form = layout.forms.get(name)
        try:
            found[name] = cell if form is None else form(cell, comma)
        except InputError as error:
            faults += [
                Fault(each.problem, each.remedy, field=name, value=cell.strip())
                for each in error.faults
            ]
            continue
        if found[name].strip() != cell.strip():
            changes.add(line, name, cell.strip(), found[name])
    return Row(sheet.file, line, found, tuple(faults))


class _Changes:
    """What one sheet's cells are read as, by column and kind of change, with how often."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._first: dict[tuple[str, str], tuple[int, str, str]] = {}
        self._number: dict[tuple[str, str], int] = {}
        self._headings: list[Fault] = []

    def headings(
        self, line: int, written: Sequence[str], names: Sequence[str], left_out: Collection[int]
    ) -> None:
        """Take note of headings that are read otherwise than written, and of columns left out."""
        pairs = [
            f"'{raw}' as '{name}'"
            for at, (raw, name) in enumerate(zip(written, names, strict=True))
            if raw != name and at not in left_out
        ]
        if pairs:
            problem = f"headings are read otherwise than written: {', '.join(pairs)}"
            self._headings.append(Fault(problem, "", self._file, line))
        if 0 in left_out and written[0]:
            problem = "the first column holds numbers of rows, and is not read"
            self._headings.append(Fault(problem, "", self._file, line, value=written[0]))

    def add(self, line: int, column: str, written: str, read: str) -> None:
        """Take note of a cell."""
        key = (column, _kind(written))
        self._first.setdefault(key, (line, written, read))
        self._number[key] = self._number.get(key, 0) + 1

    def told(self) -> Iterable[Fault]:
        """Return what there is to tell, each kind once."""
        told = list(self._headings)
        for (column, kind), (line, written, read) in self._first.items():
            more = self._number[column, kind] - 1
            tail = f"So are {more:,} more cells of this column." if more else ""
            tail = "So is one more cell of this column." if more == 1 else tail
            told.append(Fault(f"is read as {read}", tail, self._file, line, column, written))
        if len(told) > MAX_TOLD:
            rest = f"and {len(told) - MAX_TOLD} more kinds of cells are read otherwise than written"
            told = [*told[:MAX_TOLD], Fault(rest, "", self._file)]
        return told


def _kind(written: str) -> str:
    """Return in what form something is written: digits alike, words alike in any case."""
    return re.sub(r"\d+", "0", written).lower()


def written_as_csv(text: str, separator: str) -> list[list[str]]:
    """Return the records of a text, blank ones too, without judging it."""
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
