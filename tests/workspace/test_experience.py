"""What answered questions teach stands beside later runs: kept, never applied, never foreseen."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scipy.special import expit, logit
from sqlalchemy import text

import forecast as fc
from forecast.calibration import experience_of
from forecast.cli.main import cli
from forecast.errors import InputError
from forecast.ledger import (
    ResolutionRecord,
    ledger_address,
    open_ledger,
    read_run,
    resolve,
    run_heads,
    verify,
)
from forecast.ledger import _append as appending
from forecast.workspace._experience import learned_in
from forecast.workspace._result import Run
from forecast.workspace._run import read_manifest
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.ledger.tampering import unguarded
from tests.tolerances import SAME_ALGEBRA
from tests.workspace.samples import EVIDENCE, WORKSPACE, never_estimate, write_workspace

ON = WORKSPACE.replace('as_of = "2024-07-01"\n', "") + "\n[recalibration]\nshow = true\n"
OFF = ON.replace("show = true", "show = false")

type Clock = Callable[[str], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the machine's clock say noon of a day wherever the ledger asks it."""

    def says(day: str) -> None:
        class Then(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=tz)

        monkeypatch.setattr(appending, "datetime", Then)

    never_estimate(monkeypatch)
    return says


def word(folder: Path, event: str, outcome: Any, day: str = "2024-03-20") -> None:
    at = None if outcome == "void" else datetime.fromisoformat(day).replace(tzinfo=UTC)
    with open_ledger(ledger_address(None, folder)) as ledger:
        resolve(ledger, ResolutionRecord(event, outcome, at))


def experienced(folder: Path, clock: Clock, toml: str = ON) -> Path:
    """Write a workspace with two runs, and what came of its events at the end of March."""
    reports = "".join(EVIDENCE.splitlines(keepends=True)[::3])  # not that the pact is off
    write_workspace(folder, {"forecast.toml": toml, "evidence/items.csv": reports})
    for day in ("2024-01-10", "2024-02-29"):
        clock(day)
        update(folder, Request(as_of=day))
    clock("2024-04-02")
    word(folder, "pact", "happened", "2024-03-12")
    word(folder, "troops", "not_by", "2024-04-01")
    return folder


def later(folder: Path, clock: Clock, as_of: str = "2024-04-10") -> Run:
    clock("2024-04-11")
    (run,) = update(folder, Request(as_of=as_of))
    return run


def test_it_stands_beside_what_was_forecast_and_changes_none_of_it(
    tmp_path: Path, clock: Clock
) -> None:
    on = later(experienced(tmp_path / "on", clock), clock)
    off = later(experienced(tmp_path / "off", clock, OFF), clock)
    assert on.manifest.forecasts == off.manifest.forecasts  # but for what stands beside
    assert all(each.recalibrated is None for each in off.manifest.forecasts)
    assert on.manifest.recalibration is not None
    found = on.manifest.recalibration["all"]
    shift, stretch = found["shift"][0], found["stretch"][0]
    for each in on.manifest.forecasts:
        assert each.recalibrated is not None
        value, low, high = each.recalibrated
        assert value == pytest.approx(
            expit(shift + stretch * logit(each.probability)), abs=SAME_ALGEBRA
        )
        assert low < value < high


def test_it_is_learned_from_days_of_scheduled_lives_by_event(tmp_path: Path, clock: Clock) -> None:
    """Three questions of two events: two of the pact, which came on 11 March, one of the troops."""
    found = learned_in(experienced(tmp_path, clock), as_of="2024-04-10")
    assert found is not None
    assert (found.experience.all.questions, found.experience.all.clusters) == (3, 2)
    assert found.entries == (1, 2)
    near, far = 81, 356  # from 11 January to the ends of March and of December 2024
    before, after = 50, 11  # days by the first run and by the second, until the pact came
    p = {"pact": (0.004 / 2, 0.004), "troops": (0.6 / 2, 0.6)}
    rows = [
        (p["pact"][0], 1, 0, before / near),
        (p["pact"][0], 1, 0, after / near),
        (p["pact"][1], 1, 1, before / far),
        (p["pact"][1], 1, 1, after / far),
        (p["troops"][0], 0, 2, before / near),
        (p["troops"][0], 0, 2, 31 / near),
    ]
    said, came, question, weight = zip(*rows, strict=True)
    by_hand = experience_of(
        said, came, question=question, cluster=[0, 0, 0, 0, 1, 1], weight=weight
    )
    assert found.experience.all.shift == pytest.approx(by_hand.all.shift, abs=1e-9)
    assert found.experience.all.stretch == pytest.approx(by_hand.all.stretch, abs=1e-9)


def test_nothing_is_learned_from_what_came_or_was_entered_after_the_cut_off(
    tmp_path: Path, clock: Clock
) -> None:
    folder = experienced(tmp_path, clock)
    assert later(folder, clock, as_of="2024-03-25").manifest.recalibration is None
    assert later(folder, clock, as_of="2024-04-01").manifest.recalibration is None  # a day early
    known = later(folder, clock, as_of="2024-04-03").manifest.recalibration
    clock("2024-05-20")
    word(folder, "troops", "happened", "2024-05-10")  # of other deadlines
    again = later(folder, clock, as_of="2024-04-04").manifest.recalibration
    assert known is not None
    assert again == known


