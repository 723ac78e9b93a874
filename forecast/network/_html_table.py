"""Small HTML tables for notebooks: self-contained, every text escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from forecast.visible import visible

MOST_ROWS = 20
LONGEST = 160


def html_table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    notes: Sequence[str] = (),
) -> str:
    """Return a table as HTML: left-aligned, no other style, no script, nothing fetched.

    Rows after the first 20 are counted, and texts cut after 160 characters. Notes are lines below.

    Examples
    --------
    >>> "&lt;b&gt;" in html_table("Events", ["title"], [["<b>"]])
    True
    """
    body = list(rows)
    left = 'style="text-align:left"'
    head = "".join(f'<th scope="col" {left}>{_cell(column)}</th>' for column in columns)
    lines = "".join(
        f"<tr>{''.join(f'<td {left}>{_cell(cell)}</td>' for cell in row)}</tr>"
        for row in body[:MOST_ROWS]
    )
    rest = len(body) - MOST_ROWS
    below = [*([f"… and {rest} more"] if rest > 0 else []), *notes]
    foot = "".join(f"<p>{_cell(note)}</p>" for note in below)
    return (
        f'<div style="overflow-x:auto"><table>'
        f"<caption {left}>{_cell(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>{foot}</div>"
    )


def _cell(text: str) -> str:
    plain = visible(text)
    return escape(plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…")
