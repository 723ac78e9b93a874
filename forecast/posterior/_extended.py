"""A posterior from the draws of a PyMC model that a user extended."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.engine._likelihood import log_likelihoods
from forecast.errors import InputError
from forecast.estimate._result import Fit, Settings, effective, uncertain
from forecast.evidence import Clock, Evidence
from forecast.gate import Gate, chains_gate, nuts_gate, worst
from forecast.model._coords import ITEM, RECORD
from forecast.model._factors import by_item, row_places
from forecast.model._lower import Lowered, lower
from forecast.network import Network
from forecast.posterior._posterior import Posterior
from forecast.posterior._update import REFERENCE_DRAWS, prior
from forecast.time import Day

if TYPE_CHECKING:
    import xarray as xr

type Floats = NDArray[np.float64]

FEWEST_DRAWS = 64
"""Of settings, which want a power of two; what is estimated anew by the way has as many."""


def posterior_from(
    idata: "xr.DataTree",
    network: Network,
    evidence: Evidence,
    *,
    as_of: Day,
    known: Clock = "published",
    seed: int = 1,
) -> Posterior:
    """Return what draws of an extended model say of the events.

    `forecast.build_model` gives the PyMC model of a network and its evidence. Whoever adds to it
    (a potential, more data) samples it, and gets draws of the network's numbers; this asks those
    draws what any posterior can be asked. They weigh equally.

    The gate is that of NUTS: R-hat and effective sizes from the chains, divergences and energy
    where `sample_stats` has them.

    Notes
    -----
    Given its numbers, a network's events are taken to depend on `evidence` alone. What was added to
    the model may bear on the numbers, and not on the events themselves. `explain` takes the added
    knowledge for a part of the prior; where leaving an item out moves the numbers so far that they
    have to be estimated anew, that is done without it.

    Parameters
    ----------
    idata
        The draws: a tree with the group ``posterior``, in which every uncertain number stands under
        its own name (``base_rate``, ``hit_rate`` …) with its labels.
    network, evidence, as_of, known
        What the model was built of: see `forecast.update`.
    seed
        Of what is still random: courses of events where the exact filter does not reach.

    Raises
    ------
    InputError
        If the draws lack a number of this network, or their model observed other items than this
        evidence has; if they are not finite; or if the exact filter, which the model stands on,
        does not reach. That a network of the same names states other priors, or that the cut-off
        was another one, does not show in draws.

    Examples
    --------
    >>> import forecast as fc
    >>> import pymc as pm
    >>> pact = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> evidence, as_of = fc.Evidence([]), "2024-07-01"
    >>> with fc.build_model(network, evidence, as_of=as_of) as model:
    ...     _ = pm.Poisson("elsewhere", mu=40 * model["base_rate"][0], observed=4)
    ...     idata = pm.sample(
    ...         400, tune=400, chains=2, cores=1, random_seed=1, progressbar=False, quiet=True
    ...     )
    >>> post = fc.posterior_from(idata, network, evidence, as_of=as_of)
    >>> 0.03 < post.probability("pact", by="2024-12-31").mean < 0.09
    True
    """
    lowered = lower(network, evidence, as_of, known)
    plans = lowered.plans()
    values = _values(lowered, idata)
    _require_items(lowered, idata)
    shape = next(iter(values.values())).shape[:2]
    flat = {name: value.reshape(-1, value.shape[-1]) for name, value in values.items()}
    items = by_item(lowered.evidence, log_likelihoods(plans, lowered.theta(flat)))
    gate, ess = _judge(lowered, values, idata)
    number = shape[0] * shape[1]
    draws = max(FEWEST_DRAWS, 1 << (number.bit_length() - 1))
    fitted = Fit(
        lowered=lowered,
        settings=Settings(draws=draws, seed=seed),
        method="extended",
        values=values,
        log_likelihood=items.reshape(*shape, -1),
        gate=gate,
        ess=ess,
        note="draws of a model that was extended",
    )
    return Posterior(fitted, prior(network, draws=min(draws, REFERENCE_DRAWS), seed=seed))


def _values(lowered: Lowered, idata: Any) -> dict[str, Floats]:
    """Return natural values by group, shape (chain, draw, label)."""
    table = lowered.table
    groups = getattr(idata, "children", idata)
    if "posterior" not in groups:
        raise _foreign("there is no group 'posterior'")
    posterior = idata["posterior"]
    shape = (posterior.sizes.get("chain", 0), posterior.sizes.get("draw", 0))
    if not all(shape):
        raise _foreign("there is no dimension 'chain' and 'draw' with draws along it")
    drawn = {}
    for name, labels in table.uncertain_labels().items():
        if name not in posterior:
            raise _foreign(f"'{name}' is not among them")
        variable = posterior[name].transpose("chain", "draw", ...)
        own = [str(label) for label in variable[variable.dims[-1]].to_numpy()]
        if variable.ndim != 3 or set(labels) - set(own):  # noqa: PLR2004 - chain, draw, label
            missing = ", ".join(f"'{label}'" for label in labels if label not in own)
            raise _foreign(f"'{name}' lacks {missing or 'its labels'}")
        drawn[name] = np.asarray(variable, dtype=np.float64)[..., [own.index(x) for x in labels]]
        if not np.isfinite(drawn[name]).all():
            raise _foreign(f"'{name}' is not finite throughout")
    if not drawn:
        raise InputError("the network has no uncertain number: use forecast.update")
    return table.filled(drawn, shape)


def _require_items(lowered: Lowered, idata: Any) -> None:
    """Refuse draws of a model that observed other items, where the tree says which."""
    groups = getattr(idata, "children", idata)
    observed = idata["observed_data"] if "observed_data" in groups else {}
    if "evidence" not in observed or ITEM not in observed["evidence"].coords:
        return
    theirs = {str(name) for name in observed["evidence"][ITEM].to_numpy()} - {RECORD}
    ours = {*row_places(lowered.evidence)}
    more, less = (
        ", ".join(f"'{name}'" for name in sorted(names)) for names in (theirs - ours, ours - theirs)
    )
    if more or less:
        told = [f"observed {more}" if more else "", f"did not observe {less}" if less else ""]
        raise _foreign(f"their model {' and '.join(filter(None, told))}")


def _foreign(why: str) -> InputError:
    return InputError(
        f"these draws are not those of a model of this network and this evidence: {why}. Give the "
        "network, the evidence and the cut-off that forecast.build_model was given, and all draws "
        "that pymc.sample returned"
    )


def _judge(lowered: Lowered, values: dict[str, Floats], idata: Any) -> tuple[Gate, float]:
    """Return the verdict on the chains, and the smallest effective size."""
    numbers = uncertain(lowered.table, values)  # (number, chain, draw)
    if numbers.shape[1] == 1:  # the halves of one chain are compared, for want of another
        half = numbers.shape[2] // 2
        numbers = numbers[..., : 2 * half].reshape(len(numbers), 2, half)
    kept = idata["sample_stats"] if "sample_stats" in getattr(idata, "children", idata) else {}
    stats = {name: np.asarray(kept[name]) for name in ("diverging", "energy") if name in kept}
    gate = nuts_gate(numbers, stats) if "diverging" in stats else chains_gate(*worst(numbers))
    return gate, effective(gate, float(numbers[0].size))
