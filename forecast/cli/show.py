"""``forecast show``: one event: as the ledger has it, why, and under conditions."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.options import errors_option, json_option, workspace_option
from forecast.cli.text import sanitize

if TYPE_CHECKING:
    from forecast.ledger import Said
    from forecast.workspace.asking import Asked, Supposition
    from forecast.workspace.history import History

__all__ = ["command"]

SHOWN = 20
"""Runs in the table; --json has them all."""


@click.command("show")
@click.argument("event")
@click.option(
    "--given",
    multiple=True,
    metavar="CONDITION",
    help="Suppose that this is found out: OTHER (on at the deadline), not:OTHER (off at the "
    "deadline), OTHER=DATE (its onset is on that day), OTHER=off@DATE (off at the end of that "
    "day). May be repeated, or hold several with commas between them.",
)
@click.option(
    "--do",
    multiple=True,
    metavar="CONDITION",
    help="Suppose that this is brought about from outside, whatever its causes: OTHER or not:OTHER "
    "(from the cut-off on), OTHER=DATE (from the end of that day on).",
)
@click.option(
    "--by",
    multiple=True,
    metavar="DATE",
    help="A deadline; may be repeated with --given or --do. By default those of the run; the "
    "reasons are of its first that lies a quarter ahead, as in the report.",
)
@click.option(
    "--run",
    metavar="RUN",
    help="The run to ask: its entry in the ledger, the first letters of its key, its cut-off "
    "(2024-07-01), or last. By default the last that speaks of the event.",
)
@workspace_option
@errors_option
@json_option
def command(
    event: str,
    given: tuple[str, ...],
    do: tuple[str, ...],
    by: tuple[str, ...],
    run: str | None,
    folder: Path,
    with_errors: bool,
    as_json: bool,
) -> None:
    """Show one EVENT: what was said of it, its curve, what moved it, what it leans on.

    Everything comes from the ledger and from the draws that the run saved; nothing is estimated.
    With --given or --do, show the event under these conditions instead: a run whose draws cannot be
    asked is estimated again from the ledger for that. Intervals are central 90% ones.
    """
    from forecast.workspace.asking import Supposition  # noqa: PLC0415

    supposed = Supposition(given, do, by)
    if given or do:
        asked = _asked(folder, event, supposed, run)
        _tell(event, asked, as_json=as_json, with_errors=with_errors)
        return
    if len(by) > 1:
        message = "the reasons are of one deadline: give --by once, or add --given or --do."
        raise click.UsageError(message)
    from forecast.cli.reasons import print_reasons, reasons_document  # noqa: PLC0415
    from forecast.workspace.asking import why  # noqa: PLC0415
    from forecast.workspace.history import history_of  # noqa: PLC0415

    history = history_of(folder, event)
    if not as_json:
        _print(history, with_errors=with_errors)
    reasons = why(folder, event, run=run, by=by[0] if by else None)
    if as_json:
        document = {**_document(history), "why": reasons_document(reasons)}
        click.echo(json.dumps(document, indent=2))
    else:
        print_reasons(reasons)


def _asked(folder: Path, event: str, supposed: "Supposition", run: str | None) -> "Asked":
    from forecast.workspace.asking import ask  # noqa: PLC0415

    def tell(words: str) -> None:
        click.echo(sanitize(words), err=True)

    return ask(folder, event, supposed, run=run, tell=tell)


def _tell(event: str, asked: "Asked", *, as_json: bool, with_errors: bool) -> None:
    from forecast.cli.supposed import print_asked, supposed_document  # noqa: PLC0415

    if as_json:
        click.echo(json.dumps(supposed_document(event, asked), indent=2))
    else:
        print_asked(event, asked, with_errors=with_errors)


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
        "mcse": forecast.mcse,
        "lower_mcse": forecast.lower_mcse,
        "upper_mcse": forecast.upper_mcse,
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


def _print(history: "History", *, with_errors: bool) -> None:
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
                *_figure(said, with_errors=with_errors),
                prior,
                points(moved, forecast.mcse),
            )
        )
    figure = ("probability", "±", "90%", "±") if with_errors else ("probability", "90%")
    print_grid(("", *figure, "prior", "since the run before"), rows)
    if with_errors:
        from forecast.cli.table import ERRORS  # noqa: PLC0415

        click.echo(f"\n{ERRORS}")

    click.echo("\nRun by run\n")
    runs = [
        (
            str(said.entry),
            day_label(said.as_of),
            day_label(said.forecast.deadline),
            *_figure(said, with_errors=with_errors),
            "gate FAILED" if said.forced else "",
        )
        for said in history.said[-SHOWN:]
    ]
    print_grid(("entry", "as of", "by", *figure, ""), runs)

    click.echo(f"\nSeen by the last run: {len(history.seen)} items on this event itself\n")
    if history.seen:
        rows = [(i.item, i.published, i.kind, i.source, i.claim) for i in history.seen]
        print_grid(("item", "published", "kind", "source", "claim"), rows)
    outcome = _outcome(history)
    if outcome is not None:
        day = f" {outcome['at']}" if outcome["at"] else ""
        click.echo(
            f"\nOutcome: {outcome['outcome']}{day}. {sanitize(str(outcome['note']))}".rstrip()
        )


def _figure(said: "Said", *, with_errors: bool) -> tuple[str, ...]:
    """Return a forecast and its interval, each with its errors beside it where asked for."""
    from forecast.probability import error, errors, percent, span  # noqa: PLC0415

    told = said.forecast
    chance, interval = percent(told.probability, told.mcse), span(told.lower, told.upper)
    if not with_errors:
        return chance, interval
    ends = errors(told.lower_mcse, told.upper_mcse) if interval else ""
    return chance, error(told.mcse), interval, ends
