import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import norm

from forecast.crowd._by_question import find_mode, predict


def problem(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    root = rng.normal(size=(size, size + 2))
    return root @ root.T / size, rng.normal(size=size), (rng.random(size) < 0.5).astype(float)


def test_the_mode_is_the_maximum_that_scipy_finds(rng: np.random.Generator) -> None:
    covariance, mean, y = problem(rng, 6)
    precision = np.linalg.inv(covariance)

    def cost(f: np.ndarray) -> float:
        away = f - mean
        return float(0.5 * away @ precision @ away + np.logaddexp(0, f * (1 - 2 * y)).sum())

    below = minimize(cost, mean, tol=1e-12)
    found = find_mode(covariance, mean, y)
    np.testing.assert_allclose(found.offset + mean, below.x, atol=1e-4)
    np.testing.assert_allclose(found.offset, covariance @ found.slope, atol=1e-4)


def test_the_evidence_is_laplaces_integral(rng: np.random.Generator) -> None:
    covariance, mean, y = problem(rng, 5)
    found = find_mode(covariance, mean, y)
    at = found.offset + mean
    joint = -np.logaddexp(0, at * (1 - 2 * y)).sum() - 0.5 * found.offset @ np.linalg.solve(
        covariance, found.offset
    )
    curvature = np.eye(5) + covariance @ np.diag(expit(at) * (1 - expit(at)))
    expected = joint - 0.5 * np.log(np.linalg.det(curvature))
    assert found.log_evidence == pytest.approx(expected, abs=1e-6)


def test_for_one_question_it_is_close_to_the_exact_integral() -> None:
    found = find_mode(np.array([[0.8]]), np.array([0.3]), np.array([1.0]))
    exact, _ = quad(lambda f: norm.pdf(f, 0.3, np.sqrt(0.8)) * expit(f), -8, 8)
    assert np.exp(found.log_evidence) == pytest.approx(exact, rel=0.01)


def test_predictions_are_those_of_the_fitted_normal(rng: np.random.Generator) -> None:
    covariance, mean, y = problem(rng, 7)
    seen, other = np.arange(5), np.arange(5, 7)
    found = find_mode(covariance[np.ix_(seen, seen)], mean[seen], y[seen])
    moved, variance = predict(found, covariance[np.ix_(other, seen)], np.diag(covariance)[other])
    inner = covariance[np.ix_(seen, seen)]
    cross = covariance[np.ix_(other, seen)]
    noisy = np.linalg.inv(inner + np.diag(1 / found.root**2))
    np.testing.assert_allclose(moved, cross @ np.linalg.solve(inner, found.offset), atol=1e-4)
    np.testing.assert_allclose(
        variance, np.diag(covariance[np.ix_(other, other)] - cross @ noisy @ cross.T), rtol=1e-9
    )


def test_surprising_outcomes_do_not_throw_it_off() -> None:
    """Newton's step overshoots here, and is halved."""
    covariance, mean = 400 * np.eye(3) + 50, np.array([-30.0, 25.0, -40.0])
    found = find_mode(covariance, mean, np.array([1.0, 0.0, 1.0]))
    np.testing.assert_allclose(found.offset, covariance @ found.slope, rtol=1e-5)
