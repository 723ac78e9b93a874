"""Facts that depend on facts: what may be stated, what it means, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

import forecast as fc
from forecast.network import Event, Fixed, Link, LogitNormal, Network

DAYS: dict[str, Any] = {"name": "lungs", "start": "2024-01-01", "horizon": "2024-12-31"}
SMOKER = {"id": "smoker", "kind": "fact", "initially": "50% [40%, 60%]"}
AIR = {"id": "air", "kind": "fact", "outcomes": {"good": "60% [50%, 70%]", "bad": "the rest"}}
CANCER = {
    "id": "cancer",
    "kind": "fact",
    "given": ["smoker", "air"],
    "table": [
        {"when": {"smoker": True, "air": "bad"}, "initially": "10% [5%, 20%]"},
        {"when": {"smoker": True, "air": "good"}, "initially": "5%"},
        {"when": {"smoker": False}, "initially": 0},
    ],
}
STAGE = {
    "id": "stage",
    "kind": "fact",
    "given": ["cancer"],
    "table": [
        {"when": {"cancer": "on"}, "outcomes": {"none": 0, "early": "60%", "late": "the rest"}},
        {"when": {"cancer": "off"}, "outcomes": {"late": 0, "none": 1, "early": 0}},
    ],
}


def network(*events: dict[str, Any], links: tuple[Link, ...] = ()) -> Network:
    return Network(**DAYS, events=[Event(**fields) for fields in events], links=links)


def test_a_family_has_a_row_for_each_combination() -> None:
    found = network(SMOKER, AIR, CANCER, STAGE)
    air, cancer, stage = found.families
    assert air.nodes == ("air.good", "air.bad")
    assert [(p.name, p.values) for p in cancer.parents] == [
        ("smoker", (False, True)),
        ("air", ("good", "bad")),
    ]
    assert cancer.row_of == (2, 2, 1, 0)
    assert isinstance(cancer.rows[0][0].prior, LogitNormal)
    assert cancer.rows[2][0].prior == Fixed(0.0)
    assert cancer.rows[0][0].label == "cancer | smoker=on, air=bad"
    late = {c.label: c.prior for row in stage.rows for c in row}
    assert late["stage.late | cancer=on"] == Fixed(0.4)
    assert late["stage.none | cancer=off"] == Fixed(1.0)
    assert [node.id for node in found.nodes][-3:] == ["stage.none", "stage.early", "stage.late"]


def test_parents_come_before_children_however_they_are_stated() -> None:
    order = [family.event for family in network(STAGE, CANCER, AIR, SMOKER).families]
    assert order.index("air") < order.index("cancer") < order.index("stage")


def test_a_network_with_tables_reads_back_equal(tmp_path: Path) -> None:
    ratio = Link(parent="cancer", child="cough", kind="multiplies", odds_ratio="x6 [3, 12]")
    cough = {"id": "cough", "kind": "fact", "initially": "10% [5%, 20%]"}
    stated = network(SMOKER, AIR, CANCER, STAGE, cough, links=(ratio,))
    fc.write_network(stated, tmp_path / "lungs.yaml")
    assert fc.read_network(tmp_path / "lungs.yaml") == stated
    assert Event(**Event(**STAGE).model_dump()) == Event(**STAGE)


def test_facts_without_tables_write_nothing_new() -> None:
    assert {"given", "table", "outcomes"}.isdisjoint(Event(**SMOKER).model_dump())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"table": []}, r"a fact that depends on others needs a table"),
        ({"initially": "5%"}, r"initially: its chances stand under table"),
        ({"kind": "onset", "rate": "5% within 1 year"}, r"table: is a field of kind fact"),
        ({"given": ["smoker", "smoker", "air"]}, r"given: names 'smoker' twice"),
        ({"outcomes": {"a": "1%", "b": "99%"}}, r"outcomes: its chances stand under table"),
        (
            {"table": [{"when": {}, "initially": "5%", "outcomes": {"a": "1%", "b": "99%"}}]},
            r"either the probability that the fact is true, or those of its outcomes",
        ),
        ({"table": [{"when": {"smoker": 3}, "initially": "5%"}]}, r"'smoker' has the value 3"),
        ({"table": [{"when": {}, "initially": "120%"}]}, r"table.0.initially: "),
        (
            {"table": [{"when": {}, "outcomes": {"a": "50%", "b": "20%"}}]},
            r"the chances come to 70.0%",
        ),
    ],
)
def test_faults_within_a_fact_are_told(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(fc.InputError, match=told):
        Event(**{**CANCER, **changes})


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (CANCER["table"][:2], r"no row says how likely 'cancer' is when \{smoker: f"),
        (
            [*CANCER["table"], {"when": {"air": "bad"}, "initially": "1%"}],
            r"rows 1 and 4 both",
        ),
        (
            [*CANCER["table"][:2], {"when": {"smokr": False}, "initially": 0}],
            r"table.2.when.smokr: 'smokr' is not among .* Did you mean 'smoker'",
        ),
        (
            [{"when": {"air": "foul"}, "initially": "1%"}],
            r"'air' has no such value \(got 'foul'\). Write one of: good, bad",
        ),
        (
            [*CANCER["table"][:2], {"when": {"smoker": False}, "outcomes": {"a": 0, "b": 1}}],
            r"table.2.outcomes: 'cancer' is true or false by the first row",
        ),
    ],
)
def test_faults_of_a_table_are_told(rows: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(fc.InputError, match=told):
        network(SMOKER, AIR, {**CANCER, "table": rows})


def test_faults_of_what_facts_depend_on_are_told() -> None:
    row = [{"when": {}, "initially": "5%"}]
    onset = {"id": "fire", "kind": "onset", "rate": "5% within 1 year"}
    with pytest.raises(fc.InputError, match=r"of kind onset; a fact is settled from the start"):
        network(onset, {"id": "a", "kind": "fact", "given": ["fire"], "table": row})
    with pytest.raises(fc.InputError, match=r"there is no such event \(got 'smokr'\). Did you"):
        network(SMOKER, {"id": "a", "kind": "fact", "given": ["smokr"], "table": row})
    with pytest.raises(fc.InputError, match=r"a fact cannot depend on itself"):
        network({"id": "a", "kind": "fact", "given": ["a"], "table": row})
    with pytest.raises(fc.InputError, match=r"in a circle: 'a' depends on 'b' depends on 'a'"):
        network(
            {"id": "a", "kind": "fact", "given": ["b"], "table": row},
            {"id": "b", "kind": "fact", "given": ["a"], "table": row},
        )


def test_links_into_facts_are_odds_ratios_of_facts() -> None:
    cough = {"id": "cough", "kind": "fact", "initially": "10%"}
    onset = {"id": "fire", "kind": "onset", "rate": "5% within 1 year"}
    odds: dict[str, Any] = {"child": "cough", "kind": "multiplies", "odds_ratio": "x3"}
    family = network(SMOKER, cough, links=(Link(parent="smoker", **odds),)).families[0]
    assert family.links == ("smoker__multiplies__cough",)
    with pytest.raises(fc.InputError, match=r"of kind onset; a fact is settled"):
        network(onset, cough, links=(Link(parent="fire", **odds),))
    ratio = Link(parent="smoker", child="cough", kind="multiplies", hazard_ratio="x3")
    with pytest.raises(fc.InputError, match=r"has odds and no rate"):
        network(SMOKER, cough, links=(ratio,))
    ratio = Link(parent="smoker", child="cancer", kind="multiplies", odds_ratio="x3")
    with pytest.raises(fc.InputError, match=r"'cancer' has a table of chances, so no odds ratio"):
        network(SMOKER, AIR, CANCER, links=(ratio,))
    with pytest.raises(fc.InputError, match=r"is a fact of several values, which is neither on"):
        network(AIR, cough, links=(Link(parent="air", **odds),))
    with pytest.raises(fc.InputError, match=r"nothing acts on it with a delay"):
        network(SMOKER, cough, links=(Link(parent="smoker", delay="1 month", **odds),))
