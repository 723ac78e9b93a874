"""Broken network files: every fault at once, each with line, field, value, and what to write."""

import tracemalloc
from pathlib import Path

import pytest

from forecast.errors import Fault, InputError
from forecast.files._network_file import read_network

HEAD = """\
name: asia
start: 2024-06-01
horizon: 2025-05-31
"""
PACT = """\
events:
  pact:
    kind: onset
    rate: 10% within 6 months
"""
EMBARGO = """\
  embargo:
    kind: onset
    rate: 10% within 6 months
"""


def faults_of(folder: Path, text: str) -> list[Fault]:
    path = folder / "asia.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"asia\.yaml") as caught:
        read_network(path)
    return list(caught.value.faults)


def only_fault(folder: Path, text: str) -> str:
    (fault,) = faults_of(folder, text)
    return str(fault).removeprefix(str(folder) + "/")


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        ("0% within 6 months", "the probability '0%' is 0"),
        ("100% within 6 months", "the probability '100%' is 1"),
        ("1 within 6 months", "the probability '1' is 1"),
        ("130% within 6 months", "the probability '130%' is above 100%"),
        ("10% [20%, 30%] within 6 months", "the median '10%' does not lie inside its interval"),
        ("unlikely within 6 months", "write 'icd203: unlikely'"),
        (".nan", "not a finite number"),
        (".inf per year", "not a finite number"),
        ("10% by 01/02/2024", "Write an ISO 8601 date: 'by 2024-12-31'"),
        ("10% by 2024-01-01", "before the network's start 2024-06-01"),
        ("", "an onset needs a rate"),
        ("true", "is neither text, nor a number, nor a mapping"),
    ],
)
def test_a_bad_rate_is_placed_and_explained(tmp_path: Path, rate: str, message: str) -> None:
    told = only_fault(tmp_path, HEAD + PACT.replace("10% within 6 months", rate))
    assert told.startswith(("asia.yaml:7: events.pact.rate: ", "asia.yaml:5: events.pact.rate: "))
    assert message in told


def test_an_unknown_key_is_told_with_the_nearest(tmp_path: Path) -> None:
    told = only_fault(tmp_path, HEAD + "titel: Asia\n" + PACT)
    assert told == "asia.yaml:4: titel: is not a key of this file. Did you mean 'title'?"
    told = only_fault(tmp_path, HEAD + PACT + "    initialy: true\n")
    assert told == (
        "asia.yaml:8: events.pact.initialy: is not a field of an event (got 'true'). "
        "Did you mean 'initially'?"
    )


def test_missing_keys_are_all_told(tmp_path: Path) -> None:
    assert [fault.field for fault in faults_of(tmp_path, "title: Asia\n")] == [
        "name",
        "start",
        "horizon",
        "events",
    ]


def test_a_dangling_event_is_told_with_the_nearest(tmp_path: Path) -> None:
    links = "links:\n  - parent: pakt\n    child: embargo\n    kind: requires\n"
    told = only_fault(tmp_path, HEAD + PACT + EMBARGO + links)
    assert told == (
        "asia.yaml:12: links.pakt__requires__embargo.parent: there is no such event "
        "(got 'pakt'). Did you mean 'pact'?"
    )


def test_a_broken_event_does_not_make_its_links_dangle(tmp_path: Path) -> None:
    links = "links:\n  - {parent: pact, child: embargo, kind: requires}\n"
    text = HEAD + PACT.replace("10%", "0%") + EMBARGO + links
    assert [fault.field for fault in faults_of(tmp_path, text)] == ["events.pact.rate"]


def test_an_event_block_of_the_wrong_shape_is_told_once(tmp_path: Path) -> None:
    links = "links:\n  - {parent: pact, child: embargo, kind: requires}\n"
    told = only_fault(tmp_path, HEAD + "events: [pact, embargo]\n" + links)
    assert "asia.yaml:4: events: must be a mapping from names to fields" in told


def test_a_broken_link_is_still_checked_for_its_ends(tmp_path: Path) -> None:
    links = "links:\n  - {parent: pakt, child: pact, kind: causes, extra_rate: 0%}\n"
    assert [fault.field for fault in faults_of(tmp_path, HEAD + PACT + links)] == [
        "links.pakt__causes__pact.extra_rate",
        "links.pakt__causes__pact.parent",
    ]


def test_an_event_that_stands_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    told = only_fault(tmp_path, HEAD + PACT + EMBARGO.replace("embargo", "pact"))
    assert told == (
        "asia.yaml:8: events.pact: is repeated; the first is on line 5. Remove one of them, or "
        "give it another name."
    )


@pytest.mark.parametrize("again", ["events:\n", "events:\n" + EMBARGO])
def test_a_block_that_stands_twice_does_not_make_links_dangle(tmp_path: Path, again: str) -> None:
    links = "links:\n  - {parent: embargo, child: pact, kind: requires}\n"
    told = only_fault(tmp_path, HEAD + PACT + EMBARGO + links + again)
    assert told.startswith("asia.yaml:13: events: is repeated; the first is on line 4.")


def test_a_link_name_that_stands_twice_is_told(tmp_path: Path) -> None:
    links = (
        "links:\n  - {id: l, parent: pact, child: embargo, kind: requires}\n"
        "  - {id: l, parent: embargo, child: pact, kind: prevents}\n"
    )
    told = only_fault(tmp_path, HEAD + PACT + EMBARGO + links)
    assert told.startswith("asia.yaml:13: links.l: the name 'l' is used 2 times")


