"""A run's posterior: what is saved of it, and the posterior again from what was saved.

The draws travel as the netCDF file that they become: smaller, and made where the estimate is, so
that making it waits for no other network's. Where they are not here, or cannot be had again from
what an older version saved, the run is estimated anew from what the ledger has of it.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from forecast.errors import ForecastError, LedgerError
from forecast.evidence import Evidence, Item
from forecast.evidence._kinds import KINDS
from forecast.gate import Gate
from forecast.ledger import ForecastRecord, RunHead, RunInputs, run_inputs
from forecast.network import Network
from forecast.network._json import network_from_json
from forecast.time import parse_instant
from forecast.workspace._history import Kept
from forecast.workspace._run import file_digest, gate_of
from forecast.workspace._settings import Settings

if TYPE_CHECKING:
    import xarray as xr

    from forecast.posterior import Posterior

FIGURES = ("mean", "lower", "upper", "mcse", "lower_mcse", "upper_mcse", "prior")
TAILS = [0.05, 0.95]
STATISTICS = ("mean", "lower", "upper")


@dataclass(frozen=True)
class NetworkEstimate:
    """All that is saved of one network's posterior, free to go between processes.

    Parameters
    ----------
    method
        How it was made.
    gate
        What the convergence gate says of it.
    forecasts
        By event and deadline, the probable first.
    draws
        The draws, as a netCDF file.
    """

    method: str
    gate: Gate
    forecasts: tuple[ForecastRecord, ...]
    draws: bytes


def estimate_of(post: "Posterior", settings: Settings) -> NetworkEstimate:
    """Return what is saved of a posterior."""
    from forecast.estimate._netcdf import as_netcdf  # noqa: PLC0415  the engine comes with it

    return NetworkEstimate(
        method=post.method,
        gate=post.gate_at(settings.deadlines),
        forecasts=_forecasts(post, settings),
        draws=as_netcdf(post.saved_groups()),
    )


def _forecasts(post: "Posterior", settings: Settings) -> tuple[ForecastRecord, ...]:
    """Return the answers to questions, the next to close first; else the table of all events."""
    titles = {node.id: node.title for node in post.network.nodes}
    told: tuple[ForecastRecord, ...] = ()
    days = settings.every if settings.questions else settings.deadlines
    if settings.questions:
        answers = post.question_rows(settings.questions)
        told = tuple(
            _record(titles, each.event, each.by, answer, each.id, each.wording)
            for each, answer in zip(settings.questions, answers, strict=True)
        )
    if not days:
        return told
    rows = post.event_rows(days)
    last = rows[days[-1]]
    return told + tuple(
        _record(titles, event, day, rows[day][event])
        for event in sorted(last, key=lambda event: -last[event]["mean"])
        for day in days
        if (event, day) not in settings.asked
    )


def _record(  # noqa: PLR0917
    titles: Mapping[str, str],
    event: str,
    deadline: datetime,
    told: Mapping[str, float],
    question: str = "",
    wording: str = "",
) -> ForecastRecord:
    known = {name: told[name] if math.isfinite(told[name]) else None for name in FIGURES}
    return ForecastRecord(
        event=event,
        deadline=deadline,
        probability=told["mean"],
        lower=known["lower"],
        upper=known["upper"],
        mcse=known["mcse"],
        prior=known["prior"],
        valid_until=deadline,
        lower_mcse=known["lower_mcse"],
        upper_mcse=known["upper_mcse"],
        title=titles[event],
        question=question,
        wording=wording,
    )


def network_of(inputs: RunInputs) -> Network:
    """Return the network that a run was made from, if this version can read it."""
    try:
        return network_from_json(inputs.network)
    except ValueError as error:
        raise _unreadable("network", error) from error


def evidence_of(inputs: RunInputs) -> Evidence:
    """Return the items that a run saw, and with them what copies among them repeat."""
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


def posterior_of(kept: Kept, head: RunHead, tell: Callable[[str], None]) -> "Posterior":
    """Return the posterior of a run: the same one, to the last bit on one platform.

    `tell` is told when the run has to be estimated again, and why. Saved draws that are damaged are
    a `ForecastError`.
    """
    inputs = run_inputs(kept.ledger, head.entry)
    found = saved_posterior(kept, head, inputs)
    if not isinstance(found, str):
        return found
    tell(f"estimating run {head.entry} again: {found}")
    from forecast.posterior._update import update  # noqa: PLC0415  it takes seconds

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


def saved_posterior(
    kept: Kept, head: RunHead, inputs: RunInputs, tree: "xr.DataTree | None" = None
) -> "Posterior | str":
    """Return the posterior of a run from its saved draws, or why there is none.

    `tree` are the saved draws, where they have been read before. Damaged ones are a
    `ForecastError`.
    """
    asked = json.loads(inputs.settings)
    tree = saved_draws(kept, inputs) if tree is None else tree
    if tree is None:
        return "its saved draws are not here"
    # Imported here, since it takes a second.
    from forecast.estimate._result import Settings as How  # noqa: PLC0415
    from forecast.estimate._saved import restored  # noqa: PLC0415
    from forecast.model._lower import lower  # noqa: PLC0415
    from forecast.posterior import Posterior  # noqa: PLC0415

    gate = gate_of(json.loads(inputs.gate))
    # Those of forecasts depend on deadlines: `Posterior.gate_at` tells them.
    of_parameters = Gate(tuple(check for check in gate.checks if not check.of_forecasts))
    how = How(method=asked["method_asked"], draws=asked["draws"], seed=asked["seed"])
    try:
        lowered = lower(network_of(inputs), evidence_of(inputs), head.as_of, asked["known"])
        return Posterior(restored(lowered, how, asked["method"], of_parameters, tree))
    except LedgerError:
        raise
    except ForecastError as error:
        return str(error)


def saved_draws(kept: Kept, inputs: RunInputs) -> "xr.DataTree | None":
    """Return the draws that a run saved; None where their file is not here. Damage is an error."""
    from forecast.estimate._netcdf import read_tree  # noqa: PLC0415  it takes a second

    for path, written in inputs.files.items():
        file = kept.workspace.output_path / path
        if file.suffix == ".nc" and file.is_file():
            digest = file_digest(file)
            if digest != written:
                msg = (
                    f"{file}: the file is damaged: its SHA-256 is {digest[:12]}…, and the ledger "
                    f"names {written[:12]}…. Put it back from a copy, or move it away"
                )
                raise ForecastError(msg)
            return read_tree(file)
    return None


def saved_curves(tree: "xr.DataTree") -> dict[str, list[tuple[datetime, float, float, float]]]:
    """Return each event's mean, lower and upper probability at the ends of months, as saved."""
    if "predictions" not in tree:
        return {}
    dates, events = prediction_dates(tree), tree["predictions"]["event"].to_numpy()
    figures = np.stack(_predicted(tree), axis=-1)  # (event, date, statistic)
    return {
        str(event): [(at, *row) for at, row in zip(dates, rows.tolist(), strict=True)]
        for event, rows in zip(events, figures, strict=True)
    }


def _predicted(tree: "xr.DataTree") -> list[NDArray[np.float64]]:
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


def _unreadable(what: str, error: Exception) -> LedgerError:
    words = str(error).strip().splitlines()
    return LedgerError(
        f"the {what} of this run cannot be read by this version of the library: "
        f"{words[0] if words else error}. Ask the version that made the run, or update anew"
    )
