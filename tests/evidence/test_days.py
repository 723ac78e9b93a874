"""Days of evidence: the same whoever writes them, so that none leaks into the day before."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.errors import InputError
from forecast.evidence import Count, Evidence, Forecast, Observation, Resolution
from tests.evidence.samples import make, network, record, said

DAY = [
    "2024-07-01",
    date(2024, 7, 1),
    datetime(2024, 7, 1),  # noqa: DTZ001  without a zone, as tables have them
    pd.Timestamp("2024-07-01"),
    pd.Timestamp("2024-07-01", tz="UTC"),
    np.datetime64("2024-07-01"),
    np.datetime64("2024-07-01", "ns"),
]
NO_DAY = [pd.NaT, float("nan"), np.datetime64("NaT", "D")]


@pytest.mark.parametrize("day", DAY, ids=repr)
def test_an_item_of_a_day_is_not_seen_the_day_before(day: Any) -> None:
    evidence = record(said("r", day))
    assert len(evidence.as_of("2024-06-30")) == 0
    assert len(evidence.as_of("2024-07-01")) == 1
    assert evidence == record(said("r", "2024-07-01"))


@pytest.mark.parametrize("day", DAY, ids=repr)
def test_a_cut_off_of_a_day_sees_that_day(day: Any) -> None:
    evidence = record(said("r", "2024-07-01"), said("s", "2024-07-02"))
    assert [item.id for item in evidence.as_of(day)] == ["r"]


@pytest.mark.parametrize("day", DAY, ids=repr)
def test_every_field_of_a_day_takes_it(day: Any) -> None:
    fields = {"id": "x", "event": "covert", "source": "reuters"}
    assert said("r", "2024-06-01", speaks_of=day) == said("r", "2024-06-01", speaks_of="2024-07-01")
    late = {"recorded": day}
    assert said("r", "2024-06-01", **late) == said("r", "2024-06-01", recorded="2024-07-01")
    onset = make(Observation, id="o", event="pact", published="2024-07-03", onset=day)
    assert onset.onset == (date(2024, 7, 1), date(2024, 7, 1))
    window = make(Count, **fields, published=day, watched_from=day, watched_to=day, counted=1)
    assert window.window == (datetime(2024, 7, 1, tzinfo=UTC), datetime(2024, 7, 2, tzinfo=UTC))
    bet = make(Forecast, **fields, published="2024-06-01", speaks_of=day, probability=0.3)
    assert bet.speaks_of == date(2024, 7, 1)
    question = make(Resolution, id="q", event="pact", deadline=day, outcome="no")
    assert question.deadline == date(2024, 7, 1)


@pytest.mark.parametrize("day", NO_DAY, ids=repr)
def test_no_date_is_refused_as_such(day: Any) -> None:
    for fields in ({"published": day}, {"published": "2024-07-01", "speaks_of": day}):
        with pytest.raises(InputError, match="stands for no date at all"):
            said("r", **fields)
    with pytest.raises(InputError, match="as_of: stands for no date at all"):
        Evidence([]).as_of(day)


@pytest.mark.parametrize("field", ["text", "citation", "claim", "origin", "derived_from"])
@pytest.mark.parametrize("value", [pd.NaT, pd.NA, float("nan")], ids=repr)
def test_what_a_table_has_where_there_is_nothing_is_refused_as_such(field: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"{field}: stands for a missing value .*Leave it out"):
        said("r", "2024-07-01", **{field: value})


@pytest.mark.parametrize("clock", ["published", "recorded"])
@pytest.mark.parametrize("year", ["2023", "1924"])
def test_an_item_from_before_the_network_is_a_fault(year: str, clock: str) -> None:
    item = said("r", f"{year}-09-26", speaks_of="2024-09-26", recorded="2024-09-30")
    with pytest.raises(InputError) as raised:
        record(item).as_of("2024-12-01", clock).check(network())  # type: ignore[arg-type]
    (fault,) = raised.value.faults
    assert fault.field == "item 'r': published"
    assert fault.value == f"{year}-09-26"
    assert "before the network starts (2024-01-01)" in fault.problem
    for way_out in ("Correct the year", "State it in the prior", "start the network by then"):
        assert way_out in fault.remedy


def test_a_year_of_two_digits_is_no_year() -> None:
    with pytest.raises(
        InputError, match=r"published: .*outside the calendar, the years 1000 to 9998.*0024-09-26"
    ):
        said("r", "0024-09-26", speaks_of="2024-09-26")


def test_one_mistyped_year_is_one_fault() -> None:
    items = said("r", "2023-09-26"), said("s", "2024-02-01", derived_from=["r"])
    with pytest.raises(InputError) as raised:
        record(*items).check(network())
    assert len(raised.value.faults) == 1
