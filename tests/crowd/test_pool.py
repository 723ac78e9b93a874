import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import benchmarks.crowd as benchmark
from forecast.crowd import METHODS, pool
from forecast.crowd._bayesian import fit
from forecast.crowd._table import crowd_of
from forecast.errors import InputError
from forecast.evidence import Evidence
from forecast.scoring import brier
from forecast.testing import assert_calibrated


def world(
    rng: np.random.Generator, questions: int, forecasters: int, *, answers: float = 1.0
) -> tuple[pd.DataFrame, np.ndarray]:
    """Forecasters who see the truth with shared and private noise; every third leans upwards."""
    truth = 1.5 * rng.normal(size=questions)
    shared = 0.5 * rng.normal(size=questions)
    noise = np.where(np.arange(forecasters) % 2, 0.4, 1.6)[:, None]
    lean = np.where(np.arange(forecasters) % 3, 0.0, 1.2)[:, None]
    said = 0.6 * (truth + shared) + noise * rng.normal(size=(forecasters, questions)) + lean
    rows = pd.DataFrame(
        {
            "question": np.tile(np.arange(questions), forecasters),
            "forecaster": np.repeat([f"f{j:02d}" for j in range(forecasters)], questions),
            "probability": expit(said).ravel(),
        }
    )
    y = (rng.random(questions) < expit(truth)).astype(float)
    rows["outcome"] = y[rows["question"]]
    kept = rng.random(len(rows)) < answers
    kept[:questions] = True
    return rows[kept], y


