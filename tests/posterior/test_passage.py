"""The pass in the order of publication: against the exact filter, and what is kept of it."""

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from forecast.errors import QueryError
from forecast.evidence import (
    Count,
    Evidence,
    LikelihoodRatio,
    Observation,
    Report,
    Retraction,
    Silence,
)
from forecast.model._lower import lower
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.posterior import Posterior, update
from forecast.posterior import _levels as levels
from forecast.posterior import _passage as module
from forecast.posterior._explain import waterfall
from forecast.posterior._in_order import Ordered, along, exactly
from forecast.posterior._levels import BeyondError, Level, difference, explainer
from forecast.posterior._parts import segmented, segments, up_to
from forecast.posterior._passage import Passage, passage
from forecast.posterior._shelf import kept_passage
from forecast.probability import NOISE, PRIOR, TIME
from tests.commit import commit
from tests.estimate.every_kind import AS_OF, case_of_every_kind
from tests.networks import demo_evidence, demo_network
from tests.random_models import random_case
from tests.tolerances import MONTE_CARLO_Z

YEAR_END = "2024-12-31"
RESULT = Path(__file__).parent / "reasons_agreement_result.json"
CERTAIN = 1e-9  # what evidence and gates make impossible, though no observation says so
SWEEP_Z = 5.0  # of some thousands of figures, with errors from 32 parts: Student's, of 31 degrees


def error_of(level: Level) -> float:
    return float(np.sqrt((level.influence**2).sum()))


def both_ways(post: Posterior, event: int, found: Passage) -> tuple[Ordered, Ordered] | None:
    """Return what each item did to an event's forecast, exactly given the draws and by the pass."""
    draws = post._draws
    by = draws.calendar.horizon
    try:
        asked = explainer(draws, event, by)
    except QueryError:
        return None
    start = up_to(draws.lowered, (), draws.calendar.start)
    return exactly(asked, start, segmented(draws.lowered)), along(found, draws, event, by)


def test_the_pass_finds_what_the_exact_filter_finds_of_every_event() -> None:
    """Delays, cycles, facts, states, predictions, observations and likelihood ratios."""
    z = [each for seed in (2, 3, 8) for each in deviations(seed)]
    assert len(z) > 100
    assert 0.6 < np.std(z) < 1.4  # errors are as large as they are said to be


def deviations(seed: int) -> list[float]:
    """Return by how many errors steps and levels of a random network differ, once judged."""
    network, evidence = random_case(seed, most=5, items=10)
    post = update(network, evidence, as_of=evidence.items[-1].published, method="importance")
    draws = post._draws
    times = np.array([draws.calendar.years(draws.calendar.horizon)])
    found = passage(draws.lowered, times, seed)[0]
    z = []
    for event in range(len(network.events)):
        ways = both_ways(post, event, found)
        if ways is None:
            continue
        for exact, told in zip(ways[0].told, ways[1].told, strict=True):
            pairs = [
                (difference(each.after, each.before), (each.before.log_odds, error_of(each.before)))
                for each in (exact, told)
            ]
            for one, other in zip(*pairs, strict=True):
                error = np.hypot(one[1], other[1])
                assert abs(one[0] - other[0]) < MONTE_CARLO_Z * error + 1e-6
                z += [(one[0] - other[0]) / error] if error > 1e-6 else []
            known = np.isfinite(exact.log_predictive_mcse) and np.isfinite(told.log_predictive)
            if known:
                error = np.hypot(exact.log_predictive_mcse, told.log_predictive_mcse)
                gap = abs(exact.log_predictive - told.log_predictive)
                assert gap < MONTE_CARLO_Z * error + 1e-6
        one, other = (way.waited for way in ways)
        assert abs(one[0] - other[0]) < MONTE_CARLO_Z * np.hypot(one[1], other[1])
    return z


@pytest.mark.slow
def test_reasons_agree_with_the_exact_filter_on_many_random_networks() -> None:
    """Every kind of item, event and link: in order by the pass, left out along sampled paths."""
    found = {}
    for seed in range(30):
        network, evidence = case_of_every_kind(seed)
        exact = update(network, evidence, as_of=AS_OF, method="importance", draws=8192)
        z = [*of_the_pass(exact, seed)]
        paths = update(network, evidence, as_of=AS_OF, method="paths")
        left = [*of_what_is_left_out(exact, paths)]
        found[f"random {seed}"] = [
            len(z), round(max(map(abs, z), default=0.0), 2), round(float(np.std(z)), 2),
            len(left), round(max(map(abs, left), default=0.0), 2), round(float(np.std(left)), 2),
        ]  # fmt: skip
        result = {
            "version": version("eventcast"),
            "commit": commit(),
            "in order: figures, largest |z|, their spread; left out: the same": found,
        }
        RESULT.write_text(json.dumps(result, indent=2) + "\n")
    assert max(row[1] for row in found.values()) < SWEEP_Z
    assert max(row[4] for row in found.values()) < SWEEP_Z


