"""An event under conditions, as a table and as JSON."""

from math import isnan
from typing import TYPE_CHECKING

import click

from forecast.cli.grid import print_grid
from forecast.cli.table import ERRORS, percent, points
from forecast.cli.text import sanitize
from forecast.probability import error, errors, span
from forecast.time import day_label

if TYPE_CHECKING:
    from forecast.ledger import RunHead
    from forecast.posterior import Probability
    from forecast.workspace.asking import Asked

__all__ = ["interval_text", "print_asked", "run_document", "run_words", "supposed_document"]


def print_asked(event: str, asked: "Asked", *, with_errors: bool = False) -> None:
    """Print the probability by each deadline as it is and as it would be.

    Parameters
    ----------
    event, asked
        The event, and what it was asked under.
    with_errors
        Whether Monte Carlo errors have columns.
    """
    supposed = [f"given {', '.join(asked.given)}"] if asked.given else []
    supposed += [f"do {', '.join(asked.do)}"] if asked.do else []
    click.echo(f"{sanitize(event)}, {sanitize('; '.join(supposed))}")
    click.echo(f"{run_words(asked.head)}\n")
    rows = []
    for answer in asked.answers:
        change = answer.supposed.mean - answer.plain.mean
        noise = (answer.supposed.mcse**2 + answer.plain.mcse**2) ** 0.5
        interval = interval_text(*answer.supposed.interval(0.9))
        ends = errors(*answer.supposed.interval_mcse(0.9)) if interval else ""
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
            click.echo(f"\nNote: {sanitize(note)}.")


def supposed_document(event: str, asked: "Asked") -> dict[str, object]:
    """Return the same as JSON."""
    return {
        "event": event,
        "run": run_document(asked.head),
        "given": list(asked.given),
        "do": list(asked.do),
        "forecasts": [
            {
                "by": answer.by,
                **_figures(answer.supposed),
                "note": answer.supposed.note,
                "plain": _figures(answer.plain),
            }
            for answer in asked.answers
        ],
    }


def _figures(p: "Probability") -> dict[str, float | None]:
    lower, upper = p.interval(0.9)
    lower_mcse, upper_mcse = (None if isnan(told) else told for told in p.interval_mcse(0.9))
    return {
        "probability": p.mean,
        "lower": lower,
        "upper": upper,
        "mcse": p.mcse,
        "lower_mcse": lower_mcse,
        "upper_mcse": upper_mcse,
    }


def run_words(head: "RunHead") -> str:
    """Return a run in words."""
    return (
        f"Run {head.entry} (key {head.key[:12]}): {sanitize(head.network)} as of "
        f"{day_label(head.as_of)}"
    )


def run_document(head: "RunHead") -> dict[str, object]:
    """Return a run as JSON."""
    return {
        "entry": head.entry,
        "key": head.key,
        "network": head.network,
        "as_of": day_label(head.as_of),
        "made_at": head.made_at.isoformat(),
    }


def interval_text(lower: float, upper: float) -> str:
    """Return an interval of probabilities; empty where it has no width."""
    return "" if lower == upper else span(lower, upper)
