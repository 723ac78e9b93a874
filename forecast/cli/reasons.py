"""The reasons for a forecast: its curve, what moved it and what it leans on."""

import json
from itertools import accumulate
from math import exp
from typing import TYPE_CHECKING, Any

import click

from forecast.cli.text import interval_text, print_grid, run_document, run_words, sanitize
from forecast.decimals import reaches
from forecast.probability import percent

if TYPE_CHECKING:
    import pandas as pd

    from forecast.workspace._questions import Why


MOST = 8
"""Rows of either table; --json has them all."""
SMALL = 0.005
"""Log-odds below which a step, and probability below which a swing, is not shown."""
WORDS = 60


def print_reasons(reasons: "Why") -> None:
    """Print the curve, the steps of the waterfall that count, and the top of the tornado."""
    click.echo(f"\nWhy: {run_words(reasons.head)}, by {reasons.by}")
    if reasons.curve is not None:
        click.echo("\nCurve\n")
        rows = [
            (day, percent(line["mean"]), interval_text(line["lower"], line["upper"]))
            for day, line in zip(
                map(_label, reasons.curve.index), _lines(reasons.curve), strict=True
            )
        ]
        print_grid(("by", "probability", "90%"), rows)
    if reasons.missing:
        click.echo(f"\nWhat moved it, and what it leans on: {sanitize(reasons.missing)}")
    if reasons.moved is not None:
        click.echo(
            "\nWhat moved it (log-odds, in order of publication; copies with their origin)\n"
        )
        print_waterfall(reasons.moved)
    if reasons.leans is not None:
        _print_tornado(reasons.leans)


def print_waterfall(moved: "pd.DataFrame") -> None:
    """Print a waterfall: copies as one step with their origin, small steps as one at the end."""
    from forecast.posterior._explain import waterfall  # noqa: PLC0415  it takes seconds

    table = waterfall(moved)
    sizes = table["in_order"].abs()[table["event"].notna()]
    chosen = set(sizes[sizes >= SMALL].nlargest(MOST).index)
    rows: list[tuple[str, float, str]] = []
    small: list[float] = []
    for name, line in zip(table.index, _lines(table), strict=True):
        if isinstance(line["event"], str) and name not in chosen:
            small.append(line["in_order"])
            continue
        more = line["copies"]
        copies = f" and {more} cop{'y' if more == 1 else 'ies'}" if more else ""
        words = line["text"] if isinstance(line["text"], str) else ""
        rows.append((f"{name}{copies}", line["in_order"], words))
    if small:
        rows.insert(len(rows) - 1, (f"({len(small)} smaller)", sum(small), ""))
    levels = accumulate(moved_by for _, moved_by, _ in rows)
    print_grid(
        ("item", "log-odds", "so far", ""),
        [
            (name, f"{moved_by:+.2f}", percent(1 / (1 + exp(-level))), _short(words))
            for (name, moved_by, words), level in zip(rows, levels, strict=True)
        ],
    )


def reasons_document(reasons: "Why") -> dict[str, object]:
    """Return the reasons as JSON; a part that cannot be told is null, and ``missing`` says why."""
    return {
        "run": run_document(reasons.head),
        "by": reasons.by,
        "curve": table_document(reasons.curve),
        "moved": table_document(reasons.moved),
        "leans": table_document(reasons.leans),
        "missing": reasons.missing,
    }


def table_document(table: "pd.DataFrame | None") -> list[dict[str, Any]] | None:
    """Return a table as records, its index among the fields; what is missing is null."""
    import pandas as pd  # noqa: PLC0415  it takes half a second

    if table is None:
        return None
    plain = table.reset_index()
    for name in plain.select_dtypes("datetime"):
        plain[name] = [None if pd.isna(day) else _label(day) for day in plain[name]]
    text = plain.to_json(orient="records", date_format="iso", double_precision=15)
    found: list[dict[str, Any]] = json.loads(text)
    return found


def _print_tornado(leans: "pd.DataFrame") -> None:
    top = leans[reaches(leans["swing"].abs(), SMALL)][:MOST]
    click.echo("\nWhat it leans on (the forecast with one number at its prior's own 5% and 95%)\n")
    if top.empty:
        click.echo(f"No single number moves it by {SMALL:.1%} or more.")
        return
    rows = [
        (
            f"{parameter} {sanitize(label)}",
            percent(line["at_5%"], line["at_5%_mcse"]),
            percent(line["at_95%"], line["at_95%_mcse"]),
            f"{max(line['share'], 0):.0%}",
        )
        for (parameter, label), line in zip(top.index, _lines(top), strict=True)
    ]
    print_grid(("number", "at 5%", "at 95%", "share of the spread"), rows)


def _lines(table: "pd.DataFrame") -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _label(day: "pd.Timestamp") -> str:
    from forecast.time import day_label, parse_instant  # noqa: PLC0415

    return day_label(parse_instant(day))


def _short(text: str) -> str:
    text = sanitize(text)
    return text if len(text) <= WORDS else text[: WORDS - 1] + "…"
