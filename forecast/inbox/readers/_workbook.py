"""Workbooks of spreadsheets to rows: bounded before they are read, formulas never worked out."""

import io
import zipfile

from forecast.inbox.readers._bytes import BROKEN, ZIP
from forecast.inbox.readers._tables import Rows, by_heading, repeated_note


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
    from forecast.files._workbook import sheets_in  # noqa: PLC0415 - only where there is one

    sheet = sheets_in(data, via)[0]
    for _, fault in sheet.odd:
        yield f"cell {fault.field}", f"{fault.problem}, and is left empty"
    rows = iter(sheet.rows)
    first, header = next(rows)
    note = repeated_note(header)
    for number, cells in rows:
        if note:
            yield f"row {first}", note
            note = ""
        named = by_heading(header, cells)
        yield f"row {number}", {name: cell for name, cell in named.items() if name.strip()}
