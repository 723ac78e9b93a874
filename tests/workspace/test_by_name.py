"""Networks by file or by name, and what a shell offers of them."""

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from forecast.cli.main import cli
from forecast.errors import InputError
from forecast.workspace._by_name import network_file
from tests.workspace.samples import write_workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    questions = "id,event,deadline,opened\ntroops_soon,troops,2024-09-30,2024-01-01\n"
    return write_workspace(tmp_path, {"questions.csv": questions})


def test_a_name_is_that_of_a_network_of_the_workspace(folder: Path) -> None:
    file = folder / "priors/tiny.yaml"
    assert network_file(Path("tiny"), folder) == file
    assert network_file(file, folder) == file


def test_what_is_written_like_a_file_is_one(folder: Path) -> None:
    assert network_file(Path("priors/no.yaml"), folder) == Path("priors/no.yaml")


def test_an_unknown_name_names_those_that_there_are(folder: Path) -> None:
    with pytest.raises(InputError, match=r"no such network here \(got 'tinny'\).*'tiny'"):
        network_file(Path("tinny"), folder)


def test_priors_takes_a_name(folder: Path) -> None:
    words = ["priors", "--workspace", str(folder), "--draws", "512"]
    by_name, by_file = (
        CliRunner().invoke(cli, [*words, network])
        for network in ("tiny", str(folder / "priors/tiny.yaml"))
    )
    assert by_name.exit_code == 0
    assert by_name.output == by_file.output


def offered(args: list[str], begun: str) -> list[str]:
    shell = ShellComplete(cli, {}, "forecast", "_FORECAST_COMPLETE")
    return [each.value for each in shell.get_completions(args, begun)]


@pytest.mark.parametrize(
    ("args", "begun", "expected"),
    [
        (["show"], "tr", ["troops", "troops_soon"]),
        (["resolve"], "pa", ["pact"]),
        (["update"], "", ["tiny"]),
        (["backtest"], "x", []),
        (["priors"], "ti", ["tiny"]),
        ([], "stat", ["status"]),
    ],
)
def test_the_shell_is_offered_names(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: list[str],
    begun: str,
    expected: list[str],
) -> None:
    monkeypatch.chdir(folder)
    assert offered(args, begun) == expected


def test_nothing_is_offered_where_there_is_no_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert offered(["show"], "") == []


def test_a_broken_workspace_offers_what_can_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path("priors/tiny.yaml").write_text("name: [", encoding="utf-8")
    assert offered(["show"], "") == ["troops_soon"]
