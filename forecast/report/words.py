"""Figures of the page as words: changes, odds, reasons."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from forecast.decimals import reaches
from forecast.probability import error, errors, percent, points
from forecast.report.content import Influence, NetworkPart
from forecast.report.event import EventPart, Figure, Moved
from forecast.time import day_words

__all__ = [
    "Move",
    "Push",
    "bearing",
    "change_words",
    "changes",
    "curve_words",
    "error_words",
    "figure_words",
    "names",
    "odds",
    "past_words",
    "pushes",
    "short",
]

LEAST_CHANGE = 0.005
"""Half a percentage point: what moved less is not called a change."""

MOST_CHANGES = 5
MOST_PUSHES = 7
LEAST_PUSH = 0.02
"""Log-odds, of the steps that have a line of their own."""

PRIOR, TIME, NOISE = "(prior)", "(time alone)", "(Monte Carlo error)"


class Move(NamedTuple):
    """A forecast that moved since the run before."""

    event: EventPart
    figure: Figure


class Push(NamedTuple):
    """What moved a forecast: an item, by id, or else what in words; and by how much."""

    item: str
    words: str
    log_odds: float
    copies: int = 0


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


def changes(network: NetworkPart) -> tuple[Move, ...]:
    """Return the largest changes since the run before, one an event, the largest first."""
    moves = []
    for event in network.events:
        told = [figure for figure in event.figures if figure.change is not None]
        if told:
            moves.append(Move(event, max(told, key=lambda figure: abs(figure.change or 0.0))))
    moves = [move for move in moves if reaches(abs(move.figure.change or 0.0), LEAST_CHANGE)]
    moves.sort(key=lambda move: -abs(move.figure.change or 0.0))
    return tuple(moves[:MOST_CHANGES])


def pushes(moved: Iterable[Moved]) -> tuple[Push, ...]:
    """Return what moved a forecast, what counts in order, the rest as one; they add up."""
    steps = [step for step in moved if step.item != PRIOR]
    by_size = sorted(steps, key=lambda step: -abs(step.log_odds))
    strong = [s for s in by_size[:MOST_PUSHES] if abs(s.log_odds) >= LEAST_PUSH and s.item != NOISE]
    told = [
        Push("", "Time alone: nothing was seen to happen", step.log_odds)
        if step.item == TIME
        else Push(step.item, "", step.log_odds, step.copies)
        for step in steps
        if step in strong
    ]
    rest = [step for step in steps if step not in strong]
    others = sum(step.item not in {TIME, NOISE} for step in rest)
    parts = [f"{others} {'item' if others == 1 else 'items'}"] if others else []
    parts += ["that nothing was seen to happen"] if TIME in {step.item for step in rest} else []
    words = f"All else: {names([*parts, 'sampling error'])}" if parts else "Sampling error"
    return (*told, Push("", words, sum(step.log_odds for step in rest)))


def bearing(link: Influence, *, on_it: bool) -> str:
    """Return how a link bears on its child, or its parent on others, before the other's name."""
    less = link.ratio is not None and link.ratio < 1
    likely = "less likely" if less else "likelier"
    into = {
        "causes": "Opened by",
        "multiplies": f"Made {likely} by",
        "requires": "Needs",
        "prevents": "Ruled out by",
    }
    out = {
        "causes": "Opens a way to",
        "multiplies": f"Makes {likely}:",
        "requires": "Is needed for",
        "prevents": "Rules out",
    }
    return (into if on_it else out)[link.kind]


def short(text: str, most: int = 90) -> str:
    """Return a text, cut at a word where it is long.

    Examples
    --------
    >>> short("one two three", 9)
    'one two…'
    """
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


def figure_words(figure: Figure) -> str:
    """Return a forecast and its change as a sentence's end."""
    return f"{percent(figure.probability, figure.mcse)} by {day_words(figure.by)}"


def error_words(figure: Figure) -> str:
    """Return the errors of a forecast and of its interval's ends; a dash where there is none.

    Examples
    --------
    >>> from datetime import datetime
    >>> day = datetime(2024, 7, 1)
    >>> error_words(Figure(day, 0.25, 0.001, 0.1, 0.5, lower_mcse=0.002, upper_mcse=0.01))
    '±0.1; ±0.2, ±1.0'
    >>> error_words(Figure(day, 1.0, 0.0))
    '–'
    """
    if figure.settled:
        return "–"
    ends = errors(figure.lower_mcse, figure.upper_mcse)
    return "; ".join(filter(None, (error(figure.mcse), ends))) or "–"


def curve_words(event: EventPart) -> str:
    """Return what the chart of a curve shows."""
    told = names([figure_words(figure) for figure in event.figures])
    return f"Probability over time: {told}."


def past_words(event: EventPart) -> str:
    """Return what the chart of past runs shows."""
    last = event.figures[-1]
    told = [
        f"{percent(figure.probability, figure.mcse)} as of {day_words(run.as_of)}"
        for run in event.history
        for figure in run.figures
        if figure.by == last.by
    ]
    return f"Run by run, by {day_words(last.by)}: {names(told[-6:])}."


def change_words(figure: Figure) -> str:
    """Return a change in points with an arrow; a dash where there is none to tell.

    Examples
    --------
    >>> from datetime import datetime
    >>> change_words(Figure(datetime(2024, 7, 1), 0.25, before=0.2))
    '▲ 5.0'
    """
    if figure.change is None:
        return "–"
    told = points(figure.change, figure.mcse)
    arrow = {"+": "▲ ", "-": "▼ "}.get(told[0], "")
    return arrow + told.lstrip("+-")
