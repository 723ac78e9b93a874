"""Links: what each kind needs, and what it cannot have."""

from typing import Any

import pytest

from forecast.errors import InputError
from forecast.network import ConditionalBelief, Link, RateBelief

ENDS = {"parent": "pact", "child": "embargo"}


def test_a_link_is_named_after_its_ends() -> None:
    assert Link(kind="requires", **ENDS).id == "pact__requires__embargo"
    assert Link(id="l1", kind="requires", **ENDS).id == "l1"
    assert len(Link(kind="requires", parent="a" * 60, child="b" * 60).id) == 64


def test_an_extra_rate_is_a_rate_or_a_condition() -> None:
    plain = Link(kind="causes", extra_rate="0.3 per year", **ENDS)
    conditional = Link(kind="causes", extra_rate="if on: 40% within 1 year", **ENDS)
    assert isinstance(plain.extra_rate, RateBelief)
    assert isinstance(conditional.extra_rate, ConditionalBelief)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "causes"}, "a link of kind causes needs extra_rate.*per year"),
        ({"kind": "multiplies"}, "needs hazard_ratio. Write for example 'hazard_ratio: x3"),
        (
            {"kind": "causes", "hazard_ratio": "x3"},
            "takes no hazard_ratio: it takes extra_rate. Leave it out, or write kind: multiplies",
        ),
        ({"kind": "requires", "hazard_ratio": "x3"}, "takes no hazard_ratio"),
        ({"kind": "requires", "stages": 3}, "stages make a delay sharper, but there is no delay"),
        ({"kind": "requires", "delay": "3 months", "stages": 9}, "stages: must be 8 or less"),
        (
            {"kind": "requires", "delay": "3 months", "stages": 1.5},
            "stages: must be a whole number",
        ),
        ({"kind": "requires", "delay": "soon"}, "delay: 'soon' is not a span of time"),
        ({"kind": "requires", "child": "pact"}, "child: an event cannot require itself"),
        ({"kind": "blocks"}, "must be causes, multiplies, requires or prevents"),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Link(**{**ENDS, **fields})
