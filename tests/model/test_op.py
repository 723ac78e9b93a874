import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.gradient import NullTypeGradError

from forecast.engine._channels import REPORT, parameters_at, values_at
from forecast.engine._flat_map import packed
from forecast.engine._likelihood import value_and_gradient
from forecast.engine._packing import pack
from forecast.engine._problem import Floats
from forecast.engine._pullback import pull_parameters
from forecast.model._lower import Lowered, lower
from forecast.model._op import EvidenceLogp, evidence_logp, natural_values
from tests.estimate.every_kind import AS_OF, case_of_every_kind
from tests.tolerances import GRADIENT, SAME_ALGEBRA

DIFFERENCE = 1e-5
SEEDS = [1, 2, 3, 5, 8, 13]


def case(seed: int) -> tuple[Lowered, list[np.ndarray], Floats]:
    """A network of every kind, what the Op is given of it, and standard normals."""
    lowered = lower(*case_of_every_kind(seed, counts=False), AS_OF)
    z = np.random.default_rng(seed).normal(size=lowered.table.dimensions)
    size = np.array(lowered.size)
    said = np.array([factor.said for factor in lowered.factors], dtype=np.int64)
    return lowered, [*pack(lowered.plans()), *packed(lowered.channels), size, said], z


def expected(lowered: Lowered, values: Floats) -> tuple[float, Floats]:
    """Value and slope by the engine's own way to them."""
    theta = parameters_at(lowered.channels, values, *lowered.size)
    value, slope = value_and_gradient(lowered.plans(), theta)
    return value, pull_parameters(lowered.channels, values, slope)


@pytest.fixture(scope="module", params=["NUMBA", "FAST_COMPILE"])
def compiled(request):  # type: ignore[no-untyped-def]
    """Value and gradient as a function of all inputs, with each backend."""
    design = [pt.lvector(), pt.dvector(), pt.lvector(), pt.dvector(), pt.lvector(), pt.lvector()]
    values = pt.dvector()
    value = evidence_logp(*design, values)[0]
    return pytensor.function(
        [*design, values], [value, pytensor.grad(value, values)], mode=request.param
    )


@pytest.fixture(scope="module", params=["NUMBA", "FAST_COMPILE"])
def from_normals(request):  # type: ignore[no-untyped-def]
    """Stated numbers, and the slope of a weighted sum of them, with each backend."""
    n, x, z, weights = pt.lvector(), pt.dvector(), pt.dvector(), pt.dvector()
    values = natural_values(n, x, z)
    slope = pytensor.grad((values * weights).sum(), z)
    return pytensor.function([n, x, z, weights], [values, slope], mode=request.param)


@pytest.mark.parametrize("seed", SEEDS)
def test_value_and_gradient_are_those_of_the_engine(compiled, seed: int) -> None:  # type: ignore[no-untyped-def]
    lowered, design, z = case(seed)
    values = values_at(lowered.channels, z)
    found, slope = compiled(*design, values)
    value, wanted = expected(lowered, values)
    assert found == pytest.approx(value, rel=SAME_ALGEBRA)
    np.testing.assert_allclose(slope, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_is_that_of_finite_differences(compiled, seed: int) -> None:  # type: ignore[no-untyped-def]
    lowered, design, z = case(seed)
    values = values_at(lowered.channels, z)
    way = values * np.random.default_rng(seed).normal(size=len(values))
    way[lowered.channels.form == 0] = 0.0
    ends = [compiled(*design, values + sign * DIFFERENCE * way)[0] for sign in (1, -1)]
    slope = compiled(*design, values)[1] @ way
    assert (ends[0] - ends[1]) / (2 * DIFFERENCE) == pytest.approx(slope, rel=GRADIENT, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_stated_numbers_have_the_slopes_of_finite_differences(from_normals, seed: int) -> None:  # type: ignore[no-untyped-def]
    lowered, _, z = case(seed)
    rng = np.random.default_rng(seed)
    n, x = packed(lowered.table.channels)
    weights, way = rng.normal(size=len(lowered.table.places)), rng.normal(size=len(z))
    values, slope = from_normals(n, x, z, weights)
    np.testing.assert_array_equal(values, values_at(lowered.channels, z))
    ends = [weights @ from_normals(n, x, z + s * DIFFERENCE * way, weights)[0] for s in (1, -1)]
    assert (ends[0] - ends[1]) / (2 * DIFFERENCE) == pytest.approx(slope @ way, rel=GRADIENT)


def test_arrays_that_are_strided_or_read_only_are_understood(compiled) -> None:  # type: ignore[no-untyped-def]
    lowered, design, z = case(SEEDS[0])
    values = values_at(lowered.channels, z)
    wanted, _ = compiled(*design, values)
    strided = [np.repeat(field, 2)[::2] for field in (*design, values)]
    strided[-1].flags.writeable = False
    assert compiled(*strided)[0] == wanted


def test_impossible_evidence_has_no_probability_and_no_slope(compiled) -> None:  # type: ignore[no-untyped-def]
    lowered, design, z = case(SEEDS[0])
    values, c = values_at(lowered.channels, z), lowered.channels
    assert (c.item_form == REPORT).any()
    values[np.concatenate([c.item_hit, c.item_false[c.item_false >= 0]])] = 1 - c.item_on[0]
    value, slope = compiled(*design, values)
    assert value == -np.inf
    assert not slope.any()


def test_second_derivatives_are_refused() -> None:
    _, design, _ = case(SEEDS[0])
    values = pt.dvector()
    slope = pytensor.grad(evidence_logp(*design, values)[0], values)
    with pytest.raises(NullTypeGradError, match="first derivatives only"):
        pytensor.grad(slope.sum(), values)
    z = pt.dvector()
    slope = pytensor.grad(natural_values(*design[2:4], z).sum(), z)
    with pytest.raises(NullTypeGradError, match="first derivatives only"):
        pytensor.grad(slope.sum(), z)


def test_parameters_of_the_wrong_rank_are_refused() -> None:
    _, design, z = case(SEEDS[0])
    with pytest.raises(TypeError, match="values must have 1 dimensions"):
        evidence_logp(*design, z[None])


def test_the_op_is_one_and_the_same_for_all_networks() -> None:
    assert EvidenceLogp() == evidence_logp
