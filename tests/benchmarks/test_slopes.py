"""Slopes on logarithmic scales are exponents."""

import pytest

from benchmarks.slopes import local_slopes, slope

SIZES = (10.0, 30.0, 100.0, 1000.0)


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0])
def test_a_power_law_has_its_exponent(exponent: float) -> None:
    costs = [3e-6 * size**exponent for size in SIZES]
    assert slope(SIZES, costs) == pytest.approx(exponent, abs=1e-12)
    assert local_slopes(SIZES, costs) == pytest.approx([exponent] * 3, abs=1e-12)


def test_a_fixed_cost_flattens_the_small_sizes_only() -> None:
    found = local_slopes(SIZES, [5.0 + 0.1 * size for size in SIZES])
    assert found == sorted(found)
    assert found[0] < 0.5
    assert found[-1] > 0.8


@pytest.mark.parametrize(
    ("sizes", "costs", "told"),
    [
        ([10], [1.0], "two different sizes"),
        ([10, 10], [1.0, 2.0], "two different sizes"),
        ([10, 20], [1.0], "two different sizes"),
        ([10, 20], [0.0, 1.0], "positive"),
    ],
)
def test_what_has_no_slope_is_refused(sizes: list[float], costs: list[float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        slope(sizes, costs)
