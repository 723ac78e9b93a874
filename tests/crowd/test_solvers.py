"""The two ways of the Bayesian pool, over questions and over forecasters, on the same problems."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from forecast.crowd import _bayesian, pool
from forecast.crowd._by_forecaster import ByForecaster
from forecast.crowd._by_question import ByQuestion
from forecast.crowd._problem import HYPERPRIORS, Problem, hyper_of, problem_of
from forecast.crowd._table import Crowd, crowd_of
from tests.tolerances import APPROXIMATE_CROWD, APPROXIMATE_CROWD_FEW, NEWTON


def crowd(seed: int, size: tuple[int, int], per: int, *, linked: bool = False) -> Crowd:
    """Forecasters of different leanings and boldness; three in four questions are resolved."""
    people, questions = size
    rng = np.random.default_rng(seed)
    truth = 1.2 * rng.normal(size=questions)
    lean, bold = 0.5 * rng.normal(size=people), np.exp(0.4 * rng.normal(size=people))
    said = expit(
        0.7 * truth * bold[:, None] + lean[:, None] + 0.7 * rng.normal(size=(people, questions))
    )
    given = rng.random((people, questions)) < per / people
    given[rng.integers(people, size=questions), np.arange(questions)] = True
    who, what = np.nonzero(given)
    y = (rng.random(questions) < expit(truth)).astype(float)
    y[3 * questions // 4 :] = np.nan
    rows = pd.DataFrame(
        {"question": what, "forecaster": who, "probability": said[given], "outcome": y[what]}
    )
    if linked:
        rows["cluster"] = rng.integers(questions // 4, size=questions)[what]
    return crowd_of(rows)


def problem(*args, **kwargs) -> Problem:
    found = crowd(*args, **kwargs)
    return problem_of(found, found.weight)


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("size", [(3, 80), (40, 200), (60, 40)])
@pytest.mark.parametrize("z", [[0.0] * 5, [0.5, -1.0, 1.0, 1.0, 1.0], [-1.0, 1.0, -2.0, 2.0, -2.0]])
def test_both_ways_find_the_same(size, z, linked: bool) -> None:
    told = problem(1, size, 6, linked=linked)
    every = np.arange(told.y.size)
    hyper = hyper_of(told, np.array(z))
    one = ByQuestion(told, told.seen).given(hyper, None, every)
    other = ByForecaster(told, told.seen, most_core=1000).given(hyper, None, every)
    assert other.log_evidence == pytest.approx(one.log_evidence, abs=NEWTON)
    for ours, theirs in zip(other.effects, one.effects, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=NEWTON)
    for ours, theirs in zip(other.predicted, one.predicted, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=NEWTON)


@pytest.mark.parametrize("linked", [False, True])
def test_without_a_core_the_mode_stays_the_same(linked: bool) -> None:
    """Only the determinant and the variances are approximate, and a little too small."""
    told = problem(2, (120, 300), 8, linked=linked)
    every, hyper = np.arange(300), hyper_of(told, np.zeros(len(HYPERPRIORS)))
    exact = ByForecaster(told, told.seen, most_core=1000).given(hyper, None, every)
    rough = ByForecaster(told, told.seen, most_core=10).given(hyper, None, every)
    np.testing.assert_allclose(rough.predicted.centre, exact.predicted.centre, atol=NEWTON)
    np.testing.assert_allclose(rough.effects.shift, exact.effects.shift, atol=NEWTON)
    assert rough.log_evidence < exact.log_evidence
    ratio = np.sqrt(rough.predicted.variance / exact.predicted.variance)
    assert ratio.min() > 0.9
    assert ratio.max() < 1.1


def test_where_one_starts_does_not_matter() -> None:
    told = problem(3, (20, 100), 5, linked=True)
    every = np.arange(100)
    near, far = (hyper_of(told, np.full(5, value)) for value in (0.0, 1.5))
    solver = ByForecaster(told, told.seen)
    start = solver.given(far, None, None).start
    fresh, warm = solver.given(near, None, every), solver.given(near, start, every)
    assert warm.log_evidence == pytest.approx(fresh.log_evidence, abs=NEWTON)
    np.testing.assert_allclose(warm.predicted.centre, fresh.predicted.centre, atol=NEWTON)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("people", "per", "tolerance"),
    [(200, 8, APPROXIMATE_CROWD), (300, 20, APPROXIMATE_CROWD), (300, 3, APPROXIMATE_CROWD_FEW)],
)
def test_a_large_crowd_is_pooled_nearly_as_without_the_approximation(
    people: int, per: int, tolerance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = crowd(4, (people, 1000), per)
    rough = _bayesian.fit(found, found.weight, 1)
    monkeypatch.setattr(_bayesian, "solver_of", lambda p, s: ByForecaster(p, s, most_core=1000))
    exact = _bayesian.fit(found, found.weight, 1)
    assert np.abs(rough.probability - exact.probability).max() < tolerance


def test_few_points_on_many_questions_say_what_many_points_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The narrowed search against the whole one, on the same 750 resolved questions."""
    found = crowd(5, (10, 1000), 5, linked=True)
    narrowed = _bayesian.fit(found, found.weight, 1)
    monkeypatch.setattr(_bayesian, "MOST_BY_QUESTION", 1000)
    whole = _bayesian.fit(found, found.weight, 1)
    assert np.abs(narrowed.probability - whole.probability).max() < 0.01
    for name in HYPERPRIORS:
        means = [one.weights @ np.log(one.hyper[name]) for one in (narrowed, whole)]
        spread = np.sqrt(whole.weights @ (np.log(whole.hyper[name]) - means[1]) ** 2)
        assert abs(means[0] - means[1]) < 0.6 * spread  # some 12 draws count: 1 / sqrt(12), twice


def test_a_pool_of_many_questions_is_calibrated_in_what_it_learns() -> None:
    """Forecasters say a third of the log-odds they hold: the pool undoes it."""
    rng = np.random.default_rng(6)
    truth = 1.5 * rng.normal(size=1500)
    y = (rng.random(1500) < expit(truth)).astype(float)
    said = expit(truth / 2.5 - 0.4 + 0.2 * rng.normal(size=(8, 1500)))
    table = pd.DataFrame(said.T).rename(columns=str).assign(question=range(1500), outcome=y)
    table["outcome"] = table["outcome"].where(table["question"] < 1200)
    pooled = pool(table).table["probability"][1200:]
    assert np.abs(pooled - expit(truth[1200:])).mean() < 0.04
