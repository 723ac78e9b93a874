"""What is published is what was estimated: files that are there are held against the ledger."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from forecast.errors import ForecastError, LedgerError
from forecast.ledger import ledger_address, open_ledger, run_heads, run_inputs, said, verify
from forecast.workspace import _update as job
from forecast.workspace._draws import saved_draws
from forecast.workspace._found import as_published, published
from forecast.workspace._history import open_kept
from forecast.workspace._settings import Request
from forecast.workspace._update import attempt, update
from tests.workspace.samples import never_estimate, write_workspace

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    never_estimate(monkeypatch)
    return write_workspace(tmp_path)


def unpublished(folder: Path, monkeypatch: pytest.MonkeyPatch, request: Request) -> Path:
    """Leave a run as a job does that is killed before it publishes; return its manifest."""

    def fail(*_: object) -> None:
        raise LedgerError("the power went")

    before = set(manifests(folder))
    with monkeypatch.context() as patch:
        patch.setattr(job, "publish", fail)
        with pytest.raises(LedgerError):
            update(folder, request)
    (path,) = set(manifests(folder)) - before
    return path


def manifests(folder: Path) -> list[Path]:
    return sorted(folder.glob("posteriors/tiny/*.json"))


def told(folder: Path) -> set[float]:
    with open_ledger(ledger_address(None, folder)) as ledger:
        assert verify(ledger, folder=folder / "posteriors").passed
        return {each.forecast.probability for each in said(ledger)}


def test_a_manifest_changed_by_hand_is_not_published_and_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = unpublished(folder, monkeypatch, Request())
    text = path.read_text()
    assert '"mean": 0.6,' in text
    path.write_text(text.replace('"mean": 0.6,', '"mean": 0.999,'))
    (note,) = attempt(folder, Request()).notes
    assert "is at 0.999, not 0.6. It was set aside as" in note
    assert told(folder) == {0.004, 0.6}
    assert '"mean": 0.999,' in path.with_name(f"{path.name}.refused").read_text()


def test_a_manifest_copied_to_another_date_is_not_published_and_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = unpublished(folder, monkeypatch, Request(as_of="2024-06-01"))
    later = unpublished(folder, monkeypatch, Request(as_of="2024-07-01"))
    shutil.copy(earlier, later)
    (note,) = attempt(folder, Request(as_of="2024-07-01")).notes
    assert "its run is tiny/2024-06-01-" in note
    told(folder)


def test_draws_put_in_the_place_of_others_are_not_published(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = unpublished(folder, monkeypatch, Request())
    path.with_suffix(".nc").write_bytes(b"forged")
    update(folder, Request())
    told(folder)


@pytest.mark.parametrize("ending", [".json", ".nc"])
def test_a_published_run_that_was_changed_is_refused_and_stays_as_it_is(
    folder: Path, ending: str
) -> None:
    (run,) = update(folder, Request())
    file = run.path.with_suffix(ending)
    changed = file.read_bytes().replace(b"0", b"1", 1)
    file.write_bytes(changed)
    refused = pytest.raises(
        ForecastError, match=r"damaged or was changed.*files of entry 1 from a copy"
    )
    with refused:
        update(folder, Request())
    assert file.read_bytes() == changed
    for each in (run.path, run.path.with_suffix(".nc")):
        each.unlink()
    update(folder, Request())
    assert told(folder)


def test_a_published_run_with_a_file_missing_is_refused(folder: Path) -> None:
    (run,) = update(folder, Request())
    run.path.with_suffix(".nc").unlink()
    with pytest.raises(ForecastError, match="cannot be read: No such file"):
        update(folder, Request())


def test_lost_files_are_not_replaced_by_another_estimate(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = update(folder, Request())
    for file in (run.path, run.path.with_suffix(".nc")):
        file.unlink()
    monkeypatch.setattr("tests.workspace.samples.np.linspace", lambda *_: np.array([0.004, 0.999]))
    with pytest.raises(ForecastError, match=r"is not what was published: .*0\.6"):
        update(folder, Request())
    assert manifests(folder) == []


def test_a_run_that_another_job_publishes_meanwhile_is_taken_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = job.estimated

    def slow(*arguments):
        monkeypatch.setattr(job, "estimated", before)
        update(folder, Request())
        return before(*arguments)

    monkeypatch.setattr(job, "estimated", slow)
    (run,) = update(folder, Request())
    assert run.head.startswith("1:")
    told(folder)


def test_one_changed_byte_of_a_run_is_found_by_whoever_reads_it(
    folder: Path,
) -> None:
    """Every byte of the manifest and of the draws: where a run is taken again, and where asked."""
    (made,) = update(folder, Request())
    with open_kept(folder) as kept:
        (head,) = run_heads(kept.ledger)
        known = published(kept.ledger, made.manifest.key)
        assert known is not None
        inputs = run_inputs(kept.ledger, head.entry)
        for file in (made.path, made.path.with_suffix(".nc")):
            whole = file.read_bytes()
            assert len(whole) > 1_000
            with file.open("r+b", buffering=0) as stream:
                for place, byte in enumerate(whole):
                    stream.seek(place)
                    stream.write(bytes([byte ^ 1]))
                    with pytest.raises(ForecastError, match="damaged"):
                        as_published(made.path, *known, dict)
                    if file.suffix == ".nc":
                        with pytest.raises(ForecastError, match="damaged"):
                            saved_draws(kept, inputs)
                    stream.seek(place)
                    stream.write(bytes([byte]))
        assert as_published(made.path, *known, dict) == made.manifest
