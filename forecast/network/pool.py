"""Several experts' beliefs made one: their quantiles are averaged.

A linear pool averages the quantiles as they are, a logarithmic pool averages them on the scale of
logarithms (of log-odds for a probability) [1]_. Averaging quantiles keeps the pool as sharp as its
experts are; averaging densities would not.

References
----------
.. [1] Lichtendahl, K. C., Grushka-Cockayne, Y. & Winkler, R. L. (2013). Is it better to average
   probabilities or quantiles? Management Science 59(7), 1594-1611.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log
from typing import Literal

import numpy as np

from forecast.errors import did_you_mean
from forecast.network.fault import BadValueError, bad
from forecast.network.phrase import LEVEL, Range
from forecast.network.prior import Prior, logit, probability_of
from forecast.network.spoken import reject_unknown_keys

__all__ = ["Expert", "PoolKind", "pooled", "read_pool"]

type PoolKind = Literal["linear", "logarithmic"]


@dataclass(frozen=True)
class Expert[B]:
    """One expert's belief and the weight it carries in a pool."""

    belief: B
    weight: float = 1.0


def read_pool[B](
    source: Mapping[str, object], read: Callable[[object], B]
) -> tuple[PoolKind, tuple[Expert[B], ...]]:
    """Return the kind of a pool and its experts, each belief read by `read`.

    Raises
    ------
    BadValueError
        If the mapping is no pool.
    """
    reject_unknown_keys(source, ("pool", "experts"))
    kind = source.get("pool")
    if kind not in ("linear", "logarithmic"):
        raise bad(
            f"a pool is linear or logarithmic, not '{kind}'",
            did_you_mean(str(kind), ("linear", "logarithmic")),
        )
    experts = source.get("experts")
    if not isinstance(experts, Sequence) or isinstance(experts, str) or not experts:
        raise bad(
            "a pool needs a list of experts",
            "Write experts: [{belief: '10% within 1 year', weight: 2}, …].",
        )
    return ("linear" if kind == "linear" else "logarithmic"), tuple(
        _expert(expert, place, read) for place, expert in enumerate(experts, start=1)
    )


def _expert[B](source: object, place: int, read: Callable[[object], B]) -> Expert[B]:
    try:
        if isinstance(source, str):
            return Expert(read(source))
        if not isinstance(source, Mapping) or "belief" not in source:
            raise bad("has no belief", "Write {belief: '10% within 1 year', weight: 2}.")
        reject_unknown_keys(source, ("belief", "weight", "name", "why"))
        return Expert(read(source["belief"]), _weight(source.get("weight", 1.0)))
    except BadValueError as error:
        fault = error.faults[0]
        raise bad(f"expert {place}: {fault.problem}", fault.remedy) from error


def _weight(weight: object) -> float:
    good = isinstance(weight, int | float) and not isinstance(weight, bool)
    if not good or not isfinite(value := float(str(weight))) or value <= 0:
        raise bad(f"the weight '{weight}' is not a number above 0", "Write for example weight: 2.")
    return value


def pooled(kind: PoolKind, priors: Sequence[Prior], weights: Sequence[float]) -> Range:
    """Return the median and central interval of a pool of positive numbers."""
    if kind == "linear":
        return _average(priors, weights, _same, _same)
    return _average(priors, weights, log, exp)


def pooled_probability(kind: PoolKind, priors: Sequence[Prior], weights: Sequence[float]) -> Range:
    """Return the median and central interval of a pool of probabilities."""
    if kind == "linear":
        return _average(priors, weights, _same, _same)
    return _average(priors, weights, logit, probability_of)


def _average(
    priors: Sequence[Prior],
    weights: Sequence[float],
    to_scale: Callable[[float], float],
    from_scale: Callable[[float], float],
) -> Range:
    quantiles = np.array(  # (expert, quantile)
        [[to_scale(q) for q in _quantiles(prior)] for prior in priors]
    )
    low, middle, high = np.average(quantiles, axis=0, weights=weights)
    if low == high:
        return Range(from_scale(float(middle)))
    return Range(
        from_scale(float(middle)), (from_scale(float(low)), from_scale(float(high))), LEVEL
    )


def _quantiles(prior: Prior) -> tuple[float, float, float]:
    low, high = prior.interval(LEVEL)
    return low, prior.median(), high


def _same(value: float) -> float:
    return value
