from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.calibration import expected_calibration_error, murphy
from forecast.errors import InputError
from forecast.scoring import brier
from tests.tolerances import SAME_ALGEBRA

FORECASTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def test_worked_by_hand() -> None:
    """Two bins: 0.1 and 0.3 with one yes, 0.6 and 0.8 with two."""
    found = murphy([0.1, 0.3, 0.6, 0.8], [0, 1, 1, 1], bins=[0, 0.5, 1])
    assert astuple(found) == pytest.approx(
        (
            (0.01 + 0.49 + 0.16 + 0.04) / 4,
            (0.3**2 + 0.3**2) / 2,  # (0.2 - 0.5)^2 and (0.7 - 1)^2
            (0.25**2 + 0.25**2) / 2,
            0.75 * 0.25,
            4 * 0.01 / 4,
            2 * (0.1 * 0.5 + 0.1 * 0.5) / 4,
        ),
        rel=SAME_ALGEBRA,
    )


@given(FORECASTS, st.integers(1, 20))
def test_the_five_terms_sum_to_the_brier_score(forecasts, bins: int) -> None:
    p, y = [said for said, _ in forecasts], [came for _, came in forecasts]
    found = murphy(p, y, bins=bins)
    whole = (
        found.reliability
        - found.resolution
        + found.uncertainty
        + found.within_bin_variance
        - found.within_bin_covariance
    )
    assert found.brier == pytest.approx(float(brier(p, y).mean()), abs=1e-12)
    assert whole == pytest.approx(found.brier, abs=1e-12)


def test_bins_of_one_value_each_add_nothing_within_them(rng: np.random.Generator) -> None:
    p = rng.choice([0.05, 0.25, 0.55, 0.95], 200)
    found = murphy(p, rng.random(200) < p, bins=10)
    assert found.within_bin_variance == pytest.approx(0, abs=1e-15)
    assert found.within_bin_covariance == pytest.approx(0, abs=1e-15)


def test_certainty_and_its_opposite_have_bins() -> None:
    assert murphy([0.0, 1.0], [0, 1], bins=3).brier == 0.0


@pytest.mark.parametrize("bins", [0, -1, [0.1, 1], [0, 0.5, 0.5, 1], [0, 0.5], [[0, 1]]])
def test_bins_run_from_0_to_1(bins) -> None:
    with pytest.raises(InputError, match="edges that increase from 0 to 1"):
        murphy([0.2], [1], bins=bins)


def test_the_expected_calibration_error_worked_by_hand() -> None:
    p, y = [0.1, 0.3, 0.6, 0.8], [0, 1, 1, 1]
    assert expected_calibration_error(p, y, bins=2) == pytest.approx(0.3, rel=SAME_ALGEBRA)
    assert expected_calibration_error(p, y, bins=1) == pytest.approx(0.3, rel=SAME_ALGEBRA)


def test_the_expected_calibration_error_prefers_who_knows_nothing() -> None:
    """The caveat, shown: the base rate alone beats calibrated forecasts of 500 questions."""
    rng = np.random.default_rng(2)
    p = rng.random(500)
    y = rng.random(500) < p
    useless = np.full(500, y.mean())
    assert expected_calibration_error(useless, y, bins=10) < 1e-12
    assert expected_calibration_error(p, y, bins=10) > 0.02
