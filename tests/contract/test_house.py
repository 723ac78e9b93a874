"""The shape of the code: floors, sizes, the map."""

import re
import tomllib

import pytest

from tests.contract.architecture import listed, module_list
from tests.contract.repository import PACKAGE, ROOT, module_files, module_name

MOST_LINES = 500
"""One of 400 is worth a look, since it may be two; what makes sense together stands together."""


def test_every_package_stands_on_a_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (c for c in contracts["contracts"] if c["type"] == "layers")
    floors = {name.strip() for floor in layers["layers"] for name in floor.split("|")}
    tree = {module_name(file).split(".")[1] for file in module_files() if file.parent != PACKAGE}
    tree |= {file.stem for file in PACKAGE.glob("*.py") if not file.stem.startswith("__")}
    optional = {name for name in floors if name.startswith("(")}  # may be built, need not yet
    assert floors - optional <= tree
    assert tree <= {name.strip("()") for name in floors}


def test_the_floors_of_the_page_are_those_that_import_linter_checks() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (c for c in contracts["contracts"] if c["type"] == "layers")
    checked = [{name.strip(" ()") for name in floor.split("|")} for floor in layers["layers"]]
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == checked


def test_every_package_has_an_init() -> None:
    folders = {file.parent for file in module_files()}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_no_module_is_too_long() -> None:
    lengths = {module_name(file): len(file.read_text().splitlines()) for file in module_files()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_the_map_shows_the_tree() -> None:
    """Run ``python -m tests.contract.architecture`` where this fails."""
    assert listed() == module_list()


@pytest.mark.parametrize("folder", ["priors", "evidence"])
def test_declarations_hold_no_python(folder: str) -> None:
    assert list((ROOT / folder).rglob("*.py")) == []
