"""What an item says, in words: each kind has its own."""

from typing import Any

import pytest

from forecast.evidence import KINDS, Item

SOURCE: dict[str, Any] = {"source": "afp"}
WINDOW = {**SOURCE, "watched_from": "2024-06-01", "watched_to": "2024-06-30"}


def said(kind: str, **fields: Any) -> str:
    told = {"id": "i", "event": "pact", "published": "2024-07-01", **fields}
    return KINDS[kind](**told).words()


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("report", {**SOURCE, "claim": "on"}, "says on"),
        ("report", {**SOURCE, "claim": "on", "speaks_of": "2024-06-03"},
         "says on as of 3 June 2024"),
        ("report", {**SOURCE, "claim": "off", "speaks_of": "2024-12-31"},
         "says it will be off by 31 December 2024"),
        ("report", {**SOURCE, "claim": "on", "credibility": 0.3}, "says on (credibility 30%)"),
        ("report", {**SOURCE, "claim": "on", "grade": "B2"}, "says on (grade B2)"),
        ("likelihood_ratio", {"likelihood_ratio": "x3 [2, 5]"}, "likelihood ratio ×3 [2, 5]"),
        ("observation", {"state": "on"}, "observed to be on"),
        ("observation", {"state": "off", "speaks_of": "2024-06-12"},
         "observed to be off on 12 June 2024"),
        ("observation", {"onset": "2024-06-12"}, "observed to begin on 12 June 2024"),
        ("observation", {"onset": ["2024-06-12", "2024-06-14"]},
         "observed to begin between 12 June 2024 and 14 June 2024"),
        ("forecast", {**SOURCE, "probability": 0.35, "speaks_of": "2024-12-31"},
         "says 35% by 31 December 2024"),
        ("forecast", {**SOURCE, "probability": 0.004, "speaks_of": "2024-12-31"},
         "says 0.4% by 31 December 2024"),
        ("silence", WINDOW, "silent 1–30 June 2024"),
        ("silence", {**WINDOW, "watched_from": "2024-05-28"},
         "silent 28 May 2024 to 30 June 2024"),
        ("silence", {**WINDOW, "watched_to": "2024-06-30T12:30Z"},
         "silent 1 June 2024 to 30 June 2024, 12:30 UTC"),
        ("silence", {**WINDOW, "claim": "on"}, "silent 1–30 June 2024, then saw it on"),
        ("report", {**SOURCE, "claim": "on", "onset": ["2024-06-08", "2024-06-13"]},
         "dates the onset 8–13 June 2024"),
        ("report", {**SOURCE, "claim": "off", "onset": "2024-06-08", "grade": "C3"},
         "denies an onset 8 June 2024 (grade C3)"),
        ("report", {**SOURCE, "claim": "on", "onset": ["2024-08-30", "2024-09-02"]},
         "expects the onset 30 August 2024 to 2 September 2024"),
        ("report", {**SOURCE, "claim": "off", "onset": "2024-08-30"},
         "expects no onset 30 August 2024"),
        ("silence", {**WINDOW, "event": ["pact", "war", "truce"]},
         "silent on 3 events 1–30 June 2024"),
        ("count", {**WINDOW, "counted": 7}, "counted 7, 1–30 June 2024"),
        ("count", {**WINDOW, "watched_from": "2024-06-30", "counted": 1200},
         "counted 1,200, 30 June 2024"),
        ("retraction", {"retracts": ["a", "b"]}, "takes back a, b"),
        ("regime", {"hazard_ratio": "x0.4 [0.2, 0.75]", "text": "a reason"},
         "from 1 July 2024: rate ×0.4 [0.2, 0.75]"),
        ("regime", {"hazard_ratio": "x3", "text": "a reason", "speaks_of": "2024-06-12T10:00Z",
                    "until": "2024-12-31"},
         "from 12 June 2024, 10:00 UTC until 31 December 2024: rate ×3"),
    ],
)  # fmt: skip
def test_an_item_says_it_in_words(kind: str, fields: dict[str, Any], words: str) -> None:
    assert said(kind, **fields) == words


def test_every_kind_has_words_of_its_own() -> None:
    assert [name for name, kind in KINDS.items() if kind.words is Item.words] == []
