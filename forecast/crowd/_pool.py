"""`pool`: a table of forecasts in, one probability per question out, by any of five methods."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from forecast.crowd._bayesian import BayesianPool, fit
from forecast.crowd._pools import extremise, fit_extremising, geometric_mean_of_odds, mean, median
from forecast.crowd._table import Crowd, crowd_of
from forecast.errors import Fault, InputError, did_you_mean
from forecast.scoring._inputs import Floats

type Method = Literal["mean", "median", "geometric_mean_of_odds", "extremised", "bayesian"]

METHODS: tuple[Method, ...] = get_args(Method.__value__)
LEVEL = 0.9
INTERVAL_DRAWS = 4_000


@dataclass(frozen=True)
class Pooled:
    """Pooled forecasts.

    Parameters
    ----------
    method
        How they were pooled.
    table
        One row per question: ``probability``, ``forecasters`` (their number), ``extremising`` (the
        factor on the mean log-odds; not for mean and median), and for the Bayesian pool ``low`` and
        ``high``, the central 90% interval.
    forecasters
        One row per forecaster: ``answers``; for the Bayesian pool the posterior means of ``weight``
        (1 is usual) and ``shift`` (in log-odds: above 0 for forecasters who are too low).
    parameters
        For the Bayesian pool, the posterior of each hyperparameter: ``mean``, ``low``, ``high``;
        ``one`` and ``many`` are the extremising of a single forecaster and of infinitely many.
    """

    method: str
    table: pd.DataFrame
    forecasters: pd.DataFrame
    parameters: pd.DataFrame


def pool(forecasts: pd.DataFrame, method: Method = "bayesian", *, seed: int = 1) -> Pooled:
    """Return several forecasters' probabilities of the same questions combined into one.

    Parameters
    ----------
    forecasts
        One row per forecast: ``question``, ``forecaster``, ``probability``; and where known
        ``outcome`` (1, 0, or missing while open) and ``cluster`` (linked questions share one).
    method
        ``"mean"``; ``"median"``; ``"geometric_mean_of_odds"``; ``"extremised"``, that mean
        stretched by the factor that fits resolved questions best [1]_; ``"bayesian"``, with each
        forecaster's weight and shift, and extremising, learned from resolved questions
        (`forecast.crowd._bayesian` states the model).
    seed
        Of the Bayesian pool's quasi-random points.

    Returns
    -------
    Pooled
        Every question of the table. Resolved questions were learned from, so score the pool on
        questions whose outcome was left out.

    Raises
    ------
    InputError
        If the table is not as described, or the method needs resolved questions and there are none.

    Notes
    -----
    The Bayesian pool's time grows with the cube of the number of resolved questions: a second for
    a hundred, half a minute for six hundred. Without resolved questions it extremises by its prior.
    What it learns about a forecaster applies to questions like the resolved ones.

    References
    ----------
    .. [1] Satopää, V. A. et al. (2014). Combining multiple probability predictions using a simple
       logit model. International Journal of Forecasting 30(2), 344-356.

    Examples
    --------
    >>> import pandas as pd
    >>> forecasts = pd.DataFrame(
    ...     {
    ...         "question": ["pact", "pact", "troops", "troops"],
    ...         "forecaster": ["ann", "ben", "ann", "ben"],
    ...         "probability": [0.2, 0.4, 0.7, 0.9],
    ...     }
    ... )
    >>> pool(forecasts, "mean").table["probability"].round(2).to_dict()
    {'pact': 0.3, 'troops': 0.8}
    """
    if method not in METHODS:
        remedy = did_you_mean(str(method), METHODS)
        raise InputError(Fault("unknown way to pool", remedy, field="method", value=str(method)))
    crowd = crowd_of(forecasts)
    if method == "bayesian":
        return _bayesian(crowd, seed)
    if method == "extremised":
        factor = _factor(crowd)
        found, stretched = extremise(crowd.p, factor), factor
    elif method == "geometric_mean_of_odds":
        found, stretched = geometric_mean_of_odds(crowd.p), 1.0
    else:
        found, stretched = (mean if method == "mean" else median)(crowd.p), np.nan
    table = _table(crowd, found).assign(extremising=stretched)
    empty = pd.DataFrame(columns=["mean", "low", "high"], dtype=np.float64)
    return Pooled(method, table, _forecasters(crowd), empty)


def _factor(crowd: Crowd) -> float:
    seen = crowd.resolved
    if not seen.any():
        raise InputError(
            Fault(
                "extremising is fitted to resolved questions, and there are none",
                "Add a column outcome, or use method='geometric_mean_of_odds'.",
                field="outcome",
            )
        )
    return max(fit_extremising(crowd.p[:, seen], crowd.y[seen]), np.finfo(np.float64).tiny)


def _bayesian(crowd: Crowd, seed: int) -> Pooled:
    found = fit(crowd, seed)
    rng = np.random.default_rng([seed, 2])
    drawn = rng.choice(found.weights.size, size=INTERVAL_DRAWS, p=found.weights)
    log_odds = found.centre[drawn] + found.spread[drawn] * rng.normal(
        size=(INTERVAL_DRAWS, found.probability.size)
    )
    low, high = _interval(1 / (1 + np.exp(-log_odds)))
    table = _table(crowd, found.probability).assign(
        extremising=found.weights @ found.factor, low=low, high=high
    )
    forecasters = _forecasters(crowd).assign(
        weight=found.forecaster_weight, shift=found.forecaster_shift
    )
    return Pooled("bayesian", table, forecasters, _parameters(found, drawn))


def _parameters(found: BayesianPool, drawn: np.ndarray) -> pd.DataFrame:
    single, shared = found.hyper["single"], found.hyper["shared"]
    values = {"one": single, "many": single * (1 + shared) / shared, **found.hyper}
    del values["single"]
    rows = {
        name: (float(found.weights @ value), *_interval(value[drawn]))
        for name, value in values.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "low", "high"])


def _interval(draws: Floats) -> tuple[Floats, Floats]:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def _table(crowd: Crowd, probability: Floats) -> pd.DataFrame:
    count = (~np.isnan(crowd.p)).sum(axis=0)
    return pd.DataFrame({"probability": probability, "forecasters": count}, index=crowd.questions)


def _forecasters(crowd: Crowd) -> pd.DataFrame:
    return pd.DataFrame({"answers": (~np.isnan(crowd.p)).sum(axis=1)}, index=crowd.forecasters)
