"""Options that several commands share."""

from pathlib import Path

import click

__all__ = ["json_option", "workspace_option"]

workspace_option = click.option(
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="DIR",
    help="The workspace: a folder with a forecast.toml. By default, the current folder.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of a table."
)
