"""Static networks of other programs: what comes in, what it says, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import forecast as fc
from forecast.cli.main import cli
from forecast.engine._elimination import FactPlan
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._relevance import Target
from forecast.model._lower import lower

DATA = Path(__file__).parents[1] / "data"
REFERENCE = json.loads((DATA / "static_marginals.json").read_text())
SAME = 1e-6
"""The reference was worked out with chances of single precision."""
ASIA = (DATA / "asia.bif").read_text()
XDSL = """<?xml version="1.0" encoding="UTF-8"?>
<smile version="1.0" id="Clinic" numsamples="1000">
  <nodes>
    <cpt id="Smoker">
      <state id="No" />
      <state id="Yes" />
      <probabilities>0.7 0.3</probabilities>
    </cpt>
    <cpt id="Age">
      <state id="s0_39" />
      <state id="s40_" />
      <state id="unknown" />
      <probabilities>0.5 0.4 0.1</probabilities>
    </cpt>
    <cpt id="Cough">
      <state id="No" />
      <state id="Yes" />
      <parents>Smoker Age</parents>
      <probabilities>0.9 0.1 0.8 0.2 0.85 0.15 0.6 0.4 0.5 0.5 0.55 0.45</probabilities>
    </cpt>
    <deterministic id="Ill">
      <state id="mild" />
      <state id="none" />
      <parents>Cough</parents>
      <resultingstates>none mild</resultingstates>
    </deterministic>
  </nodes>
  <extensions>
    <genie version="1.0" app="GeNIe" name="Clinic">
      <node id="Cough"><name>Coughs at night</name></node>
    </genie>
  </extensions>
