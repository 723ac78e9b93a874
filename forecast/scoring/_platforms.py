"""Scores as platforms print them, over the life of questions, for tables of forecasts.

A forecast stands from when it was made until its forecaster makes another, withdraws it, or the
question closes; one made before the opening stands from the opening on. All scores are integrals
over that time, exact to the second.

References
----------
.. [1] Metaculus, Scores FAQ, https://www.metaculus.com/help/scores-faq/
.. [2] Good Judgment Open, FAQ, https://www.gjopen.com/faq
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.scoring._inputs import Floats, Ints
from forecast.scoring._life import ImproperScoreWarning
from forecast.scoring._metaculus import peer_points
from forecast.scoring._platform_table import Said, read


class _Life(NamedTuple):
    """A question's life, cut wherever a forecast is made."""

    people: Ints  # (forecaster,)
    standing: Ints  # (forecaster, segment): which forecast, or -1
    days: Floats  # (segment,)


def metaculus_scores(forecasts: pd.DataFrame) -> pd.DataFrame:
    r"""Return Metaculus' baseline and peer scores and coverage, over the life of each question.

    With :math:`s(t)` the points of the forecast in force at t (`metaculus_baseline`,
    `metaculus_peer`), 0 while there is none,

    .. math:: \frac{1}{T} \int_{\text{opened}}^{\text{closed}} s(t) \, dt, \qquad
              T = \text{closes} - \text{opened},

    and coverage is the share of T during which a forecast stood.

    Parameters
    ----------
    forecasts
        One row per forecast, of one question or of many, all of them resolved: ``question``,
        ``forecaster``, ``time``, ``probability`` (blank: withdrawn), ``outcome`` (yes or no),
        ``opened``, ``closes`` (the scheduled close) and, if it closed early, ``closed``. With
        several options, one row for each, named in ``option``; ``outcome`` may name the one that
        came true. For numeric questions ``density``, the forecast's at the outcome, and ``chance``,
        that of the baseline, take the place of probability and outcome
        (`metaculus_baseline_density`). Times are dates or numbers of days; a day without an hour is
        its first moment.

    Returns
    -------
    DataFrame
        One row per question and forecaster: ``baseline`` and ``peer`` in points, higher is better,
        ``coverage`` from 0 to 1, and ``forecasts``, how many were made.

    Raises
    ------
    InputError
        If the table is not as described, every fault by row and column.

    Notes
    -----
    Metaculus ranks by the sum of peer scores over the sum of coverages, among others:
    ``table.groupby("forecaster")[["peer", "coverage"]].sum()``. A forecaster who stands alone has 0
    peer points for that time.

    Examples
    --------
    >>> said = pd.DataFrame(
    ...     {
    ...         "question": "pact",
    ...         "forecaster": ["ann", "ben"],
    ...         "time": ["2024-07-01", "2024-07-06"],
    ...         "probability": [0.9, 0.9],
    ...         "outcome": "yes",
    ...         "opened": "2024-07-01",
    ...         "closes": "2024-07-11",
    ...     }
    ... )
    >>> metaculus_scores(said).loc[("pact", "ben")].round(2).to_dict()
    {'baseline': 42.4, 'peer': 0.0, 'coverage': 0.5, 'forecasts': 1.0}
    """
    said = read(forecasts, scheduled=True)
    if said.numeric:
        points = 50 * np.log(said.given / said.chance[said.question])
    else:
        sizes = said.sizes[said.question]
        points = 100 * np.log(said.given * sizes) / np.log(sizes)
    log_given, share = np.log(said.given), 0.5 if said.numeric else 1.0
    parts = []
    for number, rows in enumerate(_by_question(said)):
        life = _life(said, number, rows)
        there = _present(life, said)
        span = said.span.closes[number] - said.span.opened[number]
        peer = peer_points(np.where(there, log_given[life.standing], 0.0), there)
        baseline = np.where(there, points[life.standing], 0.0) @ life.days / span
        against = share * np.nan_to_num(peer) @ life.days / span
        parts.append((baseline, against, there @ life.days / span))
    return _table(said, parts, ["baseline", "peer", "coverage"])


