"""The table in README.md; ``python -m tests.end_to_end.readme_table`` makes it anew."""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.contract.repository import ROOT

PAGE = ROOT / "README.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->"
ROWS = 12  # header, rule, and the most probable events


def shown() -> list[str]:
    """Return the lines of the page's table, the header first."""
    block = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    return [line for line in block.splitlines() if line and not line.startswith("```")]


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
        run = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    rows, caption = run.stdout.rstrip().split("\nnato_rok: ")
    lines = [line.rstrip() for line in rows.splitlines()]
    rest = f"… {len(lines) - ROWS} more events"
    block = "\n".join([*lines[:ROWS], rest, "", f"nato_rok: {caption}"])
    head, tail = PAGE.read_text(encoding="utf-8").split(BEGIN)
    page = f"{head}{BEGIN}```\n{block}\n```\n{END}{tail.split(END)[1]}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    rewrite()
