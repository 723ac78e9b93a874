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
MAX_UNPACKED = 50_000_000
"""Bytes: a workbook is a compressed archive, and a small one may unpack to any size."""
MAX_CELLS = 5_000_000
"""The library reads all cells up to the last that is filled, and keeps them at once."""
MAX_SHARED = 500_000_000
"""Characters that the cells of a sheet may come to: many may show one long text."""
MAX_NUMBER = 10_000_000
"""Of rows and columns, more than any program has."""
MAX_SHEETS = 100
ODS_CONTENT, SHARED = "content.xml", "xl/sharedStrings.xml"
BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
PANIC = "PanicException"
"""What a library in Rust raises where it meets what it did not foresee; no `Exception`."""

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ROW = re.compile(rb"<(\w+:)?row\b")
_SHOWN = re.compile(rb"""\st\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v[^<>]*>\s*(\d{1,9})\s*<""")
_ANY_SHOWN = re.compile(rb"""\st\s*=\s*["'](?:s["']|[^"']{0,20}&)""")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_VALUE_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


class Sheet(NamedTuple):
    """One sheet: its name; its rows that are not blank, by their numbers from 1 on; its odd cells.

    A cell that shows an error, or a formula that no program has worked out, has no value: it is a
    fault of its column, by the place in a row.
    """

    name: str
    rows: list[tuple[int, list[str]]]
    odd: tuple[tuple[int, Fault], ...] = ()


class _Odd(NamedTuple):
    """A cell without a value that it should have."""

    place: str
    row: int
    column: int
    problem: str
    value: str


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


def _sheet(book: "CalamineWorkbook", name: str, file: str, odd: list[_Odd]) -> Sheet:
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


def _checked(data: bytes, file: str) -> dict[str, list[_Odd]]:
    """Refuse what would need too much memory, before the library reads it; return odd cells.

    They are by the name of the sheet. In .ods only the formulas without a value are found: an error
    is saved there as what it shows.
    """
    odd: dict[str, list[_Odd]] = {}
    try:
        archive = ZipFile(io.BytesIO(data))
    except BadZipFile:
        problem = "is no workbook"
        remedy = "Save it again from the spreadsheet, or check that it is the right file."
        raise InputError(Fault(problem, remedy, file=file)) from None
    with archive:
        large = sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED
        if not large and archive.testzip() is not None:
            remedy = "Put it back from a copy, or save it again from the spreadsheet."
            problem = "the workbook is damaged, or says less than it holds"
            raise InputError(Fault(problem, remedy, file=file))
        if not large:
            # By what it holds, as the library does, and not by its name.
            cells = _cells_ods if ODS_CONTENT in archive.namelist() else _cells_xlsx
            large = any(number > MAX_CELLS for number in cells(archive, odd)) or _shared(archive)
            odd = odd if large or not odd else _by_sheet(archive, odd)
    if large:
        problem = "the workbook is too large"
        remedy = "Split it, or remove what stands far below or beside the table."
        raise InputError(Fault(problem, remedy, file=file))
    return odd


def _by_sheet(archive: ZipFile, odd: dict[str, list[_Odd]]) -> dict[str, list[_Odd]]:
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


def _cells_xlsx(archive: ZipFile, odd: dict[str, list[_Odd]]) -> Iterator[int]:
    """Yield how many cells each sheet spans, and note odd ones; refuse places that are none."""
    from xml.etree.ElementTree import iterparse  # noqa: PLC0415 - only for such files

    for name in archive.namelist():
        if name.endswith(".bin") and name.startswith("xl/workbook"):
            msg = "it is a binary workbook (.xlsb)"
            raise ValueError(msg)
        row = column = width = height = 0
        kind, formula, value = "", "", ""
        data = archive.read(name)
        if _ROW.search(data) is not None:  # a sheet may have any name
            stream = io.BytesIO(data)
            for event, element in iterparse(stream, events=("start", "end")):  # noqa: S314
                tag = element.tag.rpartition("}")[2]
                if event == "end":
                    formula = element.text or "…" if tag == "f" else formula
                    value = element.text or "" if tag == "v" else value
                    if tag == "c" and (problem := _oddity(kind, formula, value)):
                        place = f"{_letters(column)}{row}"
                        shown = sanitize(value or f"={formula}")
                        odd.setdefault(name, []).append(_Odd(place, row, column, problem, shown))
                    element.clear()
                elif tag == "row":
                    row, column = _number(element.get("r"), row + 1), 0
                elif tag == "c":
                    kind, formula, value = element.get("t", "n"), "", ""
                    column, row = _place(element.get("r"), column + 1, row)
                    width, height = max(width, column), max(height, row)
        yield width * height


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


def _shared(archive: ZipFile) -> bool:
    """Return whether cells that share texts would come to far more than the archive holds."""
    names = set(archive.namelist())
    texts = archive.read(SHARED).split(b"</si>") if SHARED in names else []
    lengths = [len(text) for text in texts]
    for name in names - {SHARED}:
        sheet = archive.read(name)
        if not lengths or sheet.count(b"</") * max(lengths) <= MAX_SHARED:
            continue
        shown = [int(number) for number in _SHOWN.findall(sheet)]
        total = sum(lengths[number] for number in shown if number < len(lengths))
        if total > MAX_SHARED or len(shown) < len(_ANY_SHOWN.findall(sheet)):
            return True
    return False


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


def _cells_ods(archive: ZipFile, odd: dict[str, list[_Odd]]) -> Iterator[int]:
    """Yield how many cells each sheet spans up to the last that is filled, and note odd ones."""
    from xml.etree.ElementTree import iterparse  # noqa: PLC0415 - only for such files

    rows, filled, widest, found = 0, 0, 0, list[_Odd]()
    with archive.open(ODS_CONTENT) as stream:
        for _, element in iterparse(stream):  # noqa: S314 - expat bounds what entities expand to
            if element.tag == f"{_TABLE}table-row":
                column = width = 0
                for cell in element:
                    formula = cell.get(f"{_TABLE}formula")
                    if formula and not cell.get(_VALUE_TYPE):
                        place, problem = (
                            f"{_letters(column + 1)}{rows + 1}",
                            _oddity("", formula, ""),
                        )
                        found.append(_Odd(place, rows + 1, column + 1, problem, sanitize(formula)))
                    column += _number(cell.get(f"{_TABLE}number-columns-repeated"), 1)
                    width = column if len(cell) else width
                rows += _number(element.get(f"{_TABLE}number-rows-repeated"), 1)
                filled, widest = (rows if width else filled), max(widest, width)
                element.clear()
            elif element.tag == f"{_TABLE}table":
                odd[element.get(f"{_TABLE}name", "")] = found
                yield filled * widest
                rows, filled, widest, found = 0, 0, 0, []
                element.clear()
