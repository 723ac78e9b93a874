"""What was learned: tables, networks that state it, rates and probabilities of units."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.learning._beliefs import Teller
from forecast.learning._fit import Fitted
from forecast.learning._panel import Panel
from forecast.learning._rows import Rows, rows_at_end, rows_of
from forecast.network import Network
from forecast.network._base import find
from forecast.time import parse_span

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

type Floats = NDArray[np.float64]

LEVEL = 0.9


@dataclass(frozen=True)
class Learned:
    """The posterior of the numbers of a network, given the histories of many units.

    Parameters
    ----------
    stated
        The network, whose beliefs were the priors.
    panel
        The histories as they were read.
    processes
        What was fitted, process by process: each has numbers of its own.
    source
        Where the histories come from.
    seed
        Of what is drawn.
    """

    stated: Network
    panel: Panel = field(repr=False)
    processes: tuple[Fitted, ...] = field(repr=False)
    source: str = ""
    seed: int = 1

    def __repr__(self) -> str:
        """Return what was learned from, in a line."""
        return (
            f"Learned(network '{self.stated.name}', {len(self.panel.units)} units, "
            f"{self.panel.exposure:,.0f} unit-years)"
        )

    @property
    def draws(self) -> int:
        """How many draws of each number there are."""
        return len(self.processes[0].z) if self.processes else 0

    def numbers(self) -> Mapping[tuple[str, str], Floats]:
        """Return draws of every number that was learned, by its name and what it is of."""
        return {
            key: values
            for fitted in self.processes
            for key, values in self.numbers_of(fitted, before=False)
        }

    def numbers_of(
        self, fitted: Fitted, *, before: bool
    ) -> Iterator[tuple[tuple[str, str], Floats]]:
        """Yield the numbers of a process: name, what it is of, draws of the posterior or prior.

        Parameters
        ----------
        fitted
            The process.
        before
            Whether draws of the prior are meant; the effects of groups have none of their own.
        """
        process = fitted.process
        numbers, event = fitted.prior if before else fitted.numbers, process.event.id
        yield from fitted.stated(before=before)
        if process.layout.covariates:
            for k, name in enumerate(self.panel.covariates):
                yield ("covariate_ratio", f"{event}, {name}"), np.exp(numbers.beta[:, k])
        if process.layout.periods > 1:
            yield ("drift_sd", event), numbers.drift_sd
            for k, name in enumerate(fitted.rated.drift.names):
                if k != fitted.rated.drift.reference:
                    yield ("period_ratio", f"{event}, {name}"), np.exp(numbers.drift[:, k])
        if process.layout.units:
            yield ("unit_sd", event), np.sqrt(numbers.variance)
        if process.layout.groups:
            yield ("group_sd", event), numbers.group_sd
            if not before:
                for k, name in enumerate(self.panel.groups):
                    yield ("group_ratio", f"{event}, {name}"), np.exp(fitted.group_effects[:, k])

    def table(self, level: float = LEVEL) -> "pd.DataFrame":
        """Return one row a number: its posterior, its prior, and what it was learned from.

        Parameters
        ----------
        level
            Of the central intervals.

        Returns
        -------
        DataFrame
            Indexed by ``number`` and ``of``: ``median``, ``lower``, ``upper``, the same of the
            prior, the events and the years at risk of the process. Rates are per year.
        """
        import pandas as pd  # noqa: PLC0415 - takes longer than the rest

        tails = [0.5, (1 - level) / 2, (1 + level) / 2]
        rows = []
        for fitted in self.processes:
            prior = dict(self.numbers_of(fitted, before=True))
            for key, values in self.numbers_of(fitted, before=False):
                before = prior[key] if key in prior else np.full(1, np.nan)
                events = int(fitted.process.risk.unit_events.sum())
                rows.append(
                    [*key, *np.quantile(values, tails), *np.quantile(before, tails),
                     events, fitted.process.risk.years]
                )  # fmt: skip
        columns = ["median", "lower", "upper", "prior median", "prior lower", "prior upper"]
        return pd.DataFrame(rows, columns=["number", "of", *columns, "events", "years"]).set_index(
            ["number", "of"]
        )

    @cached_property
    def network(self) -> Network:
        """The network with what was learned as its beliefs; ``why`` says from what.

        A base rate is that of a unit with the ratio 1 and mean covariates, in the last period of a
        drift. Beliefs are stated one by one: that some are known better together, only the draws
        say.
        """
        return self._teller.network()

    @property
    def _teller(self) -> Teller:
        return Teller(self.stated, self.processes, len(self.panel.units), self.source)

    def network_of(self, unit: str | None) -> Network:
        """Return the network of one unit: with its own rates, at its last covariates.

        Parameters
        ----------
        unit
            Its name; None for a new unit, whose rates spread as those of units do.

        Raises
        ------
        UnknownNameError
            If there is no such unit.
        """
        ratio = {
            fitted.process.event.id: self._ratio(fitted, unit)
            for fitted in self.processes
            if fitted.process.role == "on"
        }
        whose = "for a unit like these, not one of them" if unit is None else f"for '{unit}'"
        return self._teller.network(ratio, whose)

    def _ratio(self, fitted: Fitted, unit: str | None) -> Floats:
        """Return draws of a unit's rate over the common one, its last covariates included."""
        if unit is None:
            return fitted.unit_ratios([(None, None)])[:, 0]
        index = {name: place for place, name in enumerate(self.panel.units)}
        place = find("unit", unit, index)
        group = int(self.panel.group[place]) if self.panel.groups else None
        found = fitted.unit_ratios([(place, group)])[:, 0]
        if fitted.process.layout.covariates:
            last = int(np.flatnonzero(self.panel.spells.unit == place)[-1])
            away = self.panel.spells.covariates[last] - self.centre
            found = found * np.exp(fitted.numbers.beta @ away)
        return found

    @cached_property
    def centre(self) -> Floats:
        """The mean of each covariate over the time at risk, at which base rates are given."""
        spells = self.panel.spells
        time = spells.stop - spells.start
        return np.asarray(time @ spells.covariates / time.sum())

    def rates(self, units: "pd.DataFrame | None" = None, *, at: Any = None) -> "xr.DataArray":
        """Return draws of the rate per year at which each event comes, in given circumstances.

        Parameters
        ----------
        units
            One row a circumstance: ``unit`` (one of those that were learned from; missing for a
            new one), covariates, the group of a new unit, and a column for each event that acts on
            others: whether it is on (of a repeated event how often it has come). What a row leaves
            out is as it is at the end of the unit's history; a new unit has to say its
            covariates, and its events are off. None: every unit as it stands at the end.
        at
            The time whose period of the drift counts; the period of reference, unless given.

        Returns
        -------
        DataArray
            Dimensions ``draw``, ``event``, ``row``.

        Raises
        ------
        InputError
            With every fault of the rows.
        """
        import xarray as xr  # noqa: PLC0415 - slow to import

        rows = self._rows(units)
        chosen = [fitted for fitted in self.processes if fitted.process.role == "on"]
        names = [fitted.process.event.id for fitted in chosen]
        values = np.stack([self._rate(fitted, rows, at) for fitted in chosen], axis=1)
        return xr.DataArray(
            values,
            dims=("draw", "event", "row"),
            coords={"draw": np.arange(self.draws), "event": names, "row": list(rows.labels)},
        )

    def probability(
        self,
        event: str,
        units: "pd.DataFrame | None" = None,
        *,
        within: str = "1 year",
        at: Any = None,
        level: float = LEVEL,
    ) -> "pd.DataFrame":
        """Return the probability that an event comes within a span, while all else stays as it is.

        Parameters
        ----------
        event
            The event.
        units, at
            As `rates` takes them.
        within
            The span.
        level
            Of the interval, which is that of the probability over the draws.

        Returns
        -------
        DataFrame
            One row a circumstance: ``mean``, ``lower``, ``upper``.

        Raises
        ------
        UnknownNameError
            If there is no such event, or nothing was learned of it.
        InputError
            With every fault of the rows, or if `within` is not a span.
        """
        import pandas as pd  # noqa: PLC0415

        known = {f.process.event.id: f for f in self.processes if f.process.role == "on"}
        fitted = find("event", event, known)
        try:
            years = parse_span(within)
        except ValueError as error:
            raise InputError(Fault(str(error), field="within")) from error
        rows = self._rows(units)
        come = fitted.still_to_come([*zip(rows.unit, rows.group, strict=True)])
        chance = -np.expm1(-self._rate(fitted, rows, at) * years) * come
        low, high = np.quantile(chance, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return pd.DataFrame(
            {"mean": chance.mean(axis=0), "lower": low, "upper": high}, index=list(rows.labels)
        )

    def _rows(self, units: "pd.DataFrame | None") -> Rows:
        if units is None:
            return rows_at_end(self.stated, self.panel)
        return rows_of(self.stated, self.panel, units)

    def _rate(self, fitted: Fitted, rows: Rows, at: Any) -> Floats:
        """Return draws of a process's rate in each row, shape (draw, row)."""
        process, numbers = fitted.rated, fitted.numbers
        found = rows.rates(process, numbers)
        if process.layout.covariates:
            found = found * np.exp(numbers.beta @ (rows.covariates - self.centre).T)
        if process.layout.periods > 1 and at is not None:
            found = found * np.exp(numbers.drift[:, rows.period(process.drift, at)])
        return found * fitted.unit_ratios([*zip(rows.unit, rows.group, strict=True)])

    @cached_property
    def data_tree(self) -> "xr.DataTree":
        """The draws as an ArviZ DataTree: groups ``posterior``, ``prior``, ``observed_data``."""
        from forecast.learning._tree import to_tree  # noqa: PLC0415 - slow to import

        posterior, prior = (
            [one for fitted in self.processes for one in self.numbers_of(fitted, before=before)]
            for before in (False, True)
        )
        attrs = {
            "network": self.stated.name,
            "units": len(self.panel.units),
            "source": self.source,
        }
        return to_tree(posterior, prior, self.processes, attrs)
