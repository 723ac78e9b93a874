"""``forecast mcp``: for assistants, over the Model Context Protocol."""

import sys
from pathlib import Path
from typing import Literal

import click

from forecast.cli.options import workspace_option
from forecast.cli.text import tell_on_stderr


@click.command("mcp")
@click.option(
    "--transport",
    type=click.Choice(["stdio", "http"]),
    default="stdio",
    show_default=True,
    help="How the assistant is reached: as a program that it starts, or at an address of this "
    "machine, with a token.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    metavar="N",
    help="Of 127.0.0.1, for http; 0 for any that is free.",
)
@click.option(
    "--name",
    default="assistant",
    show_default=True,
    metavar="NAME",
    help="The name of the assistant, which stands on all that it hands in.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Holds the token for http, with mode 600; made if it is not there. By default the token "
    "is $FORECAST_MCP_TOKEN, else one that is made up and printed once.",
)
@workspace_option
def command(
    folder: Path,
    transport: Literal["stdio", "http"],
    port: int,
    name: str,
    token_file: Path | None,
) -> None:
    """Let an assistant read the workspace, and hand in drafts.

    Speaks the Model Context Protocol: an assistant sees events with their rules, sources, the
    coding guide, drafts and their copies, can check items and see what they would do to each
    forecast, and hands in drafts with its name on them. A person decides on these, with 'forecast
    inbox review'. It reads no file and no address, resolves nothing, and changes no number. Needs
    the extra: pip install 'eventcast[mcp]'.
    """
    # Imported here, so that --help answers at once.
    from forecast.assistant._serve import serve_http, serve_stdio  # noqa: PLC0415

    if transport == "http":
        serve_http(folder, name, port, token_file=token_file, tell=tell_on_stderr)
    else:
        if sys.stdin.isatty():
            tell_on_stderr("Waiting for an assistant on standard input, which is a terminal.")
        serve_stdio(folder, name)
