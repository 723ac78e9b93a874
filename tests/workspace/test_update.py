"""The main path, with a made-up estimate: what is checked, what is written, and when nothing is."""

import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forecast.errors import GateError, InputError
from forecast.evidence import Clock, Evidence
from forecast.network import Network
from forecast.time import parse_instant
from forecast.workspace._run import verify
from forecast.workspace._settings import Request
from forecast.workspace._update import attempt, update
from tests.workspace.samples import (
    EVIDENCE,
    NETWORK,
    WORKSPACE,
    FakePosterior,
    never_estimate,
    write_workspace,
)

if TYPE_CHECKING:
    from forecast.workspace._work import Step

TWO_NETWORKS = WORKSPACE.replace('tiny.yaml"', 'tiny.yaml", "priors/second.yaml"')


def runs_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("posteriors/**/*.json"))


def test_a_run_is_saved_with_its_forecasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch)
    (run,) = update(write_workspace(tmp_path), Request())
    assert verify(run.path) == run.manifest
    assert run.path.parent == tmp_path / "posteriors" / "tiny"
    assert run.path.stem == f"2024-07-01-{run.manifest.key[:12]}"
    assert (run.manifest.items_seen, run.manifest.items) == (2, 3)
    assert run.manifest.as_of_from == "forecast.toml"
    assert run.manifest.gate.passed
    judged = [(check.name, check.of_forecasts) for check in run.manifest.gate.checks]
    assert judged == [("khat", False), ("forecast_mcse", True), ("forecast_end_mcse", True)]


def test_the_most_probable_event_by_the_last_deadline_stands_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    (run,) = update(write_workspace(tmp_path), Request(as_of="2024-02-01"))
    events = [(forecast.event, forecast.by) for forecast in run.manifest.forecasts]
    deadlines = ("2024-03-31", "2024-12-31")
    assert events == [(event, by) for event in ("troops", "pact") for by in deadlines]


def test_deadlines_that_have_passed_get_no_forecast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    (run,) = update(write_workspace(tmp_path), Request())
    assert run.manifest.deadlines_passed == ("2024-03-31",)
    assert {forecast.by for forecast in run.manifest.forecasts} == {"2024-12-31"}


def test_the_same_inputs_give_the_same_run_and_overwrite_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    (first,) = update(folder, Request())
    before = first.path.stat().st_mtime_ns
    (second,) = update(folder, Request())
    assert second == first
    assert first.path.stat().st_mtime_ns == before
    assert len(runs_in(folder)) == 1


def test_evidence_published_later_does_not_change_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    (run,) = update(write_workspace(tmp_path / "a"), Request())
    later = EVIDENCE + "e4,2024-09-01,report,troops,gazette,on,\n"
    (other,) = update(write_workspace(tmp_path / "b", {"evidence/items.csv": later}), Request())
    assert other.manifest.key == run.manifest.key


@pytest.mark.parametrize(
    "request_",
    [
        Request(seed=2),
        Request(draws=1024),
        Request(as_of="2024-06-30"),
        Request(method="nuts"),
        Request(known="recorded"),
    ],
    ids=["seed", "draws", "as_of", "method", "known"],
)
def test_other_settings_give_another_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_: Request
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    (run,) = update(folder, Request())
    (other,) = update(folder, request_)
    assert other.manifest.key != run.manifest.key
    assert len(runs_in(folder)) == 2


LATE = """\
id,published,kind,event,source,claim,state,recorded
e1,2024-05-01,report,troops,gazette,on,,2024-07-05
e2,2024-06-01,observation,pact,,,off,
e3,2024-08-01,report,troops,gazette,off,,
"""