def half_open(rows: pd.DataFrame, questions: int) -> pd.DataFrame:
    return rows.assign(outcome=rows["outcome"].where(rows["question"] < questions // 2))


def test_it_is_calibrated_and_beats_every_average_on_new_questions() -> None:
    rows, y = world(np.random.default_rng(1), 400, 12, answers=0.7)
    new = slice(200, 400)
    found = {m: pool(half_open(rows, 400), m).table["probability"].to_numpy()[new] for m in METHODS}
    losses = {method: brier(p, y[new]).mean() for method, p in found.items()}
    others = [loss for method, loss in losses.items() if method not in {"bayesian", "skilled"}]
    assert max(losses["bayesian"], losses["skilled"]) < min(others)
    assert_calibrated(found["bayesian"], y[new])


def test_it_learns_who_leans_and_who_is_noisy() -> None:
    rows, _ = world(np.random.default_rng(2), 300, 12, answers=0.4)
    found = pool(rows).forecasters
    number = np.arange(12)
    assert found["shift"][number % 3 == 0].mean() < found["shift"][number % 3 != 0].mean() - 0.1
    assert found["weight"][number % 2 == 1].mean() > found["weight"][number % 2 == 0].mean() + 0.2
    assert found["answers"].sum() == len(rows)


def test_without_outcomes_it_extremises_by_how_many_spoke() -> None:
    """By the prior: medians 0.9 for one forecaster, 1.8 for very many."""
    sizes = [1, 2, 10, 40]
    rows = pd.DataFrame(
        [(f"q{n:02d}", f"f{j}", 0.7) for n in sizes for j in range(n)],
        columns=["question", "forecaster", "probability"],
    )
    table = pool(rows).table
    assert table["forecasters"].tolist() == sizes
    assert (np.diff(table["extremising"]) > 0).all()
    assert 0.8 < table["extremising"].iloc[0] < 1.1
    assert 1.5 < table["extremising"].iloc[-1] < 3.0
    assert (np.diff(table["probability"]) > 0).all()
    assert ((table["low"] < table["probability"]) & (table["probability"] < table["high"])).all()


def test_more_is_gained_by_many_where_less_is_shared() -> None:
    rng = np.random.default_rng(3)
    truth = 1.5 * rng.normal(size=300)
    limits = {}
    for shared, private in ((1.2, 0.2), (0.0, 1.5)):
        errors = shared * rng.normal(size=300) + private * rng.normal(size=(8, 300))
        rows = pd.DataFrame(
            {
                "question": np.tile(np.arange(300), 8),
                "forecaster": np.repeat(np.arange(8), 300),
                "probability": expit(0.6 * truth + errors).ravel(),
            }
        )
        asked = rng.integers(1, 9, size=300)
        rows = rows[rows["forecaster"].to_numpy() < asked[rows["question"]]]
        y = (rng.random(300) < expit(truth)).astype(float)
        found = pool(rows.assign(outcome=y[rows["question"]])).parameters["mean"]
        limits[shared] = found["many"] / found["one"]
    assert limits[0.0] > 1.1 * limits[1.2]


def test_it_learns_how_far_linked_questions_hang_together() -> None:
    rng = np.random.default_rng(4)
    truth, common = rng.normal(size=160), 2.0 * np.repeat(rng.normal(size=40), 4)
    y = (rng.random(160) < expit(truth + common)).astype(float)
    rows = pd.DataFrame(
        {
            "question": np.tile(np.arange(160), 4),
            "forecaster": np.repeat(np.arange(4), 160),
            "probability": expit(truth + 0.5 * rng.normal(size=(4, 160))).ravel(),
        }
    )
    rows["outcome"] = y[rows["question"]]
    linked = pool(rows.assign(cluster=rows["question"] // 4)).parameters["mean"]["link_spread"]
    shuffled = pool(rows.assign(cluster=rows["question"] % 40)).parameters["mean"]["link_spread"]
    assert linked > 1.0
    assert shuffled < 0.6 * linked


def test_the_order_of_rows_does_not_matter_and_equal_input_gives_equal_bits() -> None:
    rows, _ = world(np.random.default_rng(5), 40, 5, answers=0.6)
    first = pool(rows).table
    pd.testing.assert_frame_equal(first, pool(rows.sample(frac=1, random_state=1)).table)


def test_another_seed_changes_little() -> None:
    rows, _ = world(np.random.default_rng(6), 100, 8)
    tables = [pool(half_open(rows, 100), seed=seed).table["probability"] for seed in (1, 2)]
    assert (tables[0] - tables[1]).abs().max() < 0.02
    crowd = crowd_of(rows)
    assert fit(crowd, crowd.weight, seed=1).effective_draws > 40


def test_forecasters_all_alike_are_no_trouble() -> None:
    rows = pd.DataFrame(
        {"question": [1, 1, 2, 2], "forecaster": ["a", "b"] * 2, "probability": [0.5] * 4}
    )
    assert pool(rows.assign(outcome=[1, 1, 0, 0])).table["probability"].between(0.3, 0.7).all()


def test_extremising_is_fitted_to_what_is_resolved() -> None:
    rows, _ = world(np.random.default_rng(7), 60, 5)
    table = pool(half_open(rows, 60), "extremised").table
    assert (table["extremising"] == table["extremising"].iloc[0]).all()
    assert pool(half_open(rows, 60), "mean").table["extremising"].isna().all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop(columns="forecaster"), "no column 'forecaster'"),
        (lambda d: d.iloc[:0], "has no rows"),
        (lambda d: pd.concat([d, d.iloc[:1]]), "'a' has two forecasts of one question.*'1'"),
        (lambda d: d.assign(probability=1.5), "a probability lies between 0 and 1"),
        (lambda d: d.assign(outcome=[1, 0, 1, 1]), "more than one outcome.*'1'"),
        (lambda d: d.assign(outcome=[1, None, 1, 1]), "more than one outcome.*'1'"),
        (lambda d: d.assign(outcome=0.4), "an outcome is yes or no, or missing"),
        (lambda d: d.assign(outcome="perhaps"), "an outcome is yes or no, or missing.*'perhaps'"),
        (lambda d: d.assign(cluster=["x", "y", "z", "z"]), "more than one cluster"),
        (lambda d: d.assign(cluster=["x", None, "z", "z"]), "more than one cluster"),
        (
            lambda d: d.assign(question=[1, 1, None, None]),
            "row 3, question: a forecast has no question",
        ),
        (lambda d: d.assign(forecaster=["a", "b", None, "b"]), "a forecast has no forecaster"),
    ],
)
def test_what_is_no_table_of_forecasts_is_refused(change, message: str) -> None:
    rows = pd.DataFrame(
        {"question": [1, 1, 2, 2], "forecaster": ["a", "b"] * 2, "probability": [0.5] * 4}
    )
    with pytest.raises(InputError, match=message):
        pool(change(rows), "mean")


SAID = pd.DataFrame(
    {
        "question": ["pact", "pact", "army", "army", "strike", "strike"],
        "forecaster": ["x", "y"] * 3,
        "probability": [0.2, 0.3, 0.7, 0.8, 0.5, 0.6],
        "outcome": [1, 1, 0, 0, None, None],
        "cluster": ["war", "war", None, None, None, None],
    }
)


@pytest.mark.parametrize(
    "change",
    [
        {"question": lambda d: pd.Categorical(d, ["void", "strike", "pact", "none", "army"])},
        {"question": lambda d: pd.Categorical(d, ["strike", "pact", "army"], ordered=True)},
        {"forecaster": lambda d: pd.Categorical(d, ["y", "nobody", "x"])},
        {"cluster": lambda d: pd.Categorical(d, ["peace", "war"])},
        {"outcome": pd.Categorical},
        {"question": lambda d: d.astype("string"), "cluster": lambda d: d.astype("string")},
        {"outcome": lambda d: d.astype("Int64"), "cluster": lambda d: d.fillna("")},
        {"cluster": lambda _: ["war", "war", None, np.nan, "", pd.NA]},
    ],
)
def test_however_a_table_is_typed_it_says_the_same(change) -> None:
    """Outcomes stay with their questions; a question without a cluster is one of its own."""
    told = SAID.assign(**{name: turn(SAID[name]) for name, turn in change.items()})
    crowd = crowd_of(told)
    assert crowd.questions.tolist() == ["army", "pact", "strike"]
    np.testing.assert_array_equal(crowd.p, [[0.7, 0.2, 0.5], [0.8, 0.3, 0.6]])
    np.testing.assert_array_equal(crowd.y, [0, 1, np.nan])
    assert crowd.cluster.tolist() == [1, 0, 2]
    for method in METHODS:
        expected = pool(SAID, method).table["probability"]
        np.testing.assert_array_equal(pool(told, method).table["probability"], expected)


def test_questions_without_a_cluster_are_not_linked() -> None:
    alone = SAID.assign(cluster=["a", "a", "b", "b", "c", "c"])
    for nothing in (None, np.nan):
        found = pool(SAID.assign(cluster=nothing)).table
        pd.testing.assert_frame_equal(found, pool(alone).table)


def test_a_method_has_a_name_and_what_it_needs() -> None:
    rows, _ = world(np.random.default_rng(8), 4, 2)
    with pytest.raises(InputError, match="Did you mean 'median'"):
        pool(rows, "medien")
    with pytest.raises(InputError, match=r"there are none.*Add a column outcome"):
        pool(rows.drop(columns="outcome"), "extremised")


def test_the_page_shows_the_kept_results() -> None:
    kept = json.loads(benchmark.RESULT.read_text(encoding="utf-8"))
    assert benchmark.shown() == benchmark.table(kept)


def test_the_kept_result_of_the_smallest_set_is_found_again() -> None:
    kept = json.loads(benchmark.RESULT.read_text(encoding="utf-8"))["replicats"]
    again = benchmark.compare(benchmark.held_out(benchmark.read("replicats"), 25))
    for rule in ("brier", "logarithmic"):
        for method in METHODS:
            assert again[rule][method] == pytest.approx(kept[rule][method], abs=2e-4)


def test_a_pool_becomes_an_opinion() -> None:
    rows = pd.DataFrame({"question": ["q7", "q8"], "ann": [0.2, 0.0], "ben": [0.4, 0.0]})
    found = pool(rows, "mean")
    told = {"event": "pact", "by": "2025-01-01", "source": "crowd", "at": "2024-07-01"}
    item = found.opinion("q7", **told)
    assert item.kind == "forecast"
    assert (item.source, item.event) == ("crowd", "pact")
    assert item.probability == pytest.approx(0.3)
    assert len(Evidence(items=[item, found.opinion("q8", **(told | {"event": "vote"}))])) == 2
    assert found.opinion("q8", **told).probability == pytest.approx(0.01)  # never certain
    with pytest.raises(InputError, match=r"no such question was pooled.*Did you mean 'q7'"):
        found.opinion("q77", **told)
    with pytest.raises(InputError, match="forecasts nothing"):
        found.opinion("q7", **(told | {"by": "2024-01-01"}))


def test_an_option_becomes_an_opinion() -> None:
    rows = pd.DataFrame({"question": "who", "option": ["x", "y"], "ann": [0.3, 0.7]})
    found = pool(rows, "mean")
    item = found.opinion(("who", "y"), event="y_wins", by="2025-01-01", source="c", at="2024-07-01")
    assert item.probability == pytest.approx(0.7)
