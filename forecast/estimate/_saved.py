"""What a run saves of a fit, and the fit again from that, to the last bit.

A file holds what cannot be had again, exactly, and the rest for those who look at it: rounded, or
left out where it follows from what is there. Draws of the path sampler and of NUTS cannot be had
again without estimating, and are kept as they are, with the paths. Draws of importance sampling
can: by the seed of their proposal, and by how often each of its draws was taken, which is a
thousandth of their size.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.engine._importance import LocalFit, Prior, Proposal, drawn, resample
from forecast.engine._likelihood import log_likelihoods
from forecast.engine.paths import states_at, unpacked
from forecast.errors import ForecastError
from forecast.estimate._cost import reachable_plans, worth_telling
from forecast.estimate._groups import Group as Saved
from forecast.estimate._groups import Groups, Variable
from forecast.estimate._result import Fit, Settings, effective
from forecast.gate import Gate
from forecast.model._factors import by_item
from forecast.model._lower import Lowered
from forecast.model._parameters import Group

if TYPE_CHECKING:
    import xarray as xr

type Floats = NDArray[np.float64]

PREDICTIONS = 128
"""Draws whose chances are saved, at the most, beside the forecasts of all of them."""
KEPT_BITS = 10
"""Of the 23 after the point of a number of 32 bits, in what is saved for those who look at it."""
ROUNDED = f"rounded to {KEPT_BITS} binary digits after the first"
COUNTED = ("chain", "draw")  # from zero on, as everyone takes them to be who finds no labels
PREDICTED = "/predictions"
FOLLOWS = {"/sample_stats": ("log_likelihood", "proposal_weight", "proposal")}
"""What follows from other variables of the tree, by group."""


def rounded(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return numbers of 32 bits, the last of which are zero, so that they compress.

    Examples
    --------
    >>> float(rounded(np.array([1 / 3]))[0])
    0.333251953125
    """
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    drop = np.uint32(23 - KEPT_BITS)
    half = np.uint32((1 << (drop - 1)) - 1)
    nearest = bits + half + ((bits >> drop) & np.uint32(1))
    kept = (nearest >> drop << drop).view(np.float32)
    return np.where(np.isfinite(values), kept, values).astype(np.float32)


def saved_form(fitted: Fit, whole: Groups) -> Groups:
    """Return what is saved of a fit, from the groups that `to_groups` made of it.

    Parameters
    ----------
    fitted
        The fit.
    whole
        Its groups, which are left as they are.
    """
    weighted, told = fitted.weighted is not None, fitted.log_likelihood is not None
    short = {"/prior"} | ({"/posterior"} if weighted else set())
    short |= {"/log_likelihood"} if told and _told_again(fitted.lowered, fitted.settings) else set()
    found = {}
    for path, group in whole.items():
        left = (*FOLLOWS.get(path, ()), *COUNTED)
        kept = {name: each for name, each in group.variables.items() if name not in left}
        if path == PREDICTED:
            number = group.sizes()["draw"]
            rows = np.arange(min(number, PREDICTIONS)) * number // min(number, PREDICTIONS)
            some = kept["probability"]
            kept["probability"] = _rounded(some._replace(values=some.values[:, rows]))
        if path in short:
            kept = {
                name: each if each.dims == (name,) else _rounded(each)
                for name, each in kept.items()
            }
        found[path] = Saved(kept, group.attrs)
    return {**found, "/proposal": _proposal(fitted)} if weighted else found


def _rounded(variable: Variable) -> Variable:
    return Variable(variable.dims, rounded(variable.values), {"comment": ROUNDED})


def _told_again(lowered: Lowered, settings: Settings) -> bool:
    """Return whether the log likelihoods of the items are told anew rather than read."""
    plans = reachable_plans(lowered)
    return plans is not None and worth_telling(lowered, plans, settings.draws)


def _proposal(fitted: Fit) -> Saved:
    """Return what the draws of importance sampling are drawn again from."""
    weighted, settings = fitted.weighted, fitted.settings
    assert weighted is not None  # noqa: S101 - of importance sampling
    chosen = resample(weighted.weights, settings.draws, settings.seed)
    taken = np.bincount(chosen, minlength=len(weighted.z)).astype(np.int32)
    variables = {"taken": Variable(("proposal",), taken)}
    if isinstance(weighted.source, LocalFit):
        local = weighted.source
        variables |= {
            "mode": Variable(("parameter",), local.mode),
            "directions": Variable(("parameter", "direction"), local.directions),
            "factor": Variable(("direction", "informed"), local.factor),
        }
    attrs = {
        "proposal": weighted.proposal,
        "seed": str(weighted.seed),
        "sha256": _digest(fitted.values),
        "comment": "the draws of 'posterior' before rounding: draw again, and take these",
    }
    return Saved(variables, attrs)


def _digest(values: Mapping[str, Floats]) -> str:
    """Return the SHA-256 of draws."""
    told = hashlib.sha256()
    for name in sorted(values):
        told.update(np.ascontiguousarray(values[name]).tobytes())
    return told.hexdigest()


