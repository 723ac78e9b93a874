"""Files of platforms, read: what becomes of every question and price of the samples."""

import json
from pathlib import Path

import pytest

import forecast as fc
from forecast.errors import InputError
from forecast.files.platforms._import import READERS, Imported

SAMPLES = Path(__file__).parent / "samples"


def read(platform: str, *names: str, **named: object) -> Imported:
    return fc.import_questions([SAMPLES / name for name in names], platform, **named)  # type: ignore[arg-type]


def asked(found: Imported) -> dict[str, fc.Question]:
    return {each.id: each for each in found.questions}


def said(found: Imported) -> list[tuple[str, str, str, float]]:
    """Return the day, the source, the event and the probability of each opinion."""
    return [
        (
            item.published_instant.strftime("%Y-%m-%d %H:%M"),
            item.source,
            item.event,
            item.probability,
        )
        for item in found.opinions
        if isinstance(item, fc.Forecast)
    ]


def test_every_sample_has_its_layout_told() -> None:
    table = (SAMPLES / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in SAMPLES.iterdir() if path.suffix != ".md"}
    assert {name for name in files if f"`{name}`" in table} == files
    assert {name.split("_")[0] for name in files} >= {"infer", "gjp", *READERS}


def test_posts_of_metaculus_give_questions_options_and_groups() -> None:
    found = read("metaculus", "metaculus_posts.json", events={"metaculus_51001": "pact"})
    by = asked(found)
    assert sorted(by) == [
        "metaculus_51001",
        "metaculus_51002_left",
        "metaculus_51002_other",
        "metaculus_51002_right",
        "metaculus_51004",
        "metaculus_51005",
    ]
    pact = by["metaculus_51001"]
    assert (pact.event, str(pact.deadline), pact.outcome) == ("pact", "2024-12-31", None)
    assert pact.wording == "Will a mutual defence pact be signed in 2024?"
    assert pact.url == "https://www.metaculus.com/questions/50001/"
    assert by["metaculus_51002_right"].outcome == "yes"
    assert by["metaculus_51002_left"].outcome == "no"
    assert by["metaculus_51004"].outcome == "no"
    assert by["metaculus_51005"].outcome == "annulled"
    assert found.unmapped == set(by) - {"metaculus_51001"}
    assert [line for line in said(found) if line[2] == "pact"] == [
        ("2024-01-11 01:00", "metaculus", "pact", 0.25),  # the last of its day: 0.2 came before
        ("2024-01-13 00:00", "metaculus", "pact", 0.31),
        ("2024-03-01 00:00", "metaculus", "pact", 0.4),
    ]
    reasons = [each.why for each in found.aside]
    assert "a question of type 'numeric' asks for a number or a date" in reasons
    assert "a conditional pair or a notebook is not one question" in reasons
    assert "fields of question 'metaculus_51001' without a place here" in reasons


def test_the_export_of_metaculus_says_the_same_as_its_posts() -> None:
    posts = read("metaculus", "metaculus_posts.json")
    tables = read("metaculus", "metaculus_question_data.csv", "metaculus_forecast_data.csv")
    same = set(asked(posts)) & set(asked(tables))
    assert same == {"metaculus_51001"} | {
        f"metaculus_51002_{option}" for option in ("left", "right", "other")
    }
    for name in same:
        one, other = asked(posts)[name], asked(tables)[name]
        assert (one.event, one.deadline, one.opened, one.wording) == (
            other.event,
            other.deadline,
            other.opened,
            other.wording,
        )
    assert {item.id for item in tables.opinions} < {item.id for item in posts.opinions}
    assert asked(tables)["metaculus_51001"].outcome == "yes"
    assert str(asked(tables)["metaculus_51001"].resolved) == "2024-10-18 09:00:00+00:00"
    told = " ".join(tables.notes)
    assert "other aggregates are left out" in told
    assert "single forecasters are left out" in told


