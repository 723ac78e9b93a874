"""Figures of the page as words: changes, odds, reasons."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from forecast.decimals import reaches, same
from forecast.probability import (
    FIXED,
    NOISE,
    PRIOR,
    TIME,
    error,
    errors,
    percent,
    points,
    span,
    within_error,
)
from forecast.report._content import EventPart, Influence, NamedItem, NetworkPart, OddsStep, Watch
from forecast.time import day_words, parse_instant

if TYPE_CHECKING:
    from forecast.calibration._record import QuestionScore
    from forecast.ledger import ForecastRecord

LEAST_CHANGE = 0.005
"""Half a percentage point: what moved less is not called a change."""

MOST_CHANGES = 5
MOST_PUSHES = 7
LEAST_PUSH = 0.05
"""Log-odds, of the items that have a line of their own: less is ×1 to the digits shown. What may be
sampling error alone has none either."""


def crowd_lines(
    items: Iterable[NamedItem], event: str, ours: Mapping[datetime, float]
) -> list[str]:
    """Return what each crowd last said of an event, and by how much our own forecast differs.

    Parameters
    ----------
    items
        Those that were seen.
    event
        Its id.
    ours
        What we say of it, by deadline.
    """
    lines = []
    for item in opinions(items, event):
        probability, deadline = item.probability or 0.0, item.deadline or item.published
        there = f"{item.source} said {percent(probability)} on "
        there += f"{day_words(item.published)}, by {day_words(deadline)}"
        own = ours.get(deadline)
        if own is not None:
            there += f"; we say {percent(own)} ({points(own - probability)} points)"
        lines.append(there)
    return lines


def opinions(items: Iterable[NamedItem], event: str) -> list[NamedItem]:
    """Return what each crowd last said of an event, by crowd and deadline."""
    said = [item for item in items if item.probability is not None and event in item.events]
    newest: dict[str, datetime] = {}
    for item in said:
        newest[item.source] = max(newest.get(item.source, item.published), item.published)
    return sorted(
        (item for item in said if item.deadline and item.published == newest[item.source]),
        key=lambda item: (item.source, item.deadline or item.published),
    )


class Change(NamedTuple):
    """A forecast that changed since the run before, and by how much."""

    event: EventPart
    figure: "ForecastRecord"
    by_how_much: float


class Push(NamedTuple):
    """What moved a forecast: an item, by id, or else what in words; and by how much.

    `log_odds` is None where it starts, and `points` what it starts from; `mcse` is the Monte Carlo
    standard error of `log_odds`, where it is known.
    """

    item: str
    words: str
    log_odds: float | None
    points: float
    copies: int = 0
    mcse: float | None = None


OTHER = {
    PRIOR: "Before any evidence",
    "(before)": "The run before",
    "(revised or withdrawn)": "What was revised, withdrawn or replaced",
    TIME: "Time passed, and nothing was seen to happen",
    NOISE: "Sampling error",
}
"""Steps that are no item, in words."""


def names(words: Sequence[str]) -> str:
    """Return names as a list in words.

    Examples
    --------
    >>> names(["a"]), names(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def odds(log_odds: float) -> str:
    """Return by what the odds are multiplied, to two digits.

    Examples
    --------
    >>> odds(math.log(2.44)), odds(math.log(0.5)), odds(0.001), odds(math.log(1234))
    ('×2.4', '×0.5', '×1', '×1,200')
    """
    factor = math.exp(log_odds)
    if not factor:
        return "×0"
    digits = 1 - math.floor(math.log10(factor))
    rounded = round(factor, digits)
    return (
        f"×{rounded:,.{max(digits, 0)}f}".rstrip("0").rstrip(".")
        if digits > 0
        else (f"×{rounded:,.0f}")
    )


def odds_error(mcse: float | None) -> str:
    """Return the Monte Carlo error of log-odds as a share of the odds; empty if unknown.

    Examples
    --------
    >>> odds_error(0.124), odds_error(0.002), odds_error(None)
    ('±12%', '±<1%', '')
    """
    if mcse is None:
        return ""
    return f"±{mcse:.0%}" if reaches(mcse, 0.005) or not mcse else "±<1%"


def changes(network: NetworkPart) -> tuple[Change, ...]:
    """Return the largest changes since the run before, one an event, the largest first."""
    found = []
    for event in network.every or network.events:
        told = [(figure, event.change(figure)) for figure in event.figures]
        known = [Change(event, figure, moved) for figure, moved in told if moved is not None]
        found += sorted(known, key=_size, reverse=True)[:1]
    found = [change for change in found if reaches(_size(change), LEAST_CHANGE)]
    return tuple(sorted(found, key=_size, reverse=True)[:MOST_CHANGES])


def _size(change: Change) -> float:
    return abs(change.by_how_much)


def pushes(moved: Sequence[OddsStep], most: int = MOST_PUSHES) -> tuple[Push, ...]:
    """Return what moved a forecast, from where it starts: what counts in order, the rest as one.

    They add up, in log-odds and in points. At most so many items have a line of their own.
    """
    first, *steps = moved
    telling = [step for step in steps if step.item not in OTHER and _telling(step)]
    strong = sorted(telling, key=lambda step: -abs(step.log_odds))[:most]
    told = [step for step in steps if step in strong or step.item in OTHER.keys() - {NOISE}]
    rest = [step for step in steps if step not in told]
    start = Push("", OTHER.get(first.item, first.item), None, first.points)
    return (start, *map(_push, told), _collected(rest))


def _telling(step: OddsStep) -> bool:
    """Return whether a step is large enough to be told, and more than sampling error."""
    large = step.item in OTHER or abs(step.log_odds) >= LEAST_PUSH
    return large and not within_error(step.log_odds, step.mcse)


def _push(step: OddsStep) -> Push:
    words = OTHER.get(step.item, "")
    if words and within_error(step.log_odds, step.mcse):
        words += "; within sampling error"
    item = "" if words else step.item
    return Push(item, words, step.log_odds, step.points, step.copies, step.mcse)


def _collected(rest: Sequence[OddsStep]) -> Push:
    """Return the last line: what has none of its own, with the sampling error that is left."""
    moved, in_points = sum(step.log_odds for step in rest), sum(step.points for step in rest)
    mcse = math.hypot(*(step.mcse or 0.0 for step in rest))
    items = [step for step in rest if step.item != NOISE]
    unclear = sum(within_error(step.log_odds, step.mcse) for step in items)
    moving = [step for step in items if not same(step.log_odds, 0.0)]
    clear = any(not within_error(step.log_odds, step.mcse) for step in moving)
    many = f"{len(items)} {'more' if unclear else 'smaller'} item{'' if len(items) == 1 else 's'}"
    if not items:
        words = OTHER[NOISE]
    elif not unclear:
        words = f"{many}, and sampling error"
    elif clear:
        words = f"{many}, {unclear} of them within sampling error"
    else:
        words = f"{many}, {'not' if len(items) == 1 else 'none of them'} beyond sampling error"
    if unclear and len(items) > 1 and not within_error(moved, mcse):
        words += "; their sum is beyond it"
    return Push("", words, moved, in_points, mcse=mcse)


def level(probability: float) -> str:
    """Return where steps start or end: to a tenth of a point, as the steps are told.

    Examples
    --------
    >>> level(0.0061), level(0.0004), level(0.47)
    ('0.6%', '<0.1%', '47%')
    """
    if 0 < probability < 0.01:  # noqa: PLR2004  as `percent` leaves it at that
        return f"{probability:.1%}" if reaches(probability, 0.001) else "<0.1%"
    return percent(probability)


def teller(watch: Watch) -> str:
    """Return how news would come: who would say so, or that it would be seen."""
    return f"says {watch.source}" if watch.source else "seen to happen"


def copies_words(copies: int) -> str:
    """Return how many copies are told with an item; empty for none.

    Examples
    --------
    >>> copies_words(1), copies_words(7)
    ('and 1 copy', 'and 7 copies')
    """
    return f"and {copies} cop{'y' if copies == 1 else 'ies'}" if copies else ""


def bearing(link: Influence, *, on_it: bool) -> str:
    """Return how a link bears on its child, or its parent on others, before the other's name."""
    less = link.ratio is not None and link.ratio < 1
    likely = "less likely" if less else "likelier"
    into = {
        "causes": "Opened by",
        "multiplies": f"Made {likely} by",
        "requires": "Needs",
        "given": "Depends on",
        "prevents": "Ruled out by",
    }
    out = {
        "causes": "Opens a way to",
        "multiplies": f"Makes {likely}:",
        "requires": "Is needed for",
        "given": "Bears on",
        "prevents": "Rules out",
    }
    return (into if on_it else out)[link.kind]


def short(text: str, most: int = 120) -> str:
    """Return a text, cut at a word where it is long.

    Examples
    --------
    >>> short("one two three", 9)
    'one two…'
    """
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


def error_words(figure: "ForecastRecord") -> str:
    """Return the errors of a forecast and of its interval's ends; a dash where there is none.

    Examples
    --------
    >>> from datetime import datetime
    >>> from forecast.ledger import ForecastRecord
    >>> day = datetime(2024, 7, 1)
    >>> told = ("pact", day, 0.25, 0.1, 0.5, 0.001, 0.2, day)
    >>> error_words(ForecastRecord(*told, lower_mcse=0.002, upper_mcse=0.01))
    '±0.1; ±0.2, ±1.0'
    """
    if figure.settled:
        return "–"
    fixed = span(figure.lower, figure.upper, figure.mcse) == FIXED
    ends = "" if fixed else errors(figure.lower_mcse, figure.upper_mcse)
    return "; ".join(filter(None, (error(figure.mcse), ends))) or "–"


def verdict_words(event: EventPart, network: NetworkPart) -> str:
    """Return in a sentence or two what is forecast of an event, and what brought it there."""
    reasons = event.reasons
    by = event.figures[-1].deadline if reasons is None else reasons.by
    told = next((each for each in event.figures if each.deadline == by), event.figures[-1])
    day = day_words(told.deadline)
    if told.settled:
        return f"No doubt is left: it is {'on' if told.probability else 'off'} by {day}."
    parts = []
    change = event.change(told)
    if network.previous is not None and change is not None:
        since = f"since the run as of {day_words(network.previous)}"
        parts.append(f"{_way(change, told.mcse)} {since}")
    if told.prior is not None:
        parts.append(f"before any evidence it was {percent(told.prior)}")
    verdict = f"{percent(told.probability, told.mcse)} by {day}{': ' if parts else ''}"
    verdict += "; ".join(parts) + "."
    moved = () if reasons is None else reasons.moved[1:]
    steps = [step for step in moved if step.item != NOISE and _telling(step)]
    most = max(steps, key=lambda step: abs(step.points), default=None)
    if most is None or not reaches(abs(most.points), LEAST_CHANGE):
        return verdict
    words = _step_words(most, event, network)
    start = "before any evidence" if told.prior is None else "there"
    return f"{verdict} From {start} it was moved most by: {words} ({points(most.points)} points)."


def _way(change: float, mcse: float | None) -> str:
    told = points(change, mcse)
    way = {"+": "up ", "-": "down "}.get(told[0])
    return "unchanged" if way is None else f"{way}{told[1:]} point{'' if told[1:] == '1' else 's'}"


def _step_words(step: OddsStep, event: EventPart, network: NetworkPart) -> str:
    if step.item not in network.items:
        words = OTHER.get(step.item, step.item)
        return words[:1].lower() + words[1:]
    item = network.items[step.item]
    said = f"“{short(item.text, 60)}”" if item.text else item.claim or item.kind
    if item.source and not item.text:
        said = f"{item.source}: {said}"
    if event.id not in item.events:
        said += f" (of “{network.titles.get(item.event, item.event)}”)"
    return f"{said}, {day_words(item.published)}"


def scored_words(row: "QuestionScore") -> str:
    """Return how a question came out, and how its forecasts were scored."""
    came = {0.0: "did not come", 1.0: "came"}.get(row.outcome)
    came = came or f"was resolved to {percent(row.outcome)}"
    gain = f"{abs(row.gain):.3f} {'better' if row.gain >= 0 else 'worse'} than the prior"
    return (
        f"By {day_words(parse_instant(row.by))} it {came}. First said {percent(row.first)}, last "
        f"{percent(row.last)}; Brier score {gain} over the question's life."
    )


_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


def address(citation: str) -> str:
    """Return the address of the web that a citation holds; empty for none.

    Examples
    --------
    >>> address("The Courier, https://example.org/n/1, p. 4"), address("javascript:alert(1)")
    ('https://example.org/n/1', '')
    """
    found = _ADDRESS.search(citation)
    return "" if found is None else found[0].rstrip(".,;:)]")


def curve_words(event: EventPart, crowd: Sequence[NamedItem] = ()) -> str:
    """Return what the chart of a curve shows."""
    told = names(
        [f"{percent(f.probability, f.mcse)} by {day_words(f.deadline)}" for f in event.figures]
    )
    theirs = names([f"{percent(c.probability or 0.0)}, {c.source}" for c in crowd])
    return f"Probability over time: {told}.{f' The crowd: {theirs}.' if theirs else ''}"


def past_words(event: EventPart) -> str:
    """Return what the chart of past runs shows."""
    last = event.figures[-1]
    told = [
        f"{percent(figure.probability, figure.mcse)} as of {day_words(run.as_of)}"
        for run in event.history
        for figure in run.figures
        if figure.deadline == last.deadline
    ]
    return f"Run by run, by {day_words(last.deadline)}: {names(told[-6:])}."


def change_words(change: float | None, mcse: float | None) -> str:
    """Return a change in points with an arrow; a dash where there is none to tell.

    Examples
    --------
    >>> change_words(0.05, 0.001)
    '▲ 5.0'
    """
    if change is None:
        return "–"
    told = points(change, mcse)
    arrow = {"+": "▲ ", "-": "▼ "}.get(told[0], "")
    return arrow + told.lstrip("+-")
