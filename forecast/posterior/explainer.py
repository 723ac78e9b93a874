"""One forecast, ready to be asked for on any part of the record."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecast.engine.relevance import Target
from forecast.engine.structure import Parameters
from forecast.errors import QueryError
from forecast.estimate.gate import khat_limit
from forecast.posterior.draws import Draws
from forecast.posterior.exact import Point, plan_sweep
from forecast.posterior.given import beyond
from forecast.posterior.levels import Level, Mixture, evaluate, mixture, refitted, step_of
from forecast.posterior.partial import Part, factors_of, part_of, sees, soft_places

__all__ = ["Explainer", "explainer"]

type Floats = NDArray[np.float64]

CELLS, FEWEST, MOST = 2**19, 128, 512
"""States times draws of either kind, and how few and how many draws at any rate."""


@dataclass(frozen=True)
class Explainer:
    """One forecast, ready to be asked for on any part of the record.

    Parameters
    ----------
    draws
        The posterior.
    event, time
        What is asked.
    mixture
        Draws for all parts.
    quiet
        Until when nothing had been seen of events that a part lacks an observation of.
    """

    draws: Draws
    event: int
    time: float
    mixture: Mixture
    quiet: float

    def on(self, ids: Collection[str], now: float | None = None) -> Level:
        """Return the forecast on some items, as of a time (the cut-off, unless given)."""
        lowered = self.draws.lowered
        cut = lowered.now if now is None else now
        return self._level(part_of(lowered, ids, cut, self.quiet), self.mixture.theta)

    def without(self, ids: Collection[str]) -> Level:
        """Return the forecast with some items struck out."""
        lowered = self.draws.lowered
        left = {item.id for item in lowered.evidence} - set(ids)
        places = soft_places(lowered)
        struck = {places[i] for i in ids if i in places}
        theta = self.mixture.theta
        if struck & {i for told in lowered.hidden for i in told.members}:
            factors = factors_of(lowered, self.mixture.values, struck)
            theta = theta._replace(factors=factors)
        return self._level(part_of(lowered, left, lowered.now, self.quiet), theta)

    def _level(self, part: Part, theta: Parameters) -> Level:
        found = evaluate(part.case, part.theta(theta), self.event, self.time)
        level = self.mixture.level(*found)
        if level.khat > khat_limit(len(theta.base_rate)):
            number = len(theta.base_rate)
            return refitted(self.draws, part, self.event, self.time, number)
        return level

    def one_by_one(self) -> dict[str, Level]:
        """Return the forecast without each of the items for which one smoothing serves all.

        With x the state that an item speaks of and f(x) its chance, the evidence without it is
        E[1 / f(x)] times as likely, and what is asked is weighed by 1 / f(x) likewise.
        """
        lowered, theta = self.draws.lowered, self.mixture.theta
        record = lowered.record
        names = self._simple()
        targets = [
            Target(float(record.item_time[i]), (int(record.item_event[i]),)) for i in names.values()
        ]
        whole = part_of(lowered, [item.id for item in lowered.evidence], lowered.now)
        point = Point(self.event, self.time, on=True)
        asked = [*targets, Target(self.time, (self.event,))]
        step = step_of(whole.case)
        sweep = plan_sweep(whole.case, [point], asked, np.array([self.time]), every=True, step=step)
        plain, held = sweep.read(theta, [False]), sweep.read(theta)
        chance = np.where(np.isfinite(held.log_likelihood), plain.chance(self.event, self.time), 0)
        found = {}
        for name, i in names.items():
            event, time = int(record.item_event[i]), float(record.item_time[i])
            odds = 1 / theta.factors[:, i]  # (draw, state)
            all_of = _mean_of(odds, plain.chance(event, time))
            some_of = np.where(chance > 0, _mean_of(odds, held.chance(event, time)), 0.0)
            log_likelihood = plain.log_likelihood + np.log(all_of)
            level = self.mixture.level(log_likelihood, chance * some_of / all_of)
            if level.khat <= khat_limit(len(chance)):
                found[name] = level
        return found

    def _simple(self) -> dict[str, int]:
        """Return the places of items of a moment whose chances are their own and never zero."""
        lowered, theta = self.draws.lowered, self.mixture.theta
        shared = {i for told in lowered.hidden for i in told.members}
        return {
            name: i
            for name, i in soft_places(lowered).items()
            if not lowered.record.watched[i]
            and i not in shared
            and not sees(lowered.evidence.item(name))
            and (theta.factors[:, i] > 0).all()
        }


def _mean_of(values: Floats, chance_on: Floats) -> Floats:
    return np.asarray(values[:, 0] * (1 - chance_on) + values[:, 1] * chance_on)


def explainer(
    draws: Draws, event: int, by: datetime, quiet: float = 0.0, most: int = MOST
) -> Explainer:
    """Return an explainer of one forecast.

    Parameters
    ----------
    draws
        The posterior.
    event, by
        What is asked.
    quiet
        See `Explainer`.
    most
        How many draws of either kind at most, a power of two.

    Raises
    ------
    QueryError
        If the evidence is beyond the exact filter, or the event is settled.
    """
    lowered, time = draws.lowered, draws.calendar.years(by)
    everything = [item.id for item in lowered.evidence]
    parts = [part_of(lowered, ids, lowered.now, quiet).case for ids in (everything, [])]
    sweeps = [
        plan_sweep(case, [], [Target(time, (event,))], np.array([time]), every=True)
        for case in parts
    ]
    bits, name = max(sweep.bits for sweep in sweeps), lowered.events[event]
    if reason := beyond(draws, bits):
        msg = (
            f"what moved '{name}' cannot be told item by item: {reason}. Update without an item, "
            "or as of an earlier date, and compare the two"
        )
        raise QueryError(msg)
    if (event, time) in sweeps[0].read(draws.picked(1)[0]).known:
        msg = (
            f"'{name}' is settled by then: nothing is left to explain. Ask for an event that is "
            "still open, or ask a posterior as of an earlier date"
        )
        raise QueryError(msg)
    number = max(FEWEST, min(most, CELLS >> bits))
    return Explainer(draws, event, time, mixture(draws, number, parts[0]), quiet)
