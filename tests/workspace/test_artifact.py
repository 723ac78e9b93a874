"""A saved run is whole, and tells when it is damaged."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from forecast.errors import ForecastError
from forecast.estimate._groups import groups_of
from forecast.estimate._netcdf import as_netcdf
from forecast.gate import Check, Gate
from forecast.ledger import ForecastRecord
from forecast.time import parse_instant
from forecast.workspace._run import (
    Manifest,
    PosteriorFile,
    folder_of_runs,
    read_manifest,
    save,
    verify,
)
from tests.workspace.samples import draws_tree

DRAWS = as_netcdf(groups_of(draws_tree()))


def describe(posterior: PosteriorFile, run: str = "tiny/a") -> Manifest:
    return Manifest(
        run=run,
        key="0" * 64,
        network="tiny",
        title="",
        as_of="2024-07-01",
        as_of_from="today",
        items=0,
        items_seen=0,
        deadlines_passed=(),
        method="importance",
        seed=1,
        draws=64,
        gate=Gate(()),
        forecasts=(),
        posterior=posterior,
        versions={"eventcast": "0"},
    )


def test_a_saved_run_verifies_and_leaves_nothing_else(tmp_path: Path) -> None:
    path, manifest = save(tmp_path, "a", DRAWS, describe)
    assert verify(path) == manifest
    names = {file.name for file in path.parent.iterdir()}
    assert names == {"a.nc", "a.json"}


def test_a_manifest_from_before_errors_of_ends_were_kept_still_reads(tmp_path: Path) -> None:
    by = parse_instant("2024-12-31")
    told = ForecastRecord("pact", by, 0.3, 0.1, 0.6, 0.001, 0.2, by, "", 0.002, 0.004, "A pact")
    path, manifest = save(
        tmp_path, "a", DRAWS, lambda file: describe(file).model_copy(update={"forecasts": (told,)})
    )
    assert verify(path) == manifest
    old = json.loads(path.read_text(encoding="utf-8"))
    for name in ("lower_mcse", "upper_mcse"):
        del old["forecasts"][0][name]
    path.write_text(json.dumps(old), encoding="utf-8")
    (read,) = read_manifest(path).forecasts
    assert read == replace(told, lower_mcse=None, upper_mcse=None)
    assert read.title == "A pact"


def test_a_figure_that_is_not_finite_is_null_in_the_file_and_no_number_again(
    tmp_path: Path,
) -> None:
    gate = Gate((Check("ess", math.nan, 400.0, False), Check("khat", math.inf, 0.7, False)))
    path, _ = save(
        tmp_path, "a", DRAWS, lambda file: describe(file).model_copy(update={"gate": gate})
    )
    stated = json.loads(path.read_text(encoding="utf-8"))["gate"]
    assert (stated["passed"], stated["forced"]) == (False, True)
    assert stated["checks"][0] == {"name": "ess", "value": None, "limit": 400.0, "passed": False}
    read = read_manifest(path).gate
    assert [check.name for check in read.checks] == ["ess", "khat"]
    assert all(math.isnan(check.value) for check in read.checks)


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_one_flipped_bit_anywhere_is_noticed(tmp_path: Path, place: float) -> None:
    path, _ = save(tmp_path, "a", DRAWS, describe)
    posterior = tmp_path / "a.nc"
    raw = bytearray(posterior.read_bytes())
    raw[int(place * len(raw))] ^= 1
    posterior.write_bytes(bytes(raw))
    with pytest.raises(ForecastError, match=r"a\.nc: the file is damaged"):
        verify(path)


def test_a_missing_posterior_is_noticed(tmp_path: Path) -> None:
    path, _ = save(tmp_path, "a", DRAWS, describe)
    (tmp_path / "a.nc").unlink()
    with pytest.raises(ForecastError, match="cannot be read: No such file"):
        verify(path)


def test_a_cut_off_manifest_is_named(tmp_path: Path) -> None:
    path, _ = save(tmp_path, "a", DRAWS, describe)
    path.write_text(path.read_text()[:40])
    with pytest.raises(ForecastError, match=r"a\.json: is no whole manifest"):
        verify(path)


def test_a_run_from_before_there_was_a_choice_of_clock_went_by_publication(tmp_path: Path) -> None:
    path, manifest = save(tmp_path, "a", DRAWS, describe)
    kept = json.loads(path.read_text())
    del kept["known"]
    path.write_text(json.dumps(kept))
    assert verify(path) == manifest
    assert manifest.known == "published"


def test_a_run_that_the_ledger_does_not_name_is_replaced(tmp_path: Path) -> None:
    save(tmp_path, "a", DRAWS, describe)
    (tmp_path / "a.nc").write_bytes(b"other")
    path, second = save(tmp_path, "a", DRAWS, lambda file: describe(file, run="other"))
    assert verify(path) == second
    assert second.run == "other"


def test_a_write_that_fails_half_way_leaves_no_file(tmp_path: Path) -> None:
    def fail(posterior: PosteriorFile) -> Manifest:
        raise RuntimeError(posterior.file)

    with pytest.raises(RuntimeError, match=r"a\.nc"):
        save(tmp_path, "a", DRAWS, fail)
    assert not (tmp_path / "a.json").exists()
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*.part"))


def test_the_remains_of_a_broken_run_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.nc").write_bytes(b"half a file")
    path, _ = save(tmp_path, "a", DRAWS, describe)
    verify(path)


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "tiny").write_text("a file where the folder should be")
    refused = pytest.raises(ForecastError, match="the run cannot be saved")
    with refused, folder_of_runs(tmp_path / "tiny"):
        pass


def test_a_folder_that_another_job_keeps_is_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forecast.workspace._run.PATIENCE", 0.2)
    refused = pytest.raises(ForecastError, match="another job has kept the folder for 0 seconds")
    with folder_of_runs(tmp_path), refused, folder_of_runs(tmp_path):
        pass
