"""Whatever stands in a file, it cannot steer the terminal, forge a line or be taken for markup."""

import io
import json
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from forecast.cli.main import cli
from forecast.cli.progress import progress
from forecast.cli.table import print_run
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from forecast.workspace._work import Step
from tests.workspace.samples import EVIDENCE, NETWORK, never_estimate, write_workspace

ESCAPES = r"\e[2J\e]0;owned\a\r\b\x9b31m\u202E\u2066\u2028"
"""As YAML writes them: clear the screen, set the title, go back, turn the line round, break it."""

FORGED = r"\nWARNING: all is well\nok: forged: 1 events"
MARKUP = "[/nope] [red]x[/red] [link=file:///x]y[/link] :warning: [bold"
HOSTILE = {"escapes": ESCAPES, "lines": FORGED, "markup": MARKUP}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def steering(text: str) -> list[str]:
    """Return the characters of a text that do more than stand there; its line feeds aside."""
    unsafe = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return [c for c in text if c != "\n" and unicodedata.category(c) in unsafe]


def titled(title: str) -> dict[str, str]:
    return {
        "priors/tiny.yaml": NETWORK.replace("title: A pact and what follows", f'title: "{title}"')
    }


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_a_hostile_title_adds_no_line_and_no_control_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str, *, terminal: bool
) -> None:
    never_estimate(monkeypatch)
    (made,) = update(write_workspace(tmp_path, titled(title)), Request())
    stream = io.StringIO()
    console = Console(file=stream, width=200, force_terminal=terminal, color_system=None)
    print_run(made, console)
    text = stream.getvalue()
    assert steering(text) == []
    (line,) = (line for line in text.splitlines() if line.startswith("tiny: "))
    assert not any(line.startswith(("WARNING", "ok:")) for line in text.splitlines())
    if title is MARKUP:
        assert line == f"tiny: {MARKUP}"


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_json_holds_hostile_text_as_escaped_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    never_estimate(monkeypatch)
    folder = str(write_workspace(tmp_path, titled(title)))
    result = run("update", "--json", "--workspace", folder)
    assert steering(result.stdout) == []
    assert result.stdout.isascii()
    (printed,) = json.loads(result.stdout)["runs"]
    assert printed["network"] == "tiny"


@pytest.mark.parametrize("column", ["id", "kind", "event", "source", "claim", "published"])
@pytest.mark.parametrize(
    "cell", ["\x1b[2J\u202ee1", '"e1\nok: forged"', "[/nope][red]e1", "e1\x00", "e1\r"]
)
def test_a_hostile_cell_of_evidence_is_a_fault_on_lines_that_are_ours(
    tmp_path: Path, column: str, cell: str
) -> None:
    header, first, *rest = EVIDENCE.splitlines()
    cells = first.split(",")
    cells[header.split(",").index(column)] = cell
    text = "\n".join([header, ",".join(cells), *rest]) + "\n"
    folder = str(write_workspace(tmp_path, {"evidence/items.csv": text}))
    result = run("check", "--workspace", folder)
    assert steering(result.stderr) == []
    *faults, last = result.stderr.splitlines()
    assert all(fault.startswith("error: ") for fault in faults)
    assert last == f"{len(faults)} fault{'' if len(faults) == 1 else 's'}; nothing was written."
    assert (result.exit_code, result.stdout) == (2, "")


def test_free_text_of_evidence_is_taken_as_it_is_and_printed_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    header, *rows = EVIDENCE.splitlines()
    hostile = '"=cmd()\x1b[2J\n[red]forged[/red]"'
    text = "\n".join([f"{header},text", *(f"{row},{hostile}" for row in rows)]) + "\n"
    folder = str(write_workspace(tmp_path, {"evidence/items.csv": text}))
    result = run("update", "--workspace", folder)
    assert result.exit_code == 0
    assert steering(result.output) == []
    assert "forged" not in result.output


def test_a_folder_with_markup_in_its_name_is_shown_as_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path / "[red]runs :bomb: [")
    result = run("update", "--workspace", str(folder))
    assert f"Saved as {folder}/posteriors/tiny/" in result.stdout


@pytest.mark.parametrize("forced", ["", "1"], ids=["pipe", "terminal"])
def test_progress_shows_names_as_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], forced: str
) -> None:
    monkeypatch.setenv("FORCE_COLOR", forced) if forced else monkeypatch.delenv(
        "FORCE_COLOR", raising=False
    )
    with progress() as tell:
        tell(Step(0, 2, "estimating [/nope] :bomb:\x1b]0;owned\a"))
        tell(Step(1, 2, "saving [/nope] :bomb:"))
    shown = capsys.readouterr().err
    assert "[/nope] :bomb:" in shown
    assert "owned\a" not in shown
    assert "\x1b]0" not in shown
