"""``forecast score``: the ledger's forecasts against what came about."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from forecast.cli.options import ids_option, json_option, workspace_option
from forecast.cli.text import print_grid, print_json, visible
from forecast.errors import Fault, InputError
from forecast.probability import percent, recalibration_words, span

if TYPE_CHECKING:
    from forecast.calibration._record import Scores
    from forecast.workspace._learned import Learned

MOST_NAMED = 12
LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


@click.command("score")
@click.option(
    "--clock",
    type=click.Choice(["made", "as-of"]),
    default="made",
    help="When a forecast counts from: when it was published (made, the default), or its knowledge "
    "cut-off (as-of), which names the runs that were made after the answer and leaves them out.",
)
@click.option(
    "--with-hindsight",
    is_flag=True,
    help="With --clock as-of, score runs that were made after the answer too, as where past dates "
    "were replayed.",
)
@click.option(
    "--recalibration",
    is_flag=True,
    help="Show in place of the scores what the answered questions say of forecasts: a shift and a "
    "stretch of log-odds, and what these would make of some probabilities.",
)
@click.option(
    "--as-of",
    metavar="DATE",
    help="With --recalibration, what had been entered, and had closed, by this date; by default "
    "now.",
)
@workspace_option
@ids_option
@json_option
def command(
    clock: str,
    with_hindsight: bool,
    recalibration: bool,
    as_of: str | None,
    folder: Path,
    ids: bool,
    as_json: bool,
) -> None:
    """Score the ledger's forecasts against the outcomes that were recorded.

    By question and together: the gain over the network's own prior through the life of each
    question, the Brier and log scores of what was said at its opening, and their calibration.
    """
    from forecast.workspace._experience import learned_in  # noqa: PLC0415
    from forecast.workspace._scores import score_workspace  # noqa: PLC0415

    by: Literal["made", "as_of"] = "made" if clock == "made" else "as_of"
    if with_hindsight and by == "made":
        rule = "by the clock 'made' no run has hindsight"
        raise InputError(
            Fault(rule, "Leave it out, or add --clock as-of.", field="--with-hindsight")
        )
    if as_of is not None and not recalibration:
        rule = "scores are of all that is answered"
        raise InputError(
            Fault(rule, "Leave it out, or add --recalibration.", field="--as-of", value=as_of)
        )
    if recalibration:
        _print_recalibration(
            learned_in(folder, as_of=as_of, clock=by, with_hindsight=with_hindsight),
            as_json=as_json,
        )
        return
    scores = score_workspace(folder, clock=by, with_hindsight=with_hindsight)
    if as_json:
        print_json(asdict(scores))
        return
    _print(scores, ids=ids)
    if scores.hindsight:
        click.echo(f"{_made_after(scores.hindsight)}: {'in' if with_hindsight else 'left out'}.")
    for note in scores.notes:
        click.echo(f"note: {visible(note)}.")


def _print_recalibration(found: "Learned | None", *, as_json: bool) -> None:
    """Print what was learned, and what it would make of some probabilities, kind by kind."""
    if as_json:
        told = None if found is None else {**found.document(), "curve": found.curve(LEVELS)}
        print_json({"recalibration": told})
        return
    if found is None:
        click.echo("No question is answered yet of which the ledger has a forecast in time.")
        return
    document = found.document()
    names = {"": "recalibrated", **{kind: kind for kind in document["by_kind"]}}
    curve = found.curve(LEVELS)
    rows = [
        (
            percent(level),
            *(f"{percent(value)} ({span(low, high)})" for value, low, high in figures),
        )
        for level, figures in zip(LEVELS, zip(*curve.values(), strict=True), strict=True)
    ]
    print_grid(("P", *names.values()), rows)
    click.echo("")
    click.echo(recalibration_words(document))
    source = document["learned_from"]
    click.echo(
        f"Learned from runs in entries {source['first_entry']} to {source['last_entry']}, SHA-256 "
        f"{source['sha256']}. No forecast rests on it: 'show = true' below [recalibration] in "
        "forecast.toml has later runs show it beside their forecasts."
    )


def _made_after(entries: Sequence[int]) -> str:
    shown = ", ".join(map(str, entries[:MOST_NAMED]))
    more = f" and {len(entries) - MOST_NAMED} more" if len(entries) > MOST_NAMED else ""
    return (
        f"Made after the answer to a question, whatever their cut-off: "
        f"{len(entries)} run{'' if len(entries) == 1 else 's'} (entries {shown}{more})"
    )


def _print(scores: "Scores", *, ids: bool) -> None:
    if scores.questions:
        rows = [
            (
                (not ids and each.title) or each.question or each.event,
                each.by,
                {0.0: "no", 1.0: "yes"}.get(each.outcome, percent(each.outcome)),
                each.opened,
                percent(each.first),
                percent(each.last),
                f"{each.gain:+.4f}",
            )
            for each in scores.questions
        ]
        named = "question" if scores.questions[0].question else "event"
        print_grid((named, "by", "came", "opened", "first", "last", "gain"), rows, wrapped=0)
        click.echo("")
        shares = any(each.outcome not in {0.0, 1.0} for each in scores.questions)
        count = len(scores.questions)
        parts = (
            ""
            if shares
            else f" = {scores.miscalibration:.4f} miscalibration - {scores.discrimination:.4f} "
            f"discrimination + {scores.uncertainty:.4f} uncertainty"
        )
        click.echo(
            f"{count} question{'' if count == 1 else 's'}. At opening: Brier {scores.brier:.4f}"
            f"{parts}; log {scores.log:.4f}."
        )
        click.echo(f"Gain over the prior through the questions' lives: {scores.gain:+.4f} (Brier).")
    click.echo(
        f"Left out: {scores.open} not resolved, {scores.annulled} annulled, "
        f"{scores.late} asked only when it was over."
    )