def of_the_pass(exact: Posterior, seed: int) -> Iterator[float]:
    """Yield by how many errors steps and levels differ between the exact filter and the pass."""
    draws = exact._draws
    times = np.array([draws.calendar.years(draws.calendar.horizon)])
    found = passage(draws.lowered, times, seed)[0]
    for event in range(len(exact.network.events)):
        try:
            ways = both_ways(exact, event, found)
        except BeyondError:
            continue
        for one, other in zip(ways[0].told, ways[1].told, strict=True) if ways else ():
            pairs = [
                (difference(each.after, each.before), (each.before.log_odds, error_of(each.before)))
                for each in (one, other)
            ]
            for a, b in zip(*pairs, strict=True):
                if np.hypot(a[1], b[1]) > 1e-6:
                    yield float((a[0] - b[0]) / np.hypot(a[1], b[1]))


def of_what_is_left_out(exact: Posterior, paths: Posterior) -> Iterator[float]:
    """Yield by how many errors leave-one-out figures differ."""
    for event in exact.network.events:
        p = exact.probability(event.id, by=YEAR_END).mean
        if not CERTAIN < p < 1 - CERTAIN:  # log-odds are cut off there, and courses bound them
            continue
        try:
            tables = [p.explain(event.id, by=YEAR_END, order="left_out") for p in (exact, paths)]
        except QueryError:
            continue
        gap = tables[0]["leave_one_out"] - tables[1]["leave_one_out"]
        error = np.hypot(*(table["leave_one_out_mcse"] for table in tables))
        yield from (gap[error > 1e-6] / error[error > 1e-6]).tolist()


def test_how_probable_the_record_was_agrees_with_the_exact_filter() -> None:
    network, evidence = demo_network(), demo_evidence()
    post = update(network, evidence, as_of="2024-04-01", method="importance")
    assert post.fitted.weighted is not None
    table = post.surprises()
    total = table[["log_probability", "log_quiet"]].to_numpy().sum()
    error = np.sqrt((table["mcse"] ** 2).sum()) + 0.01
    assert abs(total - post.fitted.weighted.log_evidence) < MONTE_CARLO_Z * error
    assert table.loc["r1", "probability"] == pytest.approx(
        np.exp(table.loc["r1"]["log_probability"])
    )
    assert np.isnan(table.loc["l1", "probability"])
    assert table.index[-1] == TIME


def test_a_silence_that_was_broken_is_as_probable_as_the_exact_filter_finds() -> None:
    camp = Event(id="camp", kind="state", public=False, initially="50% [20%, 80%]",
                 rate="1 per year [0.3, 3]", off_rate="1 per year [0.3, 3]")  # fmt: skip
    wire = SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%",
                      report_rate="80% [50%, 95%] within 1 month")  # fmt: skip
    network = Network(
        name="demo",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[camp],
        source_types=[wire],
        sources=[Source(id="afp", type="wire")],
    )
    broken = Silence(id="broken", event="camp", published="2024-03-01", source="afp",
                     watched_from="2024-02-01", watched_to="2024-02-20", claim="on")  # fmt: skip
    post = update(network, Evidence([broken]), as_of="2024-04-01", method="importance", draws=1024)
    exact = post.explain("camp", by=YEAR_END, order="published")
    passed = post.explain_all(by=YEAR_END).loc["camp"]
    error = np.hypot(exact["predictive_mcse"], passed["predictive_mcse"])["broken"]
    apart = exact["predictive"]["broken"] - passed["predictive"]["broken"]
    assert abs(apart) < MONTE_CARLO_Z * error


def belated(window: tuple[str, str], reports: int) -> tuple[Network, Evidence]:
    """A public onset that is seen after so many reports, one a day, on what makes it likelier."""
    pact = Event(id="pact", kind="onset", rate="30% [10%, 50%] within 1 year")
    plot = Event(id="plot", kind="onset", public=False, rate="40% within 1 year")
    wire = SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%", spread=0)
    network = Network(
        name="demo",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[pact, plot],
        links=[Link(parent="plot", child="pact", kind="multiplies", hazard_ratio="x3 [1, 6]")],
        source_types=[wire],
        sources=[Source(id="afp", type="wire")],
    )
    said = {"event": "plot", "source": "afp"}
    items = [
        Report(id=f"r{k}", published=f"2024-03-{k + 1:02d}", claim="off" if k % 3 else "on", **said)
        for k in range(reports)
    ]
    seen = Observation(id="o", event="pact", published="2024-03-20", onset=window)
    return network, Evidence([*items, seen])


