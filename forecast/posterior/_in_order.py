"""What each item did to a forecast, in the order of publication, by whatever method reaches.

Every item is weighed as of its publication, on all that was published before. Where the exact
filter holds the evidence and the event, the forecasts before and after it are exact given the
draws (`forecast.posterior._levels`); beyond that one pass with particles finds those of all events
at once (`forecast.posterior._passage`).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np

from forecast.evidence import Item
from forecast.model._lower import Lowered
from forecast.posterior._draws import Draws
from forecast.posterior._levels import (
    LEAST,
    BeyondError,
    Explainer,
    Level,
    bounded_logit,
    difference,
    explainer,
)
from forecast.posterior._particles import Levels
from forecast.posterior._parts import sees, segmented, up_to, waiting
from forecast.posterior._passage import Passage


class Told(NamedTuple):
    """What one item did.

    Parameters
    ----------
    item
        The item.
    before, after
        The forecast just before it, as of its publication, and just after.
    log_predictive, log_predictive_mcse
        The log of how probable it was given all before, and its Monte Carlo error.
    """

    item: Item
    before: Level
    after: Level
    log_predictive: float
    log_predictive_mcse: float


class Ordered(NamedTuple):
    """A forecast through the record, from a beginning to the cut-off.

    Parameters
    ----------
    first
        The forecast at the beginning.
    told
        Item by item.
    last
        The forecast on all of them, as of the cut-off.
    end
        The cut-off.
    """

    first: Level
    told: tuple[Told, ...]
    last: Level
    end: datetime

    @property
    def waits(self) -> list[float]:
        """What time did before each item, and after the last, in log-odds."""
        before = [self.first, *(each.after for each in self.told)]
        after = [*(each.before for each in self.told), self.last]
        return [now.log_odds - then.log_odds for now, then in zip(after, before, strict=True)]

    @property
    def waited(self) -> tuple[float, float]:
        """What time did in all, and its Monte Carlo error."""
        pairs = [(self.last, self.first), *((each.before, each.after) for each in self.told)]
        total = sum(one.log_odds - other.log_odds for one, other in pairs)
        apart = [pair for pair in pairs if pair[0].refitted or pair[1].refitted]
        shared = [
            one.influence - other.influence for one, other in pairs if (one, other) not in apart
        ]
        error = np.square(np.sum(shared, axis=0)).sum() if shared else 0.0
        error += sum(difference(*pair)[1] ** 2 for pair in apart)
        return total, float(np.sqrt(error))

    def since(self, when: datetime, start: datetime, fresh: Collection[str]) -> "Ordered":
        """Return the part from a time on, with some of the items alone.

        Parameters
        ----------
        when
            Between two items the log-odds are taken to move evenly.
        start
            When the whole begins.
        fresh
            Ids of the items of the part. One of them that was published before `when` is told all
            the same, and the part begins without it.
        """
        at, level = start, self.first
        for each in self.told:
            published = max(each.item.published_instant, at)
            if published > when:
                break
            at, level = published, each.after
        after = [each for each in self.told if each.item.published_instant > when]
        until = after[0].item.published_instant if after else self.end
        following = after[0].before if after else self.last
        share = (when - at) / (until - at) if until > at else 0.0
        first = _mixed(level, following, share)
        told = tuple(each for each in self.told if each.item.id in fresh)
        for each in told:
            if each.item.published_instant <= when:
                first = replace(
                    first,
                    log_odds=first.log_odds - each.after.log_odds + each.before.log_odds,
                    influence=first.influence - each.after.influence + each.before.influence,
                )
        return Ordered(first, told, self.last, self.end)


def _mixed(one: Level, other: Level, share: float) -> Level:
    return Level(
        (1 - share) * one.log_odds + share * other.log_odds,
        (1 - share) * one.influence + share * other.influence,
    )


def in_order(draws: Draws, event: int, by: datetime) -> Ordered:
    """Return what each item did to a forecast, from the network's own one on.

    Raises
    ------
    QueryError
        If the event is settled.
    """
    try:
        asked = explainer(draws, event, by)
    except BeyondError:
        return along(draws.passage([by]), draws, event, by)
    start = up_to(draws.lowered, (), draws.calendar.start)
    return exactly(asked, start, segmented(draws.lowered))


def in_order_since(
    draws: Draws, event: int, by: datetime, since: datetime, kept: Sequence[str]
) -> Ordered:
    """Return what each item did to a forecast since a time by which some were known.

    Raises
    ------
    QueryError
        If the event is settled.
    """
    items = [item for item in segmented(draws.lowered) if item.id not in kept]
    try:
        asked = explainer(draws, event, by)
    except BeyondError:
        whole = along(draws.passage([by]), draws, event, by)
        return whole.since(since, draws.calendar.start, {item.id for item in items})
    return exactly(asked, up_to(draws.lowered, kept, since), items)


def exactly(asked: Explainer, start: Lowered, items: Sequence[Item]) -> Ordered:
    """Return what items did to a forecast since a part of the record.

    Parameters
    ----------
    asked
        The forecast.
    start
        The record to begin with, as of when.
    items
        The others, in order; one that was published before that comes then.
    """
    whole = asked.draws.lowered
    known = {item.id for item in start.evidence}
    first = asked.told(start)
    told, level, so_far = [], first, start
    for item in items:
        at = max(item.published_instant, so_far.as_of)
        with_it = up_to(whole, {*known, item.id}, at)
        if at > so_far.as_of or sees(item):
            so_far = waiting(so_far, with_it, known, at)
            level = asked.told(so_far)
        known.add(item.id)
        before = level
        level = asked.told(with_it) if differs(so_far, with_it) else before
        so_far = with_it
        told.append(Told(item, before, level, *_surprise(before, level)))
    last = level
    if whole.as_of > so_far.as_of:
        last = asked.told(waiting(so_far, whole, known, whole.as_of))
    return Ordered(first, tuple(told), last, whole.as_of)


def differs(one: Lowered, other: Lowered) -> bool:
    """Return whether two records say different things."""
    if (one.factors, one.hidden, one.regimes, one.opinions) != (
        *(other.factors, other.hidden, other.regimes, other.opinions),
    ):
        return True
    return one.record.known != other.record.known or one.record.held != other.record.held


def _surprise(before: Level, after: Level) -> tuple[float, float]:
    moved = after.log_evidence - before.log_evidence
    if after.refitted or before.refitted:
        return moved, np.nan
    return moved, float(np.sqrt(((after.mass - before.mass) ** 2).sum()))


def along(passage: Passage, draws: Draws, event: int, by: datetime) -> Ordered:
    """Return what each item did to a forecast, by a pass that has it among its times."""
    t = int(np.searchsorted(passage.times, draws.calendar.years(by)))
    items = {item.id: item for item in draws.lowered.evidence}
    told = tuple(
        Told(
            items[step.item],
            level_of(step.before, event, t),
            level_of(step.after, event, t),
            step.log_predictive,
            float(np.sqrt((step.log_predictive_influence**2).sum())),
        )
        for step in passage.steps
    )
    first, last = (level_of(levels, event, t) for levels in (passage.first, passage.last))
    return Ordered(first, told, last, draws.lowered.as_of)


def level_of(levels: Levels, event: int, t: int) -> Level:
    """Return one of the forecasts of a moment of a pass."""
    p = float(levels.chance[event, t])
    slope = max(p * (1 - p), LEAST)
    return Level(bounded_logit(p), levels.influence[:, event, t].astype(np.float64) / slope)
