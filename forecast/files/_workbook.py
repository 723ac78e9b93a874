"""Workbooks of spreadsheet programs (.xlsx, .ods) as rows of text.

Only values are read: macros do not run, and of a formula the value counts that the program saved.
"""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import BadZipFile, ZipFile

from forecast.errors import Fault, InputError
from forecast.files._safe_text import sanitize
from forecast.files._text_file import file_bytes

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

WORKBOOKS = (".xlsx", ".ods")
MAX_BYTES = 10_000_000
MAX_UNPACKED = 100_000_000
"""Bytes: a workbook is a compressed archive, and a small one may unpack to any size."""
MAX_CELLS = 5_000_000
"""The library reads all cells up to the last that is filled, and keeps them at once."""
MAX_SHEETS = 100

_REFERENCE = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


class Sheet(NamedTuple):
    """One sheet: its name, and its rows that are not blank, each with its number, from 1 on."""

    name: str
    rows: list[tuple[int, list[str]]]


def read_workbook(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook that hold anything.

    Raises
    ------
    InputError
        If it is no workbook, is protected by a password, or is too large.
    """
    data = file_bytes(path, MAX_BYTES)
    try:
        _check_size(data, path)
        book = _opened(data)
        names = book.sheet_names[:MAX_SHEETS]
        sheets = [Sheet(sanitize(name), list(_rows(book, name))) for name in names]
    except InputError:
        raise
    except Exception as error:  # whatever the readers of archives and XML raise
        problem = f"is no workbook that can be read: {str(error)[:200]}"
        remedy = f"Save it again as {path.suffix.lower()} without a password, or as CSV."
        raise InputError(Fault(problem, remedy, file=str(path))) from error
    found = [sheet for sheet in sheets if sheet.rows]
    if not found:
        remedy = "Write at least the header row, or remove the file."
        raise InputError(Fault("the file is empty", remedy, file=str(path)))
    return found


def _opened(data: bytes) -> "CalamineWorkbook":
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only where there is a workbook

    return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _rows(book: "CalamineWorkbook", name: str) -> Iterator[tuple[int, list[str]]]:
    sheet = book.get_sheet_by_name(name)
    first = sheet.start[0] if sheet.start is not None else 0
    rows = sheet.to_python(skip_empty_area=True)
    for number, cells in enumerate(rows, start=first + 1):
        texts = [_text(cell) for cell in cells]
        if any(text.strip() for text in texts):
            yield number, texts


def _text(cell: object) -> str:
    """Return what a cell shows, as the formats write it."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _check_size(data: bytes, path: Path) -> None:
    """Refuse what would need too much memory, before anything is unpacked as a whole."""
    try:
        archive = ZipFile(io.BytesIO(data))
    except BadZipFile:
        problem = f"is no {path.suffix.lower()} workbook"
        remedy = "Save it again from the spreadsheet, or check that it is the right file."
        raise InputError(Fault(problem, remedy, file=str(path))) from None
    with archive:
        large = sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED
        if not large:
            cells = _cells_xlsx if path.suffix.lower() == ".xlsx" else _cells_ods
            large = any(number > MAX_CELLS for number in cells(archive))
    if large:
        problem = "the workbook is too large"
        remedy = "Split it, or remove what stands far below or beside the table."
        raise InputError(Fault(problem, remedy, file=str(path)))


def _cells_xlsx(archive: ZipFile) -> Iterator[int]:
    """Yield how many cells each sheet spans."""
    for name in archive.namelist():
        if _SHEET.fullmatch(name):
            width = height = 1
            for column, row in _REFERENCE.findall(archive.read(name)):
                number = 0
                for letter in column:
                    number = number * 26 + letter - ord("A") + 1
                width, height = max(width, number), max(height, int(row))
            yield width * height


def _cells_ods(archive: ZipFile) -> Iterator[int]:
    """Yield how many cells each sheet spans up to the last that is filled."""
    from xml.etree.ElementTree import iterparse  # noqa: PLC0415 - only for such files

    rows, filled, widest = 0, 0, 0
    with archive.open("content.xml") as stream:
        for _, element in iterparse(stream):  # noqa: S314 - expat bounds what entities expand to
            if element.tag == f"{_TABLE}table-row":
                column = width = 0
                for cell in element:
                    column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
                    width = column if len(cell) else width
                rows += int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                filled, widest = (rows if width else filled), max(widest, width)
                element.clear()
            elif element.tag == f"{_TABLE}table":
                yield filled * widest
                rows, filled, widest = 0, 0, 0
                element.clear()
