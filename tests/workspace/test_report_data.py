"""Items in words, as the report shows them."""

import pytest

import forecast as fc
from forecast.evidence import Report
from forecast.workspace._report_data import named_item, rate_as_stated

NETWORK = fc.Network(
    name="tiny",
    start="2024-01-01",
    horizon="2024-12-31",
    events=[fc.Event(id="pact", kind="onset", rate="10% within 1 year")],
    source_types=[fc.SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%")],
    sources=[fc.Source(id="afp", title="AFP", type="wire")],
)


@pytest.mark.parametrize(
    ("speaks_of", "claim"),
    [(None, "says on"), ("2024-05-31", "says it will be on by 31 May 2024")],
    ids=["report", "prediction"],
)
def test_a_prediction_says_when_and_a_report_does_not(speaks_of: str | None, claim: str) -> None:
    said = Report(
        id="r", event="pact", published="2024-03-01", source="afp", claim="on", speaks_of=speaks_of
    )
    named = named_item(NETWORK, said)
    assert (named.source, named.claim) == ("AFP", claim)


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
