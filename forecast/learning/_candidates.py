"""Links that a network lacks, scored by what histories say for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.errors import Fault, InputError, did_you_mean
from forecast.learning._fit import fit_process
from forecast.learning._learn import processes_of
from forecast.learning._panel import Panel, read_panel, values_of
from forecast.learning._scales import Scales
from forecast.network import Link, Network
from forecast.network._belief import RatioBelief
from forecast.network._link import default_id

if TYPE_CHECKING:
    import pandas as pd

RATIO = "x1 [0.2, 5]"
CHILDREN = ("onset", "state", "repeated")
LEVEL = 0.9


@dataclass(frozen=True)
class _Model:
    """How the network with or without a link is fitted."""

    panel: Panel
    scales: Scales | None
    drift: Any
    draws: int
    seed: int

    def fit(self, network: Network, child: str) -> tuple[float, float, Any]:
        """Return the log evidence of a child's process, the error of that, and what was fitted."""
        processes = processes_of(
            network, self.panel, scales=self.scales, drift=self.drift, only={child}
        )
        process = next(each for each in processes if each.role == "on")
        fitted = fit_process(process, draws=self.draws, seed=self.seed)
        return fitted.log_evidence, fitted.error, fitted


def candidate_links(  # noqa: PLR0913 - one keyword a choice of the model, as of `learn`
    network: Network,
    histories: "pd.DataFrame",
    units: "pd.DataFrame",
    *,
    pairs: Sequence[tuple[str, str]] | None = None,
    hazard_ratio: str = RATIO,
    inclusion: float = 0.1,
    covariates: Sequence[str] = (),
    group: str | None = None,
    drift: "str | Sequence[Any] | None" = None,
    unit: str = "1 year",
    scales: Scales | None = None,
    draws: int = 2000,
    seed: int = 1,
) -> "pd.DataFrame":
    """Return how far histories speak for links that a network lacks; none is adopted.

    Each pair is asked alone, beside the links that are stated: is the rate of the child a different
    one while the parent is on? With p₀ the evidence of the histories for the network as it is, and
    p₁ for it with a link of kind ``multiplies`` whose ratio has the prior `hazard_ratio`, the Bayes
    factor is B = p₁/p₀, and with π the inclusion probability that was stated beforehand, that the
    link is there has the probability π B / (1 - π + π B).

    Notes
    -----
    Limits: links are asked one by one, so that of two parents that come together both are for it;
    what makes parent and child both likely (a covariate that is missing, a drift) looks like a
    link. Children are onsets, states and repeated events.

    Parameters
    ----------
    network
        What is stated.
    histories, units, covariates, group, drift, unit, scales, draws, seed
        As `learn` takes them.
    pairs
        Parents and children; all that are not linked yet, unless given.
    hazard_ratio
        The prior of the ratio of each link, as a network file states it.
    inclusion
        The probability of each link beforehand.

    Returns
    -------
    DataFrame
        One row a pair, the likeliest first: ``parent``, ``child``, ``bayes factor``, ``error`` (of
        its logarithm, Monte Carlo), ``inclusion``, and the ``ratio`` if the link is there with its
        90% interval, ``lower`` and ``upper``.

    Raises
    ------
    InputError
        With every fault of the tables, or of the pairs.
    GateError
        If a posterior could not be drawn from.

    Examples
    --------
    >>> import pandas as pd
    >>> import forecast as fc
    >>> events = [
    ...     fc.Event(id=name, kind="repeated", rate="0.1 per year [0.01, 1]") for name in ("a", "b")
    ... ]
    >>> network = fc.Network(name="n", start="2024-01-01", horizon="2025-01-01", events=events)
    >>> units = pd.DataFrame({"unit": ["x", "y"], "start": 1990, "stop": 2009})
    >>> seen = pd.DataFrame({"unit": ["x", "x"], "event": ["a", "b"], "on": ["1991", "1999"]})
    >>> scored = fc.candidate_links(network, seen, units, pairs=[("a", "b")])
    >>> bool(0.05 < scored["inclusion"].iloc[0] < 0.3)
    True

    References
    ----------
    .. [1] Kass, R. E. & Raftery, A. E. (1995). Bayes factors. JASA 90(430), 773-795.
    """
    import pandas as pd  # noqa: PLC0415 - takes longer than the rest

    if not 0 < inclusion < 1:
        problem = "the inclusion probability of a link lies between 0 and 1"
        raise InputError(Fault(problem, "Write for example 0.1.", field="inclusion"))
    RatioBelief.parse(hazard_ratio)
    asked = _asked(network, pairs)
    panel = read_panel(network, histories, units, covariates=covariates, group=group, unit=unit)
    model = _Model(panel, scales, drift, draws, seed)
    rows = []
    for child in dict.fromkeys(child for _, child in asked):
        without, first_error, _ = model.fit(network, child)
        for parent in (one for one, other in asked if other == child):
            name = f"candidate__{default_id({'parent': parent, 'child': child})}"[:64]
            link = Link(id=name, parent=parent, child=child, kind="multiplies",
                        hazard_ratio=hazard_ratio)  # fmt: skip
            found, error, fitted = model.fit(network.edited(link={name: link}), child)
            ratio = dict(fitted.stated())["hazard_ratio", name]
            factor = float(np.exp(found - without))
            odds = factor * inclusion / (1 - inclusion)
            tails = [0.5, (1 - LEVEL) / 2, (1 + LEVEL) / 2]
            spread = float(np.hypot(error, first_error))
            rows.append(
                [parent, child, factor, spread, odds / (1 + odds), *np.quantile(ratio, tails)]
            )
    columns = ["parent", "child", "bayes factor", "error", "inclusion", "ratio", "lower", "upper"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("inclusion", ascending=False, ignore_index=True)


def _asked(network: Network, pairs: Sequence[tuple[str, str]] | None) -> Sequence[tuple[str, str]]:
    """Return the pairs to be asked, checked."""
    linked = {(link.parent, link.child) for link in network.links}
    children = [event.id for event in network.events if event.kind in CHILDREN]
    parents = [*_parents(network)]
    if pairs is None:
        every = ((one, two) for one in parents for two in children)
        return [(one, two) for one, two in every
                if one.split(".")[0] != two and (one, two) not in linked]  # fmt: skip
    faults = []
    linked_already = "Take the link out of the network to have it scored."
    for parent, child in pairs:
        if child not in children:
            near = did_you_mean(child, children)
            faults.append(
                Fault("is no onset, state or repeated event", near, "", 0, "pairs", child)
            )
        if parent not in parents:
            near = did_you_mean(parent, parents)
            faults.append(Fault("is no event that can act on others", near, "", 0, "pairs", parent))
        if (parent, child) in linked:
            both = f"{parent}, {child}"
            faults.append(Fault("are linked already", linked_already, "", 0, "pairs", both))
    if faults:
        raise InputError(faults)
    return list(pairs)


def _parents(network: Network) -> Iterable[str]:
    """Yield what can act on others: events, outcomes of decisions, values of facts."""
    for event in network.events:
        values = values_of(event)
        yield from [f"{event.id}.{name}" for name in values] if values else [event.id]
