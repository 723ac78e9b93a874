"""``forecast status``, and ``forecast`` by itself in a workspace: where things stand."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import counted, print_json, say
from forecast.probability import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecast.workspace._status import NetworkStatus, Status

MOST_NAMED = 3


@click.command("status")
@workspace_option
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Show where things stand: last runs, what is new since, alerts, questions, news that waits.

    Nothing is estimated and nothing is written. 'forecast' by itself, in a workspace, does the
    same.
    """
    from forecast.workspace._status import status  # noqa: PLC0415

    found = status(folder)
    if as_json:
        print_json(found.to_dict())
        return
    for line in lines_of(found):
        say(line)


def lines_of(found: "Status") -> "Iterator[str]":
    """Yield where things stand, in lines."""
    for each in found.networks:
        yield from _of_network(each)
    live, late = found.questions_open, found.unanswered
    if live:
        first = f"{live[0]} is the next to close, on {found.next_closing}"
        yield f"{counted(len(live), 'question')} open; {first}."
    if late:
        yield (
            f"{counted(len(late), 'question')} closed and not answered: {_named(late)}. "
            f"Answer with 'forecast resolve {late[0]} {found.answer_with[0]}', --no or --void."
        )
    for name, day in found.observed:
        yield (
            f"{name}: an observation has answered it; record that with 'forecast resolve {name} "
            f"--on {day}'."
        )
    if found.drafts:
        yield f"{counted(found.drafts, 'piece')} of news to decide on: 'forecast inbox review'."
    if any(each.is_stale for each in found.networks):
        yield "'forecast update' brings the forecasts up to date."


def _of_network(each: "NetworkStatus") -> "Iterator[str]":
    news = [
        *([f"{counted(each.new_items, 'new item')}"] if each.new_items else []),
        *([f"{counted(each.lost_items, 'item')} no longer seen"] if each.lost_items else []),
        *(["another network"] if each.changed else []),
    ]
    if each.finished:
        since = each.finished
    elif not each.entry:
        since = "not estimated yet"
    else:
        since = f"since then: {', '.join(news)}" if news else "nothing new since then"
    run = f"last run as of {each.as_of}, made {each.made_at}; " if each.entry else ""
    yield f"{each.network}: {run}{since}."
    if each.behind:
        yield (
            f"  The cut-off in forecast.toml, {each.behind}, is earlier than that of this run: "
            "'forecast update --as-of DATE', or a later as_of there, makes a newer one."
        )
    for alert in each.alerts:
        yield (
            f"  alert: {alert.question or alert.event} by {alert.by} is at "
            f"{percent(alert.probability)} ({alert.alert} {alert.threshold:g})."
        )


def _named(ids: tuple[str, ...]) -> str:
    rest = len(ids) - MOST_NAMED
    return ", ".join(ids[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
