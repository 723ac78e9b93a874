"""What is drawn is what the tables say; what cannot be drawn is refused."""

import subprocess
import sys
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import forecast as fc
from forecast import plot
from forecast.calibration import corp
from forecast.evidence import Silence
from forecast.plot._dates import _Days, marks, number, short_day
from forecast.time import parse_instant
from tests.networks import demo_evidence, demo_network
from tests.plot.cases import forecasts
from tests.tolerances import SAME_ALGEBRA

BY = "2024-12-31"


@pytest.fixture(scope="module")
def post() -> fc.Posterior:
    return fc.update(demo_network(), demo_evidence(), as_of="2024-03-10", draws=256, seed=1)


def test_curves_are_the_posteriors(post: fc.Posterior) -> None:
    ax = plot.curves(post, ["troops", "arms"])
    drawn = [line.get_ydata() for line in ax.lines if len(line.get_ydata()) > 2]
    for line, event in zip(drawn, ("troops", "arms"), strict=True):
        np.testing.assert_array_equal(line, post.curve(event)["mean"])
    cut = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--"]
    assert number(post.as_of) in cut


def test_the_waterfall_ends_at_the_forecast(post: fc.Posterior) -> None:
    ax = plot.waterfall(post, "troops", by=BY)
    p = post.probability("troops", by=BY).mean
    ends = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
    assert ends[-1] == pytest.approx(np.log(p / (1 - p)))
    steps = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert all(one[1] == pytest.approx(two[0]) for one, two in pairwise(steps))


def test_a_waterfall_has_copies_with_the_first_and_the_errors_of_both(post: fc.Posterior) -> None:
    told = post.explain("troops", by=BY, order="published")
    groups = told.groupby("cluster", sort=False)
    copied = groups.size().idxmax()
    moved = groups["in_order"].sum()[copied]
    error = np.sqrt((told["in_order_mcse"][told["cluster"] == copied] ** 2).sum())
    ax = plot.waterfall(post, "troops", by=BY)
    texts = [text.get_text() for text in ax.texts]
    (label,) = [text for text in texts if "copy)" in text or "copies)" in text]
    assert f"(+{groups.size()[copied] - 1} cop" in label
    assert f"{moved:+.2f} ± {error:.2f}".replace("-", "−") in texts


def test_a_waterfall_says_that_a_silence_is_one() -> None:
    kept = Silence(
        id="quiet",
        event="troops",
        published="2024-03-08",
        source="radio",
        watched_from="2024-02-01",
        watched_to="2024-03-08",
        text="That it says nothing means something",
    )
    network = fc.Network(
        name="demo",
        start="2024-01-01",
        horizon=BY,
        events=[fc.Event(id="troops", kind="onset", public=False, rate="40% within 1 year")],
        source_types=[
            fc.SourceType(
                id="wire", hit_rate="80%", false_alarm_rate="5%", report_rate="90% within 1 month"
            )
        ],
        sources=[fc.Source(id="radio", type="wire")],
    )
    told = fc.update(network, fc.Evidence([kept]), as_of="2024-03-10", draws=64, seed=1)
    ax = plot.waterfall(told, "troops", by=BY)
    assert any("silent 1 February" in text.get_text() for text in ax.texts)


def test_a_tornados_bars_reach_from_the_forecast_to_the_tables_ends(post: fc.Posterior) -> None:
    ax = plot.tornado(post, "troops", by=BY)
    table, now = post.sensitivity("troops", by=BY).head(10), post.probability("troops", by=BY).mean
    ends = [bar.get_x() + bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(ends, table[["at_5%", "at_95%"]].to_numpy().ravel())
    assert {bar.get_x() for bar in ax.patches} == {now}


def test_sources_stand_where_they_were_learned_to_be(post: fc.Posterior) -> None:
    ax = plot.sources(post)
    dots = sorted(line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o")
    assert dots == sorted(post.sources()["mean"])


def test_a_timeline_tells_the_stories_of_the_scenarios(post: fc.Posterior) -> None:
    stories, told = post.scenarios(by=BY, n=6), post.timeline(by=BY, n=6)
    for rank, story in told.groupby(level="rank"):
        share = stories.loc[rank, "probability"]
        assert story["story"].iloc[0] == pytest.approx(share, rel=SAME_ALGEBRA)
        on = story.droplevel("rank")["on"]
        assert {e: bool(stories.loc[rank, e]) for e in on.index} == on.to_dict()
        came = story[story["place"].notna()]
        assert (came["lower"] <= came["median"]).all()
        assert (came["median"] <= came["upper"]).all()
        assert (came["lower"] >= post.as_of).all()
        assert (came["upper"] <= parse_instant(BY)).all()
    ax = plot.scenarios(post, by=BY, n=6)
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert dots == [number(date) for date in told["median"].dropna()]


def test_a_reliability_diagram_shows_the_curve_and_its_score() -> None:
    said, happened = forecasts()
    ax = plot.reliability(said, happened)
    found = corp(said, happened)
    (curve,) = (line for line in ax.lines if len(line.get_xdata()) > 2 and line.get_marker() != "o")
    np.testing.assert_array_equal(curve.get_ydata(), found.curve.calibrated)
    assert any(f"Brier score {found.mean_score:.3f}" in text.get_text() for text in ax.texts)


def test_ranks_leave_the_band_where_the_posterior_is_off_and_not_where_it_is_right() -> None:
    rng = np.random.default_rng(3)
    even = {f"right {i}": rng.integers(0, 100, 500) for i in range(20)}
    off = {"off": (100 * rng.beta(1.3, 1, 500)).astype(int)}
    ax = plot.ranks({**even, **off}, draws=99)
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "off" in named
    assert len(named) <= 3  # of 20 right ones 5% are expected to


def test_a_fall_of_the_hazard_is_drawn_with_a_bar_for_its_head() -> None:
    def heads(ratio: str) -> int:
        events = [fc.Event(id=name, kind="onset", rate="20% within 1 year") for name in "ab"]
        link = fc.Link(parent="a", child="b", kind="multiplies", hazard_ratio=ratio)
        network = fc.Network(
            name="d", start="2024-01-01", horizon="2024-12-31", events=events, links=[link]
        )
        return len(plot.network(network).lines)

    assert (heads("x3"), heads("x0.3")) == (0, 1)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2024-07-01", "2024-07-03"),
        ("2024-07-01", "2024-08-20"),
        ("2024-06-15", "2025-12-31"),
        ("1996-02-29", "2024-02-29"),
        ("2024-07-01", "2024-07-01T03:00"),
    ],
)
def test_an_axis_of_dates_has_few_round_dates(first: str, last: str) -> None:
    begin, end = parse_instant(first, edge="start"), parse_instant(last)
    for most in range(2, 12):
        found = marks(begin, end, most)
        assert len(found) <= most
        assert all(begin <= date <= end for date in found)
        assert found == sorted(found)


