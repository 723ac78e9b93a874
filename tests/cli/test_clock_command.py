"""``forecast ledger clock``: somebody says that the clock is right, and the ledger keeps it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import forecast.ledger._append as append
from forecast.cli.main import cli
from tests.workspace.samples import never_estimate, write_workspace


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, [*arguments, "--workspace", str(folder)])
    return done.exit_code, done.stdout, done.stderr


def test_a_jump_is_told_by_the_next_job_and_repaired_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    ahead = datetime.now(UTC) + timedelta(days=900)

    class Clock:
        @staticmethod
        def now(_: object) -> datetime:
            return ahead

    with monkeypatch.context() as patch:
        patch.setattr(append, "datetime", Clock)
        assert run(folder, "update")[0] == 0
    code, out, err = run(folder, "update", "--seed", "2", "--json", "--log", str(tmp_path / "log"))
    assert code == 0
    assert "note: the clock said" in err
    assert json.loads(out)["notes"]
    assert '"what": "note"' in (tmp_path / "log").read_text()
    code, out, err = run(folder, "ledger", "verify")
    assert (code, "at entry 1" in err) == (0, True)

    today = datetime.now(UTC).date()
    code, _, err = run(folder, "ledger", "clock", "--today", "2020-01-01")
    assert code == 2
    assert f"the machine's clock says {today}" in err
    assert run(folder, "ledger", "clock", "--today", "today")[0] == 2
    code, out, err = run(folder, "ledger", "clock", "--today", str(today))
    assert (code, out.startswith("Entry 3: the clock is right")) == (0, True)
    assert "entry 1 was made under a clock that ran ahead" in err
    made = json.loads(run(folder, "show", "pact", "--json")[1])
    assert str(ahead.date()) not in json.dumps(made)


def test_hindsight_needs_the_clock_that_can_have_it(tmp_path: Path) -> None:
    folder = write_workspace(tmp_path)
    code, _, err = run(folder, "score", "--with-hindsight")
    assert (code, "or add --clock as-of" in err) == (2, True)
