"""A new workspace holds together as it is, whatever the day."""

from datetime import date
from pathlib import Path

import pytest

from forecast.errors import ForecastError, InputError
from forecast.workspace.contents import read_contents
from forecast.workspace.start import start_workspace

FILES = ["evidence/items.csv", "explore.ipynb", "forecast.toml", "priors/tram.yaml"]


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 11, 23), date(2030, 12, 31)])
def test_it_is_sound_on_any_day(tmp_path: Path, today: date) -> None:
    written = start_workspace(tmp_path / "new", today=today)
    assert [path.as_posix() for path in written] == FILES
    (inputs,) = read_contents(tmp_path / "new").inputs
    assert (len(inputs.network.events), len(inputs.evidence)) == (3, 2)
    assert not any("@" in (tmp_path / "new" / path).read_text() for path in written)


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    start_workspace(tmp_path)
    assert (tmp_path / "forecast.toml").exists()


@pytest.mark.parametrize("place", ["full", "file"])
def test_nothing_that_is_there_is_touched(tmp_path: Path, place: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="is not an empty folder"):
        start_workspace(tmp_path / place)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ForecastError, match="cannot be written"):
        start_workspace(tmp_path / "file" / "below")
