"""Questions in a workspace: told, alerted on, resolved and scored by their own deadlines."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import forecast as fc
from forecast.cli.main import cli
from forecast.errors import InputError
from forecast.workspace._contents import read_contents
from forecast.workspace._followed import followed, ledger_of, words_of
from forecast.workspace._outcomes import Statement, resolve_event
from forecast.workspace._scores import score_workspace
from forecast.workspace._settings import Request
from forecast.workspace._update import attempt, update
from tests.tolerances import SAME_ALGEBRA

EVENTS = tuple(f"e{number:02}" for number in range(15))
HEAD = "id,event,deadline,opened,wording,outcome,resolved\n"


def network(name: str, events: str, start: str = "2024-01-01", horizon: str = "2025-12-31") -> str:
    return f"name: {name}\ntitle: {name}\nstart: {start}\nhorizon: {horizon}\nevents:\n{events}"


def onset(name: str, more: str = "") -> str:
    return f'  {name}: {{kind: onset, rate: "30% [10%, 55%] within 1 year"{more}}}\n'


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def toml(*networks: str, deadlines: str = "", more: str = "") -> str:
    named = ", ".join(f'"priors/{each}.yaml"' for each in networks)
    told = f"deadlines = [{deadlines}]\n" if deadlines else ""
    return f"[workspace]\nnetworks = [{named}]\n[forecast]\ndraws = 512\n{told}{more}"


def asked(folder: Path, questions: str, more: str = "") -> Path:
    """Write a workspace of one network with three onsets, a hidden one and a state, asked about."""
    events = "".join(onset(name) for name in ("a", "b")) + onset("c", ", public: false")
    state = '  s: {kind: state, rate: "2 per year", off_rate: "2 per year"}\n'
    files = {
        "forecast.toml": toml("n", more=more),
        "priors/n.yaml": network("n", events + state),
        "questions.csv": HEAD + questions,
    }
    (folder / "evidence").mkdir(parents=True, exist_ok=True)
    return written(folder, files)


def run(folder: Path, *arguments: str) -> str:
    result = CliRunner().invoke(cli, [*arguments, "--workspace", str(folder)])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def fifteen(tmp_path: Path) -> Path:
    rows = [
        f"q{n:02},{event},{date(2024, 3, 1) + timedelta(days=20 * n)},,"
        f'"Will number {n} have come about by its day, as the rules of the platform have it?",,'
        for n, event in enumerate(EVENTS)
    ]
    files = {
        "forecast.toml": toml("n"),
        "priors/n.yaml": network("n", "".join(map(onset, EVENTS))),
        "questions.csv": HEAD + "\n".join(rows) + "\n",
    }
    (tmp_path / "evidence").mkdir()
    return written(tmp_path, files)


def test_fifteen_questions_are_one_table_of_a_line_each(
    fifteen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run(fifteen, "update", "--as-of", "2024-02-01").splitlines()
    rows = [line for line in lines if line.startswith("2024-")]
    assert [line[:10] for line in rows] == sorted(
        str(date(2024, 3, 1) + timedelta(days=20 * n)) for n in range(15)
    )
    assert all(f" Will number {n} have c" in line for n, line in enumerate(rows))
    assert max(len(line) for line in lines if not line.startswith("Saved as")) <= 80
    by_ids = run(fifteen, "update", "--as-of", "2024-02-01", "--ids").splitlines()
    named = [line for line in by_ids if line.startswith("2024-")]
    assert [line.split()[-1] for line in named] == [f"q{n:02}" for n in range(15)]


def test_four_answered_questions_are_scored_as_four(fifteen: Path) -> None:
    for day in ("2024-02-01", "2024-02-10", "2024-02-20"):
        update(fifteen, Request(as_of=day))
    text = (fifteen / "questions.csv").read_text().splitlines()
    for n, answer in (
        (1, "no,2024-03-01"),
        (2, "yes,2024-03-05"),
        (3, "no,"),
        (4, "30%,2024-04-01"),
    ):
        text[n] = text[n].removesuffix(",").removesuffix(",") + "," + answer
    (fifteen / "questions.csv").write_text("\n".join(text) + "\n")
    scores = score_workspace(fifteen, clock="as_of", with_hindsight=True)
    assert [(each.question, each.outcome) for each in scores.questions] == [
        ("q00", 0.0), ("q01", 1.0), ("q02", 0.0), ("q03", 0.3),
    ]  # fmt: skip
    assert (scores.open, scores.annulled, scores.late) == (11, 0, 0)
    p = [each.first for each in scores.questions]
    share = 0.3 * (1 - p[3]) ** 2 + 0.7 * p[3] ** 2
    brier = (p[0] ** 2 + (1 - p[1]) ** 2 + p[2] ** 2 + share) / 4
    assert scores.brier == pytest.approx(brier, abs=SAME_ALGEBRA)


def test_a_question_is_told_by_its_own_deadline_and_only_while_it_is_open(tmp_path: Path) -> None:
    folder = asked(
        tmp_path,
        "q1,a,2024-06-30,,,,\nq2,a,2024-12-31,,,,\nq3,b,2024-09-30,2024-07-01,,,\n"
        "q4,c,2024-12-31,,,annulled,2024-02-01\n",
    )
    told = {}
    for day in ("2024-03-01", "2024-07-15", "2025-02-01"):
        result = attempt(folder, Request(as_of=day))
        told[day] = [
            (f.question, f.event, f.by) for each in result.runs for f in each.manifest.forecasts
        ]
    assert told["2024-03-01"] == [("q1", "a", "2024-06-30"), ("q2", "a", "2024-12-31")]
    assert told["2024-07-15"] == [("q3", "b", "2024-09-30"), ("q2", "a", "2024-12-31")]
    assert told["2025-02-01"] == []
    assert "finished: all its questions are past" in result.finished["n"]
    document = json.loads(run(folder, "update", "--as-of", "2024-03-01", "--json"))
    (made,) = document["runs"]
    assert [each["question"] for each in made["forecasts"]] == ["q1", "q2"]
    assert made["questions_closed"] == ["q4"]


def test_a_question_answers_as_the_table_does(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-06-30,,,,\n")
    (found,) = update(folder, Request(as_of="2024-03-01"))[0].manifest.forecasts
    text = (folder / "forecast.toml").read_text()
    (folder / "forecast.toml").write_text(text + 'deadlines = ["2024-06-30"]\n')
    (folder / "questions.csv").unlink()
    by_event = update(folder, Request(as_of="2024-03-01"))[0].manifest.forecasts
    assert found.probability == next(f.probability for f in by_event if f.event == "a")


def test_two_horizons_and_one_that_ends_do_not_stop_thirty_nights(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    folder = written(
        tmp_path,
        {
            "forecast.toml": toml("short", "long", deadlines='"2024-06-10", "2024-12-31"'),
            "priors/short.yaml": network("short", onset("x"), horizon="2024-06-15"),
            "priors/long.yaml": network("long", onset("y")),
        },
    )
    seen = []
    for night in range(30):
        day = date(2024, 6, 1) + timedelta(days=night)
        output = run(folder, "update", "--as-of", str(day))
        seen.append(("\nshort: short" in f"\n{output}", "\nlong: long" in f"\n{output}"))
        if day >= date(2024, 6, 10):
            assert "short: finished" in output
    assert seen == [(night < 9, True) for night in range(30)]


def test_a_workspace_with_nothing_to_forecast_is_refused(tmp_path: Path) -> None:
    folder = asked(tmp_path, "")
    with pytest.raises(InputError, match="neither a deadline nor a question"):
        update(folder, Request(as_of="2024-03-01"))
    assert read_contents(folder).inputs  # questions may be on their way


def test_every_fault_of_questions_is_told_with_the_others(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,aa,2024-06-30,,,,\na,b,2024-06-30,,,,\nq3,b,2031-01-01,,,,\n")
    with pytest.raises(InputError) as caught:
        read_contents(folder)
    told = str(caught.value)
    for words in ("questions.csv:2", "unknown event", "questions.csv:3", "called like an event",
                  "questions.csv:4", "outside the period"):  # fmt: skip
        assert words in told


def test_an_alert_may_be_set_on_a_question(tmp_path: Path) -> None:
    folder = asked(
        tmp_path, "q1,a,2024-06-30,,,,\nq2,a,2024-12-31,,,,\n", "[alerts]\nq2 = {above = 0.01}\n"
    )
    (alert,) = update(folder, Request(as_of="2024-03-01"))[0].alerts
    assert (alert.question, alert.event, alert.by) == ("q2", "a", "2024-12-31")


def chances(folder: Path, day: str) -> dict[str, float]:
    runs = attempt(folder, Request(as_of=day)).runs
    return {f.question: f.probability for each in runs for f in each.manifest.forecasts}


def settled(folder: Path, day: str) -> dict[str, float]:
    """Return the events that are certain by the end of 2024 to who knows all outcomes by a day."""
    contents = read_contents(folder)
    with ledger_of(contents) as ledger:
        (inputs,) = followed(contents, words_of(ledger)).inputs
    post = fc.update(inputs.network, inputs.evidence, as_of=day, draws=512)
    table = post.table(by=["2024-12-31"])["2024-12-31"]["mean"]
    return {str(event): p for event, p in table.items() if p in (0.0, 1.0)}


def test_what_is_resolved_is_evidence_from_then_on(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-06-30,,,,\nq2,a,2024-12-31,,,,\nq3,b,2024-12-31,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    ((record, _),) = resolve_event(folder, "q1", Statement(on="2024-03-20"))
    assert (record.event, record.outcome) == ("a", "happened")
    assert chances(folder, "2024-03-10")["q2"] < 0.5  # nobody knew it then
    assert list(chances(folder, "2024-04-10")) == ["q3"]  # the others are answered
    assert settled(folder, "2024-04-10") == {"a": 1.0}
    scores = score_workspace(folder, clock="as_of", with_hindsight=True)
    assert {each.question: each.outcome for each in scores.questions} == {"q1": 1.0, "q2": 1.0}


def test_a_hidden_event_that_is_resolved_is_known_from_its_entry_on(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,c,2025-12-31,,,,\n")
    file = folder / "priors" / "n.yaml"
    file.write_text(file.read_text().replace("2025-12-31", "2099-12-31"))
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "c", Statement(on="2024-03-20"))
    assert chances(folder, "2024-06-01")["q1"] < 0.9  # the entry is of today
    with ledger_of(read_contents(folder)) as ledger:
        (inputs,) = followed(read_contents(folder), words_of(ledger)).inputs
    (item,) = inputs.evidence.items
    assert item.published >= date(2026, 1, 1)


def test_an_answer_in_the_file_is_evidence_too(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-06-30,,,yes,2024-03-20\nq2,a,2024-12-31,,,,\n")
    assert chances(folder, "2024-03-10")["q2"] < 0.5
    assert chances(folder, "2024-04-10") == {}  # q2 is answered too
    assert settled(folder, "2024-04-10") == {"a": 1.0}


@pytest.mark.parametrize(
    ("observed", "agrees"),
    [
        ("2024-03-20,,2024-03-20", True),
        ("2024-03-25,,2024-03-24", False),
        ("2024-04-01,off,", False),
    ],
)
def test_ledger_and_evidence_that_disagree_are_a_fault_that_names_both(
    tmp_path: Path, observed: str, agrees: bool
) -> None:
    folder = asked(tmp_path, "q2,a,2024-12-31,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "a", Statement(on="2024-03-20"))
    published, state, onset_from = observed.split(",")
    written(
        folder,
        {
            "evidence/i.csv": "id,published,kind,event,state,onset_from\n"
            f"o1,{published},observation,a,{state},{onset_from}\n"
        },
    )
    if agrees:
        assert "ok: n: 4 events, 0 links, 1 item" in run(folder, "check")
        return
    with pytest.raises(InputError) as caught:
        attempt(folder, Request(as_of="2024-05-01"))
    told = str(caught.value)
    for words in ("i.csv:2", "item 'o1'", "the ledger (entry 2)", "2024-03-20"):
        assert words in told


def test_a_question_that_says_otherwise_than_the_ledger_is_a_fault(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-06-30,,,,\nq2,b,2024-12-31,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "a", Statement(on="2024-03-20"))
    asked(tmp_path, "q1,a,2024-06-30,,,no,2024-07-01\nq2,b,2024-12-31,,,,\n")
    with pytest.raises(InputError, match=r"questions.csv:2: question 'q1': .*answer is no, and"):
        attempt(folder, Request(as_of="2024-05-01"))


def test_an_observation_on_file_asks_for_the_answer(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-06-30,,,,\nq2,b,2024-12-31,,,,\n")
    written(
        folder,
        {
            "evidence/i.csv": "id,published,kind,event,onset_from\n"
            "o1,2024-03-20,observation,a,2024-03-20\n"
        },
    )
    result = attempt(folder, Request(as_of="2024-05-01"))
    (warning,) = (each for each in result.warnings if "answers the question" in str(each))
    assert "forecast resolve q1 --on 2024-03-20" in str(warning)


def test_one_question_can_be_voided_alone(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-03-10,,,,\nq2,a,2024-03-20,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "a", Statement(not_by="2024-12-31"))
    resolve_event(folder, "q1", Statement(void=True))
    scores = score_workspace(folder, clock="as_of", with_hindsight=True)
    assert [each.question for each in scores.questions] == ["q2"]
    assert scores.annulled == 1
    assert list(chances(folder, "2024-03-05")) == ["q1", "q2"]  # it was annulled today
    assert attempt(folder, Request(as_of="2024-03-15")).finished == {}


def test_a_state_may_end_and_is_scored_as_it_was_at_the_deadline(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,s,2024-03-10,,,,\nq2,s,2024-06-20,,,,\nq3,s,2024-09-20,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    for stated in (Statement(on="2024-04-01"), Statement(ended="2024-07-01")):
        resolve_event(folder, "s", stated)
    found = {
        each.question: each.outcome
        for each in score_workspace(folder, clock="as_of", with_hindsight=True).questions
    }
    assert found == {"q1": 0.0, "q2": 1.0, "q3": 0.0}
    resolve_event(folder, "q3", Statement(answer="yes"))
    found = {
        each.question: each.outcome
        for each in score_workspace(folder, clock="as_of", with_hindsight=True).questions
    }
    assert found == {"q1": 0.0, "q2": 1.0, "q3": 1.0}


@pytest.mark.parametrize(
    ("name", "stated", "problem"),
    [
        ("q1", Statement(), "of a question, --yes or --no"),
        ("a", Statement(answer="no"), "answers a question, and this is an event"),
        ("q1", Statement(answer="yes"), "a yes needs the day on which it began"),
        ("q1", Statement(ended="2024-03-05"), "only a state ends"),
        ("q9", Statement(void=True), "q1"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, name: str, stated: Statement, problem: str
) -> None:
    folder = asked(tmp_path, "q1,a,2024-06-30,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    with pytest.raises(InputError, match=problem):
        resolve_event(folder, name, stated)


def test_the_page_has_one_row_a_question_by_its_own_deadline(tmp_path: Path) -> None:
    folder = asked(
        tmp_path,
        "q1,a,2024-12-31,,<b>Will A come?</b>,,\nq2,b,2024-06-30,,,,\nq3,a,2024-09-30,,,,\n",
    )
    update(folder, Request(as_of="2024-03-01"))
    update(folder, Request(as_of="2024-03-10"))
    run(folder, "report")
    text = (folder / "report.html").read_text(encoding="utf-8")
    table = text.split("stacked questions")[1].split("</table>")[0]
    rows = table.split("<tbody>")[1].split("<tr")[1:]
    assert ["30 June" in rows[0], "30 September" in rows[1], "31 December" in rows[2]] == [True] * 3
    assert "&lt;b&gt;Will A come?&lt;/b&gt;" in rows[2]
    assert "<b>Will" not in text


def test_a_question_is_shown_as_its_event(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-12-31,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    assert run(folder, "show", "q1") == run(folder, "show", "a")


def test_a_state_that_was_seen_on_does_not_answer_for_a_later_day(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,s,2024-12-31,,,,\n")
    head = "id,published,kind,event,state\n"
    written(folder, {"evidence/i.csv": f"{head}o1,2024-03-20,observation,s,on\n"})
    result = attempt(folder, Request(as_of="2024-05-01"))
    assert not [each for each in result.warnings if "answers the question" in str(each)]


def test_file_and_ledger_that_answer_a_question_differently_are_a_fault(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-03-10,,,,\nq2,a,2024-12-31,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "q1", Statement(void=True))
    asked(tmp_path, "q1,a,2024-03-10,,,no,\nq2,a,2024-12-31,,,,\n")
    with pytest.raises(InputError, match=r"csv:2: .*the ledger \(entry 2\) says annulled"):
        attempt(folder, Request(as_of="2024-05-01"))


def test_an_item_that_is_called_like_what_follows_hides_nothing(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-12-31,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "a", Statement(on="2024-03-20"))
    head = "id,published,kind,event,likelihood_ratio\n"
    written(folder, {"evidence/i.csv": f"{head}ledger_2,2024-03-05,likelihood_ratio,b,x2\n"})
    assert settled(folder, "2024-04-10") == {"a": 1.0}


def test_an_outcome_a_confirmation_and_a_second_time_are_evidence_once_resolved(
    tmp_path: Path,
) -> None:
    events = (
        "  vote: {kind: decision, on: 2024-06-05, outcomes: {left: 60%, right: the rest}}\n"
        '  raid: {kind: onset, rate: "30% [10%, 55%] within 1 year", known: within 2 weeks}\n'
        '  summit: {kind: repeated, rate: "2 per year [1, 4]"}\n'
    )
    (tmp_path / "evidence").mkdir()
    rows = "".join(
        f"q{n},{event},2024-12-31,,,,\n"
        for n, event in enumerate(("vote.left", "raid.confirmed", "summit.2"))
    )
    folder = written(
        tmp_path,
        {
            "forecast.toml": toml("n"),
            "priors/n.yaml": network("n", events),
            "questions.csv": HEAD + rows,
        },
    )
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "vote.left", Statement(on="2024-06-05"))
    resolve_event(folder, "raid.confirmed", Statement(on="2024-06-10"))
    resolve_event(folder, "summit.2", Statement(on="2024-06-20"))
    found = settled(folder, "2024-07-01")
    wanted = {"vote.left": 1.0, "vote.right": 0.0, "raid.confirmed": 1.0, "raid": 1.0,
              "summit": 1.0, "summit.2": 1.0}  # fmt: skip
    assert {name: found.get(name) for name in wanted} == wanted
    assert attempt(folder, Request(as_of="2024-07-01")).finished["n"].startswith("finished")


def items_of(folder: Path) -> list[tuple[str, str, object]]:
    """Return what follows from outcomes: of which event, from which day on, and what."""
    contents = read_contents(folder)
    with ledger_of(contents) as ledger:
        (inputs,) = followed(contents, words_of(ledger)).inputs
    return [
        (item.event, str(item.published), item.onset[0] if item.onset else item.state)
        for item in inputs.evidence.items
        if isinstance(item, fc.Observation)
    ]


STATE_HEAD = "id,published,kind,event,source,claim,state\n"
STATE_ON = "seen,2024-03-01,observation,s,,,on\n"


def test_that_a_state_ended_counts_as_the_observation_on_file_does(tmp_path: Path) -> None:
    question = "q1,s,2024-12-31,,,,\n"
    resolved, filed = (asked(tmp_path / name, question) for name in ("resolved", "filed"))
    for folder, more in ((resolved, ""), (filed, "gone,2024-05-01,observation,s,,,off\n")):
        written(folder, {"evidence/i.csv": STATE_HEAD + STATE_ON + more})
    before = chances(resolved, "2024-03-02")["q1"]
    resolve_event(resolved, "s", Statement(ended="2024-05-01"))
    assert chances(resolved, "2024-03-02")["q1"] == before  # nobody knew it then
    assert chances(resolved, "2024-11-15") == chances(filed, "2024-11-15")
    (folder / "evidence/i.csv").write_text(STATE_HEAD + STATE_ON)
    assert chances(filed, "2024-11-15")["q1"] > chances(resolved, "2024-11-15")["q1"] + 0.1


def test_all_words_on_a_state_since_the_last_void_are_evidence(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,s,2024-03-31,,,,\nq2,s,2024-04-30,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "s", Statement(on="2024-03-05"))
    resolve_event(folder, "s", Statement(void=True))
    assert items_of(folder) == []
    resolve_event(folder, "s", Statement(on="2024-03-10"))
    resolve_event(folder, "s", Statement(ended="2024-04-10"))
    resolve_event(folder, "q1", Statement(answer="yes"))
    resolve_event(folder, "q2", Statement(answer="no"))
    assert items_of(folder) == [
        ("s", "2024-03-10", date(2024, 3, 10)),
        ("s", "2024-03-31", "on"),
        ("s", "2024-04-10", "off"),
        ("s", "2024-04-30", "off"),
    ]


def test_an_answer_in_the_file_tells_how_a_state_was_at_its_deadline(tmp_path: Path) -> None:
    folder = asked(
        tmp_path,
        "q1,s,2024-03-31,,,yes,2024-04-02\nq2,s,2024-04-30,,,no,\n"
        "q3,s,2024-12-31,,,no,2024-06-01\n",  # it may have changed by its deadline
    )
    assert items_of(folder) == [("s", "2024-04-02", "on"), ("s", "2024-04-30", "off")]


def test_a_no_to_a_question_on_a_hidden_event_is_evidence(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,c,2024-06-30,,,,\nq2,a,2024-06-30,,,,\n")
    file = folder / "priors" / "n.yaml"
    file.write_text(file.read_text().replace("2025-12-31", "2099-12-31"))
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "q1", Statement(answer="no"))
    resolve_event(folder, "q2", Statement(answer="no"))
    ((event, published, state),) = items_of(folder)  # of a public one, silence says as much
    assert (event, state) == ("c", "off")
    assert date.fromisoformat(published) >= date(2026, 1, 1)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("q1", Statement(answer="yes")), ("s", Statement(ended="2024-03-10")), "yes to question"),
        (("s", Statement(ended="2024-03-31")), ("q1", Statement(answer="yes")), "ended on 2024"),
        (("s", Statement(ended="2024-03-10")), ("q1", Statement(answer="yes")), ""),  # since
        (("q1", Statement(answer="no")), ("s", Statement(on="2024-03-10")), "no to question 'q1'"),
        (("q1", Statement(answer="no")), ("s", Statement(on="2024-04-10")), ""),
        (("s", Statement(not_by="2024-03-10")), ("q1", Statement(answer="yes")), ""),
        (("q1", Statement(answer="yes")), ("q1", Statement(answer="no")), ""),
    ],
)
def test_a_state_is_not_said_to_be_on_and_off_at_a_deadline(
    tmp_path: Path, first: tuple[str, Statement], second: tuple[str, Statement], told: str
) -> None:
    folder = asked(tmp_path, "q1,s,2024-03-31,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, *first)
    if not told:
        resolve_event(folder, *second)
        return
    with pytest.raises(InputError, match="on and off at the end of 2024-03-31: entry 2") as caught:
        resolve_event(folder, *second)
    assert told in str(caught.value)
    assert f"'forecast resolve {first[0]} --reopen' takes it back" in str(caught.value)


def test_a_no_to_a_question_on_an_onset_is_corrected_by_the_day_on_which_it_began(
    tmp_path: Path,
) -> None:
    folder = asked(tmp_path, "q1,a,2024-03-31,,,,\nq2,a,2024-06-30,,,,\n")
    update(folder, Request(as_of="2024-03-01"))

    def answers() -> dict[str, int]:
        scores = score_workspace(folder, clock="as_of", with_hindsight=True)
        return {each.question: int(each.outcome) for each in scores.questions}

    resolve_event(folder, "q2", Statement(answer="no"))
    assert answers() == {"q1": 0, "q2": 0}
    resolve_event(folder, "q1", Statement(answer="no"))  # which was said already
    assert answers() == {"q1": 0, "q2": 0}
    resolve_event(folder, "a", Statement(on="2024-05-01"))
    assert answers() == {"q1": 0, "q2": 1}
    resolve_event(folder, "q1", Statement(answer="no"))  # as May says
    assert answers() == {"q1": 0, "q2": 1}
    resolve_event(folder, "a", Statement(on="2024-03-05"))
    assert answers() == {"q1": 1, "q2": 1}
    resolve_event(folder, "q1", Statement(void=True))
    assert answers() == {"q2": 1}
    resolve_event(folder, "q1", Statement(answer="no"))
    assert answers() == {"q1": 0}  # and when it began after March is not known any more


@pytest.mark.parametrize("said", ["q1", "a"], ids=["of the question", "of the event"])
def test_a_yes_in_the_file_against_a_no_in_the_ledger_is_a_fault(tmp_path: Path, said: str) -> None:
    """Of a public event too, where a no is no observation."""
    folder = asked(tmp_path, "q1,a,2024-03-31,,,,\nq2,a,2024-06-30,,,,\n")
    update(folder, Request(as_of="2024-03-01"))
    no = Statement(answer="no") if said == "q1" else Statement(not_by="2024-03-31")
    resolve_event(folder, said, no)
    for answered in ("q1,a,2024-03-31,,,yes,2024-03-10\n", "q2,a,2024-06-30,,,yes,2024-03-10\n"):
        asked(tmp_path, answered)
        with pytest.raises(InputError, match=r"ledger \(entry 2\) says that 'a' had not begun"):
            update(folder, Request(as_of="2024-04-01"))
    asked(tmp_path, "q2,a,2024-06-30,,,yes,2024-05-10\n")  # since
    update(folder, Request(as_of="2024-04-01"))


def test_what_the_ledger_makes_impossible_can_be_taken_back(tmp_path: Path) -> None:
    folder = asked(tmp_path, "q1,a,2024-12-31,,,,\nq2,c,2024-12-31,,,,\nq3,b,2024-12-31,,,,\n")
    file = folder / "priors" / "n.yaml"
    update(folder, Request(as_of="2024-03-01"))
    resolve_event(folder, "b", Statement(on="2024-03-05"))
    resolve_event(folder, "a", Statement(on="2024-03-20"))
    file.write_text(file.read_text() + "links:\n  - {parent: b, child: a, kind: prevents}\n")
    result = attempt(folder, Request(as_of="2024-04-01"))
    wrong = [each for each in result.warnings if "impossible" in str(each)]
    for told in (str(result.failures["n"]), *map(str, wrong[:1])):
        assert "'forecast resolve a --reopen'" in told
        assert "Correct the item" not in told
        assert "leave out the link 'b prevents a'" in told
    assert wrong
    assert "'forecast resolve b --reopen'" in str(result.failures["n"])
    resolve_event(folder, "a", Statement(void=True))
    assert attempt(folder, Request(as_of="2024-04-01")).failures == {}
