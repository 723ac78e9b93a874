"""``forecast show``: one event: as the ledger has it, why, and under conditions."""

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli import completing
from forecast.cli.options import errors_option, json_option, workspace_option
from forecast.cli.text import (
    ERRORS,
    figure_cells,
    print_grid,
    print_json,
    run_document,
    run_words,
    tell_on_stderr,
    visible,
)
from forecast.probability import FIXED, error, errors, percent, points, span
from forecast.time import day_label

if TYPE_CHECKING:
    from forecast.ledger import Said
    from forecast.posterior import Probability
    from forecast.workspace._history import History
    from forecast.workspace._questions import Asked

FIGURES = ("probability", "lower", "upper", "mcse", "lower_mcse", "upper_mcse")
SEEN = ("item", "kind", "published", "source", "claim", "says", "text")
SHOWN = 20
"""Runs in the table; --json has them all."""


@click.command("show")
@click.argument("event", shell_complete=completing.events)
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
    help="A deadline, or a past date; may be repeated with --given or --do. By default those of "
    "the run; the reasons are of its first that lies a quarter ahead, as in the report.",
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

    A question may be named in place of its event.
    Everything comes from the ledger and from the draws that the run saved; nothing is estimated.
    With --given or --do, show the event under these conditions instead: a run whose draws cannot be
    asked is estimated again from the ledger for that. Intervals are central 90% ones.
    """
    from forecast.workspace._contents import event_named  # noqa: PLC0415
    from forecast.workspace._questions import Supposition, ask, why  # noqa: PLC0415

    event = event_named(folder, event)
    supposed = Supposition(given, do, by)
    if given or do:
        asked = ask(folder, event, supposed, run=run, tell=tell_on_stderr)
        if as_json:
            print_json(_asked_document(event, asked))
        else:
            _print_asked(event, asked, with_errors=with_errors)
        return
    if len(by) > 1:
        message = "the reasons are of one deadline: give --by once, or add --given or --do."
        raise click.UsageError(message)
    from forecast.cli.reasons import print_reasons, reasons_document  # noqa: PLC0415
    from forecast.workspace._history import history_of  # noqa: PLC0415

    history = history_of(folder, event)
    if not as_json:
        _print(history, with_errors=with_errors)
    reasons = why(folder, event, run=run, by=by[0] if by else None)
    if as_json:
        document = {**_document(history), "why": reasons_document(reasons)}
        print_json(document)
    else:
        print_reasons(reasons, with_errors=with_errors)


def _document(history: "History") -> dict[str, object]:
    return {
        "event": history.event,
        "forecasts": [_figures(said) for said in history.said],
        "seen": [{name: getattr(item, name) for name in SEEN} for item in history.seen],
        "outcome": _outcome(history),
    }


def _figures(said: "Said") -> dict[str, object]:
    told = said.forecast
    return {
        "entry": said.entry,
        "network": said.network,
        "as_of": day_label(said.as_of),
        "made_at": said.made_at.isoformat(),
        "by": told.by,
        "condition": told.condition,
        **{name: getattr(told, name) for name in FIGURES},
        "prior": told.prior,
        "forced": said.forced,
    }


def _outcome(history: "History") -> dict[str, object] | None:
    if history.standing is None:
        return None
    record = history.standing.resolution
    day = None if record.at is None else day_label(record.at)
    return {"outcome": record.outcome, "at": day, "note": record.note}


def _print(history: "History", *, with_errors: bool) -> None:
    named = f"{history.title} ({history.event})" if history.title else history.event
    click.echo(f"{visible(named)}, as last said\n")
    rows = []
    for said in history.last:
        forecast, before = said.forecast, history.before(said)
        moved = None if before is None else forecast.probability - before.forecast.probability
        prior = "" if forecast.prior is None else percent(forecast.prior)
        rows.append(
            (
                f"by {forecast.by}",
                *figure_cells(said.forecast, with_errors=with_errors),
                prior,
                points(moved, forecast.mcse),
            )
        )
    figure = ("probability", "±", "90%", "±") if with_errors else ("probability", "90%")
    print_grid(("", *figure, "prior", "since the run before"), rows)
    if with_errors:
        click.echo(f"\n{ERRORS}")

    click.echo("\nRun by run\n")
    runs = [
        (
            str(said.entry),
            day_label(said.as_of),
            said.forecast.by,
            *figure_cells(said.forecast, with_errors=with_errors),
            "gate FAILED" if said.forced else "",
        )
        for said in history.said[-SHOWN:]
    ]
    print_grid(("entry", "as of", "by", *figure, ""), runs)

    count = len(history.seen)
    click.echo(
        f"\nSeen by the last run: {count} item{'' if count == 1 else 's'} on this event itself\n"
    )
    if history.seen:
        rows = [(i.item, i.published, i.source, i.says) for i in history.seen]
        print_grid(("item", "published", "source", "says"), rows, left=4, wrapped=3)
    outcome = _outcome(history)
    if outcome is not None:
        day = f" {outcome['at']}" if outcome["at"] else ""
        click.echo(
            f"\nOutcome: {outcome['outcome']}{day}. {visible(str(outcome['note']))}".rstrip()
        )


def _print_asked(event: str, asked: "Asked", *, with_errors: bool) -> None:
    """Print the probability by each deadline as it is and as it would be."""
    supposed = [f"given {', '.join(asked.given)}"] if asked.given else []
    supposed += [f"do {', '.join(asked.do)}"] if asked.do else []
    click.echo(f"{visible(event)}, {visible('; '.join(supposed))}")
    click.echo(f"{run_words(asked.head)}\n")
    rows = []
    for answer in asked.answers:
        change = answer.supposed.mean - answer.plain.mean
        noise = (answer.supposed.mcse**2 + answer.plain.mcse**2) ** 0.5
        interval = span(*answer.supposed.interval(0.9), answer.supposed.mcse)
        no_ends = interval in {"", FIXED}
        ends = "" if no_ends else errors(*answer.supposed.interval_mcse(0.9))
        plain, imagined, limits = (
            ((error(answer.plain.mcse),), (error(answer.supposed.mcse),), (ends,))
            if with_errors
            else ((), (), ())
        )
        rows.append(
            (
                f"by {answer.by}",
                percent(answer.plain.mean, answer.plain.mcse),
                *plain,
                percent(answer.supposed.mean, answer.supposed.mcse),
                *imagined,
                interval,
                *limits,
                points(change, noise),
            )
        )
    sign = ("±",) if with_errors else ()
    print_grid(("", "as it is", *sign, "as supposed", *sign, "90%", *sign, "change"), rows)
    if with_errors:
        click.echo(f"\n{ERRORS}")
    for note in dict.fromkeys(answer.supposed.note for answer in asked.answers):
        if note:
            click.echo(f"\nNote: {visible(note)}.")


def _asked_document(event: str, asked: "Asked") -> dict[str, object]:
    """Return an event under conditions as JSON."""
    return {
        "event": event,
        "run": run_document(asked.head),
        "given": list(asked.given),
        "do": list(asked.do),
        "forecasts": [
            {
                "by": answer.by,
                **_probability_figures(answer.supposed),
                "note": answer.supposed.note,
                "plain": _probability_figures(answer.plain),
            }
            for answer in asked.answers
        ],
    }


def _probability_figures(p: "Probability") -> dict[str, float | None]:
    ends = (None if isnan(told) else told for told in p.interval_mcse(0.9))
    return dict(zip(FIGURES, (p.mean, *p.interval(0.9), p.mcse, *ends), strict=True))
