"""``forecast check``: validate everything; print every fault."""

import json
from pathlib import Path

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import sanitize

__all__ = ["command"]


@click.command("check")
@workspace_option
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Validate everything; print every fault.

    Reads forecast.toml and all that it names, and holds the evidence, the deadlines and the cut-off
    of forecast.toml against each network. Nothing is estimated and nothing is written.
    """
    # Imported here, so that --help answers at once.
    from forecast.workspace.contents import read_contents  # noqa: PLC0415
    from forecast.workspace.settings import check_own_cut_off  # noqa: PLC0415

    contents = read_contents(folder)
    check_own_cut_off(contents)
    counts = [
        {
            "network": inputs.network.name,
            "events": len(inputs.network.events),
            "links": len(inputs.network.links),
            "items": len(inputs.evidence),
            "resolutions": len(contents.resolutions.about(inputs.network)),
        }
        for inputs in contents.inputs
    ]
    if as_json:
        click.echo(json.dumps({"ok": True, "networks": counts}, indent=2))
        return
    for count in counts:
        click.echo(
            f"ok: {sanitize(str(count['network']))}: {count['events']} events, "
            f"{count['links']} links, {count['items']} items"
            + (f", {count['resolutions']} resolutions" if count["resolutions"] else "")
        )
