"""Calibration in pictures: the CORP reliability diagram, and the ranks of simulation."""

from typing import TYPE_CHECKING

import numpy as np
from arviz_stats.ecdf_utils import get_pointwise_confidence_band, simulate_confidence_bands

from forecast.calibration import consistency_band, corp
from forecast.calibration._bins import bin_index
from forecast.errors import InputError
from forecast.plot._style import (
    BLUE,
    GREY,
    PLAIN,
    RED,
    SMALL,
    band,
    bare,
    headed,
    legend_below,
    new_axes,
    percent_axis,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

RELIABILITY_HEIGHT = 5.4
BINS = 20
TALLEST = 0.12
"""Of the histogram at the foot, in the height of the axes."""


def reliability(
    p: "ArrayLike",
    y: "ArrayLike",
    *,
    cluster: "ArrayLike | None" = None,
    title: str = "How often it happened when it was said to",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the reliability of forecasts, with the band in which calibrated ones would lie.

    Parameters
    ----------
    p
        Probabilities, shape (forecast,).
    y
        Outcomes, 1 or 0, shape (forecast,).
    cluster
        The cluster of each forecast, if questions are linked; shape (forecast,).
    title
        Of the picture.
    ax
        The axes to draw into; by default those of a new figure.

    Returns
    -------
    Axes
        The reliability curve by isotonic regression [1]_, the central 90% band around the diagonal
        (`forecast.calibration.consistency_band`), a histogram of the forecasts at the foot, and the
        Brier score with its parts.

    Raises
    ------
    InputError
        If `p` and `y` are not probabilities and outcomes of one length.

    References
    ----------
    .. [1] Dimitriadis, T., Gneiting, T. & Jordan, A. I. (2021). PNAS 118(8), e2016191118.

    Examples
    --------
    >>> import forecast.plot
    >>> ax = forecast.plot.reliability([0.1, 0.2, 0.2, 0.8], [0, 1, 0, 1])
    >>> ax.get_xlabel()
    'What was said'
    """
    found = corp(p, y)
    about = consistency_band(p, y, cluster=cluster)
    ax = new_axes(ax, RELIABILITY_HEIGHT)
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="What was said", ylabel="How often it happened")
    ax.set_aspect("equal")
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    band(ax, about.probability, about.low, about.high, GREY)
    ax.plot(found.curve.probability, found.curve.calibrated, color=BLUE, linewidth=1.8)
    ax.plot(
        found.curve.probability,
        found.curve.calibrated,
        color=BLUE,
        linestyle="",
        marker="o",
        markersize=3.5 if len(found.curve.count) <= 60 else 0,  # noqa: PLR2004 - a row of dots
    )
    forecasts = np.asarray(p, dtype=float)
    counts = np.bincount(bin_index(forecasts, BINS), minlength=BINS)
    ax.bar(
        np.arange(BINS) / BINS,
        TALLEST * counts / counts.max(),
        width=1 / BINS,
        align="edge",
        color=BLUE,
        alpha=0.3,
        linewidth=0,
    )
    _parts(ax, found.mean_score, found.miscalibration, found.discrimination, found.uncertainty)
    bare(ax, "left", "bottom")
    for axis in (ax.xaxis, ax.yaxis):
        percent_axis(axis)
        axis.label.set_fontsize(SMALL + 1)
    number = f"{forecasts.size:,} forecast{'' if forecasts.size == 1 else 's'}"
    headed(ax, title, f"{number}; shaded: where calibrated ones would lie, 90% at each point")
    return ax


def _parts(ax: "Axes", score: float, missed: float, told: float, open_: float) -> None:
    lines = (
        f"Brier score {score:.3f}",
        f"= {missed:.3f} miscalibration",
        f"− {told:.3f} discrimination",
        f"+ {open_:.3f} uncertainty",
    )
    ax.text(
        0.03,
        0.97,
        "\n".join(lines),
        transform=ax.transAxes,
        va="top",
        fontsize=SMALL,
        linespacing=1.4,
        **PLAIN,
    )


RANKS_HEIGHT, ENTRY = 3.2, 0.2
LEVEL, SIMULATIONS, SEED = 0.95, 2_000, 1
MOST_NAMED = 6
INSIDE = {"color": BLUE, "alpha": 0.6, "linewidth": 1.0}
OUTSIDE = {"color": RED, "linewidth": 1.4}


def ranks(found: "Mapping[str, ArrayLike]", *, draws: int, ax: "Axes | None" = None) -> "Axes":
    """Draw how far the ranks of true values are from uniform, with a band for whole curves.

    Parameters
    ----------
    found
        By parameter, how many of the posterior's draws lie below the true value in each world:
        whole numbers from 0 to `draws`, shape (world,).
    draws
        The number of draws that each value was ranked among.
    ax
        The axes to draw into; by default those of a new figure.

    Returns
    -------
    Axes
        The distribution function of the ranks less that of uniform ones [1]_, one curve per
        parameter, and the band that contains a whole calibrated curve with probability 95%. Curves
        that leave it are orange, and the first six of them are named.

    Raises
    ------
    InputError
        If there are no ranks, their lengths differ, or one lies outside 0 to `draws`.

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
    table = {name: _ranks(name, values, draws) for name, values in found.items()}
    sizes = {len(values) for values in table.values()}
    if len(sizes) != 1:
        got = sorted(sizes) or "none"
        msg = f"all ranks come from the same worlds, so their numbers must be equal (got {got})"
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
    ax = new_axes(ax, RANKS_HEIGHT + ENTRY * len(named))
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


def _ranks(name: str, values: "ArrayLike", draws: int) -> "NDArray[np.int64]":
    array = np.asarray(values)
    whole = array.ndim == 1 and np.issubdtype(array.dtype, np.integer)
    if not whole or not len(array) or array.min() < 0 or array.max() > draws:
        msg = (
            f"the ranks of '{name}' are not whole numbers from 0 to {draws} (draws), one a world: "
            "count how many of the draws lie below the true value"
        )
        raise InputError(msg)
    return array.astype(np.int64)
