"""Run one peer on one problem, in a process of its own: ``python -m benchmarks.peers.run``.

Arguments: the peer, the problem's name, the file of its statement, seconds to spend, a seed.
Prints what came of it as JSON.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.statement import read

SAMPLERS = {
    "pymc": ("benchmarks.peers.pymc_discrete", "sample"),
    "pymc as assigned": ("benchmarks.peers.pymc_discrete", "sample_as_assigned"),
    "jax": ("benchmarks.peers.jax_importance", "sample"),
    "jax in 32 bits": ("benchmarks.peers.jax_importance", "sample_in_32_bits"),
    "numpyro": ("benchmarks.peers.numpyro_forward", "sample"),
}


def outcome(peer: str, problem: str, file: Path, seconds: float, seed: int) -> dict[str, Any]:
    """Return what a peer comes to."""
    if peer == "eventcast":
        from benchmarks.peers.ours import sample  # noqa: PLC0415  a peer is to know none of it

        return sample(problem, seed).to_dict()
    statement = read(file)
    if peer in SAMPLERS:
        module, name = SAMPLERS[peer]
        found = getattr(import_module(module), name)(statement, seconds, seed)
        return dict(found.to_dict())
    if peer == "dense":
        from benchmarks.peers.dense import timed  # noqa: PLC0415

        return timed(statement, seconds, seed)
    from benchmarks.peers import agrum_ctbn, dense  # noqa: PLC0415

    z = np.random.default_rng(seed).normal(size=statement.dimensions)
    return {"exact": agrum_ctbn.solve(statement, z), "dense": dense.from_uniform(statement, z)}


if __name__ == "__main__":
    name, problem, path, budget, number = sys.argv[1:]
    print(json.dumps(outcome(name, problem, Path(path), float(budget), int(number))))
