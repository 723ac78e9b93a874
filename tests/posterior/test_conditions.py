"""Conditions on one line: every form, there and back, and what is none."""

import pytest

from forecast.errors import QueryError
from forecast.posterior._conditions import read_conditions, write_condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("troops", "on"),
        ("troops=on", "on"),
        ("not:troops", "off"),
        ("not: troops", "off"),
        ("troops=off", "off"),
        ("troops = off", "off"),
        ("troops=2024-10-01", "2024-10-01"),
        ("troops@2024-10-01", "2024-10-01"),
        ("troops=off@2024-10-01", ("off", "2024-10-01")),
        ("troops=on@2024-10-01", ("on", "2024-10-01")),
        ("not:troops@2024-10-01", ("off", "2024-10-01")),
        ("not:troops=2024-10-01", ("off", "2024-10-01")),
    ],
)
def test_a_condition_has_several_forms_and_comes_back_in_one(text: str, condition: object) -> None:
    assert read_conditions([text]) == {"troops": condition}
    assert read_conditions([write_condition("troops", condition)]) == {"troops": condition}


def test_several_stand_side_by_side_or_between_commas() -> None:
    expected = {"a": "on", "b": "off", "c": "2024-10-01"}
    assert read_conditions(["a, not:b", "c=2024-10-01"]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,",
        "not:",
        "=on",
        "a=",
        "a@",
        "a=maybe",
        "a=2024-13-01",
        "a=on@",
        "a=on@soon",
        "not:a=off",
        "a=2024-10-01@2024-11-01",
        "a@off",
    ],
)
def test_what_is_no_condition_says_what_is(text: str) -> None:
    with pytest.raises(QueryError, match=r"is no condition\. Write 'event'"):
        read_conditions([text])


def test_an_event_is_supposed_once() -> None:
    with pytest.raises(QueryError, match="'a' is supposed twice"):
        read_conditions(["a", "a=off@2024-10-01"])
