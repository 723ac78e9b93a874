"""What the items of a template say in a simulated world."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from forecast.engine.channels import FORECAST, heard_over
from forecast.evidence import (
    Count,
    Forecast,
    Item,
    LikelihoodRatio,
    Report,
    Retraction,
    Silence,
    spoken_of,
)
from forecast.model.factors import Factor, SoftItem
from forecast.model.lower import Lowered
from forecast.network import Fixed, RatioBelief
from forecast.time import Day, add_years, years_between

__all__ = ["Spell", "speaks", "unsaid", "what_is_said"]

type Saying = Report | LikelihoodRatio | Forecast
type Spell = tuple[datetime, datetime]
type Values = Mapping[str, NDArray[np.float64]]

LEVEL = 0.9  # of an interval in which no level is stated


class Course(Protocol):
    """A course of events, as far as items speak of it."""

    def on(self, event: str, at: Day) -> bool:
        """Return whether an event is on at a time."""

    def spells(self, event: str, first: datetime, last: datetime) -> list[Spell]:
        """Return from when to when an event is on, within a window."""


def speaks(item: Item) -> bool:
    """Return whether an item says anything by itself: a retraction does not."""
    return not isinstance(item, Retraction)


def unsaid(item: Item) -> Item:
    """Return a watch whose end is open: whether a word broke the silence is to be drawn."""
    return item.model_copy(update={"claim": None}) if isinstance(item, Silence) else item


def what_is_said(
    lowered: Lowered, world: Course, values: Values, rng: np.random.Generator
) -> dict[str, SoftItem]:
    """Return each item with what it says in a world, by id.

    Parameters
    ----------
    lowered
        The template, lowered.
    world
        The course of events.
    values
        The true value of every parameter, shape (1, label).
    rng
        Source of randomness.
    """
    instants = spoken_of(lowered.evidence)
    heard = heard_over(lowered.channels, lowered.table.flat(values))[0]  # (item + statement, 2)
    rows = {
        factor.item: _Heard(factor, heard[i], values) for i, factor in enumerate(lowered.factors)
    }
    passed_on: dict[str, bool] = {}
    for told, chances in zip(lowered.hidden, heard[len(rows) :], strict=True):
        names = [lowered.factors[i].item for i in told.members]
        on = world.on(lowered.evidence.item(names[0]).event, instants[names[0]])
        passed_on |= dict.fromkeys(names, bool(rng.uniform() < chances[int(on)]))
    said: dict[str, bool] = {}
    found: dict[str, SoftItem] = {}
    for item in _origins_first(lowered.evidence):
        if isinstance(item, Silence):
            found[item.id] = _watched(item, world, rows[item.id], rng)
        elif isinstance(item, Count):
            found[item.id] = _counted(item, world, rows[item.id], rng)
        if not isinstance(item, Report | LikelihoodRatio | Forecast):
            continue
        row = rows.get(item.id)
        on = world.on(item.event, instants[item.id])
        copied = passed_on.get(item.id, _copied(item, said, rng))
        said[item.id] = _says_on(row, on, copied, rng)
        found[item.id] = _as_said(item, row, says_on=said[item.id])
    return found


@dataclass(frozen=True)
class _Heard:
    """What an item is drawn from: P(says on | off) and P(says on | on), or the numbers expected."""

    factor: Factor
    chances: NDArray[np.float64]
    values: Values

    @property
    def rate(self) -> float:
        """The first number that it reads."""
        group, place = self.factor.hit
        return float(self.values[group][0, place])


def _origins_first(items: Iterable[Item]) -> list[Item]:
    """Return items in order, but each after those that it copies: of one day, either may lead."""
    by_id = {item.id: item for item in items}
    found: dict[str, Item] = {}
    left = list(reversed(by_id.values()))
    while left:
        item = left[-1]
        names = item.derived_from if isinstance(item, Report) else ()
        waiting = [by_id[name] for name in names if name not in found]
        left += waiting
        if not waiting:
            found.setdefault(item.id, left.pop())
    return list(found.values())


def _watched(item: Silence, world: Course, row: _Heard, rng: np.random.Generator) -> Silence:
    """Return a silence, until its source first saw the event on: after so long of it on."""
    left = rng.exponential() / row.rate
    for begin, end in world.spells(item.event, *item.window):
        length = years_between(begin, end)
        if left < length:
            ended = max(add_years(begin, left), item.window[0] + timedelta(seconds=1))
            update = {"watched_to": ended, "claim": "on"}
            return item.model_copy(update=update)
        left -= length
    return item


def _counted(item: Count, world: Course, row: _Heard, rng: np.random.Generator) -> Count:
    """Return a count of what happened while the event was off, and while it was on."""
    spells = world.spells(item.event, *item.window)
    share = sum(years_between(*spell) for spell in spells) / years_between(*item.window)
    mean = row.chances @ np.array([1 - share, share])
    return item.model_copy(update={"counted": int(rng.poisson(mean))})


def _copied(item: SoftItem, said: Mapping[str, bool], rng: np.random.Generator) -> bool | None:
    """Return what one of the item's origins said, picked at random; None if it has none."""
    if not isinstance(item, Report) or not item.derived_from:
        return None
    return said[item.derived_from[int(rng.integers(len(item.derived_from)))]]


def _says_on(
    row: _Heard | None,
    on: bool,  # noqa: FBT001
    copied: bool | None,  # noqa: FBT001
    rng: np.random.Generator,
) -> bool:
    if row is None:  # an item that is the same whatever is true
        return copied if copied is not None else True
    if copied is not None and rng.uniform() >= row.factor.check:
        return copied
    return bool(rng.uniform() < row.chances[int(on)])


def _as_said(item: Saying, row: _Heard | None, *, says_on: bool) -> Saying:
    if isinstance(item, Report):
        return item.model_copy(update={"claim": "on" if says_on else "off"})
    if isinstance(item, Forecast):
        return _stated(item, row, says_on=says_on)
    if says_on:
        return item
    return item.model_copy(update={"likelihood_ratio": _inverse(item.likelihood_ratio)})


def _stated(item: Forecast, row: _Heard | None, *, says_on: bool) -> Forecast:
    """Return a forecast with its base stated, on the other side of it if it speaks against."""
    if row is None or row.factor.form != FORECAST:
        return item
    shift = row.factor.number
    base = float(expit(logit(item.probability) - shift))
    turned = float(expit(logit(base) - shift))
    update = {"base": base, "probability": item.probability if says_on else turned}
    return item.model_copy(update=update)


def _inverse(ratio: RatioBelief) -> RatioBelief:
    """Return the belief about one over a ratio."""
    prior = ratio.prior()
    low, high = prior.interval(LEVEL)
    median = f"x{1 / prior.median():.12g}"
    sure = isinstance(prior, Fixed)
    return RatioBelief.parse(median if sure else f"{median} [{1 / high:.12g}, {1 / low:.12g}]")
