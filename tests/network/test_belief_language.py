"""The belief language: each form means what it says."""

from datetime import date
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import InputError
from forecast.network._belief import DurationBelief, ProbabilityBelief, RatioBelief
from forecast.network._prior import Fixed, Gamma, LogitNormal, LogNormal
from forecast.network._rate_belief import RateBelief
from forecast.network._spoken import Belief
from forecast.network._while_on import ConditionalBelief
from tests.tolerances import SAME_ALGEBRA

START = date(2024, 6, 1)
Z90 = 1.6448536269514722  # standard normal quantile at 0.95
Z80 = 1.2815515655446004  # at 0.90
KINDS: list[Any] = [
    RateBelief,
    ProbabilityBelief,
    RatioBelief,
    DurationBelief,
    ConditionalBelief,
]


def rate_of(probability: float, years: float) -> float:
    return -log(1 - probability) / years


@pytest.mark.parametrize(
    ("text", "median", "low", "high"),
    [
        (
            "10% [3%, 25%] within 6 months",
            rate_of(0.1, 0.5),
            rate_of(0.03, 0.5),
            rate_of(0.25, 0.5),
        ),
        (
            "0.1 [0.03, 0.25] within 1 year",
            rate_of(0.1, 1),
            rate_of(0.03, 1),
            rate_of(0.25, 1),
        ),
        (
            "1:9 [1:30, 1:3] within 6 months",
            rate_of(0.1, 0.5),
            rate_of(1 / 31, 0.5),
            rate_of(0.25, 0.5),
        ),
        (
            "icd203: Unlikely within 1 year",
            rate_of(0.31142139, 1),
            rate_of(0.2, 1),
            rate_of(0.45, 1),
        ),
        ("once in 8 years [3, 20]", 1 / 8, 1 / 20, 1 / 3),
        ("once every 18 months [6 months, 5 years]", 1 / 1.5, 1 / 5, 1 / 0.5),
        ("0.12 per year [0.05, 0.3]", 0.12, 0.05, 0.3),
        ("0.12 [0.05, 0.3] per year", 0.12, 0.05, 0.3),
        ("1 per month [0.5, 2]", 12, 6, 24),
    ],
)
def test_a_rate_is_log_normal_with_the_stated_median_and_spread(
    text: str, median: float, low: float, high: float
) -> None:
    prior = RateBelief.parse(text).prior(START)
    assert isinstance(prior, LogNormal)
    np.testing.assert_allclose(prior.median(), median, rtol=1e-7)  # as many digits as written here
    np.testing.assert_allclose(prior.sigma, log(high / low) / (2 * Z90), rtol=SAME_ALGEBRA)


def test_an_interval_even_on_the_log_scale_is_met_at_both_ends() -> None:
    prior = RatioBelief.parse("x3 [1.5, 6]").prior()
    np.testing.assert_allclose(prior.interval(0.9), (1.5, 6), rtol=SAME_ALGEBRA)


