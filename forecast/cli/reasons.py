"""The reasons for a forecast: its curve, what moved it, what it leans on and what to watch."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from forecast.cli.text import WIDTH, print_grid, run_document, run_words, visible
from forecast.probability import error, percent, points, span
from forecast.report._words import (
    copies_words,
    crowd_lines,
    level,
    odds,
    odds_error,
    pushes,
    short,
    teller,
)
from forecast.time import day_label, parse_instant

if TYPE_CHECKING:
    import pandas as pd

    from forecast.report._content import NamedItem, Reasons
    from forecast.report._words import Push
    from forecast.workspace._questions import Why


DATE, FIGURE = 10, 6
"""The first columns of a step: of its date, and of its odds and points."""

MOVED = (
    "What moved it, in order of publication: what it multiplied the odds by, and by\n"
    "how many percentage points it moved the forecast. Copies count with the first."
)
LEANS = (
    "What it leans on: the forecast with one uncertain number in the lowest and in\n"
    "the highest tenth of what is still held possible, and its share of the spread"
)
WATCH = "What to watch next: how probable the news is, and the forecast then and if not"


def _ours(why: "Why") -> dict[datetime, float]:
    """Return what was said of an event by the deadline of its reasons."""
    last = why.reasons.moved[-1].probability if why.reasons.moved else None
    return {} if last is None else {parse_instant(why.by): last}


def print_reasons(why: "Why", *, with_errors: bool = False) -> None:
    """Print the curve, what moved the forecast, what it leans on and what to watch next."""
    reasons, notes = why.reasons, why.reasons.notes
    click.echo(f"\nWhy: {run_words(why.head)}, by {why.by}")
    if why.curve is not None:
        click.echo("\nCurve\n")
        rows = [
            (
                _label(day),
                percent(line["mean"]),
                span(line["lower"], line["upper"], line.get("mcse")),
            )
            for day, line in zip(why.curve.index, why.curve.to_dict("records"), strict=True)
        ]
        print_grid(("by", "probability", "90%"), rows)
    for line in crowd_lines(why.items.values(), why.event, _ours(why)):
        print_note(f"The crowd: {line}.")
    if not (reasons.moved or reasons.leans or reasons.watch):
        for note in dict.fromkeys(notes.values()):
            print_note(f"What moved it, what it leans on, what to watch next: {note}")
        return
    if reasons.moved:
        click.echo(f"\n{MOVED}\n")
        print_steps(reasons, why.items, why.titles, why.event, with_errors=with_errors)
    else:
        print_note(f"What moved it: {notes['moved']}")
    if reasons.leans:
        click.echo(f"\n{LEANS}\n")
        numbers = [
            (lean.number, percent(lean.low), percent(lean.high), f"{lean.share:.0%}")
            for lean in reasons.leans
        ]
        print_grid(("number", "lowest", "highest", "share"), numbers, wrapped=0)
    else:
        print_note(f"What it leans on: {notes['leans']}")
    if reasons.watch:
        click.echo(f"\n{WATCH}\n")
        news = [
            (
                f"{why.titles.get(watch.event, watch.event)} ({teller(watch)})",
                *_told(watch.says_on, watch.says_on_mcse, with_errors),
                *_told(watch.if_on, watch.if_on_mcse, with_errors),
                *_told(watch.if_off, watch.if_off_mcse, with_errors),
            )
            for watch in reasons.watch
        ]
        sign = ["±"] if with_errors else []
        print_grid(("news", "chance", *sign, "then", *sign, "if not", *sign), news, wrapped=0)
    else:
        print_note(f"What to watch next: {notes['watch']}")


def _told(probability: float, mcse: float | None, with_errors: bool) -> tuple[str, ...]:
    told = percent(probability, mcse)
    return (told, error(mcse)) if with_errors else (told,)


def print_steps(
    reasons: "Reasons",
    items: "Mapping[str, NamedItem]",
    titles: Mapping[str, str],
    event: str,
    *,
    with_errors: bool = False,
) -> None:
    """Print what moved a forecast of an event, step by step, and where it came to."""
    _print_step("", ("odds", *(["±"] if with_errors else []), "points"), [""])
    for push in pushes(reasons.moved):
        date, words = "", [push.words]
        if push.item:
            item = items[push.item]
            date, words = day_label(item.published), list(_item_words(item, push, titles, event))
        doubt = [odds_error(push.mcse)] if with_errors else []
        if push.log_odds is None:
            figures = "", *doubt, level(push.points)
        else:
            figures = odds(push.log_odds), *doubt, points(push.points)
        _print_step(date, figures, words)
    last = level(reasons.moved[-1].probability)
    _print_step("", ("", *([""] if with_errors else []), last), ["The forecast"])


def _item_words(
    item: "NamedItem", push: "Push", titles: Mapping[str, str], event: str
) -> Iterator[str]:
    """Yield the lines that tell an item: its text; who says what, of what; its copies and id."""
    if item.text:
        yield f"“{short(item.text)}”"
    said = [f"{item.source}: {item.claim}" if item.source else item.claim]
    if event not in item.events:
        said.append(f"about: {', '.join(titles.get(each, each) for each in item.events)}")
    said += filter(None, [copies_words(push.copies)])
    yield f"{'; '.join(said)} [{item.id}]"


def _print_step(date: str, figures: Sequence[str], words: Sequence[str]) -> None:
    before = f"{date:{DATE}.{DATE}}  {''.join(f'{each:>{FIGURE}}  ' for each in figures)}"
    for line in (line for each in words for line in _wrapped(each, WIDTH - len(before))):
        click.echo(f"{before}{line}".rstrip())
        before = " " * len(before)


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(visible(text), width - 2, break_on_hyphens=False) or [""]


def print_note(text: str) -> None:
    """Print a remark in place of a part, after an empty line."""
    click.echo("\n" + "\n".join(wrap(visible(text), WIDTH)))


def reasons_document(why: "Why") -> dict[str, object]:
    """Return the reasons as JSON; a part that cannot be told is null, and ``notes`` say why."""
    reasons = why.reasons
    return {
        "run": run_document(why.head),
        "by": why.by,
        "curve": _curve_document(why.curve),
        "moved": steps_document(reasons, why.items),
        "leans": [asdict(lean) for lean in reasons.leans] or None,
        "watch": [asdict(watch) for watch in reasons.watch] or None,
        "notes": dict(reasons.notes),
    }


def steps_document(
    reasons: "Reasons", items: "Mapping[str, NamedItem]"
) -> list[dict[str, Any]] | None:
    """Return all figures of what moved a forecast as records, with what each item is."""
    if not reasons.figures:
        return None
    names, *columns = reasons.figures, *reasons.figures.values()
    rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
    return [
        {"item": row["item"], **_item_document(items.get(str(row["item"]))), **row} for row in rows
    ]


def _item_document(item: "NamedItem | None") -> dict[str, Any]:
    if item is None:
        return dict.fromkeys(("kind", "event", "published", "source", "says", "text"))
    return {
        "kind": item.kind.replace(" ", "_"),
        "event": ", ".join(item.events),
        "published": day_label(item.published),
        "source": item.source or None,
        "says": item.claim,
        "text": item.text,
    }


def _curve_document(curve: "pd.DataFrame | None") -> list[dict[str, Any]] | None:
    if curve is None:
        return None
    plain = curve.reset_index().assign(date=[_label(day) for day in curve.index])
    found: list[dict[str, Any]] = json.loads(plain.to_json(orient="records", double_precision=15))
    return found


def _label(day: "pd.Timestamp") -> str:
    return day_label(parse_instant(day))
