"""All notebooks are pages of the site, which runs them and holds them to the outputs they keep.

``.ci/run`` builds the site: every cell is executed there, and an error or a warning stops it.
"""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.contract.repository import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [
    "calibration_in_tests",
    "coding_evidence",
    "extending_pymc",
    "first_forecast",
    "from_an_article",
    "replay_2024",
]
FEWEST_WORDS = 200


def cells(notebook: Path, kind: str) -> list[dict[str, Any]]:
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_the_notebooks_are_these() -> None:
    assert [notebook.stem for notebook in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_prose_with_code_that_parses(notebook: Path) -> None:
    words = " ".join(source(cell) for cell in cells(notebook, "markdown")).split()
    assert len(words) >= FEWEST_WORDS
    for cell in cells(notebook, "code"):
        ast.parse(source(cell))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_of_a_notebook_lead_somewhere(notebook: Path) -> None:
    text = "\n".join(source(cell) for cell in cells(notebook, "markdown"))
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [target for target in targets if not (FOLDER / target).exists()] == []


def test_the_site_shows_and_runs_every_notebook() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8").splitlines()
    assert [name for name in NAMES if f"notebooks/{name}" not in index] == []
    settings = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8").splitlines()
    assert {'nb_execution_mode = "force"', "nb_execution_raise_on_error = True"} <= set(settings)
    assert "sphinx-build -W" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_picture_of_the_docs_is_compared_by_a_test() -> None:
    tests = (ROOT / "tests" / "plot" / "test_pictures.py").read_text(encoding="utf-8")
    shown = {path.stem for path in (ROOT / "docs" / "pictures").glob("*.png")}
    page = (ROOT / "docs" / "plots.md").read_text(encoding="utf-8")
    assert shown == set(re.findall(r"\(pictures/(\w+)\.png\)", page))
    assert [name for name in shown if f'"{name}"' not in tests] == []
