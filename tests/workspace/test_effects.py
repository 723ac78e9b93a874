"""What items would do to each forecast, before they are on file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import forecast.workspace._effects as module
import forecast.workspace._update as update_module
from forecast.errors import ForecastError, InputError
from forecast.ledger import ForecastRecord
from forecast.workspace._choices import Filing
from forecast.workspace._contents import Inputs
from forecast.workspace._draws import NetworkEstimate
from forecast.workspace._effects import Effect, effects_of
from forecast.workspace._settings import Request, Settings
from forecast.workspace._update import update
from tests.workspace.inboxes import ROW, a_draft, with_drafts
from tests.workspace.samples import WORKSPACE, never_estimate

TALKS = a_draft("Talks begin")
BY = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_drafts(tmp_path / "workspace", TALKS)


def filing(**more: str) -> Filing:
    return Filing(draft=TALKS.id, rows=({**ROW, **more},))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_both_estimates_are_made_and_nothing_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    before = files(folder)
    found = effects_of(folder, [filing()])
    assert calls == ["tiny", "tiny"]
    assert files(folder) == before
    assert {each.after.event for each in found.effects} == {"pact", "troops"}
    assert all(each.error == pytest.approx(2**0.5 * each.after.mcse) for each in found.effects)
    assert found.notes == ()
    (item,) = found.items[TALKS.id]
    assert item.event == "troops"


def test_a_change_within_its_error_comes_after_those_that_tell() -> None:
    def effect(event: str, after: float, mcse: float) -> Effect:
        told = [ForecastRecord(event, BY, p, None, None, mcse, None, BY) for p in (0.5, after)]
        return Effect("tiny", told[0], told[1])

    noisy, small = effect("pact", 0.52, 0.01), effect("troops", 0.501, 0.0001)
    assert not noisy.telling
    assert small.telling
    assert noisy.change > small.change > 0


def test_the_run_of_the_ledger_is_taken_where_it_is_this_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    update(folder, Request())
    effects_of(folder, [filing()])
    assert calls == ["tiny", "tiny"]
    update(folder, Request(seed=2))
    effects_of(folder, [filing()])
    assert calls == ["tiny"] * 4


def test_only_the_events_that_are_asked_for_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    found = effects_of(folder, [filing()], events=["troops"])
    assert {each.after.event for each in found.effects} == {"troops"}
    with pytest.raises(InputError, match=r"no such event.*Did you mean 'troops'"):
        effects_of(folder, [filing()], events=["trops"])


def test_an_item_after_the_cut_off_is_told_as_unseen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    found = effects_of(folder, [filing(published="2024-08-01")])
    assert "published after the knowledge cut-off, 2024-07-01 (forecast.toml)" in found.notes[0]


def test_faults_are_all_told_before_anything_is_estimated(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    with pytest.raises(InputError, match="unknown event") as raised:
        effects_of(folder, [filing(event="trops", source="gazet")])
    assert len(raised.value.faults) == 2
    assert calls == []


def test_what_the_path_sampler_would_take_long_for_is_named_and_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    monkeypatch.setattr(module, "LONGEST", 0.0)
    (folder / "forecast.toml").write_text(f'{WORKSPACE}method = "paths"\n')
    found = effects_of(folder, [filing()])
    assert calls == []
    assert found.effects == ()
    assert "tiny was left out: as of 2024-07-01" in found.notes[0]
    assert "path sampler" in found.notes[0]


@pytest.mark.parametrize(("asked", "used"), [("paths", "paths"), ("auto", "importance")])
def test_each_network_is_estimated_by_what_reaches_it(
    asked: str, used: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    methods = []
    estimate = update_module.estimated

    def seen(inputs: Inputs, settings: Settings) -> NetworkEstimate:
        methods.append(settings.method)
        return estimate(inputs, settings)

    monkeypatch.setattr(update_module, "estimated", seen)
    (folder / "forecast.toml").write_text(f'{WORKSPACE}method = "{asked}"\n')
    assert effects_of(folder, [filing()]).effects
    assert methods == [used, used]


def test_an_estimate_that_fails_and_a_gate_that_fails_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch, khat=0.9)
    assert "did not pass its gate: khat 0.9" in effects_of(folder, [filing()]).notes[0]

    def fail(*_: object) -> None:
        msg = "no draws are left"
        raise ForecastError(msg)

    monkeypatch.setattr(module, "_forecasts", fail)
    found = effects_of(folder, [filing()])
    assert found.notes == ("tiny could not be estimated: no draws are left",)
