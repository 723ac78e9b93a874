"""Draws of a source's rates: as learned where it has spoken, else as its type or itself states."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from forecast.network import source_prior
from forecast.network.prior_of import RateName
from forecast.posterior.draws import Draws
from forecast.seeds import generator

__all__ = ["rate_draws"]

type Floats = NDArray[np.float64]


def rate_draws(draws: Draws, source: str, name: RateName) -> Floats:
    """Return one of a source's rates, draw by draw.

    Parameters
    ----------
    draws
        The posterior.
    source
        A source of the network, whether it has spoken or not.
    name
        The rate.
    """
    network, table = draws.lowered.network, draws.lowered.table
    learned = table.group(name)
    if learned is not None and source in learned.labels:
        return draws.natural[name][:, learned.labels.index(source)]
    one = network.source(source)
    number = len(draws.theta.base_rate)
    own = source_prior(one, name)
    z = generator(draws.seed, "unheard source", source, name).normal(size=number)
    if own is not None:
        return np.asarray(own.from_z(z))
    kind = next(t for t in network.source_types if t.id == one.type)
    pooled = table.group(f"type_{name}")
    if pooled is not None and kind.id in pooled.labels:
        centre = draws.natural[f"type_{name}"][:, pooled.labels.index(kind.id)]
    else:
        prior = source_prior(kind, name)
        assert prior is not None, kind.id  # noqa: S101 - a type always has one
        of_type = generator(draws.seed, "unheard type", kind.id, name).normal(size=number)
        centre = np.asarray(prior.from_z(of_type))
    return np.asarray(expit(logit(centre) + kind.spread * z))
