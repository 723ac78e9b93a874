"""``forecast report``: the HTML page from the ledger."""

from pathlib import Path

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, visible


@click.command("report")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file; by default the one that forecast.toml names under [report], else report.html "
    "in the workspace. One that is there is replaced.",
)
@workspace_option
@json_option
def command(output: Path | None, folder: Path, as_json: bool) -> None:
    """Write the HTML report: one page, from the ledger, that asks nothing of any other place.

    The last run of each network: the headline table with what changed since the run before, a
    section for each event, the network, the sources, calibration so far, and how it was made.
    Nothing is estimated. Reasons are worked out from the run's saved draws the first time.
    """
    from forecast.cli.progress import progress  # noqa: PLC0415
    from forecast.workspace._report import write_report  # noqa: PLC0415

    with progress() as tell:
        file = write_report(folder, output, tell=tell)
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        click.echo(f"Wrote {visible(str(file))} ({size / 1000:,.0f} kB).")
