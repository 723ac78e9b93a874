"""The table of scores, against sums worked by hand and against the scores themselves."""

import numpy as np
import pandas as pd
import pytest

from forecast.backtest._questions import life_of
from forecast.backtest._scores import even_clusters, loss_table, question_table, score_table
from forecast.backtest._tasks import FORECASTERS, OURS, Forecaster
from forecast.evidence import Resolution
from forecast.scoring import effective_number, gain, gain_over_life
from forecast.time import parse_instant
from tests.tolerances import SAME_ALGEBRA

DATES = [parse_instant("2024-06-10"), parse_instant("2024-06-20")]
LIVES = [
    life_of(Resolution(**fields), DATES)
    for fields in (
        {"id": "q1", "event": "a", "deadline": "2024-06-30", "outcome": "no"},
        {
            "id": "q2",
            "event": "b",
            "deadline": "2024-06-30",
            "outcome": "yes",
            "resolved": "2024-06-25",
        },
        {"id": "q3", "event": "c", "deadline": "2024-06-30", "outcome": "no", "cluster": "b"},
    )
]


def sayings(ours: float = 0.4) -> dict[tuple[Forecaster, str], list[float]]:
    said: dict[tuple[Forecaster, str], list[float]]
    said = {(name, life.resolution.id): [0.5, 0.5] for life in LIVES for name in FORECASTERS}
    said[OURS, "q1"] = [0.3, 0.1]
    said[OURS, "q2"] = [0.2, ours]
    said["prior", "q3"] = [0.7, 0.7]
    return said


def test_losses_are_over_the_scheduled_life() -> None:
    table = loss_table(LIVES, sayings())
    assert table.loc[("brier", "q1"), OURS] == pytest.approx(
        (10 * 0.09 + 10 * 0.01) / 20, rel=SAME_ALGEBRA
    )
    # Open on 15 of 20 days: the rest is closed for everybody.
    assert table.loc[("brier", "q2"), OURS] == pytest.approx(
        (10 * 0.64 + 5 * 0.36) / 20, rel=SAME_ALGEBRA
    )
    assert table.loc[("logarithmic", "q2"), "prior"] == pytest.approx(
        15 * np.log(2) / 20, rel=SAME_ALGEBRA
    )


def test_gains_are_those_over_the_life_and_their_intervals_go_by_cluster() -> None:
    said = sayings()
    table = loss_table(LIVES, said)
    clusters = [life.resolution.together for life in LIVES]
    assert clusters == ["a", "b", "b"]
    row = score_table(table, clusters).loc[("brier", "prior")]
    each = [
        gain_over_life(
            life.daily(said[OURS, life.resolution.id]),
            life.outcome,
            life.daily(said["prior", life.resolution.id]),
            scheduled=life.scheduled,
        )
        for life in LIVES
    ]
    assert row["gain"] == pytest.approx(np.mean(each), rel=SAME_ALGEBRA)
    brier = table.xs("brier")
    by_cluster = gain(brier[OURS], brier["prior"], cluster=clusters)
    assert (row["low"], row["high"]) == (by_cluster.low, by_cluster.high)
    assert row["effective"] == even_clusters(clusters)  # two are too few to estimate it from


def test_many_clusters_tell_how_many_questions_are_independent(rng: np.random.Generator) -> None:
    """Thirty questions, each asked four times over: thirty, by their gains."""
    ours = np.repeat(rng.random(30), 4)
    columns = {name: np.zeros(120) for name in FORECASTERS} | {OURS: ours}
    index = pd.MultiIndex.from_product([("brier", "logarithmic"), range(120)])
    losses = pd.DataFrame(
        {name: np.tile(values, 2) for name, values in columns.items()},
        index=index.set_names(["rule", "question"]),
    )
    clusters = [f"c{number // 4}" for number in range(120)]
    table = score_table(losses, clusters)
    expected = effective_number(ours - ours.mean(), clusters)
    assert expected == pytest.approx(30, rel=SAME_ALGEBRA)
    assert table.loc[("brier", "prior"), "effective"] == pytest.approx(30, rel=SAME_ALGEBRA)
    alone = score_table(losses, [str(number) for number in range(120)])
    assert alone.loc[("brier", "prior"), "effective"] == pytest.approx(120, rel=SAME_ALGEBRA)


def test_ours_has_no_gain_over_itself_and_an_equal_one_has_no_interval() -> None:
    said = {asked: [0.5, 0.5] for asked in sayings()}
    table = score_table(loss_table(LIVES, said), ["a", "b", "b"])
    assert np.isnan(table.loc[("brier", OURS), "gain"])
    assert table.loc[("brier", "prior"), ["gain", "low", "high"]].tolist() == [0, 0, 0]


def test_certainty_that_was_wrong_loses_without_bound() -> None:
    table = score_table(loss_table(LIVES, sayings(ours=0.0)), ["a", "b", "b"])
    assert table.loc[("logarithmic", OURS), "loss"] == np.inf
    assert np.isnan(table.loc[("logarithmic", "prior"), "low"])
    assert np.isfinite(table.loc[("brier", "prior"), "low"])


def test_clusters_of_uneven_size_weigh_like_fewer_even_ones() -> None:
    assert even_clusters(["a", "b", "c"]) == pytest.approx(3, rel=SAME_ALGEBRA)
    assert even_clusters(["a"] * 9) == 1


def test_the_questions_stand_with_their_first_and_last_forecast() -> None:
    row = question_table(LIVES, sayings()).loc["q2"]
    assert (row["outcome"], row["scheduled"], row["open"], row["forecasts"]) == (1, 20, 15, 2)
    assert (row["first"], row["last"]) == (0.2, 0.4)