def test_a_window_beyond_the_horizon_is_placed(tmp_path: Path) -> None:
    windows = "    windows:\n      - start: 2025-05-01\n        end: 2025-06-30\n"
    told = only_fault(tmp_path, HEAD + PACT + windows)
    assert told == (
        "asia.yaml:10: events.pact.windows.0.end: the window ends after the network's horizon "
        "(2025-05-31) (got '2025-06-30'). Write end: 2025-05-31 or an earlier day, or move the "
        "horizon."
    )


def test_an_onset_that_requires_itself_is_told(tmp_path: Path) -> None:
    links = "links:\n  - {parent: pact, child: pact, kind: requires}\n"
    told = only_fault(tmp_path, HEAD + PACT + links)
    assert "asia.yaml:9: links.pact__requires__pact.child: an event cannot require itself" in told


def test_onsets_that_require_each_other_are_told(tmp_path: Path) -> None:
    links = (
        "links:\n  - {parent: pact, child: embargo, kind: requires}\n"
        "  - {parent: embargo, child: pact, kind: requires}\n"
    )
    told = only_fault(tmp_path, HEAD + PACT + EMBARGO + links)
    assert "'embargo' requires itself ('embargo' requires 'pact' requires 'embargo')" in told


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("01/02/2024", "may be 1 February 2024 or 2 January 2024"),
        ("13/02/2024", "is not a date in ISO 8601"),
        ("2024-02-30", "is not a day"),
        ("June 2024", "is not a day"),
        ("2024", "is not a day"),
        ("20240601", "is not a day"),
    ],
)
def test_only_iso_days_are_days(tmp_path: Path, day: str, problem: str) -> None:
    told = only_fault(tmp_path, HEAD.replace("2024-06-01", day) + PACT)
    assert told.startswith(f"asia.yaml:2: start: {problem}")
    assert f"(got '{day}'). Write" in told


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "nan", "1e999"])
def test_a_number_is_finite(tmp_path: Path, number: str) -> None:
    window = f"    windows: [{{start: 2024-07-01, end: 2024-07-02, weight: {number}}}]\n"
    told = only_fault(tmp_path, HEAD + PACT + window)
    assert told.startswith("asia.yaml:8: events.pact.windows.0.weight: must be a")


def test_no_is_not_false(tmp_path: Path) -> None:
    told = only_fault(tmp_path, HEAD + PACT + "    initially: NO\n")
    assert "must be true, false, or a probability (got 'NO')" in told


def test_a_number_is_not_a_title(tmp_path: Path) -> None:
    told = only_fault(tmp_path, HEAD + "title: 2024\n" + PACT)
    assert told == "asia.yaml:4: title: must be text (got '2024'). Put it in quotes: \"2024\"."


def test_an_id_within_an_event_is_one_too_many(tmp_path: Path) -> None:
    told = only_fault(tmp_path, HEAD + PACT + "    id: pact\n")
    assert told == "asia.yaml:8: events.pact.id: is already given by the key above. Remove it."


def test_an_event_with_a_bad_name_is_told_a_better_one(tmp_path: Path) -> None:
    told = only_fault(tmp_path, HEAD + PACT.replace("pact:", "Pact 2:"))
    assert told.startswith("asia.yaml:5: events.Pact 2: must be a name of at most 64")
    assert told.endswith("Write for example 'pact_2'.")


@pytest.mark.parametrize("text", ["- a\n", "hello\n", "3\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    assert "must hold 'key: value' lines at its top level" in only_fault(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("a: &x 1\nb: *x\n", "refers to another part of the file"),
        ("a: " + "[" * 100_000, "is nested more than 32 levels deep"),
        (HEAD + "events:\n\tpact:\n", "is indented with a tab"),
        ("\x00\x01\x02", "holds a control character"),
    ],
)
def test_what_is_not_a_plain_yaml_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in only_fault(tmp_path, text)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "asia.yaml"
    with path.open("wb") as file:
        file.truncate(20_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"is larger \(20\.0 MB\) than a file may be \(1 MB\)"):
            read_network(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1_000_000


def test_all_faults_of_a_file_come_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = (
        HEAD.replace("asia", "Asia Pacific")
        + PACT.replace("10%", "0%")
        + EMBARGO.replace("onset", "onsett")
        + "    why: 3\n"
        + "links:\n  - {parent: pact, child: embago, kind: requires}\n  - nonsense\n"
        + "types: {}\nsources:\n  yonhap: {type: agency}\n"
    )
    assert [(fault.line, fault.field) for fault in faults_of(tmp_path, text)] == [
        (1, "name"),
        (7, "events.pact.rate"),
        (9, "events.embargo.kind"),
        (11, "events.embargo.why"),
        (13, "links.pact__requires__embago.child"),
        (14, "links.1"),
        (17, "sources.yonhap.type"),
    ]


def test_blocks_and_entries_of_the_wrong_shape_are_told(tmp_path: Path) -> None:
    text = HEAD + PACT + "  embargo: onset\nlinks: {a: b}\ntypes: agency\n"
    told = "\n".join(str(fault) for fault in faults_of(tmp_path, text))
    assert "asia.yaml:8: events.embargo: must be a mapping of fields (got 'onset')" in told
    assert "asia.yaml:9: links: must be a list (got '{a: b}')" in told
    assert "asia.yaml:10: types: must be a mapping from names to fields (got 'agency')" in told
