"""Opinions that are stale, and such as nobody can learn from."""

from datetime import date, timedelta
from typing import Any

import pytest

from forecast.evidence import Evidence, Forecast, Item, Observation, Retraction
from forecast.network import Event, Network, Source, SourceType


def network(*, public: bool = False) -> Network:
    return Network(
        name="n",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[Event(id="a", kind="onset", public=public, rate="30% [10%, 55%] within 1 year")],
        source_types=[
            SourceType(id="t", hit_rate="80% [60%, 92%]", false_alarm_rate="5% [1%, 9%]")
        ],
        sources=[Source(id="market", type="t"), Source(id="club", type="t")],
    )


def bets(days: int, last: date = date(2024, 5, 1), every: int = 1, **fields: Any) -> list[Item]:
    """So many forecasts, the last one on a day."""
    given = {"event": "a", "source": "market", "probability": 0.4, "speaks_of": "2024-11-30"}
    when = [last - timedelta(days=every * k) for k in range(days)]
    return [
        Forecast(id=f"m{k}", **{**given, "published": day, **fields}) for k, day in enumerate(when)
    ]


def problems(items: list[Item], as_of: str, *, public: bool = False) -> list[str]:
    told = Evidence(items).remarks(network(public=public), as_of)
    return [fault.problem for fault in told if "source and date" not in fault.problem]


def test_a_source_that_used_to_speak_every_day_is_stale_after_a_week() -> None:
    assert problems(bets(4), "2024-05-07") == []
    (told,) = problems(bets(4), "2024-05-10")
    assert "'market' has not spoken of event 'a' for 9 days, and used to every day" in told


TAKEN_BACK = Retraction(
    id="x", event="a", published="2024-05-02", retracts=[f"m{k}" for k in range(4)]
)


@pytest.mark.parametrize(
    ("items", "why"),
    [
        (bets(3), "it has no pace yet"),
        (bets(4, every=30), "it speaks once a month"),
        ([*bets(4), TAKEN_BACK],
         "nothing of it stands"),
        ([*bets(4), Observation(id="o", event="a", published="2024-05-05", onset="2024-05-04")],
         "it is known what came of it"),
    ],
    ids=["young", "slow", "retracted", "resolved"],
)  # fmt: skip
def test_others_are_not(items: list[Item], why: str) -> None:
    assert problems(items, "2024-06-01") == [], why


def test_nobody_learns_from_what_is_never_resolved() -> None:
    passed = bets(1, speaks_of="2024-05-20")
    (told,) = problems(passed, "2024-06-01")
    assert "nobody learns from it what the forecasts of source 'market' are worth" in told
    assert problems(passed, "2024-05-15") == []
    assert problems(passed, "2024-06-01", public=True) == []  # nothing was seen: it did not come
    known = Observation(id="o", event="a", published="2024-06-01", state="off")
    assert problems([*passed, known], "2024-06-01") == []


def test_nor_from_what_was_known_before() -> None:
    known = Observation(id="o", event="a", published="2024-03-05", onset="2024-03-04")
    (told,) = problems([known, *bets(1)], "2024-06-01")
    assert "known for sure before the forecast was published" in told
