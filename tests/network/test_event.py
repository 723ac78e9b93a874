"""Events: what each kind needs, and what it cannot have."""

from datetime import date
from typing import Any

import pytest

from forecast.errors import InputError
from forecast.network import Event, Fixed, LogitNormal, Window, initial_prior

RATE = "10% [3%, 25%] within 6 months"


def test_strings_and_lists_build_an_event() -> None:
    event = Event(
        id="pact",
        kind="onset",
        rate=RATE,
        windows=[
            Window(start="2024-07-09", end="2024-07-11"),
            {"start": "2024-06-01", "end": "2024-06-02"},
        ],
    )
    assert event.initially is False
    assert event.public
    assert [window.start for window in event.windows] == [date(2024, 6, 1), date(2024, 7, 9)]
    assert event.outside_windows == 0.0


def test_a_fact_is_never_public() -> None:
    assert not Event(id="clause", kind="fact", initially="30% [10%, 60%]").public


def test_the_start_of_an_event_is_known_or_has_a_probability() -> None:
    state = {"kind": "state", "rate": RATE, "off_rate": RATE}
    assert initial_prior(Event(id="a", **state)) == Fixed(0.0)
    assert initial_prior(Event(id="a", initially=True, **state)) == Fixed(1.0)
    assert isinstance(
        initial_prior(Event(id="a", initially="30% [10%, 60%]", **state)), LogitNormal
    )


def test_an_event_is_frozen_and_hashable() -> None:
    event = Event(id="pact", kind="onset", rate=RATE)
    with pytest.raises(ValueError, match="frozen"):
        event.kind = "state"  # type: ignore[misc]
    assert len({event, Event(id="pact", kind="onset", rate=RATE)}) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "onset"}, "rate: an onset needs a rate.*Write for example 'rate: 10%"),
        ({"kind": "state", "rate": RATE}, "off_rate: a state needs an off_rate"),
        ({"kind": "onset", "rate": RATE, "off_rate": RATE}, "an onset never turns off again"),
        ({"kind": "onset", "rate": RATE, "initially": "30%"}, "must be known: true or false"),
        ({"kind": "onset", "rate": RATE, "initially": "NO"}, "Write true or false, in lower case"),
        ({"kind": "fact", "initially": "30%", "rate": RATE}, "so it has no rate"),
        ({"kind": "fact"}, "initially: a fact needs the probability that it is true"),
        ({"kind": "fact", "initially": True}, "known for certain needs no event"),
        ({"kind": "fact", "initially": "30%", "public": True}, "a fact is never public"),
        (
            {"kind": "onsett", "rate": RATE},
            "must be onset, state, fact, decision or repeated.*mean 'onset'",
        ),
        ({"kind": "onset", "rate": RATE, "public": "yes"}, "public: must be true or false"),
        ({"kind": "onset", "rate": RATE, "public": 1}, "public: must be true or false"),
        ({"kind": "onset", "rate": RATE, "titel": "x"}, "titel: is not a field of an event.*title"),
        ({"kind": "onset", "rate": RATE, "title": 3}, 'title: must be text.*in quotes: "3"'),
        ({"kind": "onset", "rate": RATE, "why": None}, "why: is empty"),
        (
            {"kind": "onset", "rate": RATE, "id": "A-1"},
            "id: must be a name.*Write for example 'a_1'",
        ),
        ({"kind": "onset", "rate": RATE, "outside_windows": 0.5}, "outside_windows needs windows"),
        ({"kind": "onset", "rate": RATE, "windows": "June"}, "windows: must be a list"),
    ],
)
def test_an_event_that_makes_no_sense_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Event(**{"id": "pact", **fields})


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ({"start": "2024-07-11", "end": "2024-07-09"}, "ends on 2024-07-09, before it starts"),
        (
            {"start": "09/07/2024", "end": "2024-07-11"},
            r"windows.0.start: may be 9 July 2024 or 7 September 2024.*ISO 8601",
        ),
        ({"start": "2024-07-01"}, r"windows.0.end: is missing"),
        (
            {"start": "2024-07-01", "end": "2024-07-02", "weight": -1},
            r"windows.0.weight: must be 0 or more \(got '-1'\)",
        ),
        (
            {"start": "2024-07-01", "end": "2024-07-02", "weight": float("nan")},
            r"windows.0.weight: must be a finite number",
        ),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(window: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Event(id="pact", kind="onset", rate=RATE, windows=[window])


def test_windows_that_share_a_day_are_refused() -> None:
    windows = [
        Window(start="2024-07-01", end="2024-07-09"),
        Window(start="2024-07-09", end="2024-07-11"),
    ]
    with pytest.raises(InputError, match=r"2024-07-01 to 2024-07-09 and .* overlap"):
        Event(id="pact", kind="onset", rate=RATE, windows=windows)


def test_all_faults_of_an_event_come_at_once() -> None:
    with pytest.raises(InputError, match=r"rate: .*0%") as caught:
        Event(id="A", kind="state", rate="0% within 1 year", wy="x")
    assert [fault.field for fault in caught.value.faults] == ["id", "rate", "wy", "off_rate"]
