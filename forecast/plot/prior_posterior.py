"""Prior against posterior: what was learned of one number."""

from typing import TYPE_CHECKING

import numpy as np
from arviz_stats.base import array_stats
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from numpy.typing import NDArray

from forecast.errors import InputError, did_you_mean
from forecast.plot.names import parameter_title
from forecast.plot.style import BLUE, GREY, bare, headed, legend_below, new_axes, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from forecast.posterior import Posterior

__all__ = ["prior_posterior"]

HEIGHT = 2.8
SHARES = ("hit_rate", "false_alarm_rate", "initial_probability", "forecast_weight")
"""Endings of the names of parameters that lie between 0 and 1; all others are above 0."""

MARKS = (1.0, 2.0, 5.0)
NOT_NUMBERS = ("z",)


def prior_posterior(
    post: "Posterior", parameter: str, label: str, *, ax: "Axes | None" = None
) -> "Axes":
    """Draw the prior and the posterior density of one parameter.

    Parameters
    ----------
    post
        The posterior.
    parameter
        A variable of ``post.idata["posterior"]``, such as ``"base_rate"`` or ``"hit_rate"``.
    label
        Which of them: the id of its event, link, source, type or item.
    ax
        The axes to draw into; of a new figure, unless given.

    Returns
    -------
    Axes
        Kernel density estimates by ArviZ, of shares on the scale from 0 to 1, of rates, ratios and
        delays on a logarithmic scale; with the medians. Their bandwidth is Silverman's: draws
        that were resampled repeat, which finer rules take for peaks.

    Raises
    ------
    InputError
        If there is no such parameter, or no such label of it.

    Examples
    --------
    >>> import forecast as fc
    >>> import forecast.plot
    >>> rate = "40% [20%, 60%] within 1 year"
    >>> pact = fc.Event(id="pact", title="A pact", kind="onset", rate=rate)
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> post = fc.update(network, fc.Evidence(), as_of="2024-06-01", draws=256)
    >>> fc.plot.prior_posterior(post, "base_rate", "pact").get_title(loc="left")
    'Base rate: A pact'
    """
    before, after = (_values(post, group, parameter, label) for group in ("prior", "posterior"))
    shares = parameter.endswith(SHARES)
    ax = new_axes(ax, HEIGHT)
    lines: list[Line2D] = []
    names: list[str] = []
    for values, colour, width, name in (
        (before, GREY, 1.4, "prior"),
        (after, BLUE, 1.8, "posterior"),
    ):
        grid, density = _density(values, shares=shares)
        lines += ax.plot(grid, density, color=colour, linewidth=width)
        ax.fill_between(grid, 0, density, color=colour, alpha=0.15, linewidth=0)
        names.append(f"{name}: median {_said(float(np.median(values)), shares=shares)}")
    bare(ax, "bottom")
    ax.set_yticks([])
    ax.margins(y=0.15)
    ax.set_ylim(bottom=0)
    if shares:
        percent_axis(ax.xaxis)
    else:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=MARKS, numticks=12))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    headed(ax, parameter_title(post, parameter, label))
    legend_below(ax, lines, names, start=26)
    return ax


def _density(
    values: NDArray[np.float64], *, shares: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a grid and the density there, of the logarithm where values are no shares."""
    grid, density, _ = array_stats.kde(values if shares else np.log(values), bw="silverman")
    return (grid if shares else np.exp(grid)), density


def _said(value: float, *, shares: bool) -> str:
    return f"{value:.0%}" if shares else f"{value:.2g}"


def _values(post: "Posterior", group: str, parameter: str, label: str) -> NDArray[np.float64]:
    draws = post.idata[group].to_dataset()
    known = [str(name) for name in draws.data_vars if name not in NOT_NUMBERS]
    if parameter not in known:
        msg = f"there is no parameter '{parameter}'. {did_you_mean(parameter, known)}"
        raise InputError(msg)
    found = draws[parameter]
    (dim,) = (dim for dim in found.dims if dim not in ("chain", "draw"))
    labels = [str(one) for one in found[dim].to_numpy()]
    if label not in labels:
        msg = f"the parameter '{parameter}' has no '{label}'. {did_you_mean(label, labels)}"
        raise InputError(msg)
    return np.asarray(found.isel({dim: labels.index(label)}), dtype=np.float64).ravel()
