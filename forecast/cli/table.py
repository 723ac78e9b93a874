"""The table of a run: events by probability, and what it takes to read it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from os import environ

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from forecast.cli.text import ERRORS, WIDE, figure_cells, visible
from forecast.decimals import reaches
from forecast.gate import OF_FORECASTS, Check
from forecast.ledger import ForecastRecord
from forecast.network._units import shared_name, unit_of
from forecast.probability import FIXED, percent, points, recalibration_words, span
from forecast.report._words import LEAST_CHANGE
from forecast.workspace._result import Run
from forecast.workspace._run import Manifest

MOST_UNITS = 10  # of a panel, for each event
FEWEST = 16  # letters of a name beside its figures; where there is less room it stands above them
PATH = "Saved as"  # begins a line that is copied, so that it stays whole
METHODS = {"importance": "importance sampling", "nuts": "NUTS", "paths": "the path sampler"}


@dataclass(frozen=True)
class Look:
    """How tables are shown.

    Parameters
    ----------
    width
        Of the screen.
    before
        What the run before said, by event and deadline; None where there is none.
    with_errors, ids, recalibrated
        Whether Monte Carlo errors are shown, ids in place of titles, and recalibrated figures.
    """

    width: int
    before: Mapping[tuple[str, datetime], float] | None
    with_errors: bool
    ids: bool
    recalibrated: bool


def print_run(
    run: Run, console: Console | None = None, *, with_errors: bool = False, ids: bool = False
) -> None:
    """Print what changed most, a run's table and, below it, how it was made."""
    console = Console(highlight=False) if console is None else console
    width = console.width if console.is_terminal or "COLUMNS" in environ else WIDE
    manifest = run.manifest
    before = None if run.before is None else run.before.figures
    look = Look(width, before, with_errors, ids, manifest.recalibration is not None)
    told = [verdict(run, ids=ids), "", *_tables(manifest, look), "", *_caption(run, look)]
    for line in map(visible, told):
        parts = (
            [line] if line.startswith(PATH) or cell_len(line) <= width else _wrapped(line, width)
        )
        for part in parts:
            console.print(Text(part), soft_wrap=True)


def verdict(run: Run, *, ids: bool = False) -> str:
    """Return in one sentence which forecast moved most since the run before, else off its prior."""
    told, before = run.manifest.forecasts, run.before
    if before is None:
        since, was = "against the prior", {_key(each): each.prior for each in told}
    else:
        since, was = f"since the run as of {before.as_of}", {**before.figures}
    moved = [(each, each.probability - old) for each in told if (old := was.get(_key(each)))]
    if not moved:
        return f"Nothing to compare with {since}."
    most, change = max(moved, key=lambda pair: abs(pair[1]))
    if not reaches(abs(change), LEAST_CHANGE):
        return f"No forecast moved by half a percentage point or more {since}."
    name = _name(most, ids=ids)
    called = name if ids or not most.wording else f"“{name}”"
    then, now = percent(most.probability - change), percent(most.probability, most.mcse)
    moved_to = f"by {points(change, most.mcse)} points, to {now}"
    if then != now:
        moved_to = f"from {then} to {now} ({points(change, most.mcse)} points)"
    return f"Most changed {since}: {called} by {most.by}, {moved_to}."


def _key(told: ForecastRecord) -> tuple[str, datetime]:
    return told.event, told.deadline


def _name(told: ForecastRecord, *, ids: bool) -> str:
    """Return what a forecast is called: the words of its question, or its event's title."""
    if ids:
        return told.question or told.event
    return told.wording or told.question or told.title or told.event


def _tables(manifest: Manifest, look: Look) -> Iterator[str]:
    """Yield the lines of what is shown of a run: of questions, of units, or of events."""
    told = manifest.forecasts
    asked = [forecast for forecast in told if forecast.question]
    if asked:
        yield from _by_question(asked, look)
    if len(asked) < len(told) and any(unit_of(forecast.event) for forecast in told):
        yield from _by_unit(told, look)
    elif not asked:
        groups = [list(group) for _, group in groupby(told, key=lambda each: each.event)]
        groups.sort(key=lambda group: all(each.settled for each in group))  # open ones first
        names = [_name(group[0], ids=look.ids) for group in groups]
        if len(set(names)) < len(names):  # two events of one title
            names = [group[0].event for group in groups]
        yield from _by_event("event", names, groups, look)


def _by_unit(told: Sequence[ForecastRecord], look: Look) -> Iterator[str]:
    """Yield of each event of a panel the units in which it is the most probable."""
    by_event: dict[str, dict[str, None]] = {}
    for forecast in told:
        by_event.setdefault(shared_name(forecast.event), {})[forecast.event] = None
    last = max(forecast.deadline for forecast in told if not forecast.question)
    figures = {f.event: f.probability for f in told if f.deadline == last}
    for event, names in by_event.items():
        ranked = sorted(names, key=lambda name: -figures.get(name, 0.0))
        shown = ranked[:MOST_UNITS]
        of_shown = [[f for f in told if f.event == name] for name in shown]
        days = {f.deadline for group in of_shown for f in group if not f.question} | {last}
        groups = [[f for f in group if f.deadline in days] for group in of_shown]
        yield f"{event}: {_how_many(shown, ranked)}"
        yield from _by_event("unit", [unit_of(name) or name for name in shown], groups, look)


def _how_many(shown: Sequence[str], ranked: Sequence[str]) -> str:
    if len(shown) == len(ranked):
        return f"{len(ranked)} units, the most probable first"
    return (
        f"the {len(shown)} most probable of {len(ranked)} units ('forecast report' and --json "
        "have all)"
    )


