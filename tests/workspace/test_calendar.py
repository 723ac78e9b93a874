"""Calendars become drafts: bounded, by UTC days, and nothing that is unknown is guessed."""

import json
import time
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

import forecast as fc
from forecast.cli.main import cli
from forecast.errors import InputError
from forecast.files._calendar_file import Calendar, read_calendar
from forecast.workspace._calendar import bring_calendar
from tests.speed import in_time
from tests.workspace.samples import write_workspace

BEGIN, END = date(2024, 1, 1), date(2025, 12, 31)


def calendar(folder: Path, *entries: str, zones: str = "") -> Path:
    """Write a calendar of entries, each the lines between BEGIN and END."""
    told = "".join(f"BEGIN:VEVENT\n{entry.strip()}\nEND:VEVENT\n" for entry in entries)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//\n{zones}{told}END:VCALENDAR\n"
    path = folder / "days.ics"
    path.write_bytes(text.replace("\n", "\r\n").encode())
    return path


def read(folder: Path, *entries: str) -> Calendar:
    return read_calendar(calendar(folder, *entries), BEGIN, END)


def spans(folder: Path, *entries: str) -> list[tuple[str, str]]:
    found = read(folder, *entries)
    assert not [each for each in found.aside if "no field" not in each.why], found.aside
    return [(str(a), str(b)) for entry in found.entries for a, b in entry.spans]


@pytest.mark.parametrize(
    ("entry", "days"),
    [
        ("UID:a\nDTSTART;VALUE=DATE:20241105", [("2024-11-05", "2024-11-05")]),
        # the end of a whole-day entry is not included
        ("UID:a\nDTSTART;VALUE=DATE:20240601\nDTEND;VALUE=DATE:20240604",
         [("2024-06-01", "2024-06-03")]),
        ("UID:a\nDTSTART:20241105T230000Z\nDURATION:PT1H", [("2024-11-05", "2024-11-05")]),
        ("UID:a\nDTSTART:20241105T230000Z\nDURATION:PT2H", [("2024-11-05", "2024-11-06")]),
        # an evening in New York is the next day in UTC
        ("UID:a\nDTSTART;TZID=America/New_York:20241105T200000", [("2024-11-06", "2024-11-06")]),
        ("UID:a\nDTSTART;VALUE=DATE:20240131\nRRULE:FREQ=MONTHLY;COUNT=3",
         [(f"2024-0{month}-31", f"2024-0{month}-31") for month in (1, 3, 5)]),
        ("UID:a\nDTSTART;VALUE=DATE:20251218\nRRULE:FREQ=WEEKLY",
         [("2025-12-18", "2025-12-18"), ("2025-12-25", "2025-12-25")]),
        ("UID:a\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY;UNTIL=20240103\n"
         "EXDATE;VALUE=DATE:20240102\nRDATE;VALUE=DATE:20240201",
         [(day, day) for day in ("2024-01-01", "2024-01-03", "2024-02-01")]),
        # the wall clock counts: 23:30 in Berlin is the same day in UTC, winter and summer
        ("UID:a\nDTSTART;TZID=Europe/Berlin:20240301T233000\nRRULE:FREQ=MONTHLY;COUNT=2",
         [("2024-03-01", "2024-03-01"), ("2024-04-01", "2024-04-01")]),
    ],
)  # fmt: skip
def test_an_entry_takes_place_on_its_days(
    tmp_path: Path, entry: str, days: list[tuple[str, str]]
) -> None:
    assert spans(tmp_path, entry) == days


