"""``forecast schema``: the JSON Schema of the network file."""

import click

from forecast.cli.text import print_json


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of the network file, for editors that complete and check it."""
    from forecast.files._schema import network_schema  # noqa: PLC0415

    print_json(network_schema(), ascii_only=False)
