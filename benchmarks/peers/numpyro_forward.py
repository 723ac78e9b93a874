"""NumPyro: the forward algorithm over the joint states by hand, and NUTS on what it gives.

Written as an expert would: 64 bits, one ``lax.scan`` over the steps, the chances of a step computed
once outside it where steps agree, parameters as standard normals, a chain on each core. The same
forward algorithm takes one draw of the parameters or many, along the last axis.
"""

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.outcome import Outcome, Spent, Watch
from benchmarks.peers.statement import (
    CAUSES,
    EXP,
    FIXED,
    MULTIPLIES,
    POOLED,
    REQUIRES,
    TABLE,
    Statement,
    chances,
)

__all__ = ["forward", "sample"]

CHAINS, TRY, LEAPS = 2, 25, 10
FEWEST, MOST = 50, 500
OF_ITEMS = {"item_on", "item_credibility", "item_check", "item_copied"}


def sample(statement: Statement, seconds: float, seed: int) -> Outcome:
    """Return draws of the forecast by NUTS; as many as the time allows."""
    os.environ.setdefault("XLA_FLAGS", f"--xla_force_host_platform_device_count={CHAINS}")
    import jax  # noqa: PLC0415  the flag must be there before it is imported
    import numpyro  # noqa: PLC0415
    from numpyro import distributions as dist  # noqa: PLC0415
    from numpyro.infer import MCMC, NUTS  # noqa: PLC0415

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003  as JAX has it
    of_many = forward(statement)

    def evidence(z: Any) -> tuple[Any, Any]:
        return tuple(each[0] for each in of_many(z[:, None]))

    def model() -> None:
        normal = dist.Normal(0.0, 1.0).expand([statement.dimensions]).to_event(1)
        z = numpyro.sample("z", normal)
        numpyro.factor("evidence", evidence(z)[0])

    def runner(warmup: int, draws: int) -> Any:
        return MCMC(
            NUTS(model, target_accept_prob=0.8),
            num_warmup=warmup,
            num_samples=draws,
            num_chains=CHAINS,
            chain_method="parallel",
            progress_bar=False,
        )

    watch = Watch()
    gradient = jax.jit(jax.value_and_grad(lambda z: evidence(z)[0]))
    gradient(np.zeros(statement.dimensions))[0].block_until_ready()
    alone = watch.lap()  # the gradient by itself: the sampler compiles at least as much
    begin = time.process_time()
    for _ in range(TRY):
        gradient(np.zeros(statement.dimensions))[0].block_until_ready()
    pace = LEAPS * (time.process_time() - begin) / TRY
    draws = int(np.clip(seconds / pace / 4, FEWEST, MOST))  # warm-up too, and all of it twice
    mcmc = runner(draws, draws)
    watch.lap()
    mcmc.run(jax.random.PRNGKey(seed), extra_fields=("num_steps",))
    first = watch.lap()
    mcmc.run(jax.random.PRNGKey(seed + 1), extra_fields=("num_steps",))
    whole = watch.lap()  # warm-up and draws once more, with nothing to compile
    z = mcmc.get_samples(group_by_chain=True)["z"]
    leaps = np.asarray(mcmc.get_extra_fields(group_by_chain=True)["num_steps"])
    forecast = jax.jit(lambda chain: of_many(chain.T)[1])
    forecasts = np.stack([np.asarray(forecast(chain)) for chain in z])
    return Outcome.of(
        "NumPyro, forward algorithm, NUTS",
        forecasts,
        compiling=Spent(*map(max, alone, first.less(whole))),
        warming=whole.times(0.5),
        sampling=whole.times(0.5),
        note=f"{CHAINS} chains, {draws} + {draws} draws each, {leaps.mean():.1f} leaps a draw",
    )


