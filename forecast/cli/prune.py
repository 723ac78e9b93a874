"""``forecast prune``: make room, by a stated rule, and say in the ledger what went."""

from dataclasses import asdict
from pathlib import Path

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, visible

SHOWN = 10


@click.command("prune")
@click.option(
    "--keep",
    "nights",
    type=int,
    default=None,
    metavar="N",
    help="Keep the draws of the last N dates of each network; by default as many as "
    "output.keep_nights in forecast.toml says, else 30.",
)
@click.option("--dry-run", "trial", is_flag=True, help="Only say what would go.")
@workspace_option
@json_option
def command(nights: int | None, trial: bool, folder: Path, as_json: bool) -> None:
    """Remove draws that the rule does not keep, and what killed jobs left.

    Kept are, of each network: the last run; the runs of the last N dates on which anything but the
    date had changed; the last run of each month; and the first run that forecast each event and
    deadline that is answered. All forecasts stay in the ledger, and all manifests. An entry of the
    ledger names what went, with its digests: 'forecast ledger verify' then says that it is pruned.
    A run without draws can still be asked: it is estimated again. 'forecast update' does the same
    after each update, unless forecast.toml says keep_nights = "all" under [output].
    """
    from forecast.workspace._prune import prune_workspace  # noqa: PLC0415

    found = prune_workspace(folder, nights=nights, trial=trial)
    if as_json:
        print_json({**asdict(found), "dry_run": trial})
        return
    both = [*found.files, *found.leftovers]
    for name in both[:SHOWN]:
        click.echo(visible(name))
    if len(both) > SHOWN:
        click.echo(f"… and {len(both) - SHOWN} more")
    click.echo(found.words("would go" if trial else "removed"))
