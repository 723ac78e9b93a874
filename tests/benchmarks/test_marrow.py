"""The benchmark of bone-marrow transplants, on made-up patients in the layout of the registry's."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import expm

import forecast as fc
from benchmarks import record
from benchmarks.marrow import data, ours, page, references, run, scoring, states
from benchmarks.marrow.courses import courses
from benchmarks.marrow.data import COLUMNS, COVARIATES, LEVELS, Histories, Patients
from benchmarks.marrow.references import Proportional, combined
from forecast.errors import InputError
from forecast.history.event_history import Columns, fit_flat
from tests.tolerances import SAME_ALGEBRA

RATES = {"rec": 3.0, "ae": 2.0, "rel": 0.8, "srv": 0.6}  # a year, to the first of each


def write(folder: Path, count: int = 240, seed: int = 5) -> Path:
    """Write made-up patients: adverse events double the rate of death, a relapse eightfolds it."""
    rng = np.random.default_rng(seed)
    rec, ae, rel = (
        rng.exponential(365 / RATES[k], count).round() + 1 for k in ("rec", "ae", "rel")
    )
    death = np.full(count, np.inf)
    hazard, begin = np.full(count, RATES["srv"] / 365), np.zeros(count)
    for when, ratio in ((ae, 2.0), (rel, 8.0)):  # as if the adverse event were always first
        drawn = begin + rng.exponential(1 / hazard)
        death = np.where(np.isinf(death) & (drawn < when), drawn, death)
        begin, hazard = np.maximum(begin, when), hazard * ratio
    death = np.where(np.isinf(death), begin + rng.exponential(1 / hazard), death).round() + 1
    last = rng.uniform(400, 2500, count).round()
    end = np.minimum(death, last)
    table = pd.DataFrame({"id": np.arange(count)})
    for name, when in {"rec": rec, "ae": ae, "rel": rel, "srv": death}.items():
        stop = np.minimum(end, rel) if name in {"rec", "ae"} else end
        came = when <= stop
        table[name], table[f"{name}.s"] = np.where(came, when, stop), came.astype(int)
    for name, levels in LEVELS.items():
        table[name] = rng.choice(levels, count)
    (folder / data.FOLDER).mkdir(parents=True)
    table.to_csv(folder / data.FOLDER / data.FILE, index=False)
    return folder


@pytest.fixture
def patients(tmp_path: Path) -> Patients:
    return data.read(write(tmp_path) / data.FOLDER)


def test_faults_are_told_all_at_once_with_file_line_and_field(tmp_path: Path) -> None:
    file = write(tmp_path) / data.FOLDER / data.FILE
    rows = pd.read_csv(file)
    rows.loc[3, "year"], rows.loc[5, "rel"] = "2004", -1
    rows.to_csv(file, index=False)
    with pytest.raises(InputError) as told:
        data.read(file.parent)
    assert [fault.field for fault in told.value.faults] == ["year", "rel"]
    assert told.value.faults[1].line == 7
    with pytest.raises(InputError, match="--data DIR"):
        data.read(tmp_path / "nowhere")


def test_two_events_of_one_day_come_one_after_the_other(tmp_path: Path) -> None:
    file = write(tmp_path) / data.FOLDER / data.FILE
    rows = pd.read_csv(file)
    rows.loc[0, [*COLUMNS, *(f"{event}.s" for event in COLUMNS)]] = [9, 9, 9, 9, 1, 1, 1, 1]
    rows.to_csv(file, index=False)
    onset = data.read(file.parent).histories.onset
    assert [round(onset[name][0], 9) for name in COLUMNS.values()] == [9.0, 9.1, 9.2, 9.3]


def test_courses_add_up_to_the_time_under_observation_and_to_all_events(patients: Patients) -> None:
    rows = courses(patients)
    length = (rows["stop"] - rows["start"]).groupby(rows["patient"]).sum()
    assert length.to_numpy() == pytest.approx(patients.end)
    counted = rows["came"].value_counts()
    for event in states.EVENTS:
        assert counted[event] == np.isfinite(states.onset_of(patients, event)).sum()


def test_a_forecaster_sees_nothing_later_than_the_day_and_nobody_of_its_own_fold(
    patients: Patients,
) -> None:
    """Whatever it is: what it gets is the history to that day, of those alive then."""
    named = replace(patients, period=np.arange(len(patients)).astype(str))
    seen: list[tuple[Patients, Histories, int]] = []

    def spy(known: Patients) -> references.Forecast:
        def forecast(asked: Histories, day: int) -> np.ndarray:
            seen.append((known, asked, day))
            return np.zeros((len(asked.covariates), 2, 2))

        return forecast

    found = run.said(named, spy)
    assert len(seen) == run.FOLDS * len(states.DAYS)
    for known, asked, day in seen:
        for when in asked.onset.values():
            assert ((when <= day) | np.isinf(when)).all()
        assert np.isinf(asked.onset["death"]).all()
        others = ~np.isin(named.period, known.period) & (named.end > day)
        left_out = named.some(others).histories.until(day)
        for event, when in asked.onset.items():
            assert (when == left_out.onset[event]).all()
    for day in states.DAYS:
        assert (np.isnan(found[day][:, 0, 0]) == (named.end <= day)).all()


@pytest.mark.parametrize("day", states.DAYS)
def test_a_forecast_is_the_same_whatever_comes_after_its_day(patients: Patients, day: int) -> None:
    """By landmark: another future of those asked, the same forecast of Aalen-Johansen and ours."""
    alive = patients.some(patients.end > day)
    asked = alive.histories.until(day)
    future = {
        event: np.where(when > day, day + 1.0, when)
        for event, when in alive.histories.onset.items()
    }
    other = Histories(future, alive.histories.covariates).until(day)
    forecast = references.aalen_johansen(patients)
    assert (forecast(asked, day) == forecast(other, day)).all()
    assert all((asked.onset[event] == other.onset[event]).all() for event in asked.onset)


def test_exponentials_are_scipys(rng: np.random.Generator) -> None:
    rates = {event: rng.gamma(1.0, 3.0, (4, states.ALIVE)) for event in states.EVENTS}
    matrices = states.generator(rates)
    assert matrices.sum(axis=-1) == pytest.approx(np.zeros((4, states.STATES)))
    for matrix, found in zip(matrices, states.exponentials(matrices), strict=True):
        assert found == pytest.approx(expm(matrix), abs=1e-10)


def test_the_ten_states_are_the_networks_own() -> None:
    """Against the library's filter on a network of known numbers, history observed to a day."""
    numbers = {"platelets": 3.0, "adverse": 2.0, "relapse": 0.7, "death": 0.4,
               "death_after_relapse": 1.5}  # fmt: skip
    stated = ours.network().edited(
        event={event: {"rate": f"{rate} per year"} for event, rate in numbers.items()},
        link={
            link.id: {"hazard_ratio": "x1.8" if link.parent == "adverse" else "x0.6"}
            for link in ours.network().links
            if link.kind == "multiplies"
        },
    )
    history = fc.Evidence(
        [
            fc.Observation(id=event, event=event, published="1985-04-10", state=state,
                           speaks_of="1985-04-10")
            for event, state in {"platelets": "on", "adverse": "off", "relapse": "off",
                                 "death": "off", "death_after_relapse": "off"}.items()
        ]
    )  # fmt: skip
    post = fc.update(stated, history, as_of="1985-04-10", draws=512)
    rates = {}
    for event, rate in numbers.items():
        state = np.arange(states.ALIVE)
        factor = np.where(state & 1 > 0, 0.6, 1.0) * np.where(state & 2 > 0, 1.8, 1.0)
        own = states.BITS.get(event)
        if own in {1, 2}:  # nothing acts on itself
            factor = np.where(state & (3 - own) > 0, 1.8 if own == 1 else 0.6, 1.0)
        rates[event] = rate * factor
    ahead = 365 / ours.YEAR
    transition = states.exponentials(states.generator(rates) * ahead)[None]
    relapse, death = states.chances(transition, np.array([1]))[0]
    by = "1986-04-10"
    assert post.probability("relapse", by=by).mean == pytest.approx(relapse, abs=2e-4)
    either = [post.probability(event, by=by).mean for event in ("death", "death_after_relapse")]
    assert sum(either) == pytest.approx(death, abs=2e-4)  # weekly steps


