"""Steps for readers, from the tables of an explanation."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from forecast.errors import ForecastError
from forecast.network import Event, Link, Network
from forecast.plot._style import parameter_title
from forecast.posterior import prior
from forecast.posterior._explain import BEFORE, REVISED
from forecast.probability import NOISE, PRIOR, TIME
from forecast.report._content import Reasons, Watch
from forecast.report._words import OTHER, pushes
from forecast.time import parse_instant
from forecast.workspace._kept_reasons import _File
from forecast.workspace._reasons import LEAST_CHANGE, SOON, _watch, note_of, number_words, steps_of
from tests.tolerances import SAME_ALGEBRA

STEPS = {PRIOR: -2.0, TIME: -0.6, "a": 0.9, "b": 0.4, "copy": 0.3, "small": 0.01, NOISE: 0.02}
CLUSTER = {"copy": "a"}
ERRORS = {PRIOR: 0.0, TIME: 0.01, "a": 0.03, "b": 0.02, "copy": 0.04, "small": 0.001, NOISE: 0.02}
AS_OF = datetime(2024, 7, 2, tzinfo=UTC)
WATCH = Watch("afp", "A pact", 0.2, 0.5, 0.18, 0.1, 0.01, 0.02, 0.03, 0.04)


def day_by_day() -> pd.DataFrame:
    """A table of steps between which time passes; its row has the sum."""
    moved = pd.Series(STEPS, name="in_order")
    about = {"kind": "report", "event": "pact", "published": None, "text": "news"}
    table = pd.DataFrame(
        {
            "cluster": [CLUSTER.get(name, name) for name in STEPS],
            "in_order": moved,
            "probability": expit(moved.cumsum()),
            "in_order_mcse": pd.Series(ERRORS),
            "khat": np.nan,
        },
        index=list(STEPS),
    ).assign(**{name: [None, None, *[value] * 4, None] for name, value in about.items()})
    level = STEPS[PRIOR]
    table["before"] = np.nan
    for name in ("a", "b", "copy", "small"):
        level += STEPS[TIME] / 4
        table.loc[name, "before"] = expit(level)
        level += STEPS[name]
        table.loc[name, "probability"] = expit(level)
    table.loc[NOISE, "before"] = expit(level)
    return table


def test_points_and_log_odds_add_up_to_the_forecast() -> None:
    table = day_by_day()
    moved, figures = steps_of(table)
    assert [step.item for step in moved] == [PRIOR, TIME, "a", "b", "small", NOISE]
    told = pushes(moved)
    assert [push.item or push.words for push in told] == [
        "Before any evidence",
        "Time passed, and nothing was seen to happen",
        "a",
        "b",
        "1 smaller item, and sampling error",
    ]
    forecast = float(expit(sum(STEPS.values())))
    assert sum(push.points for push in told) == pytest.approx(forecast, rel=SAME_ALGEBRA)
    assert told[0].points == pytest.approx(expit(STEPS[PRIOR]), rel=SAME_ALGEBRA)
    start = logit(told[0].points)
    total = sum(push.log_odds for push in told if push.log_odds is not None)
    assert start + total == pytest.approx(sum(STEPS.values()), rel=SAME_ALGEBRA)
    assert figures["item"] == tuple(STEPS)
    assert figures["khat"] == (None,) * len(STEPS)
    assert not {"kind", "event", "published", "text"} & set(figures)


def test_an_item_did_what_lies_between_the_forecasts_before_and_after_it() -> None:
    table = day_by_day()
    steps = {step.item: step for step in steps_of(table)[0]}
    did = table["probability"] - table["before"]
    assert steps["a"].copies == 1
    assert steps["a"].mcse == pytest.approx(0.05, rel=SAME_ALGEBRA)  # of 3 and 4 hundredths
    assert steps["b"].mcse == ERRORS["b"]
    assert steps["a"].points == pytest.approx(did["a"] + did["copy"], rel=SAME_ALGEBRA)
    assert steps["a"].log_odds == pytest.approx(1.2, rel=SAME_ALGEBRA)
    assert steps["b"].points == pytest.approx(did["b"], rel=SAME_ALGEBRA)
    assert steps[TIME].points < 0


def test_reasons_kept_before_errors_were_are_read_and_count_as_exact() -> None:
    moved, figures = steps_of(day_by_day())
    kept = _File(
        run="r", posterior="p", library="l",
        told={"by": {"pact": Reasons(AS_OF, moved, watch=(WATCH,), figures=figures)}},
    )  # fmt: skip
    document = json.loads(kept.model_dump_json())
    assert _File.model_validate_json(json.dumps(document)) == kept
    reasons = document["told"]["by"]["pact"]
    for each in (*reasons["moved"], *reasons["watch"]):
        for name in [name for name in each if name.endswith("mcse")]:
            del each[name]
    read = _File.model_validate_json(json.dumps(document)).told["by"]["pact"]
    assert [step.log_odds for step in read.moved] == [step.log_odds for step in moved]
    assert {step.mcse for step in read.moved} == {None}
    assert {watch.change_mcse for watch in read.watch} == {None}


def test_a_note_is_a_sentence_and_a_path_in_it_stays_as_it_is_on_disk() -> None:
    damaged = "posteriors/tiny/2024-07-01-4e5f60714e5f.nc: the file is damaged. Put it back"
    assert note_of(ForecastError(damaged)) == f"{damaged}."
    assert note_of(ForecastError("nothing is left to tell.")) == "Nothing is left to tell."


def test_every_step_that_is_no_item_has_its_words() -> None:
    assert set(OTHER) == {PRIOR, BEFORE, REVISED, TIME, NOISE}


def test_each_number_of_a_form_is_told_in_words() -> None:
    events = [
        Event(id="deal", title="A deal", kind="onset", ever="40%", pace="half of it within 1 year"),
        Event(
            id="raid", kind="repeated", rate="1 per year", up_to=2, known="within 1 week [0.5, 3]"
        ),
        Event(id="vote", kind="decision", on="2024-06-04", outcomes={"yes": "60%", "no": "40%"}),
    ]
    odds = Link(parent="deal", child="vote.yes", kind="multiplies", odds_ratio="x2")
    network = Network(
        name="n", start="2024-01-01", horizon="2024-12-31", events=events, links=[odds]
    )
    numbers = {
        ("initial_probability", "deal.ever"): "chance that “A deal” ever comes",
        ("base_rate", "deal"): "pace of “A deal”",
        ("base_rate", "raid"): "base rate of “raid”",
        ("base_rate", "raid.confirmed"): "pace of “raid, confirmed”",
        ("outcome_weight", "vote.yes"): "chance of “vote: yes”",
        ("odds_ratio", odds.id): "odds ratio: A deal → vote: yes",
    }
    assert {names: number_words(network, *names) for names in numbers} == numbers
    post = prior(network, draws=64)
    assert [parameter_title(post, *names) for names in numbers] == [
        "Chance that it ever comes: A deal",
        "Pace: A deal",
        "Base rate: raid",
        "Pace: raid, confirmed",
        "Chance: vote: yes",
        "Odds ratio: A deal → vote: yes",
    ]


def test_news_whose_effect_may_be_sampling_error_is_not_watched_for() -> None:
    """One link does nothing, and few draws make it look as if news of its parent did."""
    rates = {"crisis": "1 year", "idle": "1 month", "pact": "1 year"}
    events = [
        Event(id=name, kind="onset", rate=f"40% [15%, 70%] within {within}")
        for name, within in rates.items()
    ]
    ratios = {"crisis": "x5 [3, 8]", "idle": "x1 [0.999, 1.001]"}
    links = [
        Link(parent=name, child="pact", kind="multiplies", hazard_ratio=ratio)
        for name, ratio in ratios.items()
    ]
    network = Network(
        name="n", start="2024-01-01", horizon="2024-12-31", events=events, links=links
    )
    post = prior(network, draws=64)
    by, soon = parse_instant("2024-12-31"), post.as_of + SOON
    table = post.value_of_information("pact", by=by, at=soon, events=["crisis", "idle"])
    table = table.set_index("event")
    assert table.loc["idle", "change"] > LEAST_CHANGE
    watched = _watch(post, "pact", by)
    assert [watch.event for watch in watched] == ["crisis"]
    for name in ("says_on", "if_on", "if_off", "change"):
        assert getattr(watched[0], name) == table.loc["crisis", name]
        assert getattr(watched[0], f"{name}_mcse") == table.loc["crisis", f"{name}_mcse"]
