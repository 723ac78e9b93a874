"""The main path, with a made-up estimate: what is checked, what is written, and when nothing is."""

import json
from pathlib import Path

import pytest

from forecast.errors import GateError, InputError
from forecast.workspace.artifact import verify
from forecast.workspace.settings import Request
from forecast.workspace.update import Step, update
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE, never_estimate, write_workspace

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
    [Request(seed=2), Request(draws=128), Request(as_of="2024-06-30"), Request(method="nuts")],
    ids=["seed", "draws", "as_of", "method"],
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
    assert "beyond the horizon" in told
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


@pytest.mark.parametrize(
    ("as_of", "problem"),
    [("2023-12-30", "as_of lies outside"), ("2026-01-01", "every deadline has passed")],
)
def test_as_of_outside_the_networks_time_is_refused(
    tmp_path: Path, as_of: str, problem: str
) -> None:
    folder = write_workspace(
        tmp_path,
        {"forecast.toml": WORKSPACE.replace("2024-12-31", "2025-12-31")},
    )
    with pytest.raises(InputError, match=problem):
        update(folder, Request(as_of=as_of))


def test_when_every_deadline_has_passed_there_is_nothing_to_forecast(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="every deadline has passed by 2025-02-01"):
        update(write_workspace(tmp_path), Request(as_of="2025-02-01"))


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
