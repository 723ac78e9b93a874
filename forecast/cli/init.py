"""``forecast init``: a new workspace."""

from pathlib import Path

import click

from forecast.cli.options import json_option
from forecast.cli.text import print_json, visible


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--example",
    is_flag=True,
    help="Copy the library's own workspace instead: NATO, South Korea and the war in Ukraine in "
    "2024, with its reference classes and evidence.",
)
@json_option
def command(folder: Path, example: bool, as_json: bool) -> None:
    """Write a small working workspace into a new or empty folder.

    A network of three events with two items of evidence, a forecast.toml and a notebook, all dated
    around today: 'forecast update' runs in it at once.
    """
    from forecast.workspace._start import start_example, start_workspace  # noqa: PLC0415

    start = start_example if example else start_workspace
    written = [path.as_posix() for path in start(folder)]
    if as_json:
        print_json({"folder": str(folder), "files": written})
        return
    for path in written:
        click.echo(visible(str(folder / path)))
    click.echo(f"Now: cd {visible(str(folder))} && forecast update")
