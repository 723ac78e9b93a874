"""References for small networks: the dense generator and its matrix exponential, in plain NumPy."""

import numpy as np
from scipy.linalg import expm

from forecast.engine.structure import (
    CAUSES,
    FACT,
    MULTIPLIES,
    PREVENTS,
    REQUIRES,
    STATE,
    Floats,
    Parameters,
    Record,
    Structure,
)


def generator(structure: Structure, theta: Parameters, time: float) -> Floats:
    """The generator over all 2^n joint states (bit i = event i), columns from, rows to."""
    n = len(structure.kind)
    q = np.zeros((2**n, 2**n))
    for s in range(2**n):
        for i in range(n):
            on = (s >> i) & 1
            if structure.kind[i] == FACT:
                rate = 0.0
            elif on:
                rate = theta.off_rate[i] if structure.kind[i] == STATE else 0.0
            else:
                rate = theta.base_rate[i]
                for link in np.flatnonzero(structure.link_child == i):
                    if structure.link_kind[link] == CAUSES:
                        rate += theta.effect[link] * ((s >> structure.link_parent[link]) & 1)
                for link in np.flatnonzero(structure.link_child == i):
                    parent_on = (s >> structure.link_parent[link]) & 1
                    kind = structure.link_kind[link]
                    if kind == MULTIPLIES and parent_on:
                        rate *= theta.effect[link]
                    if (kind == REQUIRES and not parent_on) or (kind == PREVENTS and parent_on):
                        rate = 0.0
                rate *= structure.weight(i, time)
            q[s ^ (1 << i), s] += rate
            q[s, s] -= rate
    return q


def dense_log_likelihood(structure: Structure, record: Record, theta: Parameters) -> float:
    """The log likelihood by matrix exponentials; an event known over a span may not leave it."""
    n = len(structure.kind)
    states = np.arange(2**n)
    p = np.ones(2**n)
    for i in range(n):
        on = theta.initial[i] if structure.initially[i] < 0 else float(structure.initially[i])
        p *= np.where((states >> i) & 1, on, 1 - on)
    edges = {0.0, *record.item_time, *record.known_from}
    edges |= {t for t in record.known_to if np.isfinite(t)}
    last = max(edges)
    for windows in structure.windows:
        if windows is not None:
            edges |= {float(t) for t in windows.edges if 0 < t < last}
    cuts = sorted(float(t) for t in edges)
    total = 0.0
    for k, cut in enumerate(cuts):
        for event, time, g in zip(record.item_event, record.item_time, theta.factors, strict=True):
            if time == cut:
                p = p * g[(states >> event) & 1]
        p = p * _allowed(record, cut, cut, states)
        if k + 1 < len(cuts):
            after = cuts[k + 1]
            q = generator(structure, theta, (cut + after) / 2)
            allowed = _allowed(record, cut, after, states)
            q = q * allowed[:, None] * allowed[None, :] + np.diag(np.diag(q) * (1 - allowed))
            p = expm(q * (after - cut)) @ (p * allowed)
        if p.sum() == 0:
            return -np.inf
        total += np.log(p.sum())
        p = p / p.sum()
    return float(total)


def _allowed(record: Record, start: float, end: float, states: np.ndarray) -> np.ndarray:
    allowed = np.ones(len(states))
    for event, a, b, value in zip(
        record.known_event, record.known_from, record.known_to, record.known_value, strict=True
    ):
        if a <= start and b >= end:
            allowed *= ((states >> event) & 1) == value
    return allowed
