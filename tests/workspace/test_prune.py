"""Pruning keeps what its rule says, loses nothing that was said, and verification knows of it."""

import json
import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli.main import cli
from forecast.ledger import ledger_address, open_ledger, said, verify
from forecast.workspace._prune import prune_workspace
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.workspace.samples import never_estimate, write_workspace

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL

NIGHTS = [date(2024, 5, 28) + timedelta(days=n) for n in range(10)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path / "here")
    for night in NIGHTS:
        update(folder, Request(as_of=night.isoformat()))
    return folder


def command(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--workspace", str(folder)])


def draws(folder: Path) -> list[str]:
    return sorted(file.name[:10] for file in folder.glob("posteriors/tiny/*.nc"))


def test_the_last_nights_and_month_ends_stay_and_verification_says_pruned(folder: Path) -> None:
    with open_ledger(ledger_address(None, folder)) as ledger:
        before = said(ledger)
    trial = command(folder, "prune", "--keep", "2", "--dry-run", "--json")
    assert json.loads(trial.stdout)["kept"] == 3
    assert len(draws(folder)) == len(NIGHTS)
    done = command(folder, "prune", "--keep", "2")
    assert done.stdout.splitlines()[-1].startswith("3 of 10 runs keep their draws; 7 files removed")
    assert draws(folder) == ["2024-05-31", "2024-06-05", "2024-06-06"]
    assert len(list(folder.glob("posteriors/tiny/*.json"))) == len(NIGHTS)
    with open_ledger(ledger_address(None, folder)) as ledger:
        found = verify(ledger, folder=folder / "posteriors")
        assert (found.passed, found.pruned, found.files) == (True, 7, 13)
        assert said(ledger) == before
    checked = command(folder, "ledger", "verify")
    assert "13 files (7 more pruned)" in checked.stdout
    again = prune_workspace(folder, nights=2)
    assert again.files == ()
    with open_ledger(ledger_address(None, folder)) as ledger:
        assert verify(ledger).entries == len(NIGHTS) + 1


def test_what_is_scored_at_its_opening_stays(folder: Path) -> None:
    assert command(folder, "resolve", "pact", "--on", "2024-06-20").exit_code == 0
    prune_workspace(folder, nights=1)
    assert draws(folder) == ["2024-05-28", "2024-05-31", "2024-06-06"]


def test_a_file_that_is_lost_is_still_missed_and_one_put_back_is_verified(
    folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder / "posteriors", copy)
    prune_workspace(folder, nights=2)
    (lost,) = folder.glob("posteriors/tiny/2024-06-06-*.nc")
    lost.unlink()
    with open_ledger(ledger_address(None, folder)) as ledger:
        (fault,) = verify(ledger, folder=folder / "posteriors").faults
        assert f"{lost.name} of entry 10 cannot be read" in fault
        shutil.copytree(copy, folder / "posteriors", dirs_exist_ok=True)
        note = folder / "posteriors" / ".ledger-head"
        assert note.exists()
        found = verify(ledger, folder=folder / "posteriors")
        assert (found.passed, found.pruned) == (True, 0)
        (back,) = folder.glob("posteriors/tiny/2024-05-28-*.nc")
        back.write_bytes(b"forged")
        assert not verify(ledger, folder=folder / "posteriors").passed


def test_a_pruned_run_is_still_taken_as_published(folder: Path) -> None:
    prune_workspace(folder, nights=1)
    (run,) = update(folder, Request(as_of=NIGHTS[0].isoformat()))
    assert run.head.startswith("1:")
    assert draws(folder) == ["2024-05-31", "2024-06-06"]


def test_leftovers_of_killed_jobs_go_and_what_is_being_written_stays(folder: Path) -> None:
    old, new = (folder / "posteriors" / "tiny" / f".a-{n}.part.nc" for n in "xy")
    for file in (old, new):
        file.write_bytes(b"part")
    os.utime(old, (0, 0))
    found = prune_workspace(folder)
    assert found.leftovers == ("tiny/.a-x.part.nc",)
    assert (old.exists(), new.exists()) == (False, True)


def test_the_last_run_is_always_kept(folder: Path) -> None:
    done = command(folder, "prune", "--keep", "0")
    assert (done.exit_code, "--keep: is below 1" in done.stderr) == (2, True)
