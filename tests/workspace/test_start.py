"""A new workspace holds together as it is, whatever the day."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from forecast.errors import ForecastError, InputError
from forecast.workspace._contents import read_contents
from forecast.workspace._start import start_example, start_workspace
from tests.contract.repository import ROOT

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


def test_the_example_is_the_librarys_own_workspace(tmp_path: Path) -> None:
    written = start_example(tmp_path / "new")
    names = {path.as_posix() for path in written}
    assert {"forecast.toml", "priors/nato_rok.yaml", "priors/sources.yaml"} <= names
    assert all(
        (tmp_path / "new" / path).read_bytes() == (ROOT / path).read_bytes() for path in written
    )
    (inputs,) = read_contents(tmp_path / "new").inputs
    assert inputs.network.name == "nato_rok"


def test_what_cannot_be_written_whole_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, left = Path.write_text, 2

    def full(path: Path, text: str, **how: str) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            write(path, text[: len(text) // 2], **how)
            raise OSError(28, "No space left on device")
        return write(path, text, **how)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ForecastError, match="cannot be written: No space left on device"):
        start_workspace(tmp_path / "new")
    assert list((tmp_path / "new").rglob("*")) == []


def test_the_wheel_carries_the_example_and_the_guide() -> None:
    """`start_example` and the assistant look in the package for what the build puts there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert carried == {
        part: f"forecast/_library/{part}"
        for part in ("priors", "evidence", "forecast.toml", "docs/coding-guide.md")
    }
