"""What commands print: text made safe, a plain table, a forecast, an interval, a run."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from os import environ
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from forecast.files._limits import most
from forecast.time import day_label
from forecast.visible import visible as visible  # noqa: PLC0414  commands take it from here

if TYPE_CHECKING:
    from forecast.errors import Fault
    from forecast.ledger import ForecastRecord, RunHead

WIDTH = 80
"""Columns of a terminal."""

WIDE = 10_000
"""Columns where nobody looks at a screen, or says how wide it is: no line is wrapped."""

COMMAND, NO_BREAK = re.compile(r"'forecast [^']*'"), "\xa0"

FEWEST = 12
"""Of a column that is wrapped, however wide the others are."""

MOST_WARNINGS = most("warnings of a command", "lines")
ERRORS = (
    "±: the Monte Carlo standard errors of the probability, and of the interval's lower and upper "
    "end, in percentage points."
)


def counted(number: int, what: str) -> str:
    """Return how many there are of something, such as "1 event" and "2 events"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def print_grid(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    left: int = 1,
    wrapped: int | None = None,
) -> None:
    """Print rows under headers; the first columns to the `left`, the others to the right.

    The column at the place `wrapped` takes several lines where a row would be wider than a screen.
    """
    cells = [[[visible(cell)] for cell in row] for row in [headers, *rows]]
    if wrapped is not None:
        others = [max(len(cell[0]) for cell in column) for column in zip(*cells, strict=True)]
        room = max(WIDTH - sum(wide + 2 for wide in others) + others[wrapped] + 2, FEWEST)
        for row in cells[1:]:
            row[wrapped] = wrapped_lines(row[wrapped][0], room)
    widths = [
        max(len(line) for cell in column for line in cell) for column in zip(*cells, strict=True)
    ]
    for row in cells:
        for line in zip_longest(*row, fillvalue=""):
            placed = [
                cell.ljust(width) if place < left else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            click.echo("  ".join(placed).rstrip())


def say(line: str) -> None:
    """Print a sentence, on a screen in lines that break between words; commands stay whole."""
    on_screen = sys.stdout.isatty() or "COLUMNS" in environ
    room = get_terminal_size().columns if on_screen else WIDE
    whole = COMMAND.sub(lambda found: found[0].replace(" ", NO_BREAK), visible(line))
    for part in wrap(whole, room, subsequent_indent="  ", break_on_hyphens=False):
        click.echo(part.replace(NO_BREAK, " "))


def wrapped_lines(text: str, room: int) -> list[str]:
    """Return a text in lines of so many columns, the second and later ones indented."""
    words = wrap(visible(text), room, subsequent_indent="  ", break_on_hyphens=False)
    return words or [""]


def print_json(document: object, *, ascii_only: bool = True) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=ascii_only))


def print_warnings(warnings: Iterable["Fault"]) -> None:
    """Print what is allowed and probably not meant, a line each."""
    told = tuple(warnings)
    for warning in told[:MOST_WARNINGS]:
        click.echo(f"warning: {visible(str(warning))}")
    if len(told) > MOST_WARNINGS:
        click.echo(f"warning: and {len(told) - MOST_WARNINGS:,} more; --json has them.")


def tell_on_stderr(words: str) -> None:
    """Say what goes on where it does not mix with what is printed."""
    click.echo(visible(words), err=True)


def figure_cells(told: "ForecastRecord", *, with_errors: bool) -> tuple[str, ...]:
    """Return a forecast and its interval, each with its errors beside it where asked for."""
    # Imported here: NumPy takes a while, and reads the number of threads when it is first imported.
    from forecast.probability import FIXED, error, errors, percent, span  # noqa: PLC0415

    chance, interval = percent(told.probability, told.mcse), span(told.lower, told.upper, told.mcse)
    if not with_errors:
        return chance, interval
    ends = "" if interval in {"", FIXED} else errors(told.lower_mcse, told.upper_mcse)
    return chance, error(told.mcse), interval, ends


def run_words(head: "RunHead") -> str:
    """Return a run in words."""
    return (
        f"Run {head.entry} (key {head.key[:12]}): {visible(head.network)} as of "
        f"{day_label(head.as_of)}"
    )


def run_document(head: "RunHead") -> dict[str, object]:
    """Return a run as JSON."""
    return {
        "entry": head.entry,
        "key": head.key,
        "network": head.network,
        "as_of": day_label(head.as_of),
        "made_at": head.made_at.isoformat(),
    }
