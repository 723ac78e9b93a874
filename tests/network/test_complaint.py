"""Values in messages: as they would stand in a file."""

import pytest

from forecast.errors import InputError
from forecast.network import Link
from forecast.network._base import value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (0.5, "0.5"),
        ("10%", "10%"),
        (["3%", {"a": 1}], "[3%, {a: 1}]"),
        (None, ""),
        (object(), "object"),
    ],
)
def test_a_value_is_shown_as_in_a_file(value: object, text: str) -> None:
    assert value_text(value) == text


def test_the_tail_of_a_text_that_a_comma_cut_is_told_to_be_quoted() -> None:
    with pytest.raises(InputError, match="Put a text that holds a comma or a colon into quotes"):
        Link(**{"parent": "a", "child": "b", "kind": "requires", "and nobody fills in.": None})


def test_a_misspelt_field_is_told_its_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean 'parent'"):
        Link(parnt="a", parent="a", child="b", kind="requires")
