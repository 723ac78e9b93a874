"""The benchmark on political events, on a made-up world: what it knows, says and keeps."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks import does_it_help, record, results_page, truth
from benchmarks.political import model, references, run, scores
from benchmarks.political.data import GOVERNMENT, Log, Records, read
from benchmarks.political.features import LONGEST, Grid, by_attempt, table
from benchmarks.political.model import EVENTS, Settings
from benchmarks.political.page import headline
from benchmarks.political.scores import FORECASTERS, PUBLISHED, summary, with_peer
from forecast.errors import InputError
from forecast.scoring import logarithmic
from tests.benchmarks.states import CODES, PEER, scramble, write_world

ORIGIN = 2012
FEW = Settings(draws=200)
CLOSE = 1e-12


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def said(world: Path) -> pd.DataFrame:
    return run.forecasts(read(world)[0], PEER, FEW)


@pytest.fixture(scope="module")
def kept(world: Path, said: pd.DataFrame) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scores, "RESAMPLES", 199)
        patch.setattr(scores, "ROC_RESAMPLES", 19)
        return summary(said, read(world)[1])


def small(**logs: Log) -> Records:
    none = Log(np.zeros(0, np.int64), np.zeros(0))
    government = pd.DataFrame(
        [
            {"state": state, "year": year, **dict.fromkeys(GOVERNMENT, 0),
             "age": year - 1900, "government": "Military"}
            for state in (10, 410)
            for year in range(1950, 1975)
        ]
    )  # fmt: skip
    return Records(
        spells=pd.DataFrame({"state": [10, 410], "start": [1900.0, 1960.5], "stop": [np.inf] * 2}),
        attempts=logs.get("attempts", none),
        exits=logs.get("exits", none),
        onsets=logs.get("onsets", none),
        government=government,
        borders=pd.DataFrame({"one": [10], "other": [410], "year": [1960]}),
    )


def row(features: pd.DataFrame, state: int, year: int) -> "pd.Series[float]":
    return features[(features["state"] == state) & (features["year"] == year)].iloc[0]


def test_past_events_count_less_as_they_recede() -> None:
    log = Log(np.array([10, 10]), np.array([1969.25, 1970.5]))
    features = table(small(attempts=log), 1974)
    found = row(features, 10, 1972)
    for tau in (1, 20):
        ages = np.array([1972 - 1969.25, 1972 - 1970.5])
        assert found[f"attempt {tau}"] == pytest.approx(np.log1p(np.exp(-ages / tau).sum()), CLOSE)
    assert found["attempt since"] == pytest.approx(np.log1p(1.5), CLOSE)
    assert found["attempt in 5 years"] == 2
    assert row(features, 10, 1974)["attempt in 5 years"] == 2  # 1969 to 1973
    assert row(features, 10, 1970)["attempt in 5 years"] == 1
    assert row(features, 10, 1969)["attempt 1"] == 0
    assert row(features, 10, 1969)["attempt since"] == pytest.approx(np.log1p(LONGEST), CLOSE)
    assert row(features, 410, 1972)["attempt 1"] == 0
    assert row(features, 410, 1972)["attempt near"] == pytest.approx(
        np.log1p(np.exp(-2.75) + np.exp(-1.5)), CLOSE
    )


def test_a_state_is_there_from_the_first_of_january_after_it_began() -> None:
    features = table(small(), 1974)
    assert features[features["state"] == 410]["year"].min() == 1961
    assert row(features, 410, 1961)["independent"] == pytest.approx(np.log1p(0.5), CLOSE)
    assert row(features, 410, 1961)["age"] == 60  # the government of December 1960
    assert row(features, 410, 1961)["military"] == 1


def test_a_regions_rate_is_drawn_to_the_worlds() -> None:
    log = Log(np.full(5, 10), np.arange(1965.5, 1970.5))
    features = table(small(attempts=log), 1974)
    years = 10 + 10  # of both states, 1962 to 1971
    base = 6 / (years + 20)
    assert row(features, 10, 1972)["attempt region"] == pytest.approx(
        np.log((5 + 20 * base) / (10 + 20)), CLOSE
    )
    assert row(features, 410, 1972)["attempt region"] == pytest.approx(
        np.log(20 * base / (10 + 20)), CLOSE
    )


def test_an_exit_within_a_month_of_an_attempt_is_put_down_to_it() -> None:
    attempts = Log(np.array([10, 10, 410]), np.array([1960.0, 1965.0, 1970.0]))
    exits = Log(np.array([10, 10, 10, 10]), np.array([1959.995, 1960.05, 1965.2, 1970.0]))
    assert by_attempt(small(attempts=attempts, exits=exits)).tolist() == [True, True, False, False]


def test_counts_stay_inside_the_grid() -> None:
    grid = Grid(np.array([10, 410]), np.arange(1940, 1951))
    log = Log(np.array([10, 410, 999, 10]), np.array([1939.5, 1950.5, 1945.5, 1951.5]))
    assert grid.counts(log).sum() == 1


def test_shares_are_counted_by_year() -> None:
    attempts = Log(np.array([10, 10, 410]), np.array([1960.1, 1960.5, 1970.0]))
    records = small(attempts=attempts, exits=Log(np.array([10]), np.array([1960.51])))
    share = model.share_with_exit(table(records, 1974), records, Settings(draws=20_000))
    assert share.mean() == pytest.approx(0.5, abs=0.01)  # Beta(1.5, 1.5): one of two state-years
    assert share.var() == pytest.approx(0.0625, rel=0.05)


def test_nothing_later_than_the_origin_changes_a_forecast(
    tmp_path: Path, said: pd.DataFrame
) -> None:
    scramble(write_world(tmp_path), ORIGIN)
    changed, _ = read(tmp_path)
    features = table(changed.until(ORIGIN), ORIGIN)
    assert (features["year"] == ORIGIN).sum() == len(CODES)
    for rows in run.of_year(changed.until(ORIGIN), ORIGIN, FEW):
        before = said[(said["year"] == ORIGIN) & (said["event"] == rows.attrs["event"])]
        for name in FORECASTERS:
            if name in rows:
                assert rows[name].tolist() == before[name].tolist()


def test_every_forecaster_gives_probabilities_and_knows_the_restless(said: pd.DataFrame) -> None:
    names = [name for name in FORECASTERS if name in said]
    assert set(names) == set(FORECASTERS) - {"forest"}
    assert ((said[names] > 0) & (said[names] < 1)).all(axis=None)
    attempts = said[said["event"] == "attempt"]
    restless = attempts["state"] % 20 == 10
    for name in set(names) - {"climatology"}:
        assert attempts[name][restless].mean() > 2 * attempts[name][~restless].mean()


def test_climatology_and_own_rates_are_counts() -> None:
    past = pd.DataFrame({"state": np.repeat([1, 2], 30), "year": np.tile(range(1960, 1990), 2)})
    outcome = np.zeros(60)
    outcome[[0, 25, 29]] = 1  # of the first state, one of them more than 20 years ago
    now = pd.DataFrame({"state": [1, 2, 3]})
    base = 2 / 40
    assert references.climatology(past, outcome, now) == pytest.approx([base] * 3, CLOSE)
    assert references.own_rate(past, outcome, now) == pytest.approx(
        [(3 + 10 * base) / 40, 10 * base / 40, base], CLOSE
    )


def test_a_logistic_regression_meets_its_likelihood_equations(world: Path) -> None:
    records, _ = read(world)
    features = table(records, 2000)
    outcome = (~np.isnan(model.came(features, records.attempts))).astype(float)
    names = ("attempt since", "lastelection")
    p = references.logistic(features, outcome, features, names)
    chosen = (features["year"] >= model.FIRST).to_numpy()
    x = np.column_stack([np.ones(len(features)), features[list(names)]])[chosen]
    # at the maximum the residuals are orthogonal to every covariate; lbfgs stops at 1e-4
    assert x.T @ (outcome - p)[chosen] / chosen.sum() == pytest.approx(np.zeros(3), abs=1e-3)


def test_scores_are_means_over_the_state_years(said: pd.DataFrame, kept: dict[str, Any]) -> None:
    attempts = said[said["event"] == "attempt"]
    scored = kept["events"]["attempt"]["periods"]["2011-2014"]
    assert scored["state_years"] == len(attempts) == len(PEER) * len(CODES)
    loss = {
        name: logarithmic(attempts[name], attempts["came"]).mean()
        for name in ("linked", "own_rate")
    }
    by = scored["forecasters"]
    assert by["linked"]["logarithmic"]["loss"] == pytest.approx(loss["linked"], abs=1e-6)
    gain, low, high = by["own_rate"]["logarithmic"]["gain"]
    assert gain == pytest.approx(loss["own_rate"] - loss["linked"], abs=1e-6)
    assert low < gain < high
    theirs = kept["events"]["attempt"]["periods"][PUBLISHED]
    assert theirs["state_years"] == len(PEER) * (len(CODES) - 1)  # the last state has no peer's
    assert "forest" in theirs["forecasters"]
    assert any("random forest" in sentence for sentence in headline(kept))


def test_a_peer_with_other_outcomes_is_refused(world: Path, said: pd.DataFrame) -> None:
    _, peer = read(world)
    attempts = said[said["event"] == "attempt"]
    with pytest.raises(InputError, match="outcomes differ"):
        with_peer(attempts, peer.assign(observed=1 - peer["observed"]))


def test_records_until_a_year_hold_nothing_later(world: Path) -> None:
    records, _ = read(world)
    known = records.until(1990)
    for log in (known.attempts, known.exits, known.onsets):
        assert log.time.max() < 1990
    assert known.government["year"].max() == 1989
    assert np.isinf(known.spells["stop"]).all()
    assert len(replace(known).until(1990).attempts.time) == len(known.attempts.time)


def test_every_fault_of_the_files_is_told_at_once(tmp_path: Path) -> None:
    place = write_world(tmp_path) / "political_events"
    (place / "neighbours.csv").unlink()
    coups = pd.read_csv(place / "coup_attempts.csv", dtype=str)
    coups.loc[2, "month"] = "May"
    coups.rename(columns={"outcome": "outcomes"}).to_csv(place / "coup_attempts.csv", index=False)
    with pytest.raises(InputError) as error:
        read(tmp_path)
    told = str(error.value)
    assert "neighbours.csv" in told
    assert "coup_attempts.csv:4: month: is not a number (got 'May')" in told
    assert "there is no column 'outcome'" in told


def test_the_benchmark_keeps_scores_and_writes_its_page(
    world: Path, said: pd.DataFrame, kept: dict[str, Any], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(run, "forecasts", lambda _: said)
    monkeypatch.setattr(run, "summary", lambda *_: kept)
    for module in (record, results_page):
        monkeypatch.setattr(module, "RESULTS", tmp_path)
    monkeypatch.setattr(results_page, "PICTURES", tmp_path)
    monkeypatch.setattr(does_it_help, "PAGE", tmp_path / "does-it-help.md")
    monkeypatch.setattr(does_it_help, "write", lambda: None)
    truth.run(world, ["political"])
    found = record.kept("truth_political")
    assert set(found["events"]) == set(EVENTS)
    assert found["headline"]
    results_page.write_pages()
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "### Political events of states" in page
    for name in ("political_calibration", "political_roc"):
        assert f"({name}.svg)" in page
        assert (tmp_path / f"{name}.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_a_folder_without_data_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"political: .*there is no file states\.csv"):
        truth.run(tmp_path)
