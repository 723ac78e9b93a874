import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from forecast.crowd import extremise, geometric_mean_of_odds, mean, median, pool
from forecast.crowd._table import crowd_of
from forecast.crowd._weights import half_life_of, relative_losses, skill
from forecast.errors import InputError
from forecast.scoring import logarithmic
from tests.tolerances import SAME_ALGEBRA


def test_weights_count_as_so_many_forecasters() -> None:
    """A weight of three is three who say the same."""
    rng = np.random.default_rng(1)
    p, weight = rng.uniform(0.05, 0.95, size=(6, 20)), rng.integers(1, 5, size=6)
    repeated = np.repeat(p, weight, axis=0)
    for way in (mean, median, geometric_mean_of_odds, lambda p, w=None: extremise(p, 2.0, w)):
        np.testing.assert_allclose(way(p, weight), way(repeated), rtol=SAME_ALGEBRA)


def test_a_forecast_counts_half_after_each_half_life() -> None:
    rows = pd.DataFrame(
        {"question": "q", "forecaster": ["new", "old"], "time": ["2024-03-11", "2024-03-01"]}
    ).assign(probability=[0.8, 0.2])
    found = pool(rows, "mean", at="2024-04-01", half_life=10)
    assert found.table["probability"].tolist() == [pytest.approx((0.8 + 0.2 / 2) / 1.5)]
    assert found.half_life == 10
    equal = pool(rows, "mean", at="2024-04-01", half_life=float("inf"))
    assert equal.table["probability"].tolist() == [pytest.approx(0.5)]


def test_weights_are_stated_by_forecast_or_by_forecaster() -> None:
    rows = pd.DataFrame({"question": "q", "forecaster": ["a", "b"], "probability": [0.2, 0.6]})
    by_row = pool(rows.assign(weight=[3, np.nan]), "mean")
    by_name = pool(rows, "mean", weights={"a": 3})
    both = pool(rows.assign(weight=[3, 1]), "mean", weights={"b": 3})
    assert by_row.table["probability"].iloc[0] == pytest.approx(0.3)
    assert by_name.table["probability"].iloc[0] == pytest.approx(0.3)
    assert both.table["probability"].iloc[0] == pytest.approx(0.4)


def aged(seed: int, fresh: float) -> pd.DataFrame:
    """Forecasters looked up to 60 days ago, and what is older than `fresh` days is of no use."""
    rng = np.random.default_rng(seed)
    questions, people = 300, 6
    rows = []
    for q in range(questions):
        ages = rng.uniform(0, 60, size=people)
        now = 1.5 * rng.normal()
        seen = np.where(ages < fresh, now, 1.5 * rng.normal(size=people))
        y = float(rng.random() < expit(now))
        rows += [
            (q, j, 100.0 - age, expit(value), y, 100.0)
            for j, (age, value) in enumerate(zip(ages, seen, strict=True))
        ]
    columns = ["question", "forecaster", "time", "probability", "outcome", "resolved"]
    return pd.DataFrame(rows, columns=columns)


def test_the_half_life_is_learned_from_how_fast_forecasts_go_stale() -> None:
    fast, slow = (crowd_of(aged(1, fresh)) for fresh in (10.0, 60.0))
    assert half_life_of(fast, fast.weight) <= 7
    assert half_life_of(slow, slow.weight) >= 30
    timeless = crowd_of(aged(1, 10.0).drop(columns="time"))
    assert half_life_of(timeless, timeless.weight) == np.inf


def test_a_learned_half_life_forecasts_better_than_none() -> None:
    rows = aged(2, 10.0)
    rows["outcome"] = rows["outcome"].where(rows["question"] < 150)
    y = aged(2, 10.0).groupby("question")["outcome"].first()[150:]
    learned = pool(rows, "geometric_mean_of_odds").table["probability"][150:]
    flat = pool(rows, "geometric_mean_of_odds", half_life=np.inf).table["probability"][150:]
    assert logarithmic(learned, y).mean() < logarithmic(flat, y).mean() - 0.02


def test_skill_is_the_shrunken_mean_gain_over_the_others() -> None:
    """By hand: three forecasters, four questions, all of them answered by all."""
    p = np.array([[0.9, 0.2, 0.8, 0.1], [0.7, 0.4, 0.6, 0.3], [0.4, 0.6, 0.3, 0.5]])
    y = np.array([1.0, 0, 1, 0])
    table = pd.DataFrame(p.T, columns=["a", "b", "c"]).assign(question=range(4), outcome=y)
    loss = logarithmic(p, y)
    others = np.array([loss[[1, 2]].mean(axis=0), loss[[0, 2]].mean(axis=0), loss[:2].mean(axis=0)])
    relative = relative_losses(crowd_of(table))
    np.testing.assert_allclose(relative, others - loss, rtol=1e-9)
    means = (others - loss).mean(axis=1)
    within = ((others - loss - means[:, None]) ** 2).sum() / 9
    between = means.var(ddof=1) - within / 4  # DerSimonian and Laird's, for equal sizes
    found, without, tau = skill(relative)
    np.testing.assert_allclose(found, 4 * means / (4 + within / between), rtol=1e-9)
    assert tau == pytest.approx(np.sqrt(between))
    left = np.delete(relative[0], 1).sum() / (3 + within / between)
    assert without[0, 1] == pytest.approx(left)


