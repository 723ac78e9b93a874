"""``forecast resolve``: record what became of an event."""

from pathlib import Path

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, sanitize


@click.command("resolve")
@click.argument("event")
@click.option("--on", metavar="DATE", help="It began on this day, ISO 8601.")
@click.option("--not-by", metavar="DATE", help="By the end of this day it had not begun.")
@click.option("--void", is_flag=True, help="Its questions are annulled.")
@click.option("--note", default="", metavar="TEXT", help="How it is known; kept with it.")
@workspace_option
@json_option
def command(
    event: str,
    on: str | None,
    not_by: str | None,
    void: bool,
    note: str,
    folder: Path,
    as_json: bool,
) -> None:
    """Record what became of EVENT; appended to the ledger, never overwritten.

    The last word on an event stands, and earlier ones stay.
    """
    from forecast.time import day_label  # noqa: PLC0415
    from forecast.workspace._outcomes import Statement, resolve_event  # noqa: PLC0415

    record, entry = resolve_event(folder, event, Statement(on, not_by, void, note))
    day = None if record.at is None else day_label(record.at)
    if as_json:
        found = {"event": event, "outcome": record.outcome, "at": day, "note": note}
        print_json({**found, "entry": entry.seq, "digest": entry.digest})
        return
    words = {"happened": f"began on {day}", "not_by": f"had not begun by {day}", "void": "annulled"}
    click.echo(sanitize(f"{event}: {words[record.outcome]}. Entered as {entry.seq} in the ledger."))