def good_judgment_scores(forecasts: pd.DataFrame) -> pd.DataFrame:
    r"""Return Brier scores averaged over time, as Good Judgment Open and INFER print them.

    Parameters
    ----------
    forecasts
        As for `metaculus_scores`, without ``closes`` (and without densities): a question is scored
        from ``opened`` to ``closed``.

    Returns
    -------
    DataFrame
        One row per question and forecaster: ``brier``, the mean on the original scale of 0 to 2
        over the time with a forecast; ``median``, that of the median of all forecasters who had one
        over the same time; ``participation``, the share of the question's life with a forecast; and
        ``relative``, (brier - median) times participation: below 0 is better than most.

    Raises
    ------
    InputError
        As `metaculus_scores`.

    Warns
    -----
    ImproperScoreWarning
        Always: where a yes closes a question early, such averages reward forecasts other than what
        one believes. `gain_over_life` is proper.

    Notes
    -----
    The platforms count whole days; this agrees with them where forecasts are dated by day.

    Examples
    --------
    >>> said = pd.DataFrame(
    ...     {
    ...         "question": "cubs",
    ...         "forecaster": "one",
    ...         "time": [0, 3],
    ...         "probability": [0.9, 0.95],
    ...         "outcome": "yes",
    ...         "opened": 0,
    ...         "closed": 7,
    ...     }
    ... )
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ImproperScoreWarning)
    ...     good_judgment_scores(said)["brier"].round(4).tolist()
    [0.0114]
    """
    warnings.warn(
        "averages over the time a question was open are improper where a yes closes it early; "
        "gain_over_life is proper",
        ImproperScoreWarning,
        stacklevel=2,
    )
    said = read(forecasts, scheduled=False)
    parts = []
    for number, rows in enumerate(_by_question(said)):
        life = _life(said, number, rows)
        there = _present(life, said)
        own = np.where(there, said.brier[life.standing], np.nan)  # (forecaster, segment)
        some = there.any(axis=0)
        median = np.zeros(some.size)
        median[some] = np.nanmedian(own[:, some], axis=0)
        days = there @ life.days
        with np.errstate(invalid="ignore"):  # 0 / 0: never had a forecast in time
            brier = np.nan_to_num(own) @ life.days / days
            usual = (there * median) @ life.days / days
        participation = days / (said.span.closed[number] - said.span.opened[number])
        relative = np.nan_to_num(brier - usual) * participation
        parts.append((brier, usual, participation, relative))
    return _table(said, parts, ["brier", "median", "participation", "relative"])


def _present(life: _Life, said: Said) -> np.ndarray:
    """Return whether a forecaster has a forecast in force, (forecaster, segment)."""
    return (life.standing >= 0) & ~np.isnan(said.given[life.standing])


def _by_question(said: Said) -> list[Ints]:
    """Return the forecasts of each question, in the order in which they were made."""
    order = np.lexsort([said.time, said.question])
    counts = np.bincount(said.question, minlength=len(said.questions))
    return np.split(order, np.cumsum(counts)[:-1])


def _life(said: Said, number: int, rows: Ints) -> _Life:
    """Return who stood by what when, on one question."""
    begin, end = said.span.opened[number], min(said.span.closed[number], said.span.closes[number])
    made = np.clip(said.time[rows], begin, end)
    edges = np.unique(np.concatenate([[begin, end], made]))
    starts = edges[:-1]
    people = np.unique(said.who[rows])
    standing = np.full((people.size, starts.size), -1, dtype=np.intp)
    for place, person in enumerate(people):
        own = said.who[rows] == person
        newest = np.searchsorted(made[own], starts, side="right") - 1
        standing[place] = np.where(newest >= 0, rows[own][newest], -1)
    # What was said at the close or later is clipped to it, where no segment begins.
    return _Life(people, standing, np.diff(edges))


def _table(said: Said, parts: Sequence[tuple[Floats, ...]], columns: list[str]) -> pd.DataFrame:
    pairs = pd.DataFrame({"question": said.question, "forecaster": said.who})
    counted = pairs[~np.isnan(said.given)].groupby(["question", "forecaster"]).size()
    index = pairs.drop_duplicates().sort_values(["question", "forecaster"])
    names = pd.MultiIndex.from_arrays(
        [said.questions[index["question"]], said.forecasters[index["forecaster"]]],
        names=["question", "forecaster"],
    )
    values = np.concatenate([np.stack(part, axis=1) for part in parts])
    number = counted.reindex(pd.MultiIndex.from_frame(index), fill_value=0).to_numpy()
    return pd.DataFrame(values, index=names, columns=columns).assign(forecasts=number)