def test_a_moved_time_stands_in_place_of_its_own_and_a_cancelled_one_is_gone(
    tmp_path: Path,
) -> None:
    rule = "UID:a\nSUMMARY:Council\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY;COUNT=3"
    moved = "UID:a\nRECURRENCE-ID;VALUE=DATE:20240102\nDTSTART;VALUE=DATE:20240110"
    gone = "UID:a\nRECURRENCE-ID;VALUE=DATE:20240103\nDTSTART;VALUE=DATE:20240103\nSTATUS:CANCELLED"
    assert spans(tmp_path, rule, moved, gone) == [
        ("2024-01-01", "2024-01-01"), ("2024-01-10", "2024-01-10")]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("UID:a\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20240101", "cancelled"),
        ("UID:a\nDTSTART;TZID=Middle Earth:20241105T200000", "zone is not known"),
        ("UID:a\nDTSTART;VALUE=DATE:20241305", "DTSTART cannot be read"),
        ("UID:a\nSUMMARY:x", "it has no DTSTART"),
        ("UID:a\nDTSTART;VALUE=DATE:20240102\nDTEND;VALUE=DATE:20240101", "before it begins"),
        ("UID:a\nDTSTART:20240102T100000Z\nRRULE:FREQ=SECONDLY", "more than once a day"),
        ("UID:a\nDTSTART:20240102T100000Z\nRRULE:FREQ=DAILY;INTERVAL=0", "interval"),
        ("UID:a\nDTSTART:20240102T100000Z\nRRULE:FREQ=DAILY;COUNT=-1", "never"),
        ("UID:a\nDTSTART;VALUE=DATE:20240102\nDTEND:20240103T100000Z", "ends at a time"),
        ("UID:a\nDTSTART:20240101T000000Z\nDURATION:P3000000D", "lasts too long"),
        ("UID:a\nDTSTART;VALUE=DATE:20240101\nDURATION:P999999999D", "lasts too long"),
        ("UID:a\nDTSTART:20240101T000000Z\nDURATION:P3000000D\nRRULE:FREQ=DAILY", "too long"),
        ("UID:a\nDTSTART:20240101T000000Z\nRRULE:FREQ=DAILY;BYHOUR=8,20", "more than once a day"),
        ("UID:a\nDTSTART:00010101T000000Z\nRRULE:FREQ=DAILY;COUNT=9999999", "its rule begins"),
    ],
)
def test_what_cannot_be_followed_is_set_aside_with_the_reason(
    tmp_path: Path, entry: str, why: str
) -> None:
    found = read(tmp_path, entry)
    assert not found.entries
    assert any(why in each.why for each in found.aside), found.aside


def test_rules_without_end_and_without_times_end_soon(tmp_path: Path) -> None:
    begun = time.process_time()
    endless = "UID:a\nDTSTART;VALUE=DATE:10000101\nRRULE:FREQ=DAILY"
    never = "UID:b\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5"
    zones = (
        "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
        "RRULE:FREQ=SECONDLY\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0000\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    found = read_calendar(calendar(tmp_path, endless, never, zones=zones), BEGIN, END)
    assert [len(entry.spans) for entry in found.entries] == [731]
    assert found.outside == 1
    assert in_time(time.process_time() - begun, 20)


def test_many_rules_that_began_long_ago_or_never_come_true_end_soon(tmp_path: Path) -> None:
    begun = time.process_time()
    often = ";".join(f"BY{of}={','.join(map(str, range(10)))}" for of in ("MINUTE", "SECOND"))
    hours = ",".join(map(str, range(24)))
    hang = f"UID:h\nDTSTART:00010101T000000Z\nRRULE:FREQ=DAILY;BYHOUR={hours};{often}"
    old = [f"UID:{n}\nDTSTART:00010102T000000Z\nRRULE:FREQ=DAILY;BYMONTH=2" for n in range(50)]
    never = "DTSTART:20240101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    found = read(tmp_path, hang, *old, *(f"UID:n{n}\n{never}" for n in range(9)))
    assert [len(entry.spans) for entry in found.entries] == [57] * 50  # 29 days, then 28
    assert [each.why for each in found.aside] == ["it repeats more than once a day"]
    assert in_time(time.process_time() - begun, 10)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=37", "FREQ=DAILY;INTERVAL=3;BYDAY=MO,FR", "FREQ=WEEKLY;INTERVAL=5",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=SU", "FREQ=MONTHLY;INTERVAL=7",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,WE,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY;INTERVAL=2", "FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "FREQ=MONTHLY;INTERVAL=5;BYDAY=MO,TU;BYSETPOS=2",
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["19040229", "19970128", "20000131", "20231226"])
def test_a_rule_that_is_followed_from_near_the_period_has_the_same_days(
    tmp_path: Path, rule: str, start: str
) -> None:
    entry = f"UID:a\nDTSTART;VALUE=DATE:{start}\nRRULE:{rule}"
    assert spans(tmp_path, entry) == spans(tmp_path, f"{entry};COUNT=90000")


