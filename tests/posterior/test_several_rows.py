"""Items with several rows of the record: dated reports, and silences on several events."""

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from scipy.special import logit

import forecast as fc
from forecast.evidence import known_history
from forecast.posterior._explain import waterfall
from forecast.posterior._in_order import along, exactly
from forecast.posterior._levels import difference, explainer
from forecast.posterior._parts import segmented, up_to
from forecast.posterior._passage import passage
from tests.model.every_kind import AS_OF, dated, said, watched, watched_network
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA

if TYPE_CHECKING:
    import pandas as pd

YEAR_END = "2024-12-31"
HIT, FALSE_ALARM, RATE = 0.7, 0.05, 1.0
EXACT = 1e-12  # the same sums in another order
DAYS = ("2024-03-01", "2024-03-31")

type Method = Literal["importance", "nuts", "paths"]


def alone(hit: str = "70%", false_alarm: str = "5%", **more: Any) -> fc.Network:
    """A hidden onset at a rate of one per year, and a source that speaks of it."""
    own = {"hit_rate": hit, "false_alarm_rate": false_alarm, **more}
    return fc.Network(
        name="alone",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[fc.Event(id="troops", kind="onset", public=False, rate=f"{RATE} per year")],
        source_types=[fc.SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%")],
        sources=[fc.Source(id="daily", type="wire", **own)],
    )


def onset_by(day: str) -> float:
    """P(the onset before the end of a day), at its rate."""
    days = (np.datetime64(day) - np.datetime64("2024-01-01")).astype(int) + 1
    return float(-np.expm1(-RATE * days / 365.25))


EARLY, LATE = onset_by("2024-02-29"), onset_by(DAYS[1])
WITHIN = LATE - EARLY


@pytest.mark.parametrize("method", ["importance", "paths"])
@pytest.mark.parametrize("claim", ["on", "off"])
def test_a_dated_report_moves_the_onset_into_its_days_as_bayes_says(
    method: Method, claim: str
) -> None:
    record = fc.Evidence([said("r", "daily", claim, onset=DAYS)])
    post = fc.update(alone(), record, as_of=AS_OF, method=method, draws=1024)
    inside, outside = (p if claim == "on" else 1 - p for p in (HIT, FALSE_ALARM))
    total = inside * WITHIN + outside * (1 - WITHIN)
    for day in ("2024-02-29", "2024-03-15", "2024-03-31", "2024-06-30", "2024-10-31"):
        by = onset_by(day)
        within = np.clip(by - EARLY, 0, WITHIN)
        expected = (inside * within + outside * (by - within)) / total
        found = post.probability("troops", by=day)
        assert found.mean == pytest.approx(expected, abs=MONTE_CARLO_Z * found.mcse + 1e-9)


def test_how_probable_it_was_is_that_of_both_rows_together() -> None:
    record = fc.Evidence([said("r", "daily", onset=DAYS)])
    post = fc.update(alone(), record, as_of=AS_OF, draws=64)
    expected = HIT * WITHIN + FALSE_ALARM * (1 - WITHIN)
    told = post.explain("troops", by=YEAR_END, order="published")
    assert list(told.index).count("r") == 1
    assert told.loc["r", "predictive"] == pytest.approx(expected, rel=SAME_ALGEBRA)
    assert post.idata["log_likelihood"]["evidence"].sizes["item"] == 2
    logs = post.idata["log_likelihood"]["evidence"].sel(item="r")
    np.testing.assert_allclose(logs, np.log(expected), rtol=SAME_ALGEBRA)
    by_particles = post.surprises().loc["r"]
    error = MONTE_CARLO_Z * by_particles["mcse"]
    assert by_particles["log_probability"] == pytest.approx(np.log(expected), abs=error)


@pytest.mark.parametrize("when", [DAYS, ("2024-05-01", "2024-09-30"), "2024-09-03"])
def test_one_that_is_as_often_said_if_it_is_false_says_nothing(when: Any) -> None:
    same = {"predictive_hit_rate": "30%", "predictive_false_alarm_rate": "30%"}
    network = alone("30%", "30%", **same)
    record = fc.Evidence([said("r", "daily", onset=when)])
    with_it, without = (
        fc.update(network, each, as_of=AS_OF, draws=64) for each in (record, fc.Evidence([]))
    )
    for day in ("2024-03-10", AS_OF, "2024-09-03", YEAR_END):
        found, expected = (post.probability("troops", by=day) for post in (with_it, without))
        assert found.mean == pytest.approx(expected.mean, abs=EXACT)


def test_it_makes_nothing_certain() -> None:
    for items in ([said("r", "daily", onset=DAYS)], [wide()]):
        known = known_history(watched_network(), fc.Evidence(items), AS_OF)
        assert known["troops"] == known["regime"] == ()


def test_days_that_have_begun_are_heard_before_and_after_the_cut_off() -> None:
    rates = {"predictive_hit_rate": "70%", "predictive_false_alarm_rate": "5%"}
    record = fc.Evidence([said("r", "daily", onset=("2024-03-01", "2024-08-31"))])
    exact, paths = (
        fc.update(alone(**rates), record, as_of=AS_OF, method=method, draws=1024)
        for method in ("importance", "paths")
    )
    within = onset_by("2024-08-31") - EARLY
    total = HIT * within + FALSE_ALARM * (1 - within)
    for day in ("2024-02-29", AS_OF, "2024-08-31", YEAR_END):
        inside = np.clip(onset_by(day) - EARLY, 0, within)
        expected = (HIT * inside + FALSE_ALARM * (onset_by(day) - inside)) / total
        assert exact.probability("troops", by=day).mean == pytest.approx(expected, abs=1e-9)
        one = paths.probability("troops", by=day)
        assert one.mean == pytest.approx(expected, abs=MONTE_CARLO_Z * one.mcse + 1e-9)


def test_what_is_brought_about_from_outside_leaves_days_to_come_without_a_say() -> None:
    network = watched_network()
    record = fc.Evidence([said("now", "daily", onset=("2024-05-01", "2024-09-30"))])
    heard, empty = (
        fc.update(network, each, as_of=AS_OF, draws=1024) for each in (record, fc.Evidence([]))
    )
    for post in (heard, empty):
        assert post.probability("troops", by=YEAR_END, do={"troops": "off"}).mean < 1
    found, expected = (
        post.probability("treaty", by=YEAR_END, do={"troops": "off"}) for post in (heard, empty)
    )
    error = MONTE_CARLO_Z * np.hypot(found.mcse, expected.mcse)
    assert found.mean == pytest.approx(expected.mean, abs=error)


# ---- A silence on several events


def wide(name: str = "wide", events: Any = ("regime", "troops"), **more: Any) -> fc.Silence:
    found: fc.Silence = watched(
        fc.Silence, name, "2024-02-01", "2024-05-15", event=list(events), **more
    )
    return found


def apart() -> list[fc.Silence]:
    return [wide(f"wide_{event}", [event]) for event in ("regime", "troops")]


OTHERS = [said("r1", "daily"), said("r2", "agency", event="regime", published="2024-06-01")]


@cache
def both(method: Method) -> tuple[fc.Posterior, fc.Posterior]:
    """A silence on two events as one item, and as two."""
    records = [fc.Evidence([*OTHERS, wide()]), fc.Evidence([*OTHERS, *apart()])]
    one, other = (
        fc.update(watched_network(), record, as_of=AS_OF, method=method, draws=1024)
        for record in records
    )
    return one, other


@pytest.mark.parametrize("method", ["importance", "paths"])
def test_it_is_worth_as_much_as_a_silence_on_each(method: Method) -> None:
    one, other = both(method)
    for event in ("troops", "regime", "treaty"):
        found, expected = (post.probability(event, by=YEAR_END) for post in (one, other))
        assert found.mean == pytest.approx(expected.mean, abs=EXACT)
        assert found.mcse == pytest.approx(expected.mcse, abs=EXACT)


@pytest.mark.parametrize("method", ["importance", "paths"])
def test_it_has_one_row_and_is_left_out_whole(method: Method) -> None:
    one, other = both(method)
    table = one.explain("troops", by=YEAR_END, order="left_out")
    assert list(table.index) == ["r1", "wide", "r2"]
    assert table.loc["wide", "event"] == "regime, troops"
    without = fc.update(
        watched_network(), fc.Evidence(OTHERS), as_of=AS_OF, method="importance", draws=8192
    )
    whole = fc.update(
        watched_network(),
        fc.Evidence([*OTHERS, wide()]),
        as_of=AS_OF,
        method="importance",
        draws=8192,
    )
    p, q = (post.probability("troops", by=YEAR_END).mean for post in (whole, without))
    moved, error = table.loc["wide", ["leave_one_out", "leave_one_out_mcse"]]
    assert moved == pytest.approx(logit(p) - logit(q), abs=MONTE_CARLO_Z * error + 0.02)
    parts = other.explain("troops", by=YEAR_END, order="left_out")
    assert {"wide_regime", "wide_troops"} < set(parts.index)


def test_in_order_it_does_what_both_do_one_after_the_other() -> None:
    one, other = both("importance")
    tables = [post.explain("troops", by=YEAR_END, order="published") for post in (one, other)]
    whole, parts = (table["in_order"] for table in tables)
    assert whole["wide"] == pytest.approx(parts[["wide_regime", "wide_troops"]].sum(), abs=1e-9)
    logs = [table["predictive"] for table in tables]
    together = logs[1][["wide_regime", "wide_troops"]].prod()
    assert logs[0]["wide"] == pytest.approx(together, rel=1e-9)
    assert len(waterfall(tables[0])) == len(tables[0])


# ---- Reasons, by the exact filter, by the pass and along paths


@cache
def estimated(method: Method) -> fc.Posterior:
    return fc.update(watched_network(), dated(), as_of=AS_OF, method=method, draws=4096)


def test_left_out_along_paths_they_do_what_the_exact_filter_says() -> None:
    tables: list[pd.DataFrame] = [
        estimated(method).explain("troops", by=YEAR_END, order="left_out")
        for method in ("importance", "paths")
    ]
    assert list(tables[0].index) == list(tables[1].index) == [item.id for item in dated()]
    for column in ("leave_one_out", "leave_cluster_out"):
        error = np.hypot(*(table[f"{column}_mcse"] for table in tables))
        assert ((tables[0][column] - tables[1][column]).abs() < MONTE_CARLO_Z * error).all()
        assert (tables[0][column].abs() > 1e-3).sum() >= 6


def test_the_pass_weighs_both_rows_at_once() -> None:
    draws = estimated("importance")._draws
    event = draws.lowered.events.index("troops")
    found = passage(draws.lowered, np.array([draws.calendar.years(draws.calendar.horizon)]), 3)[0]
    asked = explainer(draws, event, draws.calendar.horizon)
    start = up_to(draws.lowered, (), draws.calendar.start)
    exact = exactly(asked, start, segmented(draws.lowered))
    told = along(found, draws, event, draws.calendar.horizon)
    assert [one.item.id for one in exact.told] == [one.item.id for one in told.told]
    for one, other in zip(exact.told, told.told, strict=True):
        pairs = [difference(each.after, each.before) for each in (one, other)]
        error = np.hypot(pairs[0][1], pairs[1][1])
        assert abs(pairs[0][0] - pairs[1][0]) < MONTE_CARLO_Z * error + 1e-6, one.item.id
        if np.isfinite(one.log_predictive_mcse):
            error = np.hypot(one.log_predictive_mcse, other.log_predictive_mcse)
            assert abs(one.log_predictive - other.log_predictive) < MONTE_CARLO_Z * error


def test_every_method_forecasts_the_same() -> None:
    one, other = estimated("importance"), estimated("paths")
    for event in ("troops", "regime", "treaty"):
        for by in (AS_OF, YEAR_END):
            p, q = (post.probability(event, by=by) for post in (one, other))
            error = np.hypot(p.mcse, q.mcse)
            assert abs(p.mean - q.mean) < MONTE_CARLO_Z * error + 1e-9


# ---- Simulated worlds


def test_worlds_say_what_they_would_and_a_silence_breaks_event_by_event() -> None:
    network = watched_network(
        hit_rate="75%", false_alarm_rate="15%", report_rate="60% within 2 months", spread=0.0
    )
    template = fc.Evidence(
        [
            said("dates", "daily", onset=DAYS),
            wide(),
            fc.Retraction(id="back", event="troops", published="2024-06-20", retracts=("wide",)),
        ]
    )
    worlds = fc.simulate(network, worlds=3000, seed=5, evidence=template)
    within = np.array(
        [w.on("troops", DAYS[1]) and not w.on("troops", "2024-02-29") for w in worlds]
    )
    says = np.array([w.evidence.item("dates").claim == "on" for w in worlds])  # type: ignore[attr-defined]
    for chosen, rate in ((within, 0.75), (~within, 0.15)):
        error = np.sqrt(rate * (1 - rate) / chosen.sum())
        assert abs(says[chosen].mean() - rate) < MONTE_CARLO_Z * error
    rate = -np.log(0.4) * 6
    kept = {"troops": np.zeros(len(worlds)), "regime": np.zeros(len(worlds))}
    chance = {event: np.zeros(len(worlds)) for event in kept}
    for k, world in enumerate(worlds):
        world.evidence.check(network)
        drawn = [item for item in world.evidence if isinstance(item, fc.Silence)]
        names = {item.id for item in drawn}
        assert names == set(world.evidence.item("back").retracts)
        assert names <= {"wide", "wide__1", "wide__2"}
        assert sorted(event for item in drawn for event in item.events) == ["regime", "troops"]
        for event, silent in kept.items():
            (one,) = (item for item in drawn if event in item.events)
            silent[k] = one.claim is None
            spells = world.spells(event, *wide().window)
            on = sum((end - begin).total_seconds() for begin, end in spells)
            chance[event][k] = np.exp(-rate * on / (365.25 * 86400))
    for event, silent in kept.items():
        error = np.sqrt((chance[event] * (1 - chance[event])).sum()) / len(worlds)
        assert abs(silent.mean() - chance[event].mean()) < MONTE_CARLO_Z * error
        assert 0 < silent.mean() < 1
