"""Proper scores of probabilities, of a yes or over categories, as losses: 0 is perfect."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from forecast.errors import Fault, InputError, did_you_mean
from forecast.scoring._inputs import Floats, Ints, category_pairs, pairs

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
        If `p` does not hold probabilities, or `y` outcomes.

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
        As for `brier`, with the same errors.

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

    Strictly proper, and the only such score that depends on nothing but the probability of what
    happened. It has no upper bound: probability 0 for something that happens costs infinity, and
    nothing is clipped.

    Parameters
    ----------
    p, y
        As for `brier`, with the same errors.

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
    subtracted from 1, so that lower is better as for all losses.

    Parameters
    ----------
    p, y
        As for `brier`, with the same errors.

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
    of_outcome = np.where(happened == 1, forecasts, 1 - forecasts)
    return np.asarray(1 - of_outcome / np.hypot(forecasts, 1 - forecasts))


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


def brier_categories(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the Brier score over categories, :math:`\sum_k (p_k - 1[y = k])^2`: from 0 to 2.

    Strictly proper. The order of categories does not matter; if it should, use
    `ranked_probability`.

    Parameters
    ----------
    p
        Probabilities, shape (…, category); they sum to 1.
    y
        The index of the category that came true, shape (…).

    Returns
    -------
    array
        The loss of each forecast, shape (…).

    Raises
    ------
    InputError
        If `p` does not hold probabilities that sum to 1, or `y` indices of categories.

    References
    ----------
    .. [1] Brier, G. W. (1950). Monthly Weather Review 78(1), 1-3.

    Examples
    --------
    >>> brier_categories([0.2, 0.3, 0.5], 2).round(4).tolist()
    0.38
    """
    forecasts, index = category_pairs(p, y)
    return np.asarray((forecasts**2).sum(axis=-1) - 2 * of_outcome(forecasts, index) + 1)


def logarithmic_categories(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the logarithmic score over categories, :math:`-\ln p_y`, in nats.

    Strictly proper and without an upper bound; see `logarithmic`.

    Parameters
    ----------
    p, y
        As for `brier_categories`, with the same errors.

    References
    ----------
    .. [1] Good, I. J. (1952). Journal of the Royal Statistical Society B 14(1), 107-114.

    Examples
    --------
    >>> logarithmic_categories([0.2, 0.3, 0.5], 2).round(4).tolist()
    0.6931
    """
    forecasts, index = category_pairs(p, y)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(of_outcome(forecasts, index)))


def spherical_categories(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the spherical score over categories as a loss, :math:`1 - p_y / \lVert p \rVert_2`.

    Strictly proper, from 0 to 1; see `spherical` for why it is subtracted from 1.

    Parameters
    ----------
    p, y
        As for `brier_categories`, with the same errors.

    References
    ----------
    .. [1] Gneiting, T. & Raftery, A. E. (2007). Journal of the American Statistical Association
       102(477), 359-378.

    Examples
    --------
    >>> spherical_categories([0.0, 0.6, 0.4], 1).round(4).tolist()
    0.1679
    """
    forecasts, index = category_pairs(p, y)
    return np.asarray(1 - of_outcome(forecasts, index) / np.linalg.norm(forecasts, axis=-1))


def ranked_probability(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the ranked probability score, :math:`\sum_{k<K} (P_k - 1[y \le k])^2` [1]_ [2]_.

    :math:`P_k` is the probability of category k or a lower one. Strictly proper for ordered
    categories: a near miss costs less than a far one. From 0 to K - 1.

    Parameters
    ----------
    p, y
        As for `brier_categories`, with the same errors, the categories in their order.

    References
    ----------
    .. [1] Epstein, E. S. (1969). A scoring system for probability forecasts of ranked categories.
       Journal of Applied Meteorology 8(6), 985-987.
    .. [2] Murphy, A. H. (1971). A note on the ranked probability score. Journal of Applied
       Meteorology 10(1), 155-156.

    Examples
    --------
    >>> ranked_probability([0.2, 0.3, 0.5], 1).round(4).tolist()
    0.29
    """
    forecasts, index = category_pairs(p, y)
    at_most = np.cumsum(forecasts, axis=-1)[..., :-1]  # (…, threshold)
    reached = index[..., None] <= np.arange(at_most.shape[-1])  # (…, threshold)
    return np.asarray(((at_most - reached) ** 2).sum(axis=-1))


def ordered_categories(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the score of the Good Judgment Project for ordered categories: from 0 to 2 [1]_.

    The mean of the original Brier score over the K - 1 ways to split the ordered categories into
    low and high: :math:`2 / (K - 1)` times the ranked probability score. With two categories it
    equals `brier_original`, so questions with few and with many categories share one scale.

    Parameters
    ----------
    p, y
        As for `brier_categories`, with the same errors, the categories in their order.

    References
    ----------
    .. [1] Jose, V. R. R., Nau, R. F. & Winkler, R. L. (2009). Sensitivity to distance and baseline
       distributions in forecast evaluation. Management Science 55(4), 582-590.

    Examples
    --------
    >>> ordered_categories([0.2, 0.3, 0.5], 1).round(4).tolist()
    0.29
    """
    cuts = np.shape(p)[-1] - 1 if np.ndim(p) else 1
    return np.asarray(2 * ranked_probability(p, y) / cuts)


def of_outcome(forecasts: Floats, index: Ints) -> Floats:
    """Return the probability of the category that came true."""
    return np.take_along_axis(forecasts, index[..., None], axis=-1)[..., 0]
