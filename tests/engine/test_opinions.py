"""What opinions on one event say together: within bounds, coherent, and with the right slopes."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from forecast.engine._opinions import (
    LEAST_MASS,
    log_worth,
    pull_said,
    pull_weights,
    shifted,
    weights,
)
from tests.tolerances import GRADIENT, SAME_ALGEBRA

SHORT, LONG = 100, 10_000
STEP = 1e-6
ROUNDING = 1e-9
"""Absolute, on a probability that is 1 less another."""

type Check = Callable[[np.random.Generator], None]


def together(kappa: list[float], apart: list[bool] | None = None) -> np.ndarray:
    """The weights of sources whose word has been worth so much."""
    flags = np.zeros(len(kappa)) if apart is None else np.array(apart, dtype=float)
    voice = np.arange(len(kappa))
    return weights(np.array(kappa), voice, flags, np.ones(len(kappa)))


def curve(rng: np.random.Generator, deadlines: int) -> np.ndarray:
    """Chances that something has come by each of some deadlines."""
    return np.sort(rng.uniform(0.01, 0.99, deadlines))


def by_deadline(weight: np.ndarray, own: np.ndarray, said: np.ndarray) -> np.ndarray:
    """The forecasts where sources say so much, as they say it: (source, deadline)."""
    surprise = (logit(said) - logit(own)).ravel()
    return shifted(weight, logit(own), surprise)[1:-1]


def worth(p: np.ndarray, own: np.ndarray) -> np.ndarray:
    """What each segment is worth."""
    edges = np.array([0.0, *own, 1.0])
    return np.exp(
        [
            log_worth.py_func(a, b)
            for a, b in zip(np.diff([0.0, *p, 1.0]), np.diff(edges), strict=True)
        ]
    )


def forecasts_lie_within_the_hull_when_stated(rng: np.random.Generator) -> None:
    sources, deadlines = rng.integers(1, 6), rng.integers(1, 6)
    own, said = curve(rng, deadlines), np.array([curve(rng, deadlines) for _ in range(sources)])
    found = by_deadline(together(rng.uniform(0, 1, sources).tolist()), own, said)
    every = np.vstack([own, said])
    # The least of rising curves rises, and so does the greatest.
    assert (found >= every.min(axis=0) - ROUNDING).all()
    assert (found <= every.max(axis=0) + ROUNDING).all()


def a_curve_is_coherent_and_counted_once(rng: np.random.Generator) -> None:
    sources, deadlines = rng.integers(1, 4), rng.integers(2, 6)
    own, then = curve(rng, deadlines), curve(rng, deadlines)
    said = np.array([curve(rng, deadlines) for _ in range(sources)])
    surprise = (logit(said) - logit(then)).ravel()  # news since then may set it against the own
    found = shifted(together(rng.uniform(0, 1, sources).tolist()), logit(own), surprise)
    assert (np.diff(found) >= 0).all()
    mass = np.diff([0.0, *own, 1.0])
    told = worth(found[1:-1], own)
    assert told @ mass == pytest.approx(1.0, abs=deadlines * LEAST_MASS + ROUNDING)
    np.testing.assert_allclose(np.cumsum(told * mass)[:-1], found[1:-1], atol=ROUNDING)


def a_crowd_that_agrees_moves_nothing(rng: np.random.Generator) -> None:
    sources, deadlines = rng.integers(1, 4), rng.integers(1, 6)
    own = curve(rng, deadlines)
    weight = together(rng.uniform(0, 1, sources).tolist())
    found = shifted(weight, logit(own), np.zeros(sources * deadlines))
    np.testing.assert_allclose(found[1:-1], own, atol=ROUNDING)


def a_copycat_moves_less_than_an_independent_source(rng: np.random.Generator) -> None:
    own, said = rng.uniform(0.02, 0.98, 2)
    kappa = rng.uniform(0.05, 0.95, 2).tolist()
    surprise = np.full(2, logit(said) - logit(own))
    copycat, independent = (
        abs(together(kappa, [False, apart]) @ surprise) for apart in (False, True)
    )
    alone = abs(together(kappa[:1]) @ surprise[:1])
    assert alone - ROUNDING <= copycat < independent


def the_order_of_sources_does_not_matter(rng: np.random.Generator) -> None:
    sources = int(rng.integers(2, 6))
    kappa, apart = rng.uniform(0, 1, sources), rng.random(sources) < 0.3
    order = rng.permutation(sources)
    one = together(kappa.tolist(), apart.tolist())[order]
    other = together(kappa[order].tolist(), apart[order].tolist())
    np.testing.assert_allclose(one, other, rtol=SAME_ALGEBRA)


CHECKS: list[Check] = [
    forecasts_lie_within_the_hull_when_stated,
    a_curve_is_coherent_and_counted_once,
    a_crowd_that_agrees_moves_nothing,
    a_copycat_moves_less_than_an_independent_source,
    the_order_of_sources_does_not_matter,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_in_short(check: Check) -> None:
    @settings(max_examples=SHORT, derandomize=True, deadline=None, database=None)
    @given(st.integers(0, 2**32 - 1))
    def run(seed: int) -> None:
        check(np.random.default_rng(seed))

    run()


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_at_length(check: Check) -> None:
    for seed in range(LONG):
        check(np.random.default_rng(seed))


def test_weights_add_up_to_the_chance_that_at_least_one_source_knows_more() -> None:
    found = together([0.5, 0.25, 0.8])
    assert found.sum() == pytest.approx(1 - 0.5 * 0.75 * 0.2)
    np.testing.assert_allclose(found / found.sum(), np.array([0.5, 0.25, 0.8]) / 1.55)
    assert together([0.3])[0] == pytest.approx(0.3)
    np.testing.assert_allclose(together([0.5, 0.25], [True, True]), [0.5, 0.25])
    np.testing.assert_allclose(together([0.0, 0.0]), [0.0, 0.0])


def test_a_weight_of_one_takes_the_word_whole() -> None:
    own, said = np.array([0.2, 0.5]), np.array([[0.6, 0.7]])
    np.testing.assert_allclose(by_deadline(np.ones(1), own, said), said[0])


@pytest.mark.parametrize("seed", range(12))
def test_slopes_are_those_of_central_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sources, deadlines = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    own, then = logit(curve(rng, deadlines)), logit(curve(rng, deadlines))
    said = np.array([curve(rng, deadlines) for _ in range(sources)])
    surprise = (logit(said) - then).ravel()
    kappa, apart = rng.uniform(0.1, 0.9, sources), (rng.random(sources) < 0.4).astype(float)
    share, along = rng.uniform(0.3, 1, sources), rng.normal(size=(deadlines, 2))
    voice = np.arange(sources)

    def value(kappa: np.ndarray) -> float:
        p = shifted(weights(kappa, voice, apart, share), own, surprise)
        told = np.log(worth(p[1:-1], expit(own)))
        on, off = told[:-1] - told[1:], np.zeros(deadlines)
        off[-1], on[-1] = told[-1], told[-2]
        return float((along[:, 0] * off + along[:, 1] * on).sum())

    weight, found = weights(kappa, voice, apart, share), np.zeros(sources)
    pull_weights(kappa, voice, apart, share, pull_said(weight, own, surprise, along), found)
    for s in range(sources):
        step = STEP * np.eye(sources)[s]
        expected = (value(kappa + step) - value(kappa - step)) / (2 * STEP)
        assert found[s] == pytest.approx(expected, rel=100 * GRADIENT, abs=GRADIENT)
