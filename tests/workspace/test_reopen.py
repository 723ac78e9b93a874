"""What was recorded can be taken back, and the question is open again."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli.main import cli
from forecast.errors import InputError
from forecast.ledger import every_word, open_ledger
from forecast.ledger._connection import ledger_address
from forecast.workspace._outcomes import Statement, resolve_event
from forecast.workspace._scores import score_workspace
from tests.workspace.samples import write_workspace
from tests.workspace.test_outcomes import clock_at, say
from tests.workspace.test_possible import made

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL

ASKED = "q1,seen,2024-06-30,\nq2,seen,2024-12-31,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made(tmp_path, items="", asked=ASKED)


def words(folder: Path, until: datetime | None = None) -> dict[str, list[str]]:
    with open_ledger(ledger_address(None, folder)) as ledger:
        said = every_word(ledger, until=until)
    return {name: [each.resolution.outcome for each in every] for name, every in said.items()}


def test_what_annuls_an_event_says_how_to_open_it_again(folder: Path) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["resolve", *arguments, "--workspace", str(folder)])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "To open it again: forecast resolve seen --reopen\n" in run("seen", "--void")
    assert run("seen", "--reopen").startswith("seen: open again. Entered as 3 in the ledger.")
    told = json.loads(run("vote.left", "--on", "2024-11-05", "--json"))
    assert told["ruled_out"] == ["vote.right"]
    assert "vote.right: open again. Entered as 7.\n" in run("vote.left", "--reopen")
    assert words(folder) == {}


def test_a_question_that_its_event_annulled_is_reopened_by_its_own_name(folder: Path) -> None:
    resolve_event(folder, "seen", Statement(void=True))
    ((record, _),) = resolve_event(folder, "q1", Statement(reopen=True))
    assert (record.event, record.outcome) == ("seen", "reopened")
    resolve_event(folder, "q1", Statement(void=True))
    resolve_event(folder, "seen", Statement(on="2024-05-01"))
    ((record, _),) = resolve_event(folder, "q1", Statement(reopen=True))
    assert record.event == "q1"
    assert words(folder) == {"seen": ["happened"]}


@pytest.mark.parametrize("name", ["seen", "q1", "state"])
def test_what_has_no_word_is_not_reopened(folder: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"nothing is recorded of it \\(got '{name}'\\)"):
        resolve_event(folder, name, Statement(reopen=True))


def test_what_is_reopened_is_scored_as_open_and_was_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_workspace(tmp_path)
    say(folder, monkeypatch, "2024-12-01", troops=0.5)
    with clock_at(monkeypatch, datetime(2025, 1, 2, tzinfo=UTC)):
        resolve_event(folder, "troops", Statement(on="2024-12-20"))
    assert [each.event for each in score_workspace(folder).questions] == ["troops"]
    with clock_at(monkeypatch, datetime(2025, 1, 4, tzinfo=UTC)):
        resolve_event(folder, "troops", Statement(reopen=True))
    assert score_workspace(folder).questions == ()
    assert words(folder) == {}
    assert words(folder, until=datetime(2025, 1, 3, tzinfo=UTC)) == {"troops": ["happened"]}


def test_what_stands_in_the_way_of_a_state_is_taken_back(folder: Path) -> None:
    resolve_event(folder, "state", Statement(on="2024-05-01"))
    resolve_event(folder, "state", Statement(ended="2024-06-01"))
    resolve_event(folder, "state", Statement(reopen=True))
    resolve_event(folder, "state", Statement(not_by="2024-05-01"))
    assert words(folder) == {"state": ["not_by"]}