def test_void_questions_teach_nothing(tmp_path: Path, clock: Clock) -> None:
    folder = experienced(tmp_path, clock)
    clock("2024-04-03")
    word(folder, "pact", "void")
    word(folder, "troops", "void")
    assert learned_in(folder, as_of="2024-04-10") is None
    assert later(folder, clock).manifest.recalibration is None


def test_the_ledger_keeps_it_and_verifies_it(tmp_path: Path, clock: Clock) -> None:
    folder = experienced(tmp_path, clock)
    run = later(folder, clock)
    with open_ledger(ledger_address(None, folder)) as ledger:
        entry = run_heads(ledger)[-1].entry
        kept = json.loads(read_run(ledger, entry)[1].settings)["recalibration"]
        assert verify(ledger, folder=folder / "posteriors").passed
    figures = kept.pop("figures")
    assert kept == run.manifest.recalibration
    assert figures == [list(each.recalibrated or ()) for each in run.manifest.forecasts]
    assert read_manifest(run.path) == run.manifest
    beside = [each.recalibrated for each in read_manifest(run.path).forecasts]
    assert beside == [each.recalibrated for each in run.manifest.forecasts]
    with open_ledger(ledger_address(None, folder)) as ledger:
        with unguarded(ledger) as connection:
            changed = text("UPDATE runs SET settings = replace(settings, :shift, '0.5')")
            connection.execute(changed, {"shift": str(kept["all"]["shift"][0])})
            connection.commit()
        faults = verify(ledger, folder=folder / "posteriors").faults
    assert f"entry {entry} (run) is not what was written" in faults


def test_the_same_experience_gives_the_same_run_and_another_gives_another(
    tmp_path: Path, clock: Clock
) -> None:
    folder = experienced(tmp_path, clock)
    first, again = later(folder, clock), later(folder, clock)
    assert first.manifest == again.manifest
    assert first.head == again.head
    clock("2024-04-09")
    word(folder, "pact", "void")
    other = later(folder, clock)
    assert other.manifest.key != first.manifest.key
    assert other.manifest.forecasts == first.manifest.forecasts


def test_off_leaves_keys_and_records_as_they_were(tmp_path: Path, clock: Clock) -> None:
    off = later(experienced(tmp_path / "off", clock, OFF), clock)
    without = ON.partition("\n[recalibration]")[0]
    unsaid = later(experienced(tmp_path / "unsaid", clock, without), clock)
    assert off.manifest.key == unsaid.manifest.key
    for run in (off, unsaid):
        document = run.path.read_text(encoding="utf-8")
        assert "recalibrat" not in document
    with open_ledger(ledger_address(None, tmp_path / "off")) as ledger:
        assert "recalibrat" not in read_run(ledger, run_heads(ledger)[-1].entry)[1].settings


def told(folder: Path, *arguments: str) -> str:
    result = CliRunner().invoke(cli, [*arguments, "--workspace", str(folder)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_table_and_page_show_both_figures(tmp_path: Path, clock: Clock) -> None:
    folder = experienced(tmp_path, clock)
    clock("2024-04-11")
    table = told(folder, "update", "--as-of", "2024-04-10")
    assert "prior  recalibrated\n" in table
    assert "by 3 answered questions (2 clusters), log-odds shifted by " in table
    told(folder, "report")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count('<span class="span">recalibrated ') == 2
    assert "by 3 answered questions (2 clusters)" in page


def test_table_and_page_of_a_run_without_it_do_not_speak_of_it(
    tmp_path: Path, clock: Clock
) -> None:
    folder = experienced(tmp_path, clock, OFF)
    clock("2024-04-11")
    table = told(folder, "update", "--as-of", "2024-04-10")
    told(folder, "report")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "recalibrated" not in table + page


def test_the_command_shows_what_it_would_be_whether_it_is_on_or_not(
    tmp_path: Path, clock: Clock
) -> None:
    folder = experienced(tmp_path, clock, OFF)
    words = told(folder, "score", "--recalibration", "--as-of", "2024-04-10")
    assert "by 3 answered questions (2 clusters)" in words
    assert "SHA-256" in words
    found = json.loads(told(folder, "score", "--recalibration", "--json"))["recalibration"]
    assert len(found["curve"][""]) == 9
    assert found["all"]["questions"] == 3
    before = told(folder, "score", "--recalibration", "--as-of", "2024-03-25")
    assert before.startswith("No question is answered yet")
    refused = CliRunner().invoke(
        cli, ["score", "--as-of", "2024-03-25", "--workspace", str(folder)]
    )
    assert refused.exit_code != 0
    assert "add --recalibration" in refused.output


def test_python_has_it_too(tmp_path: Path, clock: Clock) -> None:
    folder = experienced(tmp_path, clock, OFF)
    found = fc.experience(folder)
    assert found is not None
    assert found.of("onset") is found.all
    assert fc.experience(folder, as_of="2024-03-25") is None
    with pytest.raises(InputError, match="as-of"):
        fc.experience(folder, as_of="spring")
