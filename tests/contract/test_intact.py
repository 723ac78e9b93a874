"""Another distribution's files inside the package are found out at import, and named."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.intact import OWN
from tests.contract.repository import PACKAGE, ROOT


def put_in(site: Path, name: str, files: dict[str, str]) -> None:
    """Install a distribution as pip would: its files, and the list of them."""
    info = site / f"{name}-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1\n")
    for file, text in files.items():
        (site / file).write_text(text)
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the package in it."""
    folder = tmp_path / "site"
    shutil.copytree(PACKAGE, folder / "forecast", ignore=shutil.ignore_patterns("__pycache__"))
    put_in(folder, "eventcast", {"forecast/py.typed": ""})
    return folder


def imported(site: Path, code: str = "import forecast; forecast.ForecastError") -> str:
    """Return the last line of what a fresh interpreter says."""
    probe = f"import sys; sys.path.insert(0, {str(site)!r}); {code}"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-S", "-c", probe],  # nothing else is installed
        capture_output=True,
        text=True,
        check=False,
        cwd=site,
    )
    return (done.stderr.strip().splitlines() or [""])[-1]


COMMAND = "import forecast.errors"
"""What every module of the command reaches, whoever's the package's own __init__ is."""


def test_the_package_alone_is_imported_without_a_word(site: Path) -> None:
    assert imported(site) == ""
    (site / "forecast" / "notes.txt").write_text("somebody's own, of no distribution")
    assert imported(site) == ""


@pytest.mark.parametrize("code", ["import forecast; forecast.ForecastError", COMMAND])
def test_files_of_another_distribution_are_named_with_the_way_out(site: Path, code: str) -> None:
    put_in(site, "forecast", {"forecast/models.py": "", "forecast/settings.py": ""})
    words = imported(site, code)
    assert words.startswith("ImportError: another distribution has files inside the package")
    assert "forecast has forecast/models.py, forecast/settings.py" in words
    assert "pip uninstall -y forecast; then pip install --force-reinstall" in words


def test_an_init_that_another_distribution_wrote_over_is_named_by_the_command(site: Path) -> None:
    put_in(site, "forecast", {"forecast/__init__.py": "VERSION = 1\n"})
    assert "forecast has forecast/__init__.py" in imported(site, COMMAND)


def without_init(package: Path) -> None:
    (package / "__init__.py").unlink()


def without_errors(package: Path) -> None:
    (package / "seeds.py").unlink()


@pytest.mark.parametrize("remove", [without_init, without_errors])
def test_files_that_a_removal_took_along_are_missed_by_the_command(
    site: Path, remove: Callable[[Path], None]
) -> None:
    remove(site / "forecast")
    words = imported(site, COMMAND)
    assert "is not whole: files are missing" in words
    assert "pip install --force-reinstall --no-deps eventcast" in words


def test_what_is_installed_is_not_asked_where_nothing_looks_wrong() -> None:
    probe = "import sys, forecast; print('importlib.metadata' in sys.modules)"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-S", "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "False\n"


def test_the_list_of_files_is_that_of_the_folder() -> None:
    here = {path.name for path in PACKAGE.iterdir()} - {"__pycache__", "_library"}
    assert here == OWN


def test_the_command_has_a_second_name_that_no_other_package_takes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"]["eventcast"] == project["scripts"]["forecast"]


@pytest.mark.parametrize("name", ["eventcast", "forecast"])
def test_each_name_is_its_own_in_help(name: str) -> None:
    probe = f"import sys; sys.argv = ['/bin/{name}', '--help']; import forecast.cli.main as m"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"{probe}; m.main()"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"Usage: {name} ")