def restored(
    lowered: Lowered, settings: Settings, method: str, gate: Gate, tree: "xr.DataTree"
) -> Fit:
    """Return a fit from what `saved_form` made of it, or from the tree of an older version.

    Answers from it are those of the fit itself, to the last bit.

    Raises
    ------
    ForecastError
        If the draws are not those of this network and record, their paths were not kept, or they
        cannot be drawn again by the libraries that are installed: words to follow "estimating this
        run again: ".
    """
    for name in ("posterior", "sample_stats"):
        if name not in tree.children:
            raise _foreign(name)
    stats = tree["sample_stats"].to_dataset()
    shape = _shape(tree)
    if "proposal" in tree.children:
        values = _again(lowered, settings, tree["proposal"].to_dataset())
    else:
        posterior = tree["posterior"].to_dataset()
        values = lowered.table.filled(_drawn(lowered, posterior), shape)
    if "log_likelihood" not in tree.children and method != "paths":  # only a damaged tree lacks it
        msg = "its saved draws lack the log likelihood of the items"
        raise ForecastError(msg)
    fit = Fit(
        lowered=lowered,
        settings=settings,
        method=method,
        values=values,
        log_likelihood=_log_likelihood(lowered, tree, values),
        gate=gate,
        ess=effective(gate, float(shape[0] * shape[1])),
        stats=_sampled(stats),
        batch=stats["batch"].to_numpy().astype(np.intp) if "batch" in stats else None,
    )
    return _with_paths(fit, tree) if method == "paths" else fit


def _shape(tree: "xr.DataTree") -> tuple[int, int]:
    """Return how many chains and draws there are: not every way to estimate keeps statistics."""
    for name in ("sample_stats", "posterior"):
        sizes = tree[name].sizes
        if "chain" in sizes and "draw" in sizes:
            return sizes["chain"], sizes["draw"]
    raise _foreign("sample_stats")


def _again(lowered: Lowered, settings: Settings, kept: "xr.Dataset") -> dict[str, Floats]:
    """Return the draws of importance sampling, drawn again."""
    taken = kept["taken"].to_numpy()
    source: Proposal = Prior()
    if "mode" in kept:
        source = LocalFit(*(kept[name].to_numpy() for name in ("mode", "directions", "factor")))
    table = lowered.table
    if "mode" in kept and kept.sizes["parameter"] != table.dimensions:
        raise _foreign("proposal")
    z = drawn(source, table.dimensions, settings.draws, int(kept.attrs["seed"]))
    if len(taken) != len(z):
        raise _foreign("taken")
    chosen = np.repeat(np.arange(len(taken)), taken)
    values = {name: value[chosen][None] for name, value in table.from_z(z).items()}
    if _digest(values) != kept.attrs["sha256"]:
        msg = (
            "its draws come out otherwise when they are drawn again: the numerical libraries or "
            "the platform are others"
        )
        raise ForecastError(msg)
    return values


def _log_likelihood(
    lowered: Lowered, tree: "xr.DataTree", values: Mapping[str, Floats]
) -> Floats | None:
    """Return the log likelihood of each item, as it was saved or, where that was rounded, anew."""
    if "log_likelihood" not in tree.children:
        return None
    told = tree["log_likelihood"]["evidence"].to_numpy()
    plans = reachable_plans(lowered)
    if told.dtype != np.float32 or plans is None:
        return np.asarray(told, dtype=np.float64)
    flat = {name: value.reshape(-1, value.shape[-1]) for name, value in values.items()}
    if not flat:  # nothing is uncertain, and all draws are one
        one = by_item(lowered.evidence, log_likelihoods(plans, lowered.theta(flat)))
        return np.broadcast_to(one, told.shape).copy()
    rows = np.concatenate(list(flat.values()), axis=1)
    fresh = np.append(True, (rows[1:] != rows[:-1]).any(axis=1))  # draws taken twice stand together
    some = {name: value[fresh] for name, value in flat.items()}
    found = by_item(lowered.evidence, log_likelihoods(plans, lowered.theta(some)))
    return np.asarray(found[np.cumsum(fresh) - 1].reshape(told.shape))


def _sampled(stats: "xr.Dataset") -> dict[str, Floats]:
    """Return the sampler's statistics, shape (chain, draw)."""
    own = {"batch", "log_likelihood"}
    return {
        str(name): value.to_numpy()
        for name, value in stats.data_vars.items()
        if value.dims == ("chain", "draw") and name not in own
    }


def _with_paths(fit: Fit, tree: "xr.DataTree") -> Fit:
    """Return a fit of the path sampler with its paths."""
    if "paths" not in tree.children:
        msg = "the path sampler made it, with a version that did not keep its paths"
        raise ForecastError(msg)
    kept = tree["paths"].to_dataset()
    if kept["event"].to_numpy().tolist() != list(fit.lowered.events):
        raise _foreign("paths")
    initial, jumps = (kept[name].to_numpy() for name in ("initial", "jumps"))
    events = initial.shape[-1]
    paths = unpacked(
        initial.reshape(-1, events), jumps.reshape(-1, events), kept["time"].to_numpy()
    )
    states = np.array([states_at(one, fit.lowered.now) for one in paths], dtype=np.int8)
    return replace(fit, paths=paths, states=states.reshape(initial.shape))


def _drawn(lowered: Lowered, posterior: "xr.Dataset") -> dict[str, Floats]:
    """Return the values of uncertain labels by group, shape (chain, draw, uncertain label)."""
    labels = lowered.table.uncertain_labels()
    return {
        group.name: _values(group, labels[group.name], posterior)
        for group in lowered.table.groups
        if group.name in labels
    }


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
        f"its saved draws do not fit the network and the items ('{name}' differs): they were saved "
        "by another version"
    )
