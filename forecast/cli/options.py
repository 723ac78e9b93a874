"""Options that several commands share."""

from pathlib import Path

import click

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

strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Take warnings, of what is allowed and probably not meant, as faults: exit code 2.",
)

errors_option = click.option(
    "--errors",
    "with_errors",
    is_flag=True,
    help="Show the Monte Carlo errors of forecasts and of their intervals' ends; --json always has "
    "them.",
)

ids_option = click.option(
    "--ids",
    is_flag=True,
    help="Name events and questions by their ids, as commands take them, not by their titles.",
)

method_option = click.option(
    "--method",
    type=click.Choice(["auto", "importance", "nuts", "paths"]),
    help="How to estimate. By default forecast.toml's, else auto.",
)

seed_option = click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="By default forecast.toml's, else 1."
)

draws_option = click.option(
    "--draws",
    type=int,
    metavar="N",
    help="A power of two from 512 to 1,048,576. By default forecast.toml's, else 4096.",
)

dask_option = click.option(
    "--dask",
    metavar="URL",
    help="Estimate on the Dask cluster whose scheduler is at URL, such as tcp://127.0.0.1:8786.",
)

log_option = click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Append what happens to FILE, one line of JSON each.",
)


def _own_name() -> str:
    """Return the name under which the user is logged in; empty where there is none."""
    import getpass  # noqa: PLC0415  seldom needed

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


by_option = click.option(
    "--by",
    default=_own_name,
    show_default=False,
    metavar="NAME",
    envvar="FORECAST_BY",
    help="Who decides; kept with each item. By default $FORECAST_BY, else your name on this "
    "machine.",
)
