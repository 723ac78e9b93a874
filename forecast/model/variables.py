"""The parameters of a network as PyMC variables, and as what the engine reads."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray
from scipy.special import logit

from forecast.engine.problem import Floats, Parameters
from forecast.model.chances import LEAST_LOG_CHANCE, Factor
from forecast.model.latent import (
    counted_members,
    counted_name,
    group_named,
    is_positive,
    prior_at,
    whitened,
)
from forecast.model.lower import Lowered
from forecast.model.parameters import Against, Group, ParameterTable, Pooled
from forecast.model.shapes import NODES, line_table
from forecast.network import Fixed, Gamma
from forecast.network.prior import Shaped
from forecast.network.while_on import WhileOn

__all__ = ["engine_parameters", "natural_values"]

type Tensor = Any

SURE = 700.0  # log-odds, in place of infinite ones: no multiple of infinity is to be taken


def natural_values(table: ParameterTable, z: Tensor, dims: Mapping[str, str]) -> dict[str, Tensor]:
    """Return the natural values of each group; the uncertain ones are variables of the model.

    Few large expressions, not many small ones: the time to compile grows with their number.

    Parameters
    ----------
    table
        The groups.
    z
        Standard normals, in the order of `whitened`; None if there is none.
    dims
        The dimension of each group.
    """
    keys, parts = [], []
    for group in table.groups:
        members = counted_members(group)
        if members:
            keys += [(group.name, i) for i in members]
            parts.append((_counted(group, members), len(members)))
    if sampled := whitened(table):
        parts.append((_from_normal(table, z, keys, parts), len(sampled)))
        keys = [*keys, *sampled]
    fixed = [
        (group.name, i)
        for group in table.groups
        for i, prior in enumerate(group.priors)
        if isinstance(prior, Fixed)
    ]
    parts.append((_column([prior_at(table, key) for key in fixed], "value"), len(fixed)))
    place = {key: position for position, key in enumerate([*keys, *fixed])}
    for group in table.groups:
        for i, prior in enumerate(group.priors):
            if isinstance(prior, Pooled) and (group.name, i) not in place:  # its type's
                place[group.name, i] = place[prior.group, table.place(prior)]
    order = [place[group.name, i] for group in table.groups for i in range(len(group.labels))]
    pieces = _split(_take(_join(parts), order), [len(group.labels) for group in table.groups])
    values = {group.name: piece for group, piece in zip(table.groups, pieces, strict=True)}
    middle = table.from_z(np.zeros((1, table.dimensions)))
    for name, at in table.varying().items():
        if len(at) == middle[name].shape[1]:
            values[name] = pm.Deterministic(name, values[name], dims=dims[name])
        elif len(at):
            uncertain = pm.Deterministic(name, values[name][at], dims=dims[name])
            values[name] = pt.set_subtensor(pt.as_tensor(middle[name][0])[at], uncertain)
    return values


def _from_normal(
    table: ParameterTable,
    z: Tensor,
    counted: Sequence[tuple[str, int]],
    counted_parts: Sequence[tuple[Tensor, int]],
) -> Tensor:
    """Return positive numbers and probabilities at standard normal z.

    All are functions of ``line``, on whose scale (logarithm, log-odds) most priors are normal;
    those of another shape are read from tables. A pooled rate's line lies around its type's, and a
    strength that was said as a rate while on follows from that rate and the base's.

    Parameters
    ----------
    table
        The groups.
    z
        Standard normals, in the order of `whitened`.
    counted, counted_parts
        The gamma variables, which may be base rates: their (group, position), and themselves with
        how many they are.
    """
    keys = whitened(table)
    stated = [prior_at(table, key) for key in keys]
    priors = [p.on.rate if isinstance(p, Against) else p for p in stated]
    sigma = np.array([_spread(prior) for prior in priors])
    mu = np.array([getattr(prior, "mu", 0.0) for prior in priors])
    above = np.arange(len(keys))  # the type's place, for those that have one
    pooled = np.zeros(len(keys))
    for i, prior in enumerate(priors):
        if isinstance(prior, Pooled):
            key = prior.group, table.place(prior)
            kind = prior_at(table, key)
            if isinstance(kind, Fixed):
                mu[i] = np.clip(logit(kind.value), -SURE, SURE)
            else:
                above[i], pooled[i] = keys.index(key), 1.0
    line = mu + sigma * z
    shaped = [i for i, prior in enumerate(priors) if isinstance(prior, Shaped | Gamma)]
    if shaped:
        tables = np.stack([line_table(priors[i]) for i in shaped])
        line = line[np.array(shaped)].set(_from_tables(tables, z[np.array(shaped)]))
    if pooled.any():
        line = line + pooled * line[above]
    positive = sum(is_positive(prior) for prior in stated)
    numbers = pt.exp(line[:positive])
    against = {i: prior for i, prior in enumerate(stated) if isinstance(prior, Against)}
    if against:
        bases = [(prior.group, table.place(prior)) for prior in against.values()]
        sure = [key for key in bases if isinstance(prior_at(table, key), Fixed)]
        known = _column([prior_at(table, key) for key in sure], "value")
        places = {key: place for place, key in enumerate([*counted, *keys[:positive], *sure])}
        base = _join([*counted_parts, (numbers, positive), (known, len(sure))])
        base = base[np.array([places[key] for key in bases])]
        rows = np.array(list(against))
        on = [prior.on for prior in against.values()]
        numbers = numbers[rows].set(_strengths(on, numbers[rows], base))
    chances = pm.math.sigmoid(line[positive:])
    return _join([(numbers, positive), (chances, len(keys) - positive)])


def _spread(prior: Any) -> float:
    return float(prior.spread if isinstance(prior, Pooled) else getattr(prior, "sigma", 0.0))


def _from_tables(tables: Floats, z: Tensor) -> Tensor:
    """Return lines by cubic interpolation, and straight ones beyond the nodes.

    Parameters
    ----------
    tables
        Lines and their slopes, shape (row, node, 2).
    z
        Shape (row,).
    """
    step, last = NODES[1] - NODES[0], len(NODES) - 2
    inside = pt.clip(z, NODES[0], NODES[-1])
    k = pt.clip(pt.floor((inside - NODES[0]) / step), 0, last).astype("int64")
    rows, known = np.arange(len(tables)), pt.as_tensor(tables)
    low, high = known[rows, k], known[rows, k + 1]  # (row, 2)
    t = (inside - (NODES[0] + step * k)) / step
    u = 1.0 - t
    return (
        u * u * ((1.0 + 2.0 * t) * low[:, 0] + t * step * low[:, 1])
        + t * t * ((3.0 - 2.0 * t) * high[:, 0] - u * step * high[:, 1])
        + pt.where(z < inside, tables[:, 0, 1], tables[:, -1, 1]) * (z - inside)
    )


def _strengths(on: Sequence[WhileOn], rate: Tensor, base: Tensor) -> Tensor:
    """Return what takes base rates to rates while on, as `WhileOn.strength` does for arrays."""
    adds = np.array([one.softness is not None for one in on])
    softness = np.array([one.softness or 1.0 for one in on])
    over = rate - base
    root = pt.sqrt(over**2 + 4.0 * softness**2)
    low = 2.0 * softness**2 / pt.maximum(root - over, softness)
    return pt.where(adds, pt.where(over > 0, (over + root) / 2.0, low), rate / base)


def _counted(group: Group, members: Sequence[int]) -> Tensor:
    """Return the gamma-distributed rates of a group's reference classes."""
    name, dim = counted_name(group)
    pm.modelcontext(None).add_coord(dim, [group.labels[i] for i in members])
    return pm.Gamma(
        name,
        alpha=_column([group.priors[i] for i in members], "shape"),
        beta=_column([group.priors[i] for i in members], "rate"),
        dims=dim,
    )


