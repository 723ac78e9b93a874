"""The PyMC model of a network and its evidence: named parameters, and what was said as data."""

import pymc as pm

from forecast.engine.plan import Plan
from forecast.evidence import Evidence
from forecast.model.claims import build_claims
from forecast.model.coords import ITEM, RECORD, dims_and_coords
from forecast.model.latent import PARAMETER, Z, parameter_labels
from forecast.model.lower import Lowered, lower
from forecast.model.observed import observe
from forecast.model.variables import engine_parameters, natural_values
from forecast.network import Network
from forecast.time import Day

__all__ = ["build_from", "build_model"]


def build_model(network: Network, evidence: Evidence, *, as_of: Day) -> pm.Model:
    """Return the PyMC model of a network and the evidence seen by a date.

    Every number that people state as uncertain is part of a named variable: ``base_rate``,
    ``hazard_ratio``, ``hit_rate`` … with dimensions ``event``, ``link``, ``source`` …, a function
    of standard normal ``z``. A number without a range is a constant, and no variable. The evidence
    is an observed random variable, ``evidence``: what each item says (1 on, 0 off; a likelihood
    ratio counts as a virtual claim that says on; 1 for a silence, 0 if it had been broken; of a
    count the number), and last whether what is known for sure holds: the observations, and that
    nothing else has happened that would be known. What hidden origins said is summed out.

    Notes
    -----
    Which items there are, when, from whom, and what was observed, is design and not data. Drawn
    evidence says what the same items would have said in another world, with 0 as its last entry
    where that world is not the one observed. A silence that a word ended counts with the density
    of that word per year.

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
        holds a count over a time in which its event's state is not known for sure, which only
        ``fc.update(..., method="paths")`` takes.

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
    table = lowered.table
    claims = build_claims(lowered)
    uncertain = table.uncertain_labels()
    dims, coords = dims_and_coords(table, {ITEM: [*claims.items, RECORD]}, uncertain)
    labels = parameter_labels(table)
    with pm.Model(coords={**coords, PARAMETER: labels}) as model:
        z = pm.Normal(Z, dims=PARAMETER) if labels else None
        values = natural_values(table, z, dims)
        observe(lowered, plans, claims, engine_parameters(lowered, values))
    return model