def test_of_two_versions_of_an_entry_the_later_one_stands(tmp_path: Path) -> None:
    first = "UID:a\nSUMMARY:Vote\nDTSTAMP:20240102T000000Z\nSEQUENCE:1\nDTSTART;VALUE=DATE:20240201"
    higher = first.replace("SEQUENCE:1", "SEQUENCE:10").replace("20240201", "20240301")
    later = first.replace("DTSTAMP:20240102", "DTSTAMP:20240103").replace("20240201", "20240401")
    for one, day in ((higher, "2024-03-01"), (later, "2024-04-01")):
        for entries in ((first, one), (one, first)):
            found = read(tmp_path, *entries)
            assert [str(entry.spans[0][0]) for entry in found.entries] == [day]
            (aside,) = found.aside
            assert (aside.title, aside.why) == ("Vote", "a later version of it stands")
            assert aside.fields["DTSTART"] == "20240201"
    rule = "UID:a\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY;COUNT=2"
    moved = "UID:a\nRECURRENCE-ID;VALUE=DATE:20240102\nDTSTART;VALUE=DATE:20240110\nSEQUENCE:2"
    again = moved.replace("20240110", "20240120").replace("SEQUENCE:2", "SEQUENCE:3")
    found = read(tmp_path, rule, again, moved)
    assert [str(day) for day, _ in found.entries[0].spans] == ["2024-01-01", "2024-01-20"]
    assert [each.fields["SEQUENCE"] for each in found.aside] == ["2"]


