"""What is refused in a belief, and what the writer is told to write instead."""

from datetime import date

import pytest

from forecast.errors import InputError
from forecast.network._belief import DurationBelief, ProbabilityBelief, RatioBelief
from forecast.network._rate_belief import RateBelief
from forecast.network._spoken import Belief
from forecast.network._while_on import ConditionalBelief

START = date(2024, 6, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0% within 1 year", r"'0%' is 0, which no evidence.* small one such as 0\.1%"),
        ("100% within 1 year", r"'100%' is 1, which no evidence.*such as 99\.9%.*initially: true"),
        ("1 within 1 year", "'1' is 1, which no evidence could ever change"),
        ("130% within 1 year", r"'130%' is above 100%\. Write one below 100%"),
        ("10 within 1 year", r"'10' is above 1\. Write 10% if you mean per cent"),
        ("-5% within 1 year", "'-5%' is negative"),
        ("10% [20%, 30%] within 1 year", r"median '10%' does not lie inside.*\[20%, 30%\]"),
        ("10% [10%, 30%] within 1 year", "median '10%' does not lie inside"),
        ("10% [30%, 3%] within 1 year", r"wrong order\. Write \[3%, 30%\]"),
        ("10% [3%, 3%] within 1 year", "has no width.*Leave it out"),
        ("10% [3%] within 1 year", r"'\[3%\]' is not an interval"),
        ("10% [3%, 25% within 1 year", "one interval in square brackets"),
        ("10% [0,03, 0,25] within 1 year", "with a point, not a comma, for decimals"),
        ("0,1 within 1 year", r"has a comma in it\. Write a point for decimals: 0\.1"),
        ("10% (80%) within 1 year", "level of an interval, but no interval"),
        ("10% [3%, 25%] (perhaps) within 1 year", "remarks into 'why'"),
        ("10% [3%, 25%] (100%) within 1 year", r"level '100%'.*between 10% and 99\.9%"),
        ("10%", "not within what time.*Add 'within 6 months' or 'by 2024-12-31'"),
        ("0.12", "bare number.*Write '0.12 per year'"),
        ("10% within 6 fortnights", "'6 fortnights' is not a span of time"),
        ("10% within 0 months", "length of time is 0"),
        ("10% by 01/02/2024", "may be 1 February 2024 or 2 January 2024.*ISO 8601"),
        ("10% by 2024-02-30", "'2024-02-30' is not a day"),
        ("unlikely within 1 year", r"20% to 45% in icd203.*write 'icd203: unlikely'"),
        ("icd2003: unlikely within 1 year", "Did you mean 'icd203'"),
        ("icd203: perhaps within 1 year", "'icd203' has no expression 'perhaps'"),
        ("icd203: unlikely [1%, 2%] within 1 year", "already stands for a range"),
        ("nan per year", "'nan' is not a finite number"),
        (".nan within 1 year", r"'\.nan' is not a finite number"),
        ("inf per year", "'inf' is not a finite number"),
        ("-1 per year", "rate '-1' is negative"),
        ("0 per year", "the rate is 0"),
        ("1e999 per year", "implausible"),
        ("1e-999 per year", "implausible"),
        ("once in 8 fortnights", "not a span of time"),
        ("4 onsets in 61 years [1, 2]", "have their own uncertainty"),
        ("4.5 onsets in 61 years", r"'4\.5' is not a count"),
        ("4 onsets in 0 years", "exposure in years is 0"),
        ("-4 onsets in 61 years", "'-4' is not a count"),
        ("k = -4 onsets in 61 years", "'-4' is not a count"),
        ("gibberish", "'gibberish' is not a probability.*Write for example 10%"),
        ("", "is empty"),
        ("9" * 400, "longer than 300 characters"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        RateBelief.parse(text)


@pytest.mark.parametrize(
    ("kind", "source", "message"),
    [
        (ProbabilityBelief, "30% within 1 year", "takes no 'within'"),
        (ProbabilityBelief, "likely", "55% to 80% in icd203"),
        (ProbabilityBelief, None, "is empty"),
        (ProbabilityBelief, True, "neither text, nor a number"),
        (ProbabilityBelief, float("nan"), "not a finite number"),
        (RatioBelief, "30%", r"percentage, not a ratio.*'x1\.3' is 30% higher"),
        (RatioBelief, "x0", "ratio is 0"),
        (RatioBelief, "three", "'three' is not a ratio.*'x3 "),
        (RatioBelief, "x3 [4, 6]", "does not lie inside"),
        (DurationBelief, "3", "not a span of time"),
        (DurationBelief, "3 months [6, 1]", "wrong order"),
        (ConditionalBelief, "40% within 1 year", "not a conditional belief.*if on:"),
        (ConditionalBelief, "if on: 40%", "not within what time"),
        (RateBelief, {"medain": "10%"}, "no part called 'medain'. Did you mean 'median'"),
        (RateBelief, {"median": "10%", "unit": "x"}, "no part called 'unit'"),
        (RateBelief, {"interval": ["3%", "25%"]}, "has no 'median'"),
        (RateBelief, {"median": "10%", "interval": 3}, "list of two ends"),
        (RateBelief, {"median": ["10%"]}, "'median' of the belief must be text or a number"),
        (RateBelief, {"onsets": 4}, "has no 'years'"),
        (RateBelief, {"pool": "geometric", "experts": ["1 per year"]}, "linear or logarithmic"),
        (RateBelief, {"pool": "linear"}, "needs a list of experts"),
        (RateBelief, {"pool": "linear", "experts": ["0 per year"]}, "expert 1: the rate is 0"),
        (
            RateBelief,
            {"pool": "linear", "experts": [{"belief": "1 per year", "weight": -2}]},
            "expert 1: the weight '-2' is not a number above 0",
        ),
        (
            RateBelief,
            {"pool": "linear", "experts": [{"pool": "linear", "experts": ["1 per year"]}]},
            "expert 1: has no belief",
        ),
        (
            RateBelief,
            {
                "pool": "linear",
                "experts": [{"belief": {"pool": "linear", "experts": ["1 per year"]}}],
            },
            "expert 1: is a pool within a pool",
        ),
    ],
)
def test_other_beliefs_that_make_no_sense_are_refused(
    kind: type[Belief], source: object, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        kind.parse(source)


def test_a_day_before_the_start_is_refused_once_the_start_is_known() -> None:
    belief = RateBelief.parse("10% by 2024-01-01")
    with pytest.raises(InputError, match="2024-01-01, before the network's start 2024-06-01"):
        belief.prior(START)


def test_a_refusal_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="negative"):
        RateBelief.parse("-1 per year")
