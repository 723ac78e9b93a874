from itertools import pairwise

import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from forecast.errors import InputError
from forecast.scoring import crps_onset, crps_onset_draws
from tests.tolerances import SAME_ALGEBRA

TIMES = np.array([0.0, 1.0, 2.5, 4.0])
STEPS = st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda w: sum(w) > 0.01)


def test_a_curve_that_falls_by_dust_does_not_fall() -> None:
    said = [0.0, 0.1 + 0.2, 0.3, 1 - 0.7]
    found = crps_onset(TIMES, said, 2.0)
    assert found == pytest.approx(crps_onset(TIMES, [0.0, 0.3, 0.3, 0.3], 2.0), rel=SAME_ALGEBRA)


def curve(weights: list[float]) -> np.ndarray:
    """A curve that starts at 0 and leaves its last weight to 'not by the horizon'."""
    return np.concatenate([[0.0], np.cumsum(weights)[:-1] / np.sum(weights)]).clip(0, 1)


def test_worked_by_hand() -> None:
    """Uniform over ten days: the squares of 0 to 1/2, twice, over five days each."""
    assert crps_onset([0, 10], [0, 1], 5.0) == pytest.approx(2 * 5 * 0.25 / 3, rel=SAME_ALGEBRA)
    assert crps_onset([0, 10], [0, 1], np.inf) == pytest.approx(10 / 3, rel=SAME_ALGEBRA)
    assert crps_onset([0, 10], [0.3, 0.3], np.inf) == pytest.approx(0.9, rel=SAME_ALGEBRA)


def test_equals_numerical_integration(rng: np.random.Generator) -> None:
    p = curve([0.2, 0.5, 0.1, 0.2])
    for onset in [*rng.uniform(0, 4, 5), 1.0, np.inf]:
        square = lambda t, onset=onset: (np.interp(t, TIMES, p) - (onset <= t)) ** 2  # noqa: E731
        points = [x for x in (1.0, 2.5, onset) if x < 4]
        integral, _ = quad(square, 0, 4, points=points, epsabs=1e-13)
        assert crps_onset(TIMES, p, onset) == pytest.approx(integral, rel=1e-10)


def test_draws_equal_scoringrules_on_times_cut_at_the_horizon(rng: np.random.Generator) -> None:
    draws, onset = rng.exponential(3, (40, 101)), rng.exponential(3, 40)
    theirs = scoringrules.crps_ensemble(np.minimum(onset, 5), np.minimum(draws, 5), estimator="nrg")
    np.testing.assert_allclose(
        crps_onset_draws(draws, onset, horizon=5.0), theirs, rtol=SAME_ALGEBRA
    )


def test_a_uniform_forecast_equals_scoringrules_closed_form(rng: np.random.Generator) -> None:
    onset = rng.uniform(0, 10, 20)
    theirs = scoringrules.crps_uniform(onset, 0.0, 10.0)
    ours = crps_onset([0, 10], [[0, 1]] * 20, onset)
    np.testing.assert_allclose(ours, theirs, rtol=SAME_ALGEBRA)


def test_draws_agree_with_the_curve_that_they_make_up() -> None:
    """Evenly spaced draws of a uniform onset; a step function is off by 1/(12 n^2) of its span."""
    count = 1000
    draws = (np.arange(count) + 0.5) / count * 10
    ours = crps_onset_draws(draws, 4.0, horizon=10.0)
    assert ours == pytest.approx(crps_onset([0, 10], [0, 1], 4.0), abs=10 / count**2)


@pytest.mark.parametrize("past", [10.5, 1e6, np.inf])
def test_what_comes_after_the_horizon_does_not_count(past: float) -> None:
    assert crps_onset(TIMES, curve([1, 1, 1, 1]), past) == crps_onset(
        TIMES, curve([1, 1, 1, 1]), np.inf
    )
    assert crps_onset_draws([1.0, past], past, horizon=10.0) == crps_onset_draws(
        [1.0, np.inf], np.inf, horizon=10.0
    )


@given(truth=STEPS, said=STEPS)
def test_nothing_beats_saying_what_one_believes(truth: list[float], said: list[float]) -> None:
    """Onsets uniform within each step of the believed curve: averaged over a fine grid."""
    grid = np.concatenate([np.linspace(a, b, 41)[:-1] + (b - a) / 80 for a, b in pairwise(TIMES)])
    mass = np.repeat(np.array(truth[:3]) / 40, 40)
    onsets, weight = np.append(grid, np.inf), np.append(mass, truth[3]) / sum(truth)
    belief, claim = (
        weight @ crps_onset(TIMES, np.tile(curve(w), (weight.size, 1)), onsets)
        for w in (truth, said)
    )
    assert claim >= belief - 1e-9


@pytest.mark.parametrize(
    ("times", "p", "onset", "message"),
    [
        ([0, 0], [0, 1], 0, "times are two or more finite numbers that increase"),
        ([0], [0], 0, "times are two or more"),
        ([0, np.inf], [0, 1], 0, "the horizon last"),
        ([0, 1], [0.5, 0.2], 0, "never falls with time"),
        ([0, 1], [0, 0.5, 1], 0, r"one probability for each time"),
        ([0, 1], [0, 1], -1, "onset: lies before the first time"),
        ([0, 1], [0, 1.5], 1, "a probability lies between 0 and 1"),
    ],
)
def test_what_is_no_curve_is_refused(times, p, onset, message: str) -> None:
    with pytest.raises(InputError, match=message):
        crps_onset(times, p, onset)


def test_draws_and_a_horizon_are_needed() -> None:
    with pytest.raises(InputError, match="there are no draws"):
        crps_onset_draws([], 1.0, horizon=2.0)
    with pytest.raises(InputError, match="horizon: must be a finite time"):
        crps_onset_draws([1.0], 1.0, horizon=np.inf)
