import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from forecast.calibration import roc
from forecast.errors import InputError
from forecast.scoring import cluster_bootstrap
from tests.calibration_scores.worlds import repeated
from tests.tolerances import SAME_ALGEBRA


def test_equals_scikit_learn_ties_and_all(rng: np.random.Generator) -> None:
    p = np.round(rng.random(400), 2)
    y = (rng.random(400) < p).astype(float)
    found = roc(p, y)
    alarms, hits, thresholds = roc_curve(y, p, drop_intermediate=False)
    np.testing.assert_allclose(found.false_alarm_rate, alarms, rtol=SAME_ALGEBRA)
    np.testing.assert_allclose(found.hit_rate, hits, rtol=SAME_ALGEBRA)
    np.testing.assert_array_equal(found.threshold, thresholds)
    assert found.area == pytest.approx(roc_auc_score(y, p), rel=SAME_ALGEBRA)


def test_it_is_blind_to_calibration(rng: np.random.Generator) -> None:
    p = rng.random(100)
    y = rng.random(100) < p
    assert roc(p, y).area == roc(p / 10, y).area


def test_its_interval_comes_from_whole_questions() -> None:
    said = repeated(np.random.default_rng(5), 60)
    area = lambda rows: roc(said.p[rows], said.y[rows]).area  # noqa: E731
    by_question = cluster_bootstrap(area, said.cluster, resamples=199)
    careless = cluster_bootstrap(area, np.arange(said.p.size), resamples=199)
    assert by_question.low < by_question.estimate < by_question.high
    assert by_question.high - by_question.low > 1.3 * (careless.high - careless.low)


def test_outcomes_all_alike_have_no_curve() -> None:
    with pytest.raises(InputError, match="needs a yes and a no"):
        roc([0.2, 0.3], [1, 1])
