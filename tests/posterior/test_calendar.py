"""Days in questions and answers: asked in any form, answered under the day that was asked for."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast.errors import InputError, QueryError
from forecast.estimate._groups import groups_of
from forecast.estimate._netcdf import as_netcdf, read_tree
from forecast.evidence import Evidence, Observation, Report
from forecast.network import Event, Network, Source, SourceType, Window
from forecast.posterior import Posterior, prior, update
from forecast.posterior._calendar import Calendar
from forecast.time import parse_instant
from forecast.workspace._draws import prediction_dates
from tests.tolerances import SAME_ALGEBRA

DAY = [
    "2024-07-15",
    "2024-07-15 00:00:00",
    date(2024, 7, 15),
    datetime(2024, 7, 15),  # noqa: DTZ001  without a zone, as tables have them
    pd.Timestamp("2024-07-15"),
    pd.Timestamp("2024-07-15", tz="UTC"),
    np.datetime64("2024-07-15"),
    np.datetime64("2024-07-15", "ns"),
]
NO_DAY = [pd.NaT, float("nan"), np.datetime64("NaT", "D")]


def network(start: str = "2024-01-01", horizon: str = "2024-12-31", **fields: Any) -> Network:
    rate = "20% [10%, 35%] within 1 year"
    return Network(
        name="demo",
        start=start,
        horizon=horizon,
        events=[Event(id="e", kind="onset", public=False, rate=rate, **fields)],
        source_types=[SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%")],
        sources=[Source(id="afp", type="wire")],
    )


SAID = Report(id="r", event="e", source="afp", claim="on", published="2024-03-01")


@pytest.fixture(scope="module")
def post() -> Posterior:
    return update(network(), Evidence([SAID]), as_of="2024-06-30", draws=256)


@pytest.mark.parametrize("day", DAY, ids=repr)
def test_a_day_asked_for_in_any_form_is_that_day(post: Posterior, day: Any) -> None:
    known = post.probability("e", by="2024-07-15").mean
    assert post.probability("e", by=day).mean == known
    curve = post.curve("e", dates=[day, "2024-09-30"])
    assert curve.loc["2024-07-15", "mean"] == known
    assert post.table(by=[day]).loc["e", ("2024-07-15", "mean")] == known
    supposed = post.probability("e", by="2024-12-31", given={"e": day}).mean
    assert supposed == post.probability("e", by="2024-12-31", given={"e": "2024-07-15"}).mean
    held = [
        post.probability("e", by="2024-12-31", given={"e": ("off", each)}).mean
        for each in (day, "2024-07-15")
    ]
    assert held[0] == held[1]
    made = [
        post.probability("e", by="2024-07-31", do={"e": each}).mean for each in (day, "2024-07-15")
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize("day", DAY, ids=repr)
def test_a_cut_off_in_any_form_is_the_end_of_its_day(day: Any) -> None:
    later = SAID.model_copy(update={"id": "s", "published": date(2024, 7, 16)})
    today = SAID.model_copy(update={"id": "t", "published": date(2024, 7, 15)})
    post = update(network(), Evidence([SAID, later, today]), as_of=day, draws=64)
    assert post.as_of == datetime(2024, 7, 16, tzinfo=UTC)
    assert [item.id for item in post.evidence] == ["r", "t"]


def test_the_cut_off_of_a_posterior_can_be_given_back(post: Posterior) -> None:
    again = update(network(), Evidence([SAID]), as_of=post.as_of, draws=64)
    assert again.as_of == post.as_of
    assert post.curve("e", dates=[post.as_of]).index[0] == pd.Timestamp("2024-06-30")


def test_a_curve_is_found_by_the_days_asked_for(post: Posterior) -> None:
    curve = post.curve("e", dates=["2024-07-15", "2024-12-31"])
    assert curve.index.tz is None
    for key in ("2024-07-15", pd.Timestamp("2024-07-15"), datetime(2024, 7, 15)):  # noqa: DTZ001
        assert curve.loc[key, "mean"] == post.probability("e", by="2024-07-15").mean
    assert curve.loc["2024-07":"2024-11"].index.to_list() == [pd.Timestamp("2024-07-15")]  # type: ignore[misc]
    pd.testing.assert_frame_equal(post.curve("e", dates=curve.index), curve)
    weekly = post.curve("e").index
    assert (weekly[0], weekly[-1]) == (pd.Timestamp("2024-06-30"), pd.Timestamp("2024-12-31"))
    noon = post.curve("e", dates=["2024-07-15T12:00Z"]).index
    assert noon[0] == pd.Timestamp("2024-07-15 12:00")


def test_what_moved_a_forecast_is_told_by_the_day_of_publication(post: Posterior) -> None:
    assert post.explain("e", by="2024-12-31").loc["r", "published"] == pd.Timestamp("2024-03-01")


def test_predictions_are_by_the_last_days_of_months(post: Posterior, tmp_path: Any) -> None:
    told = post.idata["predictions"]["probability"]
    assert told["date"].to_numpy()[:2].tolist() == [
        datetime(2024, 7, 31),  # noqa: DTZ001
        datetime(2024, 8, 31),  # noqa: DTZ001
    ]
    on = told.sel(date="2024-09-30", event="e").to_numpy()
    assert on.mean() == pytest.approx(post.probability("e", by="2024-09-30").mean, rel=SAME_ALGEBRA)
    file = tmp_path / "draws.nc"
    file.write_bytes(as_netcdf(groups_of(post.idata)))
    months = prediction_dates(read_tree(file))
    assert months == prediction_dates(post.idata)
    assert months[0] == datetime(2024, 8, 1, tzinfo=UTC)


def test_the_dates_of_older_files_were_instants() -> None:
    stamps = np.array(["2024-08-01", "2025-01-01T12:00"], dtype="datetime64[ns]")
    along = xr.Dataset({"probability": ("date", [0.1, 0.2])}, {"date": stamps})
    assert prediction_dates(xr.DataTree.from_dict({"predictions": along})) == [
        datetime(2024, 8, 1, tzinfo=UTC),
        datetime(2025, 1, 1, 12, tzinfo=UTC),
    ]


def test_dates_past_what_nanoseconds_hold_are_kept(tmp_path: Any) -> None:
    far = prior(network("2270-01-01", "2270-12-31"), draws=64)
    assert far.curve("e", dates=["2270-07-15"]).loc["2270-07-15", "mean"] > 0
    file = tmp_path / "draws.nc"
    file.write_bytes(as_netcdf(groups_of(far.idata)))
    assert prediction_dates(read_tree(file))[-1] == datetime(2271, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "horizon"),
    [("1000-01-01", "1000-12-31"), ("2261-06-01", "2262-06-01"), ("9998-01-01", "9998-12-31")],
)
def test_a_network_at_the_edge_of_the_calendar_is_answered(start: str, horizon: str) -> None:
    post = prior(network(start, horizon), draws=64)
    assert 0.1 < post.probability("e", by=horizon).mean < 0.3
    assert post.table(by=[horizon]).columns.get_level_values(0)[0] == horizon
    assert post.curve("e").index[-1] == pd.Timestamp(horizon)
    assert post.onset_time("e").index.size == 5
    assert post.idata["predictions"]["date"].to_numpy()[-1] == np.datetime64(horizon)


@pytest.mark.parametrize("horizon", ["2024-12-31", "2043-12-31", "2262-12-31", "9998-12-31"])
def test_the_dates_shown_unasked_are_weekly_for_ten_years_and_few_for_thousands(
    horizon: str,
) -> None:
    start = parse_instant("2024-01-01", edge="start")
    calendar = Calendar(start, start, parse_instant(horizon))
    weeks, months = calendar.weeks(), calendar.months()
    week = timedelta(days=7)
    assert {b - a for a, b in pairwise(weeks[:-1][:520])} == {week}
    assert all((b - a) % week == timedelta(0) for a, b in pairwise(weeks[:-1]))
    assert weeks == sorted(set(weeks))
    assert weeks[-1] == months[-1] == calendar.horizon
    assert len(weeks) <= 1050
    assert len(months) <= 242


@pytest.mark.parametrize("day", ["0001-01-01", "0024-01-01", "9999-12-31", date.max, date.min])
def test_a_network_past_the_edge_is_refused_in_words(day: Any) -> None:
    for field in ("start", "horizon"):
        with pytest.raises(InputError, match=rf"{field}: lies outside the calendar"):
            network(**{field: day})


@pytest.mark.parametrize("day", DAY, ids=repr)
def test_a_network_takes_days_in_any_form(day: Any) -> None:
    window = Window(start=day, end=day)
    assert window == Window(start="2024-07-15", end="2024-07-15")
    assert network(start=day).start == date(2024, 7, 15)
    seen = Observation(id="o", event="e", published=day, onset=day)
    assert seen.onset == (date(2024, 7, 15), date(2024, 7, 15))


@pytest.mark.parametrize("day", NO_DAY, ids=repr)
def test_no_date_is_refused_in_words_wherever_a_day_is_asked_for(post: Posterior, day: Any) -> None:
    says = "stands for no date at all|is not a da"
    for ask in (
        lambda: post.probability("e", by=day),
        lambda: post.curve("e", dates=[day]),
        lambda: post.table(by=[day]),
        lambda: post.probability("e", by="2024-12-31", given={"e": ("off", day)}),
    ):
        with pytest.raises(QueryError, match=says):
            ask()
    with pytest.raises(QueryError, match="neither a state nor a date"):
        post.probability("e", by="2024-12-31", given={"e": day})
    for make in (
        lambda: update(network(), Evidence([]), as_of=day, draws=64),
        lambda: network(start=day),
    ):
        with pytest.raises(InputError, match=says):
            make()


def test_one_day_where_several_are_asked_for_is_told(post: Posterior) -> None:
    for day in (np.datetime64("2024-07-15"), pd.Timestamp("2024-07-15"), 7):
        with pytest.raises(QueryError, match="Write it in a list"):
            post.curve("e", dates=day)  # type: ignore[arg-type]
