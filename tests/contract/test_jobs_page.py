"""The recipes of docs/jobs.md are what their readers take: systemd, cron, Docker, Python."""

import ast
import configparser
import re
import shlex
import tomllib

import pytest

from forecast.cli.main import cli
from tests.contract.repository import ROOT

PAGE = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
LEDGER_PAGE = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def takes(command: list[str]) -> None:
    """Hold a command line to the options that there are."""
    if "forecast" in command:
        command = command[command.index("forecast") + 1 :]
    name, *arguments = command
    context = cli.make_context("forecast", [name, *arguments], resilient_parsing=True)
    found = cli.get_command(context, name)
    assert found is not None
    found.make_context(name, list(arguments))


def test_the_units_are_what_systemd_reads() -> None:
    service, timer = (configparser.ConfigParser(interpolation=None) for _ in range(2))
    for parser, text in zip((service, timer), blocks(PAGE, "ini"), strict=True):
        parser.optionxform = str  # type: ignore[method-assign, assignment]
        parser.read_string(text)
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["SuccessExitStatus"] == "3"
    unit = service["Service"]
    program, *arguments = shlex.split(unit["ExecStart"])
    assert program.endswith("/forecast")
    takes(arguments)
    log = arguments[arguments.index("--log") + 1]  # the unit makes the folder that it writes to
    assert log.startswith(f"/var/log/{unit['LogsDirectory']}/")
    assert unit["Environment"] == f"NUMBA_CACHE_DIR=/var/cache/{unit['CacheDirectory']}"
    assert program.startswith(f"{unit['WorkingDirectory']}/")
    assert unit["ReadWritePaths"] == unit["WorkingDirectory"]
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d UTC", timer["Timer"]["OnCalendar"])
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_the_crontab_line_has_five_fields_and_one_command() -> None:
    (line,) = blocks(PAGE, "cron")
    *when, command = line.split(maxsplit=5)
    assert all(re.fullmatch(r"\*|\d+", field) for field in when)
    words = shlex.split(command.partition("&&")[2].partition(">>")[0])
    assert words[0].endswith("forecast")
    takes(words[1:])


def test_the_container_file_has_known_instructions() -> None:
    (text,) = blocks(PAGE, "dockerfile")
    instructions = [line.split(maxsplit=1) for line in text.splitlines() if line]
    assert [name for name, _ in instructions] == [
        "FROM",
        "RUN",
        "WORKDIR",
        "ENV",
        "ENTRYPOINT",
        "CMD",
    ]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (asked,) = re.findall(r"eventcast\[(\w+)\]", text)
    assert asked in extras["optional-dependencies"]
    arguments = ast.literal_eval(dict(map(tuple, instructions))["CMD"])
    takes(arguments)


@pytest.mark.parametrize("text", blocks(PAGE, "python"))
def test_the_python_is_python_and_calls_the_one_command(text: str) -> None:
    tree = ast.parse(text)
    shells = re.findall(r"forecast update[^\"|]*", text)
    lists = [
        [str(part.value) for part in node.elts if isinstance(part, ast.Constant)]
        for node in ast.walk(tree)
        if isinstance(node, ast.List) and node.elts
    ]
    called = [shlex.split(shell) for shell in shells if "ended" not in shell]
    called += [words for words in lists if words[:1] == ["forecast"]]
    for words in called:  # a name of Python's may stand where the folder does
        takes(words[:-1] if words[-1] == "--workspace" else words)
    assert called or "forecast.workspace" in text


@pytest.mark.parametrize("text", [*blocks(PAGE, "python"), *blocks(LEDGER_PAGE, "python")])
def test_our_own_names_in_the_python_exist(text: str) -> None:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("forecast"):
            module = __import__(node.module, fromlist=["x"])
            assert all(hasattr(module, alias.name) for alias in node.names)
