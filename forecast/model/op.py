"""The filter's likelihood and gradient as a PyTensor Op, for PyMC's and nutpie's samplers."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numba import cfunc, objmode, types
from pytensor.gradient import DisconnectedType, grad_undefined
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.cache import _call_cached_ptr, compile_numba_function_src
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from forecast.engine import (
    chances,
    choice,
    jit,
    packing,
    plan,
    problem,
    rate,
    series,
)
from forecast.engine import filter as filter_module
from forecast.engine.likelihood import value_and_gradient
from forecast.engine.packing import unpack
from forecast.engine.problem import Parameters

__all__ = ["EvidenceLogp", "evidence_logp"]

PACKED = 2  # inputs that hold the plans
RANKS = (1, 1, 1, 1, 2)  # of the fields of Parameters

INTEGERS, REALS = types.CPointer(types.int64), types.CPointer(types.float64)
SIGNATURE = types.void(INTEGERS, REALS, REALS, types.int64, types.int64, types.int64, REALS)
FUNCTION = types.FunctionType(SIGNATURE)
NAME = "forecast.filter_kernel"
VERSION = 1  # to be raised with any change of the compiled form of the Op below


class EvidenceLogp(Op):
    """The log likelihood of all evidence, and its gradient, in one sweep of the filter.

    Inputs are packed plans (integers, real numbers), then base rates, off-rates, initial
    probabilities (event,), effects (link,), and P(item | off), P(item | on) (item, 2). Outputs are
    the log likelihood and its slope with respect to each of the last five.

    The plans are inputs, not properties: the compiled code is the same for every network, so
    that it is compiled once and found in the cache afterwards.

    Notes
    -----
    First derivatives only. Where the evidence is impossible the value is -inf, its gradient zero.
    """

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node of this Op for packed plans and the fields of `Parameters`."""
        integers, reals = pt.as_tensor(inputs[0], dtype="int64"), pt.as_tensor(inputs[1])
        fields = [pt.as_tensor(field, dtype="float64") for field in inputs[PACKED:]]
        for name, field, rank in zip(Parameters._fields, fields, RANKS, strict=True):
            if field.type.ndim != rank:
                msg = f"{name} must have {rank} dimensions (got {field.type.ndim})"
                raise TypeError(msg)
        outputs = [pt.dscalar(), *(field.type() for field in fields)]
        return Apply(self, [integers, reals, *fields], outputs)

    def perform(
        self, node: Apply, inputs: Sequence[np.ndarray], output_storage: list[list[Any]]
    ) -> None:
        """Compute the outputs in Python."""
        del node
        theta = Parameters(*(np.ascontiguousarray(field) for field in inputs[PACKED:]))
        value, slope = value_and_gradient(unpack(inputs[0], inputs[1]), theta)
        for storage, result in zip(output_storage, (np.asarray(value), *slope), strict=True):
            storage[0] = result

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Return the shapes of the outputs: a number, then those of the parameters."""
        del node
        return [(), *shapes[PACKED:]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return which inputs each output varies with smoothly: all but the plans."""
        return [[i >= PACKED] * len(node.outputs) for i in range(len(node.inputs))]

    def pullback(
        self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> list[Variable]:
        """Return the gradient's graph, which reads the outputs of the same sweep."""
        plans = [DisconnectedType()() for _ in range(PACKED)]
        if any(not isinstance(given.type, DisconnectedType) for given in cotangents[1:]):
            why = "the filter's gradient has no derivative of its own: first derivatives only"
            return plans + [
                grad_undefined(self, i, inputs[i], why) for i in range(PACKED, len(inputs))
            ]
        return plans + [cotangents[0] * slope for slope in outputs[1:]]


evidence_logp = EvidenceLogp()


def _source_key() -> str:
    """Return a text that changes with the code of the filter."""
    modules = (chances, choice, filter_module, jit, packing, plan, problem, rate, series)
    files = [__file__, *(str(module.__file__) for module in modules)]
    return sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()


@cache
def kernel_address() -> int:
    """Return where the compiled filter stands in memory, for code that calls it by address.

    Called by address it is compiled once and for all. Called by name, Numba would optimise it anew
    as a part of every model, which takes longer than all the rest.
    """
    names = ", ".join(f"x{i}" for i in range(len(SIGNATURE.args)))
    wrapper = compile_numba_function_src(
        src=f"def filter_kernel({names}): fill({names})",
        function_name="filter_kernel",
        global_env={"fill": filter_module.fill_value_and_gradient, "__name__": __name__},
        cache_key=f"filter_kernel_{_source_key()}",
    )
    return int(cfunc(SIGNATURE, cache=True, error_model="numpy")(wrapper).address)


@numba_njit
def _address():  # type: ignore[no-untyped-def]
    with objmode(address=types.intp):
        address = kernel_address()
    return address  # noqa: RET504 - what leaves object mode has to have a name


@numba_njit
def _copy(source, target, first):  # type: ignore[no-untyped-def]
    for i in range(len(source)):
        target[first + i] = source[i]


@register_funcify_default_op_cache_key(EvidenceLogp)
def _numba(op: EvidenceLogp, node: Apply, **kwargs: Any) -> tuple[Any, int]:
    """Return the compiled form of the Op, and its version for PyTensor's cache."""
    del op, node, kwargs

    @numba_njit
    def evidence_logp(integers, reals, base_rate, off_rate, initial, effect, factors):  # type: ignore[no-untyped-def]  # noqa: PLR0917
        events, links, items = len(base_rate), len(effect), len(factors)
        theta = np.empty(3 * events + links + 2 * items)
        _copy(base_rate, theta, 0)
        _copy(off_rate, theta, events)
        _copy(initial, theta, 2 * events)
        _copy(effect, theta, 3 * events)
        for item in range(items):
            _copy(factors[item], theta, 3 * events + links + 2 * item)
        out = np.empty(1 + len(theta))
        n, x = np.ascontiguousarray(integers), np.ascontiguousarray(reals)
        fill = _call_cached_ptr(_address, FUNCTION, NAME)
        fill(n.ctypes, x.ctypes, theta.ctypes, events, links, items, out.ctypes)
        slope = out[1:]
        return (
            np.asarray(out[0]),
            slope[:events].copy(),
            slope[events : 2 * events].copy(),
            slope[2 * events : 3 * events].copy(),
            slope[3 * events : 3 * events + links].copy(),
            slope[3 * events + links :].copy().reshape(items, 2),
        )

    return evidence_logp, VERSION
