"""Grades of items: the letter starts the source, the digit weighs the item."""

from typing import Any

import pytest

from forecast.errors import InputError
from forecast.evidence import Evidence, Report
from forecast.model._lower import lower
from forecast.network._source import credibility_of, source_grades
from tests.networks import demo_network


def told(name: str, grade: str | None, source: str = "reuters", **fields: Any) -> Report:
    given = {"event": "troops", "published": "2024-03-01", "claim": "on"}
    return Report(id=name, source=source, grade=grade, **{**given, **fields})


def credibilities(*items: Report) -> dict[str, float]:
    lowered = lower(demo_network(), Evidence(items), "2024-04-01")
    return {factor.item: factor.credibility for factor in lowered.factors}


def test_the_letter_gives_the_source_its_prior_and_the_digit_the_item_its_credibility() -> None:
    lowered = lower(demo_network(), Evidence([told("a", "B3")]), "2024-04-01")
    group = lowered.table.group("hit_rate")
    assert group is not None
    assert group.priors == (source_grades()["B"].hit_rate.prior(),)
    assert lowered.factors[0].credibility == credibility_of("B3", confirmed_here=False)


def test_a_confirmed_item_whose_confirmation_is_in_the_record_is_probable() -> None:
    assert credibilities(told("a", "B1"))["a"] == credibility_of("B1", confirmed_here=False)
    both = credibilities(told("a", "B1"), told("b", "C3", "afp"))
    assert both["a"] == credibility_of("B2", confirmed_here=False)


@pytest.mark.parametrize(
    "other",
    [
        {"derived_from": ["a"]},
        {"claim": "off"},
        {"event": "arms"},
        {"published": "2024-05-01"},
    ],
    ids=["a copy", "a denial", "another event", "after as_of"],
)
def test_what_confirms_nothing_leaves_a_confirmed_item_as_it_is(other: dict[str, Any]) -> None:
    found = credibilities(told("a", "B1"), told("b", None, "afp", **other))
    assert found["a"] == credibility_of("B1", confirmed_here=False)


def test_two_letters_for_one_source_are_refused() -> None:
    items = Evidence([told("a", "B2"), told("b", "D2", published="2024-03-05")])
    with pytest.raises(InputError, match=r"item 'b': grade: .*graded D here and B in item 'a'"):
        items.check(demo_network())


def test_a_grade_and_a_credibility_together_are_refused() -> None:
    with pytest.raises(InputError, match="credibility: the digit of the grade"):
        told("a", "B2", credibility=0.5)


@pytest.mark.parametrize("grade", ["B", "2", "B7", "G2", "b2", "B2 ", "", 2])
def test_what_is_no_grade_is_refused(grade: Any) -> None:
    with pytest.raises(InputError, match="such as B2"):
        told("a", grade)
