"""The PyMC model of a network and its evidence: named parameters, and what was said as data."""

from datetime import datetime

import pymc as pm

from forecast.engine.plan import Plan
from forecast.errors import InputError
from forecast.evidence import Evidence
from forecast.model.claims import build_claims
from forecast.model.coords import ITEM, RECORD, dims_and_coords
from forecast.model.latent import PARAMETER, Z, parameter_labels
from forecast.model.lower import Lowered, lower
from forecast.model.observed import observe
from forecast.model.variables import engine_parameters, natural_values
from forecast.network import Network

__all__ = ["build_from", "build_model"]


def build_model(network: Network, evidence: Evidence, *, as_of: datetime | str) -> pm.Model:
    """Return the PyMC model of a network and the evidence seen by a date.

    Every number that people state is a named variable: ``base_rate``, ``hazard_ratio``,
    ``hit_rate`` … with dimensions ``event``, ``link``, ``source`` …, a function of standard normal
    ``z``. The evidence is an observed random variable, ``evidence``: what each item says (1 on,
    0 off; a likelihood ratio counts as a virtual claim that says on), and last whether what is
    known for sure holds: the observations, and that nothing else has happened that would be known.

    Notes
    -----
    Which items there are, when, from whom, and what was observed, is design and not data. Drawn
    evidence says what the same items would have said in another world, with 0 as its last entry
    where that world is not the one observed.

    Parameters
    ----------
    network
        Events, links, sources, and their priors.
    evidence
        The record; only what was published by `as_of` is seen.
    as_of
        The cut-off. A date means the end of that day, UTC.

    Raises
    ------
    InputError
        If the evidence does not fit the network, or observations contradict each other; or if it
        holds a silence, or reports that share a hidden origin, which this model cannot state yet
        (importance sampling takes them).

    Examples
    --------
    >>> import forecast as fc
    >>> pact = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> model = fc.build_model(network, fc.Evidence([]), as_of="2024-07-01")
    >>> sorted(model.named_vars)
    ['base_rate', 'evidence', 'z']
    """
    lowered = lower(network, evidence, as_of)
    return build_from(lowered, lowered.plans())


def build_from(lowered: Lowered, plans: tuple[Plan, ...]) -> pm.Model:
    """Return the PyMC model of a lowered network and the plans of its likelihood."""
    _refuse_unstated(lowered)
    table = lowered.table
    claims = build_claims(lowered.evidence, lowered.factors)
    dims, coords = dims_and_coords(table, {ITEM: [*claims.items, RECORD]})
    labels = parameter_labels(table)
    with pm.Model(coords={**coords, PARAMETER: labels}) as model:
        z = pm.Normal(Z, dims=PARAMETER) if labels else None
        values = natural_values(table, z, dims)
        observe(lowered, plans, claims, engine_parameters(lowered, values))
    return model


def _refuse_unstated(lowered: Lowered) -> None:
    """Refuse evidence that this model would silently get wrong."""
    silent = [item.id for item in lowered.evidence if item.kind == "silence"]
    factors = lowered.factors
    origins = [factors.factors[i].item for told in factors.hidden for i in told.members]
    if silent or origins:
        names = ", ".join(f"'{item}'" for item in [*silent, *origins])
        msg = (
            "the PyMC model, and so NUTS, takes no silence and no reports with a named origin "
            f"yet: {names}. Use method='importance', or leave these items out"
        )
        raise InputError(msg)
