"""Items that watch an event over a window, against the matrix exponential and against algebra."""

import numpy as np
import pytest

from forecast.engine._components import build_plans
from forecast.engine._likelihood import log_likelihood, log_likelihoods, value_and_gradient
from forecast.engine._problem import FACT, ONSET, Parameters, Record, Structure
from tests.exact.dense import dense_log_likelihood
from tests.exact.random_networks import random_parameters, watched_problem
from tests.exact.slopes import wrong_slopes
from tests.tolerances import FINE_GRID, LOG_PROBABILITY, SAME_ALGEBRA

WEEK = 1 / 52


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_log_likelihood_with_silences_equals_the_matrix_exponential(first: int) -> None:
    for seed in range(first, first + 20):
        structure, record, theta = watched_problem(np.random.default_rng(seed))
        dense = dense_log_likelihood(structure, record, theta)
        found = log_likelihood(build_plans(structure, record, max_step=1 / 4000), theta)
        assert found == pytest.approx(dense, abs=FINE_GRID), f"seed {seed}"


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_gradient_with_silences_equals_central_differences(first: int) -> None:
    for seed in range(first, first + 20):
        structure, record, theta = watched_problem(np.random.default_rng(seed), most=3)
        plans = build_plans(structure, record, max_step=WEEK, most_error=np.inf)
        _, gradient = value_and_gradient(plans, theta)
        assert list(wrong_slopes(plans, theta, gradient)) == [], f"seed {seed}"


@pytest.mark.parametrize("seed", range(30))
def test_a_batch_with_silences_equals_its_draws_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure, record, _ = watched_problem(rng)
    draws = [random_parameters(rng, structure, record) for _ in range(5)]
    plans = build_plans(structure, record, max_step=WEEK)
    batch = Parameters(*(np.stack(field) for field in zip(*draws, strict=True)))
    together = log_likelihoods(plans, batch).sum(axis=1)
    alone = [log_likelihood(plans, theta) for theta in draws]
    np.testing.assert_allclose(together, alone, rtol=SAME_ALGEBRA, atol=SAME_ALGEBRA)


def lone_event(kind: int, known: list[tuple[float, float, int]]) -> tuple[Structure, Record]:
    structure = Structure(
        kind=np.array([kind]),
        initially=np.array([-1 if kind == FACT else 0]),
        link_kind=np.zeros(0, dtype=np.int64),
        link_parent=np.zeros(0, dtype=np.int64),
        link_child=np.zeros(0, dtype=np.int64),
        windows=(None,),
        horizon=1.0,
    )
    record = Record(
        item_event=np.array([0]),
        item_time=np.array([0.75]),
        known_event=np.zeros(len(known), dtype=np.int64),
        known_from=np.array([span[0] for span in known]),
        known_to=np.array([span[1] for span in known]),
        known_value=np.array([span[2] for span in known], dtype=np.int64),
        item_from=np.array([0.25]),
    )
    return structure, record


def lone_theta(silent_if_on: float) -> Parameters:
    return Parameters(
        np.array([2.0]), np.zeros(1), np.array([0.4]), np.zeros(0), np.array([[1.0, silent_if_on]])
    )


def test_silence_about_a_fact_weighs_as_an_item_of_a_moment() -> None:
    structure, record = lone_event(FACT, [])
    value = log_likelihood(build_plans(structure, record, max_step=WEEK), lone_theta(0.2))
    assert value == pytest.approx(np.log(0.6 + 0.4 * 0.2), abs=LOG_PROBABILITY)


def test_silence_about_an_onset_is_an_integral_over_when_it_came() -> None:
    structure, record = lone_event(ONSET, [])
    value = log_likelihood(build_plans(structure, record, max_step=1 / 4000), lone_theta(0.1))
    loud = -np.log(0.1) / 0.5
    before, during, after = 1 - np.exp(-0.5), np.exp(-0.5), np.exp(-1.5)
    shown = during * 2 * np.exp(-loud * 0.5) * np.expm1((loud - 2) * 0.5) / (loud - 2)
    assert value == pytest.approx(np.log(before * 0.1 + shown + after), abs=FINE_GRID)


@pytest.mark.parametrize(("value", "share"), [(0, 0.0), (1, 1.0)])
def test_silence_about_what_is_known_counts_while_it_is_on(value: int, share: float) -> None:
    structure, record = lone_event(FACT, [(0.0, np.inf, value)])
    silent = log_likelihood(build_plans(structure, record, max_step=WEEK), lone_theta(0.2))
    chance = 0.4 if value else 0.6
    assert silent == pytest.approx(np.log(chance) + share * np.log(0.2), abs=LOG_PROBABILITY)


def test_silence_counts_in_part_where_an_onset_is_dated_within_its_window() -> None:
    for day, share in ((0.5, 0.5), (0.2, 1.0), (0.8, 0.0)):
        structure, record = lone_event(ONSET, [(0.0, day, 0), (day, np.inf, 1)])
        plans = build_plans(structure, record, max_step=WEEK)
        quiet, heard = (log_likelihood(plans, lone_theta(p)) for p in (0.2, 1.0))
        assert quiet - heard == pytest.approx(share * np.log(0.2), abs=LOG_PROBABILITY)
