"""Ranks of simulation-based calibration: whether true values are spread evenly over the draws."""

from typing import TYPE_CHECKING

import numpy as np
from arviz_stats.ecdf_utils import get_pointwise_confidence_band, simulate_confidence_bands

from forecast.errors import InputError
from forecast.plot.style import BLUE, GREY, RED, SMALL, band, bare, headed, legend_below, new_axes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ranks"]

HEIGHT, ENTRY = 3.2, 0.2
LEVEL, SIMULATIONS, SEED = 0.95, 2_000, 1
MOST_NAMED = 6
INSIDE = {"color": BLUE, "alpha": 0.6, "linewidth": 1.0}
OUTSIDE = {"color": RED, "linewidth": 1.4}


def ranks(found: "Mapping[str, ArrayLike]", *, draws: int, ax: "Axes | None" = None) -> "Axes":
    """Draw how far the ranks of true values are from even, with a band for all of a curve.

    Parameters
    ----------
    found
        By parameter, how many of the posterior's draws lay below the true value, world by world:
        whole numbers from 0 to `draws`, shape (world,), the same for all.
    draws
        How many draws each rank was taken among.
    ax
        The axes to draw into; of a new figure, unless given.

    Returns
    -------
    Axes
        The distribution function of the ranks less that of even ones [1]_, one curve a parameter,
        and the band that holds a calibrated curve as a whole with 95% probability. Curves that
        leave it are drawn in orange, and the first six of them named.

    Raises
    ------
    InputError
        If there are no ranks, they are of several lengths, or one lies outside 0 to `draws`.

    References
    ----------
    .. [1] Säilynoja, T., Bürkner, P.-C. & Vehtari, A. (2022). Graphical test for discrete
       uniformity and its applications in goodness-of-fit evaluation and multiple sample
       comparison. Statistics and Computing 32, 32.

    Examples
    --------
    >>> import numpy as np
    >>> import forecast.plot
    >>> even = np.random.default_rng(1).integers(0, 100, size=200)
    >>> ax = forecast.plot.ranks({"rate": even}, draws=99)
    >>> ax.get_title(loc="left")
    'Ranks of the true values among the draws'
    """
    table = {name: _checked(name, values, draws) for name, values in found.items()}
    sizes = {len(values) for values in table.values()}
    if len(sizes) != 1:
        msg = f"ranks come from the same worlds, so all are as many (got {sorted(sizes) or 'none'})"
        raise InputError(msg)
    (worlds,) = sizes
    # Of even ranks from 0 to L, the share below k is binomial with chance k / (L + 1), exactly.
    at = np.arange(1, draws + 1) / (draws + 1)
    rng = np.random.default_rng(SEED)
    level = simulate_confidence_bands(worlds, 1, at, LEVEL, SIMULATIONS, rng)
    low, high = get_pointwise_confidence_band(level, worlds, at)
    curves = {
        name: np.searchsorted(np.sort(values), np.arange(1, draws + 1), side="left") / worlds
        for name, values in table.items()
    }
    outside = [name for name, curve in curves.items() if ((curve < low) | (curve > high)).any()]
    named = outside[:MOST_NAMED]
    ax = new_axes(ax, HEIGHT + ENTRY * len(named))
    band(ax, [0, *at, 1], [0, *(low - at), 0], [0, *(high - at), 0], GREY)
    ax.axhline(0, color=GREY, linewidth=0.8)
    lines = {}
    for name in sorted(curves, key=lambda name: name in outside):
        (lines[name],) = ax.plot([0, *at, 1], [0, *(curves[name] - at), 0])
        lines[name].set(**(OUTSIDE if name in outside else INSIDE))
    bare(ax, "left", "bottom")
    ax.set(xlim=(0, 1), xlabel="Rank, as a share of the draws", ylabel="Share of worlds, less even")
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontsize(SMALL + 1)
    note = f"{worlds:,} worlds; {len(outside)} of {len(curves)} leave the 95% band"
    headed(ax, "Ranks of the true values among the draws", note)
    if named:
        legend_below(ax, [lines[name] for name in named], named, start=44)
    return ax


def _checked(name: str, values: "ArrayLike", draws: int) -> "NDArray[np.int64]":
    array = np.asarray(values)
    whole = array.ndim == 1 and np.issubdtype(array.dtype, np.integer)
    if not whole or not len(array) or array.min() < 0 or array.max() > draws:
        msg = (
            f"the ranks of '{name}' are not whole numbers from 0 to {draws} (draws), one a world: "
            "count how many of so many draws lie below the true value"
        )
        raise InputError(msg)
    return array.astype(np.int64)
