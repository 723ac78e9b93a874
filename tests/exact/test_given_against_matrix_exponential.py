"""Events whose course is given from outside: what they act on, against the matrix exponential."""

import numpy as np
import pytest

from forecast.engine import _specification as specification
from forecast.engine._components import build_plans
from forecast.engine._likelihood import value_and_gradient
from forecast.engine._problem import Parameters
from forecast.engine._reach import bits_needed
from forecast.engine._simulate import PathQuestion, forecast_along_paths, simulate_courses, wiring
from forecast.engine.paths import make_sampler
from forecast.engine.paths._likelihood import (
    path_log_likelihood,
    path_log_likelihood_and_gradient,
)
from tests.exact.dense import dense_log_likelihood
from tests.exact.given import given_problem, with_given
from tests.exact.random_networks import HORIZON, random_parameters, random_structure
from tests.exact.slopes import numeric_slope, wrong_slopes
from tests.exact.test_filter_against_matrix_exponential import WEEK, filtered
from tests.exact.test_paths_against_matrix_exponential import (
    largest_z,
    on_given_all,
    sampled,
)
from tests.exact.test_simulation_against_matrix_exponential import (
    PATHS,
    dense_marginals,
    empty,
    starts,
)
from tests.tolerances import FINE_GRID, MONTE_CARLO_Z, SLOPE, SLOPE_FLOOR


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_log_likelihood_equals_the_matrix_exponential(first: int) -> None:
    for seed in range(first, first + 20):
        structure, record, theta = given_problem(np.random.default_rng(seed))
        dense = dense_log_likelihood(structure, record, theta)
        found = filtered(structure, record, theta, 1 / 4000)
        assert found == pytest.approx(dense, abs=FINE_GRID), f"seed {seed}"


@pytest.mark.parametrize("seed", range(12))
def test_the_specification_has_them_too(seed: int) -> None:
    structure, record, theta = given_problem(np.random.default_rng(seed), most=3)
    dense = dense_log_likelihood(structure, record, theta)
    found = specification.log_likelihood(structure, record, theta, 1 / 4000)
    assert found == pytest.approx(dense, abs=FINE_GRID)


@pytest.mark.parametrize("seed", range(40))
def test_they_cost_the_filter_no_bit(seed: int) -> None:
    structure, record, _ = given_problem(np.random.default_rng(seed))
    n = len(structure.kind) - 1
    links = structure.link_parent != n
    without = structure._replace(
        kind=structure.kind[:n],
        initially=structure.initially[:n],
        link_kind=structure.link_kind[links],
        link_parent=structure.link_parent[links],
        link_child=structure.link_child[links],
        windows=structure.windows[:n],
        given=None,
    )
    assert bits_needed(structure, record) == bits_needed(without, record)


@pytest.mark.parametrize("seed", range(20))
def test_slopes_equal_central_differences(seed: int) -> None:
    structure, record, theta = given_problem(np.random.default_rng(seed), most=4)
    plans = build_plans(structure, record, max_step=WEEK, most_error=np.inf)
    _, gradient = value_and_gradient(plans, theta)
    assert list(wrong_slopes(plans, theta, gradient)) == []


@pytest.mark.parametrize("seed", range(16))
def test_sampled_paths_have_the_marginals_of_the_generator(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure, record, theta = given_problem(rng)
    while not np.isfinite(dense_log_likelihood(structure, record, theta)):
        structure, record, theta = given_problem(rng)
    states = sampled(make_sampler(structure, record), theta, 800)
    assert largest_z(states, on_given_all(structure, record, theta)) < MONTE_CARLO_Z


@pytest.mark.parametrize("seed", range(12))
def test_the_likelihood_of_paths_has_the_slopes_of_what_acts_on_them(seed: int) -> None:
    rng = np.random.default_rng(50 + seed)
    structure, record, theta = given_problem(rng)
    while not np.isfinite(dense_log_likelihood(structure, record, theta)):
        structure, record, theta = given_problem(rng)
    sampler = make_sampler(structure, record)
    stats = sampler.statistics(sampler.initial(theta, seed))
    slope = Parameters(*(np.zeros_like(field) for field in theta))
    path_log_likelihood_and_gradient(stats, theta, slope)
    for link in np.flatnonzero(structure.link_parent == len(structure.kind) - 1):

        def along(move: float, link: int = int(link)) -> float:
            effect = theta.effect.copy()
            effect[link] += move
            return float(path_log_likelihood(stats, theta._replace(effect=effect)))

        numeric = numeric_slope(along, 3e-3 * theta.effect[link])
        assert abs(slope.effect[link] - numeric) <= SLOPE * abs(numeric) + SLOPE_FLOOR


@pytest.mark.parametrize("seed", range(10))
def test_simulated_courses_follow_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure = with_given(rng, random_structure(rng, int(rng.integers(2, 5))))
    theta = random_parameters(rng, structure, empty())
    states = starts(structure, theta, rng)[None]
    draws = Parameters(*(field[None] for field in theta))
    none = np.zeros(PATHS + 1, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64)
    w, time = wiring(structure), float(rng.uniform(0.3, HORIZON))
    courses = simulate_courses(w, draws, states, (0.0, time), none, 1, (0, PATHS))
    found = courses.states(time).mean(axis=0)
    expected = dense_marginals(structure, theta, time)
    error = np.sqrt(np.clip(expected * (1 - expected), 0, None) / PATHS)
    assert (np.abs(found - expected) <= MONTE_CARLO_Z * np.maximum(error, 1e-9)).all()


@pytest.mark.parametrize("seed", range(6))
def test_forecasts_along_paths_follow_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure = with_given(rng, random_structure(rng, 3))
    theta = random_parameters(rng, structure, empty())
    states = starts(structure, theta, rng)[:, None, :].repeat(2, axis=1)
    none, times = np.zeros(0, dtype=np.int64), np.array([0.3, HORIZON])
    everyone = np.arange(3)
    q = PathQuestion(everyone, np.zeros(3, dtype=np.int64), -1, times, none, np.zeros(0), none)
    draws = Parameters(*(np.repeat(field[None], PATHS, axis=0) for field in theta))
    halves, _ = forecast_along_paths(wiring(structure), q, draws, states, np.ones(PATHS), 0.0, seed)
    mean = halves.mean(axis=0)  # (draw, target, time)
    for t, time in enumerate(times):
        expected = dense_marginals(structure, theta, float(time))[:3]
        spread = np.maximum(mean[:, :, t].var(axis=0), expected * (1 - expected))
        error = np.sqrt(spread / PATHS)
        assert (np.abs(mean[:, :, t].mean(axis=0) - expected) <= MONTE_CARLO_Z * error + 1e-9).all()
