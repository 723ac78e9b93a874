"""Events' paths as a variable of a PyMC model, and the step method that redraws it.

`pymc.sample` then draws the paths by the path sampler and the parameters by NUTS, in turn. It is
slower by far than `forecast.update` with ``method="paths"``, and made for models that a user
extends: the step reads the rates off the model as it stands, whatever they have come to depend on.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numba
import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.step_methods.compound import BlockedStep
from pytensor.gradient import DisconnectedType, grad_undefined
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import (
    get_numba_type,
    numba_njit,
    register_funcify_and_cache_key,
)

from forecast.engine.paths import (
    Paths,
    PathSampler,
    make_sampler,
    path_log_likelihood_and_gradient,
    to_lists,
)
from forecast.engine.problem import FACT, ONSET, Floats, Ints, Parameters
from forecast.model.claims import COUNT, build_claims
from forecast.model.coords import dims_and_coords
from forecast.model.latent import PARAMETER, Z, parameter_labels
from forecast.model.lower import Lowered
from forecast.model.said import said_factors
from forecast.model.variables import engine_parameters, natural_values
from forecast.seeds import child_seed

__all__ = ["PATHS", "ROOM", "PathStep", "build_path_model", "decoded", "encoded"]

PATHS = "paths"
ROOM = 40
"""Jumps of one state that a vector of paths has room for; paths with more are not taken."""

SEED_RANGE = 2**31 - 1
UNWEIGHTED = 1.0  # initial probability where the start is certain, which nothing reads

type Tensor = Any


def _first(kind: Ints) -> Ints:
    """Return where the jumps of each event begin in the third part of a vector of paths."""
    room = np.where(kind == ONSET, 1, np.where(kind == FACT, 0, ROOM))
    return np.concatenate([[0], np.cumsum(room)]).astype(np.int64)


def encoded(paths: Paths, kind: Ints) -> Floats | None:
    """Return paths as a vector: starts, numbers of jumps, times; None where there is no room."""
    first = _first(kind)
    if (paths.jumps > np.diff(first)).any():
        return None
    times = np.zeros(first[-1])
    for start, jumps in zip(first, to_lists(paths), strict=False):
        times[start : start + len(jumps)] = jumps
    return np.concatenate([paths.initial, paths.jumps, times])


def decoded(vector: Floats, kind: Ints) -> Paths:
    """Return the paths that a vector stands for."""
    n = len(kind)
    numbers = vector[: 2 * n].astype(np.int64)
    return Paths(numbers[:n], _first(kind), numbers[n:], np.ascontiguousarray(vector[2 * n :]))


class PathLogp(Op):  # type: ignore[misc]
    """log p(paths, evidence | parameters) and its gradient with respect to the parameters.

    Inputs are a vector of paths and the fields of `Parameters`; outputs are the logarithm, and its
    slope with respect to each of the fields.

    Notes
    -----
    First derivatives only, and none with respect to the paths.
    """

    __props__ = ("sampler",)

    def __init__(self, sampler: PathSampler) -> None:
        self.sampler = sampler

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PathLogp) and other.sampler is self.sampler

    def __hash__(self) -> int:
        return hash((PathLogp, id(self.sampler)))

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node of this Op."""
        fields = [pt.as_tensor(value, dtype="float64") for value in inputs]
        return Apply(self, fields, [pt.dscalar(), *(field.type() for field in fields[1:])])

    def perform(
        self, node: Apply | None, inputs: Sequence[np.ndarray], output_storage: list[list[Any]]
    ) -> None:
        """Compute the outputs."""
        del node
        theta = Parameters(*(np.ascontiguousarray(field) for field in inputs[1:]))
        slope = Parameters(*(np.zeros_like(field) for field in theta))
        stats = self.sampler.statistics(decoded(inputs[0], self.sampler.marks.graph.kind))
        value = path_log_likelihood_and_gradient(stats, theta, slope)
        for storage, result in zip(output_storage, (np.asarray(value), *slope), strict=True):
            storage[0] = result

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Return the shapes of the outputs."""
        del node
        return [(), *shapes[1:]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return which inputs each output varies with smoothly: all but the paths."""
        return [[i > 0] * len(node.outputs) for i in range(len(node.inputs))]

    def pullback(
        self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]
    ) -> list[Variable]:
        """Return the gradient's graph."""
        if any(not isinstance(given.type, DisconnectedType) for given in cotangents[1:]):
            why = "the gradient has no derivative of its own: first derivatives only"
            rest = [grad_undefined(self, i, inputs[i], why) for i in range(1, len(inputs))]
        else:
            rest = [cotangents[0] * slope for slope in outputs[1:]]
        return [DisconnectedType()(), *rest]