@pytest.mark.parametrize("window", [("2024-02-20", "2024-03-05"), ("2024-03-02", "2024-03-04"),
                                    ("2024-03-05", "2024-03-05")])  # fmt: skip
def test_an_onset_seen_after_other_news_is_as_probable_as_the_whole_record_says(
    window: tuple[str, str],
) -> None:
    """Particles that were taken not to have seen it cannot tell; earlier ones do."""
    post = update(*belated(window, 5), as_of="2024-04-01", method="importance", draws=2048)
    table = post.surprises()
    assert post.fitted.weighted is not None
    total = table[["log_probability", "log_quiet"]].to_numpy().sum()
    error = np.hypot(np.sqrt((table["mcse"] ** 2).sum()), 0.01)
    assert abs(total - post.fitted.weighted.log_evidence) < MONTE_CARLO_Z * error
    exact = post.explain("plot", by=YEAR_END, order="published").loc["o"]
    passed = post.explain_all(by=YEAR_END, events=["plot"]).loc["plot"].loc["o"]
    for name in ("in_order", "predictive"):
        error = np.hypot(exact[f"{name}_mcse"], passed[f"{name}_mcse"])
        assert abs(exact[name] - passed[name]) < MONTE_CARLO_Z * error


def test_further_back_than_that_it_has_no_probability_rather_than_a_wrong_one(
    tmp_path: Path,
) -> None:
    network, evidence = belated(("2024-03-02", "2024-03-03"), module.LOOKBACK + 4)
    post = update(network, evidence, as_of="2024-04-01", method="importance", draws=1024)
    assert np.isnan(post.surprises().loc["o", "probability"])
    near = belated(("2024-03-07", "2024-03-07"), module.LOOKBACK + 4)
    file, times = tmp_path / "pass.npz", np.array([0.9])
    kept_passage(lower(*near, "2024-03-10"), times, 1, file)
    whole = lower(*near, "2024-04-01")
    again = kept_passage(whole, times, 1, file)
    assert same(again, passage(whole, times, 1)[0])  # earlier particles are on file too
    assert np.isfinite(again.steps[-1].log_predictive)


def test_how_likely_it_was_that_nothing_was_seen_has_its_closed_form() -> None:
    """A public onset at rate b, three times that once a hidden one at rate a has come."""
    a, b, ratio, t = 2.0, 0.8, 3.0, 200 / 365.25
    events = [
        Event(id="plot", kind="onset", public=False, rate=f"{a} per year"),
        Event(id="pact", kind="onset", rate=f"{b} per year"),
    ]
    link = Link(parent="plot", child="pact", kind="multiplies", hazard_ratio=f"x{ratio}")
    network = Network(
        name="n", start="2024-01-01", horizon=YEAR_END, events=events, links=[link]
    )  # fmt: skip
    c = b * (ratio - 1)
    quiet = np.exp(-b * t) * (np.exp(-a * t) + a * (np.exp(-c * t) - np.exp(-a * t)) / (a - c))
    post = update(network, Evidence([]), as_of="2024-07-18T00:00Z", draws=64)
    (found,) = post.surprises()["log_quiet"]
    assert found == pytest.approx(np.log(quiet), abs=0.03)  # 1,536 particles: some 0.007
    assert abs(found + b * t) > 0.1  # what it would be without the link


