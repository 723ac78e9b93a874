"""The scores of a replay: each forecaster's loss over the lives of questions, our gain over it."""

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import pandas as pd

from forecast.backtest._questions import Life
from forecast.backtest._tasks import FORECASTERS, OURS, Forecaster
from forecast.errors import InputError
from forecast.scoring import effective_number, gain, gain_over_life
from forecast.scoring._inputs import Floats
from forecast.scoring._losses import Rule

type Sayings = Mapping[tuple[Forecaster, str], Sequence[float]]
"""What a forecaster said of a question, one probability a date."""

FEW = 20
RULES: tuple[Rule, ...] = get_args(Rule.__value__)[:2]


def loss_table(lives: Sequence[Life], sayings: Sayings) -> pd.DataFrame:
    """Return each forecaster's loss on each question, by rule.

    Parameters
    ----------
    lives
        The questions.
    sayings
        What was said of them.

    Returns
    -------
    DataFrame
        Indexed by (``rule``, ``question``), one column a forecaster: the loss summed over the
        days on which the question was open, over the days for which it was scheduled. Only
        differences between forecasters are fair, since days after an early close count nothing.
    """
    rows = {
        (rule, life.resolution.id): {
            name: _loss(life, sayings[name, life.resolution.id], rule) for name in FORECASTERS
        }
        for rule in RULES
        for life in lives
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(rows, names=["rule", "question"])
    return table


def _loss(life: Life, said: Sequence[float], rule: Rule) -> float:
    """Return the loss: what a forecaster who always knew the outcome would have saved."""
    return -gain_over_life(
        life.daily(said), life.outcome, life.outcome, scheduled=life.scheduled, rule=rule
    )


def question_table(lives: Sequence[Life], sayings: Sayings) -> pd.DataFrame:
    """Return the questions: outcome, life, and the first and the last forecast of each."""
    rows = [
        {
            "question": life.resolution.id,
            "event": life.resolution.event,
            "by": life.by,
            "outcome": life.outcome,
            "cluster": life.resolution.together,
            "scheduled": life.scheduled,
            "open": life.open_days,
            "forecasts": len(life.dates),
            "first": sayings[OURS, life.resolution.id][0],
            "last": sayings[OURS, life.resolution.id][-1],
        }
        for life in lives
    ]
    return pd.DataFrame(rows).set_index("question")


def score_table(
    losses: pd.DataFrame, clusters: Sequence[str], *, level: float = 0.9
) -> pd.DataFrame:
    """Return the mean loss of each forecaster, and what ours gained over it.

    Parameters
    ----------
    losses
        As `loss_table` has them.
    clusters
        The cluster of each question, in their order.
    level
        Of the interval by bootstrap over clusters.

    Returns
    -------
    DataFrame
        Indexed by (``rule``, ``forecaster``): the mean ``loss``; the mean ``gain`` of our
        forecasts over it with ``low`` and ``high``; and ``effective``, how many independent
        questions would tell as much about the gain, at most as many as there are. Fewer than 20
        clusters are too few to estimate that from the gains: `even_clusters` stands there. NaN
        where there is no such figure: ours against itself, an infinite loss, one cluster alone.
    """
    rows = {}
    for rule in RULES:
        of_rule = losses.xs(rule, level="rule")
        ours = of_rule[OURS].to_numpy(dtype=np.float64)
        for name in FORECASTERS:
            theirs = of_rule[name].to_numpy(dtype=np.float64)
            row = {"loss": float(theirs.mean())}
            if name != OURS:
                row |= _gain(ours, theirs, clusters, level)
            rows[rule, name] = row
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(rows, names=["rule", "forecaster"])
    return table


def even_clusters(clusters: Sequence[str]) -> float:
    r"""Return how many clusters of one size would weigh as much, :math:`n^2 / \sum_c n_c^2`.

    As many independent questions there are if those of a cluster all stand or fall together.

    Parameters
    ----------
    clusters
        The cluster of each question.

    Examples
    --------
    >>> even_clusters(["war", "war", "war", "pact"])
    1.6
    """
    sizes = np.unique(np.asarray(clusters), return_counts=True)[1]
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def _gain(ours: Floats, theirs: Floats, clusters: Sequence[str], level: float) -> dict[str, float]:
    with np.errstate(invalid="ignore"):
        gains = theirs - ours
    found = {"gain": float(gains.mean()), "low": np.nan, "high": np.nan, "effective": np.nan}
    try:
        interval = gain(ours, theirs, cluster=clusters, level=level)
        found |= {"low": interval.low, "high": interval.high}
        found["effective"] = _effective(gains, clusters)
    except InputError:  # one cluster, an infinite loss, or no difference at all
        pass
    return found


def _effective(gains: Floats, clusters: Sequence[str]) -> float:
    """Return how many independent questions would tell as much of the mean gain.

    The gains less their mean sum to nothing, so that where one cluster holds most of them its own
    sum is small however much its questions hang together: with few clusters that passes for
    independence.
    """
    if len(set(clusters)) < FEW:
        return even_clusters(clusters)
    return min(float(gains.size), effective_number(gains - gains.mean(), clusters))
