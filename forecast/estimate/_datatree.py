"""Fits as groups of an ArviZ DataTree: named dimensions, so that the functions of ArviZ work."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from forecast.engine.paths import packed
from forecast.estimate._groups import Group, Groups, Variable, labels
from forecast.estimate._result import Fit
from forecast.model._coords import ITEM, RECORD, dims_and_coords
from forecast.model._factors import items_in_force, row_places
from forecast.model._parameters import PARAMETER, Z
from forecast.seeds import generator
from forecast.time import day_stamp

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


def to_groups(
    fitted: Fit,
    events: Sequence[str],
    dates: Sequence[datetime],
    predictions: Floats,
    forecasts: Mapping[str, Floats],
) -> Groups:
    """Return a fit as the groups of a DataTree.

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
    dict of Group
        ``prior``, ``posterior``, ``log_likelihood``, ``sample_stats``, ``predictions``,
        ``observed_data`` and ``constant_data``; no ``log_likelihood`` where the exact filter does
        not reach, with the reason in the attribute ``no_log_likelihood``; and of the path sampler
        ``paths``, in the form of `packed`.
    """
    lowered = fitted.lowered
    items = items_in_force(lowered.evidence)
    stamps = np.array([day_stamp(day) for day in dates], dtype="datetime64[us]")
    ids = [*(item.id for item in items), RECORD]
    places = list(row_places(lowered.evidence).values())
    last = np.array([rows[-1] for rows in places], dtype=np.intp)
    said = [lowered.factors[i].said for i in last]
    attrs = {
        "network": lowered.network.name,
        "as_of": lowered.as_of.isoformat(),
        "method": fitted.method,
        "settings": json.dumps(fitted.settings.__dict__, sort_keys=True),
        "gate": str(fitted.gate),
    }
    if fitted.log_likelihood is None:
        attrs["no_log_likelihood"] = NO_LOG_LIKELIHOOD
    groups = {
        "/": Group({}, attrs),
        "/prior": _drawn(fitted, _prior(fitted)),
        "/posterior": _drawn(fitted, fitted.values),
        "/sample_stats": _sample_stats(fitted),
        "/predictions": Group(
            {
                "probability": Variable(("chain", "draw", "event", "date"), predictions[None]),
                **{name: Variable(("event", "date"), each) for name, each in forecasts.items()},
                **labels({**_draws(predictions[None].shape), "event": events}),
                "date": Variable(("date",), stamps, {"long_name": BY}),
            },
        ),
        "/observed_data": Group(
            {
                "evidence": Variable((ITEM,), np.array([*said, 1], dtype=np.int64)),
                **labels({ITEM: ids}),
            }
        ),
        "/constant_data": Group(
            {
                "item_time": Variable((ITEM,), lowered.record.item_time[last]),
                "item_event": Variable(
                    (ITEM,), np.array([", ".join(item.events) for item in items], dtype=str)
                ),
                **labels({ITEM: ids[:-1]}),
            }
        ),
    }
    if fitted.log_likelihood is not None:
        told = fitted.log_likelihood
        groups["/log_likelihood"] = Group(
            {
                "evidence": Variable(("chain", "draw", ITEM), told),
                **labels({**_draws(told.shape), ITEM: ids}),
            }
        )
    if fitted.paths:
        groups["/paths"] = _paths(fitted)
    return groups


def with_free_variables(fitted: Fit, groups: Groups) -> Groups:
    """Return groups of `to_groups` with the model's free variables, which follow from its numbers.

    Parameters
    ----------
    fitted, groups
        The fit, and its groups.
    """
    table = fitted.lowered.table
    if not table.dimensions:
        return groups
    found = dict(groups)
    for path, values in (("/prior", _prior(fitted)), ("/posterior", fitted.values)):
        free = Variable(("chain", "draw", PARAMETER), table.to_z(values))
        told = {**groups[path].variables, Z: free, **labels({PARAMETER: table.names()})}
        found[path] = Group(told, groups[path].attrs)
    return found


def _prior(fitted: Fit) -> dict[str, Floats]:
    """Return draws of the prior, shape (chain, draw, label)."""
    return {name: value[None] for name, value in prior_values(fitted).items()}


def _paths(fitted: Fit) -> Group:
    """Return one course for each draw: where its events begin, how often each jumps, and when."""
    initial, jumps, time = packed(fitted.paths)
    dims, shape = ("chain", "draw", "event"), (*fitted.shape, -1)
    return Group(
        {
            "initial": Variable(dims, initial.reshape(shape)),
            "jumps": Variable(dims, jumps.reshape(shape)),
            "time": Variable(("jump",), time, {"long_name": JUMPS}),
            **labels({**_draws(fitted.shape), "event": fitted.lowered.events}),
        }
    )


def _draws(shape: Sequence[int]) -> dict[str, NDArray[np.int64]]:
    return {"chain": np.arange(shape[0]), "draw": np.arange(shape[1])}


def _drawn(fitted: Fit, values: Mapping[str, Floats]) -> Group:
    """Return uncertain natural values.

    Numbers that are fixed have no spread, and what ArviZ would say of their draws is 0/0.
    """
    table = fitted.lowered.table
    varying = {name: at for name, at in table.varying().items() if len(at)}
    ids = [*(item.id for item in items_in_force(fitted.lowered.evidence)), RECORD]
    dims, coords = dims_and_coords(table, {ITEM: ids}, table.uncertain_labels())
    variables = {
        name: Variable(("chain", "draw", dims[name]), values[name][..., at])
        for name, at in varying.items()
    }
    used = {dim for each in variables.values() for dim in each.dims}
    shape = next(iter(values.values())).shape if values else (1, 1)
    there = {dim: of for dim, of in coords.items() if dim in used}
    return Group({**variables, **labels({**_draws(shape), **there})})


def _sample_stats(fitted: Fit) -> Group:
    of_draws = ("chain", "draw")
    stats: dict[str, Variable] = {}
    if fitted.log_likelihood is not None:
        stats["log_likelihood"] = Variable(of_draws, fitted.log_likelihood.sum(axis=-1))
    coords = _draws(fitted.shape)
    if fitted.weighted is not None:
        stats["proposal_weight"] = Variable(("proposal",), fitted.weighted.weights)
        coords["proposal"] = np.arange(len(fitted.weighted.weights))
    if fitted.batch is not None:
        stats["batch"] = Variable(of_draws, fitted.batch)
    stats |= {name: Variable(of_draws, value) for name, value in fitted.stats.items()}
    checks = {check.name: check.value for check in fitted.gate.checks}
    return Group({**stats, **labels(coords)}, checks)
