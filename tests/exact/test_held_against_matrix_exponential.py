"""States that change once at most, as every change is seen: filter and paths against expm."""

import numpy as np
import pytest

from forecast.engine._components import build_plans
from forecast.engine._likelihood import log_likelihood, log_likelihoods, value_and_gradient
from forecast.engine._problem import STATE, Parameters, Record, Structure
from forecast.engine.paths import make_sampler
from tests.exact.dense import dense_log_likelihood
from tests.exact.random_networks import held, random_parameters, watched_problem
from tests.exact.slopes import wrong_slopes
from tests.exact.test_paths_against_matrix_exponential import largest_z, on_given_all, sampled
from tests.exact.test_smoothing_against_matrix_exponential import check_chances
from tests.tolerances import FINE_GRID, MONTE_CARLO_Z, SAME_ALGEBRA

WEEK = 1 / 52


def held_problem(seed: int, most: int = 5) -> tuple[Structure, Record, Parameters]:
    """The first possible random problem of a seed that has a state."""
    rng = np.random.default_rng(seed)
    while True:
        structure, record, _ = watched_problem(rng, most)
        record = held(rng, structure, record)
        theta = random_parameters(rng, structure, record)
        states = structure.kind == STATE
        if states.any() and np.isfinite(dense_log_likelihood(structure, record, theta)):
            return structure, record, theta


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_log_likelihood_of_held_states_equals_the_matrix_exponential(first: int) -> None:
    for seed in range(first, first + 20):
        structure, record, theta = held_problem(seed)
        dense = dense_log_likelihood(structure, record, theta)
        found = log_likelihood(build_plans(structure, record, max_step=1 / 16000), theta)
        assert found == pytest.approx(dense, abs=FINE_GRID), f"seed {seed}"


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_gradient_with_held_states_equals_central_differences(first: int) -> None:
    for seed in range(first, first + 20):
        structure, record, theta = held_problem(seed, most=3)
        plans = build_plans(structure, record, max_step=WEEK, most_error=np.inf)
        _, gradient = value_and_gradient(plans, theta)
        assert list(wrong_slopes(plans, theta, gradient)) == [], f"seed {seed}"


@pytest.mark.parametrize("seed", range(10))
def test_a_batch_with_held_states_equals_its_draws_one_by_one(seed: int) -> None:
    structure, record, _ = held_problem(seed)
    rng = np.random.default_rng(seed)
    draws = [random_parameters(rng, structure, record) for _ in range(5)]
    plans = build_plans(structure, record, max_step=WEEK)
    batch = Parameters(*(np.stack(field) for field in zip(*draws, strict=True)))
    together = log_likelihoods(plans, batch).sum(axis=1)
    alone = [log_likelihood(plans, theta) for theta in draws]
    np.testing.assert_allclose(together, alone, rtol=SAME_ALGEBRA, atol=SAME_ALGEBRA)


@pytest.mark.parametrize("seed", range(20))
def test_chances_of_held_states_before_and_after(seed: int) -> None:
    check_chances(*held_problem(seed), np.random.default_rng(seed))


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("seed", range(12))
def test_paths_of_held_states_agree_with_the_matrix_exponential(seed: int, size: int) -> None:
    structure, record, theta = held_problem(seed)
    states = sampled(make_sampler(structure, record, size), theta, 1600)
    assert largest_z(states, on_given_all(structure, record, theta)) < MONTE_CARLO_Z
