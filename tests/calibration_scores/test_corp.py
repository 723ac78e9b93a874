from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss

from forecast.calibration import (
    confidence_band,
    consistency_band,
    corp,
    expected_brier,
    recalibration_test,
    roc,
    sharpness,
    spiegelhalter,
)
from forecast.errors import InputError
from tests.tolerances import SAME_ALGEBRA

P = [0.05, 0.1, 0.1, 0.2, 0.25, 0.3, 0.3, 0.35, 0.4, 0.5]
P += [0.55, 0.6, 0.6, 0.7, 0.7, 0.8, 0.85, 0.9, 0.95, 0.95]
Y = [0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1]

FORECASTS = st.lists(
    st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=1, max_size=60
)


def test_worked_by_hand() -> None:
    """0.4 with no and 0.6 with yes are in order; 0.2 with yes is pooled with 0.4 at one half."""
    found = corp([0.2, 0.4, 0.6, 0.6], [1, 0, 1, 1])
    assert found.curve.probability.tolist() == [0.2, 0.4, 0.6]
    assert found.curve.calibrated.tolist() == [0.5, 0.5, 1.0]
    assert found.curve.count.tolist() == [1, 1, 2]
    assert found.mean_score == pytest.approx((0.64 + 0.16 + 0.32) / 4, rel=SAME_ALGEBRA)
    assert found.uncertainty == pytest.approx(0.75 * 0.25, rel=SAME_ALGEBRA)
    assert found.miscalibration == pytest.approx(0.28 - 0.125, rel=SAME_ALGEBRA)
    assert found.discrimination == pytest.approx(0.1875 - 0.125, rel=SAME_ALGEBRA)


@pytest.mark.parametrize(
    ("rule", "miscalibration", "discrimination", "uncertainty", "score"),
    [
        ("brier", 0.030041666666666633, 0.05416666666666664, 0.25, 0.225875),
        (
            "logarithmic",
            0.11411674377258207,
            0.12253478569910625,
            0.6931471805599453,
            0.6847291386334211,
        ),
    ],
)
def test_equals_model_diagnostics(
    rule: str, miscalibration: float, discrimination: float, uncertainty: float, score: float
) -> None:
    """model-diagnostics 1.5.0: decompose(Y, P, scoring_function=SquaredError() or LogLoss())."""
    found = corp(P, Y, rule=rule)
    theirs = (miscalibration, discrimination, uncertainty, score)
    ours = (found.miscalibration, found.discrimination, found.uncertainty, found.mean_score)
    assert ours == pytest.approx(theirs, rel=SAME_ALGEBRA)