def test_the_product_integral_of_a_steady_rise_is_the_exponential() -> None:
    days = np.arange(1.0, 1500.0, 0.5)
    per_day = {"platelets": 8e-3, "adverse": 4e-3, "relapse": 1e-3, "death": 5e-4,
               "death_after_relapse": 3e-3}  # fmt: skip

    def fit(rate: float) -> Proportional:
        flat = np.zeros(1)
        return Proportional(days, np.full(len(days), rate * 0.5), ("relapse",), flat, flat, flat)

    forecast = combined({move: fit(per_day[move.event]) for move in states.MOVES})
    nothing = {event: np.array([np.inf]) for event in COLUMNS.values()}
    asked = Histories(nothing, np.zeros((1, len(COVARIATES))))
    found = forecast(asked, 100)[0]
    matrix = states.generator({e: np.full(states.ALIVE, r) for e, r in per_day.items()})
    for k, ahead in enumerate(states.HORIZONS):
        expected = states.chances(expm(matrix * ahead)[None], np.array([0]))[0]
        assert found[k] == pytest.approx(expected, abs=2e-3)  # of half-day steps


def test_incidence_without_censoring_is_a_share(patients: Patients) -> None:
    onset = {event: when.copy() for event, when in patients.histories.onset.items()}
    onset["death"] = np.where(np.isinf(onset["death"]), patients.end, onset["death"])
    everyone = replace(patients, histories=Histories(onset, patients.histories.covariates))
    for what in states.OUTCOMES:
        share = (onset[what] <= 700).mean()
        assert references.incidence(everyone, 700, what) == pytest.approx(share, rel=SAME_ALGEBRA)


