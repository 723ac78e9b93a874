"""The table of a run: events by probability, and what it takes to read it."""

from collections.abc import Sequence
from itertools import groupby
from math import isfinite

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from forecast.cli.text import ERRORS, figure_cells, visible
from forecast.gate import OF_FORECASTS, Check
from forecast.ledger import ForecastRecord
from forecast.network._units import shared_name, unit_of
from forecast.probability import percent, points, recalibration_words
from forecast.workspace._run import Manifest
from forecast.workspace._update import Run

WIDE = 10_000  # where nobody looks at a screen, no line is wrapped
MOST_UNITS = 10  # of a panel, for each event
FEWEST = 12  # letters of a question's words, however narrow the screen
METHODS = {"importance": "importance sampling", "nuts": "NUTS", "paths": "the path sampler"}


def print_run(run: Run, console: Console | None = None, *, with_errors: bool = False) -> None:
    """Print a run's table and, below it, how it was made.

    On a screen too narrow for the whole table, each deadline gets a table of its own.
    """
    console = Console(highlight=False) if console is None else console
    if not console.is_terminal:
        console.width = WIDE
    manifest = run.manifest
    asked = [forecast for forecast in manifest.forecasts if forecast.question]
    if asked:
        answers = manifest.model_copy(update={"forecasts": tuple(asked)})
        console.print(_by_question(console, answers, with_errors=with_errors))
    units = [forecast for forecast in manifest.forecasts if unit_of(forecast.event)]
    if units and len(asked) < len(manifest.forecasts):
        _print_units(console, manifest, with_errors=with_errors)
    elif not asked:
        _print_by_deadline(console, manifest, with_errors=with_errors)
    for line in _caption(run, with_errors=with_errors):
        console.print(Text(visible(line)), soft_wrap=True)


def _print_by_deadline(console: Console, manifest: Manifest, *, with_errors: bool) -> None:
    labels = list(dict.fromkeys(forecast.by for forecast in manifest.forecasts))
    whole = _table(manifest, labels, with_errors=with_errors)
    unbounded = console.options.update(max_width=WIDE)
    fits = Measurement.get(console, unbounded, whole).maximum <= console.width
    parts = [_table(manifest, [label], with_errors=with_errors) for label in labels]
    for table in [whole] if fits else parts:
        console.print(table)


def _print_units(console: Console, manifest: Manifest, *, with_errors: bool) -> None:
    """Print of each event of a panel the units in which it is the most probable."""
    by_event: dict[str, dict[str, None]] = {}
    for forecast in manifest.forecasts:
        by_event.setdefault(shared_name(forecast.event), {})[forecast.event] = None
    last = max(forecast.deadline for forecast in manifest.forecasts if not forecast.question)
    figures = {f.event: f.probability for f in manifest.forecasts if f.deadline == last}
    for event, names in by_event.items():
        ranked = sorted(names, key=lambda name: -figures.get(name, 0.0))
        shown = ranked[:MOST_UNITS]
        told = [f for name in shown for f in manifest.forecasts if f.event == name]
        days = {f.deadline for f in told if not f.question} | {last}
        part = manifest.model_copy(
            update={"forecasts": tuple(f for f in told if f.deadline in days)}
        )
        console.print(Text(visible(f"{event}: {_how_many(shown, ranked)}")))
        _print_by_deadline(console, part, with_errors=with_errors)


def _how_many(shown: Sequence[str], ranked: Sequence[str]) -> str:
    if len(shown) == len(ranked):
        return f"{len(ranked)} units, the most probable first"
    return (
        f"the {len(shown)} most probable of {len(ranked)} units ('forecast report' and --json "
        "have all)"
    )


def _by_question(console: Console, manifest: Manifest, *, with_errors: bool) -> Table:
    """Return the table of questions, one line each, the next to close first.

    Their words take what is left of a line.
    """
    plain = _figures(manifest, with_errors=with_errors)
    unbounded = console.options.update(max_width=WIDE)
    left = console.width - Measurement.get(console, unbounded, plain).maximum - 2
    return _figures(manifest, with_errors=with_errors, words=max(left, FEWEST))


