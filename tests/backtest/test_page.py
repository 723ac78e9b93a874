"""docs/backtest.md shows a replay of the files as they are; ``python -m benchmarks.replay``."""

import json
from typing import Any

import pandas as pd
import pytest

import benchmarks.replay as benchmark
from forecast.backtest import FORECASTERS
from forecast.backtest._questions import life_of
from forecast.backtest._scores import even_clusters, loss_table, score_table
from forecast.backtest._tasks import Task, estimate, inputs_of
from forecast.estimate._result import Settings
from forecast.time import parse_instant
from tests.tolerances import ROUNDED, SHOWN

DAY = parse_instant("2024-07-12")


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return json.loads(benchmark.RESULT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", benchmark.TABLES)
def test_the_page_shows_the_kept_result(kept: dict[str, Any], name: str) -> None:
    assert benchmark.shown(name) == benchmark.TABLES[name](kept)


def test_the_kept_result_is_of_the_network_the_evidence_and_the_resolutions_of_today(
    kept: dict[str, Any],
) -> None:
    """Where this fails, something it was made from has changed: run the benchmark again."""
    assert kept["inputs"] == benchmark.digest(*benchmark.inputs())


def test_the_scores_follow_from_what_was_said(kept: dict[str, Any]) -> None:
    dates = [parse_instant(day) for day in kept["dates"]]
    scored = benchmark.inputs()[2].scored
    lives = [life for each in scored if (life := life_of(each, dates)) is not None]
    assert {life.resolution.id for life in lives} == set(kept["said"])
    sayings = {
        (name, question): said[name] for question, said in kept["said"].items()
        for name in FORECASTERS
    }  # fmt: skip
    clusters = [life.resolution.together for life in lives]
    again = score_table(loss_table(lives, sayings), clusters).drop(columns="effective")
    there = pd.DataFrame(kept["scores"]).set_index(["rule", "forecaster"])
    pd.testing.assert_frame_equal(again, there.drop(columns="effective"), rtol=0, atol=ROUNDED)
    assert (len(set(clusters)), even_clusters(clusters)) == (
        kept["clusters"],
        kept["even_clusters"],
    )


def test_no_forecast_stands_on_a_day_after_its_question_was_answered(kept: dict[str, Any]) -> None:
    closed = {each.id: each.closed for each in benchmark.inputs()[2].scored}
    for question, said in kept["said"].items():
        assert all(parse_instant(day) < closed[question] for day in said["as_of"])
        assert all(len(said[name]) == len(said["as_of"]) for name in FORECASTERS)


@pytest.mark.parametrize("forecaster", ["no_links", "base_rate"])
def test_what_two_references_said_on_a_day_is_found_again(
    kept: dict[str, Any], forecaster: str
) -> None:
    """The two that take a second each; the others take the path sampler, later in the year."""
    network, evidence, resolutions = benchmark.inputs()
    asked = {
        each.id: each
        for each in resolutions.scored
        if "2024-07-12" in kept["said"].get(each.id, {"as_of": ()})["as_of"]
    }
    world, items = inputs_of(forecaster, network, evidence)
    deadlines = tuple(sorted({each.by for each in asked.values()}))
    settings = Settings(draws=kept["draws"], seed=kept["seed"])
    seen = items.as_of(DAY)
    came = estimate(Task(forecaster, world, seen, DAY, "published", deadlines, settings))
    found = {(each.event, each.by): each.probability for each in came.said}
    assert len(asked) > 8
    for name, each in asked.items():
        said = kept["said"][name]
        there = said[forecaster][said["as_of"].index("2024-07-12")]
        assert found[each.event, str(each.deadline)] == pytest.approx(there, abs=SHOWN)


def test_every_resolution_names_its_page_and_every_one_left_out_its_reason() -> None:
    _, _, resolutions = benchmark.inputs()
    assert all(each.citation.startswith("http") for each in resolutions)
    assert {each.id for each in resolutions if each.left_out} == {"q05", "q06", "q12", "q17", "q18"}
    assert len(resolutions.scored) == 13
