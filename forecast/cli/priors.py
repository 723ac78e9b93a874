"""``forecast priors``: what a network says before any news, beside what was counted."""

from dataclasses import asdict
from pathlib import Path

import click

from forecast.cli import completing
from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, print_warnings, visible


@click.command("priors")
@click.argument(
    "network",
    type=click.Path(path_type=Path, dir_okay=False),
    shell_complete=completing.networks,
)
@click.option(
    "--by",
    multiple=True,
    metavar="DATE",
    help="A deadline, ISO 8601; may be given several times. By default the network's horizon.",
)
@click.option(
    "--draws", type=int, default=4096, show_default=True, metavar="N", help="A power of two."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Of the draws."
)
@workspace_option
@json_option
def command(
    network: Path, by: tuple[str, ...], draws: int, seed: int, folder: Path, as_json: bool
) -> None:
    """Print each event's prior, its reference class, and the chances that both imply.

    Three chances an event and deadline: by what is stated of it alone, by its reference
    class, and by the whole network before any news. The table is Markdown. NETWORK is a file, or
    the name of a network of the workspace. Below it stands what the priors imply that was probably
    not meant, and what to write instead.
    """
    # Imported here, so that --help answers at once.
    from forecast.files._network_file import placed_in, read_network  # noqa: PLC0415
    from forecast.files._reference_class_file import CLASS_FOLDER, ClassShelf  # noqa: PLC0415
    from forecast.network._as_stated import as_stated  # noqa: PLC0415
    from forecast.network._critic import PRIORS, network_remarks  # noqa: PLC0415
    from forecast.workspace._by_name import network_file  # noqa: PLC0415
    from forecast.workspace._priors import prior_rows, rows_as_markdown  # noqa: PLC0415

    network = network_file(network, folder)
    found = read_network(network)
    deadlines = list(by) or [found.horizon.isoformat()]
    shelf = ClassShelf(network.parent / CLASS_FOLDER)
    rows = prior_rows(found, shelf, deadlines, draws=draws, seed=seed)
    warnings = placed_in(network, network_remarks(found, PRIORS))
    if as_json:
        document = [
            {
                "event": row.event.id,
                "prior": as_stated(row.event),
                "reference_class": row.event.reference_class,
                **{
                    part: [vars(chance) for chance in getattr(row, part)]
                    for part in ("own", "counted", "network")
                },
            }
            for row in rows
        ]
        told = [asdict(warning) for warning in warnings]
        whole = {"by": deadlines, "events": document, "warnings": told}
        print_json(whole, ascii_only=False)
        return
    click.echo(visible(rows_as_markdown(rows, deadlines), lines=True))
    if warnings:
        click.echo()
        print_warnings(warnings)
