import numpy as np
import pytest
from scipy import stats

from forecast.scoring._skill import SLACK, chance_by_cluster, chance_of_independent

N = 40


def ends(worst: float, best: float) -> tuple[np.ndarray, np.ndarray]:
    return np.full(N, worst), np.full(N, best)


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_of_questions_all_alike_it_lies_between_the_binomial_chance_and_thrice_that(
    lost: int,
) -> None:
    worst, best = ends(-0.6, 0.4)
    gains = np.where(np.arange(N) < lost, worst, best)
    exact = stats.binom.cdf(lost, N, 0.4)
    found = chance_of_independent(gains, worst, best, seed=1)
    assert exact <= found * (1 + 1e-9)
    assert found <= 3 * SLACK * exact


def test_where_all_came_out_best_it_is_exact() -> None:
    worst, best = ends(-0.0399, 0.0004)
    found = chance_of_independent(best, worst, best, seed=1)
    assert found == pytest.approx((0.0399 / 0.0403) ** N, rel=1e-6)


def test_it_falls_as_the_gain_grows_and_hardly_depends_on_the_seed() -> None:
    rng = np.random.default_rng(1)
    worst = -rng.uniform(0.01, 0.5, N)
    best = rng.uniform(0.01, 0.5, N)
    sums = np.linspace(0, 1, 12)[:, None] * best  # (gain, question)
    found = [chance_of_independent(each, worst, best, seed=1) for each in sums]
    assert found[0] == 1.0
    assert (np.diff(found) <= 1e-12).all()
    again = [chance_of_independent(each, worst, best, seed=2) for each in sums]
    np.testing.assert_allclose(again, found, rtol=0.2)


def test_no_chances_of_being_better_make_such_sums_likelier() -> None:
    """Drawn at random, among them better on some questions and worse on others."""
    rng = np.random.default_rng(2)
    weights = rng.gamma(0.7, size=N) + 0.02
    worst = -weights * rng.uniform(0.3, 0.9, N)
    best = worst + weights
    for _ in range(20):
        theta = rng.beta(0.5, 0.5, N)
        theta = theta * min(1, -worst.sum() / (weights * theta).sum())
        sums = np.where(rng.random((400, N)) < theta, best, worst)
        small = [chance_of_independent(each, worst, best, seed=1) <= 0.05 for each in sums[:60]]
        assert np.sum(small) <= stats.binom.ppf(0.9999, 60, 0.05)


def test_clusters_that_do_not_hang_together_are_seen_to_show_more() -> None:
    """Equal mean gains: of many questions each by itself, or of all at once."""
    worst, best = ends(-6.0, 4.0)
    apart = np.where(np.arange(N) % 4, 2.0, 0.0)
    at_once = np.where(np.arange(N) % 4, 4.0, -6.0)
    assert apart.mean() == at_once.mean() == 1.5
    assert chance_by_cluster(apart, worst, best, seed=1) < 0.01
    assert chance_by_cluster(at_once, worst, best, seed=1) > 0.1


def test_one_cluster_that_loses_all_at_once_is_enough() -> None:
    worst, best = ends(-1.0, 0.01)
    gains = best.copy()
    gains[0] = -1.0
    assert chance_by_cluster(gains, worst, best, seed=1) == 1.0


def test_who_cannot_differ_is_not_better() -> None:
    nothing = np.zeros(N)
    assert chance_of_independent(nothing, nothing, nothing, seed=1) == 1.0
    assert chance_by_cluster(nothing, nothing, nothing, seed=1) == 1.0