def test_markets_of_manifold_give_answers_and_their_bets_the_prices() -> None:
    found = read("manifold", "manifold_markets.json", "manifold_bets.json")
    by = asked(found)
    assert by["manifold_halfway"].outcome == 0.35
    assert by["manifold_cancelled"].outcome == "annulled"
    assert by["manifold_votemarket_ansright"].outcome == "yes"
    assert by["manifold_votemarket_ansleft"].outcome == "no"
    assert by["manifold_votemarket_ansleft"].event.endswith(".left")
    # A cancelled order is none, and of two bets on one day the later one counts.
    assert [line[3] for line in said(found)] == [0.38, 0.55, 0.45]


def test_a_market_that_resolved_early_hides_its_deadline() -> None:
    """Its close time is that of its resolution, and would tell a replay when the answer came."""
    found = read("manifold", "manifold_markets.json")
    assert "manifold_earlyyes" not in asked(found)
    assert any("manifold_earlyyes" in words for words in found.notes)
    given = read("manifold", "manifold_markets.json", deadlines={"manifold_earlyyes": "2024-12-31"})
    early = asked(given)["manifold_earlyyes"]
    assert (early.outcome, str(early.resolved)) == ("yes", "2024-04-30 00:00:00+00:00")


def test_an_open_market_without_bets_has_its_price_of_now() -> None:
    found = read("manifold", "manifold_markets.json")
    assert [line[:2] + line[3:] for line in said(found)] == [("2024-07-09 00:00", "manifold", 0.4)]


def test_markets_of_polymarket_take_their_history() -> None:
    found = read(
        "polymarket", "polymarket_market.json", "polymarket_history.json", events={"": "pact"}
    )
    assert said(found) == [
        ("2024-01-11 20:06", "polymarket", "pact", 0.32),
        ("2024-01-23 08:53", "polymarket", "pact", 0.35),
        ("2024-06-11 10:00", "polymarket", "pact", 0.41),
    ]
    told = " ".join(found.notes)
    assert "prices without a number are left out" in told
    assert "prices of 0 or 1 are left out" in told
    now = read("polymarket", "polymarket_market.json")
    assert [line[3] for line in said(now)] == [0.415]


