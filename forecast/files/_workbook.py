"""Workbooks of spreadsheet programs (.xlsx, .ods) as rows of text.

Only values are read: macros do not run, and of a formula the value counts that the program saved.
"""

import io
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import BadZipFile, ZipFile

from forecast.errors import Fault, InputError
from forecast.files._limits import most
from forecast.files._safe_text import sanitize
from forecast.files._text_file import file_bytes
from forecast.files._workbook_cells import Odd, spans

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

WORKBOOKS = (".xlsx", ".ods")
MAX_BYTES = most("table", "bytes")
MAX_UNPACKED = most("workbook", "bytes unpacked")
"""Bytes: a workbook is a compressed archive, and a small one may unpack to any size."""
MOST_TIMES, FREE = most("workbook", "times its size"), 4_000_000
MAX_CELLS = most("workbook", "cells")
"""The library reads all cells up to the last that is filled, and keeps them at once."""
FREE_CELLS = 300_000
FOR_TEN_BYTES = most("workbook", "cells for ten bytes"), most("workbook", "elements for ten bytes")
MAX_SHEETS = most("workbook", "sheets")
SHARED = "xl/sharedStrings.xml"
BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
PANIC = "PanicException"
"""What a library in Rust raises where it meets what it did not foresee; no `Exception`."""

_SHOWN = re.compile(rb"""\st\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v[^<>]*>\s*(\d{1,9})\s*<""")
_ANY_SHOWN = re.compile(rb"""\st\s*=\s*["'](?:s["']|[^"']{0,20}&)""")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Sheet(NamedTuple):
    """One sheet: its name; its rows that are not blank, by their numbers from 1 on; its odd cells.

    A cell that shows an error, or a formula that no program has worked out, has no value: it is a
    fault of its column, by the place in a row.
    """

    name: str
    rows: list[tuple[int, list[str]]]
    odd: tuple[tuple[int, Fault], ...] = ()


def read_workbook(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook that hold anything.

    Raises
    ------
    InputError
        If it is no workbook, is protected by a password, or is too large.
    """
    return sheets_in(file_bytes(path, MAX_BYTES), str(path))


def sheets_in(data: bytes, file: str) -> list[Sheet]:
    """Return the sheets that hold anything of a workbook's bytes, which came from `file`.

    Raises
    ------
    InputError
        As `read_workbook`.
    """
    try:
        odd = _checked(data, file)
        book = _opened(data)
        names = book.sheet_names[:MAX_SHEETS]
        sheets = [_sheet(book, name, file, odd.get(name, [])) for name in names]
    except InputError:
        raise
    except BaseException as error:  # whatever the readers of archives and XML raise
        if not isinstance(error, Exception) and type(error).__name__ != PANIC:
            raise  # such as an interrupt
        problem = f"is no workbook that can be read: {str(error)[:200]}"
        remedy = "Save it again from the spreadsheet, without a password, or as CSV."
        raise InputError(Fault(problem, remedy, file=file)) from error
    found = [sheet for sheet in sheets if sheet.rows]
    if not found:
        remedy = "Write at least the header row, or remove the file."
        raise InputError(Fault("the file is empty", remedy, file=file))
    return found


def _opened(data: bytes) -> "CalamineWorkbook":
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only where there is a workbook

    return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _sheet(book: "CalamineWorkbook", name: str, file: str, odd: list[Odd]) -> Sheet:
    sheet, shown = book.get_sheet_by_name(name), sanitize(name)
    first, left = sheet.start or (0, 0)
    rows = []
    for number, cells in enumerate(sheet.to_python(skip_empty_area=True), start=first + 1):
        texts = [_text(cell) for cell in cells]
        if any(text.strip() for text in texts):
            rows.append((number, texts))
    remedy = "Write the value, or open the workbook in a spreadsheet, correct it and save it."
    faults = [
        (
            each.column - 1 - left,
            Fault(each.problem, remedy, f"{file}[{shown}]", each.row, each.place, each.value),
        )
        for each in odd
    ]
    return Sheet(shown, rows, tuple(faults))


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


def _checked(data: bytes, file: str) -> dict[str, list[Odd]]:
    """Refuse what would need too much memory, before the library reads it; return odd cells."""
    odd: dict[str, list[Odd]] = {}
    try:
        archive = ZipFile(io.BytesIO(data))
    except BadZipFile:
        problem = "is no workbook"
        remedy = "Save it again from the spreadsheet, or check that it is the right file."
        raise InputError(Fault(problem, remedy, file=file)) from None
    with archive:
        most_bytes = min(MAX_UNPACKED, max(FREE, MOST_TIMES * len(data)))
        most_cells, most_elements = (
            min(MAX_CELLS, max(FREE_CELLS, each * len(data) // 10)) for each in FOR_TEN_BYTES
        )
        large = sum(entry.file_size for entry in archive.infolist()) > most_bytes
        if not large and archive.testzip() is not None:
            remedy = "Put it back from a copy, or save it again from the spreadsheet."
            problem = "the workbook is damaged, or says less than it holds"
            raise InputError(Fault(problem, remedy, file=file))
        if not large:
            large = (
                _elements(archive) > most_elements
                or sum(spans(archive, odd)) > most_cells
                or _shared(archive, most_bytes)
            )
            odd = odd if large or not odd else _by_sheet(archive, odd)
    if large:
        problem = "the workbook is too large"
        remedy = "Split it, or remove what stands far below or beside the table."
        raise InputError(Fault(problem, remedy, file=file))
    return odd


def _elements(archive: ZipFile) -> int:
    """Return how many elements there are, about: each takes time to be gone through."""
    return sum(archive.read(name).count(b"<") for name in archive.namelist()) // 2


def _by_sheet(archive: ZipFile, odd: dict[str, list[Odd]]) -> dict[str, list[Odd]]:
    """Return odd cells by the name of their sheet, from those by its part of the archive."""
    from xml.etree.ElementTree import fromstring  # noqa: PLC0415 - only for such files

    if BOOK not in archive.namelist():
        return odd  # .ods: they are by name
    targets = {
        each.get("Id"): each.get("Target", "").removeprefix("/xl/")
        for each in fromstring(archive.read(RELATIONS))  # noqa: S314 - expat bounds entities
    }
    sheets = [each for each in fromstring(archive.read(BOOK)).iter() if each.get("sheetId")]  # noqa: S314
    return {
        each.get("name", ""): odd.get(f"xl/{targets.get(each.get(_RELATION))}", [])
        for each in sheets
    }


def _shared(archive: ZipFile, most_shown: int) -> bool:
    """Return whether cells that share texts would come to far more than the archive holds."""
    names = set(archive.namelist())
    texts = archive.read(SHARED).split(b"</si>") if SHARED in names else []
    lengths = [len(text) for text in texts]
    for name in names - {SHARED}:
        sheet = archive.read(name)
        if not lengths or sheet.count(b"</") * max(lengths) <= most_shown:
            continue
        shown = [int(number) for number in _SHOWN.findall(sheet)]
        total = sum(lengths[number] for number in shown if number < len(lengths))
        if total > most_shown or len(shown) < len(_ANY_SHOWN.findall(sheet)):
            return True
    return False
