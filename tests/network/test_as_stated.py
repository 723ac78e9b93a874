"""What was stated of an event or of a node of one, on one line."""

from typing import Any

import pytest

from forecast.network import Event, Network
from forecast.network._as_stated import as_stated, kind_in_words

RATES = {"rate": "5% within 1 year", "off_rate": "once in 2 years"}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"kind": "onset", "rate": "5% within 1 year"}, "5% within 1 year"),
        ({"kind": "onset", "rate": "5% within 1 year", "initially": True}, "known on"),
        ({"kind": "fact", "initially": "icd203: unlikely"}, "icd203: unlikely"),
        ({"kind": "state", **RATES}, "5% within 1 year; off: once in 2 years"),
        (
            {"kind": "state", "initially": True, **RATES},
            "known on; then 5% within 1 year; off: once in 2 years",
        ),
        (
            {"kind": "onset", "ever": "45% [20%, 70%]", "pace": "half of it within 4 months"},
            "ever 45% [20%, 70%], half of it within 4 months",
        ),
        (
            {"kind": "onset", "rate": "5% within 1 year", "known": "within 2 weeks [1, 5]"},
            "5% within 1 year; confirmed within 2 weeks [1, 5]",
        ),
        (
            {"kind": "decision", "on": "2024-11-05", "outcomes": {"b": "60%", "a": "the rest"}},
            "on 2024-11-05: b 60%, a the rest",
        ),
        (
            {"kind": "repeated", "rate": "once in 1 year", "rate_after": "once in 3 years"},
            "once in 1 year; again: once in 3 years",
        ),
    ],
)
def test_an_event_is_told_as_it_was_stated(fields: dict[str, Any], text: str) -> None:
    assert as_stated(Event.model_validate({"id": "e", **fields})) == text


def test_facts_of_several_values_and_tables_are_told() -> None:
    aim = Event(id="aim", kind="fact", outcomes={"deter": "60%", "coerce": "the rest"})
    rows = [{"when": {"aim": side}, "initially": "10%"} for side in ("deter", "coerce")]
    plan = Event(id="plan", kind="fact", given=["aim"], table=rows)
    network = Network(name="n", start="2024-01-01", horizon="2024-12-31", events=[aim, plan])
    assert as_stated(aim) == "deter 60%, coerce the rest"
    assert as_stated(plan) == "a table of 2 rows, given aim"
    assert [(node.id, kind_in_words(node), as_stated(node)) for node in network.nodes] == [
        ("aim.deter", "value of a fact", "a value of 'aim'"),
        ("aim.coerce", "value of a fact", "a value of 'aim'"),
        ("plan", "fact", "a table of 2 rows, given aim"),
    ]


def test_each_node_is_told_by_what_was_stated_of_it() -> None:
    events = [
        Event(id="bill", kind="onset", rate="5% within 1 year", known="within 1 month"),
        Event(id="law", kind="decision", on="bill", outcomes={"no": "70%", "yes": "the rest"}),
        Event(id="raid", kind="repeated", rate="1 per year", rate_after="3 per year", up_to=2),
        Event(id="war", kind="repeated", rate="1 per year", up_to=2),
    ]
    network = Network(name="n", start="2024-01-01", horizon="2024-12-31", events=events)
    assert {node.id: (kind_in_words(node), as_stated(node)) for node in network.nodes} == {
        "bill": ("onset", "5% within 1 year"),
        "bill.confirmed": ("confirmation", "confirmed within 1 month"),
        "law.no": ("outcome of a decision", "70% when 'bill' comes"),
        "law.yes": ("outcome of a decision", "the rest when 'bill' comes"),
        "raid": ("onset", "1 per year"),
        "raid.2": ("repetition", "again: 3 per year"),
        "war": ("onset", "1 per year"),
        "war.2": ("repetition", "again: 1 per year"),
    }


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
    pooled = Event(id="pact", kind="onset", rate={"pool": "linear", "experts": experts})
    assert as_stated(pooled) == f"linear pool of {said}"