@pytest.mark.parametrize(("known", "seen"), [("published", 2), ("recorded", 1)])
def test_what_is_seen_goes_by_the_clock_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: Clock, seen: int
) -> None:
    never_estimate(monkeypatch)
    files = {"evidence/items.csv": LATE}
    by_option = write_workspace(tmp_path / "option", files)
    toml = WORKSPACE + f'known = "{known}"\n'
    by_file = write_workspace(tmp_path / "file", {**files, "forecast.toml": toml})
    (run,) = update(by_option, Request(known=known))
    (same,) = update(by_file, Request())
    assert (run.manifest.known, run.manifest.items_seen) == (known, seen)
    assert same.manifest.key == run.manifest.key


def test_the_clock_reaches_the_estimate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def estimate(network: Network, evidence: Evidence, **options: object) -> FakePosterior:
        asked.update(options)
        return FakePosterior(network, evidence, parse_instant("2024-07-01"))

    monkeypatch.setattr(import_module("forecast.posterior._update"), "update", estimate)
    update(write_workspace(tmp_path), Request(known="recorded", method="paths"))
    assert (asked["known"], asked["method"]) == ("recorded", "paths")


def test_every_fault_of_every_file_is_told_at_once_and_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    folder = write_workspace(
        tmp_path,
        {
            "forecast.toml": WORKSPACE.replace("2024-12-31", "2034-12-31"),
            "evidence/items.csv": EVIDENCE
            + "e4,2024-05-01,report,trops,gazette,on,\n"
            + "e5,2024-05-01,report,troops,gazete,on,\n",
        },
    )
    with pytest.raises(InputError, match="trops") as caught:
        update(folder, Request())
    told = str(caught.value)
    assert "after the horizon" in told
    assert "gazete" in told
    assert "Did you mean 'troops'?" in told
    assert calls == []
    assert runs_in(folder) == []


def test_a_broken_network_does_not_hide_faults_of_the_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(
        tmp_path,
        {
            "priors/tiny.yaml": NETWORK.replace("20% [10%, 40%]", "20% [30%, 40%]"),
            "evidence/items.csv": EVIDENCE + "e4,2024-13-01,report,troops,gazette,on,\n",
        },
    )
    with pytest.raises(InputError, match=r"tiny\.yaml") as caught:
        update(folder, Request())
    assert "items.csv:5" in str(caught.value)


SOURCES = """\
types:
  press:
    title: Press
    hit_rate: "70% [50%, 85%]"
    false_alarm_rate: "20% [8%, 40%]"
sources:
  gazette: {title: The Gazette, type: pres}
"""


def test_no_fault_hides_another_where_each_can_be_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    third = NETWORK.replace("name: tiny", "name: third").replace("troops", "tanks")
    folder = write_workspace(
        tmp_path,
        {
            "forecast.toml": TWO_NETWORKS.replace('nd.yaml"', 'nd.yaml", "other/third.yaml", 3')
            .replace('"2024-12-31"', '"2034-12-31", "soon"')
            .replace("draws = 512", "draws = 65"),
            "priors/second.yaml": "name: [\n",
            "priors/sources.yaml": SOURCES,
            "other/third.yaml": third.replace("child: tanks", "child: tank"),
            "evidence/items.csv": EVIDENCE
            + "e4,2024-13-01,report,troops,gazette,on,\n"
            + "e5,2024-05-01,report,troops,gazete,on,\n",
            "evidence/more.yaml": "items:\n  - {id: e6, kind: report, event: pact}\n",
        },
    )
    with pytest.raises(InputError, match=r"forecast\.toml") as caught:
        update(folder, Request(seed=3, draws=3, as_of="soon"))
    told = [
        (Path(fault.file).name, fault.line, fault.field, fault.value)
        for fault in caught.value.faults
    ]
    assert told == [
        ("", 0, "--as-of", ""),
        ("", 0, "--draws", "3"),
        ("forecast.toml", 2, "workspace.networks (entry 4)", "3"),
        ("forecast.toml", 6, "forecast.deadlines (entry 3)", "soon"),
        ("forecast.toml", 8, "forecast.draws", "65"),
        ("second.yaml", 2, "", ""),
        ("sources.yaml", 7, "sources.gazette.type", "pres"),
        ("third.yaml", 17, "links.pact__multiplies__tank.child", "tank"),
        ("items.csv", 5, "item 'e4': published", "2024-13-01"),
        ("more.yaml", 2, "item 'e6': published", ""),
        ("items.csv", 6, "item 'e5': source", "gazete"),
        ("forecast.toml", 6, "forecast.deadlines", "2034-12-31"),
    ]
    assert calls == []
    assert runs_in(folder) == []