def _by_question(asked: Sequence[ForecastRecord], look: Look) -> Iterator[str]:
    """Yield each question, the next to close first; its words take what is left of the lines."""
    rows = [_figures(told, look) for told in asked]
    head, *lines = _grid([*_headings(look), *rows])
    room = max(look.width - cell_len(head) - 2, FEWEST)
    names = [_wrapped(visible(_name(told, ids=look.ids)), room) for told in asked]
    above = len(_headings(look)) - 1
    cells = [*[[""]] * above, ["question"], *names]
    blank = " " * cell_len(head)
    whole = [
        [f"{line if n == 0 else blank}  {part}".rstrip() for n, part in enumerate(parts)]
        for line, parts in zip([head, *lines], cells, strict=True)
    ]
    shown = [line for parts in whole for line in parts]
    yield from shown[: above + 1]
    yield "─" * min(look.width, max(map(cell_len, shown)))
    yield from shown[above + 1 :]


def _by_event(
    what: str, names: Sequence[str], groups: Sequence[Sequence[ForecastRecord]], look: Look
) -> Iterator[str]:
    """Yield a line for each deadline of each event, beside its name or, without room, below it."""
    headings = _headings(look)
    lines = _grid([*headings, *(_figures(told, look) for group in groups for told in group)])
    left = look.width - cell_len(lines[0]) - 2
    beside = left >= FEWEST
    room = left if beside else look.width
    labels = [_wrapped(visible(name), room) for name in [what, *names]]
    wide = max(cell_len(line) for label in labels for line in label) if beside else 2
    above, rest = lines[: len(headings)], iter(lines[len(headings) :])
    for n, line in enumerate(above):
        yield f"{_padded(what if n == len(above) - 1 and beside else '', wide)}  {line}"
    yield "─" * (wide + 2 + max(map(cell_len, lines)))
    for label, group in zip(labels[1:], groups, strict=True):
        if not beside:
            yield from label
        shown = iter(label if beside else ())
        for _ in group:
            yield f"{_padded(next(shown, ''), wide)}  {next(rest)}".rstrip()
        yield from shown


def _headings(look: Look) -> list[tuple[str, ...]]:
    """Return the headings of the figures' columns, in two lines."""
    errors = (("", "±"),) if look.with_errors else ()
    pairs = [("", "by"), ("", "P"), *errors, ("", "90%"), *errors]
    if look.before is not None:
        pairs.append(("since", "last run"))
    pairs.append(("against", "prior"))
    if look.recalibrated:
        pairs.append(("", "recalibrated"))
    return [tuple(above for above, _ in pairs), tuple(below for _, below in pairs)]


def _figures(told: ForecastRecord, look: Look) -> tuple[str, ...]:
    since: tuple[str, ...] = ()
    if look.before is not None:
        before = look.before.get(_key(told))
        since = (points(None if before is None else told.probability - before, told.mcse),)
    beside = "" if told.recalibrated is None else percent(told.recalibrated[0])
    return (
        told.by,
        *figure_cells(told, with_errors=look.with_errors),
        *since,
        points(told.change, told.mcse),
        *([beside] if look.recalibrated else []),
    )


def _grid(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows of figures as lines of one width: the first column to the left, others right."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(wide) if place == 0 else cell.rjust(wide)
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _padded(text: str, wide: int) -> str:
    return text + " " * (wide - cell_len(text))


def _wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of so many columns, of which a wide letter takes two."""
    lines = [""]
    for word in text.split(" "):
        for part in chop_cells(word, width) or [""]:
            longer = f"{lines[-1]} {part}" if lines[-1] else part
            if cell_len(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(part)
    return lines


def _caption(run: Run, look: Look) -> list[str]:
    manifest = run.manifest
    title = f": {manifest.title}" if manifest.title else ""
    lines = [
        f"{manifest.network}{title}",
        f"As of the end of {manifest.as_of} ({_origin(manifest.as_of_from)}); "
        f"{manifest.items_seen} of {manifest.items} items of evidence seen{_clock(manifest)}"
        f"{_replaced(manifest.items_replaced)}.",
        f"90%: the {manifest.interval} interval over the uncertain parameters{_fixed(manifest)}. "
        f"{_changes(run)}",
        *([ERRORS] if look.with_errors else []),
        *([] if manifest.recalibration is None else [recalibration_words(manifest.recalibration)]),
        f"Estimated by {METHODS.get(manifest.method, manifest.method)}, {manifest.draws:,} draws, "
        f"seed {manifest.seed}.",
        *_verdicts(manifest.gate.checks),
        f"{PATH} {run.path}.",
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


def _fixed(manifest: Manifest) -> str:
    """Return what stands in place of an interval, where one has no width."""
    fixed = any(span(told.lower, told.upper, told.mcse) == FIXED for told in manifest.forecasts)
    return f'; "{FIXED}" where none of them bears on the forecast' if fixed else ""


def _replaced(forecasts: int) -> str:
    """Return what became of the forecasts of a source that gave a newer one."""
    if not forecasts:
        return ""
    return f"; {forecasts} {'was' if forecasts == 1 else 'were'} replaced by newer forecasts"


def _changes(run: Run) -> str:
    """Return what the changes in the table are against."""
    since = "" if run.before is None else f"since the run as of {run.before.as_of}, and "
    return f"Changes are in percentage points: {since}against the network's own prior."


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
    verdict = "ok" if check.passed else "FAILED"
    name = check.name.removeprefix(OF_FORECASTS)
    return f"{name} {check.figure} (limit {check.limit:.4g}) {verdict}"


def _clock(manifest: Manifest) -> str:
    """Return by which clock items were seen, where it is not that of the world."""
    return ", by when they were recorded here" if manifest.known == "recorded" else ""


def _origin(source: str) -> str:
    return (
        "given" if source == "the command line" else f"from {source}" if "." in source else source
    )
