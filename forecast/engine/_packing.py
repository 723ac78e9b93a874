"""Plans as two flat arrays, so that one compiled function serves every network and every record.

The integers begin with a directory: how many plans, integers and real numbers there are, then where
each field of each plan begins and ends, in the order of `Plan`'s fields. Integer fields follow it
in the same array; fields of real numbers stand in an array of their own.

Compiled code sees a plan as three words that stand for all its arrays: where the packed plans are,
and which of them is meant; ``plan.cuts`` makes a view when it is read. A tuple of some thirty
arrays would be taken apart at every function that it is passed to, and each array counted, which
takes Numba longer to compile than all that the kernels do.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model
from numba.np.arrayobj import populate_array

from forecast.engine._plan import Plan
from forecast.engine._problem import Floats, Ints

FIELDS = len(Plan._fields)
DIRECTORY = 3  # entries of the packed integers before the directory of fields
REAL = frozenset(name for name, kind in Plan.__annotations__.items() if kind is Floats)
INTS, FLOATS = types.Array(types.int64, 1, "C"), types.Array(types.float64, 1, "C")
WORD = 8  # bytes of an integer, and of a real number


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


class PlanType(types.Type):  # type: ignore[misc]  # Numba has no types for mypy
    """The type of a plan within compiled code."""

    def __init__(self) -> None:
        super().__init__(name="forecast.Plan")


PLAN = PlanType()


@register_model(PlanType)
class _PlanModel(models.StructModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        members = [
            ("integers", types.CPointer(types.int64)),
            ("reals", types.CPointer(types.float64)),
            ("number", types.int64),
        ]
        super().__init__(manager, kind, members)


@infer_getattr
class _Fields(AttributeTemplate):  # type: ignore[misc]
    key = PlanType

    def generic_resolve(self, plan: Any, name: str) -> Any:
        del plan
        if name not in Plan._fields:
            return None
        return FLOATS if name in REAL else INTS


@lower_getattr_generic(PlanType)
def _field(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    """Return a view of a field: where it begins and ends stands in the directory."""
    plan = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    integer = plan.number.type
    place = DIRECTORY + 2 * Plan._fields.index(name)
    entry = builder.add(builder.mul(plan.number, integer(2 * FIELDS)), integer(place))
    first = builder.load(builder.gep(plan.integers, [entry]))
    last = builder.load(builder.gep(plan.integers, [builder.add(entry, integer(1))]))
    array = FLOATS if name in REAL else INTS
    source = plan.reals if name in REAL else plan.integers
    view = context.make_array(array)(context, builder)
    populate_array(
        view,
        data=builder.gep(source, [first]),
        shape=[builder.sub(last, first)],
        strides=[integer(WORD)],
        itemsize=integer(WORD),
        meminfo=None,
    )
    return view._getvalue()  # noqa: SLF001  the way that Numba documents


@intrinsic
def plan_at(typing: Any, integers: Any, reals: Any, number: Any) -> Any:
    """Return one of the plans that `pack` made into arrays, for compiled code.

    The arrays are not counted: whoever calls holds them for as long as the plan is read.
    """
    del typing, integers, reals, number

    def build(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        del signature
        made = cgutils.create_struct_proxy(PLAN)(context, builder)
        made.integers = context.make_array(INTS)(context, builder, values[0]).data
        made.reals = context.make_array(FLOATS)(context, builder, values[1]).data
        made.number = values[2]
        return made._getvalue()  # noqa: SLF001

    return PLAN(INTS, FLOATS, types.int64), build
