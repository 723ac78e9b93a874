"""The evidence as an observed random variable: its probability, and evidence from other worlds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numba
import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pytensor.graph.basic import Constant
from pytensor.link.numba.dispatch.basic import numba_njit
from pytensor.link.numba.dispatch.random import numba_core_rv_funcify

from forecast.engine.packing import pack
from forecast.engine.plan import Plan
from forecast.engine.simulate import wiring
from forecast.engine.structure import Floats, Ints, Parameters
from forecast.errors import InputError
from forecast.model.claims import Claims, draw_claims, draw_world
from forecast.model.coords import ITEM
from forecast.model.lower import Lowered
from forecast.model.op import evidence_logp

__all__ = ["EVIDENCE", "observe"]

EVIDENCE = "evidence"
MOST_BITS = 14  # of a filter over worlds in which nothing is known for sure

type Tensor = Any


def observe(lowered: Lowered, plans: tuple[Plan, ...], claims: Claims, theta: Parameters) -> Tensor:
    """Add the evidence to the model in context.

    Its value is what each item says, then 1 if what is known for sure holds, else 0. Its
    probabilities over all such vectors sum to one.

    Parameters
    ----------
    lowered
        The network and its record.
    plans
        Of the likelihood.
    claims
        The items.
    theta
        Symbolic, with P(says on | off) and P(says on | on) in place of the factors.
    """
    evidence = pm.CustomDist(
        EVIDENCE,
        *theta,
        logp=_logp(lowered, plans, claims),
        random=_random(lowered, claims),
        signature=f"(e),(e),(e),(l),(i,s)->({len(claims.items) + 1})",
        dtype="int64",
        observed=np.append(claims.observed, 1),
        dims=ITEM,
    )
    numba_core_rv_funcify.register(type(evidence.owner.op))(_run_in_python)
    return evidence


def _logp(lowered: Lowered, plans: tuple[Plan, ...], claims: Claims) -> Callable[..., Tensor]:
    """Return the log probability of a value, given the engine's parameters."""
    packed = [pytensor.shared(array) for array in pack(plans)]

    def logp(value: Tensor, *theta: Tensor) -> Tensor:
        factors = claims.factors(value[:-1], theta[-1])
        holds = evidence_logp(*packed, *theta[:-1], factors)[0]
        if isinstance(value, Constant) and value.data[-1] == 1:
            return holds
        anything = [pytensor.shared(array) for array in pack(_plans_of_any_world(lowered))]
        either = evidence_logp(*anything, *theta[:-1], factors)[0]
        held = pt.eq(value[-1], 1)
        unread = held | pt.isinf(either)  # there, a number that does no harm
        share = pt.switch(unread, -1.0, pt.minimum(holds - either, 0.0))
        return pt.switch(held, holds, either + pt.log1mexp(share))

    return logp


def _plans_of_any_world(lowered: Lowered) -> tuple[Plan, ...]:
    """Return the plans of the items' likelihood with nothing known for sure."""
    nothing = {
        name: getattr(lowered.record, name)[:0]
        for name in ("known_event", "known_from", "known_to", "known_value")
    }
    plans = replace(lowered, record=lowered.record._replace(**nothing)).plans()
    bits = max(int(plan.bits.max()) for plan in plans)
    if bits > MOST_BITS:
        msg = (
            "the probability of evidence from a world other than the one observed needs "
            f"{bits} events of unknown state at once; the exact filter holds {MOST_BITS}. "
            "Keep 1 as the last entry of the observed evidence"
        )
        raise InputError(msg)
    return plans


def _random(lowered: Lowered, claims: Claims) -> Callable[..., Ints]:
    """Return a function that simulates a world and what the items say of it."""
    structure, record, wires = lowered.structure, lowered.record, wiring(lowered.structure)
    ranks = (1, 1, 1, 1, 2)

    def one(theta: Parameters, rng: np.random.Generator) -> Ints:
        states, holds = draw_world(structure, wires, record, theta, rng)
        said = draw_claims(claims, theta.factors, states, rng)
        return np.append(said, np.int64(holds))

    def random(
        *theta: Floats, rng: np.random.Generator, size: tuple[int, ...] | None = None
    ) -> Ints:
        batches = [field.shape[: field.ndim - r] for field, r in zip(theta, ranks, strict=True)]
        batch = np.broadcast_shapes(*batches) if size is None else tuple(size)
        fields = [
            np.broadcast_to(field, batch + field.shape[field.ndim - r :])
            for field, r in zip(theta, ranks, strict=True)
        ]
        out = np.empty((*batch, len(claims.items) + 1), dtype=np.int64)
        for at in np.ndindex(*batch):
            out[at] = one(Parameters(*(np.ascontiguousarray(f[at]) for f in fields)), rng)
        return out

    return random


def _run_in_python(op: Any, node: Any) -> tuple[Any, None]:
    """Return the compiled form of `random`: a call back to Python, and no key to cache it by.

    PyTensor does the same for any distribution that it does not know, and warns each time.
    """
    del node

    @numba_njit
    def evidence(rng, base_rate, off_rate, initial, effect, chances):  # type: ignore[no-untyped-def]  # noqa: PLR0917
        with numba.objmode(said="int64[::1]"):
            said = random(base_rate, off_rate, initial, effect, chances, rng=rng)
        return said  # noqa: RET504 - what leaves object mode has to have a name

    random = type(op)._random_fn  # noqa: SLF001
    return evidence, None
