"""`pool`: a table of forecasts in, one probability per question out, by any of six methods."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import expit

from forecast.crowd._bayesian import BayesianPool, fit
from forecast.crowd._pools import (
    FLOOR,
    extremise,
    fit_extremising,
    geometric_mean_of_odds,
    mean,
    median,
)
from forecast.crowd._table import Crowd, crowd_of
from forecast.crowd._weights import (
    by_skill,
    checked_half_life,
    decayed,
    half_life_of,
    relative_losses,
    skill,
    told,
)
from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Forecast
from forecast.scoring._inputs import Floats
from forecast.time import Day

type Method = Literal[
    "mean", "median", "geometric_mean_of_odds", "extremised", "skilled", "bayesian"
]

METHODS: tuple[Method, ...] = get_args(Method.__value__)
LEVEL = 0.9
INTERVAL_DRAWS = 4_000
AT_ONCE = 500
UNNAMED = re.compile(r"[^a-z0-9_]")
LONGEST_ID = 64


@dataclass(frozen=True)
class Pooled:
    """Pooled forecasts.

    Parameters
    ----------
    method
        How they were pooled.
    table
        One row per question, or per question and option: ``probability``, ``forecasters`` (their
        number), ``extremising`` (the factor on the mean log-odds; not for mean and median), and for
        the Bayesian pool ``low`` and ``high``, the central 90% interval.
    forecasters
        One row per forecaster: ``answers``; where questions are resolved ``skill``, in nats a
        question relative to the others who answered it (above 0 is better; see
        `forecast.crowd._weights`); for the Bayesian pool the posterior means of ``weight`` (1 is
        usual) and ``shift`` (in log-odds: above 0 for forecasters who are too low).
    parameters
        For the Bayesian pool, the posterior of each hyperparameter: ``mean``, ``low``, ``high``;
        ``one`` and ``many`` are the extremising of a single forecaster and of infinitely many.
    half_life
        The days after which a forecast counts half; infinite without times.
    carried
        The share of the learned shift that was applied (Bayesian pool), judged forward in time.
    """

    method: str
    table: pd.DataFrame
    forecasters: pd.DataFrame
    parameters: pd.DataFrame
    half_life: float = np.inf
    carried: float = 1.0

    def opinion(self, question: object, *, event: str, by: Day, source: str, at: Day) -> Forecast:
        """Return one pooled question as an item of evidence: what the crowd thinks of an event.

        Parameters
        ----------
        question
            The question, as in ``table``; with options, a pair of the question and one of them.
        event, by
            The event of the network and the deadline that the question asks about.
        source
            What the crowd is called among the network's sources.
        at
            When it said so: the time that the pool was asked for.

        Raises
        ------
        InputError
            If no such question was pooled, or the item is none.

        Notes
        -----
        Probabilities below 1% and above 99% are stated as these: certainty is no opinion.

        Examples
        --------
        >>> import forecast as fc
        >>> said = pd.DataFrame(
        ...     {"question": ["q7"] * 2, "forecaster": ["ann", "ben"], "probability": [0.2, 0.4]}
        ... )
        >>> found = fc.pool(said, "mean")
        >>> of_pact = {"event": "pact", "by": "2025-01-01", "source": "crowd"}
        >>> item = found.opinion("q7", **of_pact, at="2024-07-01")
        >>> fc.Evidence(items=[item])
        Evidence(1 items, published 2024-07-01 to 2024-07-01)
        """
        if question not in self.table.index:
            known = [str(name) for name in self.table.index]
            remedy = did_you_mean(str(question), known)
            problem = "no such question was pooled"
            raise InputError(Fault(problem, remedy, field="question", value=str(question)))
        pooled = self.table["probability"].to_numpy()[self.table.index == question]
        said = float(np.clip(pooled[0], FLOOR, 1 - FLOOR))
        fields: dict[str, Any] = {
            "id": UNNAMED.sub("_", f"{source}_{at}_{event}_{by}".lower())[:LONGEST_ID],
            "event": event,
            "published": at,
            "speaks_of": by,
            "source": source,
            "probability": said,
        }
        return Forecast(**fields)


def pool(
    forecasts: pd.DataFrame,
    method: Method = "bayesian",
    *,
    at: Day | float | None = None,
    weights: Mapping[str, float] | None = None,
    half_life: float | None = None,
    seed: int = 1,
) -> Pooled:
    """Return several forecasters' probabilities of the same questions combined into one.

    Parameters
    ----------
    forecasts
        One row per forecast: ``question``, ``forecaster``, ``probability``. Or one row per question
        and a column for each forecaster, blank where they said nothing. Optional columns:

        - ``time``: when the forecast was made. A forecaster's newest counts.
        - ``outcome``: yes or no, true or false, 1 or 0; blank while it is not known.
        - ``resolved``: when the outcome was known.
        - ``option``: of a question with several options, of which one comes true; one row each.
          ``outcome`` may then name it. Pooled probabilities add up to 1.
        - ``cluster``: linked questions share one. Options are not linked.
        - ``weight``: how much the forecast counts, 1 if blank.
    method
        ``"mean"``; ``"median"``; ``"geometric_mean_of_odds"``; ``"extremised"``, that mean
        stretched by the factor that fits resolved questions best [1]_; ``"skilled"``, the same with
        forecasters weighted by their skill on resolved questions, relative to the others who
        answered them; ``"bayesian"``, with each forecaster's weight and shift, and extremising,
        learned from resolved questions (`forecast.crowd._bayesian` states the model).
    at
        The cut-off: only what was said and known by then counts, the day itself included. Times
        are dates, or all numbers, in days. Questions without a forecast by then are left out.
    weights
        How much each forecaster counts, by name; others count 1.
    half_life
        The days after which a forecast counts half beside a new one. Unless given, it is learned
        from the resolved questions; `forecast.crowd._weights` states how.
    seed
        Of the Bayesian pool's quasi-random points.

    Returns
    -------
    Pooled
        Every question of the table. Resolved questions were learned from, so score the pool on
        questions whose outcome was left out, or at an earlier time.

    Raises
    ------
    InputError
        If the table is not as described, with every fault by row and column; or if the method needs
        resolved questions and there are none.

    Notes
    -----
    A question that had resolved by the cut-off is learned from as it stood when it resolved:
    forecasts made later are left out, and so is an outcome that came later than ``at``. Without
    ``resolved``, all outcomes are taken as known.

    The Bayesian pool's time grows in proportion to the resolved questions: 5,000 take some seconds.
    With more than 600 resolved questions and more than 60 forecasters, those with the fewest
    answers are treated approximately (`forecast.crowd._by_forecaster`). Where ``resolved`` tells
    the order of questions, the learned shift is multiplied by a share that depends on how well it
    did forward in time. Without resolved questions the pool extremises by its prior. What it learns
    about a forecaster applies to questions like the resolved ones.

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
    >>> wide = pd.DataFrame({"question": ["pact", "troops"], "ann": [0.2, 0.7], "ben": [0.4, None]})
    >>> pool(wide, "mean", weights={"ben": 3}).table["probability"].round(2).to_dict()
    {'pact': 0.35, 'troops': 0.7}
    """
    if method not in METHODS:
        remedy = did_you_mean(str(method), METHODS)
        raise InputError(Fault("unknown way to pool", remedy, field="method", value=str(method)))
    asked = checked_half_life(half_life)
    crowd = crowd_of(forecasts, at)
    stated = told(crowd, weights)
    decay = half_life_of(crowd, stated) if asked is None else asked
    weight = decayed(stated, crowd.age, decay)
    if method == "bayesian":
        return _bayesian(crowd, weight, decay, seed)
    if method in {"extremised", "skilled"}:
        found, stretched = _stretched(crowd, weight, method)
    elif method == "geometric_mean_of_odds":
        found, stretched = geometric_mean_of_odds(crowd.p, weight), 1.0
    else:
        found, stretched = (mean if method == "mean" else median)(crowd.p, weight), np.nan
    table = _table(crowd, _together(crowd, found)).assign(extremising=stretched)
    empty = pd.DataFrame(columns=["mean", "low", "high"], dtype=np.float64)
    return Pooled(method, table, _forecasters(crowd), empty, decay)


def _stretched(crowd: Crowd, weight: Floats, method: Method) -> tuple[Floats, float]:
    """Return the mean of log-odds with the factor that fits resolved questions best."""
    seen = crowd.seen
    if not seen.any():
        raise InputError(
            Fault(
                "extremising is fitted to resolved questions, and there are none",
                "Add a column outcome, or use method='geometric_mean_of_odds'.",
                field="outcome",
            )
        )
    if method == "skilled":
        weight, _, factor = by_skill(crowd, weight)
    else:
        factor = fit_extremising(crowd.p[:, seen], crowd.y[seen], weight[:, seen])
    return extremise(crowd.p, factor, weight), factor


def _together(crowd: Crowd, probability: Floats) -> Floats:
    """Return probabilities of shape (…, question) with the options of a question adding up to 1."""
    if not isinstance(crowd.questions, pd.MultiIndex):
        return probability
    begins = np.flatnonzero(np.diff(crowd.group, prepend=-1))  # options stand together
    total = np.add.reduceat(probability, begins, axis=-1)  # (…, group)
    total = np.maximum(total, np.finfo(np.float64).tiny)
    return np.asarray(probability / total[..., crowd.group])


def _bayesian(crowd: Crowd, weight: Floats, half_life: float, seed: int) -> Pooled:
    found = fit(crowd, weight, seed)
    rng = np.random.default_rng([seed, 2])
    drawn = rng.choice(found.weights.size, size=INTERVAL_DRAWS, p=found.weights)
    low, high = _bounds(crowd, found, drawn, rng)
    table = _table(crowd, _together(crowd, found.probability)).assign(
        extremising=found.weights @ found.factor, low=low, high=high
    )
    forecasters = _forecasters(crowd).assign(
        weight=found.forecaster_weight, shift=found.forecaster_shift
    )
    parameters = _parameters(found, drawn)
    return Pooled("bayesian", table, forecasters, parameters, half_life, found.carried)


def _bounds(
    crowd: Crowd, found: BayesianPool, drawn: np.ndarray, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return the ends of each question's interval, some questions at a time."""
    low, high = np.empty(crowd.group.size), np.empty(crowd.group.size)
    last = int(crowd.group.max()) + 1
    for begin in range(0, last, AT_ONCE):
        part = (crowd.group >= begin) & (crowd.group < begin + AT_ONCE)
        noise = rng.normal(size=(drawn.size, int(part.sum())))
        odds = found.centre[:, part][drawn] + found.spread[:, part][drawn] * noise
        some = crowd._replace(questions=crowd.questions[part], group=crowd.group[part] - begin)
        low[part], high[part] = _interval(_together(some, expit(odds)))
    return low, high


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
    table = pd.DataFrame({"answers": (~np.isnan(crowd.p)).sum(axis=1)}, index=crowd.forecasters)
    return table.assign(skill=skill(relative_losses(crowd))[0]) if crowd.seen.any() else table
