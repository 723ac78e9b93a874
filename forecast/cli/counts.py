"""``forecast counts``: count rows of tables by the rules of forecast.toml."""

from datetime import UTC, datetime
from pathlib import Path

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, print_warnings, visible


@click.command("counts")
@click.option(
    "--withdraw",
    is_flag=True,
    help="Retract counts on file that a rule no longer gives; without it they are a fault.",
)
@workspace_option
@json_option
def command(withdraw: bool, folder: Path, as_json: bool) -> None:
    """Count rows of tables by the rules of forecast.toml, and add what is new to the evidence.

    Each rule below [[counts]] makes an item of kind count for every whole period that its table
    covers, in evidence/counts-RULE.csv. Items are added and never changed: a value that is revised
    is a new item, published now, that retracts the old one. Nothing is estimated.
    """
    # Imported here, so that --help answers at once.
    from forecast.workspace._counts import count_up  # noqa: PLC0415

    now = datetime.now(UTC).replace(microsecond=0)
    found = count_up(folder, now, withdraw=withdraw)
    if as_json:
        print_json(
            {
                "rules": [
                    {
                        "rule": each.rule,
                        "file": str(each.file),
                        "new": [item.id for item in each.new],
                        "revised": [item.id for item in each.revised],
                        "withdrawn": [item.id for item in each.withdrawn],
                        "standing": each.standing,
                        "by_hand": list(each.by_hand),
                        "warnings": [str(fault) for fault in each.told],
                    }
                    for each in found
                ]
            }
        )
        return
    for each in found:
        print_warnings(each.told)
        click.echo(
            visible(
                f"{each.rule}: {len(each.new)} new, {len(each.revised)} revised, "
                f"{len(each.withdrawn)} withdrawn; {each.standing} stand"
            )
        )
        for name in each.by_hand:
            click.echo(visible(f"note: '{name}' was retracted by hand, and stays so"))
