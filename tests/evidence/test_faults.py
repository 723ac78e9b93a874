"""Items held against a network and against each other."""

import pytest

from forecast.errors import ContradictionError, InputError
from forecast.evidence import Evidence, Item, Place
from forecast.evidence._faults import item_faults
from forecast.evidence._relations import Surroundings
from tests.evidence.samples import dated, network, record, said, seen, silent, weighed

NETWORK = network()


def test_sound_evidence_passes() -> None:
    record(
        dated("o", "pact", "2024-03-01", "2024-03-02"),
        said("r", "2024-03-01"),
        said("s", "2024-03-01", source="afp", derived_from=("r",)),
        said("p", "2024-03-01", speaks_of="2024-12-31"),
        weighed("l", "2024-03-05"),
    ).check(NETWORK)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (
            [said("r", "2024-03-01", event="pakt")],
            r"'r': event: unknown event.*Did you mean 'pact'",
        ),
        (
            [said("r", "2024-03-01", source="reuter")],
            r"'r': source: unknown source.*Did you mean 'reuters'",
        ),
        (
            [said("first", "2024-03-01"), said("r", "2024-03-01", derived_from=("frist",))],
            r"'r': derived_from: unknown item.*Did you mean 'first'",
        ),
        ([said("r", "2023-12-30")], "'r': published: .*State it in the prior instead"),
        (
            [said("r", "2024-03-01", speaks_of="2023-12-30")],
            "'r': speaks_of: .*before the network starts.*State it in the prior instead",
        ),
        (
            [dated("o", "pact", ("2023-12-30", "2024-01-10"), "2024-02-01")],
            r"'o': onset: .*before the network starts.*got '2023-12-30'",
        ),
        (
            [said("r", "2024-03-01", speaks_of="2025-01-01")],
            r"'r': speaks_of: .*after the network's horizon \(2024-12-31\).*later horizon",
        ),
        ([weighed("l", "2025-01-01")], "'l': published: .*after the network's horizon"),
        (
            [dated("o", "pact", "2025-02-01", "2025-02-02")],
            "'o': onset: .*after the network's horizon",
        ),
        (
            [dated("o", "clause", "2024-03-01", "2024-03-02")],
            "'o': onset: event 'clause' is a fact.*Write state: on",
        ),
        (
            [
                seen("o", "covert", "on", "2024-03-01"),
                said("r", "2024-03-01", derived_from=("o",)),
            ],
            "'r': derived_from: origin 'o' is of kind 'observation'.*on its own",
        ),
        (
            [
                said("o", "2024-03-01", event="pact"),
                said("r", "2024-03-02", derived_from=("o",)),
            ],
            "origin 'o' is about event 'pact' and this item about 'covert'.*on its own.*leave it",
        ),
        (
            [
                said("o", "2024-03-01", event="pact", source="afp"),
                said("r", "2024-03-01", derived_from=("o",)),
            ],
            "unless one statement of one source",
        ),
        (
            [
                said("o", "2024-03-01", speaks_of="2024-06-01"),
                said("r", "2024-03-02", derived_from=("o",)),
            ],
            "origin 'o' is a prediction and this item is about.*Set speaks_of as in the origin",
        ),
        (
            [said("r", "2024-03-01", event="patrol", onset="2024-02-01")],
            "'r': onset: event 'patrol' is a state.*Leave the days out.*speaks_of",
        ),
        (
            [said("r", "2024-03-01", event="clause", onset="2024-02-01")],
            "'r': onset: event 'clause' is a fact.*Leave the days out.*claim: on",
        ),
        (
            [said("r", "2024-03-01", onset=("2023-12-20", "2024-01-10"))],
            r"'r': onset: .*before the network starts.*got '2023-12-20'",
        ),
        (
            [said("r", "2024-03-01", onset=("2024-12-20", "2025-01-10"))],
            "'r': onset: .*after the network's horizon",
        ),
        (
            [
                said("o", "2024-03-01", onset=("2024-02-01", "2024-02-09")),
                said("r", "2024-03-02", onset="2024-02-01", derived_from=("o",)),
            ],
            "'r': derived_from: origin 'o' dates the onset 2024-02-01 to 2024-02-09 and this item "
            "dates the onset 2024-02-01: a copy .* repeats its days",
        ),
        (
            [
                said("o", "2024-03-01", onset="2024-02-01"),
                said("r", "2024-03-02", derived_from=("o",)),
            ],
            "origin 'o' dates the onset 2024-02-01 and this item dates no onset",
        ),
        (
            [silent("q", ["covert", "clause", "covrt"])],
            "'q': event: unknown event.*Did you mean 'covert'",
        ),
        (
            [said("o", "2024-03-02"), said("r", "2024-03-01", derived_from=("o",))],
            "origin 'o' was published 2024-03-02, after this copy.*reverse the derivation",
        ),
        (
            [said("o", "2024-03-01"), said("r", "2024-03-01T12:00Z", derived_from=("o",))],
            "origin 'o' was published.*either both need a time or neither",
        ),
        (
            [
                said("o", "2024-03-01", recorded="2024-05-01"),
                said("r", "2024-03-02", derived_from=("o",)),
            ],
            "origin 'o' was recorded 2024-05-01, after this copy.*Set recorded of 'r'",
        ),
    ],
    ids=lambda value: "" if isinstance(value, list) else value[:30],
)
def test_an_item_that_does_not_fit_is_refused(items: list[Item], message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        record(*items).check(NETWORK)
    assert len(raised.value.faults) == 1


def test_one_statement_may_be_read_for_two_events_whatever_it_says_of_each() -> None:
    record(
        said("o", "2024-03-01", event="pact", claim="off"),
        said("r", "2024-03-01", derived_from=("o",), check=0.2),
        said("p", "2024-03-01", speaks_of="2024-06-01", derived_from=("o",)),
    ).check(NETWORK)


def test_a_dated_report_and_its_copy_name_the_same_days() -> None:
    days = ("2024-02-01", "2024-02-09")
    record(
        said("o", "2024-03-01", onset=days),
        said("r", "2024-03-02", onset=days, derived_from=("o",)),
        said("second", "2024-03-01", event="pact", derived_from=("o",)),  # read twice
    ).check(NETWORK)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"onset": "2024-02-01", "speaks_of": "2024-02-03"}, "speaks_of: an onset carries its own"),
        ({"onset": ("2024-02-03", "2024-02-01")}, "onset: the last day .* is before its first"),
        ({"onset": "2024-02-01T12:00Z"}, "onset: is a time, not a day"),
    ],
)
def test_days_that_make_no_sense_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        said("r", "2024-03-01", **fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"claim": "on"}, "claim: a silence that a word ended is on one event, and this is on 2"),
        ({"event": ["covert", "covert"]}, "event: names an event twice"),
        ({"event": ["covert", "B"]}, r"more_events.0: must be a name .*\(got 'B'\)"),
        ({"event": []}, "event: must be text"),
    ],
)
def test_a_silence_on_events_that_make_no_sense_is_refused(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        silent("q", **{"event": ["covert", "pact"], **fields})


def test_two_silences_that_share_events_over_one_time_are_remarked_once() -> None:
    items = [silent("q", ["covert", "pact"]), silent("r", ["pact", "covert", "clause"])]
    remarks = [str(fault) for fault in record(*items).remarks(NETWORK)]
    assert len(remarks) == 1
    assert "silent on event 'pact' over part of the same time in 'q'" in remarks[0]


def test_what_has_none_of_the_new_fields_is_written_as_before() -> None:
    assert "onset" not in said("r", "2024-03-01").model_dump()
    assert "more_events" not in silent("q", "covert").model_dump()
    several = silent("q", ["covert", "pact"])
    assert several == type(several)(**several.model_dump(mode="json"))
    told = said("r", "2024-03-01", onset="2024-02-01")
    assert told == type(told)(**told.model_dump(mode="json"))


ONE_CAUSE = {
    "an origin on an unknown event": [
        said("o", "2024-03-01", event="covrt"),
        said("r", "2024-03-02", derived_from=("o",)),
        said("s", "2024-03-03", derived_from=("o", "r")),
    ],
    "a copy on an unknown event": [
        said("r", "2024-03-01"),
        said("o", "2024-03-02", event="covrt", derived_from=("r",)),
    ],
    "an origin that speaks of a time past the horizon": [
        said("o", "2024-03-01", speaks_of="2034-03-01"),
        said("r", "2024-03-02", derived_from=("o",)),
    ],
    "an origin published past the horizon": [
        said("o", "2034-03-01"),
        said("r", "2024-03-02", derived_from=("o",)),
    ],
    "a retracted item published past the horizon": [
        said("o", "2034-03-01"),
        said("r", "2024-03-02", retracts=("o",)),
    ],
    "a retracted item on an unknown event": [
        said("o", "2024-03-01", event="covrt"),
        said("r", "2024-03-02", retracts=("o",)),
    ],
}


@pytest.mark.parametrize("items", ONE_CAUSE.values(), ids=ONE_CAUSE)
def test_one_cause_is_one_fault(items: list[Item]) -> None:
    with pytest.raises(InputError, match="item 'o': ") as raised:
        record(*items).check(NETWORK)
    assert len(raised.value.faults) == 1


def test_copies_of_an_origin_at_fault_still_answer_for_what_they_have_wrong_themselves() -> None:
    items = (
        said("o", "2024-03-05", event="covrt"),
        said("r", "2024-03-02", derived_from=("o",)),
        said("s", "2024-03-09", source="reuter", derived_from=("o",)),
    )
    with pytest.raises(InputError, match="unknown event") as raised:
        record(*items).check(NETWORK)
    assert [(fault.field, fault.problem[:24]) for fault in raised.value.faults] == [
        ("item 'r': derived_from", "origin 'o' was published"),
        ("item 'o': event", "unknown event"),
        ("item 's': source", "unknown source"),
    ]


def test_what_other_networks_have_is_not_unknown() -> None:
    elsewhere = said("o", "2024-03-01", event="embargo")
    items = (
        said("r", "2024-03-02", derived_from=("o",)),
        said("s", "2024-03-03", retracts=("o",)),
        said("t", "2024-03-03", derived_from=("nowhere",)),
    )
    by_id = {item.id: item for item in (elsewhere, *items)}
    events = {"embargo", *(event.id for event in NETWORK.events)}
    found = item_faults(NETWORK, items, {}, Surroundings(by_id, events))
    assert {name: [fault.problem[:45] for fault in found[name]] for name in found} == {
        "r": ["origin 'o' is about event 'embargo' and this "],
        "s": ["item 'o' is about event 'embargo' of another "],
        "t": ["unknown item"],
    }
    assert "t" not in item_faults(
        NETWORK, items, {}, Surroundings(by_id, events, partly_unread=True)
    )


def test_the_last_instant_of_the_horizon_and_the_first_of_the_start_are_inside() -> None:
    record(
        said("a", "2023-12-31"),
        said("b", "2024-03-01", speaks_of="2024-12-31"),
        dated("c", "pact", "2024-01-01", "2024-01-02"),
    ).check(NETWORK)


def test_items_that_copy_each_other_are_refused() -> None:
    ring = [
        said("a", "2024-03-01", derived_from=("c",)),
        said("b", "2024-03-01", derived_from=("a",)),
        said("c", "2024-03-01", derived_from=("b",)),
    ]
    apart = [
        said("before", "2024-03-01"),
        said("after", "2024-03-01", derived_from=("a", "before")),
    ]
    with pytest.raises(InputError, match="through its origins, a copy of itself") as raised:
        record(*ring, *apart).check(NETWORK)
    assert [fault.field for fault in raised.value.faults] == [
        f"item '{name}': derived_from" for name in "abc"
    ]


def test_a_long_chain_of_copies_is_sound() -> None:
    chain = [said("c0", "2024-03-01")]
    chain += [
        said(f"c{number}", "2024-03-01", derived_from=(f"c{number - 1}",))
        for number in range(1, 2_000)
    ]
    record(*chain).check(NETWORK)


def test_all_faults_are_told_at_once_with_the_places_of_their_items() -> None:
    evidence = Evidence.placed(
        [
            (said("r", "2024-03-01", event="pakt", source="afb"), Place("evidence/a.csv", 3)),
            (said("s", "2025-03-01"), Place("evidence/b.csv", 9)),
            (seen("x", "pact", "on", "2024-03-01"), Place("evidence/a.csv", 5)),
            (seen("y", "pact", "off", "2024-04-01"), Place("evidence/b.csv", 7)),
        ]
    )
    with pytest.raises(InputError, match="unknown event") as raised:
        evidence.check(NETWORK)
    assert not isinstance(raised.value, ContradictionError)
    assert [(fault.file, fault.line, fault.field) for fault in raised.value.faults] == [
        ("evidence/a.csv", 3, "item 'r': event"),
        ("evidence/a.csv", 3, "item 'r': source"),
        ("evidence/b.csv", 9, "item 's': published"),
        ("evidence/b.csv", 7, "item 'y'"),
    ]


def test_contradictions_alone_are_an_error_of_their_own() -> None:
    items = (seen("x", "pact", "on", "2024-03-01"), seen("y", "pact", "off", "2024-04-01"))
    with pytest.raises(ContradictionError, match=r"'x'.*'y'"):
        record(*items).check(NETWORK)


def test_an_item_at_fault_is_not_held_against_the_others() -> None:
    items = (seen("x", "pact", "on", "2023-03-01"), seen("y", "pact", "off", "2024-04-01"))
    with pytest.raises(InputError, match="'x'") as raised:
        record(*items).check(NETWORK)
    assert len(raised.value.faults) == 1


@pytest.mark.parametrize("cut", ["2024-02-01", "2024-03-01", "2024-03-05", "2024-12-31"])
@pytest.mark.parametrize("clock", ["published", "recorded"])
def test_what_is_sound_is_sound_as_of_any_date(cut: str, clock: str) -> None:
    evidence = record(
        said("o", "2024-02-01", recorded="2024-03-04"),
        said("r", "2024-03-01", recorded="2024-03-04", derived_from=("o",)),
        said("s", "2024-03-01", recorded="2024-06-04", derived_from=("o", "r")),
    )
    evidence.check(NETWORK)
    evidence.as_of(cut, known=clock).check(NETWORK)