@given(st.floats(0.02, 0.9), st.floats(1.05, 20), st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_a_prior_has_the_quantiles_that_were_stated(
    median: float, factor: float, level: float
) -> None:
    text = f"{median!r} per year [{median / factor!r}, {median * factor!r}] ({level:.0%} interval)"
    prior = RateBelief.parse(text).prior(START)
    np.testing.assert_allclose(prior.median(), median, rtol=1e-10)
    np.testing.assert_allclose(
        prior.interval(level), (median / factor, median * factor), rtol=1e-10
    )


@given(st.floats(0.02, 0.98), st.floats(0.05, 3))
def test_a_probability_has_the_quantiles_that_were_stated(median: float, width: float) -> None:
    odds = median / (1 - median)
    ends = [odds * np.exp(sign * width) for sign in (-1, 1)]
    low, high = (float(end / (1 + end)) for end in ends)
    prior = ProbabilityBelief.parse(f"{median!r} [{low!r}, {high!r}]").prior()
    assert isinstance(prior, LogitNormal)
    np.testing.assert_allclose(prior.median(), median, rtol=1e-9)
    np.testing.assert_allclose(prior.interval(0.9), (low, high), rtol=1e-9)


def test_a_level_changes_the_spread_alone() -> None:
    ninety = RateBelief.parse("10% [3%, 25%] within 1 year").prior(START)
    eighty = RateBelief.parse("10% [3%, 25%] (80% interval) within 1 year").prior(START)
    assert isinstance(ninety, LogNormal)
    assert isinstance(eighty, LogNormal)
    assert eighty.mu == ninety.mu
    np.testing.assert_allclose(eighty.sigma / ninety.sigma, Z90 / Z80, rtol=SAME_ALGEBRA)


def test_no_interval_means_known_exactly() -> None:
    assert RateBelief.parse("0.12 per year").prior(START) == Fixed(0.12)
    assert ProbabilityBelief.parse("1:9").prior() == Fixed(0.1)
    assert ProbabilityBelief.parse("3 to 1").prior() == Fixed(0.75)
    assert RatioBelief.parse("×3").prior() == Fixed(3.0)
    assert DurationBelief.parse("6 months").prior() == Fixed(0.5)


def test_by_a_day_counts_from_the_start_to_the_end_of_that_day() -> None:
    years = 365 / 365.25  # 2024-06-01 as it begins to 2025-05-31 as it ends
    prior = RateBelief.parse("10% by 2025-05-31").prior(START)
    np.testing.assert_allclose(prior.median(), rate_of(0.1, years), rtol=SAME_ALGEBRA)


def test_counts_update_jeffreys_prior() -> None:
    assert RateBelief.parse("4 onsets in 61 dyad-years").prior(START) == Gamma(4.5, 61.0)
    assert RateBelief.parse("k = 4 onsets in 61 dyad-years").prior(START) == Gamma(4.5, 61.0)
    assert RateBelief.parse("0 wars in 30.5 years").prior(START) == Gamma(0.5, 30.5)


def test_a_word_is_the_central_ninety_percent_of_its_range() -> None:
    prior = ProbabilityBelief.parse("icd203: likely").prior()
    np.testing.assert_allclose(prior.interval(0.9), (0.55, 0.80), rtol=SAME_ALGEBRA)


@pytest.mark.parametrize(
    ("kind", "mapping", "text"),
    [
        (
            RateBelief,
            {"median": "10%", "interval": ["3%", "25%"], "level": "80%", "within": "6 months"},
            "10% [3%, 25%] (80% interval) within 6 months",
        ),
        (
            RateBelief,
            {"median": 0.1, "interval": [0.03, 0.25], "level": 0.8, "by": "2024-12-31"},
            "0.1 [0.03, 0.25] (80%) by 2024-12-31",
        ),
        (RateBelief, {"per_year": 0.12, "interval": [0.05, 0.3]}, "0.12 per year [0.05, 0.3]"),
        (RateBelief, {"once_in": "8 years", "interval": [3, 20]}, "once in 8 years [3, 20]"),
        (RateBelief, {"onsets": 4, "years": 61}, "4 onsets in 61 years"),
        (
            RateBelief,
            {"icd203": "unlikely within 6 months"},
            "icd203: unlikely within 6 months",
        ),
        (
            RateBelief,
            {"icd203": "unlikely", "within": "6 months"},
            "icd203: unlikely within 6 months",
        ),
        (ProbabilityBelief, {"median": "30%", "interval": "10%, 60%"}, "30% [10%, 60%]"),
        (ProbabilityBelief, {"icd203": "likely"}, "icd203: likely"),
        (RatioBelief, {"median": "x3", "interval": [1.5, 6]}, "x3 [1.5, 6]"),
        (RatioBelief, 3, "x3"),
        (DurationBelief, {"median": "3 months", "interval": [1, 6]}, "3 months [1, 6]"),
        (ConditionalBelief, {"if on": "0.4 per year"}, "if on: 0.4 per year"),
        (
            ConditionalBelief,
            {"if on": {"median": "40%", "within": "6 months"}},
            "if on: 40% within 6 months",
        ),
    ],
)
def test_a_mapping_means_the_same_as_its_sentence(
    kind: type[Belief], mapping: object, text: str
) -> None:
    assert kind.parse(mapping) == kind.parse(text)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_examples_of_each_kind_are_read_and_come_back(kind: type[Belief]) -> None:
    for example in kind.examples:
        belief = kind.parse(example)
        assert str(belief) == example
        assert kind.parse(str(belief)) == belief
        assert kind.parse(belief) is belief
        assert belief in {kind.parse(example)}


def test_case_and_spaces_do_not_matter() -> None:
    spaced = RateBelief.parse("  10 %  [ 3% ,25% ]  Within  6 Months ")
    assert spaced == RateBelief.parse("10% [3%, 25%] within 6 months")


numbers = st.floats(1e-6, 1e6).map(lambda value: f"{value:.6g}")
chances = st.floats(0.001, 0.999).map(lambda value: f"{value:.4%}")
spans = st.builds(
    lambda amount, unit: f"{amount} {unit}s",
    st.integers(1, 500),
    st.sampled_from(["day", "week", "month", "year"]),
)
rates = st.one_of(
    st.builds("{} within {}".format, chances, spans),
    st.builds("once in {}".format, spans),
    st.builds("{} per year".format, numbers),
    st.builds("{} onsets in {} dyad-years".format, st.integers(0, 999), numbers),
)


@given(rates)
def test_any_rate_that_can_be_said_is_read_and_read_again(text: str) -> None:
    belief = RateBelief.parse(text)
    assert RateBelief.parse(str(belief)) == belief
    assert belief.prior(START).median() > 0


@given(rates)
def test_a_condition_holds_the_rate_that_follows_it(text: str) -> None:
    assert ConditionalBelief.parse(f"if on: {text}").rate == RateBelief.parse(text)


fragments = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "10%",
                "[3%, 25%]",
                "within",
                "6 months",
                "by",
                "2024-12-31",
                "once in",
                "per year",
                "(80% interval)",
                "icd203:",
                "unlikely",
                "1:9",
                "x3",
                "if on:",
                "nan",
                "inf",
                "4 onsets in 61 dyad-years",
                "1e999",
                "1e-999",
                "[",
                "]",
                "(",
                ")",
                ",",
                "-",
                "0%",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=8,
).map(" ".join)
anything = st.recursive(
    st.one_of(fragments, st.none(), st.booleans(), st.floats(), st.integers(), st.binary()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "median",
                    "interval",
                    "level",
                    "within",
                    "by",
                    "per_year",
                    "once_in",
                    "pool",
                    "onsets",
                    "years",
                    "experts",
                    "belief",
                    "weight",
                    "if on",
                    "icd203",
                    "other",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(source=anything)
def test_whatever_is_said_is_either_understood_or_refused_in_words(
    kind: type[Belief], source: object
) -> None:
    try:
        belief = kind.parse(source)
    except InputError:
        return
    assert kind.parse(belief.wording) == belief