</smile>
"""


def observed(case: dict[str, Any], network: fc.Network) -> fc.Evidence:
    """The evidence of a case as observations."""
    nodes = by_value(network)
    items = []
    for name, value in case["evidence"].items():
        event, state = nodes[name, value]
        seen = {"speaks_of": "2001-01-01", "published": "2001-01-02"}
        items.append(fc.Observation(id=f"o_{name.lower()}", event=event, state=state, **seen))
    return fc.Evidence(items)


def by_value(network: fc.Network) -> dict[tuple[str, str], tuple[str, str]]:
    """The node and its state for each variable and value of the file."""
    found = {}
    for event in network.events:
        name = event.title or event.id
        if event.values:
            for value in event.values:
                found[name, value.upper()] = (f"{event.id}.{value}", "on")
        else:
            for state, words in (("on", ("yes", "TRUE")), ("off", ("no", "FALSE"))):
                found |= {(name, word): (event.id, state) for word in words}
    return found


@pytest.mark.parametrize("number", range(len(REFERENCE["cases"])))
def test_published_networks_say_what_another_program_finds(number: int) -> None:
    case = REFERENCE["cases"][number]
    network = fc.import_network(DATA / f"{case['network']}.bif")
    lowered = lower(network, observed(case, network), "2002-01-01")
    theta = lowered.theta(lowered.table.from_z(np.zeros((1, 0))))
    every = tuple(range(len(lowered.events)))
    plans = lowered.plans(targets=(Target(2.0, every),))
    found: dict[int, Any] = {}
    for plan in plans:
        if isinstance(plan, FactPlan):
            found |= plan.chances(theta, sorted(plan.place))
    nodes = by_value(network)
    compared = 0
    for name, chances in case["marginals"].items():
        for value, wanted in chances.items():
            event, state = nodes[name, value]
            on = found[lowered.events.index(event)][0]
            assert (on if state == "on" else 1 - on) == pytest.approx(wanted, abs=SAME), name
            compared += 1
    assert compared >= 16
    log_likelihood = log_likelihoods(plans, theta).sum()
    assert np.exp(log_likelihood) == pytest.approx(case["probability_of_evidence"], rel=1e-5)


def test_every_query_works_on_an_imported_network_of_any_size() -> None:
    case = next(c for c in REFERENCE["cases"] if "HRBP" in c["evidence"])
    network = fc.import_network(DATA / "alarm.bif")
    post = fc.update(
        network, observed(case, network), as_of="2002-01-01", method="importance", draws=512
    )
    wanted = case["marginals"]
    table = post.table(by=["2003-01-01"])["2003-01-01", "mean"]
    assert table["hr.high"] == pytest.approx(wanted["HR"]["HIGH"], abs=SAME)
    assert table["catechol.high"] == pytest.approx(wanted["CATECHOL"]["HIGH"], abs=SAME)
    by = {"by": "2003-01-01"}
    assert float(post.probability("lvfailure", **by)) == pytest.approx(
        wanted["LVFAILURE"]["TRUE"], abs=SAME
    )
    pair = post.joint(["hr.high", "co.high"], **by)
    margin = pair[pair["hr.high"]]["mean"].sum()
    assert margin == pytest.approx(wanted["HR"]["HIGH"], abs=SAME)
    given = float(post.probability("hr.high", given={"co.high": "on"}, **by))
    both = float(pair[pair["hr.high"] & pair["co.high"]]["mean"].iloc[0])
    assert given == pytest.approx(both / wanted["CO"]["HIGH"], abs=SAME)
    explained = post.explain("hr.high", **by)
    assert {"o_hrbp", "o_cvp"} <= set(explained.index)


def test_what_needs_slopes_says_that_there_are_too_many_facts() -> None:
    case = next(c for c in REFERENCE["cases"] if "HRBP" in c["evidence"])
    network = fc.import_network(DATA / "alarm.bif")
    with pytest.raises(fc.InputError, match=r"tied together.*method=\"importance\""):
        fc.build_model(network, observed(case, network), as_of="2002-01-01")


def test_names_become_ids_and_stay_as_titles(tmp_path: Path) -> None:
    network = fc.import_network(DATA / "alarm.bif")
    assert network.name == "alarm"
    assert network.event("hypovolemia").title == "HYPOVOLEMIA"
    assert network.event("hypovolemia").values == ()
    assert network.event("ventlung").values == ("zero", "low", "normal", "high")
    file = tmp_path / "odd.bif"
    file.write_text(
        "network odd {}\n"
        'variable A-1 { type discrete [3] { "<5", 5-12, 12+ }; property x = 1; }\n'
        "variable a_1 { type discrete [2] { false, true }; }\n"
        "probability ( A-1 ) { table 0.2 0.3 0.5; }  // blanks between numbers\n"
        "probability ( a_1 | A-1 ) { default 0.25, 0.75; (5-12) 1.0, 0.0; }\n"
    )
    odd = fc.import_network(file, name="odd_one")
    assert odd.name == "odd_one"
    assert [event.id for event in odd.events] == ["a_1", "a_1_2"]
    assert "a_1" not in {node.id for node in odd.nodes}
    stated = odd.stated("a_1")
    assert stated.values == ("_5", "_5_12", "_12")
    assert "_5 is <5" in stated.notes
    chances = dict(fc.prior(odd).table(by=["2050-01-01"])["2050-01-01", "mean"])
    assert chances["a_1_2"] == pytest.approx(0.7 * 0.75, abs=1e-12)


def test_a_whole_table_runs_through_the_childs_values_slowest(tmp_path: Path) -> None:
    """As in the dog problem (Charniak 1991), which came with the format."""
    file = tmp_path / "dog.bif"
    file.write_text(
        "network dog {}\n"
        "variable bp { type discrete [2] { true, false }; }\n"
        "variable fo { type discrete [2] { true, false }; }\n"
        "variable do { type discrete [2] { true, false }; }\n"
        "probability ( bp ) { table 0.01, 0.99; }\n"
        "probability ( fo ) { table 0.15, 0.85; }\n"
        "probability ( do | bp, fo ) { table 0.99, 0.97, 0.9, 0.3, 0.01, 0.03, 0.1, 0.7; }\n"
    )
    found = fc.prior(fc.import_network(file)).probability("do", by="2050-01-01")
    wanted = 0.01 * (0.15 * 0.99 + 0.85 * 0.97) + 0.99 * (0.15 * 0.9 + 0.85 * 0.3)
    assert float(found) == pytest.approx(wanted, abs=1e-12)


def test_a_genie_file_comes_in(tmp_path: Path) -> None:
    file = tmp_path / "clinic.xdsl"
    file.write_text(XDSL.replace("  <", "\t<"))
    network = fc.import_network(file)
    assert network.title == "Clinic"
    assert network.event("cough").title == "Coughs at night"
    assert network.stated("age").values == ("s0_39", "s40", "unknown")
    chances = dict(fc.prior(network).table(by=["2050-01-01"])["2050-01-01", "mean"])
    wanted = 0.7 * (0.05 + 0.08 + 0.015) + 0.3 * (0.2 + 0.2 + 0.045)
    assert chances["cough"] == pytest.approx(wanted, abs=1e-12)
    assert chances["ill.mild"] == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.replace("0.05, 0.95", "0.05, 0.85"), r"asia.bif:17: tub: .* come to 0.9"),
        (lambda t: t.replace("0.05, 0.95", "0.05, x"), r"asia.bif:18: is no number \(got 'x'\)"),
        (lambda t: t.replace("0.05, 0.95", "1.05, -0.05"), r"not between 0 and 1 \(got '1.05'\)"),
        (lambda t: t.replace("tub | asia", "tub | asi"), r"is not stated \(got 'asi'\). Did you"),
        (lambda t: t.replace("  (no) 0.01, 0.99;\n", "", 1), r"no row is for \(no\)"),
        (lambda t: t.replace("(no) 0.01, 0.99;", "(nay) 0.01, 0.99;", 1), r"got '\(nay\)'"),
        (lambda t: t.replace("discrete [ 2 ]", "continuous", 1), r"only variables of type disc"),
        (lambda t: t.replace("tub | asia", "tub | dysp"), r"in a circle: 'tub' depends on"),
        (lambda t: t[:-3], r"the file ends in the middle of a block"),
        (lambda t: t + "variable asia { type discrete [2] { a, b }; }", r"is stated twice"),
        (lambda t: t.replace("{ yes, no }", "{ yes, yes }", 1), r"two values of one name"),
        (lambda t: t.replace("{ yes, no }", "{ yes }", 1), r"has 1 values"),
        (lambda t: "hello" + t[:0], r"begins no block \(got 'hello'\)"),
    ],
)
def test_faults_of_a_bif_file_are_told(
    change: Callable[[str], str], told: str, tmp_path: Path
) -> None:
    file = tmp_path / "asia.bif"
    file.write_text(change(ASIA))
    with pytest.raises(fc.InputError, match=told):
        fc.import_network(file)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("0.5 0.4 0.1", "0.5 0.4", r"clinic.xdsl:9: Age: has 2 chances in row 1 for 3 values"),
        ("<resultingstates>none mild", "<resultingstates>none ill", r"Ill: has no value 'ill'"),
        ("deterministic", "noisymax", r"is a noisy-MAX node, and only"),
        ("<smile", "<!DOCTYPE smile [<!ENTITY a 'b'>]>\n<smile", r"xdsl:2: has a DOCTYPE"),
        ("</smile>", "", r"is no XML: "),
        ("0.7 0.3", "0.7 p", r"Smoker: has 'p' among its chances"),
        ("smile", "smell", r"is a document of 'smell'"),
        ("</smile>", '<dynamic numslices="5" /></smile>', r"dynamic: is temporal"),
        ("<deterministic ", '<deterministic dynamic="plate" ', r"Ill: is temporal"),
    ],
)
def test_faults_of_a_genie_file_are_told(old: str, new: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "clinic.xdsl"
    file.write_text(XDSL.replace(old, new))
    with pytest.raises(fc.InputError, match=told):
        fc.import_network(file)


def test_other_files_and_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(fc.InputError, match=r"ends in .bif or .xdsl"):
        fc.import_network(tmp_path / "asia.net")
    with pytest.raises(fc.InputError, match="there is no such file"):
        fc.import_network(tmp_path / "asia.bif")
    with pytest.raises(fc.InputError, match=r"no name for a network.*'asia_two'"):
        fc.import_network(DATA / "asia.bif", name="Asia two")


def test_the_command_writes_a_network_file_and_replaces_none(tmp_path: Path) -> None:
    file = tmp_path / "clinic.yaml"
    arguments = ["import", "network", str(DATA / "asia.bif"), "--name", "clinic"]
    arguments += ["--output", str(file)]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "network 'clinic' of 8 facts" in result.stdout
    assert fc.read_network(file) == fc.import_network(DATA / "asia.bif", name="clinic")
    again = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert again.exit_code == 2
    assert "exists. Name another file" in again.stderr
    forced = CliRunner().invoke(cli, [*arguments, "--force"], catch_exceptions=False)
    assert forced.exit_code == 0
