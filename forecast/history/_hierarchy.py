"""Partially pooled rates: the PyMC model of a reference class with subclasses, bursts and a trend.

For the count y of subclass s in a period with exposure E and middle year t,

    y ~ NegativeBinomial(mean m, shape 1/b²)        b: the spread between bad and good years
    log m = log E + log λ_s + g (t − t1)/10          g: the trend, per ten years
    log λ_s ~ Normal(c, d)                           d: the spread between subclasses

where λ_s is the rate at t1, the middle of the exposure; rates at another year follow by the trend.
The centre c is normal around one onset in the whole exposure, with a standard deviation of
`centre_sd`: the exposure is part of the design, so the prior uses no outcome. Old periods may be
discounted: their log likelihood is multiplied by 2^(−age/half-life).
"""

from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.history._rate_fit import Pooling, RateFit
from forecast.history._reference_class import ReferenceClass
from forecast.history._sampling import sample

if TYPE_CHECKING:
    from collections.abc import Mapping


def pooled_logs(centre: Any, spread: Any, onsets: Any, dim: str) -> Any:
    """Return log rates that are Normal(centre, spread), one a group, inside a PyMC model.

    With p = n d²/(1 + n d²), the share of information from a group's own n onsets, the sampled
    variable is y ~ Normal(p c, d^p), and the log rate is c + d^(1−p) (y − p c): Normal(c, d) for
    any p. So groups with many onsets are sampled as they are, and those with few by their distance
    from the centre [1]_.

    Parameters
    ----------
    centre, spread
        c and d.
    onsets
        n of each group: data or an array.
    dim
        The dimension of the groups.

    References
    ----------
    .. [1] Gorinova, M. I., Moore, D. & Hoffman, M. D. (2020). Automatic reparameterisation of
       probabilistic programs. ICML 37.
    """
    import pymc as pm  # noqa: PLC0415 - takes seconds

    own = onsets * spread**2 / (1 + onsets * spread**2)
    sampled = pm.Normal("sampled", own * centre, spread**own, dims=dim)
    return centre + spread ** (1 - own) * (sampled - own * centre)


type Model = Any
type Floats = NDArray[np.float64]

LEAST_BURST = 1e-3
"""Below this spread the negative binomial is Poisson to six digits, and its gamma functions lose
theirs."""
YEARS_A_TREND_STEP = 10.0


def model_data(
    counts: ReferenceClass, *, half_life: float | None = None, at: float | None = None
) -> "Mapping[str, NDArray[Any]]":
    """Return the data of the model, one entry per tally.

    They are ``onsets``, ``exposure``, ``weight``, ``subclass_of`` (an index) and ``decades`` from
    the middle of the exposure; ``ahead`` are the decades to `at`.
    """
    now = year_of(counts, at)
    index = {name: place for place, name in enumerate(counts.subclasses)}
    middles = np.array([tally.middle for tally in counts.tallies])
    exposure = np.array([tally.exposure for tally in counts.tallies], dtype=np.float64)
    middle = float(np.average(middles, weights=exposure))
    return {
        "onsets": np.array([tally.onsets for tally in counts.tallies], dtype=np.int64),
        "exposure": exposure,
        "weight": np.array(counts.weights(half_life, now), dtype=np.float64),
        "subclass_of": np.array([index[tally.subclass] for tally in counts.tallies]),
        "decades": (middles - middle) / YEARS_A_TREND_STEP,
        "ahead": np.array((now - middle) / YEARS_A_TREND_STEP),
    }


def build(
    data: "Mapping[str, NDArray[Any]]", subclasses: tuple[str, ...], pooling: Pooling
) -> Model:
    """Return the PyMC model.

    Parameters
    ----------
    data
        As `model_data` gives it; onsets, exposure and weight can be exchanged by ``pm.set_data``.
    subclasses
        Names, in the order of ``subclass_of``.
    pooling
        The scales of the priors.
    """
    import pymc as pm  # noqa: PLC0415 - takes seconds

    with pm.Model(
        coords={"subclass": list(subclasses), "tally": range(len(data["onsets"]))}
    ) as model:
        onsets = pm.Data("onsets_counted", data["onsets"], dims="tally")
        exposure = pm.Data("exposure", data["exposure"], dims="tally")
        weight = pm.Data("weight", data["weight"], dims="tally")
        start = -log(float(data["exposure"].sum()))
        centre = pm.Normal("log_centre", start, pooling.centre_sd)
        member = (data["subclass_of"][:, None] == np.arange(len(subclasses))).astype(float)
        middle = _subclass_rates(centre, (onsets * weight) @ member, len(subclasses), pooling)
        trend = _trend(pooling)
        pm.Deterministic("log_rate", middle + trend * data["ahead"], dims="subclass")
        log_mean = middle[data["subclass_of"]] + trend * data["decades"]
        pm.CustomDist(
            "onsets",
            exposure * pm.math.exp(log_mean),
            _shape(pooling),
            weight,
            logp=_log_probability,
            random=_counts,
            observed=onsets,
            dims="tally",
            dtype="int64",
        )
    return model