def test_two_entries_of_one_uid_are_both_kept_if_their_days_differ(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    council = "UID:u\nDTSTART;VALUE=DATE:20241201\nSUMMARY:Council vote"
    board = council.replace("20241201", "20250301").replace("Council", "Board")
    copy = council.replace("Council", "The same")
    found = bring_calendar(tmp_path, calendar(tmp_path, council, board, copy))
    assert set(found.decisions) | set(found.aside) == {
        "board_vote", "council_vote", "another entry has its UID and its days"}  # fmt: skip
    assert found.aside["another entry has its UID and its days"] == ("The same vote",)


def test_that_times_are_left_out_is_told_wherever_they_are(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    daily = "SUMMARY:Sitting\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY"
    found = read_calendar(
        calendar(tmp_path, f"UID:a\n{daily}", f"UID:b\n{daily};COUNT=1000"),
        BEGIN,
        date(2029, 1, 1),
    )
    assert [(len(entry.spans), entry.cut) for entry in found.entries] == [
        (1000, True), (1000, False)]  # fmt: skip
    assert found.entries[0].notes == ("only its first 1,000 times are here",)
    (network,) = (tmp_path / "priors").glob("*.yaml")
    text = network.read_text(encoding="utf-8")
    assert "2025-12-31" in text
    network.write_text(text.replace("2025-12-31", "2029-12-31"), encoding="utf-8")
    told = ["import", "calendar", str(tmp_path / "days.ics"), "--workspace", str(tmp_path)]
    run = CliRunner().invoke(cli, told)
    assert "note: 'sitting' has only the first 1,000 of its times" in run.output
    assert json.loads(CliRunner().invoke(cli, [*told, "--json"]).output)["cut"] == ["sitting"]
    drafts = YAML(typ="safe").load((tmp_path / "imported/calendar-days/drafts.yaml").read_text())
    assert {len(each) for each in drafts["windows"].values()} == {1000}


def test_what_no_field_takes_is_kept_aside(tmp_path: Path) -> None:
    entry = "UID:a\nDTSTART;VALUE=DATE:20240101\nLOCATION:Vienna\nX-COLOUR:red\nURL:https://x.org"
    (aside,) = read(tmp_path, entry).aside
    assert aside.fields == {"LOCATION": "Vienna", "X-COLOUR": "red", "URL": "https://x.org"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", r"days\.ics: holds no calendar"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", r"days\.ics: ends before END:VCALENDAR"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;V", r"days\.ics: ends before END:VCALENDAR"),
        ("BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR", r"days\.ics: is no calendar: what"),
        ("BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR\nmore", r"days\.ics: is no calendar: what"),
        ("BEGIN:VEVENT\nEND:X", r"days\.ics: holds no calendar"),
    ],
)
def test_what_is_no_calendar_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "days.ics"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        read_calendar(path, BEGIN, END)


PIECES = st.sampled_from(
    """BEGIN:VCALENDAR|END:VCALENDAR|BEGIN:VEVENT|END:VEVENT|UID:a|SUMMARY:x|BEGIN:VTODO|END:VTODO
DTSTART:20240101T100000Z|DTSTART;VALUE=DATE:20240101|DTEND:x|DURATION:P1D|DURATION:-P9|SEQUENCE:x
RRULE:FREQ=DAILY;COUNT=2|RRULE:FREQ=YEARLY;BYDAY=|RRULE:COUNT=x|RRULE:FREQ=DAILY;COUNT=-1| folded
EXDATE:2024|RDATE;VALUE=PERIOD:20240101T000000Z/PT1H|RECURRENCE-ID:20240101T100000Z|;:=""".replace(
        "\n", "|"
    ).split("|")
)


@given(parts=st.lists(PIECES | st.text(max_size=8), max_size=25))
def test_nothing_but_an_input_error_comes_out_of_any_calendar(
    parts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.ics"
    body = "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *parts, "END:VEVENT", "END:VCALENDAR"])
    path.write_bytes(body.encode("utf-8", errors="surrogatepass"))
    try:
        read_calendar(path, BEGIN, END)
    except InputError as error:
        assert error.faults  # noqa: PT017


VOTE = 'UID:1\nSUMMARY:Vote\\, \\: "in" parliament\nDTSTART;TZID=America/New_York:20241105T200000'
SUMMIT = "UID:2\nSUMMARY:=Summit\nDTSTART;VALUE=DATE:20240601\nDTEND;VALUE=DATE:20240604"


def test_drafts_are_read_once_a_person_has_filled_them_in(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    found = bring_calendar(
        tmp_path, calendar(tmp_path, VOTE, SUMMIT, VOTE.replace("UID:1", "UID:3"))
    )
    assert found.decisions[0] == "vote_in_parliament"
    assert len(set(found.decisions)) == 2
    assert found.windows == ("summit",)
    assert all(path.read_bytes() == data for path, data in before.items())
    (path,) = found.written
    assert path == tmp_path / "imported" / "calendar-days" / "drafts.yaml"
    text = path.read_text(encoding="utf-8")
    told = YAML(typ="safe").load(text)
    with pytest.raises(InputError, match=r"outcomes"):
        fc.Event(id="a", **told["events"]["vote_in_parliament"])
    filled = YAML(typ="safe").load(text.replace("FILL IN", "40%"))
    vote = fc.Event(id="vote", **filled["events"]["vote_in_parliament"])
    assert (vote.on, vote.title) == ("2024-11-06", 'Vote, : "in" parliament')
    event = fc.Event(
        id="deal", kind="onset", rate="20% within 1 year", windows=told["windows"]["summit"]
    )
    assert [(w.start, w.end) for w in event.windows] == [(date(2024, 6, 1), date(2024, 6, 3))]
    path.write_text(text + "# mine\n")
    again = bring_calendar(tmp_path, tmp_path / "days.ics")
    assert [each.name for each in again.written] == ["drafts-2.yaml"]
    assert path.read_text().endswith("# mine\n")


def test_the_command_tells_what_it_did(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    old = "UID:9\nDTSTART;VALUE=DATE:19990101"
    path = calendar(tmp_path, VOTE + "\nLOCATION:Here", SUMMIT, old)
    run = CliRunner().invoke(cli, ["import", "calendar", str(path), "--workspace", str(tmp_path)])
    assert run.output.splitlines() == [
        "drafts: 1 of decisions, 1 of windows; 1 outside 2024-01-01 to 2025-12-31",
        "wrote imported/calendar-days/drafts.yaml",
        "wrote imported/calendar-days/aside.json",
        "note: kept aside, 1: no field of an event has it: 'Vote, : \"in\" parliament'",
    ]
    run = CliRunner().invoke(
        cli, ["import", "calendar", str(path), "--workspace", str(tmp_path), "--json"]
    )
    assert json.loads(run.output)["outside"] == 1
