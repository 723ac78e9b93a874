"""docs/ledger.md is held to the code: its tables, and its proof without the library."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.ledger import Ledger, export, publish, resolve, verify
from forecast.ledger._tables import metadata
from forecast.ledger.migrations import HEAD
from tests.ledger.samples import happened, run

PAGE = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")


def test_the_tables_and_their_columns_are_on_the_page() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]* \| (.*) \|$", PAGE, re.MULTILINE)
    told = {name: re.findall(r"`(\w+)`", columns) for name, columns in rows}
    assert told == {name: list(table.columns.keys()) for name, table in metadata.tables.items()}


def test_the_form_is_on_the_page() -> None:
    assert f"this version writes form {HEAD}." in PAGE


def test_the_figures_of_the_kills_are_on_the_page() -> None:
    kept = json.loads(Path(__file__).with_name("kills_result.json").read_text(encoding="utf-8"))
    counts = [f"{kept[name]['acknowledged']:,} " for name in ("sqlite", "postgresql")]
    (row,) = re.findall(r"^\| pairs of writers killed .*$", PAGE, re.MULTILINE)
    assert f"of {counts[0]}runs acknowledged on SQLite and {counts[1]}on PostgreSQL none" in row


def prove(file: Path) -> subprocess.CompletedProcess[str]:
    """Run the page's program on an export."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    command = [sys.executable, "-I", "-c", program, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture
def exported(ledger: Ledger, tmp_path: Path) -> Path:
    publish(ledger, run("a"))
    resolve(ledger, happened())
    file = tmp_path / "all.jsonl"
    file.write_text("".join(f"{line}\n" for line in export(ledger)), encoding="utf-8")
    return file


def test_the_pages_program_proves_an_export(exported: Path, ledger: Ledger) -> None:
    seq, digest = verify(ledger).head.split(":")
    assert prove(exported).stdout == f"ok: {seq} entries; head {digest}\n"


def test_the_pages_program_finds_one_changed_byte(exported: Path) -> None:
    text = exported.read_text(encoding="utf-8")
    exported.write_text(text.replace("0.25", "0.35", 1), encoding="utf-8")
    assert "AssertionError" in prove(exported).stderr
