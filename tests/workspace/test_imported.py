"""Questions of platforms brought into a workspace: added once, never overwritten, the rest told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import forecast as fc
from forecast.cli.main import cli
from forecast.errors import InputError
from forecast.workspace._contents import read_contents
from forecast.workspace._imported import Brought, Named, bring
from tests.files.platforms.test_platforms import SAMPLES
from tests.workspace.samples import NETWORK, never_estimate, write_workspace

CROWDS = NETWORK.replace(
    "sources:\n", "sources:\n  metaculus: {title: Metaculus, type: press}\n"
).replace(
    "links:\n",
    """\
  vote:
    kind: decision
    on: 2024-11-05
    outcomes: {left: "48% [40%, 56%]", right: "47%", other: the rest}
links:
""",
)
EVENTS = {"metaculus_51001": "pact", "metaculus_51002": "vote", "metaculus_51004": "troops"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_workspace(tmp_path / "workspace", {"priors/tiny.yaml": CROWDS})


def metaculus(folder: Path, *names: str, **named: dict[str, str]) -> Brought:
    files = [SAMPLES / name for name in names or ("metaculus_posts.json",)]
    given = {"events": EVENTS, "deadlines": {}, "sources": {}} | named
    return bring(folder, files, "metaculus", Named(**given))


def command(folder: Path, *words: str) -> int:
    return CliRunner().invoke(cli, [*words, "--workspace", str(folder)]).exit_code


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_questions_and_opinions_stand_where_the_workspace_reads_them(folder: Path) -> None:
    brought = metaculus(folder)
    assert sorted(brought.added) == [
        "metaculus_51001",
        "metaculus_51002_left",
        "metaculus_51002_other",
        "metaculus_51002_right",
        "metaculus_51004",
    ]
    assert brought.waiting == ("metaculus_51005",)
    assert (brought.opinions, brought.opinions_waiting) == (6, 0)
    questions = {each.id: each for each in fc.read_questions(folder)}
    assert questions["metaculus_51002_right"].event == "vote.right"
    (inputs,) = read_contents(folder).inputs
    opinions = [item for item in inputs.evidence if isinstance(item, fc.Forecast)]
    assert len(opinions) == 6
    assert {item.source for item in opinions} == {"metaculus"}


def test_a_second_import_changes_nothing(folder: Path) -> None:
    metaculus(folder)
    before = snapshot(folder)
    again = metaculus(folder)
    assert again.added == ()
    assert len(again.there) == 5
    assert (again.opinions, again.opinions_there) == (0, 6)
    assert (len(again.written), len(again.differences)) == (0, 0)
    assert snapshot(folder) == before


def test_what_is_there_is_left_and_a_difference_told(folder: Path) -> None:
    mine = (
        "id,event,deadline,wording,notes\n"
        "metaculus_51001,troops,2024-12-30,Will a mutual defence pact be signed in 2024?,mine\n"
    )
    (folder / "questions.csv").write_text(mine)
    brought = metaculus(folder)
    text = (folder / "questions.csv").read_text()
    row = "metaculus_51001,troops,2024-12-30,Will a mutual defence pact be signed in 2024?,mine"
    assert row in text
    assert "metaculus_51001" in brought.there
    told = " ".join(brought.differences)
    assert "deadline is '2024-12-30' in questions.csv, and '2024-12-31' at the platform" in told
    assert "wording" not in told


def test_an_answer_that_has_come_is_told_and_not_written(folder: Path) -> None:
    metaculus(folder)
    brought = metaculus(folder, "metaculus_question_data.csv")
    (told,) = (each for each in brought.differences if ": outcome is" in each)
    assert "outcome is '' in questions.csv, and 'yes' at the platform; it was left as it is" in told
    assert told.endswith("forecast resolve metaculus_51001 --on DATE, the day on which it came")
    assert {q.id: q.outcome for q in fc.read_questions(folder)}["metaculus_51001"] is None


def test_what_has_no_event_waits_beside_with_a_draft(folder: Path) -> None:
    before = snapshot(folder)
    brought = metaculus(folder, events={})
    assert brought.added == ()
    assert len(brought.waiting) == 6
    assert brought.opinions_waiting == 6
    beside = folder / "imported" / "metaculus-metaculus_posts"
    assert {path.name for path in beside.iterdir()} == {
        "questions.csv",
        "opinions.csv",
        "drafts.yaml",
        "aside.json",
    }
    assert len(fc.read_questions(beside)) == 6
    assert len(fc.read_evidence(beside / "opinions.csv")) == 6
    assert "rate: FILL IN" in (beside / "drafts.yaml").read_text()
    aside = json.loads((beside / "aside.json").read_text())
    assert any("type 'numeric'" in each["why"] for each in aside)
    after = snapshot(folder)
    assert {name: after[name] for name in before} == before
    read_contents(folder)  # nothing beside is read


def test_a_draft_that_was_edited_is_never_overwritten(folder: Path) -> None:
    metaculus(folder, events={})
    drafts = folder / "imported" / "metaculus-metaculus_posts" / "drafts.yaml"
    drafts.write_text("mine")
    brought = metaculus(folder, events={})
    assert drafts.read_text() == "mine"
    assert [path.name for path in brought.written] == ["drafts-2.yaml"]


def test_a_draft_put_into_the_network_is_found_by_the_next_import(folder: Path) -> None:
    metaculus(folder, events={})
    drafted = (folder / "imported/metaculus-metaculus_posts/drafts.yaml").read_text()
    lines = drafted.splitlines()
    start = lines.index("  will_a_mutual_defence_pact_be_si_q_51001:")
    event = "\n".join(lines[start : start + 6]).replace(
        "rate: FILL IN", 'rate: "20% within 1 year"'
    )
    network = CROWDS.replace("links:\n", f"{event}\nlinks:\n")
    (folder / "priors/tiny.yaml").write_text(network)
    brought = metaculus(folder, events={})
    assert brought.added == ("metaculus_51001",)
    assert brought.opinions == 3


def test_opinions_of_an_unknown_source_wait_and_the_way_out_is_told(folder: Path) -> None:
    (folder / "priors/tiny.yaml").write_text(CROWDS.replace("metaculus:", "crowd:"))
    brought = metaculus(folder)
    assert (brought.opinions, brought.opinions_waiting) == (0, 6)
    (note,) = (each for each in brought.notes if "unknown source" in each)
    assert note.startswith("opinions wait, 6: unknown source 'metaculus'")
    assert "--source metaculus=NAME" in note
    again = metaculus(folder, sources={"": "crowd"})
    assert again.opinions == 6


def test_a_question_outside_the_network_waits_and_the_reason_is_told(folder: Path) -> None:
    brought = metaculus(folder, deadlines={"metaculus_51001": "2030-12-31"})
    assert "metaculus_51001" in brought.waiting
    assert any(
        "'metaculus_51001' waits: the deadline lies outside the period" in note
        for note in brought.notes
    )
    read_contents(folder)


def test_an_option_that_the_decision_lacks_waits(folder: Path) -> None:
    (folder / "priors/tiny.yaml").write_text(CROWDS.replace("other: the rest", "centre: the rest"))
    brought = metaculus(folder)
    assert "metaculus_51002_other" in brought.waiting
    assert any("'vote' has no outcome 'other'" in note for note in brought.notes)
    named = {**EVENTS, "metaculus_51002_other": "vote.centre"}
    assert metaculus(folder, events=named).added == ("metaculus_51002_other",)


def test_faults_write_nothing(folder: Path, tmp_path: Path) -> None:
    before = snapshot(folder)
    with pytest.raises(InputError, match=r"unknown event .*Did you mean 'pact'"):
        metaculus(folder, events={"metaculus_51001": "pakt"})
    broken = tmp_path / "posts.json"
    broken.write_text('{"results": [{"question": {"id": null, "type": "binary"}}]}')
    with pytest.raises(InputError, match=r"results\[0\].question.id: is missing"):
        bring(folder, [broken], "metaculus", Named({}, {}, {}))
    assert snapshot(folder) == before


def test_a_faulty_questions_file_stops_the_import(folder: Path) -> None:
    (folder / "questions.csv").write_text("id,event,deadline\nq1,pact,soon\n")
    with pytest.raises(InputError, match=r"questions.csv:2: .*deadline"):
        metaculus(folder)


def test_a_hundred_imports_are_one(folder: Path) -> None:
    metaculus(folder)
    before = snapshot(folder)
    for _ in range(99):
        metaculus(folder)
    assert snapshot(folder) == before


def test_an_answer_that_contradicts_one_on_file_waits(folder: Path) -> None:
    """An onset that was on by March cannot be off by June: the one on file stays, and is sound."""
    (folder / "questions.csv").write_text(
        "id,event,deadline,outcome,resolved\nq1,troops,2024-03-31,yes,2024-03-20\n"
        "q2,pact,2024-12-31,no,\n"
    )
    events = {**EVENTS, "metaculus_51001": "pact"}
    brought = metaculus(folder, events=events)
    assert "metaculus_51004" in brought.waiting  # says no by 30 June
    assert any("'metaculus_51004' waits: the event was on by" in note for note in brought.notes)
    assert {"q1", "q2"} <= {each.id for each in fc.read_questions(folder)}
    known = fc.read_questions(folder)
    known.check(read_contents(folder).inputs[0].network)


def test_a_new_answer_that_an_answer_on_file_contradicts_waits(folder: Path) -> None:
    """Here the fault is told of the question on file, since it is the later one."""
    (folder / "questions.csv").write_text(
        "id,event,deadline,outcome,resolved\nq1,pact,2025-06-30,no,\n"
    )
    brought = metaculus(folder, "metaculus_question_data.csv", events={"metaculus_51001": "pact"})
    assert "metaculus_51001" in brought.waiting
    fc.read_questions(folder).check(read_contents(folder).inputs[0].network)


def test_opinions_from_before_the_network_starts_wait(folder: Path) -> None:
    network = CROWDS.replace("start: 2024-01-01", "start: 2024-01-12")
    (folder / "priors/tiny.yaml").write_text(network)
    brought = metaculus(folder)
    assert (brought.opinions, brought.opinions_waiting) == (5, 1)
    assert any(note.startswith("opinions wait, 1: ") for note in brought.notes)
    read_contents(folder)


def test_without_a_folder_of_evidence_opinions_wait(folder: Path) -> None:
    toml = (folder / "forecast.toml").read_text()
    (folder / "forecast.toml").write_text(toml.replace('"evidence/"', '"evidence/items.csv"'))
    brought = metaculus(folder)
    assert (brought.opinions, brought.opinions_waiting) == (0, 6)
    assert "opinions wait: forecast.toml names no folder of evidence" in brought.notes


def test_a_history_that_grows_replaces_the_opinions_that_wait(folder: Path, tmp_path: Path) -> None:
    data = (SAMPLES / "metaculus_forecast_data.csv").read_text().splitlines(keepends=True)
    questions = SAMPLES / "metaculus_question_data.csv"
    for length in (2, len(data)):
        grown = tmp_path / "forecast_data.csv"
        grown.write_text("".join(data[:length]))
        bring(folder, [questions, grown], "metaculus", Named({}, {}, {}))
    beside = folder / "imported" / "metaculus-metaculus_question_data"
    assert {path.name for path in beside.iterdir()} == {
        "questions.csv",
        "opinions.csv",
        "drafts.yaml",
        "aside.json",
    }
    assert len(fc.read_evidence(beside / "opinions.csv")) == 5


def test_an_answer_that_an_observation_contradicts_waits(folder: Path) -> None:
    """The item e2 has the pact off on 1 June: an answer that it was signed before is not taken."""
    file = folder.parent / "market.json"
    market = {
        "id": "9",
        "question": "Signed by April?",
        "outcomes": ["Yes", "No"],
        "outcomePrices": ["1", "0"],
        "endDate": "2024-04-30T12:00:00Z",
        "closed": True,
        "closedTime": "2024-03-20 10:00:00+00",
        "umaResolutionStatus": "resolved",
    }
    file.write_text(json.dumps(market))
    brought = bring(folder, [file], "polymarket", Named({"": "pact"}, {}, {}))
    assert brought.waiting == ("polymarket_9",)
    (note,) = (each for each in brought.notes if "waits" in each)
    assert "question 'polymarket_9' is answered yes" in note
    assert "has 'pact' observed" in note
    assert not (folder / "questions.csv").exists()


def test_an_answer_that_a_file_of_resolutions_has_already_waits(folder: Path) -> None:
    (folder / "evidence/resolutions.csv").write_text(
        "id,event,deadline,outcome\nr1,troops,2024-06-30,no\n"
    )
    brought = metaculus(folder)
    assert "metaculus_51004" in brought.waiting
    told = "waits: resolution 'r1': 'metaculus_51004' asks the same"
    assert any(told in note for note in brought.notes)
    read_contents(folder)


def test_what_is_aside_is_json_for_any_program(folder: Path) -> None:
    file = folder.parent / "market.json"
    deep = "[" * 5_000 + "]" * 5_000
    file.write_text(
        '{"id": "m", "question": "Signed?", "outcomeType": "BINARY", "volume": NaN, '
        f'"fees": -Infinity, "deep": {deep}, "odd": "\\ud800"}}'
    )
    bring(folder, [file], "manifold", Named({}, {}, {}))

    def refuse(name: str) -> None:
        raise AssertionError(name)

    text = (folder / "imported/manifold-market/aside.json").read_text()
    fields = json.loads(text, parse_constant=refuse)[0]["fields"]
    assert (fields["volume"], fields["fees"]) == ("nan", "-inf")
    assert "…" in str(fields["deep"])


def test_an_answer_that_the_ledger_has_is_no_difference(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORECAST_LEDGER", raising=False)
    never_estimate(monkeypatch)
    (folder / "priors/tiny.yaml").write_text(NETWORK)  # the made-up posterior knows no decisions
    assert command(folder, "update") == 0
    metaculus(folder, events={"metaculus_51001": "pact"})
    assert command(folder, "resolve", "metaculus_51001", "--on", "2024-10-18") == 0
    brought = metaculus(folder, "metaculus_question_data.csv", events={})
    assert brought.there == ("metaculus_51001",)
    assert not any("outcome" in each or "resolved" in each for each in brought.differences)
