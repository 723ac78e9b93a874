"""Reasons in brief, for many events at once: what a page has room for, at a fraction of the cost.

`Posterior.explain`, `sensitivity` and `value_of_information` answer for one forecast in full. Here
what moved a forecast is told in order of publication alone; what it leans on comes from the draws
as they are, with no new sweep; and news is looked for among the event and those linked to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecast.evidence import Retraction
from forecast.posterior.draws import Draws
from forecast.posterior.explain import NOISE, PRIOR, TIME, clusters, noise, step
from forecast.posterior.information import OBSERVED, Asked, information_table
from forecast.posterior.levels import explainer
from forecast.posterior.posterior import Posterior
from forecast.posterior.probability import Probability
from forecast.posterior.sensitivity import first_order_share

type Floats = NDArray[np.float64]

BINS = 16
TENTH = 10
LEAST_SHARE = 0.05
"""Of the variance: what has less is not worth a line."""

SURE = 4.0
"""How many of its standard errors a share must come to: of a hundred numbers, draws of heavy tails
make some look as if they mattered."""

MOST_DRAWS = 256
"""Of either kind, to tell what moved a forecast: a word on a page needs no more."""


@dataclass(frozen=True)
class Brief:
    """The reasons of a posterior's forecasts by one deadline.

    Parameters
    ----------
    posterior
        The posterior.
    by
        The deadline, an instant.
    """

    posterior: Posterior
    by: datetime

    def moved(self, event: str) -> pd.DataFrame:
        """Return what moved a forecast, in log-odds that add up to it.

        Parameters
        ----------
        event
            Its id.

        Returns
        -------
        DataFrame
            Indexed by ``item``, as `Posterior.explain` has it: "(prior)", "(time alone)", each
            cluster of items under its first item's id and at its place in the order of publication,
            "(Monte Carlo error)". Columns: ``in_order``, the log-odds added; ``probability`` so
            far; ``copies``, how many items more the cluster has.

        Raises
        ------
        QueryError
            If the event is settled, or the evidence is beyond the exact filter.
        """
        evidence = self._draws.lowered.evidence
        asked = explainer(self._draws, self._index(event), self.by, most=MOST_DRAWS)
        groups: dict[str, list[str]] = {}
        heads = clusters(evidence)
        for item in evidence:
            if not isinstance(item, Retraction):
                groups.setdefault(heads[item.id], []).append(item.id)
        known: list[str] = []
        levels = [asked.on([], now=0.0), asked.on([])]
        for members in groups.values():
            known += members
            levels.append(asked.on(known))
        steps = [step(levels[0], None)]
        steps += [step(*pair) for pair in zip(levels[1:], levels[:-1], strict=True)]
        steps.append(noise(levels[-1], self._forecast(event)))
        names = [PRIOR, TIME, *groups, NOISE]
        copies = [0, 0, *(len(members) - 1 for members in groups.values()), 0]
        told = {key: [each[key] for each in steps] for key in ("in_order", "probability")}
        return pd.DataFrame({**told, "copies": copies}, index=pd.Index(names, name="item"))

    def leans(self, event: str) -> pd.DataFrame:
        """Return the numbers that a forecast leans on, the most important first.

        Parameters
        ----------
        event
            Its id.

        Returns
        -------
        DataFrame
            Indexed by (``parameter``, ``label``): the ``share`` of the forecast's variance over
            draws that goes with it, where that is 5% or more and told apart from
            chance; ``low`` and ``high``, the
            forecast were the number in the lowest or in the highest tenth of what the posterior
            holds possible.
        """
        forecast = self._chances[:, self._index(event)]
        order, names = self._order, self._numbers[0]
        ranked = forecast[order]  # (draw, number): by the number's rank
        copies = np.unique(self._draws.distinct[1], return_counts=True)[1]
        number = len(forecast)
        by_chance = (BINS - 1) / max(number**2 / (copies**2).sum() - 1, BINS)
        total = forecast.var()
        if not len(names) or total == 0:
            share = np.zeros(len(names))
        else:
            bins = np.array_split(ranked, BINS)
            sizes = np.array([len(part) for part in bins])
            means = np.array([part.mean(axis=0) for part in bins])  # (bin, number)
            between = sizes @ (means - forecast.mean()) ** 2 / number / total
            share = (between - by_chance) / (1 - by_chance)
        few = max(1, number // TENTH)
        frame = pd.DataFrame(
            {
                "share": share,
                "low": ranked[:few].mean(axis=0) if len(names) else share,
                "high": ranked[-few:].mean(axis=0) if len(names) else share,
            },
            index=pd.MultiIndex.from_tuples(names, names=["parameter", "label"])
            if names
            else pd.MultiIndex.from_arrays([[], []], names=["parameter", "label"]),
        )
        frame = frame[frame["share"] >= LEAST_SHARE]
        ordered: pd.DataFrame = frame.sort_values("share", ascending=False, kind="stable")
        values = self._numbers[1]
        errors = [
            first_order_share(values[:, names.index(name)], forecast)[1] for name in ordered.index
        ]
        return ordered[ordered["share"].to_numpy() >= SURE * np.array(errors)]

    def watch(self, event: str, at: datetime) -> pd.DataFrame:
        """Return what news would tell most, one row for each event that it could be of.

        Parameters
        ----------
        event
            Whose forecast.
        at
            When the news comes.

        Returns
        -------
        DataFrame
            Rows of `Posterior.value_of_information`, for the event and those linked to it: of a
            public event that it is seen, of another the source that would tell most.

        Raises
        ------
        QueryError
            If the evidence is beyond the exact filter.
        """
        network = self.posterior.network
        near = {event}
        for link in network.links:
            if event in {link.parent, link.child}:
                near |= {link.parent, link.child}
        index = self._index(event)
        around = [self._index(each.id) for each in network.events if each.id in near]
        heard = [source.id for source in network.sources]
        table = information_table(self._draws, Asked(index, self.by, at), around, heard)
        seen = {each.id for each in network.events if each.public}
        observed = table["source"] == OBSERVED
        chosen = table[observed == table["event"].isin(seen)]
        chosen = chosen[~(chosen["event"].eq(event) & (chosen["source"] == OBSERVED))]
        found: pd.DataFrame = chosen.drop_duplicates("event")
        return found

    @property
    def _draws(self) -> Draws:
        return self.posterior._draws  # noqa: SLF001  the same floor

    def _index(self, event: str) -> int:
        return self._draws.lowered.events.index(event)

    def _forecast(self, event: str) -> Probability:
        """Return the forecast, from the draws that all events share."""
        events = [each.id for each in self.posterior.network.events]
        chances = self._draws.chances(events, [self.by])
        return chances.probability(events.index(event))

    @cached_property
    def _chances(self) -> Floats:
        """Return every event's chance by the deadline, shape (draw, event)."""
        events = [each.id for each in self.posterior.network.events]
        return self._draws.chances(events, [self.by]).draws()[:, :, 0]

    @cached_property
    def _numbers(self) -> tuple[Sequence[tuple[str, str]], Floats]:
        """Return the uncertain numbers by name, and their draws, shape (draw, number)."""
        draws = self._draws
        names, values = [], []
        for group in draws.lowered.table.groups:
            for label in group.free.tolist():
                names.append((group.name, group.labels[label]))
                values.append(draws.natural[group.name][:, label])
        number = len(draws.theta.base_rate)
        return names, np.stack(values, axis=1) if values else np.zeros((number, 0))

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        """Return the draws by rank of each number, shape (draw, number)."""
        return np.argsort(self._numbers[1], axis=0, kind="stable")