def test_a_history_of_the_other_outcome_is_turned(tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    file.write_text('{"market": "2535912", "history": [{"t": 1705000000, "p": 0.75}]}')
    found = fc.import_questions([SAMPLES / "polymarket_market.json", file], "polymarket")
    assert [line[3] for line in said(found)] == [0.25]


def test_a_history_without_its_market_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    file.write_text('{"market": "9", "history": [{"t": 1705000000, "p": 0.75}]}')
    with pytest.raises(InputError, match=r"history.json: market: does not say which market .*'9'"):
        fc.import_questions([SAMPLES / "polymarket_market.json", file], "polymarket")


def test_resolved_markets_of_polymarket_have_answers_and_proposed_ones_none() -> None:
    by = asked(read("polymarket", "polymarket_event.json"))
    assert by["polymarket_253601"].outcome == "no"
    assert by["polymarket_253602"].outcome == "yes"
    assert str(by["polymarket_253602"].resolved) == "2024-11-06 21:25:17+00:00"
    assert by["polymarket_253603_blue"].outcome is None
    assert by["polymarket_253602"].url == "https://polymarket.com/event/who-wins-the-vote"


def test_good_judgment_gives_the_consensus_and_not_single_forecasters() -> None:
    tables = ("goodjudgment_questions_answers.csv", "goodjudgment_prediction_sets.csv")
    found = read("goodjudgment", *tables)
    by = asked(found)
    assert (by["goodjudgment_30"].outcome, str(by["goodjudgment_30"].deadline)) == (
        "yes",
        "2024-12-31",
    )
    assert len(by) == 4  # yes or no, and three answers of another
    assert [line[3] for line in said(found)] == [0.44, 0.42]  # final, and the last of its day
    assert any("fc.pool" in words for words in found.notes)


def test_infer_speaks_the_same_api() -> None:
    found = read("goodjudgment", "infer_questions.json", "infer_prediction_sets.json")
    by = asked(found)
    assert by["goodjudgment_9998"].outcome == "annulled"
    assert str(by["goodjudgment_9999"].deadline) == "2025-01-01 04:59:00+00:00"
    assert [line[3] for line in said(found)] == [0.6, 0.65]


def test_problems_of_the_good_judgment_project_have_american_dates() -> None:
    by = asked(read("goodjudgment", "gjp_ifps.csv"))
    problem = by["goodjudgment_1113_0"]
    assert (problem.outcome, str(problem.opened), str(problem.deadline)) == (
        "no",
        "2012-06-25",
        "2013-03-31",
    )
    assert {q.outcome for name, q in by.items() if name.startswith("goodjudgment_1114")} == {
        "annulled"
    }


def test_a_question_set_names_the_crowd_that_it_took_its_number_from() -> None:
    found = read(
        "forecastbench", "forecastbench_question_set.json", "forecastbench_resolution_set.json"
    )
    by = asked(found)
    market = by["forecastbench_manifold_pactmarket24"]
    assert said(found) == [("2024-07-11 00:00", "manifold", market.event, 0.33)]
    first, second = sorted(name for name in by if "wtisplc" in name)
    assert by[first].event == by[second].event  # one state, asked for two days
    assert (by[first].outcome, by[second].outcome) == ("yes", None)
    assert market.outcome is None  # its market has a price by then, and no answer
    assert by[first].wording == (
        "Will the price have risen by 2024-07-28 as compared to its value on 2024-07-21?"
    )
    assert [each.why for each in found.aside][
        -1
    ] == "a combination of questions is not one question"


def test_fatebook_keeps_forecasters_apart() -> None:
    found = read("fatebook", "fatebook_forecasts.csv")
    assert [(line[0], line[1], line[3]) for line in said(found)] == [
        ("2024-02-01 10:03", "fatebook_ann", 0.3),
        ("2024-03-01 08:00", "fatebook_ann", 0.2),
        ("2024-03-01 08:00", "fatebook_ann", 0.7),
        ("2024-03-01 08:00", "fatebook_bob", 0.55),
    ]
    assert any("without a zone are taken as UTC" in words for words in found.notes)
    renamed = read("fatebook", "fatebook_forecasts.csv", sources={"fatebook_ann": "ann"})
    assert {line[1] for line in said(renamed)} == {"ann", "fatebook_bob"}


def test_questions_of_fatebooks_api_are_read() -> None:
    found = read("fatebook", "fatebook_questions.json")
    (question,) = found.questions
    assert (question.outcome, str(question.resolved)) == (
        "annulled",
        "2024-11-01 00:00:00+00:00",
    )
    assert [(line[1], line[3]) for line in said(found)] == [
        ("fatebook_ann", 0.3),
        ("fatebook_u2", 0.5),
    ]


def test_a_draft_with_its_gaps_filled_is_an_event_that_the_next_import_finds(
    tmp_path: Path,
) -> None:
    """No network is read with a gap; with base rates the draft is whole, options and all."""
    found = read("metaculus", "metaculus_posts.json")
    head = "name: drafts\nstart: 2024-01-01\nhorizon: 2025-12-31\n"
    body = found.drafts.split("sources:")[0]
    path = tmp_path / "drafts.yaml"
    path.write_text(head + body, encoding="utf-8")
    with pytest.raises(InputError, match="FILL IN"):
        fc.read_network(path)
    filled = (
        body.replace("rate: FILL IN", 'rate: "20% [10%, 40%] within 6 months"')
        .replace("on: FILL IN", "on: 2024-11-05")
        .replace("other: FILL IN", "other: the rest")
        .replace("FILL IN", '"40%"')
    )
    path.write_text(head + filled, encoding="utf-8")
    network = fc.read_network(path)
    assert {question.event for question in found.questions} <= {node.id for node in network.nodes}
    found.questions.check(network)


def test_an_event_is_taken_from_the_caller_then_from_what_is_known() -> None:
    known = fc.Questions([fc.Question(id="metaculus_51001", event="pact", deadline="2024-12-31")])
    found = read("metaculus", "metaculus_posts.json", known=known)
    assert asked(found)["metaculus_51001"].event == "pact"
    assert {line[2] for line in said(found) if line[3] == 0.4} == {"pact"}
    other = read(
        "metaculus", "metaculus_posts.json", known=known, events={"metaculus_51001": "treaty"}
    )
    assert asked(other)["metaculus_51001"].event == "treaty"


def test_a_decision_takes_all_options_by_their_names() -> None:
    found = read("metaculus", "metaculus_posts.json", events={"metaculus_51002": "vote"})
    options = {q.event for name, q in asked(found).items() if name.startswith("metaculus_51002")}
    assert options == {"vote.left", "vote.right", "vote.other"}


def test_prices_alone_belong_to_questions_that_are_known() -> None:
    known = fc.Questions([fc.Question(id="metaculus_51001", event="pact", deadline="2024-12-31")])
    found = read("metaculus", "metaculus_forecast_data.csv", known=known)
    assert [line[2:] for line in said(found)] == [("pact", 0.25), ("pact", 0.31)]


def test_two_that_ask_the_same_are_scored_once() -> None:
    known = fc.Questions([fc.Question(id="q1", event="pact", deadline="2024-12-31")])
    found = read(
        "metaculus", "metaculus_posts.json", known=known, events={"metaculus_51001": "pact"}
    )
    assert asked(found)["metaculus_51001"].left_out == "asks the same as q1"


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"events": {"metaculus_5100": "pact"}}, "events: no such question .*Did you mean"),
        ({"events": {"": "pact"}}, "the files state 4 questions"),
        ({"deadlines": {"metaculus_51001": "soon"}}, r"results\[0\].question: question "),
        ({"sources": {"crowd": "x"}}, "sources: no such source"),
        ({"platform": "metaculous"}, "no such platform .*Did you mean 'metaculus'"),
    ],
)
def test_names_that_the_files_do_not_have_are_faults(
    named: dict[str, object], message: str
) -> None:
    platform = str(named.pop("platform", "metaculus"))
    with pytest.raises(InputError, match=message):
        read(platform, "metaculus_posts.json", **named)