def engine_parameters(lowered: Lowered, values: Mapping[str, Tensor]) -> Parameters:
    """Return what the engine reads, for symbolic values: as `Lowered.theta` does for arrays.

    In place of the items' factors, which depend on what they say, stand P(says on | off) and
    P(says on | on) of each item, as `Factor.chance_on` gives them, and below those the same of each
    hidden origin's statement, shape (item + statement, 2). All is gathered from the groups in one
    step.
    """
    table = lowered.table
    factors = [*lowered.factors.factors, *(told.origin for told in lowered.factors.hidden)]
    place = {
        (group.name, label): position
        for position, (group, label) in enumerate(
            (group, label) for group in table.groups for label in group.labels
        )
    }
    zero, unit = len(place), len(place) + 1
    events = lowered.events[: len(lowered.events) - len(lowered.stages)]
    hidden = [zero] * len(lowered.stages)
    ids = ["" if link is None else link.id for link in lowered.links]
    paired = [i for i, factor in enumerate(factors) if factor.false_alarm is not None]
    virtual = [i for i, f in enumerate(factors) if f.false_alarm is None and f.window is None]
    silent = [i for i, f in enumerate(factors) if f.false_alarm is None and f.window is not None]

    def at(where: tuple[str, int] | None) -> int:
        assert where is not None, factors  # noqa: S101 - claims have both
        return place[where[0], group_named(table, where[0]).labels[where[1]]]

    wanted = [
        [place.get(("base_rate", event), zero) for event in events],
        [place["delay", stage.link] for stage in lowered.stages],
        [place.get(("off_rate", event), zero) for event in events] + hidden,
        [place.get(("initial_probability", event), zero) for event in events] + hidden,
        [place.get(("extra_rate", i), place.get(("hazard_ratio", i), unit)) for i in ids],
        [at(factors[i].false_alarm) for i in paired],
        [at(factors[i].hit) for i in paired],
        [at(factors[i].hit) for i in virtual],
        [at(factors[i].hit) for i in silent],
    ]
    groups = [(values[group.name], len(group.labels)) for group in table.groups]
    everything = _join([*groups, (np.array([0.0, 1.0]), 2)])
    gathered = everything[np.array([position for part in wanted for position in part])]
    base, delay, off, initial, effect, false_alarm, hit, number, rate = _split(
        gathered, [len(part) for part in wanted]
    )
    if lowered.stages:
        count = np.array([float(stage.stages) for stage in lowered.stages])
        base = _join([(base, len(events)), (count / delay, len(count))])
    chances = []
    if paired:
        both = pt.stack([false_alarm, hit], axis=1)
        chances.append((_paired([factors[i] for i in paired], both), len(paired)))
    if virtual:
        chances.append((_virtual([factors[i] for i in virtual], number), len(virtual)))
    if silent:
        chances.append((_silent([factors[i] for i in silent], rate), len(silent)))
    order = np.argsort([*paired, *virtual, *silent])
    rows = _take(_join(chances), order) if factors else pt.zeros((0, 2))
    return Parameters(base, off, initial, effect, rows)


