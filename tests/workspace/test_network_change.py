"""What differs between two networks is told field by field."""

import json

from forecast.workspace._network_change import LONGEST, FieldChange, network_changes


def changes(before: dict[str, object], after: dict[str, object]) -> list[FieldChange]:
    return list(network_changes(json.dumps(before), json.dumps(after)))


def test_the_same_network_in_another_order_has_no_change() -> None:
    one = {"title": "a", "events": [{"id": "x", "rate": "1"}, {"id": "y", "rate": "2"}]}
    assert changes(one, {"events": one["events"][::-1], "title": "a"}) == []


def test_a_part_that_came_or_went_is_one_change() -> None:
    old = {"events": [{"id": "x", "rate": "1"}], "links": []}
    new = {"events": [{"id": "y", "rate": "1"}], "links": [{"id": "x__y", "delay": None}]}
    assert changes(old, new) == [
        FieldChange("events.x", "there", ""),
        FieldChange("events.y", "", "there"),
        FieldChange("links.x__y", "", "there"),
    ]


def test_what_a_field_was_and_is_stands_in_few_words() -> None:
    old = {"horizon": "2025-12-31", "events": [{"id": "x", "why": "", "windows": []}]}
    new = {"horizon": "2026-12-31", "events": [{"id": "x", "why": "w" * 999, "windows": [1]}]}
    found = changes(old, new)
    assert found[0] == FieldChange("horizon", "2025-12-31", "2026-12-31")
    assert (found[1].field, len(found[1].after)) == ("events.x.why", LONGEST)
    assert found[2] == FieldChange("events.x.windows", "[]", "[1]")
