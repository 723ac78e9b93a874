"""What the items of a template say in a simulated world."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from forecast.engine._channels import heard_over
from forecast.evidence import Forecast, Item, Regime, Report, Retraction, Silence, spoken_of
from forecast.evidence._channel import Heard
from forecast.model._factors import row_places
from forecast.model._lower import Lowered
from forecast.time import Day

type Spell = tuple[datetime, datetime]
type Values = Mapping[str, NDArray[np.float64]]


class Course(Protocol):
    """A course of events, as far as items speak of it."""

    def on(self, event: str, at: Day) -> bool:
        """Return whether an event is on at a time."""

    def spells(self, event: str, first: datetime, last: datetime) -> list[Spell]:
        """Return from when to when an event is on, within a window."""


def speaks(item: Item) -> bool:
    """Return whether an item says anything by itself: a retraction or a regime does not."""
    return not isinstance(item, Retraction | Regime)


def unsaid(item: Item) -> Item:
    """Return a watch whose end is open: whether a word broke the silence is to be drawn."""
    return item.model_copy(update={"claim": None}) if isinstance(item, Silence) else item


def what_is_said(
    lowered: Lowered, world: Course, values: Values, rng: np.random.Generator
) -> dict[str, tuple[Item, ...]]:
    """Return each item with what it says in a world, or what stands in its place, by id.

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
    heard = heard_over(lowered.channels, lowered.table.flat(values))[0]  # (row + statement, 2)
    rows = {name: places[-1] for name, places in row_places(lowered.evidence).items()}
    passed_on: dict[str, bool] = {}
    for told, chances in zip(lowered.hidden, heard[len(lowered.factors) :], strict=True):
        names = [lowered.factors[i].item for i in told.members]
        so = _is_so(lowered.evidence.item(names[0]), world, instants[names[0]])
        passed_on |= dict.fromkeys(names, bool(rng.uniform() < chances[int(so)]))
    said: dict[str, bool] = {}
    found: dict[str, tuple[Item, ...]] = {}
    curves = _curves(lowered.evidence)
    for item in sorted(_origins_first(lowered.evidence), key=lambda item: item.id in curves):
        row = rows.get(item.id)
        factor = None if row is None else lowered.factors[row]
        if factor is None and not item.claims:
            continue
        chances = (1.0, 1.0) if row is None else (float(heard[row, 0]), float(heard[row, 1]))
        if item.id in curves:  # a curve is one opinion, for the event or against it
            said[item.id] = said[curves[item.id]]
        elif item.claims:
            so = _is_so(item, world, instants[item.id])
            copied = passed_on.get(item.id, _copied(item, said, rng))
            check = None if factor is None else factor.check
            said[item.id] = _says_on(check, chances[int(so)], copied, rng)
        rate = 0.0 if factor is None else float(values[factor.hit[0]][0, factor.hit[1]])
        number = None if factor is None else factor.number
        drawn = item.drawn(Heard(said.get(item.id, True), chances, rate, number, world.spells, rng))
        found[item.id] = drawn if isinstance(drawn, tuple) else (drawn,)
    return found


def _curves(items: Iterable[Item]) -> dict[str, str]:
    """Return the forecasts that a source states with one of a later deadline, each with that."""
    last: dict[tuple[str, str, datetime], Forecast] = {}
    every = [item for item in items if isinstance(item, Forecast)]
    for item in sorted(every, key=lambda item: item.speaks_of_instant):
        last[item.source, item.event, item.published_instant] = item
    heads = {i.id: last[i.source, i.event, i.published_instant].id for i in every}
    return {name: head for name, head in heads.items() if head != name}


def _is_so(item: Item, world: Course, at: datetime) -> bool:
    """Return whether what a claim is about is so: its event on, or its onset within the days."""
    opens = [row.begin for row in item.bears() if row.opens]
    return world.on(item.event, at) and not any(world.on(item.event, begin) for begin in opens)


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


def _copied(item: Item, said: Mapping[str, bool], rng: np.random.Generator) -> bool | None:
    """Return what one of the item's origins said, picked at random; None if it has none."""
    if not isinstance(item, Report) or not item.derived_from:
        return None
    return said[item.derived_from[int(rng.integers(len(item.derived_from)))]]


def _says_on(
    check: float | None,
    chance: float,
    copied: bool | None,  # noqa: FBT001
    rng: np.random.Generator,
) -> bool:
    if check is None:  # an item that is the same whatever is true
        return copied if copied is not None else True
    if copied is not None and rng.uniform() >= check:
        return copied
    return bool(rng.uniform() < chance)
