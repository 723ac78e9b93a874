"""``forecast backtest``: forecasts as they would have been at past dates, and their scores."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecast.cli import completing
from forecast.cli.options import (
    dask_option,
    draws_option,
    ids_option,
    json_option,
    log_option,
    method_option,
    seed_option,
    workspace_option,
)
from forecast.cli.text import print_grid, print_json
from forecast.probability import percent
from forecast.threads import cores

if TYPE_CHECKING:
    import pandas as pd

    from forecast.evidence import Clock
    from forecast.workspace._backtest import Replayed


FEW = 20


@click.command("backtest")
@click.argument("networks", nargs=-1, metavar="[NETWORK]...", shell_complete=completing.networks)
@click.option("--from", "first", metavar="DATE", help="The first date; by default the start.")
@click.option(
    "--to", "last", metavar="DATE", help="The last date; by default the last scored deadline."
)
@click.option(
    "--every", type=click.IntRange(1), metavar="DAYS", help="The step; by default 14 days."
)
@click.option("--on", multiple=True, metavar="DATE", help="One date; may be repeated.")
@click.option(
    "--known",
    type=click.Choice(["published", "recorded"]),
    help="What is seen at a date: what was published by then, or only what was recorded in this "
    "workspace by then. By default forecast.toml's, else published.",
)
@workspace_option
@method_option
@seed_option
@draws_option
@click.option("--force", is_flag=True, help="Score estimates that fail their convergence gate.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="How many processes to estimate in. By default as many as there are processors.",
)
@dask_option
@log_option
@ids_option
@json_option
def command(
    networks: tuple[str, ...],
    first: str | None,
    last: str | None,
    every: int | None,
    on: tuple[str, ...],
    known: "Clock | None",
    folder: Path,
    method: str | None,
    seed: int | None,
    draws: int | None,
    force: bool,
    jobs: int | None,
    dask: str | None,
    log: Path | None,
    ids: bool,
    as_json: bool,
) -> None:
    """Replay past dates with only what was there by then, and score against what came about.

    Runs the NETWORKs named, or all that have answered questions (questions.csv, or resolutions.csv
    in a folder of evidence). Beside the forecasts stand the prior, the base rate alone, the network
    without its links, with its gates alone, with copies counted as independent, and the last
    forecast carried on. Finished estimates are kept in backtests/, and a replay that was stopped
    goes on where it was.
    """
    # Imported here, so that --help answers at once.
    from forecast.cli.progress import job_log, watched_job  # noqa: PLC0415
    from forecast.workspace._backtest import ReplayDates, backtest  # noqa: PLC0415
    from forecast.workspace._settings import Request  # noqa: PLC0415

    request = Request(networks, known=known, method=method, seed=seed, draws=draws, force=force)
    dates = ReplayDates(on, first, last, every)
    workers = jobs or cores()
    with job_log(log, folder) as note:
        with watched_job(note, dask) as (tell, executor):
            found = backtest(folder, request, dates, tell=tell, executor=executor, workers=workers)
        if as_json:
            print_json({"replays": [_document(each) for each in found]})
            return
        for each in found:
            _print(each, ids=ids)


def _document(each: "Replayed") -> dict[str, Any]:
    result = each.result
    return {
        "network": result.network,
        "dates": list(each.dates),
        "known": each.known,
        "method": each.method,
        "draws": each.draws,
        "seed": each.seed,
        "questions": _records(result.questions),
        "scores": _records(result.scores),
        "losses": _records(result.losses),
        "forecasts": _records(result.forecasts),
        "clusters": int(result.questions["cluster"].nunique()),
        "even_clusters": result.even_clusters,
        "left_out": dict(result.left_out),
    }


def _records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    flat = table if table.index.names == [None] else table.reset_index()
    rows = flat.astype(object).to_dict(orient="records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print(each: "Replayed", *, ids: bool) -> None:
    result, names = each.result, {} if ids else each.titles
    questions = result.questions
    rows = [
        (
            names.get(row["event"], row["event"]),
            row["by"],
            "yes" if row["outcome"] else "no",
            f"{row['open']}/{row['scheduled']}",
            percent(row["first"]),
            percent(row["last"]),
        )
        for row in _records(questions)
    ]
    print_grid(("event", "by", "came", "days open", "first", "last"), rows, wrapped=0)
    click.echo("")
    scores = _records(result.scores)
    for rule in result.scores.index.unique("rule"):
        cells = [_cells(row) for row in scores if row["rule"] == rule]
        print_grid((f"{rule} loss", "mean", "gain over it", "90%", "effective"), cells)
        click.echo("")
    clusters = questions["cluster"].nunique()
    click.echo(
        f"{result.network}: {len(questions)} questions in {clusters} clusters, replayed at "
        f"{len(each.dates)} dates from {each.dates[0]} to {each.dates[-1]}; what was {each.known} "
        f"by then is seen; method {each.method}, {each.draws} draws, seed {each.seed}."
    )
    click.echo(
        "Losses are averaged over each question's scheduled days; those after an early close count "
        "nothing, so that only gains compare."
    )
    if clusters < FEW:
        click.echo(
            f"Intervals over {clusters} clusters, which weigh like {result.even_clusters:.1f} even "
            "ones, are too short, and prove little either way."
        )
    if result.left_out:
        click.echo(f"Left out: {len(result.left_out)} questions; --json has the reasons.")
    failed = sorted(set(result.forecasts.loc[~result.forecasts["passed"], "as_of"]))
    if failed:
        click.echo(f"Estimates that did not pass their gate: {', '.join(failed)}.")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    gain, low, high, effective = (row[name] for name in ("gain", "low", "high", "effective"))
    return (
        row["forecaster"],
        "infinite" if row["loss"] is None else f"{row['loss']:.4f}",
        "" if gain is None else f"{gain:+.4f}",
        "" if low is None else f"[{low:+.4f}, {high:+.4f}]",
        "" if effective is None else f"{effective:.1f}",
    )
