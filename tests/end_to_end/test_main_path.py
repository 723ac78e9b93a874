"""The main job as a user runs it, inference included."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.estimate._netcdf import read_tree
from forecast.ledger import ForecastRecord
from forecast.workspace._run import Manifest, verify
from tests.end_to_end.readme_table import copy_workspace, shown
from tests.workspace.samples import write_workspace

README_ROUNDING = 0.005
"""The page shows whole per cents at the coarsest."""

OTHER_PLATFORM = 0.01
"""Another platform's arithmetic may resample a few draws otherwise."""


def update(folder: Path, *options: str) -> Manifest:
    """Run the job in a process of its own; return its only run."""
    command = [sys.executable, "-m", "forecast", "update", "--json", "--workspace", str(folder)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(done.stdout)["runs"]
    return Manifest.model_validate_json(json.dumps(run))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = write_workspace(tmp_path_factory.mktemp("small"))
    return folder, update(folder, "--draws", "4096")


def test_a_run_is_kept_whole_and_can_be_read_back(small: tuple[Path, Manifest]) -> None:
    folder, manifest = small
    path = folder / "posteriors" / f"{manifest.run}.json"
    assert verify(path) == manifest
    tree = read_tree(path.with_suffix(".nc"))
    assert {"prior", "posterior", "log_likelihood", "predictions"} <= set(tree.children)


def test_a_report_of_troops_makes_troops_more_probable(small: tuple[Path, Manifest]) -> None:
    (troops,) = (forecast for forecast in small[1].forecasts if forecast.event == "troops")
    assert troops.prior is not None
    assert troops.mcse is not None
    assert troops.probability > troops.prior + 5 * troops.mcse


def test_half_a_year_without_a_pact_makes_it_less_probable(small: tuple[Path, Manifest]) -> None:
    (pact,) = (forecast for forecast in small[1].forecasts if forecast.event == "pact")
    assert pact.prior is not None
    assert pact.probability < pact.prior - 0.05


def test_another_process_finds_the_same_numbers(
    small: tuple[Path, Manifest], tmp_path: Path
) -> None:
    again = update(write_workspace(tmp_path), "--draws", "4096")
    assert again.key == small[1].key
    assert again.forecasts == small[1].forecasts


def test_bad_input_ends_with_a_message_and_no_stack_trace(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "forecast", "update", "--workspace", str(tmp_path / "nowhere")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 2
    assert "there is no workspace here" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_readme_shows_what_this_repository_forecasts(tmp_path: Path) -> None:
    copy_workspace(tmp_path)
    found = {(f.title, f.by): f for f in update(tmp_path).forecasts}
    claims = shown()
    assert len(claims) >= 15
    wrong = {claim: value for claim, value in claims.items() if not _near(found[claim], value)}
    assert wrong == {}


def _near(forecast: ForecastRecord, claimed: str) -> bool:
    edge = {"<": 0.005, ">": 0.995}.get(claimed[0])
    value = edge or float(claimed.removesuffix("%")) / 100
    return abs(forecast.probability - value) <= README_ROUNDING + OTHER_PLATFORM
