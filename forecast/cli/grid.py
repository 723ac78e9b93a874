"""A plain table of text, aligned; every cell is made safe to print."""

from collections.abc import Sequence

import click

from forecast.cli.text import sanitize

__all__ = ["print_grid"]


def print_grid(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under headers; the first column to the left, the others to the right."""
    cells = [[sanitize(cell) for cell in row] for row in [headers, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first, *rest = [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join([first, *rest]).rstrip())