def test_a_pass_that_ends_elsewhere_than_the_forecast_owns_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a rare event there is no particle, and a sharp source that tells of it moves none."""
    coup = Event(id="coup", kind="onset", public=False, rate="once in 10000 years")
    sharp = SourceType(id="sharp", hit_rate="99.9%", false_alarm_rate="0.1%", spread=0)
    network = Network(
        name="demo",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[coup],
        source_types=[sharp],
        sources=[Source(id="afp", type="sharp")],
    )
    said = [
        Report(id=f"r{day}", event="coup", published=f"2024-02-0{day}", source="afp", claim="on")
        for day in (1, 2, 3)
    ]
    post = update(network, Evidence(said), as_of="2024-03-01", method="importance", draws=1024)
    exact = post.explain("coup", by=YEAR_END, order="published")
    passed = post.explain_all(by=YEAR_END).loc["coup"]
    assert exact.loc["r2", "in_order"] > 6
    apart = (exact["in_order"] - passed["in_order"]).abs()
    assert (apart <= MONTE_CARLO_Z * passed["in_order_mcse"] + 1e-6).all()
    assert exact["in_order_mcse"].max() < 0.01
    earlier = update(network, Evidence(said[:1]), as_of="2024-02-01", draws=1024)
    monkeypatch.setattr(levels, "AFFORDABLE", 0.0)
    change = post.explain_change(earlier, "coup", by=YEAR_END)
    assert change.loc["r2", "in_order_mcse"] > 1


def test_all_events_are_explained_by_one_pass_and_add_up() -> None:
    post = update(demo_network(), demo_evidence(), as_of="2024-04-01", draws=1024)
    table = post.explain_all(by=YEAR_END)
    assert set(table.index.levels[0]) == {"troops", "arms", "office", "secret"}  # one is settled
    for event, steps in table.groupby(level="event_of"):
        own = steps.droplevel("event_of")
        assert list(own.index) == [PRIOR, TIME, *(item.id for item in post.evidence), NOISE]
        p = post.probability(str(event), by=YEAR_END).mean
        assert own["in_order"].sum() == pytest.approx(np.log(p / (1 - p)), abs=1e-9)
        assert abs(own.loc[NOISE, "in_order"]) < MONTE_CARLO_Z * own.loc[NOISE, "in_order_mcse"]
        items = own.drop([PRIOR, TIME, NOISE])
        moved = items["probability"] / (1 - items["probability"])
        moved /= items["before"] / (1 - items["before"])
        np.testing.assert_allclose(np.log(moved), items["in_order"], atol=1e-9)
        gone = own.loc[TIME, "in_order"] - items["time"].sum() - own.loc[TIME, "time"]
        assert abs(gone) < 1e-9
        assert waterfall(own)["in_order"].sum() == pytest.approx(own["in_order"].sum())
    only = post.explain_all(by=YEAR_END, events=["arms"])
    assert only.loc["arms"].equals(table.loc["arms"])
    assert post.explain_all(by=YEAR_END, events=["treaty"]).empty


def test_a_count_is_explained_and_has_its_closed_form() -> None:
    """Of a fact with fixed rates the likelihood ratio is that of two Poisson chances."""
    series = SourceType(
        id="series",
        hit_rate="80%",
        false_alarm_rate="10%",
        count_rate_off="12 per year",
        count_rate_on="60 per year",
    )
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[Event(id="build_up", kind="fact", initially="40%")],
        source_types=[series],
        sources=[Source(id="trains", type="series")],
    )
    day = {"watched_from": "2024-03-01", "watched_to": "2024-03-31", "published": "2024-04-02"}
    seen = Evidence([Count(id="c", event="build_up", source="trains", counted=3, **day)])
    post = update(network, seen, as_of="2024-04-08", draws=1024)
    assert post.method == "paths"
    table = post.explain("build_up", by=YEAR_END, order="published")
    length = 31 / 365.25
    exact = 3 * np.log(5) - length * (60 - 12)
    error = table.loc["c", "in_order_mcse"]
    assert abs(table.loc["c", "in_order"] - exact) < MONTE_CARLO_Z * error
    assert 0 < error < 0.1
    means = length * np.array([12, 60])
    chances = np.exp(-means) * means**3 / 6
    p = table.loc["c", "predictive"]
    assert abs(p - chances @ [0.6, 0.4]) < MONTE_CARLO_Z * table.loc["c", "predictive_mcse"]


def test_beyond_what_the_exact_filter_does_in_seconds_the_pass_explains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post = update(demo_network(), demo_evidence(), as_of="2024-04-01", draws=1024)
    exact = post.explain("arms", by=YEAR_END, order="published")
    monkeypatch.setattr(levels, "AFFORDABLE", 0.0)
    passed = post.explain("arms", by=YEAR_END, order="published")
    errors = np.hypot(exact["in_order_mcse"], passed["in_order_mcse"])
    assert (abs(exact["in_order"] - passed["in_order"]) < MONTE_CARLO_Z * errors).all()
    earlier = update(demo_network(), demo_evidence(), as_of="2024-02-15", draws=1024)
    change = post.explain_change(earlier, "arms", by=YEAR_END)
    then, now = (each.probability("arms", by=YEAR_END).mean for each in (earlier, post))
    assert change["in_order"].sum() == pytest.approx(np.log(now / (1 - now)), abs=1e-9)
    assert change.iloc[0]["in_order"] == pytest.approx(np.log(then / (1 - then)))
    assert abs(change.loc[NOISE, "in_order"]) < 6 * change.loc[NOISE, "in_order_mcse"]


def same(one: Passage, other: Passage) -> bool:
    pairs = [(one.first, other.first), (one.last, other.last)]
    pairs += [
        pair
        for a, b in zip(one.steps, other.steps, strict=True)
        for pair in ((a.before, b.before), (a.after, b.after))
    ]
    return all(np.array_equal(a.chance, b.chance) for a, b in pairs) and all(
        np.array_equal(a.influence, b.influence) for a, b in pairs
    )


def test_a_night_goes_on_from_the_one_before_with_the_same_bits(tmp_path: Path) -> None:
    network, evidence = random_case(3, most=5, items=10)
    file, times = tmp_path / "pass.npz", np.array([0.4, 0.9])
    days = sorted({item.published for item in evidence})
    for day in days[-3:]:
        lowered = lower(network, evidence, day)
        kept = kept_passage(lowered, times, 1, file)
        assert same(kept, passage(lowered, times, 1)[0])
    again = kept_passage(lower(network, evidence, days[-1]), times, 1, file)
    assert same(again, kept)


def test_only_the_end_of_a_record_is_gone_through_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, evidence = random_case(3, most=5, items=10)
    file, times = tmp_path / "pass.npz", np.array([0.9])
    days = sorted({item.published for item in evidence})
    kept_passage(lower(network, evidence, days[-2]), times, 1, file)
    told: list[str] = []
    taken = module.taken

    def noted(run, state, part, earlier):  # type: ignore[no-untyped-def]
        told.append(part.items[0].id)
        return taken(run, state, part, earlier)

    monkeypatch.setattr(module, "taken", noted)
    kept_passage(lower(network, evidence, days[-1]), times, 1, file)
    assert len(told) < len(segments(lower(network, evidence, days[-1])))
    told.clear()
    kept_passage(lower(network, evidence, days[-1]), times, 2, file)  # another seed
    assert len(told) == len(segments(lower(network, evidence, days[-1])))


@pytest.mark.parametrize("harm", ["cut", "flip", "empty"])
def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path, harm: str) -> None:
    network, evidence = random_case(1, most=3, items=4)
    file, times = tmp_path / "pass.npz", np.array([0.9])
    lowered = lower(network, evidence, evidence.items[-1].published)
    first = kept_passage(lowered, times, 1, file)
    raw = bytearray(file.read_bytes())
    if harm == "flip":
        raw[len(raw) // 2] ^= 1
    file.write_bytes({"cut": raw[:100], "flip": raw, "empty": b""}[harm])
    assert same(kept_passage(lowered, times, 1, file), first)


def test_an_item_taken_back_is_not_in_the_pass() -> None:
    network = demo_network()
    said = demo_evidence()
    back = Retraction(id="back", event="troops", published="2024-03-20", retracts=("r1",))
    post = update(network, said + Evidence([back]), as_of="2024-04-01", draws=512)
    assert "r1" not in post.explain_all(by=YEAR_END).index.get_level_values("item")


def test_a_report_after_the_observation_of_its_event_moves_only_what_it_tells_of_its_source() -> (
    None
):
    """The event is known for sure by then, and so are its effects."""
    network = demo_network()
    late = Report(id="late", event="treaty", published="2024-03-25", source="afp", claim="on")
    seen = Observation(id="again", event="treaty", published="2024-03-26", state="on")
    post = update(network, demo_evidence() + Evidence([late, seen]), as_of="2024-04-01", draws=512)
    table = post.explain_all(by=YEAR_END, events=["arms"]).loc["arms"]
    assert abs(table.loc["late", "in_order"]) < 0.1
    assert abs(table.loc["again", "in_order"]) < 0.2


def test_what_no_particle_had_allowed_for_is_explained_all_the_same() -> None:
    """A hidden onset that was all but impossible, found out after other items had come."""
    events = [
        Event(id="rare", kind="onset", public=False, rate="once in 100000 years"),
        Event(id="after", kind="onset", public=False, rate="80% within 6 months"),
    ]
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=events,
        links=[Link(parent="rare", child="after", kind="requires")],
    )
    ratio = {"event": "after", "likelihood_ratio": "x2 [1.5, 3]"}
    seen = Evidence(
        [
            LikelihoodRatio(id="r", published="2024-05-28", **ratio),
            Observation(id="o", event="rare", published="2024-06-01", onset="2024-05-20"),
        ]
    )
    post = update(network, seen, as_of="2024-06-02", draws=1024)
    table = post.explain_all(by=YEAR_END, events=["after"]).loc["after"]
    p = post.probability("after", by=YEAR_END).mean
    assert table.loc["o", "in_order"] > 5
    assert abs(table.loc["o", "probability"] - p) < 0.1
    assert np.isnan(table.loc["o", "predictive"])  # too few can tell
