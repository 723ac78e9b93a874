"""The filter in plain NumPy: all events are bits, no pruning, no components, no adjoint."""

import numpy as np

from forecast.engine.problem import FACT, STATE, Floats, Parameters, Record, Structure
from tests.exact.dense import allowed, rate_on


def plain_log_likelihood(
    structure: Structure, record: Record, theta: Parameters, max_step: float
) -> float:
    """The log likelihood by the same splitting, over every joint state of every event."""
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
        p = p * allowed(record, cut, cut, states)
        if k + 1 < len(cuts):
            p = _interval(structure, record, theta, p, (cut, cuts[k + 1]), max_step)
        total += np.log(p.sum())
        p = p / p.sum()
    return float(total)


def _interval(  # type: ignore[no-untyped-def]
    structure, record, theta, p: Floats, ends: tuple[float, float], max_step: float
) -> Floats:
    start, end = ends
    states = np.arange(len(p))
    inside = allowed(record, start, end, states)
    steps = max(1, int(np.ceil((end - start) / max_step - 1e-9)))
    h = (end - start) / steps
    moving = [i for i in range(len(structure.kind)) if structure.kind[i] != FACT]
    on = [
        rate_on(structure, theta, i, states, (start + end) / 2) for i in range(len(theta.initial))
    ]
    p = p * inside
    for _ in range(steps):
        for i in [*moving, *reversed(moving)]:
            low = states[(states >> i) & 1 == 0]
            high = low | (1 << i)
            off = theta.off_rate[i] if structure.kind[i] == STATE else 0.0
            p = p.copy()
            if not (inside[low].any() and inside[high].any()):  # known: it may only stay
                p[low] *= np.exp(-on[i][low] * h / 2)
                p[high] *= np.exp(-off * h / 2)
                continue
            total = on[i][low] + off
            share = -np.expm1(-total * h / 2) / np.where(total > 0, total, 1.0)
            flow = on[i][low] * share * p[low] - off * share * p[high]
            p[low] -= flow
            p[high] += flow
    return p