def inline(folder: Path, platform: str, document: object, **named: object) -> Imported:
    file = folder / f"{platform}.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return fc.import_questions(file, platform, **named)  # type: ignore[arg-type]


def test_options_of_fatebook_have_forecasts_of_their_own(tmp_path: Path) -> None:
    """The forecasts stand with the option, or with the question under the option's id."""
    said_of = {"createdAt": "2024-03-01T10:00:00.000Z", "user": {"name": "Ann"}}
    question = {
        "id": "c1",
        "title": "Where?",
        "type": "MULTIPLE_CHOICE",
        "createdAt": "2024-02-01T10:00:00.000Z",
        "resolveBy": "2024-12-31T00:00:00.000Z",
        "options": [
            {"id": "o1", "text": "Seoul", "forecasts": [{"forecast": "0.25", **said_of}]},
            {"id": "o2", "text": "Tokyo", "resolution": "YES", "resolvedAt": "2024-09-01"},
        ],
        "forecasts": [{"forecast": 0.75, "optionId": "o2", **said_of}],
    }
    found = inline(tmp_path, "fatebook", [question])
    by = asked(found)
    assert by["fatebook_c1_tokyo"].outcome == "yes"
    assert by["fatebook_c1_seoul"].event == "where_q_c1.seoul"
    assert sorted((line[2], line[3]) for line in said(found)) == [
        ("where_q_c1.seoul", 0.25),
        ("where_q_c1.tokyo", 0.75),
    ]


