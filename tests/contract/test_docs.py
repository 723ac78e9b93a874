"""Documentation cannot drift: commands, settings and command lines are held to the code."""

import re
from types import FunctionType, ModuleType

import click
import pytest

import forecast
import forecast.backtest
import forecast.calibration
import forecast.crowd
import forecast.layout
import forecast.plot
import forecast.scoring
import forecast.testing
from forecast.cli.main import COMMANDS, cli
from forecast.files._workspace_file import TABLES
from tests.contract.repository import ROOT

PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
]
RUN_BY_TESTS = {
    "README.md": "tests/end_to_end/test_readme_snippet.py",
    "docs/calibration.md": "tests/calibration_scores/test_fivethirtyeight.py",
    "docs/inbox.md": "tests/contract/test_inbox_page.py",
    "docs/inbox-review.md": "tests/workspace/test_inbox_page.py",
    "docs/jobs.md": "tests/contract/test_jobs_page.py",
    "docs/ledger.md": "tests/ledger/test_page.py",
    "docs/moving-from.md": "tests/contract/test_moving_page.py",
}
README = (ROOT / "README.md").read_text(encoding="utf-8")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def all_commands() -> dict[str, click.Command]:
    """Return every command by its words, those of groups included."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        top = command(name)
        parts = top.commands if isinstance(top, click.Group) else {}
        found |= {name: top, **{f"{name} {part}": below for part, below in parts.items()}}
    return found


def section(page: str, heading: str) -> str:
    """Return the part of a page below a heading, up to the next of the same level."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert f"\n## {heading}\n" in text
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", all_commands())
def test_every_command_and_option_has_help(name: str) -> None:
    found = all_commands()[name]
    assert found.name == name.rsplit(maxsplit=1)[-1]
    assert found.help
    options = [p for p in found.params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("name", all_commands())
def test_every_command_and_option_has_its_place_in_the_docs(name: str) -> None:
    text = section("command-line.md", f"forecast {name.split(maxsplit=1)[0]}")
    assert f"forecast {name}" in text or " " not in name
    found = all_commands()[name]
    options = [o for p in found.params if isinstance(p, click.Option) for o in p.opts]
    assert [option for option in options if f"`{option}" not in text] == []


@pytest.mark.parametrize(
    "name",
    sorted(
        {*all_commands()}
        - {"export", "import", "inbox", "inbox review", "ledger", "ledger export", "mcp", "schema"}
    ),
)
def test_every_command_that_prints_a_table_has_json(name: str) -> None:
    """A group prints nothing; an export and a schema are JSON as they are; a review asks.

    What speaks to assistants answers in JSON as it is.
    """
    found = all_commands()[name]
    assert "--json" in [o for p in found.params if isinstance(p, click.Option) for o in p.opts]


@pytest.mark.parametrize("table", TABLES)
def test_every_key_of_the_workspace_file_has_its_place_in_the_docs(table: str) -> None:
    text = section("workspace.md", "forecast.toml")
    keys = [f"{table}.{key}" for key in TABLES[table]]
    assert [key for key in keys if f"`{key}`" not in text] == []


def test_the_checks_run_the_readmes_test_command() -> None:
    (tests,) = re.findall(r"^(python3 -m pip install uv && .*pytest.*)$", README, re.MULTILINE)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert f"readme_tests() {{\n    {tests}\n}}" in script
    assert re.search(r"^readme_tests \|& tee .* \|\| tested=", script, re.MULTILINE)
    assert script.endswith('\nexit "$tested"\n')


def test_the_readme_gives_the_main_job_in_one_line() -> None:
    assert re.search(
        r"^python3 -m pip install uv && python3 -m uv run --frozen forecast update$",
        README,
        re.MULTILINE,
    )


@pytest.mark.parametrize(
    "home",
    [
        forecast,
        forecast.backtest,
        forecast.scoring,
        forecast.calibration,
        forecast.crowd,
        forecast.layout,
        forecast.plot,
        forecast.testing,
    ],
    ids=lambda home: home.__name__,
)
def test_every_public_name_has_its_place_in_the_reference(home: ModuleType) -> None:
    pages = (ROOT / "docs" / "api").glob("*.rst")
    page = "\n".join(each.read_text(encoding="utf-8") for each in pages)
    listed = set(
        re.findall(rf"^\.\. auto\w+:: {re.escape(home.__name__)}\.(\w+)$", page, re.MULTILINE)
    )
    public = {name for name in home.__all__ if isinstance(getattr(home, name), FunctionType | type)}
    assert public == listed


def test_every_block_of_python_in_the_pages_is_run() -> None:
    """By the build of the site as a code cell, or by the test that the table below names."""
    pages = [page for page in PAGES if "```python" in (ROOT / page).read_text(encoding="utf-8")]
    assert set(pages) == set(RUN_BY_TESTS)
    assert [test for test in RUN_BY_TESTS.values() if not (ROOT / test).exists()] == []


def test_the_checks_build_the_site_with_warnings_as_errors() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^python3 .*sphinx-build -W .*docs site &>", script, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    folder = (ROOT / page).parent
    assert [target for target in targets if not (folder / target).exists()] == []


CELL = re.compile(r"^```\{code-cell\} ipython3\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if CELL.search(text_of(page))])
def test_what_a_page_does_can_be_typed_line_by_line_in_one_shell(page: str) -> None:
    """Nothing that a reader needs is made in another folder."""
    for cell in CELL.findall(text_of(page)):
        if cell.startswith("%%sh"):
            assert not re.search(r"^cd ", cell, re.MULTILINE)