@register_funcify_and_cache_key(PathLogp)  # type: ignore[untyped-decorator]
def _numba(op: PathLogp, node: Apply, **kwargs: Any) -> tuple[Any, None]:
    """Return the compiled form of the Op: a call back to Python, and no key to cache it by."""
    del kwargs
    signature = numba.types.Tuple([get_numba_type(output.type) for output in node.outputs])

    def compute(*inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        op.perform(None, inputs, storage)
        return tuple(cell[0] for cell in storage)

    @numba_njit
    def path_logp(paths, base_rate, off_rate, initial, effect, factors):  # type: ignore[no-untyped-def]  # noqa: PLR0917
        with numba.objmode(found=signature):
            found = compute(paths, base_rate, off_rate, initial, effect, factors)
        return found  # noqa: RET504 - what leaves object mode has to have a name

    return path_logp, None


class PathStep(BlockedStep):  # type: ignore[misc]
    """Redraws the paths of all events, given the values of everything else in the model.

    Parameters
    ----------
    vars
        The value variable of the paths, in a list.
    sampler
        The path sampler.
    theta
        The engine's parameters as variables of the model.
    sweeps
        How often the paths are swept at each step.
    blocked, model, rng
        As in all step methods of PyMC.
    """

    name = "paths"
    stats_dtypes_shapes: dict[str, Any] = {}  # noqa: RUF012 - PyMC's own

    def __init__(
        self,
        vars: Sequence[Variable],  # noqa: A002 - PyMC's name
        *,
        sampler: PathSampler,
        theta: Parameters,
        sweeps: int = 1,
        blocked: bool = True,
        model: pm.Model | None = None,
        rng: Any = None,
    ) -> None:
        model = pm.modelcontext(model)
        self.vars, self.blocked, self.sampler, self.sweeps = list(vars), blocked, sampler, sweeps
        self.rng = pm.util.get_random_generator(rng)
        self.own = str(self.vars[0].name)
        others = [value for value in model.value_vars if value.name != self.own]
        self.names = [str(value.name) for value in others]
        fields = model.replace_rvs_by_values([pt.as_tensor(field) for field in theta])
        self.theta = model.compile_fn(
            fields, inputs=others, point_fn=False, on_unused_input="ignore"
        )

    def step(self, point: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return the point with other paths."""
        values = self.theta(*(point[name] for name in self.names))
        theta = Parameters(*(np.ascontiguousarray(field, dtype=np.float64) for field in values))
        kind = self.sampler.marks.graph.kind
        vector = np.asarray(point[self.own])
        for _ in range(self.sweeps):
            paths = self.sampler.sweep(
                theta, decoded(vector, kind), int(self.rng.integers(SEED_RANGE))
            )
            after = encoded(paths, kind)
            vector = vector if after is None else after
        return {**point, self.own: vector}, [{}]


def build_path_model(
    lowered: Lowered, *, seed: int = 1, sweeps: int = 1
) -> tuple[pm.Model, PathStep]:
    """Return the model with events' paths as a variable, and the step that redraws them.

    The density of the variable ``paths`` is log p(paths, evidence | parameters): there is no
    observed variable beside it.

    Notes
    -----
    Paths cannot be drawn forwards: no prior predictive sampling. Sample with
    ``pm.sample(step=[step])``; the other variables get NUTS.

    Parameters
    ----------
    lowered
        The network and what is known of it.
    seed
        Of the first paths.
    sweeps
        How often the paths are swept at each step.

    Raises
    ------
    ImpossibleRecord
        If no paths agree with the evidence.
    """
    sampler, table = make_sampler(lowered.structure, lowered.record), lowered.table
    claims = build_claims(lowered)
    labels = parameter_labels(table)
    dims, coords = dims_and_coords(table, labels=table.uncertain_labels())
    middle = lowered.theta(table.from_z(np.zeros((1, table.dimensions))))
    start = sampler.initial(
        Parameters(*(np.ascontiguousarray(field[0]) for field in middle)),
        child_seed(seed, "first paths"),
    )
    kind = sampler.marks.graph.kind
    with pm.Model(coords={**coords, PARAMETER: labels}) as model:
        z = pm.Normal(Z, dims=PARAMETER) if labels else None
        parameters = engine_parameters(lowered, natural_values(table, z, dims))
        rows = parameters.factors
        factors = said_factors(claims, pt.as_tensor(claims.observed), rows)
        free = lowered.record.counted & (claims.form == COUNT)
        factors = pt.where(free[:, None], rows[: len(free)], factors)
        theta = parameters._replace(factors=factors)
        logp = PathLogp(sampler)
        pm.CustomDist(
            PATHS,
            *theta,
            logp=lambda value, *fields: logp(value, *fields)[0],
            signature=f"(e),(e),(e),(l),(i,s)->({2 * len(kind) + int(_first(kind)[-1])})",
            initval=encoded(start, kind),
        )
        step = PathStep(
            [model.rvs_to_values[model[PATHS]]], sampler=sampler, theta=theta, sweeps=sweeps
        )
    return model, step