def test_dates_are_written_as_people_write_them() -> None:
    def labels(*days: str) -> list[str]:
        return _Days().format_ticks([number(parse_instant(day, edge="start")) for day in days])

    assert labels("2024-12-24", "2024-12-31", "2025-01-07") == [
        "24 Dec\n2024",
        "31 Dec",
        "7 Jan\n2025",
    ]
    assert labels("2024-11-01", "2025-01-01", "2025-03-01") == ["Nov\n2024", "Jan\n2025", "Mar"]
    assert labels("2024-01-01", "2025-01-01") == ["2024", "2025"]


def said_in_july(**columns: float) -> pd.DataFrame:
    """A history of one day."""
    return pd.DataFrame(columns, index=pd.to_datetime(["2024-07-01"]))


def test_a_history_of_one_forecast_shows_its_interval_and_its_month() -> None:
    ax = plot.history(said_in_july(mean=0.3, lower=0.1, upper=0.6))
    first, last = ax.get_xlim()
    assert last - first == 30
    assert first < number(parse_instant("2024-07-01")) < last
    interval = ax.collections[-1].get_segments()[0]
    assert interval[:, 1].tolist() == [0.1, 0.6]


REFUSED = [
    (lambda post: plot.curves(post, []), r"1 to 8 curves \(got 0\)"),
    (lambda post: plot.curves(post, "tropps"), "Did you mean 'troops'"),
    (plot.network, "pass for example by='2024-12-31'"),
    (lambda post: plot.network(post.network, by=BY), "a network alone has no probabilities"),
    (lambda post: plot.prior_posterior(post, "hit_rat", "afp"), "Did you mean 'hit_rate'"),
    (lambda post: plot.prior_posterior(post, "hit_rate", "apf"), "Did you mean 'afp'"),
    (lambda post: plot.sources(fc.prior(post.network, draws=64)), "forecasting weight has items"),
    (lambda post: plot.scenarios(post, by=BY, events=["arms"] * 9), r"up to 8 events \(got 9\)"),
    (lambda _: plot.ranks({}, draws=99), "got none"),
    (
        lambda _: plot.ranks({"a": [100]}, draws=99),
        "ranks of 'a' are not whole numbers from 0 to 99",
    ),
    (
        lambda _: plot.ranks({"a": [1], "b": [1, 2]}, draws=9),
        r"their numbers must be equal \(got \[1, 2\]\)",
    ),
    (lambda _: plot.history(pd.DataFrame({"mean": [0.1]})), "indexed by dates"),
    (lambda _: plot.history(pd.DataFrame(index=pd.DatetimeIndex([]))), "a column 'mean'"),
    (lambda _: plot.history(said_in_july(mean=30.0)), r"from 0 to 1 \(got '30.0'\)"),
    (lambda _: plot.history(said_in_july(mean=float("nan"))), r"from 0 to 1 \(got 'nan'\)"),
    (lambda _: plot.history(said_in_july(mean=0.3, upper=1.5)), "'upper': a probability"),
    (lambda post: plot.curves(post, "troops", ax=Figure()), "got 'ax' of type Figure"),
    (lambda post: plot.network(post.network, ax=np.array([None])), "got 'ax' of type ndarray"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_drawn_is_refused_in_words(call, message: str, post: fc.Posterior) -> None:
    with pytest.raises(fc.InputError, match=message):
        call(post)
    assert plt.get_fignums() == []


def test_nothing_of_the_session_is_changed(post: fc.Posterior) -> None:
    before = dict(mpl.rcParams)
    plot.curves(post, "troops")
    plot.network(post, by=BY)
    assert dict(mpl.rcParams) == before


def run(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def test_without_matplotlib_the_error_names_the_extra() -> None:
    code = "import sys; sys.modules['matplotlib'] = None; import forecast as fc; fc.plot.curves"
    last = run(code).stderr.strip().splitlines()[-1]
    assert last.startswith("forecast.errors.MissingExtraError")
    assert "pip install 'eventcast[plot]'" in last


def test_pictures_need_no_pymc() -> None:
    probe = "print(*(name for name in ('pymc', 'pytensor', 'nutpie') if name in sys.modules))"
    found = run(f"import sys, forecast.plot; {probe}")
    assert (found.returncode, found.stdout.strip()) == (0, ""), found.stderr


def test_a_midnight_ends_the_day_before_it() -> None:
    assert short_day(parse_instant("2024-07-05")) == "5 Jul"
    assert short_day(parse_instant("2024-07-05T00:01Z")) == "5 Jul"