def test_a_file_that_is_no_export_of_fatebook_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"other.csv:1: is no export of Fatebook"):
        fc.import_questions(tmp_path / "other.csv", "fatebook")


def several(**changed: object) -> dict[str, object]:
    answers = [
        {"id": "a", "text": "Left", "probability": 0.3},
        {"id": "b", "text": "Right", "probability": 0.6},
    ]
    return {
        "id": "v",
        "question": "Which?",
        "outcomeType": "MULTIPLE_CHOICE",
        "closeTime": 1735689599000,
        "lastBetTime": 1720000000000,
        "answers": answers,
        **changed,
    }


def test_answers_that_may_all_come_true_are_questions_of_their_own(tmp_path: Path) -> None:
    found = inline(tmp_path, "manifold", several(shouldAnswersSumToOne=False))
    by = asked(found)
    assert [by[name].event for name in ("manifold_v_a", "manifold_v_b")] == [
        "which_left_q_v_a",
        "which_right_q_v_b",
    ]
    assert by["manifold_v_a"].wording == "Which? (Left)"
    assert sorted(line[3] for line in said(found)) == [0.3, 0.6]
    assert "kind: decision" not in found.drafts


@pytest.mark.parametrize(
    ("resolved", "outcomes"),
    [
        ({"resolution": "CANCEL"}, {"annulled"}),
        ({"resolution": "CHOOSE_MULTIPLE", "resolutions": {"a": 25, "b": 75}}, {0.25, 0.75}),
        ({"resolution": "nobody"}, {None}),
    ],
)
def test_a_market_of_several_answers_resolves(
    tmp_path: Path, resolved: dict[str, object], outcomes: set[object]
) -> None:
    late = {"isResolved": True, "resolutionTime": 1735700000000}
    found = inline(tmp_path, "manifold", several(**late, **resolved))
    assert {each.outcome for each in found.questions} == outcomes
    assert len(found.opinions) == 0


def post(**changed: object) -> dict[str, object]:
    return {
        "id": 7,
        "title": "Which?",
        "type": "multiple_choice",
        "options": ["Left", "Right"],
        "open_time": "2024-01-05T00:00:00Z",
        "scheduled_close_time": "2024-12-31T00:00:00Z",
        **changed,
    }


def test_the_latest_number_stands_for_a_history_that_is_not_there(tmp_path: Path) -> None:
    latest = {"start_time": 1710000000.0, "centers": None, "forecast_values": [0.7, 0.3]}
    crowd = {"recency_weighted": {"history": [], "latest": latest}}
    found = inline(tmp_path, "metaculus", post(aggregations=crowd))
    assert sorted(line[3] for line in said(found)) == [0.3, 0.7]
    binary = post(type="binary", aggregations=crowd)  # of no, then of yes
    assert [line[3] for line in said(inline(tmp_path, "metaculus", binary))] == [0.3]


def test_points_that_do_not_fit_the_options_are_left_out(tmp_path: Path) -> None:
    points = [{"start_time": 1710000000.0, "centers": [0.2, 0.3, 0.5]}]
    crowd = {"recency_weighted": {"history": points}}
    found = inline(tmp_path, "metaculus", post(aggregations=crowd))
    assert len(found.opinions) == 0
    assert any("without a number for each option" in words for words in found.notes)


def test_an_annulled_question_with_options_and_a_word_that_is_none(tmp_path: Path) -> None:
    annulled = post(resolution="ambiguous", actual_close_time="2024-12-31T00:00:00Z")
    assert {q.outcome for q in inline(tmp_path, "metaculus", annulled).questions} == {"annulled"}
    other = inline(tmp_path, "metaculus", post(resolution="Centre"))
    assert {q.outcome for q in other.questions} == {None}
    assert any("name none of the options" in words for words in other.notes)
    strange = inline(tmp_path, "metaculus", post(type="binary", resolution="perhaps"))
    assert [q.outcome for q in strange.questions] == [None]
    assert any("neither yes, no nor annulled" in each.why for each in strange.aside)


