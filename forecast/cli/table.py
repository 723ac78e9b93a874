"""The table of a run: events by probability, and what it takes to read it."""

from collections.abc import Sequence
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from forecast.cli.text import sanitize
from forecast.workspace.manifest import EventForecast, Manifest
from forecast.workspace.update import Run

__all__ = ["percent", "points", "print_run"]

WIDE = 10_000  # where nobody looks at a screen, no line is wrapped
FINE = 0.002  # a decimal is shown only where the Monte Carlo error is smaller than this
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


def percent(probability: float, mcse: float | None = None) -> str:
    """Return a probability as a percentage, no finer than is known, and never rounded to certainty.

    Parameters
    ----------
    probability
        The probability.
    mcse
        Its Monte Carlo standard error, if it has one.

    Examples
    --------
    >>> percent(0.004), percent(0.0321), percent(0.47), percent(0.962), percent(0.998), percent(1.0)
    ('<1%', '3.2%', '47%', '96.2%', '>99%', '100%')
    """
    if probability in (0.0, 1.0):
        return f"{probability:.0%}"
    if probability < 0.01:  # noqa: PLR2004  one per cent
        return "<1%"
    if probability > 0.99:  # noqa: PLR2004
        return ">99%"
    near_an_end = min(probability, 1 - probability) < 0.0995  # noqa: PLR2004  it rounds below 10%
    fine = mcse is None or mcse < FINE
    return f"{probability:.1%}" if near_an_end and fine else f"{probability:.0%}"


def points(change: float | None, mcse: float | None = None) -> str:
    """Return a change in percentage points, with its sign, no finer than is known.

    Parameters
    ----------
    change
        A difference of probabilities, if there is one.
    mcse
        The Monte Carlo standard error of what changed, if it has one.

    Examples
    --------
    >>> points(0.034), points(0.034, mcse=0.01), points(-0.0004), points(None)
    ('+3.4', '+3', '0.0', '')
    """
    if change is None:
        return ""
    decimals = 1 if mcse is None or mcse < FINE else 0
    rounded = round(100 * change, decimals)
    return f"{rounded:+.{decimals}f}" if rounded else f"{0:.{decimals}f}"


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
    return chance, _interval(forecast.lower, forecast.upper), points(forecast.change, forecast.mcse)


def _interval(lower: float | None, upper: float | None) -> str:
    """Return an interval; nothing where there is none, as for what is certain."""
    if lower is None or upper is None or (lower == upper and lower in {0.0, 1.0}):
        return ""
    low, high = percent(lower), percent(upper)
    return high if low == high else f"{low.removesuffix('%')}–{high}"


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
