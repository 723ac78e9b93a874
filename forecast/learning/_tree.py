"""What was learned as an ArviZ DataTree."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

    from forecast.learning._learned import Learned


def to_tree(learned: "Learned") -> "xr.DataTree":
    """Return draws of the posterior and of the prior, with named dimensions; and what was seen."""
    import xarray as xr  # noqa: PLC0415 - slow to import

    posterior, prior = (_draws(learned, before=before) for before in (False, True))
    processes = [fitted.name for fitted in learned.processes]
    observed = {
        "events": ("process", [int(f.process.risk.events.sum()) for f in learned.processes]),
        "years": ("process", [f.process.risk.years for f in learned.processes]),
    }
    tree = xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "prior": prior,
            "observed_data": xr.Dataset(observed, coords={"process": processes}),
        }
    )
    tree.attrs = {
        "network": learned.stated.name,
        "units": len(learned.panel.units),
        "source": learned.source,
        "gate": "\n".join(f"{fitted.name}: {fitted.gate}" for fitted in learned.processes),
    }
    return tree


def _draws(learned: "Learned", *, before: bool) -> "xr.Dataset":
    import xarray as xr  # noqa: PLC0415

    found: dict[str, dict[str, Any]] = {}
    for fitted in learned.processes:
        for (name, label), values in learned.numbers_of(fitted, before=before):
            found.setdefault(name, {})[label] = values
    variables, coords = {}, {}
    for name, columns in found.items():
        dim = f"{name}_of"
        coords[dim] = list(columns)
        values = np.stack([*columns.values()], axis=-1)[None]
        variables[name] = (("chain", "draw", dim), values)
    return xr.Dataset(variables, coords=coords)
