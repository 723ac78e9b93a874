"""Fits as ArviZ DataTrees: named dimensions, so that the functions of ArviZ work."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.engine.paths import packed
from forecast.estimate._result import Fit
from forecast.model._coords import ITEM, RECORD, dims_and_coords
from forecast.model._factors import items_in_force, row_places
from forecast.model._parameters import PARAMETER, Z
from forecast.seeds import generator
from forecast.time import day_stamp

if TYPE_CHECKING:
    import xarray as xr

type Floats = NDArray[np.float64]

PRIOR_DRAWS = 1000
BY = "by the end of the day, or by the time (UTC)"
JUMPS = "years from the start of the network, draw by draw and event by event"
NO_LOG_LIKELIHOOD = (
    "left out: the probability of each item with the events summed out is beyond the exact filter, "
    "and its probability given the paths is not what loo takes it for"
)


def prior_values(fitted: Fit) -> Mapping[str, Floats]:
    """Return draws of every parameter from its prior, shape (draw, label)."""
    table = fitted.lowered.table
    z = generator(fitted.settings.seed, "prior").normal(size=(PRIOR_DRAWS, table.dimensions))
    return table.from_z(z)


def to_datatree(
    fitted: Fit,
    events: Sequence[str],
    dates: Sequence[datetime],
    predictions: Floats,
    forecasts: Mapping[str, Floats],
) -> "xr.DataTree":
    """Return a fit as a DataTree.

    Parameters
    ----------
    fitted
        The fit.
    events, dates
        Of the predictions; dates are instants. The tree has them as days, or times, in UTC.
    predictions
        P(event on by date | draw), of some of the draws, shape (draw, event, date).
    forecasts
        What all draws say together: ``mean``, ``lower``, ``upper``, each of shape (event, date).

    Returns
    -------
    DataTree
        Groups ``prior``, ``posterior``, ``log_likelihood``, ``sample_stats``, ``predictions``,
        ``observed_data`` and ``constant_data``; no ``log_likelihood`` where the exact filter does
        not reach, with the reason in the attribute ``no_log_likelihood``; and of the path sampler
        ``paths``, in the form of `packed`.
    """
    import xarray as xr  # noqa: PLC0415 - slow to import

    lowered = fitted.lowered
    items = items_in_force(lowered.evidence)
    stamps = np.array([day_stamp(day) for day in dates], dtype="datetime64[us]")
    prior = {name: value[None] for name, value in prior_values(fitted).items()}
    ids = [*(item.id for item in items), RECORD]
    places = list(row_places(lowered.evidence).values())
    last = np.array([rows[-1] for rows in places], dtype=np.intp)
    said = [lowered.factors[i].said for i in last]
    groups: dict[str, Any] = {
        "prior": _dataset(fitted, prior),
        "posterior": _dataset(fitted, fitted.values),
        "sample_stats": _sample_stats(fitted),
        "predictions": xr.Dataset(
            {
                "probability": (("chain", "draw", "event", "date"), predictions[None]),
                **{name: (("event", "date"), values) for name, values in forecasts.items()},
            },
            coords={
                **_draws(predictions[None]),
                "event": list(events),
                "date": ("date", stamps, {"long_name": BY}),
            },
        ),
        "observed_data": xr.Dataset(
            {"evidence": (ITEM, np.array([*said, 1], dtype=np.int64))},
            coords={ITEM: ids},
        ),
        "constant_data": xr.Dataset(
            {
                "item_time": (ITEM, lowered.record.item_time[last]),
                "item_event": (ITEM, np.array([", ".join(i.events) for i in items], dtype=str)),
            },
            coords={ITEM: ids[:-1]},
        ),
    }
    if fitted.log_likelihood is not None:
        groups["log_likelihood"] = xr.Dataset(
            {"evidence": (("chain", "draw", ITEM), fitted.log_likelihood)},
            coords={**_draws(fitted.log_likelihood), ITEM: ids},
        )
    if fitted.paths:
        groups["paths"] = _paths(fitted)
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {
        "network": lowered.network.name,
        "as_of": lowered.as_of.isoformat(),
        "method": fitted.method,
        "settings": json.dumps(fitted.settings.__dict__, sort_keys=True),
        "gate": str(fitted.gate),
    }
    if fitted.log_likelihood is None:
        tree.attrs["no_log_likelihood"] = NO_LOG_LIKELIHOOD
    return tree


def _paths(fitted: Fit) -> "xr.Dataset":
    """Return one course for each draw: where its events begin, how often each jumps, and when."""
    import xarray as xr  # noqa: PLC0415

    initial, jumps, time = packed(fitted.paths)
    dims, shape = ("chain", "draw", "event"), (*fitted.shape, -1)
    return xr.Dataset(
        {
            "initial": (dims, initial.reshape(shape)),
            "jumps": (dims, jumps.reshape(shape)),
            "time": ("jump", time, {"long_name": JUMPS}),
        },
        coords={**_draws(np.empty(fitted.shape)), "event": list(fitted.lowered.events)},
    )


def _draws(values: NDArray[Any]) -> dict[str, NDArray[np.int64]]:
    return {"chain": np.arange(values.shape[0]), "draw": np.arange(values.shape[1])}


def _dataset(fitted: Fit, values: Mapping[str, Floats]) -> "xr.Dataset":
    """Return uncertain natural values, and the model's free variables.

    Numbers that are fixed have no spread, and what ArviZ would say of their draws is 0/0.
    """
    import xarray as xr  # noqa: PLC0415

    table = fitted.lowered.table
    varying = {name: at for name, at in table.varying().items() if len(at)}
    ids = [*(item.id for item in items_in_force(fitted.lowered.evidence)), RECORD]
    dims, coords = dims_and_coords(table, {ITEM: ids}, table.uncertain_labels())
    variables: dict[str, Any] = {
        name: (("chain", "draw", dims[name]), values[name][..., at]) for name, at in varying.items()
    }
    if table.dimensions:
        variables[Z] = (("chain", "draw", PARAMETER), table.to_z(values))
        coords[PARAMETER] = table.names()
    used = {dim for axes, _ in variables.values() for dim in axes}
    shape = next(iter(values.values())) if values else np.zeros((1, 1, 1))
    there = {dim: labels for dim, labels in coords.items() if dim in used}
    return xr.Dataset(variables, coords={**_draws(shape), **there})


def _sample_stats(fitted: Fit) -> "xr.Dataset":
    import xarray as xr  # noqa: PLC0415

    stats: dict[str, Any] = {}
    if fitted.log_likelihood is not None:
        stats["log_likelihood"] = (("chain", "draw"), fitted.log_likelihood.sum(axis=-1))
    coords = _draws(np.empty(fitted.shape))
    if fitted.weighted is not None:
        stats["proposal_weight"] = ("proposal", fitted.weighted.weights)
        coords["proposal"] = np.arange(len(fitted.weighted.weights))
    if fitted.batch is not None:
        stats["batch"] = (("chain", "draw"), fitted.batch)
    for name, value in fitted.stats.items():
        stats[name] = (("chain", "draw"), value)
    data = xr.Dataset(stats, coords=coords)
    for check in fitted.gate.checks:
        data.attrs[check.name] = check.value
    return data
