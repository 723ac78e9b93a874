"""The posterior: draws of every parameter, and the questions that can be asked of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from forecast.estimate._cost import steps_taken
from forecast.estimate._datatree import with_free_variables
from forecast.estimate._groups import as_datatree
from forecast.estimate._result import Fit
from forecast.evidence import Question
from forecast.network._html_table import html_table
from forecast.posterior._calendar import several
from forecast.posterior._conditions import Condition, Supposed, check_event, read_do, read_given
from forecast.posterior._draws import Draws
from forecast.posterior._given import probability_before, supposed_probability
from forecast.posterior._kept import keep
from forecast.posterior._probability import Probability
from forecast.posterior._reasons import Reasons
from forecast.posterior._sources import source_table
from forecast.posterior._tables import (
    curve_table,
    event_table,
    joint_table,
    onset_quantiles,
    question_table,
    scenario_table,
    timeline_table,
)
from forecast.posterior._told import Told
from forecast.probability import percent, span
from forecast.time import Day, day_words

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import xarray as xr

    from forecast.evidence import Evidence
    from forecast.gate import Gate
    from forecast.network import Network


PREDICTIONS = 1024
"""Draws whose chances are kept in `idata`, at the most: all of them would fill the file."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Posterior(Told, Reasons):
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
    shelf
        A file in which to keep what the pass in the order of publication finds (see `explain`), so
        that a later posterior, of which the record has grown, goes on from there. None: it is kept
        in memory alone.
    """

    fitted: Fit
    reference: "Posterior | None" = None
    shelf: "Path | None" = None

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
        """How the draws were made: ``"importance"``, ``"nuts"`` or ``"paths"``."""
        return self.fitted.method

    @property
    def steps(self) -> str:
        """How the exact filter passes the time of the evidence, at the rates of the draws."""
        return steps_taken(self.fitted)

    @property
    def gate(self) -> "Gate":
        """The convergence checks of the parameters."""
        return self.fitted.gate

    @property
    def _before(self) -> Draws | None:
        """The draws of what this is compared with."""
        return None if self.reference is None else self.reference._draws  # noqa: SLF001 - of its own kind

    def save(self, path: "str | Path") -> None:
        """Write this posterior to one file, from which `forecast.read_posterior` has it again.

        Parameters
        ----------
        path
            The file, such as ``pact.nc``; replaced if it exists. It is netCDF, so that xarray and
            ArviZ open it too, and holds the network, the evidence that was seen and the draws.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        before = None if self.reference is None else self.reference.fitted
        keep(self.fitted, self.saved_groups(), before, path)

    def gate_at(self, by: Sequence[Day]) -> "Gate":
        """Return the convergence checks of the parameters and of every event's forecast.

        Parameters
        ----------
        by
            Deadlines; a date means the end of that day, UTC.

        Returns
        -------
        Gate
            Besides the checks of `gate`, those of the worst forecast: its Monte Carlo error, that
            of the ends of its interval, and for chains R-hat and the effective size of what the
            draws say of it.

        Raises
        ------
        QueryError
            If there is no deadline, or one is out of range.
        """
        events = [event.id for event in self.network.nodes]
        chances = self._draws.chances(events, sorted({*self._draws.calendar.deadlines(by)}))
        chains = 0 if self.method == "importance" else self.fitted.shape[0]
        return self.fitted.gate + chances.gate(chains)

    @cached_property
    def idata(self) -> "xr.DataTree":
        """The draws as an ArviZ `DataTree`, predictions by the ends of months included."""
        return as_datatree(with_free_variables(self.fitted, self._groups(PREDICTIONS)))

    def probability(
        self,
        event: str,
        *,
        by: Day,
        given: Mapping[str, Condition] | None = None,
        do: Mapping[str, Supposed] | None = None,
    ) -> Probability:
        """Return the probability that an event is on at the end of a day.

        For an onset this is "has happened by then". Public events count as not having happened
        by `as_of` unless observed, so a deadline that nears with no news pulls them down. Of a date
        before `as_of` it is what all evidence says in hindsight: whether it had happened by then.

        `given` conditions on events as if they had been found out, and so tells of their causes
        and of the parameters as well: P(e | G) = Σ_d P(e, G | θ_d) / Σ_d P(G | θ_d) over draws d.
        `do` brings events about from outside. From `as_of` on such an event follows the path that
        it is given, whatever its causes do; what follows from it follows, and nothing is learned
        of its causes, of the parameters or of the past. With both, `given` holds after `do`.

        Parameters
        ----------
        event
            Its id.
        by
            From the network's start to the horizon; a date means the end of that day, UTC.
        given
            What is supposed of events. ``"on"`` or ``True``: on at the deadline; ``"off"`` or
            ``False``: off at the deadline. A date d: the onset is on day d, off as the day begins
            and on as it ends. ``("off", d)``: off at the end of day d, and likewise ``"on"``.
            Dates may be past: it is found out now what was so then.
        do
            What is imposed on events. ``"on"`` or ``True``: on from `as_of`; ``"off"`` or
            ``False``: off from `as_of` to the horizon; a date d: off until the end of day d (it
            may be `as_of`), and on from then. An outcome that is brought about excludes the other
            ones; a second time has a first, and has no day of its own.

        Returns
        -------
        Probability
            Its draws have `weights` under `given`; its `note` says where few are left.

        Raises
        ------
        QueryError
            If there is no such event, a date is out of range, or what is given is impossible.

        Notes
        -----
        `do` means what the network's links mean: stated influences. It is no proof that they are
        causes, and says nothing of side effects or of people who respond to the intervention in
        ways that are no link. What was said of the imposed event's own time after `as_of` is set
        aside; what was said of other events still counts, as if said in knowledge of the
        intervention. It does not change the past: "had it not happened" cannot be asked, and an
        answer for a date before `as_of` is the one without it.

        Answers are exact given the parameters where at most 13 events of unknown state are tied
        together; beyond that they are counted over simulated courses of events (`note` says so).
        After a fit by the path sampler, whose courses are there for every draw, they are counted
        from 8 events on (with 4,096 draws): `do` starts from the states that it found as of
        `as_of`, and what was said of the time after has no further weight.

        Examples
        --------
        >>> import forecast as fc
        >>> cause = fc.Event(id="cause", kind="onset", public=False, rate="40% within 1 year")
        >>> sign = fc.Event(id="sign", kind="onset", rate="10% within 1 year")
        >>> link = fc.Link(parent="cause", child="sign", kind="multiplies", hazard_ratio="x9")
        >>> network = fc.Network(
        ...     name="demo",
        ...     start="2024-01-01",
        ...     horizon="2024-12-31",
        ...     events=[cause, sign],
        ...     links=[link],
        ... )
        >>> post = fc.prior(network, draws=64)
        >>> plain = post.probability("cause", by="2024-12-31").mean
        >>> seen = post.probability("cause", by="2024-12-31", given={"sign": "on"}).mean
        >>> made = post.probability("cause", by="2024-12-31", do={"sign": "on"}).mean
        >>> round(plain, 2), round(seen, 2), round(made, 2)
        (0.4, 0.73, 0.4)
        """
        draws, network = self._draws, self.network
        check_event(network, event)
        day = draws.calendar.deadline(by)
        points = read_given(given or {}, network, draws.calendar, day)
        imposed = read_do(do or {}, network, draws.calendar)
        if not points and not imposed:
            return draws.chances([event], [day]).probability(0)
        return supposed_probability(draws, self._index(event), day, points, imposed)

    def before(self, first: str, second: str, *, by: Day) -> Probability:
        """Return the probability that one onset has happened by a date, and before another.

        Parameters
        ----------
        first, second
            Two onsets. The second need not happen at all.
        by
            A date means the end of that day, UTC.

        Raises
        ------
        QueryError
            If either is no onset or unknown, or the date is out of range.

        Notes
        -----
        ``before(a, b) + before(b, a)`` is the probability that either has happened. Exact given
        the parameters or counted, like `probability`.
        """
        pair = (self._index(first), self._index(second))
        return probability_before(self._draws, pair, self._draws.calendar.deadline(by))

    def curve(self, event: str, *, dates: Sequence[Day] | None = None) -> "pd.DataFrame":
        """Return an event's probability over dates.

        Parameters
        ----------
        event
            Its id.
        dates
            When, from the network's start on; weekly from `as_of` to the horizon (further apart
            past twenty years), unless given.

        Returns
        -------
        DataFrame
            Indexed by ``date``, the days (or times, UTC) as they were asked for, without a zone;
            with columns ``mean``, ``lower``, ``upper`` (central 90%) and ``mcse``.
        """
        check_event(self.network, event)
        calendar = self._draws.calendar
        days = calendar.weeks() if dates is None else sorted(calendar.deadlines(dates, "date"))
        return curve_table(self._draws, event, days)

    def table(self, *, by: Sequence[Day]) -> "pd.DataFrame":
        """Return every event's probability at deadlines.

        Parameters
        ----------
        by
            Deadlines, past ones too; a date means the end of that day, UTC.

        Returns
        -------
        DataFrame
            Indexed by ``event``; columns (deadline, statistic) with ``mean``, ``lower``,
            ``upper`` (central 90%), ``mcse``, the network's own ``prior``, and the ``change``
            against it as a difference of probabilities.
        """
        days = self._draws.calendar.deadlines(by)
        return event_table(self._draws, days, self._before)

    def question(self, question: Question) -> Probability:
        """Return the answer to a question: the probability of its event by its deadline."""
        return self.probability(question.event, by=question.deadline)

    def questions(self, questions: Iterable[Question]) -> "pd.DataFrame":
        """Return the answers to questions, each by its own deadline.

        Parameters
        ----------
        questions
            Such as those of `fc.read_questions`; what is known of their outcomes is not read.

        Returns
        -------
        DataFrame
            Indexed by ``question``: its ``event`` and the deadline, ``by``, then ``mean``,
            ``lower``, ``upper`` (central 90%), ``mcse``, ``prior`` and ``change`` as in `table`.

        Examples
        --------
        >>> import forecast as fc
        >>> event = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
        >>> network = fc.Network(
        ...     name="demo", start="2024-01-01", horizon="2024-12-31", events=[event]
        ... )
        >>> asked = fc.Question(id="q1", event="pact", deadline="2024-06-30")
        >>> fc.prior(network).questions([asked])["mean"].round(2).to_dict()
        {'q1': 0.11}
        """
        asked = list(questions)
        return question_table(self._draws, asked, self._deadlines(asked), self._before)

    def joint(self, events: Sequence[str], *, by: Day) -> "pd.DataFrame":
        """Return the probability of each combination of events at the end of a day.

        Parameters
        ----------
        events
            Their ids, at most ten.
        by
            A date means the end of that day, UTC.

        Returns
        -------
        DataFrame
            One row a combination: a boolean column for each event, then ``mean``, ``lower``,
            ``upper`` (central 90%) and ``mcse``. The means sum to one.
        """
        named = several(events, "event")
        ids = [check_event(self.network, event).id for event in dict.fromkeys(named)]
        return joint_table(self._draws, ids, self._draws.calendar.deadline(by))

    def onset_time(
        self, event: str, *, quantiles: float | Sequence[float] = QUANTILES
    ) -> "pd.DataFrame":
        """Return quantiles of the date on which an onset happens.

        Parameters
        ----------
        event
            An onset.
        quantiles
            Between 0 and 1; one, or several.

        Returns
        -------
        DataFrame
            Indexed by ``quantile``: the ``date``, an instant in UTC (NaT where it lies beyond the
            horizon), the ``onset`` in words, of which "not by" the horizon is one, and the Monte
            Carlo error in days, ``mcse_days``.

        Notes
        -----
        They are quantiles of the forecast, parameters averaged over: by the date at 0.5 the event
        has happened with probability one half. Between weekly dates the hazard is taken to be
        even.
        """
        return onset_quantiles(self._draws, self._index(event), quantiles)

    def scenarios(
        self, *, by: Day, n: int = 10, events: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """Return the most probable stories by a date: which events, in which order.

        Parameters
        ----------
        by
            A date means the end of that day, UTC.
        n
            How many stories to tell.
        events
            Which events they are about; unless given, the five whose state by then is least
            certain.

        Returns
        -------
        DataFrame
            Indexed by ``rank``: the ``scenario`` in words, its ``probability`` and ``mcse``, and
            a column for each event, whether it is on at the date. The last row is any other
            course, so that the probabilities add up to one.

        Notes
        -----
        Onsets after `as_of` are told in order; "already" is on at `as_of`. By a date before
        `as_of`, stories begin with the network: all onsets are told in order. Facts and states are
        "on" or "not" at the date. Probabilities are counted over simulated courses.
        """
        draws = self._draws
        chosen = None if events is None else [self._index(event) for event in events]
        return scenario_table(draws, draws.calendar.deadline(by), n, chosen)

    def timeline(
        self, *, by: Day, n: int = 10, events: Sequence[str] | None = None
    ) -> "pd.DataFrame":
        """Return when the events of the most probable stories happen.

        Parameters
        ----------
        by, n, events
            As for `scenarios`, whose stories these are, in the same order.

        Returns
        -------
        DataFrame
            Indexed by (rank, event): the probability of the ``story``; whether the event is ``on``
            at the date; and for an onset told in order its ``place`` there, with
            the quartiles of its date among the courses that tell this story: ``lower``,
            ``median`` and ``upper``.
        """
        draws = self._draws
        chosen = None if events is None else [self._index(event) for event in events]
        return timeline_table(draws, draws.calendar.deadline(by), n, chosen)

    def sources(self) -> "pd.DataFrame":
        """Return what is known of each source that has spoken: its rates, prior and posterior.

        Returns
        -------
        DataFrame
            Indexed by (source, rate), with the mean and the central 90% interval of the prior
            and of the posterior; how many items of the source moved it from one to the other, and
            their ids (`moved_by`). Sources of one type are pooled, so that what the others of its
            type said has a share in it too.
        """
        return source_table(self.fitted)

    def __repr__(self) -> str:
        """Return what it is of, in a line; the draws are in `idata`."""
        return (
            f"Posterior({self.network.name} as of {day_words(self.as_of)}, "
            f"{len(self.evidence)} items of evidence; {self.method}; {self.gate})"
        )

    def _repr_html_(self) -> str:
        """Return a table of all events at the horizon, for notebooks."""
        horizon = self._draws.calendar.horizon
        table = self.table(by=[horizon]).droplevel("deadline", axis=1)
        rows = [
            [
                event.title or event.id,
                percent(row["mean"]),
                span(row["lower"], row["upper"], row["mcse"]),
                percent(row["prior"]),
            ]
            for event, (_, row) in zip(self.network.nodes, table.iterrows(), strict=True)
        ]
        return html_table(
            f"{self.network.title or self.network.name}, as of {day_words(self.as_of)}: "
            f"probabilities by {day_words(horizon)}",
            ["event", "probability", "central 90%", "without evidence"],
            rows,
            notes=[f"{len(self.evidence)} items of evidence; {self.method}; {self.gate}"],
        )

    @cached_property
    def _draws(self) -> Draws:
        """The draws that questions are answered from."""
        return Draws(self.fitted, self.shelf)
