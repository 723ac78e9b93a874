"""Evidence of probability zero: an error that names the smallest conflicting set of items."""

from typing import Any

import pytest

from forecast.errors import ContradictionError
from forecast.evidence import Evidence, Item, LikelihoodRatio, Observation, Report
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.posterior import update

RATE = "20% [5%, 50%] within 6 months"


def gated() -> Network:
    return Network(
        name="gated",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="law", kind="onset", public=False, rate=RATE),
            Event(id="arms", kind="onset", rate=RATE),
            Event(id="treaty", kind="onset", rate=RATE),
            Event(id="parade", kind="onset", rate=RATE),
            Event(id="plot", kind="onset", public=False, rate=RATE),
        ],
        links=[
            Link(parent="law", child="arms", kind="requires"),
            Link(parent="treaty", child="parade", kind="requires"),
        ],
        source_types=[SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%")],
        sources=[Source(id=name, type="wire") for name in ("afp", "ap", "official")],
    )


def seen(name: str, event: str, day: str, state: str = "on", **fields: Any) -> Observation:
    return Observation(id=name, event=event, published=day, state=state, **fields)


NOISE: list[Item] = [
    LikelihoodRatio(
        id=f"noise{k}", event="plot", published=f"2024-03-0{k + 1}", likelihood_ratio="x2 [1, 4]"
    )
    for k in range(7)
]


def conflict(*items: Item) -> str:
    with pytest.raises(ContradictionError) as raised:
        update(gated(), Evidence([*NOISE, *items]), as_of="2024-08-01", draws=64)
    return str(raised.value)


def test_the_conflicting_items_are_named_and_no_others() -> None:
    message = conflict(
        seen("armed", "arms", "2024-04-01"),
        seen("lawless", "law", "2024-05-01", "off"),
        seen("plotted", "plot", "2024-06-01"),
    )
    assert "these 2 items are impossible together" in message
    assert "'armed' (observation on 'arms', 2024-04-01); 'lawless'" in message
    assert "noise" not in message
    assert "plotted" not in message


def test_an_item_that_public_silence_rules_out_stands_alone() -> None:
    message = conflict(seen("paraded", "parade", "2024-04-01"), seen("armed", "arms", "2024-06-01"))
    assert "this item is impossible under this network" in message
    assert "item 'paraded'" in message


def test_outlets_that_never_check_cannot_have_heard_two_things() -> None:
    message = conflict(
        *(
            Report(
                id=f"r{k}", event="plot", published="2024-04-01", source=source, claim=claim,
                origin="official", check=0,
            )
            for k, (source, claim) in enumerate([("afp", "on"), ("ap", "off")])
        )
    )  # fmt: skip
    assert "'r0' (report on 'plot', 2024-04-01); 'r1'" in message


def test_evidence_that_is_possible_is_no_conflict() -> None:
    lawful = [seen("lawful", "law", "2024-03-01"), seen("armed", "arms", "2024-04-01")]
    post = update(gated(), Evidence([*NOISE, *lawful]), as_of="2024-08-01", draws=256)
    assert post.probability("arms", by="2024-12-31").mean == 1
