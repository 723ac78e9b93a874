import numpy as np
import pytest

from forecast.calibration import Band, confidence_band, consistency_band, corp
from forecast.errors import InputError
from tests.calibration_scores.worlds import independent
from tests.tolerances import MONTE_CARLO_Z

LEVELS = np.array([0.1, 0.3, 0.5, 0.7, 0.9])


def inside(band: Band, curve: np.ndarray) -> np.ndarray:
    return (band.low <= curve + 1e-9) & (curve - 1e-9 <= band.high)


def test_the_consistency_band_of_one_value_is_that_of_a_binomial() -> None:
    p = np.full(1000, 0.3)
    band = consistency_band(p, p > 0.5, resamples=4000)
    half = 1.645 * np.sqrt(0.3 * 0.7 / 1000)
    assert band.low[0] == pytest.approx(0.3 - half, abs=0.1 * half)
    assert band.high[0] == pytest.approx(0.3 + half, abs=0.1 * half)


def test_calibrated_forecasts_stay_in_their_band_nine_times_in_ten() -> None:
    rng = np.random.default_rng(7)
    trials, hits = 200, np.zeros(5)
    p = np.repeat(LEVELS, 60)
    for trial in range(trials):
        y = rng.random(300) < p
        band = consistency_band(p, y, resamples=199, seed=trial)
        hits += inside(band, corp(p, y).curve.calibrated)
    spread = np.sqrt(trials * 0.9 * 0.1)
    assert (np.abs(hits - 0.9 * trials) < MONTE_CARLO_Z * spread).all(), hits / trials


def test_repeated_questions_need_the_band_by_cluster() -> None:
    """Ten forecasts of one question: nine in ten by cluster, fewer than two in three without."""
    rng = np.random.default_rng(8)
    trials, by_cluster, careless = 150, 0.0, 0.0
    cluster = np.repeat(np.arange(200), 10)
    for trial in range(trials):
        p = np.repeat(rng.choice(LEVELS, 200), 10)
        y = np.repeat(rng.random(200), 10) < p
        curve = corp(p, y).curve.calibrated
        band = consistency_band(p, y, cluster=cluster, resamples=199, seed=trial)
        by_cluster += inside(band, curve).mean() / trials
        careless += inside(consistency_band(p, y, resamples=99), curve).mean() / trials
    assert by_cluster == pytest.approx(0.9, abs=0.06)
    assert careless < 0.65


def test_the_confidence_band_lies_about_the_curve_and_covers_the_truth() -> None:
    rng = np.random.default_rng(9)
    trials, hits = 80, np.zeros(5)
    p, truth = np.repeat(LEVELS, 80), LEVELS**1.5
    for trial in range(trials):
        y = rng.random(400) < p**1.5
        band = confidence_band(p, y, resamples=99, seed=trial)
        assert inside(band, corp(p, y).curve.calibrated).all()
        hits += inside(band, truth)
    assert (hits / trials > 0.8).all(), hits / trials


def test_a_confidence_band_by_cluster_does_not_narrow_as_questions_are_repeated() -> None:
    rng = np.random.default_rng(3)
    p = rng.choice(LEVELS, 200)
    y = rng.random(200) < p
    often, cluster = np.repeat(p, 10), np.repeat(np.arange(200), 10)
    once = confidence_band(p, y, resamples=199)
    again = confidence_band(often, np.repeat(y, 10), cluster=cluster, resamples=199)
    careless = confidence_band(often, np.repeat(y, 10), resamples=199)
    width, same, narrow = ((b.high - b.low).mean() for b in (once, again, careless))
    assert same == pytest.approx(width, rel=1e-9)
    assert narrow < 0.5 * width


def test_a_band_is_given_at_no_more_points_than_a_picture_shows() -> None:
    said = independent(np.random.default_rng(1), 2000)
    for band in (
        consistency_band(said.p, said.y, resamples=20),
        confidence_band(said.p, said.y, resamples=20),
    ):
        assert band.probability.size == 512
        assert (band.probability[0], band.probability[-1]) == (said.p.min(), said.p.max())
        assert (band.low <= band.high).all()


def test_a_level_lies_between_0_and_1() -> None:
    with pytest.raises(InputError, match="level: must lie above 0 and below 1"):
        consistency_band([0.2], [1], level=1.5)
    with pytest.raises(InputError, match="one cluster alone"):
        confidence_band([0.2, 0.3], [1, 0], cluster=["a", "a"])
