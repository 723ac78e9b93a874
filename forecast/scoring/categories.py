"""Scores over several categories, as losses: lower is better, and 0 is a perfect forecast."""

import numpy as np
from numpy.typing import ArrayLike

from forecast.scoring.checks import Floats, Ints, category_pairs

__all__ = [
    "brier_categories",
    "logarithmic_categories",
    "ordered_categories",
    "ranked_probability",
    "spherical_categories",
]


def brier_categories(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the Brier score over categories, :math:`\sum_k (p_k - 1[y = k])^2`: from 0 to 2.

    Strictly proper. The order of categories does not count; see `ranked_probability` where it does.

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
        If `p` holds no probabilities that sum to 1, or `y` no index of a category.

    References
    ----------
    .. [1] Brier, G. W. (1950). Monthly Weather Review 78(1), 1-3.

    Examples
    --------
    >>> brier_categories([0.2, 0.3, 0.5], 2).round(4).tolist()
    0.38
    """
    forecasts, index = category_pairs(p, y)
    told = _told(forecasts, index)
    return np.asarray((forecasts**2).sum(axis=-1) - 2 * told + 1)


def logarithmic_categories(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the logarithmic score over categories, :math:`-\ln p_y`, in nats.

    Strictly proper and without an upper bound; see `logarithmic`.

    Parameters
    ----------
    p, y
        As for `brier_categories`.

    Raises
    ------
    InputError
        As `brier_categories`.

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
        return np.asarray(-np.log(_told(forecasts, index)))


def spherical_categories(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the spherical score over categories as a loss, :math:`1 - p_y / \lVert p \rVert_2`.

    Strictly proper, from 0 to 1; see `spherical` for why it is taken from 1.

    Parameters
    ----------
    p, y
        As for `brier_categories`.

    Raises
    ------
    InputError
        As `brier_categories`.

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
    return np.asarray(1 - _told(forecasts, index) / np.linalg.norm(forecasts, axis=-1))


def ranked_probability(p: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the ranked probability score, :math:`\sum_{k<K} (P_k - 1[y \le k])^2` [1]_ [2]_.

    :math:`P_k` is the probability of category k or a lower one. Strictly proper for ordered
    categories: a near miss costs less than a far one. From 0 to K - 1.

    Parameters
    ----------
    p, y
        As for `brier_categories`, the categories in their order.

    Raises
    ------
    InputError
        As `brier_categories`.

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

    The mean of the original Brier score over the K - 1 ways of cutting the ordered categories into
    low and high: :math:`2 / (K - 1)` times the ranked probability score. With two categories it
    is `brier_original`, so questions with few and with many categories share one scale.

    Parameters
    ----------
    p, y
        As for `brier_categories`, the categories in their order.

    Raises
    ------
    InputError
        As `brier_categories`.

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


def _told(forecasts: Floats, index: Ints) -> Floats:
    """Return the probability of the category that came true."""
    return np.take_along_axis(forecasts, index[..., None], axis=-1)[..., 0]
