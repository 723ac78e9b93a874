"""The prior predictive report: what it says of an event's prior."""

import pytest

from forecast.network import Event
from forecast.workspace._priors import prior_text

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
    ],
)
def test_a_prior_is_told_with_what_ends_it(fields: dict[str, object], text: str) -> None:
    assert prior_text(Event.model_validate({"id": "e", **fields})) == text
