"""``forecast update``: the main job."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.options import json_option, workspace_option

if TYPE_CHECKING:
    from forecast.workspace.update import Run

__all__ = ["command"]


@click.command("update")
@click.argument("networks", nargs=-1, metavar="[NETWORK]...")
@click.option(
    "--as-of",
    metavar="DATE",
    help="The knowledge cut-off, ISO 8601; a date means the end of that day. By default "
    "forecast.toml's, else today.",
)
@workspace_option
@click.option(
    "--method",
    type=click.Choice(["auto", "importance", "nuts"]),
    help="How to estimate. By default forecast.toml's, else auto.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="By default forecast.toml's, else 1."
)
@click.option(
    "--draws", type=click.IntRange(16, 2**20), help="By default forecast.toml's, else 4096."
)
@click.option(
    "--force",
    is_flag=True,
    help="Keep an estimate that fails its convergence gate; its record says so.",
)
@json_option
def command(
    networks: tuple[str, ...],
    as_of: str | None,
    folder: Path,
    method: str | None,
    seed: int | None,
    draws: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Estimate, save the posterior, and print the table.

    Runs the NETWORKs named, or all that forecast.toml names. All files are checked first. A run
    goes to posteriors/NETWORK/; the same inputs give the same run.
    """
    # Imported here, so that --help answers at once.
    from forecast.cli.progress import progress  # noqa: PLC0415
    from forecast.workspace.settings import Request  # noqa: PLC0415
    from forecast.workspace.update import update  # noqa: PLC0415

    request = Request(networks, as_of, method, seed, draws, force)
    with progress() as tell:
        runs = update(folder, request, tell=tell)
    if as_json:
        forecasts = [run.manifest.model_dump(mode="json") for run in runs]
        click.echo(json.dumps({"runs": forecasts}, indent=2))
    else:
        _print_tables(runs)


def _print_tables(runs: "tuple[Run, ...]") -> None:
    from forecast.cli.table import print_run  # noqa: PLC0415

    for run in runs:
        print_run(run)
