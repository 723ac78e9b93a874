"""Values in messages: as they would stand in a file."""

import pytest

from forecast.network.complaint import value_text


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
