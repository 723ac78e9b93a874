"""The table of docs/priors-table.md; `python -m tests.contract.priors_table` writes it."""

import re
from collections.abc import Sequence

from forecast.files._network_file import read_network
from forecast.files._reference_class_file import ClassShelf
from forecast.workspace._priors import prior_rows, rows_as_markdown
from tests.contract.repository import ROOT

PAGE = ROOT / "docs" / "priors-table.md"
BY = ("2024-12-31", "2025-12-31")
MARKED = re.compile(r"(<!-- table: begin -->\n)(.*?)(<!-- table: end -->)", re.DOTALL)
WORDS = 3
"""The first columns: event, prior, class. Chances follow."""


def made() -> str:
    """Return the table as the library makes it now."""
    network = read_network(ROOT / "priors" / "nato_rok.yaml")
    shelf = ClassShelf(ROOT / "priors" / "reference_classes")
    return rows_as_markdown(prior_rows(network, shelf, BY), BY)


def shown() -> str:
    """Return the table that the page shows."""
    found = MARKED.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    return found[2].strip()


def cells(table: str) -> list[list[str]]:
    """Return the cells of a table, by row."""
    lines = table.splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def chances(row: Sequence[str]) -> list[float]:
    """Return the chances of a row as probabilities; those below 0.1% as 0."""
    text = " ".join(row[WORDS:])
    return [float(n or 0) / 100 for n in re.findall(r"<0\.1|(\d+(?:\.\d+)?)", text)]


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARKED.sub(lambda m: f"{m[1]}{made()}\n{m[3]}", text), encoding="utf-8")
