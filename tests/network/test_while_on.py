"""Extra rates that a rate while on implies: bent above zero, and back."""

import numpy as np
import pytest

from forecast.network._prior import LogNormal
from forecast.network._while_on import Excess, WhileOn, bent
from tests.tolerances import SAME_ALGEBRA

SOFT = 0.02


def test_a_difference_is_bent_as_the_formula_says() -> None:
    above = np.array([-3.0, -0.1, 0.0, 0.05, 2.0])
    expected = (above + np.sqrt(above**2 + 4 * SOFT**2)) / 2
    np.testing.assert_allclose(bent(above, SOFT), expected, rtol=1e-9)
    assert bent(np.zeros(1), SOFT)[0] == pytest.approx(SOFT, rel=SAME_ALGEBRA)


@pytest.mark.parametrize("softness", [None, SOFT])
def test_a_strength_leads_back_to_the_rate_while_on(softness: float | None) -> None:
    known = WhileOn(LogNormal(0.0, 0.5), softness)
    rates, bases = np.array([0.05, 0.4, 3.0]), np.array([0.2, 0.3, 0.1])
    found = known.rate_of(known.strength(rates, bases), bases)
    np.testing.assert_allclose(found, rates, rtol=1e-9)


def test_the_line_of_an_excess_rises_by_its_slope() -> None:
    excess, z, step = Excess(LogNormal(-1.0, 0.6), 0.3, SOFT), np.linspace(-3, 3, 25), 1e-5
    slope = (excess.line(z + step) - excess.line(z - step)) / (2 * step)
    np.testing.assert_allclose(excess.dline_dz(z), slope, rtol=1e-6, atol=1e-9)
