"""Pools of experts: averages of their quantiles, tails included."""

from datetime import date
from itertools import permutations
from math import exp, log

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import expit, logit

from forecast.engine._problem import Floats
from forecast.network._base import BadValueError
from forecast.network._belief import ProbabilityBelief
from forecast.network._prior import Fixed, Prior, Shaped, scaled
from forecast.network._rate_belief import RateBelief
from tests.tolerances import SAME_ALGEBRA

START = date(2024, 6, 1)
KINDS = ("linear", "logarithmic")
Z = np.linspace(-8.0, 8.0, 401)
QUADRATURE = 1e-6
NONE, ONE = "0 onsets in 10 years", "1 onset in 10 years"
ASKED = "4% [1%, 15%] within 6 months"
RATES = (
    NONE,
    ONE,
    "0 onsets in 1000 years",
    "10000 onsets in 50 years",
    ASKED,
    "10% within 6 months",
    "0.1 per year [0.0001, 100]",
    "icd203: unlikely within 6 months",
    "1:9 [1:30, 1:3] within 6 months",
)
CHANCES = ("30% [10%, 60%]", "icd203: likely", "1:9", "0.01% [0.001%, 1%]", "99% [90%, 99.99%]")
LOW, HIGH = "0.1 per year [0.05, 0.2]", "0.4 per year [0.1, 1.6]"


def test_a_linear_pool_averages_quantiles_as_they_are() -> None:
    prior = RateBelief.parse({"pool": "linear", "experts": [LOW, HIGH]}).prior(START)
    np.testing.assert_allclose(prior.median(), 0.25, rtol=SAME_ALGEBRA)
    np.testing.assert_allclose(prior.interval(0.9), (0.075, 0.9), rtol=SAME_ALGEBRA)


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
    assert belief.wording == said
    assert str(belief) == f"pool: linear; experts: [{LOW}, {{belief: {HIGH}; weight: 2}}]"


def rate(kind: str, *experts: object) -> Prior:
    return RateBelief.parse({"pool": kind, "experts": list(experts)}).prior(START)


def chance(kind: str, *experts: object) -> Prior:
    return ProbabilityBelief.parse({"pool": kind, "experts": list(experts)}).prior()


def weighed(belief: str, weight: float) -> dict[str, object]:
    return {"belief": belief, "weight": weight}


def within_a_year(prior: Prior) -> float:
    """P(onset within a year), by quadrature over the prior."""

    def density(z: float) -> float:
        return float(-np.expm1(-prior.from_z(np.array([z]))[0]) * stats.norm.pdf(z))

    return float(integrate.quad(density, -9.0, 9.0, limit=400, epsabs=1e-9)[0])


def theirs(belief: str, z: Floats) -> Floats:
    """Quantiles of a belief, by scipy's distributions alone."""
    p = stats.norm.cdf(z)
    if belief == ASKED:
        low, middle, high = (-np.log1p(-q) / 0.5 for q in (0.01, 0.04, 0.15))
        spread = np.log(high / low) / (2 * stats.norm.ppf(0.95))
        return np.asarray(stats.lognorm(spread, scale=middle).ppf(p))
    onsets, years = (float(belief.split()[k]) for k in (0, 3))
    return np.asarray(stats.gamma(onsets + 0.5, scale=1 / years).ppf(p))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("belief", RATES)
def test_a_pool_of_one_rate_is_that_rate(kind: str, belief: str) -> None:
    alone = RateBelief.parse(belief).prior(START)
    assert rate(kind, belief) == alone
    assert rate(kind, weighed(belief, 1e-9)) == alone
    assert rate(kind, weighed(belief, 0.3), weighed(belief, 7.0), belief) == alone


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("belief", CHANCES)
def test_a_pool_of_one_probability_is_that_probability(kind: str, belief: str) -> None:
    alone = ProbabilityBelief.parse(belief).prior()
    assert chance(kind, belief) == alone
    assert chance(kind, belief, weighed(belief, 3)) == alone


@pytest.mark.parametrize("kind", KINDS)
def test_counts_keep_their_tails_in_a_pool(kind: str) -> None:
    low, high = rate(kind, NONE).interval()
    assert (round(low, 4), round(high, 3)) == (0.0002, 0.192)
    assert round(rate(kind, ONE).interval()[1], 3) == 0.391
    np.testing.assert_allclose(  # E exp(-λ) of a gamma
        within_a_year(rate(kind, NONE)), 1 - (10 / 11) ** 0.5, atol=QUADRATURE
    )


def test_a_class_without_onsets_and_a_range_pool_to_less_than_three_per_cent() -> None:
    pool = rate("logarithmic", "0 onsets in 64 years", ASKED)
    z = np.linspace(-8, 8, 200_001)
    values = np.sqrt(theirs("0 onsets in 64 years", z) * theirs(ASKED, z))
    expected = np.average(-np.expm1(-values), weights=stats.norm.pdf(z))
    np.testing.assert_allclose(within_a_year(pool), expected, atol=QUADRATURE)
    assert round(within_a_year(pool), 3) == 0.028


