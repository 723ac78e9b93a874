"""The table of a run: events by probability, and what it takes to read it."""

from collections.abc import Sequence
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from forecast.cli.text import sanitize
from forecast.probability import percent, points, span
from forecast.workspace.manifest import EventForecast, Manifest
from forecast.workspace.update import Run

__all__ = ["percent", "points", "print_run"]

WIDE = 10_000  # where nobody looks at a screen, no line is wrapped
METHODS = {"importance": "importance sampling", "nuts": "NUTS", "paths": "the path sampler"}


def print_run(run: Run, console: Console | None = None) -> None:
    """Print a run's table and, below it, how it was made.

    On a screen too narrow for the whole table, each deadline gets a table of its own.
    """
    console = Console(highlight=False) if console is None else console
    if not console.is_terminal:
        console.width = WIDE
    manifest = run.manifest
    labels = list(dict.fromkeys(forecast.by for forecast in manifest.forecasts))
    whole = _table(manifest, labels)
    unbounded = console.options.update(max_width=WIDE)
    fits = Measurement.get(console, unbounded, whole).maximum <= console.width
    for table in [whole] if fits else [_table(manifest, [label]) for label in labels]:
        console.print(table)
    for line in _caption(run):
        console.print(Text(sanitize(line)), soft_wrap=True)


def _table(manifest: Manifest, labels: Sequence[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column("event", overflow="fold")
    for label in labels:
        table.add_column(f"by {label}", justify="right", no_wrap=True)
        table.add_column("90%", justify="right", no_wrap=True)
        table.add_column("change", justify="right", no_wrap=True)
    for event, forecasts in groupby(manifest.forecasts, key=lambda forecast: forecast.event):
        shown = {forecast.by: _cells(forecast) for forecast in forecasts}
        table.add_row(Text(sanitize(event)), *(cell for label in labels for cell in shown[label]))
    return table


def _cells(forecast: EventForecast) -> tuple[str, str, str]:
    chance = percent(forecast.mean, forecast.mcse)
    return chance, span(forecast.lower, forecast.upper), points(forecast.change, forecast.mcse)


def _caption(run: Run) -> list[str]:
    manifest = run.manifest
    checks = "; ".join(
        f"{check.name} {'not finite' if check.value is None else f'{check.value:.4g}'} "
        f"(limit {check.limit:.4g}) {'ok' if check.passed else 'FAILED'}"
        for check in manifest.gate.checks
    )
    title = f": {manifest.title}" if manifest.title else ""
    lines = [
        f"{manifest.network}{title}",
        f"As of the end of {manifest.as_of} ({_origin(manifest.as_of_from)}); "
        f"{manifest.items_seen} of {manifest.items} items of evidence seen{_clock(manifest)}.",
        f"90%: the {manifest.interval} interval over the uncertain parameters. "
        "change: against the prior, in percentage points.",
        f"Estimated by {METHODS.get(manifest.method, manifest.method)}, {manifest.draws:,} draws, "
        f"seed {manifest.seed}; gate: {checks}.",
        f"Saved as {run.path}.",
    ]
    if manifest.deadlines_passed:
        lines.insert(2, f"Already passed, so not shown: {', '.join(manifest.deadlines_passed)}.")
    if manifest.gate.forced:
        lines.append(
            "WARNING: the gate FAILED; kept because of --force. Do not rely on these figures."
        )
    return lines


def _clock(manifest: Manifest) -> str:
    """Return by which clock items were seen, where it is not that of the world."""
    return ", by when they were recorded here" if manifest.known == "recorded" else ""


def _origin(source: str) -> str:
    return (
        "given" if source == "the command line" else f"from {source}" if "." in source else source
    )
