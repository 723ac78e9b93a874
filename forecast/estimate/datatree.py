"""Fits as ArviZ DataTrees: named dimensions, so that ArviZ's functions work as they come."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.estimate.fit import Fit
from forecast.evidence import Report
from forecast.model.factors import items_in_force
from forecast.seeds import generator

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["RECORD", "prior_values", "to_datatree"]

type Floats = NDArray[np.float64]

PRIOR_DRAWS = 1000
RECORD = "nothing_else_happened"
"""The entry of ``log_likelihood`` that holds what is known for sure."""


def prior_values(fitted: Fit) -> Mapping[str, Floats]:
    """Return draws of every parameter from its prior, shape (draw, label)."""
    table = fitted.lowered.table
    z = generator(fitted.settings.seed, "prior").normal(size=(PRIOR_DRAWS, table.dimensions))
    return table.from_z(z)


def to_datatree(
    fitted: Fit, events: Sequence[str], dates: Sequence[datetime], predictions: Floats
) -> "xr.DataTree":
    """Return a fit as a DataTree.

    Parameters
    ----------
    fitted
        The fit.
    events, dates
        Of the predictions; dates are instants, a midnight closing the day before it.
    predictions
        P(event on by date | draw), shape (draw, event, date).

    Returns
    -------
    DataTree
        Groups ``prior``, ``posterior``, ``log_likelihood``, ``sample_stats``, ``predictions``,
        ``observed_data`` and ``constant_data``.
    """
    import xarray as xr  # noqa: PLC0415 - slow to import

    lowered = fitted.lowered
    items = items_in_force(lowered.evidence)
    instants = [np.datetime64(day.replace(tzinfo=None), "ns") for day in dates]
    prior = {name: value[None] for name, value in prior_values(fitted).items()}
    claims = [int(item.claim == "on") if isinstance(item, Report) else 1 for item in items]
    groups: dict[str, Any] = {
        "prior": _dataset(fitted, prior),
        "posterior": _dataset(fitted, fitted.values),
        "log_likelihood": xr.Dataset(
            {"evidence": (("chain", "draw", "item"), fitted.log_likelihood)},
            coords={
                **_draws(fitted.log_likelihood),
                "item": [*(item.id for item in items), RECORD],
            },
        ),
        "sample_stats": _sample_stats(fitted),
        "predictions": xr.Dataset(
            {"probability": (("chain", "draw", "event", "date"), predictions[None])},
            coords={**_draws(predictions[None]), "event": list(events), "date": instants},
        ),
        "observed_data": xr.Dataset(
            {"evidence": ("item", np.array(claims, dtype=np.int64))},
            coords={"item": [item.id for item in items]},
        ),
        "constant_data": xr.Dataset(
            {
                "item_time": ("item", lowered.record.item_time),
                "item_event": ("item", np.array([item.event for item in items], dtype=str)),
            },
            coords={"item": [item.id for item in items]},
        ),
    }
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {
        "network": lowered.network.name,
        "as_of": lowered.as_of.isoformat(),
        "method": fitted.method,
        "settings": json.dumps(fitted.settings.__dict__, sort_keys=True),
        "gate": str(fitted.gate),
    }
    return tree


def _draws(values: NDArray[Any]) -> dict[str, NDArray[np.int64]]:
    return {"chain": np.arange(values.shape[0]), "draw": np.arange(values.shape[1])}


def _dataset(fitted: Fit, values: Mapping[str, Floats]) -> "xr.Dataset":
    """Return natural values with a dimension for each kind of label.

    Groups along one dimension may cover different labels (only some events have an off-rate): a
    group whose labels differ from those of the first gets a dimension of its own.
    """
    import xarray as xr  # noqa: PLC0415

    variables: dict[str, Any] = {}
    coords: dict[str, list[str]] = {}
    for group in fitted.lowered.table.groups:
        dim = group.dim
        if dim in coords and coords[dim] != list(group.labels):
            dim = f"{group.name}_{group.dim}"
        coords[dim] = list(group.labels)
        variables[group.name] = (("chain", "draw", dim), values[group.name])
    shape = next(iter(values.values())) if values else np.zeros((1, 1, 1))
    return xr.Dataset(variables, coords={**_draws(shape), **coords})


def _sample_stats(fitted: Fit) -> "xr.Dataset":
    import xarray as xr  # noqa: PLC0415

    total = fitted.log_likelihood.sum(axis=-1)
    stats: dict[str, Any] = {"log_likelihood": (("chain", "draw"), total)}
    coords = _draws(total)
    if fitted.weighted is not None:
        stats["proposal_weight"] = ("proposal", fitted.weighted.weights)
        coords["proposal"] = np.arange(len(fitted.weighted.weights))
    for name, value in fitted.stats.items():
        stats[name] = (("chain", "draw"), value)
    data = xr.Dataset(stats, coords=coords)
    for check in fitted.gate.checks:
        data.attrs[check.name] = check.value
    return data
