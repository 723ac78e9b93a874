"""Plans as two flat arrays, so that one compiled function serves every network and every record.

The integers begin with a directory: how many plans, integers and real numbers there are, then where
each field of each plan begins and ends, in the order of `Plan`'s fields. Integer fields follow it
in the same array; fields of real numbers stand in an array of their own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from forecast.engine.compiled_plan import DIRECTORY, FIELDS, REAL, plan_at
from forecast.engine.filter import filter_with_gradient
from forecast.engine.jit import kernel
from forecast.engine.plan import Plan
from forecast.engine.structure import Floats, Ints, Parameters


def pack(plans: Sequence[Plan]) -> tuple[Ints, Floats]:
    """Return plans as an array of integers and one of real numbers."""
    directory: list[int] = []
    integers: list[Ints] = []
    reals: list[Floats] = []
    first_integer, first_real = DIRECTORY + 2 * FIELDS * len(plans), 0
    for plan in plans:
        for name, field in plan._asdict().items():
            if name in REAL:
                directory += [first_real, first_real + len(field)]
                first_real += len(field)
                reals.append(field)
            else:
                directory += [first_integer, first_integer + len(field)]
                first_integer += len(field)
                integers.append(field)
    head = np.array([len(plans), first_integer, first_real, *directory], dtype=np.int64)
    return np.concatenate([head, *integers]), np.concatenate([np.zeros(0), *reals])


def unpack(integers: Ints, reals: Floats) -> tuple[Plan, ...]:
    """Return the plans that `pack` was given, as views of its arrays."""
    plans = int(integers[0])
    edges = integers[DIRECTORY : DIRECTORY + 2 * FIELDS * plans].reshape(plans, FIELDS, 2).tolist()
    found = []
    for row in edges:
        fields: dict[str, Any] = {
            name: (reals if name in REAL else integers)[first:last]
            for name, (first, last) in zip(Plan._fields, row, strict=True)
        }
        found.append(Plan(**fields))
    return tuple(found)


@kernel
def add_value_and_slope(n: Ints, x: Floats, theta: Parameters, slope: Parameters) -> float:
    """Return the log likelihood of packed plans, and add its slopes to `slope`.

    Where the evidence is impossible, the value is -inf and the slopes mean nothing.
    """
    total = 0.0
    for plan in range(n[0]):
        total += filter_with_gradient(plan_at(n, x, plan), theta, slope)
        if not np.isfinite(total):
            return -np.inf
    return total