@pytest.mark.parametrize("options", [[], ["Left"], ["Left", "Left"], "Left"])
def test_options_that_cannot_be_told_apart_are_a_fault(tmp_path: Path, options: object) -> None:
    with pytest.raises(InputError, match=r"metaculus.json: options: "):
        inline(tmp_path, "metaculus", post(options=options))


@pytest.mark.parametrize("cell", ["Left or Right", "{'a': 1}", "__import__('os')", "[" * 5_000])
def test_lists_in_a_table_are_read_and_never_run(tmp_path: Path, cell: str) -> None:
    table = (SAMPLES / "metaculus_question_data.csv").read_text()
    file = tmp_path / "question_data.csv"
    file.write_text(table.replace("['Left', 'Right', 'Other']", cell))
    with pytest.raises(InputError, match=r"question_data.csv:3: MC Options \(All\): is not a list"):
        fc.import_questions(file, "metaculus")


def test_an_infer_question_resolved_to_a_share_and_one_that_does_not_say(tmp_path: Path) -> None:
    def resolved(number: int, *shares: float | None) -> dict[str, object]:
        names = ("Yes", "No")
        return {
            "id": number,
            "name": "Held?",
            "resolved?": True,
            "resolved_at": "2024-08-01T00:00:00.000Z",
            "ends_at": "2024-09-01T04:00:00.000Z",
            "answers": [
                {"name": name, "resolved_probability": share}
                for name, share in zip(names, shares, strict=True)
            ],
        }

    found = inline(tmp_path, "goodjudgment", [resolved(1, 0.5, 0.5), resolved(2, None, None)])
    assert [each.outcome for each in found.questions] == [0.5, None]
    assert any("does not say how" in words for words in found.notes)


def test_tables_that_are_no_judgments_are_faults(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="neither a table of questions and answers nor one of"):
        fc.import_questions(tmp_path / "other.csv", "goodjudgment")
    (tmp_path / "ifps.csv").write_text(
        "ifp_id,q_text,date_start,date_to_close,options\n"
        '1,Held?,13/45/12,3/31/13,"(a) Yes, (b) No"\n'
        '2,When?,1/1/12,2013-03-31,"soon"\n'
    )
    with pytest.raises(InputError, match=r"ifps.csv:2: date_start: is not a day .*'13/45/12'"):
        fc.import_questions(tmp_path / "ifps.csv", "goodjudgment")


def test_answers_without_their_questions_are_told() -> None:
    found = read("forecastbench", "forecastbench_resolution_set.json")
    assert len(found.questions) == 0
    assert any("give the question set too" in words for words in found.notes)


def test_one_more_than_eight_outcomes_is_told_in_the_draft(tmp_path: Path) -> None:
    found = inline(tmp_path, "metaculus", post(options=[f"Option {n}" for n in range(9)]))
    assert "a decision has at most 8 outcomes" in found.drafts


def test_what_a_question_set_writes_as_missing_is_missing(tmp_path: Path) -> None:
    document = json.loads((SAMPLES / "forecastbench_question_set.json").read_text())
    market = document["questions"][0]
    market |= {"freeze_datetime_value": "N/A", "url": "N/A"}
    found = inline(tmp_path, "forecastbench", {**document, "questions": [market]})
    assert [each.url for each in found.questions] == [""]
    assert len(found.opinions) == 0
    market["market_info_close_datetime"] = "N/A"
    open_ended = inline(tmp_path, "forecastbench", {**document, "questions": [market]})
    assert any("states no deadline" in words for words in open_ended.notes)
