"""What a record may hold: hostile text is refused, or kept as it is and harmless."""

import resource
import time
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from forecast.errors import InputError
from forecast.ledger import (
    ArtifactRecord,
    ItemRecord,
    Ledger,
    ResolutionRecord,
    export,
    publish,
    resolve,
    said,
    verify,
)
from forecast.ledger._records import check_resolution, check_run
from tests.ledger.samples import AS_OF, forecast, run
from tests.speed import in_time

HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b]0;owned\x07\x1b[2J",
    "\u202egnp.exe",
    '=HYPERLINK("http://x","y")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "'; DROP TABLE entries; --",
    "[/nope] [red]",
    "{{7*7}} ${7*7} %s %n",
    "a" * 10_000_000,
    "\x00",
    "\ud800",
    "\r\nSet-Cookie: a",
]
IDS = ["key", "network"]
TEXTS = ["network_body", "settings", "gate"]
SECONDS, MEGABYTES = 2.0, 200


@pytest.mark.parametrize("field", IDS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_is_a_name(field: str, text: str) -> None:
    with pytest.raises(InputError, match=field) as caught:
        check_run(replace(run(), **{field: text}))
    assert len(str(caught.value)) < 500
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_an_event_or_a_condition_is_no_place_for_it_either(text: str) -> None:
    with pytest.raises(InputError, match=r"forecasts\.0\.event: is not an id"):
        check_run(replace(run(), forecasts=(replace(forecast(0), event=text),)))
    with pytest.raises(InputError, match="event: is not an id"):
        check_resolution(ResolutionRecord(text, "void", None))


@pytest.mark.parametrize("name", ["troops.confirmed", "vote.left", "raid.2.confirmed", "e" * 64])
def test_what_follows_from_an_event_has_a_name(name: str) -> None:
    check_run(replace(run(), forecasts=(replace(forecast(0), event=name),)))
    check_resolution(ResolutionRecord(name, "void", None))


@pytest.mark.parametrize("name", ["vote.", ".left", "vote..left", "a.b.c.d", "e" * 60 + ".left"])
def test_dots_alone_are_no_name(name: str) -> None:
    with pytest.raises(InputError, match="event: is not an id"):
        check_resolution(ResolutionRecord(name, "void", None))


@pytest.mark.parametrize("text", [t for t in HOSTILE if len(t) < 1000], ids=str.__repr__)
def test_free_text_is_kept_as_it_is_or_refused_and_inert_either_way(
    ledger: Ledger, text: str
) -> None:
    hostile = replace(
        run(),
        **dict.fromkeys(TEXTS, text),
        evidence=(ItemRecord("e1", text),),
        forecasts=(replace(forecast(0), condition=text),),
    )
    storable = not any(c in text for c in "\x00\ud800")
    if storable:
        publish(ledger, hostile)
        resolve(ledger, ResolutionRecord("event_0", "void", None, note=text))
        (found,) = said(ledger)
        assert found.forecast.condition == text
        assert len(list(export(ledger))) == 1 + 1 + 2  # no line was broken in two
        assert all(line.isprintable() or "\u202e" in line for line in export(ledger))
    else:
        with pytest.raises(InputError, match="holds a character that no text has"):
            publish(ledger, hostile)
    assert verify(ledger).passed


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../a.nc", "a/../../b.nc", "C:\\a.nc", "\\\\host\\a", "a\n.nc", ""]
)
def test_a_file_of_a_run_stands_in_the_folder_of_runs(path: str) -> None:
    artifact = ArtifactRecord(path, "0" * 64, 1)
    with pytest.raises(InputError, match=r"artifacts\.0\.path: (leaves the folder|must be one)"):
        check_run(run(artifacts=(artifact,)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.01, 1.01, "0.5", True, None])
def test_a_probability_is_a_number_from_0_to_1(value: Any) -> None:
    with pytest.raises(InputError, match=r"probability: must be a number from 0 to 1"):
        check_run(replace(run(), forecasts=(replace(forecast(0), probability=value),)))


@pytest.mark.parametrize("name", ["mcse", "lower_mcse", "upper_mcse"])
@pytest.mark.parametrize("value", [float("nan"), -0.01, 1.01, "0.5"])
def test_an_error_is_a_number_from_0_to_1_or_unknown(name: str, value: Any) -> None:
    check_run(replace(run(), forecasts=(replace(forecast(0), **{name: None}),)))
    with pytest.raises(InputError, match=rf"forecasts\.0\.{name}: must be a number from 0 to 1"):
        check_run(replace(run(), forecasts=(replace(forecast(0), **{name: value}),)))


@pytest.mark.parametrize("name", ["as_of", "deadline", "valid_until"])
@pytest.mark.parametrize("value", [datetime(2024, 7, 1), "2024-07-01", None])  # noqa: DTZ001
def test_an_instant_has_a_zone(name: str, value: Any) -> None:
    if name == "as_of":
        broken = replace(run(), as_of=value)
    else:
        broken = replace(run(), forecasts=(replace(forecast(0), **{name: value}),))
    with pytest.raises(InputError, match=f"{name}: is not an instant with a time zone"):
        check_run(broken)


@pytest.mark.parametrize(
    ("outcome", "at"), [("happened", None), ("not_by", None), ("void", AS_OF), ("maybe", AS_OF)]
)
def test_a_resolution_says_what_happened_when(outcome: Any, at: datetime | None) -> None:
    with pytest.raises(InputError, match=r"an outcome has a date|is not an outcome"):
        check_resolution(ResolutionRecord("event_0", outcome, at))


def test_too_much_of_anything_is_refused_quickly_and_in_little_memory(ledger: Ledger) -> None:
    huge = "x" * 10_000_000
    many = tuple(forecast(0) for _ in range(100_001))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for broken in [
        *(replace(run(), **{field: huge}) for field in TEXTS),
        replace(run(), evidence=(ItemRecord("e1", huge),)),
        replace(run(), evidence=(ItemRecord(huge, "{}"),)),
        replace(run(), versions={huge: "1"}),
        replace(run(), versions={"numpy": huge}),
        replace(run(), forecasts=(replace(forecast(0), condition=huge),)),
        replace(run(), artifacts=(ArtifactRecord(huge, "0" * 64, 1),)),
        replace(run(), forecasts=many),
    ]:
        begin = time.process_time()
        with pytest.raises(InputError, match=r"longer than the ledger takes|more than a run"):
            publish(ledger, broken)
        assert in_time(time.process_time() - begin, SECONDS)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < MEGABYTES
    assert verify(ledger).entries == 0