@pytest.mark.parametrize("weight", [1e-6, 0.2, 1.0, 30.0])
@pytest.mark.parametrize("others", [(NONE, ASKED), (ONE, NONE, ASKED)])
def test_every_quantile_is_the_average_of_the_experts(
    others: tuple[str, ...], weight: float
) -> None:
    z = np.linspace(-4, 4, 81)
    weights = np.array([weight, *[1.0] * (len(others) - 1)])
    quantiles = np.array([theirs(belief, z) for belief in others])
    experts = [weighed(belief, w) for belief, w in zip(others, weights.tolist(), strict=True)]
    linear = np.average(quantiles, axis=0, weights=weights)
    logarithmic = np.exp(np.average(np.log(quantiles), axis=0, weights=weights))
    np.testing.assert_allclose(rate("linear", *experts).from_z(z), linear, rtol=1e-8)
    np.testing.assert_allclose(rate("logarithmic", *experts).from_z(z), logarithmic, rtol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_experts_changes_no_bit(kind: str) -> None:
    experts = [weighed(NONE, 0.1), weighed(ASKED, 0.7), "0.3 per year", weighed(NONE, 0.2)]
    first, *others = (rate(kind, *order) for order in permutations(experts))
    assert all(other == first for other in others)
    np.testing.assert_array_equal(others[-1].from_z(Z), first.from_z(Z))


@pytest.mark.parametrize("kind", KINDS)
def test_an_expert_of_next_to_no_weight_changes_next_to_nothing(kind: str) -> None:
    pool = rate(kind, NONE, weighed("50% [40%, 60%] within 1 year", 1e-12))
    alone = RateBelief.parse(NONE).prior(START)
    np.testing.assert_allclose(pool.from_z(np.array([-1.6, 0, 1.6])), alone.from_z(
        np.array([-1.6, 0, 1.6])), rtol=1e-7)  # fmt: skip
    huge = rate(kind, weighed(NONE, 1.7e308), weighed(ASKED, 1.7e308))
    np.testing.assert_array_equal(huge.from_z(Z), rate(kind, NONE, ASKED).from_z(Z))


def test_an_expert_of_no_weight_is_refused_with_the_way_out() -> None:
    with pytest.raises(BadValueError, match="leave out an expert who should not count"):
        rate("linear", weighed(NONE, 0.0), ASKED)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "experts",
    [
        (NONE, ASKED),
        (NONE, "0.3 per year"),
        ("0 onsets in 1000 years", "10000 onsets in 50 years"),
        ("0.1 per year [0.0001, 100]", "5 per year [4, 6]", "once in 1000 years [500, 2000]"),
        RATES,
    ],
)
def test_rates_rise_with_z_by_their_slope(kind: str, experts: tuple[str, ...]) -> None:
    rises(rate(kind, *experts))


@pytest.mark.parametrize(
    "experts", [CHANCES, CHANCES[3:], ("30% [10%, 60%]", "0.0001% [0.00001%, 50%]")]
)
def test_probabilities_rise_with_z_by_their_slope_and_stay_below_one(
    experts: tuple[str, ...],
) -> None:
    prior = chance("linear", *experts)
    rises(prior)
    values = prior.from_z(np.array([-37.0, *Z, 37.0]))
    assert ((values > 0) & (values <= 1)).all()
    quantiles = [ProbabilityBelief.parse(belief).prior().from_z(Z) for belief in experts]
    np.testing.assert_allclose(prior.from_z(Z), np.mean(quantiles, axis=0), rtol=1e-12)


def rises(prior: Prior) -> None:
    values, slopes = prior.from_z(Z), prior.dvalue_dz(Z)
    assert (np.diff(values) >= 0).all()
    assert np.isfinite(values).all()
    if isinstance(prior, Shaped):
        step = 1e-4
        line = (prior.line(Z + step) - prior.line(Z - step)) / (2 * step)
        np.testing.assert_allclose(prior.dline_dz(Z), line, rtol=2e-5, atol=1e-7)
    inner = np.abs(Z) < 4
    numeric = (prior.from_z(Z + 1e-5) - prior.from_z(Z - 1e-5)) / 2e-5
    np.testing.assert_allclose(slopes[inner], numeric[inner], rtol=1e-4, atol=1e-11)


def test_three_experts_far_apart_pool_to_neither_of_them_and_keep_the_mean() -> None:
    said = ("0.001 per year [0.0005, 0.002]", "0.1 per year [0.05, 0.2]", "10 per year [5, 20]")
    priors = [RateBelief.parse(text).prior(START) for text in said]
    z = np.linspace(-9, 9, 20_001)
    weights = stats.norm.pdf(z)
    mean = np.average(rate("linear", *said).from_z(z), weights=weights)
    np.testing.assert_allclose(  # that of a mixture: averages of quantiles keep means
        mean, np.mean([np.average(prior.from_z(z), weights=weights) for prior in priors]), rtol=1e-9
    )
    np.testing.assert_allclose(rate("logarithmic", *said).median(), 0.1, rtol=1e-12)


def test_a_certain_expert_beside_others_holds_the_lower_tail() -> None:
    pool = rate("linear", NONE, "0.3 per year")
    assert pool.from_z(np.array([-8.0]))[0] == pytest.approx(0.15)
    assert pool.interval()[1] == pytest.approx((0.19207294103 + 0.3) / 2)


def test_a_ratio_against_a_fixed_base_may_be_a_pool() -> None:
    pool = rate("linear", NONE, ASKED)
    np.testing.assert_allclose(scaled(pool, 4.0).from_z(Z), 4.0 * pool.from_z(Z), rtol=1e-12)
    mixed = rate("logarithmic", NONE, ASKED, "0.3 per year")
    np.testing.assert_allclose(scaled(mixed, 0.2).from_z(Z), 0.2 * mixed.from_z(Z), rtol=1e-12)
