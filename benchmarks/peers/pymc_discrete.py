"""PyMC as it comes: the step of each onset a categorical variable, in compound steps with NUTS.

Written as an expert would: parameters as standard normals, all rates of all steps by two matrix
products, latent steps up to the last evidence alone; the future is simulated afterwards, and the
chance of the event asked about taken given the others' futures. Time is discrete here: an influence
begins a step after its cause, which biases the answer by the order of a step.
"""

from typing import Any

import numpy as np

from benchmarks.peers.outcome import Outcome, Watch
from benchmarks.peers.statement import (
    CAUSES,
    EXP,
    FIXED,
    MULTIPLIES,
    POOLED,
    PREVENTS,
    REQUIRES,
    TABLE,
    Statement,
    chances,
)

__all__ = ["allowed", "sample", "sample_as_assigned"]

CHAINS, TRY, MOST = 2, 60, 100_000
LONGER = 5
"""How much longer the steps as assigned run: their chains forget so slowly."""


def sample(s: Statement, seconds: float, seed: int) -> Outcome:
    """Return draws by steps chosen with care: Liu's Metropolised Gibbs, and no latent future."""
    last = int(s.item_step.max())
    return _sample(s, seconds, seed, last, "proportional")


def sample_as_assigned(s: Statement, seconds: float, seed: int) -> Outcome:
    """Return draws as a first attempt has it: PyMC's own choice of steps, all time latent.

    The forecast is then the share of draws in which the event falls before the deadline.
    """
    return _sample(s, LONGER * seconds, seed, len(s.step), "uniform")


def _sample(s: Statement, seconds: float, seed: int, last: int, proposal: str) -> Outcome:
    import pymc as pm  # noqa: PLC0415

    watch = Watch()
    with _model(s, last) as model:
        gibbs = pm.CategoricalGibbsMetropolis([model["onset"]], proposal=proposal)
        step = [pm.NUTS([model["z"]]), gibbs]

        def run(tune: int, draws: int) -> Any:
            return pm.sample(
                draws,
                tune=tune,
                step=step,
                chains=CHAINS,
                cores=CHAINS,
                random_seed=seed,
                progressbar=False,
                compute_convergence_checks=False,
            )

        run(TRY, TRY)
        first = watch.lap()
        run(TRY, 9 * TRY)
        trial = watch.lap()
        pace = trial.wall / (10 * TRY)  # of all chains at once, starting them included
        compiling = first.less(trial.times(0.2))
        tune = int(np.clip(seconds / 3 / pace, 200, 500))  # as many as NumPyro has
        draws = int(np.clip((seconds - tune * pace) / pace, 500, MOST))
        found = run(tune, draws)["posterior"]
        whole = watch.lap()
    z, onset = found["z"].to_numpy(), found["onset"].to_numpy()
    forecasts = futures(s, z, onset, last, np.random.default_rng(seed))
    name = "Metropolised Gibbs" if proposal == "proportional" else "steps as assigned"
    return Outcome.of(
        f"PyMC, discrete onsets, {name}",
        forecasts,
        compiling=compiling,
        warming=whole.times(tune / (tune + draws)),
        sampling=whole.times(draws / (tune + draws)),
        note=f"{CHAINS} chains, {tune} + {draws} draws each",
    )


def allowed(s: Statement, last: int) -> np.ndarray:
    """Return which steps each onset may fall into, (live, last + 1); the last is none of them."""
    n = int(s.live)
    possible = np.ones((n, last + 1), dtype=bool)
    for i in range(n):
        for k in range(last + 1):
            on = np.arange(last) > k  # throughout these steps
            off = np.arange(last) < k
            known = s.known[i, :last]
            at = s.known_at[i, : last + 1]
            begun = np.arange(last + 1) > k
            possible[i, k] = not (
                (known[on] == 0).any()
                or (known[off] == 1).any()
                or (k < last and known[k] >= 0)
                or (at[begun] == 0).any()
                or (at[~begun] == 1).any()
            )
    return possible


def _model(s: Statement, last: int) -> Any:
    import pymc as pm  # noqa: PLC0415
    import pytensor.tensor as pt  # noqa: PLC0415

    n, steps = int(s.live), np.arange(last)
    possible = allowed(s, last)
    first = np.array([np.flatnonzero(row)[-1] for row in possible])
    hours = s.weight[:, :last] * s.step[:last]  # (event, step) weighted lengths
    with pm.Model() as model:
        z = pm.Normal("z", 0.0, 1.0, shape=s.dimensions)
        shares = np.full(last + 1, 1 / (last + 1))
        onset = pm.Categorical("onset", p=shares, shape=n, initval=first)
        value = _natural(s, z)
        x = pt.lt(onset[:, None], steps[None, :]).astype("float64")  # (live, step)
        exposure = _rates(s, value, x) * hours
        before = pt.le(steps[None, :], onset[:, None] - 1)
        survived = -(exposure[:n] * before).sum() - exposure[n:].sum()
        jump = exposure[pt.arange(n), pt.minimum(onset, last - 1)]
        jumped = pt.switch(pt.lt(onset, last), pt.log1mexp(-pt.maximum(jump, 1e-300)), 0.0).sum()
        ruled_out = np.where(possible, 0.0, -np.inf)[np.arange(n), :]
        off, on = chances(s, value)
        says = pt.lt(onset[s.item_event], s.item_step)
        pm.Potential("known", pt.as_tensor(ruled_out)[pt.arange(n), onset].sum())
        pm.Potential("paths", survived + jumped)
        pm.Potential("items", pt.log(pt.switch(says, on, off)).sum())
    return model


