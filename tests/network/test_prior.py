"""Priors: transforms of a standard normal, against scipy's own distributions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forecast.network import Fixed, Gamma, LogitNormal, LogNormal, Prior
from tests.tolerances import SAME_ALGEBRA

Z = np.linspace(-8, 8, 33)
STEP = 1e-4
SLOPE = 1e-6
"""Relative, of a slope against central differences with a step of 1e-4: the truncation error is
(1e-4)^2 times a third derivative that grows as z^2 in the tails of the gamma."""
PRIORS: list[Prior] = [
    Fixed(0.3),
    LogNormal(-1.5, 0.7),
    LogitNormal(2.0, 1.1),
    Gamma(0.5, 61.0),
    Gamma(4.5, 61.0),
    Gamma(3000.5, 2.0),
]


@pytest.mark.parametrize("prior", PRIORS, ids=str)
def test_the_slope_is_the_slope_of_the_transform(prior: Prior) -> None:
    difference = (prior.from_z(np.add(Z, STEP)) - prior.from_z(np.add(Z, -STEP))) / (2 * STEP)
    # A probability near 1 has few digits left for a difference; the lower tail has them all.
    absolute = 1e-11 if isinstance(prior, LogitNormal) else 0.0
    np.testing.assert_allclose(prior.dvalue_dz(Z), difference, rtol=SLOPE, atol=absolute)


@pytest.mark.parametrize("prior", PRIORS, ids=str)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_transforms_keep_the_shape_of_z(prior: Prior, shape: tuple[int, ...]) -> None:
    z = np.zeros(shape)
    assert prior.from_z(z).shape == shape
    assert prior.dvalue_dz(z).shape == shape


@pytest.mark.parametrize("prior", PRIORS, ids=str)
def test_median_and_interval_are_quantiles_of_the_transform(prior: Prior) -> None:
    z = np.asarray(stats.norm.ppf([0.05, 0.5, 0.95]))
    low, median, high = prior.from_z(z)
    np.testing.assert_allclose(prior.median(), median, rtol=SAME_ALGEBRA)
    np.testing.assert_allclose(prior.interval(0.9), (low, high), rtol=SAME_ALGEBRA)


@pytest.mark.parametrize("shape", [0.5, 1.5, 4.5, 60.5, 3000.5])
def test_the_gamma_has_its_tail_probabilities_to_eight_deviations(shape: float) -> None:
    values = Gamma(shape, 61.0).from_z(Z)
    below, above = Z < 0, Z >= 0
    theirs = stats.gamma(shape, scale=1 / 61.0)
    np.testing.assert_allclose(
        theirs.logcdf(values[below]), stats.norm.logcdf(Z[below]), rtol=SAME_ALGEBRA
    )
    np.testing.assert_allclose(
        theirs.logsf(values[above]), stats.norm.logsf(Z[above]), rtol=SAME_ALGEBRA
    )


def test_the_slope_of_the_gamma_is_a_ratio_of_densities() -> None:
    prior = Gamma(4.5, 61.0)
    theirs = stats.gamma(4.5, scale=1 / 61.0)
    ratio = stats.norm.pdf(Z) / theirs.pdf(prior.from_z(Z))
    np.testing.assert_allclose(prior.dvalue_dz(Z), ratio, rtol=1e-10)  # scipy's pdf in the tail


@pytest.mark.parametrize("prior", PRIORS, ids=str)
def test_values_stay_positive_and_finite_far_out(prior: Prior) -> None:
    values = prior.from_z(np.array([-60.0, -38.0, 38.0, 60.0]))
    assert np.isfinite(values).all()
    assert (values > 0).all()
    assert np.isfinite(prior.dvalue_dz(np.array([-60.0, -38.0, 38.0, 60.0]))).all()


@given(st.floats(-30, 30), st.floats(0.01, 5))
def test_a_logit_normal_keeps_its_lower_tail(mu: float, sigma: float) -> None:
    prior = LogitNormal(mu, sigma)
    low, high = prior.interval(0.9)
    assert 0 < low < prior.median() <= high <= 1


def test_priors_are_frozen_and_compare_by_value() -> None:
    assert LogNormal(0.0, 1.0) == LogNormal(0.0, 1.0)
    assert len({Gamma(0.5, 2.0), Gamma(0.5, 2.0), Gamma(0.5, 3.0)}) == 2
