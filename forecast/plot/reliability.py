"""The CORP reliability diagram: what was said, and how often it then happened."""

from typing import TYPE_CHECKING

import numpy as np

from forecast.calibration import consistency_band, corp
from forecast.calibration.bins import bin_index
from forecast.plot.style import BLUE, GREY, SMALL, band, bare, headed, new_axes, percent_axis
from forecast.plot.text import PLAIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

__all__ = ["reliability"]

HEIGHT = 5.4
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
        The cluster of each forecast, where questions hang together; shape (forecast,).
    title
        Of the picture.
    ax
        The axes to draw into; of a new figure, unless given.

    Returns
    -------
    Axes
        The reliability curve by isotonic regression [1]_, the central 90% band about the diagonal
        (`forecast.calibration.consistency_band`), a histogram of what was said at the foot, and the
        Brier score with its parts.

    Raises
    ------
    InputError
        If the input holds no probabilities and outcomes of one length.

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
    ax = new_axes(ax, HEIGHT)
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
    said = np.asarray(p, dtype=float)
    counts = np.bincount(bin_index(said, BINS), minlength=BINS)
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
    number = f"{said.size:,} forecast{'' if said.size == 1 else 's'}"
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
