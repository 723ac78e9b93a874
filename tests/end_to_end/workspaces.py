"""Small workspaces as a user has them, and commands run in them."""

from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from forecast.cli.main import cli


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a folder, each under its path in it."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str) -> Result:
    """Run a command in a workspace; what leaves it as an exception fails the test."""
    command = [*arguments, "--workspace", str(folder)]
    return CliRunner().invoke(cli, command, catch_exceptions=False)
