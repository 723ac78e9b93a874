"""``forecast schema``: the JSON Schema of the network file."""

import json

import click

__all__ = ["command"]


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of the network file, for editors that complete and check it."""
    from forecast.files.schema import network_schema  # noqa: PLC0415

    click.echo(json.dumps(network_schema(), indent=2, ensure_ascii=False))
