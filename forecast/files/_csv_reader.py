"""Strict CSV: UTF-8, a header, known columns, whole rows; true line numbers; all faults at once.

A file larger than 10 MB is refused before it is read. Cells are text and are not interpreted here.
"""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files._limits import most, too_many, unjudged
from forecast.files._text_file import file_bytes

MAX_BYTES = most("table", "bytes")
MAX_ROWS = most("table", "rows")
MAX_COLUMNS = most("table", "columns")
"""More than any kind of item has; a million columns would give a flood of faults."""


class Row(NamedTuple):
    """One row: the line of the file on which it starts, and its non-empty cells by column."""

    line: int
    cells: dict[str, str]


def parse_csv(
    text: str, path: Path, *, columns: Collection[str], required: Collection[str]
) -> tuple[list[Row], list[Fault]]:
    """Return the rows of a text, and the faults of its form in order of line.

    Empty rows are left out, and so are those with a fault in their form.

    Parameters
    ----------
    text
        The text, separated by commas.
    path
        Its file, for messages.
    columns
        The columns that the header may name, in any order.
    required
        The columns that it must name.

    Raises
    ------
    InputError
        If there are no usable rows: it has far too many columns, or lacks a required one.
    """
    rows: list[Row] = []
    faults: list[Fault] = []
    lines = csv_records(text, path, faults)
    header_line, header = next(lines, (1, []))
    if len(header) > MAX_COLUMNS:
        message = f"the header has {len(header):,} columns, more than {MAX_COLUMNS}"
        remedy = f"The first row names the columns: {', '.join(columns)}."
        raise InputError([csv_fault(path, header_line, message, remedy)])
    names = [name.strip() for name in header]
    faults[:0] = _header_faults(path, header_line, names, columns, required)
    if not set(required) <= set(names):
        raise InputError(faults)
    for count, (line, cells) in enumerate(lines, start=1):
        if count > MAX_ROWS:
            message = f"the file has more than {MAX_ROWS:,} rows"
            faults.append(csv_fault(path, line, message, "Split it into several files."))
            break
        if too_many(faults):
            faults.append(unjudged(str(path), line))
            break
        if len(cells) != len(names):
            faults.append(_width_fault(path, line, len(cells), len(names)))
            continue
        filled = {n: cell for n, cell in zip(names, cells, strict=True) if cell.strip()}
        rows.append(Row(line, {n: cell for n, cell in filled.items() if n in columns}))
    return rows, sorted(faults, key=lambda fault: fault.line)


def csv_text(path: Path, largest: int = MAX_BYTES) -> str:
    """Return the text of a file of at most so many bytes that is fit to be read as CSV."""
    raw = file_bytes(path, largest)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        remedy = "Save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
        raise InputError(csv_fault(path, line, "the file is not UTF-8", remedy)) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        remedy = "Save it again as plain UTF-8 text."
        raise InputError(csv_fault(path, line, "the file holds a NUL byte", remedy))
    if not text.strip():
        remedy = "Write at least the header row, or remove the file."
        raise InputError(csv_fault(path, 0, "the file is empty", remedy))
    return text


def csv_records(
    text: str, path: Path, faults: list[Fault], separator: str = ","
) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, each with the line it starts on.

    Broken quoting ends the file, as nothing after it can be trusted, and adds a fault.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = 'Double each quotation mark inside a quoted cell (""), and close each quoted cell.'
        faults.append(csv_fault(path, line, f"the row that starts here is broken: {error}", remedy))


def _header_faults(
    path: Path,
    line: int,
    names: Sequence[str],
    columns: Collection[str],
    required: Collection[str],
) -> list[Fault]:
    if len(names) == 1 and ";" in names[0]:
        remedy = "Save it with commas between the cells."
        return [csv_fault(path, line, "the columns are separated by semicolons", remedy)]
    faults = []
    for position, name in enumerate(names):
        if name not in columns:
            what = "a column has no name" if not name else "unknown column"
            remedy = column_meant(name, names, columns, required) if name else "Remove it."
            faults.append(csv_fault(path, line, what, remedy, value=name))
        elif name in names[:position]:
            faults.append(
                csv_fault(path, line, "the column is repeated", "Remove one.", value=name)
            )
    missing = [name for name in required if name not in names]
    if missing:
        message = f"the header lacks the column {', '.join(missing)}"
        remedy = f"The first row names the columns: {', '.join(columns)}."
        faults.append(csv_fault(path, line, message, remedy))
    return faults


def column_meant(
    name: str, names: Collection[str], columns: Collection[str], required: Collection[str]
) -> str:
    """Return which column an unknown one may be meant for: rather one that is not there yet.

    Where just one column is unknown and one that has to be there is missing, it is that.
    """
    unknown = [each for each in names if each and each not in columns]
    missing = [each for each in required if each not in names]
    if len(unknown) == len(missing) == 1:
        return f"Did you mean '{missing[0]}'?"
    absent = did_you_mean(name, [each for each in columns if each not in names])
    return absent if absent.startswith("Did") else did_you_mean(name, columns)


def _width_fault(path: Path, line: int, cells: int, columns: int) -> Fault:
    if cells > columns:
        remedy = "Put a cell that holds a comma in quotation marks."
    else:
        remedy = "Leave cells empty rather than out, and check that the row is not cut off."
    return csv_fault(path, line, f"the row has {cells} cells for {columns} columns", remedy)


def csv_fault(path: Path, line: int, problem: str, remedy: str, value: str = "") -> Fault:
    """Return a fault in a line of a file."""
    return Fault(problem, remedy, file=str(path), line=line, value=value)