def test_equals_the_split_by_scikit_learn(rng: np.random.Generator) -> None:
    p = np.round(rng.random(3000), 3)
    y = (rng.random(3000) < p**1.5).astype(float)
    calibrated = IsotonicRegression(y_min=0, y_max=1).fit(p, y).predict(p)
    base = np.full(3000, y.mean())
    for rule, score in (("brier", brier_score_loss), ("logarithmic", log_loss)):
        found = corp(np.clip(p, 0.001, 0.999), y, rule=rule)
        ours, best, worst = (score(y, q) for q in (np.clip(p, 0.001, 0.999), calibrated, base))
        assert found.mean_score == pytest.approx(ours, rel=SAME_ALGEBRA)
        assert found.uncertainty == pytest.approx(worst, rel=SAME_ALGEBRA)
        if rule == "brier":  # scikit-learn's log loss clips the 0 and 1 of the fit
            assert found.miscalibration == pytest.approx(ours - best, abs=SAME_ALGEBRA)
            assert found.discrimination == pytest.approx(worst - best, abs=SAME_ALGEBRA)
    curve = corp(p, y).curve
    np.testing.assert_allclose(
        np.interp(p, curve.probability, curve.calibrated), calibrated, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("rule", ["brier", "logarithmic"])
@given(FORECASTS)
def test_the_parts_sum_to_the_score_and_none_is_negative(rule, forecasts) -> None:
    p = np.clip([said for said, _ in forecasts], 0.01, 0.99)
    found = corp(p, [came for _, came in forecasts], rule=rule)
    assert min(found.miscalibration, found.discrimination, found.uncertainty) >= 0
    whole = found.miscalibration - found.discrimination + found.uncertainty
    assert whole == pytest.approx(found.mean_score, abs=1e-12)
    assert (np.diff(found.curve.calibrated) >= 0).all()
    assert (np.diff(found.curve.probability) > 0).all()


@given(FORECASTS)
def test_what_is_recalibrated_has_no_miscalibration_left(forecasts) -> None:
    p, y = np.array([said for said, _ in forecasts]), [came for _, came in forecasts]
    curve = corp(p, y).curve
    again = corp(curve.calibrated[np.searchsorted(curve.probability, p)], y)
    assert again.miscalibration == pytest.approx(0, abs=1e-12)


def test_order_of_forecasts_does_not_matter(rng: np.random.Generator) -> None:
    order = rng.permutation(20)
    first, second = corp(P, Y), corp(np.array(P)[order], np.array(Y)[order])
    assert first.miscalibration == second.miscalibration
    assert first.curve.calibrated.tolist() == second.curve.calibrated.tolist()


def test_a_certain_error_makes_the_logarithmic_miscalibration_infinite() -> None:
    found = corp([0.0, 0.5, 0.5], [1, 0, 1], rule="logarithmic")
    assert found.miscalibration == np.inf
    assert np.isfinite(found.discrimination)


@pytest.mark.parametrize(
    ("p", "y", "rule", "message"),
    [
        ([0.2], [0, 1], "brier", r"two vectors of one length.*shapes \(1,\) and \(2,\)"),
        ([], [], "brier", "there are no forecasts"),
        ([0.2], [1], "logaritmic", "Did you mean 'logarithmic'"),
        ([1.2], [1], "brier", "a probability lies between 0 and 1"),
    ],
)
def test_what_cannot_be_split_is_refused(p, y, rule: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        corp(p, y, rule=rule)


def test_one_number_with_dust_is_one_value() -> None:
    found = corp([0.3, 1 - 0.7, 0.1 + 0.2, 0.9], [0, 1, 0, 1])
    assert found.curve.probability.tolist() == [0.3, 0.9]
    assert found.curve.count.tolist() == [3, 1]
    assert found.curve.calibrated[0] == pytest.approx(1 / 3, rel=SAME_ALGEBRA)


DIRTY = np.array([0.1 + 0.2, 1 - 0.7, 0.3, 0.7 - 0.2, 0.5, 0.1 * 3, 1 - 0.1, 0.9, 0.3 - 0.2] * 30)
CLEAN = np.array([0.3, 0.3, 0.3, 0.5, 0.5, 0.3, 0.9, 0.9, 0.1] * 30)
CAME = np.random.default_rng(6).random(CLEAN.size) < CLEAN
CLUSTER = np.arange(CLEAN.size) // 3


@pytest.mark.parametrize(
    "statistic",
    [
        lambda p: corp(p, CAME).curve.calibrated,
        lambda p: corp(p, CAME, rule="logarithmic").curve.probability,
        lambda p: roc(p, CAME).threshold,
        lambda p: roc(p, CAME).area,
        lambda p: astuple(consistency_band(p, CAME, resamples=50)),
        lambda p: astuple(consistency_band(p, CAME, cluster=CLUSTER, resamples=50)),
        lambda p: astuple(confidence_band(p, CAME, resamples=50)),
        lambda p: astuple(recalibration_test(p, CAME, resamples=199)),
        lambda p: astuple(recalibration_test(p, CAME, cluster=CLUSTER, resamples=199)),
        lambda p: astuple(spiegelhalter(p, CAME)),
        lambda p: astuple(spiegelhalter(p, CAME, cluster=CLUSTER)),
        sharpness,
        expected_brier,
    ],
)
def test_dust_changes_no_statistic(statistic) -> None:
    assert (CLEAN != DIRTY).any()
    np.testing.assert_equal(statistic(DIRTY), statistic(CLEAN))


def test_even_odds_with_dust_say_nothing_to_spiegelhalter() -> None:
    with pytest.raises(InputError, match=r"forecasts that are all 0, 0\.5 or 1"):
        spiegelhalter(np.full(20, 0.7 - 0.2), np.arange(20) % 2)


def test_the_mean_loss_is_that_of_the_forecasts_as_they_are() -> None:
    """Nearly certain is not certain: what happened at 1e-14 costs 32 nats, not infinity."""
    found = corp([1e-14, 0.0, 0.6], [1, 0, 1], rule="logarithmic")
    assert found.mean_score == pytest.approx(-(np.log(1e-14) + np.log(0.6)) / 3, rel=SAME_ALGEBRA)
