"""Strict CSV: UTF-8, a header, known columns, whole rows; true line numbers; all faults at once.

A file is refused, before it is read, where it is larger than 10 MB. Cells are text and nothing in
them is interpreted here.
"""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from forecast.errors import Fault, InputError, did_you_mean

__all__ = ["MAX_BYTES", "MAX_ROWS", "Row", "csv_text", "parse_csv", "read_csv"]

MAX_BYTES = 10_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 200
"""More than any kind of item has; a fault for each of a million would itself be a flood."""


class Row(NamedTuple):
    """One row: the line of the file on which it starts, and its non-empty cells by column."""

    line: int
    cells: dict[str, str]


def read_csv(
    path: Path, *, columns: Collection[str], required: Collection[str]
) -> tuple[list[Row], list[Fault]]:
    """Return the rows of a file, and what is wrong with its form.

    Parameters
    ----------
    path
        The file.
    columns
        The columns that the header may name, in any order.
    required
        The columns that it must name.

    Returns
    -------
    rows : list of Row
        The whole rows; those with a fault in their form are left out, and so are empty ones.
    faults : list of Fault
        In order of line.

    Raises
    ------
    InputError
        If there are no rows to speak of: an unreadable file, too large a one, not UTF-8, with NUL
        bytes, empty, with far too many columns, or without a required one.
    """
    return parse_csv(csv_text(path), path, columns=columns, required=required)


def parse_csv(
    text: str, path: Path, *, columns: Collection[str], required: Collection[str]
) -> tuple[list[Row], list[Fault]]:
    """Return the rows of the text of a file, as `read_csv` does; `path` is for messages."""
    rows: list[Row] = []
    faults: list[Fault] = []
    lines = _records(text, path, faults)
    header_line, header = next(lines, (1, []))
    if len(header) > MAX_COLUMNS:
        message = f"the header has {len(header):,} columns, more than {MAX_COLUMNS}"
        remedy = f"The first row names the columns: {', '.join(columns)}."
        raise InputError([_fault(path, header_line, message, remedy)])
    names = [name.strip() for name in header]
    faults[:0] = _header_faults(path, header_line, names, columns, required)
    if not set(required) <= set(names):
        raise InputError(faults)
    for count, (line, cells) in enumerate(lines, start=1):
        if count > MAX_ROWS:
            message = f"the file has more than {MAX_ROWS:,} rows"
            faults.append(_fault(path, line, message, "Split it into several files."))
            break
        if len(cells) != len(names):
            faults.append(_width_fault(path, line, len(cells), len(names)))
            continue
        filled = {n: cell for n, cell in zip(names, cells, strict=True) if cell.strip()}
        rows.append(Row(line, {n: cell for n, cell in filled.items() if n in columns}))
    return rows, sorted(faults, key=lambda fault: fault.line)


def csv_text(path: Path) -> str:
    """Return the text of a file that is fit to be read as CSV."""
    try:
        if not path.is_file():
            raise InputError(_fault(path, 0, "there is no such file", "Check the path."))
        with path.open("rb") as stream:
            raw = b"" if path.stat().st_size > MAX_BYTES else stream.read(MAX_BYTES + 1)
            too_large = path.stat().st_size > MAX_BYTES or len(raw) > MAX_BYTES
    except OSError as error:
        remedy = "Check the path and its permissions."
        raise InputError(_fault(path, 0, f"cannot be read: {error.strerror}", remedy)) from error
    if too_large:
        message = f"the file is larger than {MAX_BYTES // 1_000_000} MB"
        raise InputError(_fault(path, 0, message, "Split it into several files."))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        remedy = "Save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
        raise InputError(_fault(path, line, "the file is not UTF-8", remedy)) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        remedy = "Save it again as plain UTF-8 text."
        raise InputError(_fault(path, line, "the file holds a NUL byte", remedy))
    if not text.strip():
        remedy = "Write at least the header row, or remove the file."
        raise InputError(_fault(path, 0, "the file is empty", remedy))
    return text


def _records(text: str, path: Path, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not blank, each with the line it starts on.

    Broken quoting ends the file, since nothing after it can be trusted; the fault is added.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = 'Double each quotation mark inside a quoted cell (""), and close each quoted cell.'
        faults.append(_fault(path, line, f"the row that starts here is broken: {error}", remedy))


def _header_faults(
    path: Path,
    line: int,
    names: Sequence[str],
    columns: Collection[str],
    required: Collection[str],
) -> list[Fault]:
    if len(names) == 1 and ";" in names[0]:
        remedy = "Save it with commas between the cells."
        return [_fault(path, line, "the columns are separated by semicolons", remedy)]
    faults = []
    for position, name in enumerate(names):
        if name not in columns:
            what = "a column has no name" if not name else "unknown column"
            remedy = "Remove it." if not name else did_you_mean(name, columns)
            faults.append(_fault(path, line, what, remedy, value=name))
        elif name in names[:position]:
            faults.append(
                _fault(path, line, "the column stands there twice", "Remove one.", value=name)
            )
    missing = [name for name in required if name not in names]
    if missing:
        message = f"the header lacks the column {', '.join(missing)}"
        remedy = f"The first row names the columns: {', '.join(columns)}."
        faults.append(_fault(path, line, message, remedy))
    return faults


def _width_fault(path: Path, line: int, cells: int, columns: int) -> Fault:
    if cells > columns:
        remedy = "Put a cell that holds a comma in quotation marks."
    else:
        remedy = "Leave cells empty rather than out, and check that the row is not cut off."
    return _fault(path, line, f"the row has {cells} cells for {columns} columns", remedy)


def _fault(path: Path, line: int, problem: str, remedy: str, *, value: str = "") -> Fault:
    return Fault(problem, remedy, file=str(path), line=line, value=value)
