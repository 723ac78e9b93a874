import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.gradient import NullTypeGradError

from forecast.engine.likelihood import value_and_gradient
from forecast.engine.packing import pack
from forecast.engine.plan import Plan, build_plans
from forecast.engine.problem import Parameters
from forecast.model.op import EvidenceLogp, evidence_logp
from tests.exact.random_networks import random_problem
from tests.tolerances import GRADIENT

STEP = 0.05
DIFFERENCE = 1e-5
SEEDS = [1, 2, 3, 5, 8, 13]


def problem(seed: int) -> tuple[tuple[Plan, ...], Parameters]:
    structure, record, theta = random_problem(np.random.default_rng(seed))
    return build_plans(structure, record, max_step=STEP), theta


def impossible() -> tuple[tuple[Plan, ...], Parameters]:
    """What was said rules out what is known."""
    plans, theta = next(found for seed in range(99) if len((found := problem(seed))[1].factors) > 1)
    return plans, theta._replace(factors=np.zeros_like(theta.factors))


@pytest.fixture(scope="module", params=["NUMBA", "FAST_COMPILE"])
def compiled(request):  # type: ignore[no-untyped-def]
    """Value and gradient as a function of packed plans and parameters, with each backend."""
    packed = [pt.lvector(), pt.dvector()]
    theta = [pt.dvector(), pt.dvector(), pt.dvector(), pt.dvector(), pt.dmatrix()]
    value = evidence_logp(*packed, *theta)[0]
    return pytensor.function(
        [*packed, *theta], [value, *pytensor.grad(value, theta)], mode=request.param
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_value_and_gradient_are_those_of_the_engine(compiled, seed: int) -> None:  # type: ignore[no-untyped-def]
    plans, theta = problem(seed)
    expected, slope = value_and_gradient(plans, theta)
    value, *gradient = compiled(*pack(plans), *theta)
    assert value == expected
    for found, wanted in zip(gradient, slope, strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_is_that_of_finite_differences(compiled, seed: int) -> None:  # type: ignore[no-untyped-def]
    plans, theta = problem(seed)
    packed = pack(plans)
    _, *gradient = compiled(*packed, *theta)
    rng = np.random.default_rng(seed)
    direction = [rng.normal(size=field.shape) for field in theta]
    ends = [
        compiled(
            *packed, *(f + sign * DIFFERENCE * d for f, d in zip(theta, direction, strict=True))
        )[0]
        for sign in (1, -1)
    ]
    slope = sum(float((g * d).sum()) for g, d in zip(gradient, direction, strict=True))
    assert (ends[0] - ends[1]) / (2 * DIFFERENCE) == pytest.approx(slope, rel=GRADIENT, abs=1e-7)


def test_arrays_that_are_strided_or_read_only_are_understood(compiled) -> None:  # type: ignore[no-untyped-def]
    plans, theta = problem(SEEDS[0])
    expected, _ = value_and_gradient(plans, theta)
    strided = Parameters(*(np.repeat(field, 2, axis=0)[::2] for field in theta))
    strided.factors.flags.writeable = False
    assert compiled(*pack(plans), *strided)[0] == expected


def test_impossible_evidence_has_no_probability_and_no_slope(compiled) -> None:  # type: ignore[no-untyped-def]
    plans, theta = impossible()
    value, *gradient = compiled(*pack(plans), *theta)
    assert value == -np.inf
    assert not any(field.any() for field in gradient)


def test_second_derivatives_are_refused() -> None:
    plans, theta = problem(SEEDS[0])
    base = pt.dvector()
    value = evidence_logp(*pack(plans), base, *theta[1:])[0]
    slope = pytensor.grad(value, base)
    with pytest.raises(NullTypeGradError, match="first derivatives only"):
        pytensor.grad(slope.sum(), base)


def test_parameters_of_the_wrong_rank_are_refused() -> None:
    plans, theta = problem(SEEDS[0])
    with pytest.raises(TypeError, match="factors must have 2 dimensions"):
        evidence_logp(*pack(plans), *theta[:-1], theta.factors[0])


def test_the_op_is_one_and_the_same_for_all_networks() -> None:
    assert EvidenceLogp() == evidence_logp
