"""The engine as two PyTensor Ops: stated numbers at z, and the log likelihood at stated numbers.

Both have slopes, both are one node, and both take a network as packed arrays: their compiled code
is the same for every network, so that it is compiled once and found in the cache afterwards.
"""

from collections.abc import Callable, Sequence
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

import forecast.engine
from forecast.engine import _marginal as marginal

VERSION = 3  # to be raised with any change of the compiled form of the Ops below
ONCE = "has no derivative of its own: first derivatives only"


class Engine(Op):
    """A function of the engine: its last input is what it varies with, those before it are design.

    Inputs are checked for type and rank, and taken whether contiguous or not.
    """

    __props__ = ()
    inputs: tuple[tuple[str, str, int], ...]
    """The name, type and rank of each."""

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node of this Op."""
        given = [
            pt.as_tensor(value, dtype=dtype)
            for value, (_, dtype, _) in zip(inputs, self.inputs, strict=True)
        ]
        for value, (name, _, rank) in zip(given, self.inputs, strict=True):
            if value.type.ndim != rank:
                msg = f"{name} must have {rank} dimensions (got {value.type.ndim})"
                raise TypeError(msg)
        return Apply(self, given, self.outputs())

    def outputs(self) -> list[Variable]:
        """Return fresh variables for what it gives."""
        return [pt.dvector()]

    def function(self, *arrays: np.ndarray) -> Any:
        """Return what it gives, in Python."""
        raise NotImplementedError

    def perform(
        self, node: Apply, inputs: Sequence[np.ndarray], output_storage: list[list[Any]]
    ) -> None:
        """Compute the outputs in Python."""
        del node
        found = self.function(*(np.ascontiguousarray(array) for array in inputs))
        every = found if len(output_storage) > 1 else (found,)
        for storage, result in zip(output_storage, every, strict=True):
            storage[0] = np.asarray(result)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return which inputs each output varies with smoothly."""
        smooth = [dtype == "float64" and name not in DESIGN for name, dtype, _ in self.inputs]
        return [[one] * len(node.outputs) for one in smooth]

    def _unsmooth(self) -> list[Variable]:
        return [DisconnectedType()() for _ in self.inputs[:-1]]


DESIGN = {"reals", "plan_reals"}
MAP = (("integers", "int64", 1), ("reals", "float64", 1))


