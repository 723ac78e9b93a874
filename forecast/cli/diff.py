"""``forecast diff``: what moved between two runs, and why."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.options import ids_option, json_option, workspace_option
from forecast.cli.text import (
    print_grid,
    print_json,
    run_document,
    run_words,
    tell_on_stderr,
    visible,
)
from forecast.probability import percent, points
from forecast.time import day_label

if TYPE_CHECKING:
    from forecast.workspace._difference import Difference


SHOWN = 12
"""Rows of a table; --json has them all."""


@click.command("diff")
@click.argument("before", metavar="RUN")
@click.argument("after", metavar="RUN")
@click.option(
    "--explain",
    "explained",
    type=click.IntRange(0, 100),
    default=3,
    show_default=True,
    metavar="N",
    help="For how many of the events that moved most to tell by how much each item moved them; 0 "
    "reads the ledger alone and asks no posterior.",
)
@workspace_option
@ids_option
@json_option
def command(
    before: str, after: str, explained: int, folder: Path, ids: bool, as_json: bool
) -> None:
    """Show what moved from one RUN to a later RUN, and why.

    A RUN is named by its entry in the ledger (7), the first letters of its key (a91c), its cut-off
    (2024-07-01: the last run as of then), or 'last'. The items that one run saw and the other did
    not are listed, and how much they moved the events that moved most. A run whose draws cannot be
    asked is estimated again from the ledger for that.
    """
    from forecast.workspace._difference import difference  # noqa: PLC0415

    found = difference(folder, (before, after), explained=explained, tell=tell_on_stderr)
    if as_json:
        print_json(_document(found))
    else:
        _print(found, {} if ids else found.titles)


def _document(found: "Difference") -> dict[str, object]:
    from forecast.cli.reasons import steps_document  # noqa: PLC0415

    return {
        "before": run_document(found.before),
        "after": run_document(found.after),
        "moved": [
            {**asdict(each), "mcse": each.mcse, "change": each.change} for each in found.moved
        ],
        "only_before": list(found.only_before),
        "only_after": list(found.only_after),
        "items": [asdict(each) for each in found.items],
        "network": [asdict(each) for each in found.network],
        "settings": [
            {"name": name, "before": then, "after": now} for name, then, now in found.settings
        ],
        "reasons": [
            {
                "event": event,
                "by": day_label(reasons.by),
                "steps": steps_document(reasons, found.named),
                "note": reasons.notes.get("moved", ""),
            }
            for event, reasons in found.reasons.items()
        ],
        "settled": {event: list(items) for event, items in found.settled.items()},
    }


def _print(found: "Difference", titles: Mapping[str, str]) -> None:
    from forecast.cli.reasons import print_note, print_steps  # noqa: PLC0415

    click.echo(f"From  {run_words(found.before)}\nTo    {run_words(found.after)}\n")
    rows = [
        (
            titles.get(m.event, m.event),
            f"by {m.by}",
            percent(m.then, m.then_mcse),
            percent(m.now, m.now_mcse),
            points(m.change, m.now_mcse),
        )
        for m in found.moved[:SHOWN]
    ]
    print_grid(("event", "", "before", "after", "change"), rows, wrapped=0)
    if len(found.moved) > SHOWN:
        click.echo(f"… and {len(found.moved) - SHOWN} more, which moved less.")
    for which, those in (("first", found.only_before), ("second", found.only_after)):
        if those:
            split = (each.partition(" by ") for each in those)
            named = "; ".join(f"{titles.get(event, event)} by {by}" for event, _, by in split)
            click.echo(f"\nOnly in the {which}: {visible(named)}")
    if found.network:
        click.echo(f"\nThe network differs in {len(found.network)} of its fields:")
        fields = [(each.field, each.before, "->", each.after) for each in found.network[:SHOWN]]
        print_grid(("field", "before", "", "after"), fields, left=4, wrapped=0)
    for name, then, now in found.settings:
        click.echo(f"\nSetting {name}: {visible(then)}, then {visible(now)}")
    click.echo(f"\nItems that only one of them saw, or saw otherwise: {len(found.items)}")
    if found.items:
        rows = [
            (i.item, i.status, i.published, titles.get(i.event, i.event), i.says)
            for i in found.items[:SHOWN]
        ]
        click.echo()
        print_grid(("item", "", "published", "event", "says"), rows, left=5, wrapped=3)
        if len(found.items) > SHOWN:
            click.echo(f"… and {len(found.items) - SHOWN} more; --json has them all.")
    if found.settled:
        settled = (
            f"{titles.get(event, event)} ({', '.join(items)})"
            for event, items in found.settled.items()
        )
        click.echo(f"\nSettled by what was observed: {visible('; '.join(settled))}")
    for event, reasons in found.reasons.items():
        if not reasons.moved:
            print_note(
                f"{titles.get(event, event)} by {day_label(reasons.by)}: {reasons.notes['moved']}"
            )
            continue
        click.echo(f"\nWhat moved {visible(titles.get(event, event))} by {day_label(reasons.by)}\n")
        print_steps(reasons, found.named, found.titles, event)
