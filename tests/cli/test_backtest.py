"""``forecast backtest``: what it prints, what it keeps, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.backtest import _work as work
from forecast.backtest._tasks import EventChance, Task, TaskResult
from forecast.cli.main import cli
from forecast.time import day_label
from tests.workspace.samples import WORKSPACE, never_estimate, write_workspace

RESOLUTIONS = """\
id,event,deadline,outcome,resolved,cluster,left_out
q1,pact,2024-06-30,no,,,
q2,troops,2024-12-31,yes,2024-10-18,,
q3,troops,2024-06-30,no,,,other wording
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["backtest", "--jobs", "1", *arguments], catch_exceptions=False)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """The estimates that were asked for, in a workspace that is the current folder."""
    tasks: list[Task] = []

    def estimate(task: Task) -> TaskResult:
        tasks.append(task)
        p = 0.2 if task.forecaster == "forecast" else 0.4
        chances = (
            EventChance(e, day_label(by), p, 0.001)
            for by in task.deadlines
            for e in ("pact", "troops")
        )
        return TaskResult("importance", True, "passed", tuple(chances))

    monkeypatch.setattr(work, "estimate", estimate)
    write_workspace(tmp_path, {"evidence/resolutions.csv": RESOLUTIONS})
    monkeypatch.chdir(tmp_path)
    return tasks


def test_a_replay_is_logged(asked: list[Task]) -> None:
    run("--on", "2024-04-01", "--log", "log.jsonl")
    lines = [json.loads(line) for line in Path("log.jsonl").read_text().splitlines()]
    assert [lines[0]["what"], lines[-1]["what"], lines[-1]["ok"]] == ["begin", "end", True]
    steps = [line for line in lines if line["what"] == "step"]
    assert len(steps) >= len(asked) > 0
    assert all(step["doing"].startswith("tiny: ") for step in steps)


@pytest.mark.usefixtures("asked")
def test_answers_to_questions_are_replayed_as_resolutions_are() -> None:
    before = run("--from", "2024-04-01", "--to", "2024-11-30").stdout
    Path("evidence/resolutions.csv").rename("questions.csv")
    assert run("--from", "2024-04-01", "--to", "2024-11-30").stdout == before


def test_the_table_has_questions_scores_and_its_doubts(asked: list[Task]) -> None:
    titled = run("--from", "2024-04-01", "--to", "2024-11-30").stdout.splitlines()
    lines = run("--ids", "--from", "2024-04-01", "--to", "2024-11-30").stdout.splitlines()
    assert titled[2].startswith("Troops deploy ")
    assert lines[1].split() == ["pact", "2024-06-30", "no", "90/90", "20%", "20%"]
    assert lines[2].split() == ["troops", "2024-12-31", "yes", "200/274", "20%", "20%"]
    assert "q3" not in {line.split()[0] for line in lines if line}
    # Against 40% throughout: 0.16 - 0.04 over all days of the no, 0.36 - 0.64 over 200 of 274.
    brier = next(line.split() for line in lines if line.startswith("prior"))
    assert brier[2] == f"{(0.12 - 0.28 * 200 / 274) / 2:+.4f}"
    told = "\n".join(lines)
    assert "2 questions in 2 clusters, replayed at 18 dates from 2024-04-01 to 2024-11-25" in told
    assert "what was published by then is seen; method auto, 512 draws, seed 1." in told
    assert "Intervals over 2 clusters, which weigh like 2.0 even ones, are too short" in told
    assert {task.known for task in asked} == {"published"}


def test_dates_may_be_named_one_by_one_and_seen_by_the_recorded_clock(asked: list[Task]) -> None:
    done = run("--on", "2024-07-01", "--on", "2024-05-15", "--known", "recorded", "--json")
    (document,) = json.loads(done.stdout)["replays"]
    assert document["known"] == "recorded"
    assert {task.known for task in asked} == {"recorded"}
    assert sorted({row["as_of"] for row in document["forecasts"]}) == ["2024-05-15", "2024-07-01"]
    assert document["left_out"] == {"q3": "other wording"}
    ours = next(row for row in document["scores"] if row["forecaster"] == "forecast")
    assert ours["gain"] is None


