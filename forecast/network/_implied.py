"""What a network implies of one event: from when it can come, and how likely by the horizon."""

from datetime import date, datetime
from functools import cached_property
from math import expm1, inf
from typing import NamedTuple

import numpy as np

from forecast.network._event import Event
from forecast.network._network import Network
from forecast.network._phrase import LEVEL
from forecast.network._prior import Prior, half_width
from forecast.time import parse_instant, years_between

NOW = 0.0


class Spread(NamedTuple):
    """The middle of a chance, and its central 90% interval."""

    median: float
    low: float
    high: float


class Implied:
    """What follows from a network for its events with every influence but gates left out.

    Times are in years since the network's start.

    Parameters
    ----------
    network
        The network.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._opens: dict[str, float] = {}

    @cached_property
    def horizon(self) -> float:
        """The horizon."""
        return years_between(self.network.start_instant, self.network.horizon_instant)

    @cached_property
    def needs(self) -> dict[str, tuple[tuple[str, float], ...]]:
        """By node, what it requires, each with the median delay of its link."""
        found: dict[str, list[tuple[str, float]]] = {}
        for link in self.network.links:
            if link.kind == "requires":
                delay = 0.0 if link.delay is None else link.delay.prior().median()
                for child in self.network.children(link):
                    found.setdefault(child, []).append((link.parent, delay))
        for gate in self.network.gates:
            if gate.kind == "requires":
                found.setdefault(gate.child, []).append((gate.parent, 0.0))
        return {child: tuple(parents) for child, parents in found.items()}

    def opens(self, name: str) -> float:
        """Return from when on all gates of a node can be open, at the earliest."""
        if name not in self._opens:
            needs = self.needs.get(name, ())
            self._opens[name] = max((self._on(p) + delay for p, delay in needs), default=NOW)
        return self._opens[name]

    def _on(self, name: str) -> float:
        """Return from when on a node can be on: never before its gates and its calendar open."""
        event = self.network.event(name)
        if event.initially is not False:
            return NOW
        opens = self.opens(name)
        if not event.windows or event.outside_windows > 0:
            return opens
        spans = (self._span(w.start, w.end) for w in event.windows if w.weight > 0)
        return min((max(first, opens) for first, last in spans if last > opens), default=inf)

    def _span(self, first: date, last: date) -> tuple[float, float]:
        return self.since(parse_instant(first, edge="start")), self.since(parse_instant(last))

    def since(self, instant: datetime) -> float:
        """Return an instant as a time."""
        return years_between(self.network.start_instant, instant)

    def exposure(self, event: Event) -> float:
        """Return the years from when its gates open to the horizon, weighed by its calendar."""
        first = min(self.opens(event.id), self.horizon)
        left = self.horizon - first
        if not event.windows:
            return left
        total = event.outside_windows * left
        for window in event.windows:
            start, end = self._span(window.start, window.end)
            inside = max(0.0, min(end, self.horizon) - max(start, first))
            total += (window.weight - event.outside_windows) * inside
        return total

    def chance(self, event: Event) -> Spread | None:
        """Return how likely an onset is by the horizon once its gates are open; None for others.

        The two numbers of `ever` and `pace` are taken at one quantile: the widest that can be.
        """
        belief = event.pace if event.ever is not None else event.rate
        if event.kind not in ("onset", "repeated") or belief is None:
            return None
        rates = quantiles(belief.prior(self.network.start))
        evers = (1.0, 1.0, 1.0) if event.ever is None else quantiles(event.ever.prior())
        years = self.exposure(event)
        low, median, high = (
            -ever * expm1(-rate * years) for ever, rate in zip(evers, rates, strict=True)
        )
        return Spread(median, low, high)


def quantiles(prior: Prior) -> tuple[float, float, float]:
    """Return the 5%, 50% and 95% quantile of a prior."""
    z = half_width(LEVEL)
    low, median, high = prior.from_z(np.array([-z, 0.0, z])).tolist()
    return low, median, high
