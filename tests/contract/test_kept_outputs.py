"""What code cells print is kept in the pages; the build of the site holds it to what comes out."""

import importlib.util
import json
import re
from types import ModuleType

import pytest

from tests.contract.repository import ROOT

PAGES = sorted(
    page
    for page in (ROOT / "docs").glob("*.md")
    if "```{code-cell}" in page.read_text(encoding="utf-8")
)
PAGE = """\
# A page

```{code-cell} ipython3
print("```", 1.50)
```

Words.

```{code-cell} ipython3
:tags: [by-day]
x = 2
```
"""


@pytest.fixture(scope="module")
def kept() -> ModuleType:
    file = ROOT / "docs" / "_extensions" / "kept_outputs.py"
    spec = importlib.util.spec_from_file_location("kept_outputs", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("said", ["``` 1.50", "many\n\nlines ````", "<!-- output -->", "\\1 {x}"])
def test_what_is_kept_comes_back_and_leaves_no_trace(kept: ModuleType, said: str) -> None:
    page = kept.with_outputs(PAGE, [said, ""])
    assert kept.kept_in(page) == [said, ""]
    assert kept.without_outputs(page) == PAGE
    assert kept.with_outputs(page, [said, ""]) == page
    assert kept.with_outputs(page, ["", ""]) == PAGE


def test_a_page_is_run_without_its_outputs_and_after_a_cell_that_nobody_sees(
    kept: ModuleType,
) -> None:
    run = kept.prepared(kept.with_outputs(PAGE, ["``` 1.50", ""]))
    assert "<!-- output" not in run
    hidden, *others = kept.CELL.findall(run)
    assert ":tags: [remove-cell]" in hidden
    assert others == kept.CELL.findall(PAGE)
    assert kept.prepared("# No cells\n") == "# No cells\n"


def test_what_a_kernel_sends_twice_is_printed_once(kept: ModuleType) -> None:
    def stream(text: str, name: str = "stdout") -> dict[str, object]:
        return {"output_type": "stream", "name": name, "text": text.splitlines(keepends=True)}

    twice = [stream("a\nb\n"), stream("b\n"), stream("b\n", "stderr"), stream("c\n")]
    assert kept.printed(twice) == "a\nb\nb\nc"
    value = {"output_type": "execute_result", "data": {"text/plain": ["1"]}}
    assert kept.printed([value, value]) == "1\n1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("P 0.1200 [0.10, 0.14]", "P 0.1201 [0.10, 0.14]", True),
        ("P 0.1200", "P 0.1300", False),
        ("P 12%", "P 13%", True),  # two last places
        ("P 12%", "P 15%", False),
        ("P -0.5", "P +0.5", False),
        ("1,234 rows", "1,236 rows", True),
        ("1.5e-03", "1.5e-02", False),
        ("khat 0.1", "ess 0.1", False),
        ("as of 2026-11-30", "as of 2026-12-01", True),
        ("a-2025-06-15-ff95d49277ba.json", "a-2025-06-15-0123456789ab.json", True),
        ("─────  ──", "───  ──", True),
        ("a\nb", "a b", True),
        ("a b", "a b c", False),
        ("", "0.5", False),
        ("item7 on", "item8 on", False),  # part of a name
    ],
)
def test_words_are_the_same_and_numbers_near(
    kept: ModuleType, one: str, other: str, same: bool
) -> None:
    assert kept.alike(one, other) is same
    assert kept.alike(other, one) is same


def test_where_chance_or_the_day_moves_numbers_words_are_held_alone(kept: ModuleType) -> None:
    assert kept.alike("P 0.12 of a", "P 0.87 of a", numbers=False)
    assert not kept.alike("P 0.12 of a", "P 0.87 of b", numbers=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_what_its_cells_print(kept: ModuleType, page: object) -> None:
    text = page.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert text.count(kept.BEGIN) == text.count(kept.END) == len(kept.KEPT.findall(text))
    cells = kept.CELL.findall(text)
    silent = [cell for cell, said in zip(cells, kept.kept_in(text), strict=True) if not said]
    assert len(silent) < len(cells)
    assert [cell for cell in silent if re.search(r"print\(|^forecast ", cell, re.MULTILINE)] == []


def test_no_page_hides_a_cell() -> None:
    hiding = re.compile(r"remove-(cell|input)|hide-(cell|input)")
    assert [page.name for page in PAGES if hiding.search(page.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_a_notebook_has_the_outputs_of_one_run(notebook: object) -> None:
    text = notebook.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert sum(bool(cell["outputs"]) for cell in cells) > len(cells) / 2
    for cell in cells:
        assert not [each for each in cell["outputs"] if each["output_type"] == "error"]
        stderr = [each for each in cell["outputs"] if each.get("name") == "stderr"]
        assert not re.search(r"Warning|Traceback", json.dumps(stderr))