def _paired(factors: Sequence[Factor], both: Tensor) -> Tensor:
    """Return P(says on | off) and P(says on | on) of reports; of counts the numbers expected."""
    credibility = np.array([[factor.credibility] for factor in factors])
    windows = np.array([[1.0 if f.window is None else f.window] for f in factors])
    return windows * (credibility * both + (1 - credibility) / 2)


def _silent(factors: Sequence[Factor], rate: Tensor) -> Tensor:
    """Return the chances of silence, at the source's reporting rates."""
    windows = np.array([factor.window for factor in factors], dtype=np.float64)
    quiet = pt.exp(pt.maximum(-rate * windows, LEAST_LOG_CHANCE))
    both = pt.stack([pt.ones_like(quiet), quiet], axis=1)
    broken = np.array([[factor.broken] for factor in factors])
    return pt.where(broken, both * rate[:, None], both) if broken.any() else both


def _virtual(factors: Sequence[Factor], number: Tensor) -> Tensor:
    """Return P(says on | off) and P(says on | on) of likelihood ratios and forecasts."""
    stated = np.array([factor.shift is None for factor in factors])
    shift = np.array([1.0 if factor.shift is None else factor.shift for factor in factors])
    if stated.all():
        log_ratio = pt.log(number)
    else:
        log_ratio = shift * (pt.where(stated, pt.log(number), number) if stated.any() else number)
    return pm.math.sigmoid(pt.stack([-log_ratio, log_ratio], axis=1))


def _join(parts: Sequence[tuple[Tensor, int]]) -> Tensor:
    """Return parts of known lengths one after the other.

    Slices are set, for the code of that is shared, while each join has code of its own (and its
    gradient too), with which a model takes a quarter longer to compile.
    """
    parts = [(part, length) for part, length in parts if length]
    if len(parts) == 1:
        return pt.as_tensor(parts[0][0])
    edges = np.cumsum([0, *(length for _, length in parts)]).tolist()
    joined = pt.zeros((edges[-1], *parts[0][0].shape[1:]))
    for (part, _), (first, last) in zip(parts, pairwise(edges), strict=True):
        joined = joined[first:last].set(part)
    return joined


def _split(values: Tensor, lengths: Sequence[int]) -> list[Tensor]:
    """Return consecutive pieces."""
    edges = np.cumsum([0, *lengths]).tolist()
    return [values[first:last] for first, last in pairwise(edges)]


def _take(values: Tensor, places: Sequence[int] | NDArray[np.intp]) -> Tensor:
    """Return the values at places that are all of them, in some order."""
    where = np.asarray(places, dtype=np.int64)
    return values if np.array_equal(where, np.arange(len(where))) else values[where]


def _column(priors: Sequence[Any], name: str) -> Floats:
    return np.array([getattr(prior, name) for prior in priors], dtype=np.float64)
