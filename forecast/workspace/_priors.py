"""The prior predictive report: what a network says before any news, beside what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forecast.decimals import as_written
from forecast.errors import Fault, InputError
from forecast.files._reference_class_file import ClassShelf
from forecast.network import Event, Network, Prior, initial_prior, off_rate_prior, rate_prior
from forecast.network._as_stated import as_stated
from forecast.network._nodes import Node
from forecast.network._rate_belief import ClassPhrase, is_class, read_class
from forecast.time import Day, DayError, day_label, parse_instant, years_between

if TYPE_CHECKING:
    import pandas as pd


LEVEL = 0.9
LEAST_SHOWN, TENTHS_BELOW, TENTHS_ABOVE, SURE = 0.1, 10.0, 99.0, 100 - 1e-7
"""Per cent."""
POINTS = 14
"""Two to this many points of the priors stand for them."""


@dataclass(frozen=True)
class Chance:
    """A probability by a deadline: its mean over the priors, and central 90% interval there."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as ``8.4% (5.1–13)``."""
        return f"{_percent(self.middle)}% ({_percent(self.low)}–{_percent(self.high)})"


@dataclass(frozen=True)
class PriorRow:
    """One event: its prior, its class, and what either implies by each deadline.

    Parameters
    ----------
    event
        The event.
    own
        By what is stated of it alone, all influences off and the calendar weight at 1; for a state,
        that it is on then. Empty where it waits for another event.
    counted
        By its reference class, one unit of exposure: that it has come; empty where there is none.
    network
        By the network before any news, with links and calendar.
    """

    event: Event
    own: tuple[Chance, ...]
    counted: tuple[Chance, ...]
    network: tuple[Chance, ...]


def class_of(event: Event) -> ClassPhrase | None:
    """Return the reference class that stands beside an event, or that its rate names alone."""
    said = event.reference_class or str(event.rate)
    return read_class(said) if is_class(said) else None


def prior_rows(
    network: Network, shelf: ClassShelf, by: Sequence[Day], *, draws: int = 4096, seed: int = 1
) -> list[PriorRow]:
    """Return the report of a network by some deadlines, one row an event in its order."""
    from forecast.posterior._update import prior  # noqa: PLC0415 - takes seconds

    deadlines = [_deadline(day) for day in by]
    table = prior(network, draws=draws, seed=seed).table(by=deadlines)
    rows = []
    for event in network.nodes:
        before = tuple(_of_table(table, event, day_label(deadline)) for deadline in deadlines)
        own, counted = _own(network, event, deadlines), _counted(network, shelf, event, deadlines)
        rows.append(PriorRow(event, own, counted, before))
    return rows


def _deadline(day: Day) -> datetime:
    try:
        return parse_instant(day)
    except DayError as error:
        raise InputError(Fault(str(error), field="--by")) from error


def _of_table(table: "pd.DataFrame", event: Event, deadline: str) -> Chance:
    columns = [(deadline, part) for part in ("mean", "lower", "upper")]
    return Chance(*table[columns].loc[event.id].to_numpy(dtype=float).tolist())


def _own(network: Network, event: Event, deadlines: Sequence[datetime]) -> tuple[Chance, ...]:
    if isinstance(event, Node) and event.outcomes is not None:
        return _decided(event, deadlines)
    certain = event.initially is True and event.kind != "state"
    if not _is_first(event) or event.rate is None or certain:
        return ()
    spans, rate = _spans(network, deadlines), rate_prior(network, event)
    if event.kind == "state":
        on, off, first = _drawn(rate, off_rate_prior(network, event), initial_prior(event))
        return _turning(on, off, first, spans)
    if event.ever is not None:
        pace, ever = _drawn(rate, event.ever.prior())
        return tuple(_chance(-ever * np.expm1(-pace * years)) for years in spans)
    return _come(rate, spans)


def _is_first(event: Event) -> bool:
    """Return whether an event waits for no other node of what was stated."""
    return not isinstance(event, Node) or event.id == event.of


