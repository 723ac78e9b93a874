"""The PyMC model of a network and its evidence: named parameters, and what was said as data.

`z`, standard normals, is what is sampled. The stated numbers are named functions of it, and the
evidence is an observed random variable given them; both are Ops over the engine.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numba
import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pytensor.graph.basic import Constant
from pytensor.link.numba.dispatch.basic import numba_njit
from pytensor.link.numba.dispatch.random import numba_core_rv_funcify

from forecast.engine._channels import SILENCE
from forecast.engine._components import AnyPlan
from forecast.engine._flat_map import packed
from forecast.engine._likelihood import has_slopes, over_time
from forecast.engine._packing import pack
from forecast.engine._problem import Floats, Ints
from forecast.engine._reach import MOST_FILTER_BITS
from forecast.errors import InputError
from forecast.evidence import Evidence
from forecast.model._coords import ITEM, RECORD, dims_and_coords
from forecast.model._drawn import Drawn
from forecast.model._factors import row_places
from forecast.model._lower import Lowered, lower
from forecast.model._op import evidence_logp, natural_values
from forecast.model._parameters import PARAMETER, Z
from forecast.network import Network
from forecast.time import Day

EVIDENCE = "evidence"
MOST_BROKEN = 6  # silences of which it is not known that they were kept

type Tensor = Any


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


def build_from(lowered: Lowered, plans: tuple[AnyPlan, ...]) -> pm.Model:
    """Return the PyMC model of a lowered network and the plans of its likelihood."""
    if not has_slopes(plans):
        plans = lowered.plans(eliminate=False)  # by the filter, which has slopes
    table = lowered.table
    places, labels = row_places(lowered.evidence), table.names()
    names, said = list(places), [lowered.factors[rows[-1]].said for rows in places.values()]
    dims, coords = dims_and_coords(table, {ITEM: [*names, RECORD]}, table.uncertain_labels())
    with pm.Model(coords={**coords, PARAMETER: labels}) as model:
        values = _named_values(lowered, pm.Normal(Z, dims=PARAMETER) if labels else None, dims)
        evidence = pm.CustomDist(
            EVIDENCE,
            values,
            logp=_logp(lowered, plans),
            random=_random(lowered),
            signature=f"(v)->({len(names) + 1})",
            dtype="int64",
            observed=np.array([*said, 1], dtype=np.int64),
            dims=ITEM,
        )
        numba_core_rv_funcify.register(type(evidence.owner.op))(_run_in_python)
    return model


def _named_values(lowered: Lowered, z: Tensor, dims: dict[str, str]) -> Tensor:
    """Return the stated numbers, (value,); what is uncertain of each group is a named variable.

    What comes after depends on the named variables, so that these can be set by `pm.do`.
    """
    table = lowered.table
    middle = table.from_z(np.zeros((1, table.dimensions)))
    values = pt.as_tensor(table.flat(middle)[0])
    if z is None:
        return values
    found = natural_values(*map(pytensor.shared, packed(table.channels)), z)
    places = table.named(np.arange(len(table.places)))
    for name, at in table.varying().items():
        if len(at):
            first, last = int(places[name][at[0]]), int(places[name][at[-1]]) + 1
            where = slice(first, last) if last - first == len(at) else places[name][at]
            values = values[where].set(pm.Deterministic(name, found[where], dims=dims[name]))
    return values


def _logp(lowered: Lowered, plans: tuple[AnyPlan, ...]) -> Callable[..., Tensor]:
    """Return the log probability of a value, given the stated numbers.

    The value is what each item says, then 1 if what is known for sure holds, else 0. Probabilities
    over all such vectors sum to one, but for silences that a word broke: that it came just then is
    design, and counts as its density per year.
    """
    size = np.array(lowered.size, dtype=np.int64)
    design = [pytensor.shared(array) for array in (*packed(lowered.channels), size)]
    rows = list(row_places(lowered.evidence).values())
    of_row = np.repeat(np.arange(len(rows)), [len(own) for own in rows])  # whose each row is
    form = lowered.channels.item_form
    silences = np.array([i for i, own in enumerate(rows) if form[own[-1]] == SILENCE], dtype=int)

    def chance(plans: tuple[AnyPlan, ...], value: Tensor, values: Tensor) -> Tensor:
        """Return the log of the sum over which of the broken silences might have been kept."""
        given = [*(pytensor.shared(array) for array in pack(over_time(plans))), *design]
        broken = silences
        if isinstance(value, Constant):
            broken = broken[value.data[broken] == 0]
        logs, signs = [], []
        for kept in _subsets(broken.tolist()):
            said = value[:-1]
            said = said[np.array(kept)].set(1) if kept else said
            said = said if len(of_row) == len(rows) else said[of_row]
            logs.append(evidence_logp(*given, said, values)[0])
            signs.append(pt.prod(value[np.array(kept)] - 1) if kept else pt.constant(1))
        return logs[0] if len(logs) == 1 else _log_sum(pt.stack(logs), pt.stack(signs))

    def logp(value: Tensor, values: Tensor) -> Tensor:
        holds = chance(plans, value, values)
        if isinstance(value, Constant) and value.data[-1] == 1:
            return holds
        either = chance(_plans_of_any_world(lowered), value, values)
        held = pt.eq(value[-1], 1)
        unread = held | pt.isinf(either)  # there, a number that does no harm
        share = pt.switch(unread, -1.0, pt.minimum(holds - either, 0.0))
        return pt.switch(held, holds, either + pt.log1mexp(share))

    return logp


def _subsets(places: list[int]) -> list[tuple[int, ...]]:
    """Return every choice among the silences that may have been broken.

    P(broken) is P(kept or broken) less P(kept), and the filter gives both: with n of them, over
    the 2^n choices of those that are taken for kept, with alternating signs.
    """
    if len(places) > MOST_BROKEN:
        msg = (
            f"the probability of {len(places)} silences broken needs 2^{len(places)} passes of the "
            f"filter; {MOST_BROKEN} are the most. Keep 1 in the observed evidence of silences"
        )
        raise InputError(msg)
    return [chosen for n in range(len(places) + 1) for chosen in combinations(places, n)]


def _log_sum(logs: Tensor, signs: Tensor) -> Tensor:
    """Return the logarithm of a sum that is not negative, but for rounding."""
    largest = pt.max(logs)
    least = pt.where(pt.isinf(largest), 0.0, largest)
    total = (signs * pt.exp(logs - least)).sum()
    return least + pt.log(pt.maximum(total, 0.0))


def _plans_of_any_world(lowered: Lowered) -> tuple[AnyPlan, ...]:
    """Return the plans of the items' likelihood with nothing known for sure."""
    settled = [f.item for f in lowered.factors if f.share is not None]
    if settled:
        names = ", ".join(f"'{name}'" for name in settled)
        msg = (
            "the probability of evidence from a world other than the one observed is beyond the "
            f"exact filter where it has counts ({names}). Keep 1 as the last entry of the observed "
            "evidence"
        )
        raise InputError(msg)
    nothing = {
        name: getattr(lowered.record, name)[:0]
        for name in ("known_event", "known_from", "known_to", "known_value")
    }
    nothing |= dict.fromkeys(("held_event", "held_from", "held_to", "held_turns"))
    blind = replace(lowered, record=lowered.record._replace(**nothing))
    plans = over_time(blind.plans(eliminate=False))
    bits = max(int(plan.bits.max()) for plan in plans)
    if bits > MOST_FILTER_BITS:
        msg = (
            "the probability of evidence from a world other than the one observed needs "
            f"{bits} events of unknown state at once; the exact filter holds {MOST_FILTER_BITS}. "
            "Keep 1 as the last entry of the observed evidence"
        )
        raise InputError(msg)
    return plans


def _random(lowered: Lowered) -> Callable[..., Ints]:
    """Return a function that simulates a world and what the items say of it."""
    drawn = Drawn(lowered)

    def random(
        values: Floats, rng: np.random.Generator, size: tuple[int, ...] | None = None
    ) -> Ints:
        batch = values.shape[:-1] if size is None else tuple(size)
        rows = np.broadcast_to(values, (*batch, values.shape[-1]))
        out = np.empty((*batch, len(row_places(lowered.evidence)) + 1), dtype=np.int64)
        for at in np.ndindex(*batch):
            out[at] = drawn.one(np.ascontiguousarray(rows[at]), rng)
        return out

    return random


def _run_in_python(op: Any, node: Any) -> tuple[Any, None]:
    """Return the compiled form of `random`: a call back to Python, and no key to cache it by.

    PyTensor does the same for any distribution that it does not know, and warns each time.
    """
    del node

    @numba_njit
    def evidence(rng, values):  # type: ignore[no-untyped-def]
        with numba.objmode(said="int64[::1]"):
            said = random(values, rng=rng)
        return said  # noqa: RET504 - what leaves object mode has to have a name

    random = type(op)._random_fn  # noqa: SLF001
    return evidence, None