def test_what_is_wrong_with_an_item_hides_no_unknown_name_in_it(tmp_path: Path) -> None:
    second = NETWORK.replace("name: tiny", "name: second").replace("troops", "tanks")
    second = second.replace("gazette:", "herald:")
    folder = write_workspace(
        tmp_path,
        {
            "forecast.toml": TWO_NETWORKS,
            "priors/second.yaml": second,
            "evidence/items.csv": EVIDENCE
            + "e4,2024-13-01,report,trops,gazete,on,\n"
            + "e5,2024-13-01,report,tanks,gazette,on,\n"
            + "e6,2024-13-01,report,pact,herald,on,\n"
            + "e7,2024-13-01,report,,gazzette,on,\n",
            "evidence/more.yaml": "items:\n  - id: e8\n    kind: report\n    event: [pact]\n"
            "    source: nobody\n    published: soon\n    claim: on\n",
        },
    )
    with pytest.raises(InputError) as caught:
        update(folder, Request())
    told = [(each.line, each.field, each.value) for each in caught.value.faults]
    published = [row for row in told if row[1].endswith("published")]
    assert [row[0] for row in published] == [5, 6, 7, 8, 6]
    assert [row for row in told if row not in published] == [
        (8, "item 'e7': event", ""),
        (4, "item 'e8': event", "[pact]"),
        (5, "item 'e4': event", "trops"),
        (5, "item 'e4': source", "gazete"),
        (6, "item 'e5': source", "gazette"),  # which is of the other network
        (8, "item 'e7': source", "gazzette"),
        (5, "item 'e8': source", "nobody"),
    ]


def test_a_copy_of_an_item_that_cannot_be_read_is_no_fault_of_its_own(tmp_path: Path) -> None:
    rows = (
        "id,published,kind,event,source,claim,derived_from\n"
        "e1,yesterday,report,troops,gazette,on,\n"
        "e2,2024-05-02,report,troops,gazette,on,e1\n"
    )
    with pytest.raises(InputError, match="yesterday") as caught:
        update(write_workspace(tmp_path, {"evidence/items.csv": rows}), Request())
    assert len(caught.value.faults) == 1


def test_an_item_that_names_one_of_another_network_is_told_so(tmp_path: Path) -> None:
    second = NETWORK.replace("name: tiny", "name: second").replace("troops", "tanks")
    rows = (
        "id,published,kind,event,source,claim,derived_from,retracts\n"
        "e1,2024-05-01,report,troops,gazette,on,,\n"
        "e4,2024-08-02,report,tanks,gazette,off,e1,\n"
        "e5,2024-08-02,report,tanks,gazette,off,,e1\n"
    )
    files = {
        "forecast.toml": TWO_NETWORKS,
        "priors/second.yaml": second,
        "evidence/items.csv": rows,
    }
    with pytest.raises(InputError, match="origin 'e1' is about event 'troops'") as caught:
        update(write_workspace(tmp_path, files), Request())
    copied, retracted = caught.value.faults
    assert (copied.line, retracted.line) == (3, 4)
    assert "of another network" in retracted.problem


def test_an_estimate_that_fails_its_gate_is_not_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch, khat=1.2)
    folder = write_workspace(tmp_path)
    with pytest.raises(GateError, match=r"tiny: khat 1\.2 \(limit 0\.7\) FAILED"):
        update(folder, Request())
    assert not (folder / "posteriors").exists()