def _spans(network: Network, deadlines: Sequence[datetime]) -> list[float]:
    return [years_between(network.start_instant, deadline) for deadline in deadlines]


def _drawn(*priors: Prior) -> list[NDArray[np.float64]]:
    """Return values of priors together, each of shape (point,): Sobol points, always the same."""
    from scipy.stats import qmc  # noqa: PLC0415 - takes a second

    z = ndtri(qmc.Sobol(len(priors), rng=np.random.default_rng(1)).random_base2(POINTS))
    return [prior.from_z(z[:, k]) for k, prior in enumerate(priors)]


def _come(rate: Prior, spans: Sequence[float]) -> tuple[Chance, ...]:
    """Return the chance of an onset at a rate that does not change."""
    (values,) = _drawn(rate)
    return tuple(_chance(-np.expm1(-values * years)) for years in spans)


def _turning(
    on: NDArray[np.float64],
    off: NDArray[np.float64],
    first: NDArray[np.float64],
    spans: Sequence[float],
) -> tuple[Chance, ...]:
    """Return the chance that a state is on which turns on and off at rates of its own."""
    both = on + off
    long_run = on / both
    return tuple(_chance(long_run + (first - long_run) * np.exp(-both * t)) for t in spans)


def _decided(node: Node, deadlines: Sequence[datetime]) -> tuple[Chance, ...]:
    """Return the chance of an outcome of a decision on a day, by the weights of all of them."""
    if node.day is None or node.outcomes is None:
        return ()
    priors = node.outcomes.weight_priors
    weights = np.stack(_drawn(*priors.values()))  # (outcome, point)
    name = node.id.removeprefix(f"{node.of}.")
    then = _chance(weights[list(priors).index(name)] / weights.sum(axis=0))
    never = Chance(0.0, 0.0, 0.0)
    falls = parse_instant(node.day, edge="end")
    return tuple(then if deadline >= falls else never for deadline in deadlines)


def _chance(values: NDArray[np.float64]) -> Chance:
    """Return the mean of a chance over the points of its priors, and where its middle 90% lie."""
    tail = (1 - LEVEL) / 2
    return Chance(float(values.mean()), *np.quantile(values, [tail, 1 - tail]).tolist())


def _counted(
    network: Network, shelf: ClassShelf, event: Event, deadlines: Sequence[datetime]
) -> tuple[Chance, ...]:
    phrase = class_of(event) if _is_first(event) else None
    if phrase is None:
        return ()
    counts = shelf.chosen(phrase, network.start)
    prior = counts.prior(weight=phrase.weight, half_life=phrase.half_life, at=network.start.year)
    return _come(prior, _spans(network, deadlines))


def rows_as_markdown(rows: Sequence[PriorRow], by: Sequence[Day]) -> str:
    """Return rows by the same deadlines as a Markdown table: one line an event."""
    labels = [day_label(parse_instant(day)) for day in by]
    parts = [f"{part} by {label}" for label in labels for part in ("own", "class", "network")]
    head = ["event", "prior", "reference class, or why there is none", *parts]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        event = row.event
        chances = [
            _cell(part, place)
            for place in range(len(labels))
            for part in (row.own, row.counted, row.network)
        ]
        text = [f"`{event.id}`", as_stated(event), _class_text(event), *chances]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in text) + " |")
    return "\n".join(lines)


def _cell(chances: tuple[Chance, ...], place: int) -> str:
    return str(chances[place]) if chances else ""


def _class_text(event: Event) -> str:
    said = event.reference_class or str(event.rate)
    if is_class(said):
        return " ".join(said.split())
    return " ".join(said.split()) if event.reference_class else "not said"


def _percent(probability: float) -> str:
    percent = 100 * float(as_written(probability))
    if percent < LEAST_SHOWN:
        return "<0.1"
    if 100 - LEAST_SHOWN < percent < SURE:
        return ">99.9"
    whole = TENTHS_BELOW <= percent <= TENTHS_ABOVE or percent >= SURE
    return f"{percent:.0f}" if whole else f"{percent:.1f}"
