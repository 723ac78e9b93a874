"""Items in words, as the report shows them."""

import pytest

import forecast as fc
from forecast.evidence import Report
from forecast.workspace.worded import named_item

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
