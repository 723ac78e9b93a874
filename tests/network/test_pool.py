"""Pools of experts: averages of their quantiles."""

from datetime import date
from math import exp, log

import numpy as np
import pytest
from scipy.special import expit, logit

from forecast.network.belief import ProbabilityBelief, RateBelief
from forecast.network.prior import Fixed, LogNormal
from tests.tolerances import SAME_ALGEBRA

START = date(2024, 6, 1)
LOW, HIGH = "0.1 per year [0.05, 0.2]", "0.4 per year [0.1, 1.6]"


def test_a_linear_pool_averages_quantiles_as_they_are() -> None:
    belief = RateBelief.parse({"pool": "linear", "experts": [LOW, HIGH]})
    prior = belief.prior(START)
    assert isinstance(prior, LogNormal)
    np.testing.assert_allclose(prior.median(), 0.25, rtol=SAME_ALGEBRA)
    ends = np.exp(prior.mu + np.array([-1, 1]) * prior.sigma * 1.6448536269514722)
    np.testing.assert_allclose(ends[1] / ends[0], 0.9 / 0.075, rtol=SAME_ALGEBRA)


def test_a_logarithmic_pool_averages_logarithms() -> None:
    prior = RateBelief.parse({"pool": "logarithmic", "experts": [LOW, HIGH]}).prior(START)
    np.testing.assert_allclose(prior.median(), 0.2, rtol=SAME_ALGEBRA)
    np.testing.assert_allclose(
        prior.interval(0.9), ((0.05 * 0.1) ** 0.5, (0.2 * 1.6) ** 0.5), rtol=SAME_ALGEBRA
    )


def test_weights_count_and_are_equal_if_nothing_is_said() -> None:
    def median(*weights: float) -> float:
        experts = [
            {"belief": text, "weight": weight}
            for text, weight in zip((LOW, HIGH), weights, strict=True)
        ]
        return RateBelief.parse({"pool": "logarithmic", "experts": experts}).prior(START).median()

    np.testing.assert_allclose(median(3, 1), exp(0.75 * log(0.1) + 0.25 * log(0.4)))
    np.testing.assert_allclose(median(2, 2), median(1, 1), rtol=SAME_ALGEBRA)
    plain = RateBelief.parse({"pool": "logarithmic", "experts": [LOW, HIGH]}).prior(START)
    np.testing.assert_allclose(median(5, 5), plain.median(), rtol=SAME_ALGEBRA)


@pytest.mark.parametrize("kind", ["linear", "logarithmic"])
def test_experts_who_agree_pool_to_what_they_say(kind: str) -> None:
    alone = RateBelief.parse(HIGH).prior(START)
    prior = RateBelief.parse({"pool": kind, "experts": [HIGH, HIGH, HIGH]}).prior(START)
    np.testing.assert_allclose(prior.median(), alone.median(), rtol=SAME_ALGEBRA)
    np.testing.assert_allclose(prior.interval(), alone.interval(), rtol=SAME_ALGEBRA)


def test_experts_who_are_certain_pool_to_a_certain_number() -> None:
    experts = ["0.1 per year", "0.3 per year"]
    prior = RateBelief.parse({"pool": "linear", "experts": experts}).prior(START)
    assert isinstance(prior, Fixed)
    np.testing.assert_allclose(prior.value, 0.2, rtol=SAME_ALGEBRA)


def test_probabilities_pool_on_the_scale_of_log_odds() -> None:
    experts = ["10% [5%, 20%]", {"belief": "icd203: likely"}]
    prior = ProbabilityBelief.parse({"pool": "logarithmic", "experts": experts}).prior()
    second = (logit(0.55) + logit(0.80)) / 2
    np.testing.assert_allclose(prior.median(), expit((logit(0.1) + second) / 2))


def test_experts_may_speak_in_different_forms() -> None:
    experts = ["10% within 6 months", "once in 8 years", "4 onsets in 61 dyad-years"]
    prior = RateBelief.parse({"pool": "linear", "experts": experts}).prior(START)
    each = [RateBelief.parse(text).prior(START).median() for text in experts]
    np.testing.assert_allclose(prior.median(), np.mean(each), rtol=SAME_ALGEBRA)


def test_a_pool_says_what_was_said() -> None:
    said = {"pool": "linear", "experts": [LOW, {"belief": HIGH, "weight": 2}]}
    belief = RateBelief.parse(said)
    assert belief.said == said
    assert str(belief) == f"pool: linear; experts: [{LOW}, {{belief: {HIGH}; weight: 2}}]"