def _figures(manifest: Manifest, *, with_errors: bool, words: int = 0) -> Table:
    """Return a line of figures for each question, and so many letters of its words."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    errors = ("±",) if with_errors else ()
    table.add_column("by", no_wrap=True)
    for name in ("P", *errors, "90%", *errors, "change", *_beside(manifest)):
        table.add_column(name, justify="right", no_wrap=True)
    if words:
        table.add_column("question", no_wrap=True)
    for told in manifest.forecasts:
        asked = Text(visible(f"{told.question}: {told.wording}".removesuffix(": ")))
        asked.truncate(max(words, 1), overflow="ellipsis")
        cells = (told.by, *_cells(manifest, told, with_errors=with_errors))
        table.add_row(*cells, *([asked] if words else []))
    return table


def _table(manifest: Manifest, labels: Sequence[str], *, with_errors: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column("event", overflow="fold")
    errors = ("±",) if with_errors else ()
    for label in labels:
        for name in (f"by {label}", *errors, "90%", *errors, "change", *_beside(manifest)):
            table.add_column(name, justify="right", no_wrap=True)
    for event, forecasts in groupby(manifest.forecasts, key=lambda forecast: forecast.event):
        shown = {each.by: _cells(manifest, each, with_errors=with_errors) for each in forecasts}
        none = ("",) * (3 + 2 * with_errors + len(_beside(manifest)))
        cells = (cell for label in labels for cell in shown.get(label, none))
        table.add_row(Text(visible(event)), *cells)
    return table


def _beside(manifest: Manifest) -> tuple[str, ...]:
    return () if manifest.recalibration is None else ("recalibrated",)


def _cells(manifest: Manifest, told: ForecastRecord, *, with_errors: bool) -> tuple[str, ...]:
    beside = "" if told.recalibrated is None else percent(told.recalibrated[0])
    return (
        *figure_cells(told, with_errors=with_errors),
        points(told.change, told.mcse),
        *(beside for _ in _beside(manifest)),
    )


def _caption(run: Run, *, with_errors: bool) -> list[str]:
    manifest = run.manifest
    title = f": {manifest.title}" if manifest.title else ""
    lines = [
        f"{manifest.network}{title}",
        f"As of the end of {manifest.as_of} ({_origin(manifest.as_of_from)}); "
        f"{manifest.items_seen} of {manifest.items} items of evidence seen{_clock(manifest)}.",
        f"90%: the {manifest.interval} interval over the uncertain parameters. "
        "change: against the prior, in percentage points.",
        *([ERRORS] if with_errors else []),
        *([] if manifest.recalibration is None else [recalibration_words(manifest.recalibration)]),
        f"Estimated by {METHODS.get(manifest.method, manifest.method)}, {manifest.draws:,} draws, "
        f"seed {manifest.seed}.",
        *_verdicts(manifest.gate.checks),
        f"Saved as {run.path}.",
    ]
    if manifest.deadlines_passed:
        lines.insert(2, f"Already passed, so not shown: {', '.join(manifest.deadlines_passed)}.")
    if manifest.questions_closed:
        lines.insert(2, f"Past or answered, so not shown: {', '.join(manifest.questions_closed)}.")
    if not manifest.gate.passed:
        lines.append(
            "WARNING: the gate FAILED; kept because of --force. Do not rely on these figures."
        )
    return lines


def _verdicts(checks: Sequence[Check]) -> list[str]:
    """Return what the gate says of the parameters, and of the forecasts, a line each."""
    of_both = {
        "parameters": [check for check in checks if not check.of_forecasts],
        "forecasts": [check for check in checks if check.of_forecasts],
    }
    return [
        f"Gate, {which}: {'; '.join(map(_verdict, judged))}."
        for which, judged in of_both.items()
        if judged
    ]


def _verdict(check: Check) -> str:
    value = f"{check.value:.4g}" if isfinite(check.value) else "not finite"
    verdict = "ok" if check.passed else "FAILED"
    return f"{check.name.removeprefix(OF_FORECASTS)} {value} (limit {check.limit:.4g}) {verdict}"


def _clock(manifest: Manifest) -> str:
    """Return by which clock items were seen, where it is not that of the world."""
    return ", by when they were recorded here" if manifest.known == "recorded" else ""


def _origin(source: str) -> str:
    return (
        "given" if source == "the command line" else f"from {source}" if "." in source else source
    )
