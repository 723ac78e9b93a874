"""Questions and items of evidence as rows of the CSV that they are read from.

What is written reads back equal, unless it is made for a spreadsheet.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.evidence import Item, Question
from forecast.evidence._fields import fields_of
from forecast.files._asked_rows import YAML
from forecast.files._csv_reader import MAX_BYTES, MAX_ROWS, csv_records, csv_text
from forecast.files._questions_file import COLUMNS as QUESTION_COLUMNS
from forecast.files._safe_text import inert
from forecast.files._table_file import heading, separator_of, written_as_csv
from forecast.files._workbook import WORKBOOKS


def plain_number(value: float) -> str:
    """Return a number in decimals, without an exponent.

    Examples
    --------
    >>> plain_number(1e-05), plain_number(0.4)
    ('0.00001', '0.4')
    """
    return format(Decimal(repr(value)), "f")


def moment_text(moment: date) -> str:
    """Return a day, or an instant in UTC, as files have it.

    Examples
    --------
    >>> moment_text(datetime(2024, 7, 1, 12, 30, tzinfo=UTC))
    '2024-07-01T12:30:00Z'
    """
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return moment.isoformat()


def question_row(question: Question) -> dict[str, str]:
    """Return a question as a row of ``questions.csv``; what is empty is left out."""
    values = {name: getattr(question, name) for name in QUESTION_COLUMNS}
    return {name: _cell(value) for name, value in values.items() if value not in (None, "")}


def item_row(item: Item) -> dict[str, str]:
    """Return an item as a row of a CSV of evidence; what is at its default is left out."""
    return {name: _cell(value) for name, value in fields_of(item).items()}


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, float):
        return plain_number(value)
    return moment_text(value) if isinstance(value, date) else str(value)


def csv_of(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    *,
    spreadsheet: bool = False,
    end: str = "\n",
    headed: bool = True,
    separator: str = ",",
) -> str:
    """Return rows as CSV, under a header or without one.

    For a `spreadsheet`, a cell that it would take for a formula gets an apostrophe before it; a
    negative number, which is none, stays.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=end, delimiter=separator)
    if headed:
        writer.writerow(columns)
    for row in rows:
        cells = [row.get(name, "") for name in columns]
        writer.writerow([_shown(cell) for cell in cells] if spreadsheet else cells)
    return stream.getvalue()


def _shown(cell: str) -> str:
    try:
        float(cell)
    except ValueError:
        return inert(cell)
    return cell


def appended(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """Return the text of a CSV file with rows added at its end; what it has stays as it is.

    Its separator, its headings and its ends of line are kept.

    A file that is not there is begun with all columns that any row fills, in their order. One that
    lacks such a column gets it at the end of its header, and its rows an empty cell.

    Raises
    ------
    InputError
        If the file cannot be read, or would be too long to be read again.
    """
    filled = [name for name in columns if any(row.get(name) for row in rows)]
    if not path.exists():
        return _checked(path, csv_of(filled, rows), len(rows))
    if path.suffix.lower() in (*WORKBOOKS, *YAML):
        noun = "workbook" if path.suffix.lower() in WORKBOOKS else "YAML file"
        remedy = f"Save it as CSV, remove the {noun}, and try again."
        raise InputError(Fault(f"nothing can be added to a {noun}", remedy, str(path)))
    text = csv_text(path)
    separator = separator_of(text, columns, path)
    records = written_as_csv(text, separator)
    # Blank lines, and the line that names the separator, may stand before the header.
    at = next(n for n, cells in enumerate(records) if _is_header(cells))
    header = [heading(name) for name in records[at]]
    missing = [name for name in filled if name not in header]
    end = "\r\n" if "\r\n" in text else "\n"
    if missing:
        whole = io.StringIO(newline="")
        writer = csv.writer(whole, lineterminator=end, delimiter=separator)
        writer.writerows(records[:at])
        writer.writerow([*records[at], *missing])
        writer.writerows([*cells, *[""] * len(missing)] for cells in records[at + 1 :] if cells)
        text, header = whole.getvalue(), [*header, *missing]
    if not text.endswith("\n"):
        text += end
    added = text + csv_of(header, rows, end=end, headed=False, separator=separator)
    return _checked(path, added, len(records) - 1 + len(rows))


def _is_header(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells) and not cells[0].lower().startswith("sep=")


def without_rows(path: Path, ids: Collection[str]) -> str:
    """Return the text of a CSV file without the rows of some ids; what is left stays as it is.

    Raises
    ------
    InputError
        If the file cannot be read, or has no column of ids.
    """
    text = csv_text(path)
    separator = separator_of(text, ("id",), path)
    records = list(csv_records(text, path, [], separator))
    header = [heading(name) for name in records[0][1]]
    if "id" not in header:
        raise InputError(Fault("the header lacks the column id", "Add it.", str(path), 1))
    column = header.index("id")
    gone = {
        line for line, cells in records[1:] if column < len(cells) and cells[column].strip() in ids
    }
    lines = list(io.StringIO(text, newline=""))
    starts = [line for line, _ in records]
    spans = zip(starts, [*starts[1:], len(lines) + 1], strict=True)
    kept = [lines[start - 1 : end - 1] for start, end in spans if start not in gone]
    return "".join(line for some in kept for line in some)


def _checked(path: Path, text: str, rows: int) -> str:
    if rows > MAX_ROWS or len(text.encode()) > MAX_BYTES:
        problem = f"would have {rows:,} rows and {len(text.encode()):,} bytes, too many to be read"
        remedy = "Import fewer questions at a time, and move older opinions to another file."
        raise InputError(Fault(problem, remedy, str(path)))
    return text
