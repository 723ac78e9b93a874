"""Workbooks of spreadsheets to rows: bounded before they are read, formulas never worked out."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from forecast.errors import Fault, InputError
from forecast.inbox.readers import _bytes
from forecast.inbox.readers._bytes import BROKEN, ZIP, too_large
from forecast.inbox.readers._tables import Rows, text_of

MOST_MEMBERS = 2_000
MOST_CELLS = 5_000_000
"""Cells of a sheet, empty ones within its bounds included."""
MOST_SHARED = 500_000_000
"""Characters that the cells of a sheet may come to: many may show one long text."""

_CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
_SHARED = re.compile(rb"""\st\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v[^<>]*>\s*(\d{1,9})\s*<""")
_ANY_SHARED = re.compile(rb"""\st\s*=\s*["'](?:s["']|[^"']{0,20}&)""")


def is_workbook(data: bytes) -> bool:
    """Return whether a file is a workbook of a spreadsheet, as XLSX."""
    if not data.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except BROKEN:
        return False


def workbook_rows(data: bytes, via: str) -> Rows:
    """Yield the rows of the first sheet that has any; its first row names the columns.

    A cell with a formula is what the spreadsheet program last saw in it.

    Raises
    ------
    InputError
        If it is broken, or has more in it than can be meant.
    """
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  as needed

    try:
        _bound(data, via)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            rows = _sheet_rows(book.get_sheet_by_name(name).iter_rows())
            first = next(rows, None)
            if first is not None:
                yield first
                yield from rows
                return
    except (CalamineError, *BROKEN) as error:
        problem = f"is a broken workbook: {str(error)[:100]}"
        raise InputError(Fault(problem, "Save it again as XLSX, or as CSV.", file=via)) from error


def _sheet_rows(rows: Iterator[list[Any]]) -> Rows:
    header: list[str] | None = None
    for number, values in enumerate(rows, 1):
        cells = [text_of(value) for value in values]
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = cells
            continue
        named = zip(header, cells, strict=True)
        yield f"row {number}", {name: cell for name, cell in named if name.strip()}


def _bound(data: bytes, via: str) -> None:
    """Refuse a workbook that would take far more memory than it seems."""
    left = _bytes.MOST_UNPACKED
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        for member in members:
            with archive.open(member) as stream:
                content = stream.read(left + 1)
            left -= len(content)
            if left < 0 or len(members) > MOST_MEMBERS:
                raise InputError(too_large(via))
            if member.filename.startswith(("xl/worksheets/", "xl/sharedStrings")):
                parts[member.filename] = content
    texts = parts.pop("xl/sharedStrings.xml", b"").split(b"</si>")
    lengths = [len(text) for text in texts]
    for sheet in parts.values():
        _bound_sheet(sheet, lengths, via)


def _bound_sheet(sheet: bytes, lengths: list[int], via: str) -> None:
    places = _CELL.findall(sheet)
    rows = max((int(row) for _, row in places), default=0)
    columns = max((_column_number(column) for column, _ in places), default=0)
    if rows * columns > MOST_CELLS:
        problem = f"has a sheet of {rows:,} rows and {columns:,} columns"
        raise InputError(Fault(problem, "Remove cells far from the table.", file=via))
    if sheet.count(b"</") * max(lengths) <= MOST_SHARED:
        return
    shown = [int(number) for number in _SHARED.findall(sheet)]
    total = sum(lengths[number] for number in shown if number < len(lengths))
    if total > MOST_SHARED or len(shown) < len(_ANY_SHARED.findall(sheet)):
        raise InputError(too_large(via))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
