"""The questions about a forecast that ask for its reasons: why, what it leans on, what to look for.

`Posterior` answers them. The command line, the report and the comparison of runs ask here too.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from forecast.errors import QueryError, did_you_mean
from forecast.posterior._calendar import is_share
from forecast.posterior._conditions import check_event
from forecast.posterior._draws import Draws
from forecast.posterior._explain import (
    ORDERS,
    Order,
    change_table,
    explain_change,
    explanation,
    explanations,
    in_words,
    settled_by,
    surprise_table,
)
from forecast.posterior._information import Asked, information_table, turning_points
from forecast.posterior._probability import Probability
from forecast.posterior._sensitivity import sensitivity_table, share_table
from forecast.time import Day, day_label

if TYPE_CHECKING:
    import pandas as pd


class Reasons(ABC):
    """What can be asked about why a forecast is what it is."""

    @property
    @abstractmethod
    def _draws(self) -> Draws:
        """The draws that questions are answered from."""

    @abstractmethod
    def probability(self, event: str, *, by: Day) -> Probability:
        """Return the probability that an event is on at the end of a day."""

    def explain(self, event: str, *, by: Day, order: Order = "both") -> "pd.DataFrame":
        """Return what moved a forecast, in log-odds: time, and each item of evidence.

        Parameters
        ----------
        event
            An event that is not settled by then.
        by
            A date means the end of that day, UTC.
        order
            ``"published"``: only the items in order of publication; ``"left_out"``: only each left
            out in turn, which a run of the path sampler tells of all events at once; ``"both"``.

        Returns
        -------
        DataFrame
            Indexed by ``item``: the network's own forecast from its start, "(prior)"; what the
            passing of time did in all, nothing more being known, "(time alone)"; every item in
            order of publication; and what differs between these draws and the forecast's, "(Monte
            Carlo error)". Columns:

            - ``in_order``: log-odds that the item moved the forecast by as it was published, all
              that was published before being known. With time, they add up to the log-odds of the
              forecast, exactly.
            - ``before``, ``probability``: the forecast just before the item, as of its publication,
              and just after; ``time``: log-odds that the time since the item before it did, and in
              the row of time since the last.
            - ``predictive``: how probable the item was, given all before; not a number for
              likelihood ratios and forecasts, which are stated up to a constant, and for regimes,
              which are no news of anything; of a silence that was broken a density, per year,
              which may be above 1.
            - ``leave_one_out``: log-odds that the item adds where all others are known.
            - ``leave_cluster_out``: the same of the item's whole ``cluster``, named after its
              first item: an item with its copies, or the reports of one hidden origin. The rows
              in brackets are clusters of their own, so that
              ``table.groupby("cluster", sort=False)["in_order"].sum()`` is the waterfall with
              copies as one, and adds up as well.
            - ``in_order_mcse``, ``predictive_mcse``, ``leave_one_out_mcse``,
              ``leave_cluster_out_mcse``: Monte Carlo errors. Where the steps end elsewhere than the
              forecast, by more than both errors explain, that gap counts as an error of each.
            - ``khat``, ``effective``: Pareto k of the draws' weights without the item, and how many
              draws these leave. Where the weights will not do, and for observations and regimes in
              a run of the path sampler, the forecast without the item is ``estimated`` anew.
            - ``kind``, ``event``, ``published``, ``text`` of the item.

        Raises
        ------
        QueryError
            If the event is settled.

        Notes
        -----
        Where the exact filter takes the evidence and the event in some seconds, forecasts before
        and after each item are exact given the draws. Beyond, one pass with particles finds those
        of all events: some tens of seconds for half a year of news, once (see `explain_all`).

        Items have the chances that they had by what was known as they came. Where a public event
        turns out to have happened, time before that does not take in that it was not seen: it is
        the observation that tells.

        Examples
        --------
        >>> import numpy as np
        >>> import forecast as fc
        >>> pact = fc.Event(id="pact", kind="onset", public=False, rate="40% within 1 year")
        >>> wire = fc.SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%", spread=0)
        >>> network = fc.Network(
        ...     name="demo",
        ...     start="2024-01-01",
        ...     horizon="2024-12-31",
        ...     events=[pact],
        ...     source_types=[wire],
        ...     sources=[fc.Source(id="afp", type="wire")],
        ... )
        >>> said = fc.Report(id="r", event="pact", published="2024-03-01", source="afp", claim="on")
        >>> post = fc.update(network, fc.Evidence([said]), as_of="2024-03-01", draws=64)
        >>> told = post.explain("pact", by="2024-03-01")
        >>> bool(np.isclose(told.loc["r", "in_order"], np.log(8)))
        True
        """
        if order not in ORDERS:
            msg = f"order is 'both', 'published' or 'left_out' (got {order!r})"
            raise QueryError(msg)
        index, day = self._index(event), self._draws.calendar.deadline(by)
        return explanation(self._draws, index, day, order)

    def explain_all(self, *, by: Day, events: Sequence[str] | None = None) -> "pd.DataFrame":
        """Return what moved the forecasts of several events, in the order of publication.

        One pass through the record tells of all events together, whatever the method and the size.
        With `shelf` it is kept in a file, and a later posterior of a record that has grown goes on
        from there.

        Parameters
        ----------
        by
            A date means the end of that day, UTC.
        events
            Which; all that are not settled by then, unless given.

        Returns
        -------
        DataFrame
            Indexed by (``event_of``, ``item``), with the columns of ``explain(order="published")``.

        Raises
        ------
        QueryError
            If there is no such event, or the date is out of range.
        """
        import pandas as pd  # noqa: PLC0415 - slow to import

        day, named = self._draws.calendar.deadline(by), self._named(events)
        found = explanations(self._draws, [self._index(event) for event in named], day)
        tables = {self._draws.lowered.events[event]: table for event, table in found.items()}
        if not tables:
            return pd.DataFrame()
        return pd.concat(tables, names=["event_of", "item"])

    def _named(self, events: Sequence[str] | None) -> list[str]:
        """Return ids of events that there are; those of all nodes of the network, for None."""
        if events is None:
            return [node.id for node in self._draws.lowered.network.nodes]
        for event in events:
            self._index(event)
        return list(events)

    def surprises(self) -> "pd.DataFrame":
        """Return how probable each item was, given all that was published before it.

        Returns
        -------
        DataFrame
            Indexed by ``item``, in order of publication, and last "(time alone)", the time since
            the last item. ``probability`` is that of what the item says, not a number for
            likelihood ratios and forecasts, which are stated up to a constant, and for regimes;
            ``log_probability`` is its logarithm, with that constant, and ``mcse`` the Monte Carlo
            error; ``log_quiet`` is the log probability that nothing else was seen in public since
            the item before. The sum of both columns is the log of the model's marginal likelihood:
            that of two networks on one record says which the record favours.

        Notes
        -----
        An observation counts with the probability of its window: that of an onset on one day is
        small. Where too few particles agree with what was seen, or a public onset may have been
        before a regime, or before the news of more than six days, by which it was not yet seen, its
        log probability is not known and enters as 0: the sum is then no marginal likelihood.

        A regime is never surprising, since nothing says how likely it was. Its log probability is
        how much likelier it makes what was known before: 0 unless it speaks of an earlier date, or
        something was said of the time to come.
        """
        return surprise_table(self._draws)

    def sensitivity(self, event: str, *, by: Day) -> "pd.DataFrame":
        """Return what a forecast leans on, the largest swing first.

        Parameters
        ----------
        event
            Its id.
        by
            A date means the end of that day, UTC.

        Returns
        -------
        DataFrame
            Indexed by (``parameter``, ``label``). ``share``: of the forecast's variance over
            draws, the part that goes with the parameter (a first-order index). Draws of the
            posterior are dependent, so shares may overlap. ``at_5%``, ``at_95%``: the forecast,
            evidence and all, were the parameter at the 5% or the 95% point of its own prior;
            ``swing`` is their difference. With Monte Carlo errors, ``…_mcse`` (that of the swing is
            small, since both have the same draws), the Pareto k of the weights, ``khat``, and how
            many draws they leave, ``effective``: above 0.7, or with few, the two are rough.
        """
        index, day = self._index(event), self._draws.calendar.deadline(by)
        return sensitivity_table(self._draws, index, day)

    def shares(self, event: str, *, by: Day) -> "pd.DataFrame":
        """Return what of `sensitivity` the draws tell as they are, the largest share first.

        It takes a hundredth of the time, and is told whatever the method and the size.

        Parameters
        ----------
        event
            Its id.
        by
            A date means the end of that day, UTC.

        Returns
        -------
        DataFrame
            Indexed by (``parameter``, ``label``): ``share`` and ``share_mcse`` as in `sensitivity`;
            ``low`` and ``high``, the forecast were the parameter in the lowest or in the highest
            tenth of what the posterior holds possible.
        """
        index, day = self._index(event), self._draws.calendar.deadline(by)
        return _shares(self._draws, self._draws.one(index, day))

    def shares_all(self, *, by: Day, events: Sequence[str] | None = None) -> "pd.DataFrame":
        """Return the `shares` of the forecasts of several events, which are made together.

        Parameters
        ----------
        by
            A date means the end of that day, UTC.
        events
            Which; all, unless given.

        Returns
        -------
        DataFrame
            Indexed by (``event_of``, ``parameter``, ``label``), with the columns of `shares`.

        Raises
        ------
        QueryError
            If there is no such event, or the date is out of range.
        """
        import pandas as pd  # noqa: PLC0415 - slow to import

        day, named = self._draws.calendar.deadline(by), self._named(events)
        chances = self._draws.chances(named, [day])
        tables = {
            event: _shares(self._draws, chances.probability(i)) for i, event in enumerate(named)
        }
        return pd.concat(tables, names=["event_of"]) if tables else pd.DataFrame()

    def value_of_information(
        self,
        event: str,
        *,
        by: Day,
        at: Day,
        events: Sequence[str] | None = None,
        sources: Sequence[str] | None = None,
    ) -> "pd.DataFrame":
        """Return what each report still to come would be worth to a forecast, the best first.

        Parameters
        ----------
        event, by
            The forecast.
        at
            When the report is published, and of which time it speaks.
        events, sources
            Whom and what to consider; all, unless given. To observe an event for sure is
            considered too, as the source "(observation)": no report of it can be worth more.

        Returns
        -------
        DataFrame
            Indexed by ``rank``: ``source``, ``event``, the chance that it ``says_on``, the
            forecast ``if_on`` and ``if_off``; and its expected worth: ``change``, how far it moves
            the probability; ``brier``, by how much it lowers the expected Brier score; ``bits``,
            the mutual information, by which rows are ranked. Monte Carlo errors are ``…_mcse``;
            a ``change`` of less than twice its own may be none at all.

        Notes
        -----
        A report is taken to be the source's own, checked, and not a copy; whether the source would
        speak at all is not asked. What it teaches of the parameters counts.
        """
        asked, chosen, heard = self._candidates(event, by, at, events, sources)
        return information_table(self._draws, asked, chosen, heard)

    def would_change_my_mind(
        self,
        event: str,
        *,
        by: Day,
        at: Day,
        threshold: float,
        events: Sequence[str] | None = None,
        sources: Sequence[str] | None = None,
    ) -> "pd.DataFrame":
        """Return the single items still to come that would move a forecast past a threshold.

        Parameters
        ----------
        event, by, at, events, sources
            As for `value_of_information`.
        threshold
            A probability; the forecast is moved from one side of it to the other.

        Returns
        -------
        DataFrame
            Indexed by ``rank``, the likeliest first: ``source``, ``event``, what it ``says``, the
            ``probability`` that it says so if asked, and the ``forecast`` then, with its
            ``forecast_mcse``. Each word on an event has one row, by the source that is likeliest
            to say it and would do; ``sources`` is how many would. Empty where no single item
            would do.
        """
        if not is_share(threshold):
            msg = f"a threshold is a probability between 0 and 1, such as 0.5 (got {threshold!r})"
            raise QueryError(msg)
        asked, chosen, heard = self._candidates(event, by, at, events, sources)
        return turning_points(self._draws, asked, chosen, heard, threshold)

    def compare(self, other: Self, *, by: Day, explained: int = 0) -> "pd.DataFrame":
        """Return what has moved since an earlier posterior, the largest change first.

        Parameters
        ----------
        other
            The earlier one.
        by
            A date means the end of that day, UTC.
        explained
            For how many of the events that moved most to name the items that did it; each takes
            as long as `explain_change`.

        Returns
        -------
        DataFrame
            Indexed by ``event`` (those that both have): ``then``, ``now``, their ``change`` with
            its ``mcse``, the change in ``log_odds``, and ``moved_by``: the items that did it, with
            the log-odds of each, or those that settled the event.

        Raises
        ------
        QueryError
            If the other one is later, of a network with another start, or no posterior.
        """
        _check_posterior(other)
        day = self._draws.calendar.deadline(by)
        table = change_table(self._draws, other._draws, day)
        words = {
            event: self._moved_by(other, str(event), by)
            for event in table.index[table["change"] != 0][:explained]
        }
        return table.assign(moved_by=[words.get(event, "") for event in table.index])

    def explain_change(
        self,
        other: Self,
        event: str,
        *,
        by: Day,
        figures: tuple[Probability, Probability] | None = None,
    ) -> "pd.DataFrame":
        """Return which items moved one forecast since an earlier posterior.

        Parameters
        ----------
        other
            The earlier one.
        event, by
            The forecast.
        figures
            Then and now, where they are known; they are worked out anew unless given.

        Returns
        -------
        DataFrame
            As the columns of `explain` that go in order: from the earlier forecast, "(before)",
            over what was "(revised or withdrawn)" in the network and the items, forecasts that a
            newer one replaced among them (only where something was), and what the time between the
            two alone did, to each new item. They add up to the log-odds of the forecast now,
            exactly.

        Raises
        ------
        QueryError
            As for `explain` and `compare`.
        """
        day, draws, index = self._draws.calendar.deadline(by), self._draws, self._index(event)
        if figures is None:
            figures = (other.probability(event, by=by), self.probability(event, by=by))
        return explain_change(draws, other._draws, index, day, figures)

    def _moved_by(self, other: Self, event: str, by: Day) -> str:
        settled = settled_by(self._draws, other._draws, event, self.probability(event, by=by))
        if settled:
            return f"settled by {', '.join(settled)}"
        try:
            return in_words(self.explain_change(other, event, by=by))
        except QueryError as error:
            return f"cannot be told: {error}"

    def _index(self, event: str) -> int:
        """Return the position of an event, once checked."""
        lowered = self._draws.lowered
        return lowered.events.index(check_event(lowered.network, event).id)

    def _candidates(
        self,
        event: str,
        by: Day,
        at: Day,
        events: Sequence[str] | None,
        sources: Sequence[str] | None,
    ) -> tuple[Asked, list[int], list[str]]:
        calendar, network = self._draws.calendar, self._draws.lowered.network
        deadline, then = calendar.deadline(by), calendar.deadline(at)
        if then > deadline:
            msg = (
                f"at ({day_label(then)}) lies after the deadline ({day_label(deadline)}), when the "
                "forecast is settled: ask for an earlier date"
            )
            raise QueryError(msg)
        known = [source.id for source in network.sources]
        heard = known if sources is None else list(dict.fromkeys(sources))
        for source in heard:
            if source not in known:
                msg = f"the network has no source '{source}'. {did_you_mean(source, known)}"
                raise QueryError(msg)
        names = [one.id for one in network.nodes] if events is None else dict.fromkeys(events)
        return Asked(self._index(event), deadline, then), [self._index(n) for n in names], heard


def _check_posterior(other: object) -> None:
    if not isinstance(other, Reasons):
        msg = f"compare with an earlier posterior, as fc.update returns it (got {other!r:.60})"
        raise QueryError(msg)


def _shares(draws: Draws, forecast: Probability) -> "pd.DataFrame":
    found = share_table(draws, forecast.draws)
    return found.sort_values("share", ascending=False, kind="stable")