def test_a_second_replay_estimates_nothing(asked: list[Task]) -> None:
    first = run("--from", "2024-04-01", "--every", "30")
    count = len(asked)
    again = run("--from", "2024-04-01", "--every", "30")
    assert (len(asked), again.stdout) == (count, first.stdout)
    assert len(list(Path("backtests/tiny").glob("*.json"))) == count
    assert f"{count} of {count} estimates were there" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("--on", "2024-07-01", "--every", "7"), "--on: dates are given in two ways"),
        (("--draws", "100"), "--draws: must be a power of two"),
        (("--from", "June"), "--from: is not a day"),
        (("--from", "2024-06-01", "--to", "2024-05-01"), "--to: the last day is before the first"),
        (("another",), "there is no such network here"),
        (("--on", "2024-12-31"), "no question is open at any date"),
    ],
)
@pytest.mark.usefixtures("asked")
def test_a_request_that_cannot_be_met_is_bad_input(arguments: tuple[str, ...], fault: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert fault in done.stderr
    assert not Path("backtests").exists()


@pytest.mark.usefixtures("asked")
def test_without_resolutions_there_is_nothing_to_score() -> None:
    Path("evidence/resolutions.csv").unlink()
    done = run()
    assert done.exit_code == 2
    assert "Write how questions came out in questions.csv" in done.stderr


@pytest.mark.usefixtures("asked")
def test_a_fault_of_the_resolutions_is_told_by_every_check() -> None:
    file = Path("evidence/resolutions.csv")
    file.write_text(RESOLUTIONS + "q4,pakt,2024-12-31,no,,,\nq5,pact,2024-12-31,maybe,,,\n")
    for arguments in (["check"], ["backtest"]):
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 2
        assert "evidence/resolutions.csv:6: resolution 'q5': outcome" in done.stderr
        assert "evidence/resolutions.csv:5: resolution 'q4': event: unknown event" in done.stderr
        assert "Did you mean 'pact'" in done.stderr


@pytest.mark.usefixtures("asked")
def test_check_counts_the_resolutions() -> None:
    done = CliRunner().invoke(cli, ["check"])
    assert done.stdout == "ok: tiny: 2 events, 1 link, 3 items, 3 resolutions\n"


@pytest.mark.usefixtures("asked")
def test_file_and_ledger_may_not_contradict_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch)
    assert CliRunner().invoke(cli, ["update"]).exit_code == 0
    slip = CliRunner().invoke(cli, ["resolve", "troops", "--not-by", "2024-12-31"])
    assert slip.exit_code == 2
    assert "resolutions.csv:3: resolution 'q2': outcome: the ledger says no" in slip.stderr
    for words in (["troops", "--on", "2024-10-10"], ["pact", "--not-by", "2024-06-29"]):
        assert CliRunner().invoke(cli, ["resolve", *words]).exit_code == 0
    assert run("--on", "2024-05-01").exit_code == 0
    file = Path("evidence/resolutions.csv")
    file.write_text(RESOLUTIONS.replace("yes,2024-10-18", "no,"))
    done = run("--on", "2024-05-01")
    assert done.exit_code == 2
    assert "the ledger says yes of this event by 2024-12-31" in done.stderr


@pytest.mark.usefixtures("asked")
def test_a_network_without_resolutions_is_passed_over() -> None:
    second = Path("priors/tiny.yaml").read_text().replace("name: tiny", "name: second")
    second = second.replace("pact", "treaty").replace("troops", "ships")
    Path("priors/second.yaml").write_text(second)
    two = WORKSPACE.replace('"priors/tiny.yaml"', '"priors/tiny.yaml", "priors/second.yaml"')
    Path("forecast.toml").write_text(two)
    (document,) = json.loads(run("--on", "2024-05-15", "--json").stdout)["replays"]
    assert document["network"] == "tiny"
