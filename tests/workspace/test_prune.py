"""Pruning keeps what its rule says, loses nothing that was said, and verification knows of it."""

import json
import os
import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import forecast.workspace._prune as prune_module
from forecast.cli.main import cli
from forecast.files._workspace_file import KEPT_NIGHTS
from forecast.ledger import ledger_address, open_ledger, run_heads, said, verify
from forecast.workspace._history import named_run, open_kept
from forecast.workspace._prune import prune_workspace
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE, never_estimate, write_workspace

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL

NIGHTS = [date(2024, 5, 28) + timedelta(days=n) for n in range(10)]
"""An item is published on the fifth; the others are quiet."""

ALL_KEPT = WORKSPACE + '\n[output]\nkeep_nights = "all"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    never_estimate(monkeypatch)
    return nights_of(write_workspace(tmp_path / "here", {"forecast.toml": ALL_KEPT}))


def nights_of(folder: Path, nights: Sequence[date] = NIGHTS) -> Path:
    for night in nights:
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
    assert json.loads(trial.stdout)["kept"] == 2
    assert len(draws(folder)) == len(NIGHTS)
    done = command(folder, "prune", "--keep", "2")
    assert done.stdout.splitlines()[-1].startswith("2 of 10 runs keep their draws; 8 files removed")
    assert draws(folder) == ["2024-05-31", "2024-06-06"]
    assert len(list(folder.glob("posteriors/tiny/*.json"))) == len(NIGHTS)
    with open_ledger(ledger_address(None, folder)) as ledger:
        found = verify(ledger, folder=folder / "posteriors")
        assert (found.passed, found.pruned, found.files) == (True, 8, 12)
        assert said(ledger) == before
    checked = command(folder, "ledger", "verify")
    assert "12 files (8 more pruned)" in checked.stdout
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
    old, new = (
        folder / "posteriors" / "tiny" / f".a-{n}.part.nc" for n in ("1a2b3c4d", "5e6f7a8b")
    )
    for file in (old, new):
        file.write_bytes(b"part")
    os.utime(old, (0, 0))
    found = prune_workspace(folder)
    assert found.leftovers == ("tiny/.a-1a2b3c4d.part.nc",)
    assert (old.exists(), new.exists()) == (False, True)


def test_the_last_run_is_always_kept(folder: Path) -> None:
    done = command(folder, "prune", "--keep", "0")
    assert (done.exit_code, "--keep: is below 1" in done.stderr) == (2, True)


def with_lines(folder: Path, **texts: str) -> Path:
    """Put texts in the place of files of the sample workspace."""
    names = {"toml": "forecast.toml", "network": "priors/tiny.yaml", "items": "evidence/items.csv"}
    return write_workspace(folder, {names[key]: text for key, text in texts.items()})


def test_an_update_keeps_the_nights_on_which_anything_but_the_date_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = nights_of(write_workspace(tmp_path))
    first, month_end, news, last = "2024-05-28", "2024-05-31", "2024-06-01", "2024-06-06"
    assert draws(folder) == [first, month_end, news, last]
    with_lines(folder, network=NETWORK.replace("20% [10%, 40%]", "25% [10%, 40%]"))
    nights_of(folder, [date(2024, 6, 7), date(2024, 6, 8)])
    changed = "2024-06-07"
    with_lines(folder, items=EVIDENCE.replace("e1,2024-05-01", "e1,2024-05-02"))
    nights_of(folder, [date(2024, 6, 9), date(2024, 6, 10)])
    revised = "2024-06-09"
    assert draws(folder) == [first, month_end, news, changed, revised, "2024-06-10"]
    with open_ledger(ledger_address(None, folder)) as ledger:
        assert verify(ledger, folder=folder / "posteriors").passed
        assert len({each.entry for each in said(ledger)}) == len(NIGHTS) + 4  # all that was said


def test_a_deadline_that_passes_makes_no_night_one_of_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    nights_of(folder, [date(2024, 3, 29), date(2024, 3, 30), date(2024, 4, 1), date(2024, 4, 2)])
    assert draws(folder) == ["2024-03-29", "2024-03-30", "2024-04-02"]  # the second ends a month