def _rates(s: Statement, value: Any, x: Any) -> Any:
    """Return the rate of every event in every step, (event, step)."""
    import pytensor.tensor as pt  # noqa: PLC0415

    n, events = int(s.live), len(s.base)
    base = value[s.base]
    over = np.where(s.over > 0, s.over, 1.0)
    base = pt.switch(s.over > 0, over / base, base)
    extra, ratio = pt.zeros((events, n)), pt.zeros((events, n))
    always_extra, always_ratio = pt.zeros(events), pt.zeros(events)
    gate: Any = 1.0
    for k in range(len(s.link_kind)):
        child, parent, kind = int(s.link_child[k]), int(s.link_parent[k]), int(s.link_kind[k])
        if kind == CAUSES:
            effect = value[int(s.link_effect[k])]
            if parent >= 0:
                extra = pt.set_subtensor(extra[child, parent], effect)
            elif parent == -1:
                always_extra = pt.inc_subtensor(always_extra[child], effect)
        elif kind == MULTIPLIES:
            effect = pt.log(value[int(s.link_effect[k])])
            if parent >= 0:
                ratio = pt.set_subtensor(ratio[child, parent], effect)
            elif parent == -1:
                always_ratio = pt.inc_subtensor(always_ratio[child], effect)
        else:
            row = np.zeros((events, 1))
            row[child] = 1.0
            on = x[parent] if parent >= 0 else pt.as_tensor(float(parent == -1))
            is_open = on if kind == REQUIRES else 1.0 - on
            assert kind in (REQUIRES, PREVENTS)
            gate = gate * (1.0 - row * (1.0 - is_open))
    total = (base + always_extra)[:, None] + extra @ x
    return total * pt.exp(always_ratio[:, None] + ratio @ x) * gate


def _natural(s: Statement, z: Any) -> Any:
    """Return the natural values at standard normals."""
    import pytensor.tensor as pt  # noqa: PLC0415

    full = pt.switch(s.normal < 0, 0.0, z[np.maximum(s.normal, 0)])
    line = s.centre + s.spread * full
    line = pt.switch(s.form == POOLED, line[np.maximum(s.around, 0)] + s.spread * full, line)
    value = pt.switch(s.form == EXP, pt.exp(pt.minimum(line, 50.0)), pt.sigmoid(line))
    for k in np.flatnonzero(s.form == TABLE):
        row, width = s.table[s.around[k]], s.node[1] - s.node[0]
        place = pt.clip((full[k] - s.node[0]) / width, 0.0, len(s.node) - 1.001)
        low = pt.cast(pt.floor(place), "int64")
        table = pt.as_tensor(row)
        line_k = table[low] + (place - low) * (table[low + 1] - table[low])
        value = pt.set_subtensor(value[int(k)], pt.exp(line_k))
    return pt.switch(s.form == FIXED, s.centre, value)


def futures(
    s: Statement, z: np.ndarray, onset: np.ndarray, last: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the chance of the event asked about, given the others' simulated futures."""
    draws = z.reshape(-1, z.shape[-1])
    value = values_at(s, draws)
    x = onset.reshape(len(draws), -1) < last  # (draw, live)
    asked, n = int(s.asked), int(s.live)
    already, stays = x[:, asked].copy(), np.zeros(len(draws))
    for k in range(last, len(s.step)):
        exposure = numeric_rates(s, value, x)[:, :n] * s.weight[:n, k] * s.step[k]
        stays -= exposure[:, asked]
        jump = rng.random(x.shape) < -np.expm1(-exposure)
        jump[:, asked] = False  # summed over, not simulated: what it would set off comes too late
        x = x | jump
    chance = np.where(already, 1.0, -np.expm1(stays))
    return np.asarray(chance.reshape(onset.shape[:2]))


def values_at(s: Statement, z: np.ndarray) -> np.ndarray:
    full = np.where(s.normal < 0, 0.0, z[:, np.maximum(s.normal, 0)])
    line = s.centre + s.spread * full
    line = np.where(s.form == POOLED, line[:, np.maximum(s.around, 0)] + s.spread * full, line)
    value = np.where(s.form == EXP, np.exp(np.minimum(line, 50.0)), 1 / (1 + np.exp(-line)))
    for k in np.flatnonzero(s.form == TABLE):
        value[:, k] = np.exp(np.interp(full[:, k], s.node, s.table[s.around[k]]))
    return np.asarray(np.where(s.form == FIXED, s.centre, value))


def numeric_rates(s: Statement, value: np.ndarray, x: np.ndarray) -> np.ndarray:
    rate = value[:, s.base]
    rate = np.where(s.over > 0, np.where(s.over > 0, s.over, 1.0) / rate, rate)
    for kinds in ((CAUSES,), (MULTIPLIES, REQUIRES, PREVENTS)):
        for k in np.flatnonzero(np.isin(s.link_kind, kinds)):
            parent, child = int(s.link_parent[k]), int(s.link_child[k])
            on = x[:, parent] if parent >= 0 else np.full(len(x), parent == -1)
            if s.link_kind[k] == CAUSES:
                rate[:, child] += value[:, s.link_effect[k]] * on
            elif s.link_kind[k] == MULTIPLIES:
                rate[:, child] *= np.where(on, value[:, s.link_effect[k]], 1.0)
            else:
                rate[:, child] *= on == (s.link_kind[k] == REQUIRES)
    return rate
