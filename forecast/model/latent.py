"""The model's free variables, at natural values: what is sampled, without PyMC."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import logit

from forecast.engine.problem import Floats
from forecast.model.parameters import Against, Group, ParameterTable, Pooled
from forecast.model.shapes import z_of
from forecast.network import Fixed, Gamma, LogNormal
from forecast.network.prior import Shaped

__all__ = [
    "PARAMETER",
    "Z",
    "counted_members",
    "counted_name",
    "group_named",
    "is_positive",
    "latent_values",
    "parameter_labels",
    "prior_at",
    "whitened",
]

Z, PARAMETER = "z", "parameter"  # what is sampled, and its dimension


def whitened(table: ParameterTable) -> list[tuple[str, int]]:
    """Return the (group, position) of each parameter that is a function of a standard normal.

    All are, but for fixed numbers and the rates of reference classes, which are gamma variables:
    their quantile function has no derivative in PyTensor. Positive numbers stand before
    probabilities, so that each kind is one expression.
    """
    keys = [
        (group.name, int(i))
        for group in table.groups
        for i in group.free
        if not isinstance(group.priors[i], Gamma)
    ]
    return sorted(keys, key=lambda key: not is_positive(prior_at(table, key)))


def is_positive(prior: Any) -> bool:
    """Return whether a number that is no gamma variable is a positive one, and no probability."""
    if isinstance(prior, Shaped):
        return not prior.is_chance
    return isinstance(prior, LogNormal | Against)


def parameter_labels(table: ParameterTable) -> list[str]:
    """Return ``group[label]`` for each standard normal."""
    return [f"{name}[{group_named(table, name).labels[i]}]" for name, i in whitened(table)]


def latent_values(
    table: ParameterTable, values: Mapping[str, Floats]
) -> dict[str, tuple[str, list[str], Floats]]:
    """Return the model's free variables at natural values: dimension, labels, (…, label).

    A tree of draws needs them beside the natural values, or `pymc.sample_posterior_predictive`
    draws them, and what follows from them, anew from the prior.

    Parameters
    ----------
    table
        The groups.
    values
        Natural values by group, shape (…, label).
    """
    found: dict[str, tuple[str, list[str], Floats]] = {}
    z = []
    for name, i in whitened(table):
        prior, value = group_named(table, name).priors[i], values[name][..., i]
        if isinstance(prior, Pooled):
            z.append((logit(value) - logit(table.about(values, prior))) / prior.spread)
        elif isinstance(prior, Against):
            z.append(z_of(prior.on.rate, prior.on.rate_of(value, table.about(values, prior))))
        elif not isinstance(prior, Fixed):
            z.append(z_of(prior, value))
    if z:
        found[Z] = (PARAMETER, parameter_labels(table), np.nan_to_num(np.stack(z, axis=-1)))
    for group in table.groups:
        members = counted_members(group)
        if members:
            name, dim = counted_name(group)
            labels = [group.labels[i] for i in members]
            found[name] = (dim, labels, values[group.name][..., members])
    return found


def counted_name(group: Group) -> tuple[str, str]:
    """Return the name and the dimension of the gamma variables of a group."""
    return f"counted_{group.name}", f"counted_{group.name}_{group.dim}"


def counted_members(group: Group) -> list[int]:
    """Return the positions in a group of the rates of reference classes."""
    return [i for i, prior in enumerate(group.priors) if isinstance(prior, Gamma)]


def group_named(table: ParameterTable, name: str) -> Group:
    """Return the group of a name that the table is known to have."""
    group = table.group(name)
    assert group is not None, name  # noqa: S101 - built from the same network and evidence
    return group


def prior_at(table: ParameterTable, key: tuple[str, int]) -> Any:
    """Return the prior at a (group, position)."""
    return group_named(table, key[0]).priors[key[1]]
