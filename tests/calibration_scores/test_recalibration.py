import numpy as np
import pytest
from scipy import stats

from forecast.calibration import recalibration_test
from forecast.calibration._recalibration import _basis, _pair_sums
from forecast.errors import InputError
from tests.calibration_scores.worlds import independent, linked
from tests.tolerances import SAME_ALGEBRA


def test_for_many_questions_the_p_value_is_that_of_chi_square() -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        said = independent(rng, 5000)
        found = recalibration_test(said.p, said.y, resamples=4999)
        theory = stats.chi2.sf(found.statistic, 3)
        assert found.p_value == pytest.approx(theory, abs=5 * np.sqrt(theory / 5000) + 0.01)


def test_the_statistic_is_the_score_test_of_a_logistic_recalibration() -> None:
    """U' I^-1 U in the basis 1, l, l^2 itself, which the code makes orthonormal first."""
    said = independent(np.random.default_rng(2), 400)
    odds = np.log(said.p / (1 - said.p))
    basis = np.stack([np.ones_like(odds), odds, odds**2], axis=1)
    score = basis.T @ (said.y - said.p)
    information = basis.T @ ((said.p * (1 - said.p))[:, None] * basis)
    theirs = score @ np.linalg.solve(information, score)
    assert recalibration_test(said.p, said.y).statistic == pytest.approx(theirs, rel=1e-9)


def test_sums_over_pairs_equal_the_double_loop(rng: np.random.Generator) -> None:
    codes = np.repeat([0, 1, 2], [4, 1, 3])
    p = np.concatenate([np.sort(rng.random(n)) for n in (4, 1, 3)])
    basis = _basis(p)
    begins, sizes = np.array([0, 4, 5]), np.array([4, 1, 3])
    looped = sum(
        (min(p[i], p[j]) - p[i] * p[j]) * np.outer(basis[i], basis[j])
        for i in range(8)
        for j in range(8)
        if i != j and codes[i] == codes[j]
    )
    np.testing.assert_allclose(_pair_sums(p, basis, begins, sizes), looped, atol=1e-12)


def test_the_basis_is_orthonormal_under_calibration(rng: np.random.Generator) -> None:
    p = rng.random(200)
    basis = _basis(p)
    gram = basis.T @ ((p * (1 - p))[:, None] * basis)
    np.testing.assert_allclose(gram, np.eye(3), atol=1e-10)


def test_clusters_of_one_are_independent_questions() -> None:
    said = independent(np.random.default_rng(3), 100)
    alone = recalibration_test(said.p, said.y)
    named = recalibration_test(said.p, said.y, cluster=np.arange(100)[::-1])
    assert named.p_value == pytest.approx(alone.p_value, abs=0.05)
    assert named.statistic == pytest.approx(alone.statistic, rel=1e-9)
    assert named.dependence == 0.0


def test_the_dependence_of_linked_questions_is_found() -> None:
    said = linked(np.random.default_rng(4), 3000)
    found = recalibration_test(said.p, said.y, cluster=said.cluster, resamples=19)
    assert found.dependence == pytest.approx(0.6, abs=0.1)
    assert (found.forecasts, found.clusters) == (said.p.size, 3000)


def test_candidates_of_one_election_are_not_held_against_it() -> None:
    """Outcomes that exclude each other, three to a race."""
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.ones(3), 60)
    winner = (p.cumsum(axis=1) < rng.random((60, 1))).sum(axis=1)
    y = winner[:, None] == np.arange(3)
    found = recalibration_test(p.ravel(), y.ravel(), cluster=np.repeat(np.arange(60), 3))
    assert found.p_value > 0.01


def test_both_sides_of_a_question_are_one_question() -> None:
    rng = np.random.default_rng(8)
    p = rng.beta(0.7, 0.9, 2000)
    y, race = rng.random(2000) < p, np.repeat(np.arange(2000), 2)
    one = recalibration_test(np.repeat(p, 2), np.repeat(y, 2), cluster=race, resamples=19)
    p2, y2 = (np.column_stack([x, 1 - x]).ravel() for x in (p, y.astype(float)))
    both = recalibration_test(p2, y2, cluster=race, resamples=19)
    assert one.dependence == pytest.approx(1, abs=0.1)
    assert both.dependence == pytest.approx(one.dependence, rel=1e-9)


@pytest.mark.parametrize("p", [np.full(50, 0.3), np.repeat([0.2, 0.6], 25)])
def test_few_different_probabilities_are_enough(p: np.ndarray) -> None:
    y = np.random.default_rng(6).random(50) < p
    assert recalibration_test(p, y).p_value > 0.01
    assert recalibration_test(p, np.ones(50)).p_value == 0.001


def test_certainty_that_came_true_says_nothing_and_that_did_not_says_all() -> None:
    assert recalibration_test([0.0, 1.0], [0, 1]).p_value == 1.0
    wrong = recalibration_test([0.0, 1.0, 0.5], [0, 0, 1])
    assert (wrong.p_value, wrong.statistic) == (0.0, np.inf)


def test_equal_input_gives_equal_output_in_any_order(rng: np.random.Generator) -> None:
    said = linked(np.random.default_rng(7), 40)
    order = rng.permutation(said.p.size)
    first = recalibration_test(said.p, said.y, cluster=said.cluster)
    second = recalibration_test(said.p[order], said.y[order], cluster=said.cluster[order])
    assert first.p_value == second.p_value
    assert first.statistic == pytest.approx(second.statistic, rel=SAME_ALGEBRA)


def test_a_few_clusters_are_too_few() -> None:
    with pytest.raises(InputError, match=r"needs 20 clusters or more \(got '19'\)"):
        recalibration_test(np.full(38, 0.5), np.tile([0, 1], 19), cluster=np.repeat(range(19), 2))