def test_keep_nights_says_how_many_and_all_keeps_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    two = WORKSPACE + "\n[output]\nkeep_nights = 2\n"
    folder = nights_of(write_workspace(tmp_path, {"forecast.toml": two}))
    assert draws(folder) == ["2024-05-31", "2024-06-06"]
    assert KEPT_NIGHTS == 30
    (folder / "forecast.toml").write_text(ALL_KEPT, encoding="utf-8")
    nights_of(folder, [date(2024, 6, 7), date(2024, 6, 8)])
    assert draws(folder) == ["2024-05-31", "2024-06-06", "2024-06-07", "2024-06-08"]


@pytest.mark.parametrize("value", ["0", "-1", "2.5", "true", '"some"', "[30]"])
def test_what_is_no_number_of_nights_is_a_fault_with_its_line(tmp_path: Path, value: str) -> None:
    folder = write_workspace(
        tmp_path, {"forecast.toml": WORKSPACE + f"\n[output]\nkeep_nights = {value}\n"}
    )
    told = command(folder, "check")
    assert told.exit_code == 2
    assert "forecast.toml:11: output.keep_nights: is no number of nights" in told.stderr
    assert 'such as 30, or "all" to keep all.' in told.stderr


def test_an_update_says_last_of_all_what_it_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = nights_of(write_workspace(tmp_path), NIGHTS[:2])
    log = tmp_path / "job.jsonl"
    told = command(folder, "update", "--as-of", str(NIGHTS[2]), "--log", str(log))
    assert told.stdout.splitlines()[-1].startswith("2 of 3 runs keep their draws; 1 file removed")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    (line,) = [line for line in lines if line["what"] == "pruned"]
    assert line["files"][0].startswith("tiny/2024-05-29-")
    again = command(folder, "update", "--as-of", str(NIGHTS[2]), "--json")
    assert json.loads(again.stdout)["pruned"] == []


def test_a_past_date_that_is_asked_for_keeps_its_draws_until_the_next_run(folder: Path) -> None:
    (folder / "forecast.toml").write_text(WORKSPACE, encoding="utf-8")
    nights_of(folder, [date(2024, 5, 3)])
    assert "2024-05-03" in draws(folder)  # of a month of its own
    nights_of(folder, [date(2024, 5, 4)])  # quiet, before the last: but just asked for
    assert "2024-05-04" in draws(folder)
    nights_of(folder, [date(2024, 6, 7)])
    assert "2024-05-04" not in draws(folder)


def test_draws_that_cannot_be_removed_fail_the_job_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = nights_of(write_workspace(tmp_path), NIGHTS[:2])

    class Fixed(type(folder)):  # type: ignore[misc]
        def unlink(self, *, missing_ok: bool = False) -> None:
            assert missing_ok
            raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        remove = prune_module._remove
        patch.setattr(
            prune_module,
            "_remove",
            lambda kept, files, paths: remove(kept, files, map(Fixed, paths)),
        )
        told = command(folder, "update", "--as-of", str(NIGHTS[2]))
    assert told.exit_code == 1
    assert "the pruning of draws: " in told.stderr
    with open_kept(folder) as kept:
        assert named_run(run_heads(kept.ledger), "last").entry == 3
    nights_of(folder, NIGHTS[3:4])  # which removes what stayed
    assert draws(folder) == ["2024-05-28", "2024-05-31"]


MANIFEST, LEDGER_NIGHT, DRAWS, REASONS = 56_000, 24_000, 7_600_000, 760_000
"""Bytes of a night of the shipped network, at most: see docs/ledger.md. Each is measured below."""

PASS = 22_000_000
OPENINGS = 20


def test_a_year_of_the_shipped_network_takes_less_than_a_gigabyte_by_the_rule() -> None:
    """Whatever the news: the draws of 30 nights, of a year's months, and of opened questions."""
    with_draws = KEPT_NIGHTS + 13 + OPENINGS
    year = 365 * (MANIFEST + LEDGER_NIGHT) + with_draws * (DRAWS + REASONS) + PASS
    assert year < 1_000_000_000
    quiet = 365 * (MANIFEST + LEDGER_NIGHT) + 14 * (DRAWS + REASONS) + PASS
    assert quiet < 200_000_000
