"""The evidence as an observed random variable: its probability, and evidence from other worlds."""

from collections.abc import Callable, Sequence
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

from forecast.engine.packing import pack
from forecast.engine.plan import Plan
from forecast.engine.problem import Floats, Ints, Parameters
from forecast.engine.relevance import MOST_FILTER_BITS
from forecast.engine.simulate import wiring
from forecast.errors import InputError
from forecast.model.claims import SILENCE, Claims
from forecast.model.coords import ITEM
from forecast.model.drawn import draw_claims, draw_world
from forecast.model.lower import Lowered
from forecast.model.op import evidence_logp
from forecast.model.said import said_factors

__all__ = ["EVIDENCE", "observe"]

EVIDENCE = "evidence"
MOST_BROKEN = 6  # silences of which it is not known that they were kept

type Tensor = Any


def observe(lowered: Lowered, plans: tuple[Plan, ...], claims: Claims, theta: Parameters) -> Tensor:
    """Add the evidence to the model in context.

    Its value is what each item says, then 1 if what is known for sure holds, else 0. Its
    probabilities over all such vectors sum to one, but for broken silences: that a word ended them
    just then is design, and counts as its density per year.

    Parameters
    ----------
    lowered
        The network and its record.
    plans
        Of the likelihood.
    claims
        The items.
    theta
        Symbolic, with the rows of `engine_parameters` in place of the factors.
    """
    evidence = pm.CustomDist(
        EVIDENCE,
        *theta,
        logp=_logp(lowered, plans, claims),
        random=_random(lowered, claims),
        signature=f"(e),(e),(e),(l),(r,s)->({len(claims.items) + 1})",
        dtype="int64",
        observed=np.append(claims.observed, 1),
        dims=ITEM,
    )
    numba_core_rv_funcify.register(type(evidence.owner.op))(_run_in_python)
    return evidence


def _logp(lowered: Lowered, plans: tuple[Plan, ...], claims: Claims) -> Callable[..., Tensor]:
    """Return the log probability of a value, given the engine's parameters."""
    packed = [pytensor.shared(array) for array in pack(plans)]
    silences = np.flatnonzero(claims.form == SILENCE)

    def chance(plans: list[Tensor], value: Tensor, theta: Sequence[Tensor]) -> Tensor:
        """Return the log of the sum over which of the broken silences might have been kept."""
        broken = silences
        if isinstance(value, Constant):
            broken = broken[value.data[broken] == 0]
        logs, signs = [], []
        for kept in _subsets(broken.tolist()):
            factors = said_factors(claims, value[:-1], theta[-1], silent=kept)
            logs.append(evidence_logp(*plans, *theta[:-1], factors)[0])
            signs.append(pt.prod(value[np.array(kept)] - 1) if kept else pt.constant(1))
        return logs[0] if len(logs) == 1 else _log_sum(pt.stack(logs), pt.stack(signs))

    def logp(value: Tensor, *theta: Tensor) -> Tensor:
        holds = chance(packed, value, theta)
        if isinstance(value, Constant) and value.data[-1] == 1:
            return holds
        anything = [pytensor.shared(array) for array in pack(_plans_of_any_world(lowered))]
        either = chance(anything, value, theta)
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


def _plans_of_any_world(lowered: Lowered) -> tuple[Plan, ...]:
    """Return the plans of the items' likelihood with nothing known for sure."""
    settled = [f.item for f in lowered.factors.factors if f.share is not None]
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
    plans = replace(lowered, record=lowered.record._replace(**nothing)).plans()
    bits = max(int(plan.bits.max()) for plan in plans)
    if bits > MOST_FILTER_BITS:
        msg = (
            "the probability of evidence from a world other than the one observed needs "
            f"{bits} events of unknown state at once; the exact filter holds {MOST_FILTER_BITS}. "
            "Keep 1 as the last entry of the observed evidence"
        )
        raise InputError(msg)
    return plans


def _random(lowered: Lowered, claims: Claims) -> Callable[..., Ints]:
    """Return a function that simulates a world and what the items say of it."""
    wires = wiring(lowered.structure)
    ranks = (1, 1, 1, 1, 2)

    def one(theta: Parameters, rng: np.random.Generator) -> Ints:
        shares, holds = draw_world(lowered, wires, claims, theta, rng)
        said = draw_claims(claims, theta.factors, shares, rng)
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
