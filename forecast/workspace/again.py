"""A run's posterior again: from the draws that were saved, else estimated anew from the ledger."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.errors import ForecastError, LedgerError
from forecast.evidence import Evidence, Item
from forecast.evidence.kinds import KINDS
from forecast.ledger import RunHead, RunInputs, run_inputs
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.time import day_stamp, parse_instant
from forecast.workspace.artifact import verify
from forecast.workspace.kept import Kept
from forecast.workspace.manifest import Manifest

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from forecast.posterior import Posterior

__all__ = [
    "evidence_of",
    "network_of",
    "posterior_of",
    "prediction_dates",
    "saved_curve",
    "saved_posterior",
]

TAILS = [0.05, 0.95]
STATISTICS = ("mean", "lower", "upper")

type Tell = Callable[[str], None]

PARTS = {"events": Event, "links": Link, "source_types": SourceType, "sources": Source}


def network_of(inputs: RunInputs) -> Network:
    """Return the network that a run was made from.

    Raises
    ------
    LedgerError
        If this version cannot read what an earlier one wrote.
    """
    fields = json.loads(inputs.network)
    try:
        for name, kind in PARTS.items():
            stated = fields.get(name, [])
            fields[name] = tuple(kind.model_validate_json(json.dumps(each)) for each in stated)
        return Network(**fields)
    except ValueError as error:
        raise _unreadable("network", error) from error


def evidence_of(inputs: RunInputs) -> Evidence:
    """Return the items that a run saw, and with them what copies among them repeat.

    Raises
    ------
    LedgerError
        If this version cannot read what an earlier one wrote.
    """
    items: list[Item] = []
    for name, body in inputs.items.items():
        try:
            items.append(KINDS[json.loads(body)["kind"]].model_validate_json(body))
        except (ValueError, KeyError) as error:
            raise _unreadable(f"item '{name}'", error) from error
    # A run's items are those that stood, what they repeat, and what retracted that: other items
    # that they retract are gone already, and cannot be named.
    here = {item.id: item for item in items}
    return Evidence(item.model_copy(update=_named(item, here)) for item in items)


def _named(item: Item, here: Mapping[str, Item]) -> dict[str, tuple[str, ...]]:
    """Return which items of a run an item retracts and reinstates."""
    retracts = tuple(name for name in item.retracts if name in here)
    taken = {name for each in retracts for name in here[each].retracts}
    kept = tuple(name for name in item.reinstates if name in here and name in taken)
    return {"retracts": retracts, "reinstates": kept}


def posterior_of(kept: Kept, head: RunHead, tell: Tell) -> "Posterior":
    """Return the posterior of a run: the same one, to the last bit on one platform.

    Parameters
    ----------
    kept
        The workspace, its ledger open.
    head
        The run.
    tell
        Told when the run has to be estimated again, and why.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    ForecastError
        If the saved draws are there and damaged.
    """
    inputs = run_inputs(kept.ledger, head.entry)
    found = saved_posterior(kept, head, inputs)
    if not isinstance(found, str):
        return found
    tell(f"estimating run {head.entry} again: {found}")
    from forecast.posterior.update import update  # noqa: PLC0415  it takes seconds

    asked = json.loads(inputs.settings)
    return update(
        network_of(inputs),
        evidence_of(inputs),
        as_of=head.as_of,
        known=asked["known"],
        method=asked["method_asked"],
        draws=asked["draws"],
        seed=asked["seed"],
    )


def saved_posterior(kept: Kept, head: RunHead, inputs: RunInputs) -> "Posterior | str":
    """Return the posterior of a run from its saved draws, or why there is none.

    Raises
    ------
    ForecastError
        If the saved draws are there and damaged.
    """
    if json.loads(inputs.settings)["method"] == "paths":
        return "the path sampler made it, whose paths are not kept"
    manifest = _manifest(kept, head, inputs)
    if manifest is None:
        return "its saved draws are not here"
    try:
        return _from_draws(inputs, head.as_of, manifest, _tree(kept, manifest))
    except LedgerError:
        raise
    except ForecastError as error:
        return str(error)


def saved_curve(kept: Kept, head: RunHead, inputs: RunInputs, event: str) -> "pd.DataFrame | None":
    """Return an event's probability at the ends of months as a run saved it.

    Returns
    -------
    DataFrame
        Indexed by ``date``, the last days of months, with columns ``mean``, ``lower`` and
        ``upper`` (central 90%). None where the saved draws are not here.

    Raises
    ------
    ForecastError
        If the saved draws are there and damaged.
    """
    import pandas as pd  # noqa: PLC0415  it takes half a second

    manifest = _manifest(kept, head, inputs)
    if manifest is None:
        return None
    tree = _tree(kept, manifest)
    if "predictions" not in tree:
        return None
    dates = pd.DatetimeIndex([day_stamp(day) for day in prediction_dates(tree)], name="date")
    place = [str(name) for name in tree["predictions"]["event"].to_numpy()].index(event)
    told = {name: values[place] for name, values in zip(STATISTICS, predicted(tree), strict=True)}
    return pd.DataFrame(told, index=dates)


def predicted(tree: "xr.DataTree") -> list[NDArray[np.float64]]:
    """Return the means, lower and upper ends of the predictions of saved draws: (event, date)."""
    kept = tree["predictions"]
    if "mean" in kept:
        return [kept[name].transpose("event", "date").to_numpy() for name in STATISTICS]
    draws = kept["probability"].transpose("chain", "draw", "event", "date").to_numpy()
    values = draws.reshape(-1, *draws.shape[2:])  # of older files, which hold all draws
    return [values.mean(axis=0), *np.quantile(values, TAILS, axis=0)]


def prediction_dates(tree: "xr.DataTree") -> list[datetime]:
    """Return the instants by which the predictions of saved draws are."""
    dates = tree["predictions"]["date"]
    stamps = dates.to_numpy().astype("datetime64[us]")
    if "long_name" in dates.attrs:
        return [parse_instant(stamp) for stamp in stamps]
    return [stamp.replace(tzinfo=UTC) for stamp in stamps.tolist()]  # instants, in older files


def _manifest(kept: Kept, head: RunHead, inputs: RunInputs) -> Manifest | None:
    """Return a run's manifest, its draws being as they were written; None where it is not here."""
    name = next((path for path in inputs.files if path.endswith(".json")), None)
    file = None if name is None else kept.workspace.output_path / name
    if file is None or not file.exists():
        return None
    manifest = verify(file)
    if manifest.posterior.sha256 not in inputs.files.values():
        msg = f"{file}: is not the run that the ledger has as entry {head.entry}. Move it away"
        raise ForecastError(msg)
    return manifest


