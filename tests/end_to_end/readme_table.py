"""The table in README.md; ``python -m tests.end_to_end.readme_table`` makes it anew."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.contract.repository import ROOT

PAGE = ROOT / "README.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->"
EVENTS = 5  # that the page shows: of those that are open, the most probable
ROW = re.compile(r"(.*?) *(\d{4}-\d\d-\d\d) +([<>]?[\d.]+%)")
"""A line of the table: what it has of its event's title, a deadline, and the probability."""


def shown() -> dict[tuple[str, str], str]:
    """Return the probabilities in the page's table, by title and deadline."""
    block = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    rows = block.split("─\n")[1].split("\n…")[0].splitlines()
    found: dict[tuple[str, str], str] = {}
    for event in by_event(rows):
        cells = [ROW.match(line) for line in event]
        words = [cell[1] if cell else line for cell, line in zip(cells, event, strict=True)]
        title = " ".join(filter(None, map(str.strip, words)))
        found |= {(title, cell[2]): cell[3] for cell in cells if cell}
    return found


def by_event(rows: Sequence[str]) -> list[list[str]]:
    """Return the lines of a table's body, event by event: each begins with the first deadline."""
    first = ROW.match(rows[0])
    assert first is not None
    found: list[list[str]] = []
    for line in rows:
        cell = ROW.match(line)
        if cell is not None and cell[2] == first[2]:
            found.append([])
        found[-1].append(line)
    return found


def copy_workspace(folder: Path) -> None:
    """Copy this repository's workspace, without its runs."""
    for name in ("priors", "evidence"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "forecast.toml", folder)


def rewrite() -> None:
    """Run the main job on a copy, and put the head and the caption of its table into the page."""
    command = [sys.executable, "-m", "forecast", "update"]
    with TemporaryDirectory() as folder:
        copy_workspace(Path(folder))
        run = subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            env=os.environ | {"COLUMNS": "80"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    head, body = run.stdout.rstrip().split("─\n")
    rows, caption = body.split("\n\n", 1)
    events = by_event(rows.splitlines())
    lines = [line for event in events[:EVENTS] for line in event]
    rest = f"… {len(events) - EVENTS} more events"
    block = "\n".join([f"{head}─", *lines, rest, "", caption])
    before, after = PAGE.read_text(encoding="utf-8").split(BEGIN)
    page = f"{before}{BEGIN}```\n{block}\n```\n{END}{after.split(END)[1]}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    rewrite()