class NaturalValues(Engine):
    """The stated numbers, shape (value,), at standard normals z, of a packed map."""

    inputs = (*MAP, ("z", "float64", 1))

    def function(self, *arrays: np.ndarray) -> Any:
        """Return the values."""
        return marginal.packed_values(*arrays)

    def pullback(
        self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> list[Variable]:
        """Return slopes by z from those by the values."""
        del outputs
        return [*self._unsmooth(), natural_pull(*inputs, cotangents[0])]


class NaturalPull(Engine):
    """Slopes by z from those by the stated numbers."""

    inputs = (*MAP, ("z", "float64", 1), ("slope", "float64", 1))

    def function(self, *arrays: np.ndarray) -> Any:
        """Return the slopes."""
        return marginal.packed_pull(*arrays)

    def pullback(
        self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> list[Variable]:
        """Refuse: there are no second derivatives."""
        del outputs, cotangents
        why = f"the slope of the stated numbers {ONCE}"
        smooth = [grad_undefined(self, i, inputs[i], why) for i in (2, 3)]
        return [*self._unsmooth()[:2], *smooth]


class EvidenceLogp(Engine):
    """The log likelihood of all evidence, and its slope by the stated numbers, in one sweep.

    Inputs are packed plans, the packed map, how many events and links there are, what each item
    says, and the stated numbers.

    Notes
    -----
    First derivatives only. Where the evidence is impossible the value is -inf, its slope zero.
    """

    inputs = (
        ("plan_integers", "int64", 1),
        ("plan_reals", "float64", 1),
        *MAP,
        ("size", "int64", 1),
        ("said", "int64", 1),
        ("values", "float64", 1),
    )

    def outputs(self) -> list[Variable]:
        """Return variables for the log likelihood and its slope."""
        return [pt.dscalar(), pt.dvector()]

    def function(self, *arrays: np.ndarray) -> Any:
        """Return value and slope."""
        return marginal.log_marginal(*arrays)

    def pullback(
        self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> list[Variable]:
        """Return the gradient's graph, which reads the slope of the same sweep."""
        if not isinstance(cotangents[1].type, DisconnectedType):
            why = f"the filter's gradient {ONCE}"
            return [*self._unsmooth(), grad_undefined(self, len(inputs) - 1, inputs[-1], why)]
        return [*self._unsmooth(), cotangents[0] * outputs[1]]


natural_values, natural_pull, evidence_logp = NaturalValues(), NaturalPull(), EvidenceLogp()


# ---- Compiled: each kernel stands at an address, where code of every model finds it. Called by
# name, Numba would optimise it anew as a part of every model, which takes longer than all the rest.


INTEGERS, REALS = types.CPointer(types.int64), types.CPointer(types.float64)


@cache
def _source_key() -> str:
    """Return a text that changes with the code of the engine."""
    folder = Path(forecast.engine.__file__).parent
    files = [Path(__file__), *sorted(folder.glob("*.py"))]
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@cache
def kernel_address(name: str) -> int:
    """Return where a compiled kernel stands in memory: one of those that `marginal` has to fill."""
    kernel, signature = KERNELS[name]
    names = ", ".join(f"x{i}" for i in range(len(signature.args)))
    wrapper = compile_numba_function_src(
        src=f"def {name}({names}): fill({names})",
        function_name=name,
        global_env={"fill": kernel, "__name__": __name__},
        cache_key=f"{name}_{_source_key()}",
    )
    return int(cfunc(signature, cache=True, error_model="numpy")(wrapper).address)


def _signature(integers: int, reals: int) -> Any:
    return types.void(*[INTEGERS] * integers, *[REALS] * reals)


KERNELS: dict[str, tuple[Callable[..., None], Any]] = {
    "fill_values": (marginal.fill_values, _signature(2, 3)),
    "fill_pull": (marginal.fill_pull, _signature(2, 4)),
    "fill_marginal": (marginal.fill_marginal, _signature(5, 4)),
}
VALUES, PULL, MARGINAL = (types.FunctionType(signature) for _, signature in KERNELS.values())


@numba_njit
def _values_address():  # type: ignore[no-untyped-def]
    with objmode(address=types.intp):
        address = kernel_address("fill_values")
    return address  # noqa: RET504 - what leaves object mode has to have a name


@numba_njit
def _pull_address():  # type: ignore[no-untyped-def]
    with objmode(address=types.intp):
        address = kernel_address("fill_pull")
    return address  # noqa: RET504


@numba_njit
def _marginal_address():  # type: ignore[no-untyped-def]
    with objmode(address=types.intp):
        address = kernel_address("fill_marginal")
    return address  # noqa: RET504


@register_funcify_default_op_cache_key(NaturalValues)
def _numba_values(op: Op, node: Apply, **kwargs: Any) -> tuple[Any, int]:
    """Return the compiled form of the Op, and its version for PyTensor's cache."""
    del op, node, kwargs

    @numba_njit
    def natural_values(integers, reals, z):  # type: ignore[no-untyped-def]
        n, x = np.ascontiguousarray(integers), np.ascontiguousarray(reals)
        at, out = np.ascontiguousarray(z), np.empty(integers[1])
        sizes = np.array([len(n), len(x), len(at), len(out)])
        fill = _call_cached_ptr(_values_address, VALUES, "forecast.fill_values")
        fill(n.ctypes, sizes.ctypes, x.ctypes, at.ctypes, out.ctypes)
        return out

    return natural_values, VERSION


@register_funcify_default_op_cache_key(NaturalPull)
def _numba_pull(op: Op, node: Apply, **kwargs: Any) -> tuple[Any, int]:
    """Return the compiled form of the Op, and its version for PyTensor's cache."""
    del op, node, kwargs

    @numba_njit
    def natural_pull(integers, reals, z, slope):  # type: ignore[no-untyped-def]
        n, x = np.ascontiguousarray(integers), np.ascontiguousarray(reals)
        at, along = np.ascontiguousarray(z), np.ascontiguousarray(slope)
        out = np.empty(len(at))
        sizes = np.array([len(n), len(x), len(at), len(along)])
        fill = _call_cached_ptr(_pull_address, PULL, "forecast.fill_pull")
        fill(n.ctypes, sizes.ctypes, x.ctypes, at.ctypes, along.ctypes, out.ctypes)
        return out

    return natural_pull, VERSION


@register_funcify_default_op_cache_key(EvidenceLogp)
def _numba_logp(op: Op, node: Apply, **kwargs: Any) -> tuple[Any, int]:
    """Return the compiled form of the Op, and its version for PyTensor's cache."""
    del op, node, kwargs

    @numba_njit
    def evidence_logp(plan_integers, plan_reals, integers, reals, size, said, values):  # type: ignore[no-untyped-def]  # noqa: PLR0917
        plan_n, plan_x = np.ascontiguousarray(plan_integers), np.ascontiguousarray(plan_reals)
        n, x = np.ascontiguousarray(integers), np.ascontiguousarray(reals)
        s, claims = np.ascontiguousarray(size), np.ascontiguousarray(said)
        at = np.ascontiguousarray(values)
        out = np.empty(1 + len(at))
        sizes = np.array([len(plan_n), len(plan_x), len(n), len(x), len(claims), len(at)])
        fill = _call_cached_ptr(_marginal_address, MARGINAL, "forecast.fill_marginal")
        fill(
            plan_n.ctypes,
            n.ctypes,
            s.ctypes,
            claims.ctypes,
            sizes.ctypes,
            plan_x.ctypes,
            x.ctypes,
            at.ctypes,
            out.ctypes,
        )
        return np.asarray(out[0]), out[1:].copy()

    return evidence_logp, VERSION
