"""``forecast mcp``: what it says before it serves."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli.main import cli
from tests.workspace.samples import write_workspace


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    folder = write_workspace(tmp_path / "workspace")
    result = CliRunner().invoke(cli, ["mcp", "--workspace", str(folder)])
    assert result.exit_code == 1
    assert "pip install 'eventcast[mcp]'" in result.stderr


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["mcp", "--workspace", str(tmp_path)])
    assert result.exit_code == 2
    assert "there is no workspace here" in result.stderr


def test_help_imports_neither_the_sdk_nor_what_takes_seconds() -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from forecast.cli.main import cli\n"
        "assert CliRunner().invoke(cli, ['mcp', '--help']).exit_code == 0\n"
        "print([name for name in ('mcp', 'uvicorn', 'pydantic', 'pandas', 'pymc', 'bm25s') "
        "if name in sys.modules])\n"
    )
    arguments = [sys.executable, "-c", code]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"
