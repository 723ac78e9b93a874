import numpy as np
import pytest

from forecast.engine import _specification as specification
from forecast.engine._components import build_plans
from forecast.engine._likelihood import log_likelihood, log_likelihoods, value_and_gradient
from forecast.engine._problem import ONSET, Parameters
from tests.exact.dense import dense_log_likelihood
from tests.exact.random_networks import held, random_parameters, random_problem, watched_problem
from tests.exact.slopes import wrong_slopes
from tests.tolerances import FINE_GRID, SAME_ALGEBRA, SECOND_ORDER

SEEDS = range(220)
WEEK = 1 / 52


STEPS_ALONE = np.inf


def filtered(structure, record, theta, step):  # type: ignore[no-untyped-def]
    plans = build_plans(structure, record, max_step=step, most_error=STEPS_ALONE)
    return log_likelihood(plans, theta)


@pytest.mark.parametrize("first", range(0, len(SEEDS), 20))
def test_log_likelihood_equals_the_matrix_exponential_at_a_fine_step(first: int) -> None:
    for seed in SEEDS[first : first + 20]:
        structure, record, theta = random_problem(np.random.default_rng(seed))
        dense = dense_log_likelihood(structure, record, theta)
        assert filtered(structure, record, theta, 1 / 4000) == pytest.approx(
            dense, abs=FINE_GRID
        ), f"seed {seed}"


def test_an_event_that_is_on_though_nothing_let_it_start_is_impossible() -> None:
    impossible = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        structure, record, theta = random_problem(rng, most=4)
        event = int(rng.integers(len(structure.kind)))
        free = event not in record.known_event and structure.kind[event] == ONSET
        if not free:
            continue
        told = record._replace(
            known_event=np.append(record.known_event, event),
            known_from=np.append(record.known_from, rng.uniform(0.05, 1.0)),
            known_to=np.append(record.known_to, np.inf),
            known_value=np.append(record.known_value, 1),
        )
        dense = dense_log_likelihood(structure, told, theta)
        impossible += not np.isfinite(dense)
        found = filtered(structure, told, theta, 1 / 4000)
        assert found == pytest.approx(dense, abs=FINE_GRID), f"seed {seed}"
    assert impossible


def test_the_error_falls_with_the_square_of_the_step() -> None:
    ratios = []
    for seed in SEEDS[:60]:
        structure, record, theta = random_problem(np.random.default_rng(seed))
        dense = dense_log_likelihood(structure, record, theta)
        coarse = abs(filtered(structure, record, theta, 1 / 250) - dense)
        fine = abs(filtered(structure, record, theta, 1 / 500) - dense)
        if coarse > 1e-7:  # below it, rounding; exact where one event moves at a time
            ratios.append(coarse / fine)
    assert len(ratios) >= 20
    low, high = SECOND_ORDER
    assert low < np.median(ratios) < high
    assert np.mean([(low < ratio < high) for ratio in ratios]) > 0.9


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_gradient_equals_central_differences_in_every_coordinate(first: int) -> None:
    for seed in SEEDS[first : first + 20]:
        structure, record, theta = random_problem(np.random.default_rng(seed), most=4)
        plans = build_plans(structure, record, max_step=WEEK, most_error=STEPS_ALONE)
        _, gradient = value_and_gradient(plans, theta)
        assert list(wrong_slopes(plans, theta, gradient)) == [], f"seed {seed}"


def test_a_slope_that_is_off_by_a_millionth_is_noticed() -> None:
    """So that the test above shows something."""
    structure, record, theta = random_problem(np.random.default_rng(SEEDS[3]), most=4)
    plans = build_plans(structure, record, max_step=WEEK)
    _, gradient = value_and_gradient(plans, theta)
    off = Parameters(*(field * (1 + 1e-6) for field in gradient))
    nonzero = sum(int((np.abs(field) > 1e-3).sum()) for field in gradient)
    assert nonzero > 3
    assert len(list(wrong_slopes(plans, theta, off))) >= nonzero


@pytest.mark.parametrize("seed", range(40))
def test_a_batch_equals_its_draws_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure, record, _ = random_problem(rng)
    draws = [random_parameters(rng, structure, record) for _ in range(7)]
    plans = build_plans(structure, record, max_step=WEEK)
    batch = Parameters(*(np.stack(field) for field in zip(*draws, strict=True)))
    together = log_likelihoods(plans, batch).sum(axis=1)
    alone = [log_likelihood(plans, theta) for theta in draws]
    np.testing.assert_allclose(together, alone, rtol=SAME_ALGEBRA, atol=SAME_ALGEBRA)


@pytest.mark.parametrize("seed", range(60))
def test_the_compiled_filter_keeps_to_the_specification(seed: int) -> None:
    """Pruning, components and known states lose nothing: the same steps, the same numbers."""
    rng = np.random.default_rng(seed)
    structure, record, theta = (watched_problem if seed % 2 else random_problem)(rng, most=5)
    if seed % 3 == 0:
        record = held(rng, structure, record)
        theta = random_parameters(rng, structure, record)
    expected = specification.log_likelihood(structure, record, theta, 1 / 1000)
    assert filtered(structure, record, theta, 1 / 1000) == pytest.approx(expected, abs=FINE_GRID)
