from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.calibration import expected_calibration_error, murphy
from forecast.calibration._bins import bin_index
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


def dusty(n: int) -> list[np.ndarray]:
    """The n + 1 edges of n bins, worked out in as many ways as people do; doubles of all kinds."""
    k = np.arange(n + 1)
    return [
        k / n,
        k * (1 / n),
        1 - (n - k) / n,
        np.linspace(0, 1, n + 1),
        np.clip(np.cumsum(np.full(n + 1, 1 / n)) - 1 / n, 0, 1),
        np.array([float(f"{x:.15g}") for x in k / n]),
    ]


@pytest.mark.parametrize("bins", [1, 3, 7, 10, 20, 29, 49, 100, 1000])
def test_a_forecast_on_an_edge_is_in_the_bin_above_and_certainty_in_the_last(bins: int) -> None:
    expected = [*range(bins), bins - 1]
    for said in dusty(bins):
        assert bin_index(said, bins).tolist() == expected
        for edges in dusty(bins):
            assert bin_index(said, edges).tolist() == expected


def test_bins_are_exact_in_what_people_wrote() -> None:
    assert bin_index(np.arange(11) / 10, 10).tolist() == [*range(10), 9]
    assert bin_index(np.array([0.1 + 0.2, 1 - 0.7, 0.29 * 100 / 100, 0.3]), 10).tolist() == [
        3,
        3,
        2,
        3,
    ]
    assert bin_index(np.array([0.29 * 100 / 100, 0.57, 0.58]), 100).tolist() == [29, 57, 58]
    assert bin_index(np.array([0.3 - 0.2, 0.1]), [0, 0.1, 0.25, 1]).tolist() == [1, 1]
    assert bin_index(np.array([0.3 - 1e-9, 0.3 + 1e-9]), 10).tolist() == [2, 3]


def test_dust_changes_no_term() -> None:
    y = np.arange(33) % 3 == 0
    clean = np.tile(np.arange(11) / 10, 3)
    dirty = np.concatenate([np.arange(11) * 0.1, 1 - (10 - np.arange(11)) / 10, clean[:11]])
    assert (clean != dirty.clip(0, 1)).any()
    assert murphy(dirty.clip(0, 1), y, bins=10) == murphy(clean, y, bins=10)
    error = expected_calibration_error(clean, y, bins=10)
    assert expected_calibration_error(dirty.clip(0, 1), y, bins=10) == error


@pytest.mark.parametrize(
    "bins",
    [
        0,
        -1,
        10.5,
        np.inf,
        10**9,
        [0.1, 1],
        [0, 0.5, 0.5, 1],
        [0, 0.1 + 0.2, 0.3, 1],
        [0, 0.5],
        [[0, 1]],
    ],
)
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