def test_a_forced_run_says_that_it_was_forced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch, khat=float("inf"))
    (run,) = update(write_workspace(tmp_path), Request(force=True))
    gate = json.loads(run.path.read_text())["gate"]
    assert gate["forced"]
    assert not gate["passed"]
    assert gate["checks"][0]["value"] is None


def test_as_of_before_the_networks_time_is_refused(tmp_path: Path) -> None:
    problem = "^--as-of: the knowledge cut-off lies outside the time of network 'tiny'"
    with pytest.raises(InputError, match=problem):
        update(write_workspace(tmp_path), Request(as_of="2023-12-30"))


def test_an_as_of_of_the_file_outside_the_networks_time_is_a_fault_of_its_line(
    tmp_path: Path,
) -> None:
    text = WORKSPACE.replace("2024-07-01", "2023-12-30")
    with pytest.raises(
        InputError, match=r"forecast\.toml:7: forecast\.as_of: the knowledge cut-off lies outside"
    ):
        update(write_workspace(tmp_path, {"forecast.toml": text}), Request())


@pytest.mark.parametrize(
    ("as_of", "why"),
    [
        ("2025-02-01", "finished: every deadline has passed by 2025-02-01"),
        ("2026-03-01", "finished: its horizon, 2025-12-31, has passed by 2026-03-01"),
    ],
)
def test_what_is_over_is_finished_and_no_fault(tmp_path: Path, as_of: str, why: str) -> None:
    result = attempt(write_workspace(tmp_path), Request(as_of=as_of))
    assert (result.runs, result.failures) == ((), {})
    assert result.finished == {"tiny": why}


def test_an_unknown_network_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'tiny'"):
        update(write_workspace(tmp_path), Request(networks=("tiney",)))


def test_an_as_of_that_is_no_date_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--as-of: '1 July' is not an ISO 8601 date"):
        update(write_workspace(tmp_path), Request(as_of="1 July"))


def test_a_folder_without_a_workspace_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no workspace here"):
        update(tmp_path, Request())


def test_each_network_sees_the_evidence_on_its_own_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    second = NETWORK.replace("name: tiny", "name: second").replace("troops", "tanks")
    folder = write_workspace(
        tmp_path,
        {"forecast.toml": TWO_NETWORKS, "priors/second.yaml": second},
    )
    first_run, second_run = update(folder, Request())
    assert calls == ["tiny", "second"]
    assert (first_run.manifest.items, second_run.manifest.items) == (3, 1)


def test_two_networks_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = write_workspace(
        tmp_path,
        {"forecast.toml": TWO_NETWORKS, "priors/second.yaml": NETWORK},
    )
    with pytest.raises(InputError, match="another network has the same name"):
        update(folder, Request())


def test_steps_are_told_as_they_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch)
    told: list[Step] = []
    update(write_workspace(tmp_path), Request(), tell=told.append)
    assert [step.doing for step in told] == ["estimating tiny", "saving tiny", "done"]
    assert [step.done for step in told] == [0, 1, 2]


def test_a_run_found_again_behind_one_of_other_inputs_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item is tried and taken back: the ledger's last run is the one that had it."""
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    assert attempt(folder, Request()).notes == ()
    (folder / "evidence" / "items.csv").write_text(
        f"{EVIDENCE}e4,2024-06-02,report,troops,gazette,on,\n"
    )
    assert attempt(folder, Request()).notes == ()
    (folder / "evidence" / "items.csv").write_text(EVIDENCE)
    (note,) = attempt(folder, Request()).notes
    assert "these inputs were run before, as entry 1; entry 2, of other inputs" in note
    assert "forecast update --seed 2" in note
    assert attempt(folder, Request(seed=2)).notes == ()
    assert attempt(folder, Request(as_of="2024-06-01")).notes == ()
