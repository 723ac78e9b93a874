"""Items as readers are told them: the title of the source, and the words of the kind."""

import pytest

import forecast as fc
from forecast.evidence import Item
from forecast.workspace._named import named_items

NETWORK = fc.Network(
    name="tiny",
    start="2024-01-01",
    horizon="2024-12-31",
    events=[fc.Event(id="pact", kind="onset", rate="10% within 1 year")],
    source_types=[fc.SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%")],
    sources=[fc.Source(id="afp", title="AFP", type="wire")],
)


@pytest.mark.parametrize(
    ("item", "source", "kind", "claim"),
    [
        (fc.Report(id="i", event="pact", published="2024-03-01", source="afp", claim="on"),
         "AFP", "report", "says on"),
        (fc.LikelihoodRatio(
            id="i", event="pact", published="2024-03-01", likelihood_ratio="x3 [2, 5]"),
         "", "likelihood ratio", "likelihood ratio ×3 [2, 5]"),
    ],
)  # fmt: skip
def test_an_item_is_told_by_its_source_and_the_words_of_its_kind(
    item: Item, source: str, kind: str, claim: str
) -> None:
    named = named_items(NETWORK, [item])["i"]
    assert (named.source, named.kind, named.claim) == (source, kind, claim)
