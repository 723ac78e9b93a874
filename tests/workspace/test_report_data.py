"""What was stated of an event, in words, as the report shows it."""

import pytest

import forecast as fc
from forecast.workspace._report_data import rate_as_stated


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ((1, 1), "10% within 1 year; once in 5 years"),
        ((2, 1), "10% within 1 year (weight 2); once in 5 years (weight 1)"),
    ],
    ids=["alike", "weighted"],
)
def test_a_pool_is_told_in_words(weights: tuple[int, int], said: str) -> None:
    beliefs = ("10% within 1 year", "once in 5 years")
    experts = [{"belief": b, "weight": w} for b, w in zip(beliefs, weights, strict=True)]
    pooled = fc.Event(id="pact", kind="onset", rate={"pool": "linear", "experts": experts})
    assert rate_as_stated(pooled) == f"linear pool of {said}"
