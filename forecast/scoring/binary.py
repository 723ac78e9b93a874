"""Scores of the probability of a yes, as losses: lower is better, and 0 is a perfect forecast."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from forecast.errors import Fault, InputError, did_you_mean
from forecast.scoring.checks import Floats, pairs

__all__ = [
    "RULES",
    "Rule",
    "brier",
    "brier_original",
    "logarithmic",
    "rule_named",
    "spherical",
]

type Rule = Literal["brier", "logarithmic", "spherical"]


class _Loss(Protocol):
    def __call__(self, p: ArrayLike, y: ArrayLike) -> Floats: ...


def brier(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the Brier score on its common scale, :math:`(p - y)^2`, from 0 to 1 [1]_.

    Strictly proper. A forecast of 0.5 scores 0.25 whatever happens.

    Parameters
    ----------
    p
        Probabilities of yes, any shape.
    y
        Outcomes, 1 or 0; a shape that broadcasts with that of `p`.

    Returns
    -------
    array
        The loss of each forecast.

    Raises
    ------
    InputError
        If `p` holds no probabilities or `y` no outcomes.

    References
    ----------
    .. [1] Brier, G. W. (1950). Verification of forecasts expressed in terms of probability.
       Monthly Weather Review 78(1), 1-3.

    Examples
    --------
    >>> brier([0.3, 0.9], [0, 1]).round(4).tolist()
    [0.09, 0.01]
    """
    forecasts, happened = pairs(p, y)
    return np.asarray((forecasts - happened) ** 2)


def brier_original(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the Brier score as Brier wrote it, summed over yes and no: from 0 to 2 [1]_.

    :math:`(p - y)^2 + ((1 - p) - (1 - y))^2 = 2 (p - y)^2`, the scale of the Good Judgment Project.

    Parameters
    ----------
    p, y
        As for `brier`.

    Raises
    ------
    InputError
        As `brier`.

    References
    ----------
    .. [1] Brier, G. W. (1950). Monthly Weather Review 78(1), 1-3.

    Examples
    --------
    >>> brier_original(0.3, 0).round(4).tolist()
    0.18
    """
    return np.asarray(2 * brier(p, y))


def logarithmic(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the logarithmic score, :math:`-\ln p` of what happened, in nats [1]_.

    Strictly proper, and the only such score that looks at nothing but the probability of what
    happened. It has no upper bound: probability 0 for what then happened costs infinity, and no
    clipping hides that.

    Parameters
    ----------
    p, y
        As for `brier`.

    Raises
    ------
    InputError
        As `brier`.

    References
    ----------
    .. [1] Good, I. J. (1952). Rational decisions. Journal of the Royal Statistical Society B
       14(1), 107-114.

    Examples
    --------
    >>> logarithmic([0.5, 0.0], [1, 1]).round(4).tolist()
    [0.6931, inf]
    """
    forecasts, happened = pairs(p, y)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.where(happened == 1, np.log(forecasts), np.log1p(-forecasts)))


def spherical(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the spherical score as a loss, :math:`1 - p_y / \sqrt{p^2 + (1 - p)^2}` [1]_.

    Strictly proper, from 0 to 1. Books give the reward :math:`p_y / \lVert p \rVert`; here it is
    taken from 1, so that it is lower for the better forecast as all losses are.

    Parameters
    ----------
    p, y
        As for `brier`.

    Raises
    ------
    InputError
        As `brier`.

    References
    ----------
    .. [1] Gneiting, T. & Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
       estimation. Journal of the American Statistical Association 102(477), 359-378.

    Examples
    --------
    >>> spherical(0.6, 1).round(4).tolist()
    0.1679
    """
    forecasts, happened = pairs(p, y)
    told = np.where(happened == 1, forecasts, 1 - forecasts)
    return np.asarray(1 - told / np.hypot(forecasts, 1 - forecasts))


RULES: Mapping[str, _Loss] = MappingProxyType(
    {"brier": brier, "logarithmic": logarithmic, "spherical": spherical}
)
"""The losses that other functions take by name."""


def rule_named(name: str) -> _Loss:
    """Return a loss by its name."""
    if name not in RULES:
        raise InputError(
            Fault("unknown score", did_you_mean(name, RULES), field="rule", value=str(name))
        )
    return RULES[name]
