"""Resolutions held against a network and against each other."""

import pytest

from forecast.errors import InputError
from forecast.evidence import Resolution, Resolutions
from forecast.network import Event, Network

RATE = "20% [10%, 35%] within 1 year"
NETWORK = Network(
    name="demo",
    start="2024-01-01",
    horizon="2024-12-31",
    events=[
        Event(id="pact", kind="onset", rate=RATE),
        Event(id="talks", kind="state", rate=RATE, off_rate=RATE),
    ],
)


def asked(id_: str, event: str, by: str, outcome: str, **more: str) -> Resolution:
    resolved = by if outcome == "yes" else None
    return Resolution(id=id_, event=event, deadline=by, outcome=outcome, resolved=resolved, **more)


def test_what_has_begun_stays_on() -> None:
    both = Resolutions(
        [asked("q1", "pact", "2024-06-30", "yes"), asked("q2", "pact", "2024-09-30", "no")]
    )
    with pytest.raises(InputError, match="'q2': outcome: the event was on by 2024-06-30"):
        both.check(NETWORK)


def test_a_state_may_end_and_an_onset_may_come_later() -> None:
    Resolutions(
        [
            asked("q1", "talks", "2024-06-30", "yes"),
            asked("q2", "talks", "2024-09-30", "no"),
            asked("q3", "pact", "2024-06-30", "no"),
            asked("q4", "pact", "2024-09-30", "yes"),
        ]
    ).check(NETWORK)


def test_what_is_left_out_contradicts_nothing() -> None:
    Resolutions(
        [
            asked("q1", "pact", "2024-06-30", "yes", left_out="other wording"),
            asked("q2", "pact", "2024-09-30", "no"),
        ]
    ).check(NETWORK)


def test_an_unknown_event_and_a_deadline_outside_the_network_are_refused() -> None:
    wrong = Resolutions(
        [asked("q1", "pakt", "2024-06-30", "no"), asked("q2", "pact", "2025-01-01", "no")]
    )
    with pytest.raises(InputError) as raised:
        wrong.check(NETWORK)
    assert sorted(fault.field for fault in raised.value.faults) == [
        "resolution 'q1': event",
        "resolution 'q2': deadline",
    ]
    assert "Did you mean 'pact'" in str(raised.value)


def test_one_question_is_asked_once() -> None:
    with pytest.raises(InputError, match="'q1' asks the same"):
        Resolutions(
            [asked("q1", "pact", "2024-06-30", "no"), asked("q2", "pact", "2024-06-30", "yes")]
        )


def test_a_deadline_lies_after_the_start_and_may_be_the_last_instant() -> None:
    first, last = NETWORK.start_instant.isoformat(), NETWORK.horizon_instant.isoformat()
    Resolutions([asked("q1", "pact", last, "no")]).check(NETWORK)
    with pytest.raises(InputError, match="'q2': deadline: the deadline lies outside the period"):
        Resolutions([asked("q2", "pact", first, "no")]).check(NETWORK)
