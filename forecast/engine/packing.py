"""Plans as two flat arrays, so that one compiled function serves every network and every record.

The integers begin with a directory: how many plans, integers and real numbers there are, then where
each field of each plan begins and ends, in the order of `Plan`'s fields. Integer fields follow it
in the same array; fields of real numbers stand in an array of their own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import carray

from forecast.engine.filter import log_likelihood_and_gradient
from forecast.engine.jit import kernel
from forecast.engine.plan import Plan
from forecast.engine.structure import Floats, Ints, Parameters

__all__ = ["fill_value_and_gradient", "pack", "unpack"]

FIELDS = len(Plan._fields)
HEAD = 3  # entries before the directory of fields
REAL = frozenset(name for name, kind in Plan.__annotations__.items() if kind is Floats)


def pack(plans: Sequence[Plan]) -> tuple[Ints, Floats]:
    """Return plans as an array of integers and one of real numbers."""
    directory: list[int] = []
    integers: list[Ints] = []
    reals: list[Floats] = []
    first_integer, first_real = HEAD + 2 * FIELDS * len(plans), 0
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
    edges = integers[HEAD : HEAD + 2 * FIELDS * plans].reshape(plans, FIELDS, 2).tolist()
    found = []
    for row in edges:
        fields: dict[str, Any] = {
            name: (reals if name in REAL else integers)[first:last]
            for name, (first, last) in zip(Plan._fields, row, strict=True)
        }
        found.append(Plan(**fields))
    return tuple(found)


@kernel
def _view[Array: (Ints, Floats)](integers: Ints, values: Array, plan: int, field: int) -> Array:
    """Return one field of one plan, out of the array that holds fields of its type."""
    entry = HEAD + 2 * (plan * FIELDS + field)
    return values[integers[entry] : integers[entry + 1]]


@kernel
def _plan_at(n: Ints, x: Floats, plan: int) -> Plan:
    """Return one plan out of packed integers `n` and real numbers `x`."""
    return Plan(
        cuts=_view(n, x, plan, 0),
        bits=_view(n, n, plan, 1),
        first_live=_view(n, n, plan, 2),
        live=_view(n, n, plan, 3),
        steps=_view(n, n, plan, 4),
        sweeps=_view(n, n, plan, 5),
        first_sweep=_view(n, n, plan, 6),
        sweep=_view(n, n, plan, 7),
        first_hazard=_view(n, n, plan, 8),
        hazard_kind=_view(n, n, plan, 9),
        hazard_event=_view(n, n, plan, 10),
        hazard_bit=_view(n, n, plan, 11),
        hazard_weight=_view(n, x, plan, 12),
        hazard_contexts=_view(n, n, plan, 13),
        hazard_map=_view(n, n, plan, 14),
        hazard_table=_view(n, n, plan, 15),
        table_hazard=_view(n, n, plan, 16),
        table_time=_view(n, x, plan, 17),
        first_chance=_view(n, n, plan, 18),
        first_reference=_view(n, n, plan, 19),
        reference_link=_view(n, n, plan, 20),
        reference_bit=_view(n, n, plan, 21),
        link_kind=_view(n, n, plan, 22),
        contexts=_view(n, n, plan, 23),
        first_item=_view(n, n, plan, 24),
        item=_view(n, n, plan, 25),
        item_bit=_view(n, n, plan, 26),
        first_state=_view(n, n, plan, 27),
        remap=_view(n, n, plan, 28),
        initial_event=_view(n, n, plan, 29),
        initial_value=_view(n, n, plan, 30),
        sure_event=_view(n, n, plan, 31),
        sure_value=_view(n, n, plan, 32),
    )


@kernel
def _parameters(x: Floats, events: int, links: int, items: int) -> Parameters:
    """Return views of parameters that stand one after the other."""
    return Parameters(
        x[:events],
        x[events : 2 * events],
        x[2 * events : 3 * events],
        x[3 * events : 3 * events + links],
        x[3 * events + links :].reshape(items, 2),
    )


@kernel
def fill_value_and_gradient(
    integers: Ints,
    reals: Floats,
    theta: Floats,
    events: int,
    links: int,
    items: int,
    out: Floats,
) -> None:
    """Put the log likelihood of packed plans first into `out`, and its gradient after it.

    All are pointers to the first number, so that this can be called by address. Where the evidence
    is impossible, `out` holds -inf and zeros.
    """
    size = 3 * events + links + 2 * items
    n, x = carray(integers, (integers[1],)), carray(reals, (integers[2],))
    result = carray(out, (1 + size,))
    result[:] = 0.0
    at = _parameters(carray(theta, (size,)), events, links, items)
    slope = _parameters(result[1:], events, links, items)
    for plan in range(n[0]):
        result[0] += log_likelihood_and_gradient(_plan_at(n, x, plan), at, slope)
        if not np.isfinite(result[0]):
            result[:] = 0.0
            result[0] = -np.inf
            return
