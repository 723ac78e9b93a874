"""An export can be held against its digests by anyone, and makes the same ledger anywhere."""

import hashlib
import json
from pathlib import Path

import pytest

from forecast.errors import LedgerError
from forecast.ledger import (
    Ledger,
    export,
    ledger_address,
    open_ledger,
    publish,
    resolve,
    restore,
    verify,
)
from tests.ledger.conftest import postgres_address
from tests.ledger.postgres import Server
from tests.ledger.samples import happened, run


@pytest.fixture
def lines(ledger: Ledger) -> list[str]:
    publish(ledger, run("a", forecasts=6))
    resolve(ledger, happened())
    publish(ledger, run("b", network="other"))
    return list(export(ledger))


def test_a_reader_needs_nothing_but_sha256(lines: list[str]) -> None:
    """As docs/ledger.md says: no code of this library."""
    previous = "0" * 64
    seq = 0
    for line in lines[1:]:
        if line.startswith("{"):
            content = json.loads(line)
            assert hashlib.sha256(content["body"].encode()).hexdigest() == content["sha256"]
            continue
        digest, _, entry = line.partition(" ")
        assert hashlib.sha256(entry.encode()).hexdigest() == digest
        found = json.loads(entry)
        assert (found["previous"], found["seq"]) == (previous, seq + 1)
        previous, seq = digest, seq + 1
    assert seq == 3


def test_the_columns_say_what_the_values_are(lines: list[str]) -> None:
    columns = json.loads(lines[0])["columns"]["forecasts"]
    entry = json.loads(lines[-1].partition(" ")[2])
    row = dict(zip(columns, entry["body"]["forecasts"][0], strict=True))
    assert (row["event"], row["probability"]) == ("event_0", 0.25)


@pytest.mark.parametrize("there", ["sqlite", "postgresql"])
def test_an_export_makes_the_same_ledger_on_every_database(
    lines: list[str], ledger: Ledger, there: str, server: Server, tmp_path: Path
) -> None:
    copy = ledger_address("sqlite:///copy.sqlite3", tmp_path, {})
    address = copy if there == "sqlite" else postgres_address(server, tmp_path)
    with open_ledger(address) as other:
        assert restore(other, iter(lines)) == 3
        assert list(export(other)) == lines
        assert verify(other) == verify(ledger)
        assert publish(other, run("c")).entry.seq == 4


def test_a_ledger_with_entries_takes_no_export(lines: list[str], ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="has entries already"):
        restore(ledger, lines)


@pytest.mark.parametrize("place", [0, 1, -1, -2])
@pytest.mark.parametrize("change", ["byte", "cut", "gone"])
def test_a_damaged_export_is_refused_whole(
    lines: list[str], place: int, change: str, tmp_path: Path
) -> None:
    line = lines[place]
    middle = len(line) // 2
    flipped = line[:middle] + chr(ord(line[middle]) ^ 1) + line[middle + 1 :]
    damaged = list(lines)
    damaged[place] = {"byte": flipped, "cut": line[:middle], "gone": ""}[change]
    with open_ledger(ledger_address(None, tmp_path / "copy", {})) as other:
        with pytest.raises(LedgerError, match=r"line \d+ of the export is damaged"):
            restore(other, damaged)
        found = verify(other)
        assert (found.entries, found.contents, found.passed) == (0, 0, True)
