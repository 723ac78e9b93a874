import numpy as np
import pytest
from scipy import stats

from forecast.calibration import expected_brier, sharpness, spiegelhalter
from forecast.errors import InputError
from forecast.scoring import brier
from tests.calibration_scores.worlds import independent, repeated, too_bold, too_timid
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA


def test_z_is_the_brier_score_against_what_it_should_be_in_standard_errors(
    rng: np.random.Generator,
) -> None:
    """Spiegelhalter's own form: (B - E[B]) / sd(B) under the forecasts."""
    p = rng.random(50)
    y = rng.random(50) < p
    deviation = np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum()) / 50
    z = (brier(p, y).mean() - expected_brier(p)) / deviation
    found = spiegelhalter(p, y)
    assert found.z == pytest.approx(z, rel=SAME_ALGEBRA)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(z)), rel=SAME_ALGEBRA)


def test_z_is_standard_normal_for_calibrated_forecasts() -> None:
    rng = np.random.default_rng(11)
    z = np.array([spiegelhalter(*independent(rng, 300)[:2]).z for _ in range(1000)])
    assert abs(z.mean()) < MONTE_CARLO_Z / np.sqrt(1000)
    assert abs(z.std() - 1) < MONTE_CARLO_Z / np.sqrt(2000)


def test_repeated_questions_need_the_variance_by_cluster() -> None:
    rng = np.random.default_rng(12)
    worlds = [repeated(rng, 150) for _ in range(300)]
    by_cluster = np.array([spiegelhalter(w.p, w.y, cluster=w.cluster).z for w in worlds])
    careless = np.array([spiegelhalter(w.p, w.y).z for w in worlds])
    assert by_cluster.std() == pytest.approx(1, abs=0.2)
    assert careless.std() > 1.5


def test_the_sign_tells_bold_from_timid() -> None:
    said = independent(np.random.default_rng(13), 2000)
    assert spiegelhalter(too_bold(said.p), said.y).z > 5
    assert spiegelhalter(too_timid(said.p), said.y).z < -5


def test_it_says_nothing_of_coin_tosses() -> None:
    with pytest.raises(InputError, match=r"all 0, 0.5 or 1"):
        spiegelhalter([0.5, 1.0], [1, 1])


def test_sharpness_worked_by_hand() -> None:
    assert sharpness([0.0, 1.0]) == pytest.approx(0.25, rel=SAME_ALGEBRA)
    assert sharpness([0.3, 0.3]) == 0.0
    assert expected_brier([0.0, 0.5]) == pytest.approx(0.125, rel=SAME_ALGEBRA)
    with pytest.raises(InputError, match="there are no forecasts"):
        sharpness([])
