import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from benchmarks.crowd import HERE, read
from forecast.crowd import extremise, fit_extremising, geometric_mean_of_odds, mean, median, pool
from forecast.errors import InputError
from tests.tolerances import SAME_ALGEBRA

PROBABILITIES = st.lists(st.floats(0.02, 0.98), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("method", "theirs"),
    [("mean", "ArMean"), ("median", "Median"), ("geometric_mean_of_odds", "LOArMean")],
)
def test_pools_equal_those_that_aggrecat_published(method: str, theirs: str) -> None:
    """aggreCAT 1.0.0, data_confidence_scores: 25 claims, 25 assessors each."""
    published = pd.read_csv(HERE / "data" / "replicats_published.csv", index_col="question")
    ours = pool(read("replicats"), method).table["probability"]
    assert len(published) == 25
    pd.testing.assert_series_equal(
        ours, published[theirs], check_names=False, rtol=SAME_ALGEBRA, check_index_type=False
    )


def test_pools_worked_by_hand() -> None:
    p = [0.5, 0.8]  # odds 1 and 4: their geometric mean is 2
    assert mean(p) == pytest.approx(0.65, rel=SAME_ALGEBRA)
    assert median([0.1, 0.2, 0.9]) == pytest.approx(0.2, rel=SAME_ALGEBRA)
    assert geometric_mean_of_odds(p) == pytest.approx(2 / 3, rel=SAME_ALGEBRA)
    assert extremise(p, 2.0) == pytest.approx(4 / 5, rel=SAME_ALGEBRA)


def test_who_says_nothing_counts_for_nothing() -> None:
    p = [[0.2, np.nan], [0.4, 0.9]]
    for way in (mean, median, geometric_mean_of_odds):
        assert way(p)[1] == pytest.approx(0.9, rel=SAME_ALGEBRA)


def test_one_certainty_does_not_decide_for_all() -> None:
    assert geometric_mean_of_odds([0.0, 0.5, 0.5, 0.5]) == pytest.approx(
        expit(logit(0.01) / 4), rel=SAME_ALGEBRA
    )


@given(PROBABILITIES, st.floats(1.01, 5))
def test_extremising_moves_away_from_one_half(p: list[float], factor: float) -> None:
    pooled, stretched = geometric_mean_of_odds(p), extremise(p, factor)
    assert abs(stretched - 0.5) >= abs(pooled - 0.5) - 1e-12
    assert (stretched - 0.5) * (pooled - 0.5) >= -1e-12


@given(PROBABILITIES)
def test_pools_lie_within_what_was_said_and_are_the_same_for_no_as_for_yes(p: list[float]) -> None:
    for way in (mean, median, geometric_mean_of_odds):
        assert min(p) - 1e-12 <= way(p) <= max(p) + 1e-12
        assert way(1 - np.array(p)) == pytest.approx(1 - way(p), abs=1e-12)


def test_the_factor_fitted_is_where_the_slope_of_the_likelihood_is_zero() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=2000)
    p = expit(truth / 2.5 + 0.3 * rng.normal(size=(40, 2000)))
    y = rng.random(2000) < expit(truth)
    factor = fit_extremising(p, y)
    pooled = logit(geometric_mean_of_odds(p))
    assert ((y - expit(factor * pooled)) * pooled).sum() == pytest.approx(0, abs=0.01)
    assert factor == pytest.approx(2.5, abs=0.3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean([[np.nan], [np.nan]]), "every question needs a forecast"),
        (lambda: mean(0.5), "every question needs a forecast"),
        (lambda: mean(["much"]), "these are not numbers"),
        (lambda: median([0.3, 1.2]), "a probability lies between 0 and 1"),
        (lambda: extremise([0.3], 0.0), "factor: must be a number above 0"),
        (lambda: fit_extremising([[0.3, 0.4]], [1]), "two vectors of one length"),
    ],
)
def test_what_is_no_crowd_is_refused(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
