"""`replay`: forecasts as they would have been at past dates, scored against what came about."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from forecast.backtest._questions import Life, life_of
from forecast.backtest._scores import even_clusters, loss_table, question_table, score_table
from forecast.backtest._tasks import forecast_table, forecasts_of, tasks_of
from forecast.backtest._work import Store, Tell, answers_of, refuse_failed
from forecast.errors import Fault, InputError
from forecast.estimate._result import Method, Settings
from forecast.evidence import Clock, Evidence, Resolutions
from forecast.network import Network
from forecast.network._base import inside, to_day
from forecast.time import Day, DayError, parse_instant

MOST_DATES = 1_000


def every(first: str | date, last: str | date, *, days: int) -> tuple[date, ...]:
    """Return the days from a first to a last one, at even steps; the last only if a step hits it.

    Parameters
    ----------
    first, last
        ISO 8601 days.
    days
        The step.

    Raises
    ------
    InputError
        If either is no day, the last comes before the first, the step is less than a day, or there
        would be more than a thousand.

    Examples
    --------
    >>> len(every("2024-06-01", "2024-12-31", days=14))
    16
    """
    begin, end = _day(first, "first"), _day(last, "last")
    if end < begin:
        raise InputError(
            Fault("the last day is before the first", "Swap them.", field="last", value=str(last))
        )
    if days < 1:
        raise InputError(Fault("a step is one day at least", field="days", value=str(days)))
    count = (end - begin).days // days + 1
    if count > MOST_DATES:
        problem = f"that makes {count:,} dates, more than {MOST_DATES:,}"
        raise InputError(Fault(problem, "Take longer steps.", field="days", value=str(days)))
    return tuple(begin + timedelta(days=days * step) for step in range(count))


def _day(value: str | date, field: str) -> date:
    try:
        return to_day(value)
    except InputError as error:
        raise InputError(inside(field, error.faults)) from None


@dataclass(frozen=True)
class Backtest:
    """What a replay found.

    Parameters
    ----------
    network
        The network's name.
    forecasts
        Every forecast of every forecaster: ``question``, ``as_of``, ``forecaster``,
        ``probability``, ``mcse``, ``method``, ``passed`` (the convergence gate).
    questions
        The questions that were scored: see `forecast.backtest._scores.question_table`.
    losses
        Each forecaster's loss on each question, by rule.
    scores
        Mean losses, gains over each reference, their intervals by cluster, and the effective
        number of questions.
    left_out
        Questions that were not scored, each with the reason.
    """

    network: str
    forecasts: pd.DataFrame
    questions: pd.DataFrame
    losses: pd.DataFrame
    scores: pd.DataFrame
    left_out: Mapping[str, str]

    @property
    def even_clusters(self) -> float:
        """How many independent questions there are if those of a cluster are all one."""
        return even_clusters(self.questions["cluster"].tolist())


def replay(  # noqa: PLR0913
    network: Network,
    evidence: Evidence,
    resolutions: Resolutions,
    *,
    dates: Iterable[Day],
    known: Clock = "published",
    method: Method = "auto",
    draws: int = 4096,
    seed: int = 1,
    executor: Executor | None = None,
    folder: str | Path | None = None,
    force: bool = False,
    tell: Tell = lambda *_: None,
) -> Backtest:
    """Return the forecasts at past dates, scored against what came about and against references.

    At each date every forecaster sees only what was published (or recorded) by then. Scores are
    averaged with weights fixed over each question's scheduled life, which is proper, and compared
    as a difference to each reference: the ``prior``; the ``base_rate`` alone, neither links nor
    news; ``no_links``, each event by itself; ``gates_only``, with what events require and what
    prevents them; ``copies_independent``, a copied report taken for a
    second witness; ``carried_on``, our own forecast of the date before; and a ``coin``, one half
    throughout.

    Parameters
    ----------
    network, evidence
        As for `forecast.update`.
    resolutions
        How questions came out; those left out or annulled are not scored.
    dates
        The cut-offs; a date means the end of that day, UTC.
    known
        The clock by which items are seen: ``"published"`` or ``"recorded"``.
    method, draws, seed
        As for `forecast.update`.
    executor
        Where to estimate: any `concurrent.futures.Executor`. In this process, unless given.
    folder
        Where finished estimates are kept; a replay of the same takes them from there.
    force
        Score estimates that fail their convergence gate; `forecasts` says which do.
    tell
        Called with how many estimates are done, how many there are, and the one in hand.

    Returns
    -------
    Backtest

    Raises
    ------
    InputError
        If something does not fit: no dates, dates outside the network's time, no question open at
        any of them, faults of evidence or resolutions.
    GateError
        If an estimate fails its gate; the others are kept in `folder`.
    ForecastError
        If estimates fail for another reason, which it names.

    Notes
    -----
    The same inputs give the same result, on any executor. It takes five estimates a date.
    Intervals over fewer than some twenty clusters are too short.

    Examples
    --------
    >>> import forecast as fc
    >>> pact = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> no = fc.Resolution(id="q1", event="pact", deadline="2024-06-30", outcome="no")
    >>> found = replay(
    ...     network, fc.Evidence(), fc.Resolutions([no]), dates=["2024-03-31"], draws=512
    ... )
    >>> int(found.questions.loc["q1", "scheduled"])
    91
    """
    settings = Settings(method=method, draws=draws, seed=seed)
    cuts = _cuts(network, dates)
    evidence.check(network)
    resolutions.check(network)
    lives, left_out = _lives(resolutions, cuts)
    if not lives:
        remedy = "Give dates before the questions' deadlines, or questions that are scored."
        raise InputError(Fault("no question is open at any date", remedy, field="dates"))
    tasks = tasks_of(network, evidence, lives, known, settings)
    store = Store(None if folder is None else Path(folder))
    answers = answers_of(tasks, store, executor, tell)
    if not force:
        refuse_failed(tasks, answers)
    forecasts = forecasts_of(lives, answers)
    sayings = {asked: [each.probability for each in said] for asked, said in forecasts.items()}
    losses = loss_table(lives, sayings)
    clusters = [life.resolution.together for life in lives]
    return Backtest(
        network=network.name,
        forecasts=forecast_table(forecasts),
        questions=question_table(lives, sayings),
        losses=losses,
        scores=score_table(losses, clusters),
        left_out=left_out,
    )


def _cuts(network: Network, dates: Iterable[Day]) -> tuple[datetime, ...]:
    cuts, faults = [], []
    for number, day in enumerate(dates, start=1):
        field = f"dates (entry {number})"
        try:
            cut = parse_instant(day)
        except DayError as error:
            faults.append(Fault(str(error), field=field))
            continue
        if not network.start_instant <= cut < network.horizon_instant:
            problem = (
                f"the cut-off lies outside the time of network '{network.name}' "
                f"({network.start} to {network.horizon})"
            )
            faults.append(Fault(problem, "Leave it out.", field=field, value=str(day)))
        cuts.append(cut)
    if not cuts and not faults:
        faults.append(Fault("there are no dates", "Give at least one.", field="dates"))
    if faults:
        raise InputError(faults)
    return tuple(sorted(set(cuts)))


def _lives(resolutions: Resolutions, cuts: Sequence[datetime]) -> tuple[list[Life], dict[str, str]]:
    lives, left_out = [], {}
    for each in resolutions:
        life = life_of(each, cuts) if each.scored else None
        if life is not None:
            lives.append(life)
        elif each.scored:
            left_out[each.id] = "it was over by the first date"
        else:
            left_out[each.id] = each.left_out or "annulled"
    return lives, left_out