def test_weights_make_up_for_who_was_lost() -> None:
    """Kaplan-Meier by hand: of four, one is lost on day 2 and one on day 4."""
    end = np.array([2.0, 3.0, 4.0, 9.0])
    lost = np.array([True, False, True, False])
    kept = scoring.kept_on(end, lost, np.array([2.0, 2.5, 4.0, 8.0]))
    assert kept == pytest.approx([1, 3 / 4, 3 / 4, 3 / 8], rel=SAME_ALGEBRA)


def test_the_weighted_score_is_that_of_the_same_patients_all_followed(tmp_path: Path) -> None:
    found = data.read(write(tmp_path, 6000, seed=8) / data.FOLDER)
    for what in states.OUTCOMES:
        question = scoring.asked(found, 100, 730, what)
        assert question.weight.sum() == pytest.approx(question.at_risk.sum(), rel=0.03)
        dead = scoring.asked(found, 100, 200, what)  # nobody is lost before day 400
        assert set(dead.weight[dead.at_risk].round(9)) == {1.0}


def test_differences_are_means_and_resamples_keep_a_patients_questions_together(
    rng: np.random.Generator,
) -> None:
    ours_loss, theirs = rng.random(300), rng.random(300)
    drawn = scoring.resampled(300)
    one = [np.ones(300)]
    mean, low, high = scoring.mean_difference([ours_loss], [theirs], one, drawn)
    assert mean == pytest.approx((theirs - ours_loss).mean(), rel=SAME_ALGEBRA)
    error = (theirs - ours_loss).std() / np.sqrt(300)
    assert (high - low) / 2 == pytest.approx(1.645 * error, rel=0.06)  # 4,000 resamples
    twice = scoring.mean_difference([ours_loss] * 2, [theirs] * 2, one * 2, drawn)
    assert twice == pytest.approx([mean, low, high], rel=SAME_ALGEBRA)


def by_partial_likelihood(
    rows: pd.DataFrame, events: list[str], columns: list[str]
) -> Proportional:
    """Stand in for lifelines, which is in the benchmarks' own group: our Cox fit, and Breslow."""
    came = rows["came"].isin(events).to_numpy()
    table = rows[["start", "stop", *columns]].reset_index(drop=True).assign(event=came.astype(int))
    fit = fit_flat(table, Columns(), draws=100)
    beta = np.array([fit.mode[name] for name in columns])
    x = table[list(columns)].to_numpy()
    hazard = np.exp((x - x.mean(axis=0)) @ beta)
    days = np.unique(table["stop"][came])
    there = (table["start"].to_numpy()[:, None] < days) & (
        table["stop"].to_numpy()[:, None] >= days
    )
    counts = (came[:, None] & (table["stop"].to_numpy()[:, None] == days)).sum(axis=0)
    error = np.array([fit.standard_error[name] for name in columns])
    return Proportional(
        days, counts / (hazard @ there), tuple(columns), x.mean(axis=0), beta, error
    )


def test_the_whole_runs_on_made_up_patients_and_keeps_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "proportional", by_partial_likelihood)
    monkeypatch.setattr(record, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(run, "FOLDS", 2)
    monkeypatch.setattr(ours, "EDGES", (60, 365))
    chosen = {name: learn for name, learn in run.FORECASTERS.items() if name != "eventcast_wide"}
    monkeypatch.setattr(run, "FORECASTERS", chosen)
    names = {name: title for name, title in page.NAMES.items() if name in chosen}
    monkeypatch.setattr(page, "NAMES", names)
    run.run(write(tmp_path / "data", 1200))
    found = record.kept(page.PART)
    assert len(found["six"]) == 6
    assert len(found["questions"]) == 12
    assert found["coefficients"]["furthest"] < 1e-6  # the stand-in is the same fit
    for each in found["questions"]:
        assert 0 < each["came"] < 1
        assert 0 < each["brier"]["eventcast"] < 0.26
        assert abs(each["brier"]["eventcast"] - each["brier"]["cox"]) < 0.01
    assert longest(found) < 50
    assert "Bone-marrow transplants" in page.section()


def longest(found: object) -> int:
    """Return how many numbers stand in the longest list of what is kept."""
    if isinstance(found, dict):
        return max((longest(value) for value in found.values()), default=0)
    if isinstance(found, list):
        return max([len(found), *(longest(value) for value in found)])
    return 0


def test_what_is_kept_says_what_its_headline_says_and_has_no_rows() -> None:
    found = json.loads((record.RESULTS / f"{page.PART}.json").read_text(encoding="utf-8"))
    assert found["headline"] == page.headline(found)
    assert longest(found) < 50
    assert found["coefficients"]["furthest"] < 0.1
