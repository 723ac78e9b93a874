"""Small tables of a network: HTML for notebooks, and text for terminals of 80 columns."""

from collections.abc import Iterable, Sequence
from html import escape

from forecast.visible import visible

MOST_ROWS = 20
LONGEST = 160
WIDTH, WIDEST, MOST_LINES = 79, 24, 12
"""Letters of a line of text, and of a column of it but the last; and its rows."""


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


def text_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as text that fits a terminal of 80 columns, one line a row.

    Rows after the first 12 are counted, and what does not fit a line is cut.

    Examples
    --------
    >>> print(text_table("2 links", ["parent", "child"], [["a", "b"], ["b", "c"]]))
    2 links
      parent  child
      a       b
      b       c
    """
    body = [[visible(cell) for cell in row] for row in rows]
    lines = [list(columns), *body[:MOST_LINES]]
    widths = [min(max(map(len, column)), WIDEST) for column in zip(*lines, strict=True)]
    shown = ["  " + "  ".join(map(_fitted, line[:-1], widths)) + "  " + line[-1] for line in lines]
    rest = len(body) - MOST_LINES
    below = [f"  … and {rest} more"] if rest > 0 else []
    return "\n".join(map(text_line, [caption, *shown, *below]))


def text_line(text: str) -> str:
    """Return a text as one line of a terminal of 80 columns."""
    return _cut(visible(text).rstrip(), WIDTH)


def _fitted(text: str, width: int) -> str:
    return _cut(text, width).ljust(width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _cell(text: str) -> str:
    plain = visible(text)
    return escape(plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…")
