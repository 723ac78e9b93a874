"""The dense matrix exponential: the generator over all joint states, one ``expm`` an interval.

At fixed parameters: it has no sampler of its own. Its seconds to 400 effective draws are those of
its likelihoods in the place of the filter's in importance sampling, as many as that took.
"""

import time

import numpy as np
from scipy.linalg import expm

from benchmarks.peers.pymc_discrete import numeric_rates, values_at
from benchmarks.peers.statement import Statement

__all__ = ["likelihood", "timed"]


def likelihood(s: Statement, z: np.ndarray) -> tuple[float, float]:
    """Return the log likelihood and the forecast at standard normals."""
    n = int(s.live)
    states = np.arange(2**n)
    bits = ((states[:, None] >> np.arange(n)) & 1).astype(bool)  # (state, live)
    value = np.repeat(values_at(s, z[None]), len(states), axis=0)
    rates = numeric_rates(s, value, bits)  # (state, event)
    off, on = _item_chances(s, value[0])
    p, total = (states == 0).astype(float), 0.0
    k = 0
    while k <= len(s.step):
        for item in np.flatnonzero(s.item_step == k):
            p = p * np.where(bits[:, s.item_event[item]], on[item], off[item])
        p = p * _agrees(s.known_at[:, k], bits)
        total += np.log(p.sum())
        p /= p.sum()
        if k == len(s.step):
            break
        end = k + 1  # as far as nothing changes
        while end < len(s.step) and _same(s, k, end):
            end += 1
        p = _through(s, rates, bits, k, float(s.step[k:end].sum())) @ p
        k = end
    return float(total), float(p[bits[:, int(s.asked)]].sum())


def _same(s: Statement, k: int, end: int) -> bool:
    return bool(
        not (s.item_step == end).any()
        and (s.known_at[:, end] < 0).all()
        and (s.known[:, k] == s.known[:, end]).all()
        and (s.weight[:, k] == s.weight[:, end]).all()
    )


def _through(
    s: Statement, rates: np.ndarray, bits: np.ndarray, k: int, length: float
) -> np.ndarray:
    """Return the matrix of the chances over an interval, columns from, rows to."""
    n, size = int(s.live), len(bits)
    states = np.arange(size)
    q = np.zeros((size, size))
    for i in range(n):
        low = states[~bits[:, i]]
        q[low | (1 << i), low] += rates[low, i] * s.weight[i, k]
    q[states, states] = -q.sum(axis=0) - rates[:, n:] @ s.weight[n:, k]
    inside = _agrees(s.known[:, k], bits)
    q *= np.outer(inside, inside)
    return np.asarray(expm(q * length) * inside[:, None])


def _agrees(known: np.ndarray, bits: np.ndarray) -> np.ndarray:
    return np.asarray(((known < 0) | (known == bits)).all(axis=1), dtype=float)


def _item_chances(s: Statement, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    w, check = s.item_credibility, s.item_check
    hit, false = value[s.item_hit], value[np.maximum(s.item_false, 0)]
    ratio = s.item_false < 0
    on = np.where(ratio, hit / (1 + hit), w * hit + (1 - w) / 2)
    off = np.where(ratio, 1 / (1 + hit), w * false + (1 - w) / 2)
    both = [np.where(s.item_on == 1, p, 1 - p) for p in (off, on)]
    return both[0] * check + (1 - check) * s.item_copied, both[1] * check + (
        1 - check
    ) * s.item_copied


def timed(s: Statement, seconds: float, seed: int) -> dict[str, float]:
    """Return the median seconds of one likelihood with its forecast."""
    rng = np.random.default_rng(seed)
    times: list[float] = []
    begin = time.perf_counter()
    while not times or (time.perf_counter() - begin < seconds and len(times) < 20):
        now = time.perf_counter()
        likelihood(s, rng.normal(size=s.dimensions))
        times.append(time.perf_counter() - now)
    return {"seconds": float(np.median(times)), "likelihoods": len(times)}


def from_uniform(s: Statement, z: np.ndarray) -> dict[str, float]:
    """Return P(on at the end) from the uniform start and without evidence, and the seconds."""
    n = int(s.live)
    begin = time.perf_counter()
    states = np.arange(2**n)
    bits = ((states[:, None] >> np.arange(n)) & 1).astype(bool)
    value = np.repeat(values_at(s, z[None]), len(states), axis=0)
    free = s._replace(known=np.full_like(s.known, -1), known_at=np.full_like(s.known_at, -1))
    moves = _through(free, numeric_rates(s, value, bits), bits, 0, float(s.step.sum()))
    chance = float(moves[bits[:, int(s.asked)]].sum() / len(states))
    return {"chance": chance, "seconds": time.perf_counter() - begin}
