"""The table of limits in docs/limits.md; `python -m tests.contract.limits_table` writes it."""

import re

from forecast.files._limits import LIMITS
from tests.contract.repository import ROOT

PAGE = ROOT / "docs" / "limits.md"
MARKED = re.compile(r"(<!-- limits: begin -->\n)(.*?)(<!-- limits: end -->)", re.DOTALL)


def made() -> str:
    """Return the table as the library's limits make it."""
    rows = [f"| {each.what} | {each.unit} | {each.most:,} | {each.why} |" for each in LIMITS]
    return "\n".join(["| of | limit on | at most | |", "|---|---|---|---|", *rows])


def shown() -> str:
    """Return the table that the page shows."""
    found = MARKED.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    return found[2].strip()


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARKED.sub(lambda m: f"{m[1]}{made()}\n{m[3]}", text), encoding="utf-8")
