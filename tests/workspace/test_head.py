"""A ledger that is gone, older than the runs beside it, or another one, is told with a way out."""

import json
import shutil
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from forecast.cli.main import cli
from forecast.errors import InputError
from forecast.ledger import ledger_address, open_ledger, verify
from forecast.workspace._head import require_known
from forecast.workspace._history import open_kept
from forecast.workspace._outcomes import Statement, resolve_event
from forecast.workspace._settings import Request
from forecast.workspace._status import status
from forecast.workspace._update import attempt, update
from tests.workspace.samples import never_estimate, write_workspace

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL

FIRST, SECOND = Request(as_of="2024-06-01"), Request(as_of="2024-07-01")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path / "here")
    update(folder, FIRST)
    return folder


@pytest.fixture
def lose(folder: Path, database: str, request: pytest.FixtureRequest, monkeypatch):
    """Give a function that takes the ledger away: its file, or all of its database."""

    def away() -> None:
        if database == "sqlite":
            for file in folder.glob("ledger.sqlite3*"):
                file.unlink()
            return
        server = request.getfixturevalue("server")
        url = server.make_database().render_as_string(hide_password=False)
        assert make_url(url).database
        monkeypatch.setenv("FORECAST_LEDGER", url)

    return away


def command(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--workspace", str(folder)])


def test_a_ledger_that_is_gone_is_a_fault_and_none_is_made_quietly(folder: Path, lose) -> None:
    lose()
    for arguments in (("update",), ("show", "pact"), ("score",), ("resolve", "pact", "--void")):
        done = command(folder, *arguments)
        assert done.exit_code == 2, arguments
        assert "forecast ledger restore FILE" in done.stderr
        assert "--new-ledger" in done.stderr
    assert not (folder / "ledger.sqlite3").exists()


def test_another_ledger_is_begun_where_that_is_said(folder: Path, lose) -> None:
    lose()
    update(folder, Request(as_of="2024-07-01", new_ledger=True))
    update(folder, Request(as_of="2024-07-02"))
    with open_ledger(ledger_address(None, folder)) as ledger:
        assert verify(ledger).entries == 2


def test_a_ledger_that_is_gone_is_missed_by_its_runs_alone(folder: Path, lose, database) -> None:
    (folder / "posteriors" / ".ledger-head").unlink()
    lose()
    if database == "sqlite":
        with pytest.raises(InputError, match="the ledger is gone"):
            status(folder)
        with pytest.raises(InputError, match=r"the ledger is gone.*such as .*2024-06-01-"):
            update(folder, SECOND)


def test_what_a_backup_lacks_is_told_and_the_rest_brought_back(
    folder: Path, lose, tmp_path: Path
) -> None:
    backups = [tmp_path / f"{name}.jsonl" for name in ("old", "new")]
    assert command(folder, "ledger", "backup", str(backups[0])).exit_code == 0
    update(folder, SECOND)
    resolve_event(folder, "pact", Statement(void=True))
    done = command(folder, "ledger", "backup", str(backups[1]), "--json")
    head = json.loads(done.stdout)["head"]
    assert head.startswith("3:")
    again = command(folder, "ledger", "backup", str(backups[1]))
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    lose()
    older = command(folder, "ledger", "restore", str(backups[0]))
    assert older.exit_code == 2
    assert "does not hold the last entry that the runs here know (3:" in older.stderr
    done = command(folder, "ledger", "restore", str(backups[1]), "--json")
    assert json.loads(done.stdout) == {"entries": 3, "head": head}
    assert command(folder, "ledger", "verify").exit_code == 0
    assert not attempt(folder, SECOND).failures
    over = command(folder, "ledger", "restore", str(backups[1]))
    assert over.exit_code == 1


def test_an_older_ledger_is_told_everywhere_and_taken_on_request(
    folder: Path, lose, tmp_path: Path
) -> None:
    backup = tmp_path / "old.jsonl"
    assert command(folder, "ledger", "backup", str(backup)).exit_code == 0
    update(folder, SECOND)
    note = (folder / "posteriors" / ".ledger-head").read_bytes()
    lose()
    done = command(folder, "ledger", "restore", str(backup), "--older")
    assert (done.exit_code, done.stdout.startswith("1 entries; head 1:")) == (0, True)
    (folder / "posteriors" / ".ledger-head").write_bytes(note)  # as where a copy was put back
    for arguments in (("update",), ("show", "pact"), ("score",)):
        done = command(folder, *arguments)
        assert (done.exit_code, "an older copy, or another one" in done.stderr) == (2, True)
    done = command(folder, "ledger", "verify")
    assert done.exit_code == 1
    assert "its end was cut or rewritten" in done.stderr
    update(folder, Request(as_of="2024-07-02", new_ledger=True))
    assert command(folder, "ledger", "verify").exit_code == 0


def test_a_damaged_backup_leaves_no_ledger(folder: Path, lose, tmp_path: Path, database) -> None:
    backup = tmp_path / "b.jsonl"
    assert command(folder, "ledger", "backup", str(backup)).exit_code == 0
    text = backup.read_text()
    backup.write_text(text.replace('"pact"', '"pict"', 1).replace("pact", "pict", 1))
    lose()
    done = command(folder, "ledger", "restore", str(backup))
    assert (done.exit_code, "of the export is damaged" in done.stderr) == (1, True)
    if database == "sqlite":
        assert [file.name for file in folder.glob("*ledger*")] == [".ledger.sqlite3.lock"]


def test_no_backup_is_made_of_a_damaged_ledger(folder: Path, tmp_path: Path) -> None:
    with open_ledger(ledger_address(None, folder)) as ledger, ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW published")
    done = command(folder, "ledger", "backup", str(tmp_path / "b.jsonl"))
    assert done.exit_code == 1
    assert "the ledger is damaged, so no backup was made: the view published" in done.stderr
    assert not (tmp_path / "b.jsonl").exists()


def test_a_copy_of_the_whole_folder_is_in_order(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (run,) = update(copy, SECOND)
    assert run.head.startswith("2:")


def test_one_changed_byte_of_the_note_is_found(folder: Path) -> None:
    """Every byte, by every bit: by verification, and by whoever would go on from there."""
    note = folder / "posteriors" / ".ledger-head"
    whole = note.read_bytes()
    with open_kept(folder, whatever=True) as kept:
        for place, bit in product(range(len(whole)), range(8)):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            note.write_bytes(changed)
            if changed.strip() == whole.strip():
                continue  # another blank at its end says the same
            with pytest.raises(InputError, match=r"is not what was written|not the ledger of"):
                require_known(kept.workspace, kept.ledger)
    for damaged in (b"1:\xff" + whole[3:], b"2" + whole[1:], b""):
        note.write_bytes(damaged)
        for arguments in (("ledger", "verify"), ("update",)):
            done = command(folder, *arguments)
            assert done.exit_code in {1, 2}, (damaged, done.output)
            told = ("is not what was written", "does not hold the head", "not the ledger of")
            assert any(words in done.stderr for words in told)
    note.unlink()
    assert command(folder, "ledger", "verify").exit_code == 0
