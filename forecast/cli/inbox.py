"""``forecast inbox``: news on its way to evidence."""

import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from forecast.cli import inbox_decide, inbox_review
from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, visible
from forecast.files._news_layouts import LAYOUTS

if TYPE_CHECKING:
    from forecast.inbox._draft import Draft
    from forecast.workspace._inbox_in import Added

MOST_LISTED = 50
MOST_NOTES = 10
OUTLET_WIDTH = 18


@click.group("inbox", invoke_without_command=True)
@workspace_option
@json_option
@click.pass_context
def command(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Take in news as drafts, and list those that wait for a decision.

    Nothing in the inbox moves a forecast: a draft becomes evidence when a person accepts it.
    """
    if ctx.invoked_subcommand is None:
        _list(folder, as_json=as_json)


@command.command("add")
@click.argument("sources", nargs=-1, required=True, metavar="FILE|URL...")
@click.option(
    "--as",
    "layout",
    type=click.Choice(LAYOUTS),
    help="As what to read them; by default what their content shows.",
)
@workspace_option
@json_option
def add_command(sources: tuple[str, ...], layout: str | None, folder: Path, as_json: bool) -> None:
    """Read news from files and addresses: each entry becomes a draft.

    RSS, Atom, JSON Feed, GDELT exports, tables of ACLED and UCDP, CSV, TSV, XLSX, JSON lines, web
    pages and plain text. `-` is the standard input. If anything cannot be read, nothing is added.
    """
    from forecast.workspace._inbox_in import add  # noqa: PLC0415 - help answers at once

    piped = sys.stdin.buffer.read(_most() + 1) if "-" in sources else None
    added = add(folder, sources, layout, piped)
    if as_json:
        print_json({"sources": [_document(each) for each in added]})
        return
    for each in added:
        _tell(each)


def _most() -> int:
    from forecast.inbox.readers._bytes import MOST_BYTES  # noqa: PLC0415 - help answers at once

    return MOST_BYTES


@command.command("fetch")
@click.option("--now", "at_once", is_flag=True, help="Also ask feeds whose time has not come.")
@workspace_option
@json_option
def fetch_command(at_once: bool, folder: Path, as_json: bool) -> None:
    """Ask the feeds of forecast.toml for news: each new entry becomes a draft.

    Made for a timer: it prints nothing if nothing came. Feeds are asked no more often than they
    allow, and after a failure at growing intervals; one that fails is told on standard error, does
    not stop the others, and makes the exit code 1. While it waits, a person at a terminal is told
    until when; after its settings were changed it is asked at once.
    """
    from forecast.workspace._inbox_in import fetch_feeds  # noqa: PLC0415 - help answers at once

    done = fetch_feeds(folder, at_once=at_once)
    if as_json:
        told = {"unchanged": list(done.unchanged), "waiting": list(done.waiting)}
        told["failed"] = [str(fault) for fault in done.failures]
        told["moved"] = [str(fault) for fault in done.moved]
        print_json({"feeds": [_document(each) for each in done.added], **told})
    else:
        for each in done.added:
            if each.new:
                _tell(each)
    for fault in done.held if sys.stderr.isatty() else ():  # a timer stays quiet
        click.echo(f"note: {visible(str(fault))}", err=True)
    for fault in done.moved:
        click.echo(f"warning: {visible(str(fault))}", err=True)
    for fault in done.failures:
        click.echo(f"error: {visible(str(fault))}", err=True)
    if done.failures:
        sys.exit(1)


def _tell(added: "Added") -> None:
    """Print what came of one file, address or feed."""
    known = added.entries - len(added.new)
    entries = f"{added.entries:,} {'entry' if added.entries == 1 else 'entries'}"
    words = (
        f"{added.name}: {added.layout}, {entries}: {len(added.new):,} new, {known:,} known already"
    )
    click.echo(visible(words))
    for note in added.notes[:MOST_NOTES]:
        click.echo(f"  note: {visible(note)}")
    if len(added.notes) > MOST_NOTES:
        click.echo(f"  and {len(added.notes) - MOST_NOTES:,} more notes; --json has them.")


def _document(added: "Added") -> dict[str, object]:
    return {
        "name": added.name,
        "layout": added.layout,
        "entries": added.entries,
        "new": [draft.id for draft in added.new],
        "notes": list(added.notes),
    }


def _list(folder: Path, *, as_json: bool) -> None:
    """Print the drafts that wait for a decision, the newest first."""
    from forecast.workspace._filed import inbox_of  # noqa: PLC0415 - help answers at once

    waiting = inbox_of(folder).waiting()
    waiting.sort(key=lambda draft: draft.published or draft.received, reverse=True)
    if as_json:
        print_json({"waiting": [_draft_document(draft) for draft in waiting]})
        return
    _print_drafts(waiting[:MOST_LISTED])
    if not waiting:
        click.echo("No drafts wait. Add news with: forecast inbox add FILE|URL")
    elif len(waiting) > MOST_LISTED:
        click.echo(
            f"{MOST_LISTED} of {len(waiting):,} drafts that wait, the newest first; --json has all."
        )


def _draft_document(draft: "Draft") -> dict[str, object]:
    published = None if draft.published is None else draft.published.isoformat()
    return {
        "id": draft.id,
        "title": draft.title,
        "outlet": draft.outlet,
        "published": published,
        "url": draft.url,
        "via": draft.via,
        "layout": draft.layout,
        "received": draft.received.isoformat(),
        "notes": list(draft.notes),
    }


def _print_drafts(drafts: Sequence["Draft"]) -> None:
    """Print a line for each draft, no wider than the terminal."""
    from forecast.time import day_label  # noqa: PLC0415 - help answers at once

    width = max(get_terminal_size().columns, 60)
    rows = []
    for draft in drafts:
        day = day_label(draft.published)[:10] if draft.published else "no date"
        heading = draft.title or draft.text or draft.url
        rows.append((draft.id, day, draft.outlet or draft.via, heading))
    outlets = min(max((cells(row[2]) for row in rows), default=0), OUTLET_WIDTH)
    for identity, day, outlet, heading in rows:
        start = f"{identity}  {day:<10}  {fitted(outlet, outlets)}  "
        click.echo(start + fitted(heading, width - cells(start)).rstrip())


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese characters take two."""
    from rich.cells import cell_len  # noqa: PLC0415 - help answers at once

    return cell_len(text)


def fitted(text: str, width: int) -> str:
    """Return a text made safe, cut or filled up to so many columns of a terminal."""
    from rich.cells import set_cell_size  # noqa: PLC0415 - help answers at once

    safe = visible(text)
    if cells(safe) <= width:
        return set_cell_size(safe, width)
    return set_cell_size(set_cell_size(safe, width - 1).rstrip() + "…", width)


for _each in (inbox_review.command, *inbox_decide.COMMANDS):
    command.add_command(_each)
