"""The posterior: draws of every parameter, and the questions that can be asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.engine.structure import Parameters
from forecast.errors import QueryError, did_you_mean
from forecast.estimate.datatree import to_datatree
from forecast.estimate.importance import resample
from forecast.estimate.result import Fit
from forecast.posterior.joint import joint_chances
from forecast.posterior.outlook import Chances, outlook
from forecast.posterior.probability import Probability
from forecast.posterior.sources import source_table
from forecast.seeds import child_seed
from forecast.time import Day, day_label, parse_instant, years_between

if TYPE_CHECKING:
    import xarray as xr

    from forecast.estimate.gate import Gate
    from forecast.evidence import Evidence
    from forecast.network import Network

__all__ = ["Posterior"]

type Floats = NDArray[np.float64]

FORECAST_DRAWS = 1500
LEVEL = 0.9
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Posterior:
    """What the network and the evidence seen by a date say together.

    Made by `forecast.update` and `forecast.prior`. Every question is answered by the mean over
    draws of an exact conditional probability given the draw's parameters (or, for events with
    many unknown ancestors, of one along simulated paths, with its Monte Carlo error).

    Parameters
    ----------
    fitted
        Draws and diagnostics.
    reference
        The prior of the same network, for changes; None if this is one.
    """

    fitted: Fit
    reference: "Posterior | None" = None
    _cache: dict[tuple[tuple[str, ...], tuple[datetime, ...]], Chances] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def network(self) -> "Network":
        """The network."""
        return self.fitted.lowered.network

    @property
    def evidence(self) -> "Evidence":
        """The evidence that was seen."""
        return self.fitted.lowered.evidence

    @property
    def as_of(self) -> datetime:
        """The cut-off: nothing published later was seen."""
        return self.fitted.lowered.as_of

    @property
    def method(self) -> str:
        """How the draws were made: ``"importance"`` or ``"nuts"``."""
        return self.fitted.method

    @property
    def gate(self) -> "Gate":
        """The convergence checks."""
        return self.fitted.gate

    @cached_property
    def idata(self) -> "xr.DataTree":
        """The draws as an ArviZ `DataTree`, predictions at the end of each month included."""
        dates = self._months()
        events = [event.id for event in self.network.events]
        return to_datatree(self.fitted, events, dates, self._chances(events, dates).mean)

    def probability(self, event: str, *, by: Day) -> Probability:
        """Return the probability that an event is on at the end of a day.

        For an onset this is "has happened by then". Public events count as not having happened
        by `as_of` unless observed, so a deadline that nears with no news pulls them down.

        Parameters
        ----------
        event
            Its id.
        by
            From `as_of` to the horizon; a date means the end of that day, UTC.

        Raises
        ------
        QueryError
            If there is no such event, or the date is out of range.
        """
        self._check_event(event)
        chances = self._chances([event], [self._deadline(by)])
        return _probability(chances, 0, 0, self._effective_draws)

    def curve(self, event: str, *, dates: Sequence[Day] | None = None) -> pd.DataFrame:
        """Return an event's probability over dates.

        Parameters
        ----------
        event
            Its id.
        dates
            When; weekly from `as_of` to the horizon, unless given.

        Returns
        -------
        DataFrame
            Indexed by ``date``, with columns ``mean``, ``lower``, ``upper`` (central 90%) and
            ``mcse``.
        """
        self._check_event(event)
        days = self._weeks() if dates is None else sorted(self._deadline(date) for date in dates)
        chances = self._chances([event], days)
        rows = [_row(_probability(chances, 0, t, self._effective_draws)) for t in range(len(days))]
        index = pd.DatetimeIndex([pd.Timestamp(day) for day in days], name="date")
        return pd.DataFrame(rows, index=index)

    def table(self, *, by: Sequence[Day]) -> pd.DataFrame:
        """Return every event's probability at deadlines.

        Parameters
        ----------
        by
            Deadlines; a date means the end of that day, UTC.

        Returns
        -------
        DataFrame
            Indexed by ``event``; columns (deadline, statistic) with ``mean``, ``lower``,
            ``upper`` (central 90%), ``mcse``, the network's own ``prior``, and the ``change``
            against it as a difference of probabilities.
        """
        events = [event.id for event in self.network.events]
        days = [self._deadline(day) for day in by]
        chances = self._chances(events, sorted(set(days)))
        before = None if self.reference is None else self.reference.table(by=by)
        columns = {}
        for day in days:
            t, label = sorted(set(days)).index(day), day_label(day)
            rows = [
                _row(_probability(chances, i, t, self._effective_draws)) for i in range(len(events))
            ]
            frame = pd.DataFrame(rows, index=pd.Index(events, name="event"))
            frame["prior"] = frame["mean"] if before is None else before[label]["mean"]
            frame["change"] = frame["mean"] - frame["prior"]
            columns[label] = frame
        return pd.concat(columns, axis=1, names=["deadline", "statistic"])

    def joint(self, events: Sequence[str], *, by: Day) -> pd.DataFrame:
        """Return the probability of each combination of events at the end of a day.

        Parameters
        ----------
        events
            Their ids.
        by
            A date means the end of that day, UTC.

        Returns
        -------
        DataFrame
            One row a combination: a boolean column for each event, then ``mean``, ``lower``,
            ``upper`` (central 90%) and ``mcse``. The means sum to one.
        """
        for event in events:
            self._check_event(event)
        ids = list(dict.fromkeys(events))
        indices = [self.fitted.lowered.events.index(event) for event in ids]
        time = years_between(self.network.start_instant, self._deadline(by))
        chances = joint_chances(
            self.fitted.lowered, self._theta, indices, time, seed=self.fitted.settings.seed
        )
        rows = []
        for cell in range(2 ** len(ids)):
            held = {event: bool((cell >> bit) & 1) for bit, event in enumerate(ids)}
            p = _probability(chances, cell, 0, self._effective_draws)
            rows.append({**held, **_row(p)})
        return pd.DataFrame(rows)

    def sources(self) -> pd.DataFrame:
        """Return what is known of each source that has spoken: its rates, prior and posterior.

        Returns
        -------
        DataFrame
            Indexed by (source, rate), with the mean and the central 90% interval of the prior
            and of the posterior, and how many items it has in evidence.
        """
        return source_table(self.fitted)

    # ------------------------------------------------------------------------------- internals

    @cached_property
    def _theta(self) -> Parameters:
        """Engine parameters of the draws that forecasts are read off."""
        lowered, values = self.fitted.lowered, self.fitted.flat()
        draws = self.fitted.log_likelihood.shape[0] * self.fitted.log_likelihood.shape[1]
        keep = resample(
            np.full(draws, 1 / draws),
            min(FORECAST_DRAWS, draws),
            child_seed(self.fitted.settings.seed, "forecast draws"),
        )
        thinned: Mapping[str, Floats] = {k: v[keep] for k, v in values.items()}
        theta = lowered.theta(thinned)
        if not thinned:
            return Parameters(*(np.repeat(field, len(keep), axis=0) for field in theta))
        return theta

    @cached_property
    def _distinct(self) -> tuple[Parameters, NDArray[np.intp]]:
        """The draws without those that resampling made twice, and where each draw is among them."""
        flat = np.concatenate([f.reshape(len(f), -1) for f in self._theta], axis=1)
        _, first, where = np.unique(flat, axis=0, return_index=True, return_inverse=True)
        return Parameters(*(np.ascontiguousarray(f[first]) for f in self._theta)), where

    @property
    def _effective_draws(self) -> float:
        return min(self.fitted.ess, len(self._theta.base_rate))

    def _chances(self, events: Sequence[str], days: Sequence[datetime]) -> Chances:
        """Return the chances of events at rising instants; the same question is computed once.

        One sweep gives any number of dates, so the ends of the months come along with every
        question. An answer depends on the question alone, never on what was asked before.
        """
        grid = sorted({*days, *self._months()})
        key = (tuple(events), tuple(grid))
        if key not in self._cache:
            times = np.array([years_between(self.network.start_instant, day) for day in grid])
            indices = [self.fitted.lowered.events.index(event) for event in events]
            distinct, where = self._distinct
            seed = self.fitted.settings.seed
            found = outlook(self.fitted.lowered, distinct, indices, times, seed=seed)
            self._cache[key] = Chances(found.mean[where], found.variance[where])
        chances, wanted = self._cache[key], [grid.index(day) for day in days]
        return Chances(chances.mean[:, :, wanted], chances.variance[:, :, wanted])

    def _check_event(self, event: str) -> None:
        ids = [known.id for known in self.network.events]
        if event not in ids:
            msg = f"the network has no event '{event}'. {did_you_mean(event, ids)}"
            raise QueryError(msg)

    def _deadline(self, by: Day) -> datetime:
        try:
            day = parse_instant(by)
        except ValueError as error:
            raise QueryError(str(error)) from error
        first, last = self.as_of, self.network.horizon_instant
        if not first <= day <= last:
            msg = (
                f"{day_label(day)} is outside what this posterior speaks of: ask for a date from "
                f"{day_label(first)} (as_of) to {day_label(last)} (the horizon)"
            )
            raise QueryError(msg)
        return day

    def _weeks(self) -> list[datetime]:
        days, day = [], self.as_of
        while day < self.network.horizon_instant:
            days.append(day)
            day += WEEK
        return [*days, self.network.horizon_instant]

    def _months(self) -> list[datetime]:
        starts = pd.date_range(
            self.as_of, self.network.horizon_instant, freq="MS", inclusive="neither"
        )
        return [*(day.to_pydatetime() for day in starts), self.network.horizon_instant]


def _probability(chances: Chances, row: int, time: int, effective: float) -> Probability:
    draws = chances.mean[:, row, time]
    numeric = draws.var() / effective + chances.variance[:, row, time].mean() / len(draws)
    return Probability(draws, float(np.sqrt(numeric)))


def _row(p: Probability) -> dict[str, float]:
    lower, upper = p.interval(LEVEL)
    return {"mean": p.mean, "lower": lower, "upper": upper, "mcse": p.mcse}
