"""pyAgrum: its continuous-time Bayesian networks, solved exactly at fixed parameters.

`pyagrum.ctbn.SimpleInference` amalgamates the conditional intensity matrices into one over all
joint states and takes its exponential. It takes no evidence (`setEvidence` is not implemented) and
begins from the uniform distribution over joint states, so that is the question here.
"""

import time
from itertools import product

import numpy as np

from benchmarks.peers.pymc_discrete import numeric_rates, values_at
from benchmarks.peers.statement import Statement

__all__ = ["solve"]


def solve(s: Statement, z: np.ndarray) -> dict[str, float]:
    """Return P(on at the end) of the event asked about from the uniform start, and the seconds."""
    import pyagrum  # noqa: PLC0415
    from pyagrum import ctbn  # noqa: PLC0415

    n = int(s.live)
    value = values_at(s, z[None])
    model = ctbn.CTBN()
    for i in range(n):
        model.add(pyagrum.LabelizedVariable(f"e{i}", "", ["off", "on"]))
    parents: dict[int, list[int]] = {i: [] for i in range(n)}
    for parent, child in zip(s.link_parent.tolist(), s.link_child.tolist(), strict=True):
        if parent >= 0 and child < n and parent not in parents[child]:
            parents[child].append(parent)
            model.addArc(f"e{parent}", f"e{child}")
    for i in range(n):
        for states in product((0, 1), repeat=len(parents[i])):
            x = np.zeros((1, n), dtype=bool)
            x[0, parents[i]] = states
            rate = float(numeric_rates(s, value, x)[0, i])
            where = {
                f"e{p}": "on" if on else "off" for p, on in zip(parents[i], states, strict=True)
            }
            model.CIM(f"e{i}")[where] = [[-rate, rate], [0.0, 0.0]]
    inference = ctbn.SimpleInference(model)
    begin = time.perf_counter()
    inference.makeInference(t=float(s.step.sum()))
    chance = inference.posterior(f"e{int(s.asked)}")
    seconds = time.perf_counter() - begin
    return {"chance": float(chance[1]), "seconds": seconds}