def fit_rates(
    counts: ReferenceClass,
    pooling: Pooling | None = None,
    *,
    half_life: float | None = None,
    at: float | None = None,
    draws: int = 4000,
    seed: int = 1,
) -> RateFit:
    """Return the rates of all subclasses of a reference class, partially pooled by PyMC.

    Limits: one trend and one spread between years for all subclasses; otherwise rates are steady;
    bursts within a tally show only by comparison with its neighbours.

    Parameters
    ----------
    counts
        The class.
    pooling
        How far subclasses, years and trends may differ; None for the defaults.
    half_life
        Years after which a count has half its weight.
    at
        The year of the rates; by default the end of the counts.
    draws
        Over all chains.
    seed
        Of the sampler.

    Returns
    -------
    RateFit
        ``.table()`` of rates; ``.belief(subclass)`` for a network file; ``.weight(subclass)``, the
        outside-view weight; ``.checks()``, posterior predictive checks.

    Raises
    ------
    GateError
        If the sampler did not converge.

    Examples
    --------
    >>> from forecast.history import ReferenceClass, Tally
    >>> strikes = ReferenceClass("strikes", [Tally("all", 2000, 2009, 10, 4)])
    >>> fit_rates(strikes, Pooling(centre_sd=-1))
    Traceback (most recent call last):
    forecast.errors.InputError: the scale centre_sd is a number of 0 or more, not -1. centre_sd \
must be above 0.
    """
    pooling = Pooling() if pooling is None else pooling
    data = model_data(counts, half_life=half_life, at=at)
    model = build(data, counts.subclasses, pooling)
    tree = sample(model, draws=draws, seed=seed, what=f"the rates of '{counts.name}'")
    return RateFit(counts, pooling, year_of(counts, at), data, tree, seed)


def year_of(counts: ReferenceClass, at: float | None) -> float:
    """Return the year that rates are given for: the end of the counts unless one is given."""
    return counts.period[1] + 1.0 if at is None else at


def _subclass_rates(centre: Any, onsets: Any, subclasses: int, pooling: Pooling) -> Any:
    """Return each subclass's log rate at the middle of the exposure."""
    import pymc as pm  # noqa: PLC0415

    if subclasses == 1 or pooling.spread_sd == 0:
        return centre + np.zeros(subclasses)
    return pooled_logs(centre, pm.HalfNormal("spread", pooling.spread_sd), onsets, "subclass")


def _trend(pooling: Pooling) -> Any:
    import pymc as pm  # noqa: PLC0415

    return pm.Normal("trend", 0.0, pooling.trend_sd) if pooling.trend_sd else 0.0


def _shape(pooling: Pooling) -> Any:
    """Return the shape of the negative binomial: the inverse square of the burst's spread."""
    import pymc as pm  # noqa: PLC0415

    if pooling.burst_sd == 0:
        return LEAST_BURST**-2
    burst = pm.HalfNormal("burst", pooling.burst_sd)
    return 1 / (burst**2 + LEAST_BURST**2)


def _log_probability(value: Any, mean: Any, shape: Any, weight: Any) -> Any:
    """Return the weighted log probability of counts, up to a constant."""
    import pymc as pm  # noqa: PLC0415

    return weight * pm.logp(pm.NegativeBinomial.dist(mu=mean, alpha=shape), value)


def _counts(
    mean: Floats,
    shape: Floats,
    weight: Floats,  # noqa: ARG001 - a discount changes what is learned, not what is drawn
    rng: np.random.Generator | None = None,
    size: Any = None,
) -> NDArray[np.int64]:
    """Return counts: Poisson given gamma-distributed rates."""
    rng = np.random.default_rng() if rng is None else rng
    return np.asarray(rng.poisson(rng.gamma(shape, mean / shape, size)), dtype=np.int64)