def forward(s: Statement) -> Callable[[Any], tuple[Any, Any]]:  # noqa: PLR0915  one closure
    """Return the log likelihood and the forecast, each (draw,), of normals, (number, draw)."""
    import jax.numpy as jnp  # noqa: PLC0415
    from jax import lax  # noqa: PLC0415

    n = int(s.live)
    states = np.arange(2**n)
    bits = (states[None, :] >> np.arange(n)[:, None]) & 1  # (live, state)
    columns = np.concatenate([s.step[None], s.weight])
    kinds, which = np.unique(columns, axis=1, return_inverse=True)  # steps that agree
    s = s._replace(  # numbers of items are (item, draw)
        **{name: getattr(s, name)[:, None] for name in s._fields if name in OF_ITEMS}
    )
    inside = (s.known[:, :, None] < 0) | (s.known[:, :, None] == bits[:, None, :])
    at = (s.known_at[:, :, None] < 0) | (s.known_at[:, :, None] == bits[:, None, :])
    allowed, allowed_at = inside.all(axis=0), at.all(axis=0)  # (step, state)

    def rates(value: Any, event: int) -> Any:
        rate = value[s.base[event]] * jnp.ones((2**n, 1))
        if s.over[event] > 0:
            rate = s.over[event] / rate
        into = np.flatnonzero(s.link_child == event).tolist()
        for k in into:
            if s.link_kind[k] == CAUSES:
                rate = rate + value[s.link_effect[k]] * on(k)
        for k in into:
            if s.link_kind[k] == MULTIPLIES:
                rate = rate * jnp.where(on(k), value[s.link_effect[k]], 1.0)
            elif s.link_kind[k] != CAUSES:
                rate = rate * (on(k) == (s.link_kind[k] == REQUIRES))
        return rate

    def on(link: int) -> np.ndarray:
        parent = s.link_parent[link]
        known = np.full(2**n, parent == -1) if parent < 0 else bits[parent] == 1
        return known[:, None]

    def items(value: Any) -> Any:
        weights = jnp.ones((len(s.step) + 1, 2**n, value.shape[1]))
        off, said_on = chances(s, value)
        for k in range(len(s.item_step)):
            here = jnp.where(bits[s.item_event[k]][:, None] == 1, said_on[k], off[k])
            weights = weights.at[s.item_step[k]].multiply(here)
        return weights * allowed_at[:, :, None]

    def half(p: Any, move: Any, order: range) -> Any:
        for event in order:
            cube = p.reshape(2 ** (n - 1 - event), 2, 2**event, -1)
            flow = cube[:, 0] * move[event].reshape(cube[:, 0].shape)
            p = jnp.stack([cube[:, 0] - flow, cube[:, 1] + flow], axis=1).reshape(p.shape)
        return p

    def run(z: Any) -> tuple[Any, Any]:
        value = natural(s, z)
        each = jnp.stack([rates(value, e) for e in range(len(s.base))])  # (event, state, draw)
        lengths, weights = kinds[0], kinds[1:]  # (kind,), (event, kind)
        half_step = (weights.T * lengths[:, None] / 2)[:, :, None, None] * each[None]
        off = np.stack([np.flatnonzero(each == 0) for each in bits])  # (live, state without it)
        move = -jnp.expm1(-half_step[:, np.arange(n)[:, None], off])  # (kind, live, state, draw)
        unseen = jnp.exp(-half_step[:, n:].sum(axis=1))  # (kind, state, draw)
        factors = items(value)

        def step(carry: tuple[Any, Any], now: tuple[Any, ...]) -> tuple[tuple[Any, Any], None]:
            p, total = carry
            kind, factor, mask = now
            p = p * factor
            mass = p.sum(axis=0)
            p = half(p / mass * unseen[kind], move[kind], range(n))
            p = half(p, move[kind], range(n - 1, -1, -1)) * unseen[kind] * mask[:, None]
            return (p, total + jnp.log(mass)), None

        draws = z.shape[1]
        start = jnp.zeros((2**n, draws)).at[0].set(1.0), jnp.zeros(draws)
        (p, total), _ = lax.scan(step, start, (which, factors[:-1], allowed))
        p = p * factors[-1]
        mass = p.sum(axis=0)
        on_by_then = (p * bits[int(s.asked)][:, None]).sum(axis=0)
        return total + jnp.log(mass), on_by_then / mass

    return run


def natural(s: Statement, z: Any) -> Any:
    """Return the natural values, (value, draw), at standard normals, (number, draw)."""
    import jax  # noqa: PLC0415
    import jax.numpy as jnp  # noqa: PLC0415

    form, centre, spread = (each[:, None] for each in (s.form, s.centre, s.spread))
    full = jnp.where(s.normal[:, None] < 0, 0.0, z[np.maximum(s.normal, 0)])
    line = centre + spread * full
    line = jnp.where(form == POOLED, line[np.maximum(s.around, 0)] + spread * full, line)
    value = jnp.where(form == EXP, jnp.exp(line), jax.nn.sigmoid(line))
    for k in np.flatnonzero(s.form == TABLE):
        value = value.at[k].set(jnp.exp(jnp.interp(full[k], s.node, s.table[s.around[k]])))
    return jnp.where(form == FIXED, centre, value)
