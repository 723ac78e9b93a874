"""``forecast show``: one event as the ledger has it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import sanitize

if TYPE_CHECKING:
    from forecast.ledger import Said
    from forecast.workspace.history import History

__all__ = ["command"]

SHOWN = 20
"""Runs in the table; --json has them all."""


@click.command("show")
@click.argument("event")
@workspace_option
@json_option
def command(event: str, folder: Path, as_json: bool) -> None:
    """Show one EVENT from the ledger: the last forecast, the curve over runs, what was seen.

    Nothing is estimated. The interval is the central 90% one.
    """
    from forecast.workspace.history import history_of  # noqa: PLC0415

    history = history_of(folder, event)
    if as_json:
        click.echo(json.dumps(_document(history), indent=2))
    else:
        _print(history)


def _document(history: "History") -> dict[str, object]:
    from dataclasses import asdict  # noqa: PLC0415

    return {
        "event": history.event,
        "forecasts": [_figures(said) for said in history.said],
        "seen": [asdict(item) for item in history.seen],
        "outcome": _outcome(history),
    }


def _figures(said: "Said") -> dict[str, object]:
    from forecast.time import day_label  # noqa: PLC0415

    forecast = said.forecast
    return {
        "entry": said.entry,
        "network": said.network,
        "as_of": day_label(said.as_of),
        "made_at": said.made_at.isoformat(),
        "by": day_label(forecast.deadline),
        "condition": forecast.condition,
        "probability": forecast.probability,
        "lower": forecast.lower,
        "upper": forecast.upper,
        "prior": forecast.prior,
        "forced": said.forced,
    }


def _outcome(history: "History") -> dict[str, object] | None:
    from forecast.time import day_label  # noqa: PLC0415

    if history.standing is None:
        return None
    record = history.standing.resolution
    day = None if record.at is None else day_label(record.at)
    return {"outcome": record.outcome, "at": day, "note": record.note}


def _print(history: "History") -> None:
    from forecast.cli.grid import print_grid  # noqa: PLC0415
    from forecast.probability import percent, points  # noqa: PLC0415
    from forecast.time import day_label  # noqa: PLC0415

    click.echo(f"{sanitize(history.event)}, as last said\n")
    rows = []
    for said in history.last:
        forecast, before = said.forecast, history.before(said)
        moved = None if before is None else forecast.probability - before.forecast.probability
        prior = "" if forecast.prior is None else percent(forecast.prior)
        rows.append(
            (
                f"by {day_label(forecast.deadline)}",
                percent(forecast.probability, forecast.mcse),
                _interval(said),
                prior,
                points(moved, forecast.mcse),
            )
        )
    print_grid(("", "probability", "90%", "prior", "since the run before"), rows)

    click.echo("\nRun by run\n")
    runs = [
        (
            str(said.entry),
            day_label(said.as_of),
            day_label(said.forecast.deadline),
            percent(said.forecast.probability, said.forecast.mcse),
            _interval(said),
            "gate FAILED" if said.forced else "",
        )
        for said in history.said[-SHOWN:]
    ]
    print_grid(("entry", "as of", "by", "probability", "90%", ""), runs)

    click.echo(f"\nSeen by the last run: {len(history.seen)} items on it\n")
    if history.seen:
        rows = [(i.item, i.published, i.kind, i.source, i.claim) for i in history.seen]
        print_grid(("item", "published", "kind", "source", "claim"), rows)
    outcome = _outcome(history)
    if outcome is not None:
        day = f" {outcome['at']}" if outcome["at"] else ""
        click.echo(
            f"\nOutcome: {outcome['outcome']}{day}. {sanitize(str(outcome['note']))}".rstrip()
        )


def _interval(said: "Said") -> str:
    from forecast.probability import percent  # noqa: PLC0415

    lower, upper = said.forecast.lower, said.forecast.upper
    if lower is None or upper is None or lower == upper:
        return ""
    return f"{percent(lower).removesuffix('%')}–{percent(upper)}"
