"""Items as an assistant writes them: rows of a file of evidence, made safe and bounded."""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from forecast.errors import Fault, InputError
from forecast.evidence import Place
from forecast.files._evidence_file import cell_of
from forecast.files._safe_text import sanitize
from forecast.workspace._choices import Filing
from forecast.workspace._sheet import ITEM

MOST_ROWS = 12
"""Items of one draft."""
MOST_CELL = 2_000
"""Characters of a cell of one."""

ROWS: dict[str, Any] = {
    "type": "array",
    "description": "Items, each a mapping from columns of a file of evidence to cells. An item "
    "needs event, and published where the draft does not say it; kind is 'report' unless given, "
    "and a report needs source and claim ('on' or 'off'). The coding guide says which columns each "
    "kind has.",
    "maxItems": MOST_ROWS,
    "items": {
        "type": "object",
        "propertyNames": {"enum": list(ITEM)},
        "additionalProperties": {"type": ["string", "number", "boolean"]},
    },
}
type Rows = Annotated[
    list[dict[str, str | bool | int | float]], Field(max_length=MOST_ROWS), WithJsonSchema(ROWS)
]


def filing_of(draft: str, rows: Rows) -> Filing:
    """Return items as a filing of a draft."""
    places = tuple(Place(f"row {number}", 0) for number in range(1, len(rows) + 1))
    faults = [
        Fault(
            f"is longer than {MOST_CELL:,} characters",
            "Write it in fewer words.",
            place.file,
            field=name,
        )
        for row, place in zip(rows, places, strict=True)
        for name, value in row.items()
        if max(len(name), len(str(value))) > MOST_CELL
    ]
    if faults:
        raise InputError(faults)
    made = [
        {
            sanitize(name): sanitize(cell_of(name, value), lines=True).strip()
            for name, value in row.items()
        }
        for row in rows
    ]
    filled = tuple({name: cell for name, cell in row.items() if cell} for row in made)
    return Filing(draft=draft, rows=filled, places=places, place=Place("rows", 0))


def one_line(text: str) -> str:
    """Return a remark as one safe line of a bounded length."""
    return " ".join(sanitize(text[: 4 * MOST_CELL]).split())[:MOST_CELL]
