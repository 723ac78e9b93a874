"""``forecast resolve``: record what became of an event."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli import completing
from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, visible

if TYPE_CHECKING:
    from typing import Literal


@click.command("resolve")
@click.argument("event", metavar="EVENT|QUESTION", shell_complete=completing.events)
@click.option("--on", metavar="DATE", help="It began on this day, ISO 8601.")
@click.option("--not-by", metavar="DATE", help="By the end of this day it had not begun.")
@click.option("--ended", metavar="DATE", help="The state ended on this day.")
@click.option("--yes", is_flag=True, help="The question of a state: it was on.")
@click.option("--no", is_flag=True, help="The question: it was not, at its deadline.")
@click.option("--void", is_flag=True, help="The question, or all about the event, are annulled.")
@click.option("--reopen", is_flag=True, help="All that was recorded is taken back: it is open.")
@click.option("--note", default="", metavar="TEXT", help="How it is known; kept with it.")
@workspace_option
@json_option
def command(
    event: str,
    on: str | None,
    not_by: str | None,
    ended: str | None,
    yes: bool,
    no: bool,
    void: bool,
    reopen: bool,
    note: str,
    folder: Path,
    as_json: bool,
) -> None:
    """Record what became of EVENT; appended to the ledger, never overwritten.

    It is written once: the observation that follows counts as evidence from then on, and answers
    all questions about the event. A QUESTION may be named in its place. The last word stands, and
    earlier ones stay; --reopen takes back all of them. Where EVENT is an outcome of a decision that
    has come, the others are entered as not having come.
    """
    from forecast.errors import Fault, InputError  # noqa: PLC0415
    from forecast.time import day_label  # noqa: PLC0415
    from forecast.workspace._outcomes import Statement, resolve_event  # noqa: PLC0415

    if yes and no:
        rule = "a question has one answer, and both are given"
        raise InputError(Fault(rule, "Give --yes or --no.", field="resolve"))
    answer: Literal["yes", "no"] | None = "yes" if yes else "no" if no else None
    (record, entry), *others = resolve_event(
        folder, event, Statement(on, not_by, ended, answer, void, reopen, note)
    )
    day = None if record.at is None else day_label(record.at)
    if as_json:
        found = {"event": record.event, "outcome": record.outcome, "at": day, "note": note}
        rivals = (word for word, _ in others if word.outcome != "reopened")
        ruled_out = [word.event for word in rivals if word.event != event]
        print_json({**found, "entry": entry.seq, "digest": entry.digest, "ruled_out": ruled_out})
        return
    words = {
        "happened": f"began on {day}",
        "not_by": f"had not begun by {day}",
        "ended": f"ended on {day}",
        "void": "annulled",
        "reopened": "open again",
    }
    came = words[record.outcome]
    if answer and record.event == event:
        came = f"answered {answer}"
    elif others and record.outcome == "happened":
        came = f"came on {day}"
    click.echo(visible(f"{record.event}: {came}. Entered as {entry.seq} in the ledger."))
    if record.outcome == "void":
        again = f"To open it again: forecast resolve {record.event} --reopen"
        click.echo(visible(again))
    for word, other in others:
        if word.event == event:
            became = f"answered {answer}"
        else:
            became = "open again" if word.outcome == "reopened" else "cannot come any more"
        click.echo(visible(f"{word.event}: {became}. Entered as {other.seq}."))