def _tree(kept: Kept, manifest: Manifest) -> "xr.DataTree":
    from forecast.workspace.netcdf import read_tree  # noqa: PLC0415  it takes a second

    return read_tree(kept.workspace.output_path / manifest.network / manifest.posterior.file)


def _from_draws(
    inputs: RunInputs, as_of: datetime, manifest: Manifest, tree: "xr.DataTree"
) -> "Posterior":
    # Imported here, since it takes a second.
    from forecast.estimate.datatree import restored  # noqa: PLC0415
    from forecast.estimate.result import Settings  # noqa: PLC0415
    from forecast.model.lower import lower  # noqa: PLC0415
    from forecast.posterior import Posterior  # noqa: PLC0415
    from forecast.sampling import Check, Gate  # noqa: PLC0415

    asked = json.loads(inputs.settings)
    checks = (
        Check(c.name, float("nan") if c.value is None else c.value, c.limit, c.passed)
        for c in manifest.gate.checks
        if not c.of_forecasts  # which depend on deadlines: `Posterior.gate_at` tells them
    )
    lowered = lower(network_of(inputs), evidence_of(inputs), as_of, asked["known"])
    settings = Settings(method=asked["method_asked"], draws=asked["draws"], seed=asked["seed"])
    return Posterior(restored(lowered, settings, asked["method"], Gate(tuple(checks)), tree))


def _unreadable(what: str, error: Exception) -> LedgerError:
    words = str(error).strip().splitlines()
    return LedgerError(
        f"the {what} of this run cannot be read by this version of the library: "
        f"{words[0] if words else error}. Ask the version that made the run, or update anew"
    )