def test_who_answers_hard_questions_is_not_less_skilled_for_it() -> None:
    """Two equal halves of a crowd: one was asked what is near one half, the other what is clear."""
    rng = np.random.default_rng(3)
    truth = np.concatenate([0.3 * rng.normal(size=150), 4 * np.sign(rng.normal(size=150))])
    y = (rng.random(300) < expit(truth)).astype(float)
    said = expit(truth + 0.3 * rng.normal(size=(12, 300)))
    said[:6, 150:], said[6:, :150] = np.nan, np.nan
    table = pd.DataFrame(said.T).assign(question=range(300), outcome=y)
    crowd = crowd_of(table.rename(columns=str))
    raw = np.nanmean(np.where(np.isnan(crowd.p), np.nan, -np.abs(crowd.p - crowd.y)), axis=1)
    hard = np.array([int(name) < 6 for name in crowd.forecasters])
    found, _, _ = skill(relative_losses(crowd))
    assert raw[hard].max() < raw[~hard].min() - 0.2  # scores alone would call them worse
    assert abs(found[hard].mean() - found[~hard].mean()) < 0.01


def test_forecasters_who_differ_by_luck_alone_have_no_skill() -> None:
    """Over a hundred crowds of equals, weights hardly leave one."""
    rng = np.random.default_rng(4)
    spreads = []
    for _ in range(100):
        truth = rng.normal(size=40)
        y = (rng.random(40) < expit(truth)).astype(float)
        said = expit(truth + 0.5 * rng.normal(size=(8, 40)))
        table = pd.DataFrame(said.T).rename(columns=str).assign(question=range(40), outcome=y)
        spreads.append(skill(relative_losses(crowd_of(table)))[0].std())
    assert np.median(spreads) < 0.01


def test_the_skilled_count_for_more_on_new_questions() -> None:
    rng = np.random.default_rng(5)
    truth = 1.5 * rng.normal(size=400)
    y = (rng.random(400) < expit(truth)).astype(float)
    noise = np.where(np.arange(10) < 2, 0.2, 2.0)[:, None]
    said = expit(truth + noise * rng.normal(size=(10, 400)))
    table = pd.DataFrame(said.T).rename(columns=str).assign(question=range(400), outcome=y)
    table["outcome"] = table["outcome"].where(table["question"] < 200)
    losses = {
        method: logarithmic(pool(table, method).table["probability"][200:], y[200:]).mean()
        for method in ("skilled", "extremised", "bayesian")
    }
    assert losses["skilled"] < losses["extremised"] - 0.01
    assert losses["skilled"] < losses["bayesian"]
    told = pool(table, "skilled").forecasters["skill"]
    assert told[["0", "1"]].min() > told.drop(["0", "1"]).max() + 0.1


def test_skill_needs_some_answers() -> None:
    table = pd.DataFrame({"question": range(8), "a": 0.9, "b": 0.6, "c": 0.3}).assign(outcome=1)
    table["guest"] = [0.99, 0.99] + [None] * 6
    found = pool(table, "skilled")
    assert found.forecasters["skill"]["guest"] == 0
    assert found.forecasters["skill"]["a"] > found.forecasters["skill"]["c"]


def test_one_forecaster_alone_has_nobody_to_be_compared_with() -> None:
    table = pd.DataFrame({"question": range(6), "a": [0.9, 0.1] * 3}).assign(outcome=[1, 0] * 3)
    assert pool(table, "skilled").forecasters["skill"].tolist() == [0.0]
    pooled = pool(table, "extremised").table["probability"]
    np.testing.assert_allclose(pool(table, "skilled").table["probability"], pooled)
    assert logit(pooled.iloc[0]) > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: pool(d, "mean", weights={"ann": 2}), "names? a forecaster who is not.*'ann'"),
        (lambda d: pool(d, "mean", weights={"a": 0}), "weight of 'a' must be a number above 0"),
        (lambda d: pool(d, "mean", half_life=0), "half-life is a number of days above 0"),
        (lambda d: pool(d, "mean", half_life="a week"), "half-life is a number of days above 0"),
        (lambda _: mean([0.2, 0.3], [1, 0]), "a weight is a number above 0"),
        (lambda _: mean([0.2, 0.3], [1, 2, 3]), "weights do not fit"),
    ],
)
def test_what_is_no_weight_is_refused(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(pd.DataFrame({"question": ["q"], "a": [0.2], "b": [0.3]}))
