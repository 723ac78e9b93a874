"""What was learned as an ArviZ DataTree."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.learning._fit import Fitted

if TYPE_CHECKING:
    import xarray as xr

type Draws = Iterable[tuple[tuple[str, str], NDArray[np.float64]]]


def to_tree(
    posterior: Draws, prior: Draws, processes: Iterable[Fitted], attrs: Mapping[str, Any]
) -> "xr.DataTree":
    """Return draws of the posterior and of the prior, with named dimensions; and what was seen.

    Parameters
    ----------
    posterior, prior
        By name and what each number is of.
    processes
        What was fitted.
    attrs
        Of the tree.
    """
    import xarray as xr  # noqa: PLC0415 - slow to import

    fitted = list(processes)
    observed = {
        "events": ("process", [int(each.process.risk.unit_events.sum()) for each in fitted]),
        "years": ("process", [each.process.risk.years for each in fitted]),
    }
    tree = xr.DataTree.from_dict(
        {
            "posterior": _dataset(posterior),
            "prior": _dataset(prior),
            "observed_data": xr.Dataset(
                observed, coords={"process": [each.name for each in fitted]}
            ),
        }
    )
    gate = "; ".join(f"{each.name}: {each.gate}" for each in fitted)
    tree.attrs = {**attrs, "gate": gate}
    return tree


def _dataset(draws: Draws) -> "xr.Dataset":
    import xarray as xr  # noqa: PLC0415

    found: dict[str, dict[str, Any]] = {}
    for (name, label), values in draws:
        found.setdefault(name, {})[label] = values
    variables, coords = {}, {}
    for name, columns in found.items():
        dim = f"{name}_of"
        coords[dim] = list(columns)
        variables[name] = (("chain", "draw", dim), np.stack([*columns.values()], axis=-1)[None])
    return xr.Dataset(variables, coords=coords)
