"""A fit from its saved draws: all that questions need, without estimating again."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.errors import ForecastError
from forecast.estimate.gate import Gate
from forecast.estimate.result import Fit, Settings
from forecast.model.lower import Lowered
from forecast.model.parameters import Group

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["restored"]

type Floats = NDArray[np.float64]

EFFECTIVE = ("ess", "ess_bulk")
"""Of the gate's checks those that are the effective number of draws."""


def restored(
    lowered: Lowered, settings: Settings, method: str, gate: Gate, tree: "xr.DataTree"
) -> Fit:
    """Return a fit from the tree that `to_datatree` made of it.

    Answers from it are those of the fit itself, to the last bit: the draws are kept as they were.

    Parameters
    ----------
    lowered
        What was fitted.
    settings
        How it was asked for.
    method
        How the draws were made: ``"importance"`` or ``"nuts"``.
    gate
        The verdict.
    tree
        The saved draws.

    Raises
    ------
    ForecastError
        If the draws are not those of this network and record, or were made along paths, which are
        not kept.
    """
    if method == "paths":
        msg = "the path sampler's paths are not kept with its draws: estimate again"
        raise ForecastError(msg)
    if "posterior" not in tree:
        raise _foreign("posterior")
    posterior = tree["posterior"].to_dataset()
    labels = lowered.table.uncertain_labels()
    drawn = {
        group.name: _values(group, labels[group.name], posterior)
        for group in lowered.table.groups
        if group.name in labels
    }
    told = tree["log_likelihood"]["evidence"].to_numpy() if "log_likelihood" in tree else None
    if told is None:  # NUTS tells it too, so that only a damaged tree lacks it
        msg = "the saved draws lack the log likelihood of the items: estimate again"
        raise ForecastError(msg)
    values = lowered.table.filled(drawn, told.shape[:2])
    stats = tree["sample_stats"]
    batch = stats["batch"].to_numpy().astype(np.intp) if "batch" in stats else None
    ess = next((c.value for c in gate.checks if c.name in EFFECTIVE), np.inf)
    return Fit(
        lowered=lowered,
        settings=settings,
        method=method,
        values=values,
        log_likelihood=told,
        gate=gate,
        ess=ess,
        batch=batch,
    )


def _values(group: Group, uncertain: list[str], posterior: "xr.Dataset") -> Floats:
    """Return one group's values, shape (chain, draw, uncertain label)."""
    if group.name not in posterior:
        raise _foreign(group.name)
    variable = posterior[group.name]
    labels = [str(label) for label in variable[variable.dims[-1]].to_numpy()]
    if labels not in (uncertain, list(group.labels)):  # older files keep those that are fixed too
        raise _foreign(group.name)
    chosen = [labels.index(label) for label in uncertain]
    return np.asarray(variable.to_numpy()[..., chosen], dtype=np.float64)


def _foreign(name: str) -> ForecastError:
    return ForecastError(
        f"the saved draws do not fit the network and the items ('{name}' differs): they were saved "
        "by another version. Estimate again"
    )
