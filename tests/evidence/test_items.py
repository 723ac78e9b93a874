"""Items: their clocks, and what they refuse."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from forecast.errors import InputError, QueryError
from forecast.evidence import KINDS, Item, Observation, Report
from forecast.time import parse_instant
from tests.evidence.samples import dated, make, said, seen, weighed


def test_a_date_means_the_end_of_its_day() -> None:
    item = said("r", "2024-03-01")
    assert item.published_instant == datetime(2024, 3, 2, tzinfo=UTC)


def test_a_time_means_itself_and_is_kept_in_utc() -> None:
    item = said("r", "2024-03-01T12:30+02:00")
    assert item.published_instant == datetime(2024, 3, 1, 10, 30, tzinfo=UTC)
    assert item.published == datetime(2024, 3, 1, 10, 30, tzinfo=UTC)


def test_an_item_speaks_of_and_is_recorded_at_its_publication_unless_it_says_otherwise() -> None:
    item = said("r", "2024-03-01")
    assert item.speaks_of_instant == item.published_instant == item.recorded_instant
    other = said("r", "2024-03-01", speaks_of="2024-02-01", recorded="2024-04-01")
    assert other.speaks_of_instant == parse_instant("2024-02-01")
    assert other.recorded_instant == parse_instant("2024-04-01")


@pytest.mark.parametrize(
    ("published", "speaks_of", "prediction"),
    [
        ("2024-03-01", None, False),
        ("2024-03-01", "2024-03-01", False),
        ("2024-03-01", "2024-03-02", True),
        ("2024-03-01T12:00Z", "2024-03-01", False),
        ("2024-03-01T12:00Z", "2024-03-01T13:00Z", True),
        ("2024-03-01T12:00Z", "2024-02-28", False),
    ],
)
def test_an_item_predicts_where_it_speaks_of_a_time_after_its_publication(
    published: str, speaks_of: str | None, *, prediction: bool
) -> None:
    assert said("r", published, speaks_of=speaks_of).is_prediction is prediction


def test_an_item_recorded_during_the_day_of_its_publication_is_not_on_file_before_it() -> None:
    item = said("r", "2024-03-01", recorded="2024-03-01T09:00Z")
    assert item.recorded_instant == item.published_instant


def test_an_item_recorded_before_its_publication_is_refused() -> None:
    with pytest.raises(InputError, match=r"recorded.*before it was published"):
        said("r", "2024-03-01", recorded="2024-02-28")


def test_an_onset_lies_between_the_start_of_its_first_and_the_end_of_its_last_day() -> None:
    one = dated("o", "pact", "2024-03-01", "2024-03-05")
    assert one.onset == (date(2024, 3, 1), date(2024, 3, 1))
    assert one.onset_instants == (
        datetime(2024, 3, 1, tzinfo=UTC),
        datetime(2024, 3, 2, tzinfo=UTC),
    )
    assert one.speaks_of_instant == datetime(2024, 3, 2, tzinfo=UTC)
    span = dated("o", "pact", ("2024-03-01", date(2024, 3, 4)), "2024-03-05")
    assert span.onset_instants[1] == datetime(2024, 3, 5, tzinfo=UTC)


def test_an_onset_published_the_same_noon_has_happened_by_noon() -> None:
    item = dated("o", "pact", "2024-03-01", "2024-03-01T12:00Z")
    assert item.onset_instants[1] == datetime(2024, 3, 1, 12, tzinfo=UTC)


def test_a_state_has_no_onset_to_ask_for() -> None:
    with pytest.raises(QueryError, match="'o' tells of a state"):
        _ = seen("o", "pact", "on", "2024-03-01").onset_instants


@pytest.mark.parametrize("fields", [{}, {"state": "on", "onset": "2024-03-01"}])
def test_an_observation_tells_of_exactly_one_of_state_and_onset(fields: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"either of a state or of an onset.*Give exactly one"):
        make(Observation, id="o", event="pact", published="2024-03-01", **fields)


def test_an_onset_that_also_speaks_of_a_time_is_refused() -> None:
    with pytest.raises(InputError, match="speaks_of: an onset carries its own days"):
        make(
            Observation,
            id="o",
            event="pact",
            published="2024-03-05",
            onset="2024-03-01",
            speaks_of="2024-03-01",
        )


@pytest.mark.parametrize(
    ("published", "fields"),
    [
        ("2024-03-01", {"state": "on", "speaks_of": "2024-03-02"}),
        ("2024-03-01", {"onset": "2024-03-02"}),
        ("2024-03-01", {"onset": ("2024-02-01", "2024-03-02")}),
        ("2024-03-01T00:00Z", {"onset": "2024-03-01"}),
    ],
)
def test_an_observation_of_the_future_is_refused(published: str, fields: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"would see the future.*make it a report"):
        make(Observation, id="o", event="pact", published=published, **fields)


@pytest.mark.parametrize(
    ("onset", "message"),
    [
        (("2024-03-02", "2024-03-01"), "before its first.*Swap them"),
        (("2024-03-01", "2024-03-02", "2024-03-03"), "Give one day or two"),
        ("2024-03-01T12:00Z", "Write the day alone"),
        ("1 March", "is not a date of the calendar"),
    ],
)
def test_an_onset_that_is_no_span_of_days_is_refused(onset: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        dated("o", "pact", onset, "2024-03-05")


def test_a_date_with_the_year_last_is_told_which_days_it_may_be() -> None:
    told = "published: may be 1 March 2024 or 3 January 2024.*2024-03-01 or 2024-01-03"
    with pytest.raises(InputError, match=told):
        make(Report, id="r", event="pact", published="01.03.2024", source="afp", claim="on")


@pytest.mark.parametrize("day", ["2024-02-30", "2024", "yesterday", "", 20240301, True])
def test_a_date_that_is_none_is_refused_with_what_to_write(day: object) -> None:
    with pytest.raises(InputError, match=r"published: .*Write an ISO 8601 date such as 2024-07-01"):
        make(Report, id="r", event="pact", published=day, source="afp", claim="on")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("credibility", 1.5),
        ("credibility", -0.1),
        ("credibility", float("nan")),
        ("check", 2.0),
        ("claim", "maybe"),
        ("id", "Report-1"),
        ("id", "a" * 65),
        ("event", "no spaces"),
        ("source", ""),
        ("derived_from", ("Not An Id",)),
        ("text", 5),
        ("colour", "red"),
    ],
)
def test_a_bad_value_is_a_fault_of_its_field(field: str, value: object) -> None:
    fields: dict[str, object] = {
        "id": "r",
        "event": "covert",
        "published": "2024-03-01",
        "source": "afp",
    }
    fields |= {"claim": "on", "derived_from": ("q",), field: value}
    with pytest.raises(InputError, match=f"^{field}"):
        make(Report, **fields)


def test_all_faults_of_an_item_are_told_at_once() -> None:
    with pytest.raises(InputError, match="claim") as raised:
        make(Report, id="r", event="pact", published="soon", source="afp", claim="maybe", check=0.5)
    assert {fault.field for fault in raised.value.faults} == {"published", "claim", "check"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"check": 0.3}, "check: .*this item copies none.*derived_from"),
        (
            {"derived_from": ("r",)},
            "names the item itself.* give this one an id of its own",
        ),
        ({"derived_from": ("a", "a")}, "derived_from: names an item twice"),
    ],
)
def test_a_derivation_that_makes_no_sense_is_refused(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        said("r", "2024-03-01", **fields)


def test_what_is_not_derived_may_say_that_it_was_checked() -> None:
    assert said("r", "2024-03-01", check=1.0).check == 1.0


def test_a_likelihood_ratio_keeps_its_range() -> None:
    low, high = weighed("l", "2024-03-01").likelihood_ratio.prior().interval(0.9)
    assert (low, high) == pytest.approx((1.2, 4), rel=0.1)


def test_text_is_never_interpreted() -> None:
    odd = "=HYPERLINK(1) {{x}} %s \x1b[31m\u202e <b>"
    assert said("r", "2024-03-01", text=odd, notes=odd, citation=odd).text == odd


def test_items_do_not_change() -> None:
    item = said("r", "2024-03-01")
    with pytest.raises(ValidationError, match="frozen"):
        item.claim = "off"  # type: ignore[misc]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_stands_in_the_table_under_its_own_name(kind: str) -> None:
    assert issubclass(KINDS[kind], Item)
    assert KINDS[kind].model_fields["kind"].default == kind


@pytest.mark.parametrize(
    "item",
    [
        dated("o", "pact", ("2024-03-01", "2024-03-02"), "2024-03-05"),
        seen("o", "pact", "off", "2024-03-01T12:00:30.5Z"),
        said("r", "2024-03-01T12:00+05:30", speaks_of="2024-05-01", derived_from=("q",)),
        weighed("l", "2024-03-01", recorded="2024-03-03"),
    ],
    ids=lambda item: item.kind,
)
def test_an_item_survives_the_way_to_json_and_back(item: Item) -> None:
    assert type(item)(**item.model_dump(mode="json")) == item
    assert type(item)(**item.model_dump()) == item


def test_the_kinds_have_their_names() -> None:
    assert {name: kind.model_fields["kind"].default for name, kind in KINDS.items()} == {
        name: name for name in KINDS
    }
    assert set(KINDS) == {
        "observation",
        "report",
        "forecast",
        "likelihood_ratio",
        "silence",
        "count",
        "regime",
        "retraction",
    }


@pytest.mark.parametrize(
    ("speaks_of", "names"),
    [
        ("2024-03-01", ["hit_rate", "false_alarm_rate"]),
        ("2024-06-01", ["predictive_hit_rate", "predictive_false_alarm_rate"]),
    ],
)
def test_a_report_reads_the_rates_of_what_it_tells_of(speaks_of: str, names: list[str]) -> None:
    told = Report(
        id="r", event="pact", published="2024-03-01", speaks_of=speaks_of, source="afp", claim="on"
    )
    assert told.reads() == tuple((name, "afp") for name in names)
