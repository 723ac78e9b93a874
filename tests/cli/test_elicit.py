"""The session: what it asks, what it says, what it writes."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli.main import cli
from forecast.files._elicitation_files import read_answers
from forecast.files._network_file import read_network
from forecast.posterior import prior
from tests.files.test_class_references import written

ANSWERS = """\
pool: logarithmic
why: Discussed in May.
experts:
  - name: kim
    answers:
      - {within: 6 months, low: 3%, median: 10%, high: 25%}
      - {within: 2 years, low: 3%, median: 10%, high: 20%}
"""


def run(*arguments: str, said: str = "") -> Result:
    return CliRunner().invoke(cli, ["elicit", *arguments], input=said, catch_exceptions=False)


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = written(tmp_path, '"class coups/asia"')
    text = path.read_text(encoding="utf-8").replace(
        "kind: onset\n", "kind: onset\n    why: Old.\n", 1
    )
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.txt"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


def test_a_session_asks_feeds_back_shows_the_class_and_writes(network: Path) -> None:
    talk = ["rate", "kim", "6 months", "3%", "25%", "10%", "y", "n", "2"]
    talk += ["y", "lee", "1 year", "5%", "50%", "20%", "y", "n", "1", "n", "1", "Talked.", "y"]
    result = run(str(network), "coup", said="\n".join(talk) + "\n")
    assert result.exit_code == 0, result.output
    assert "You have just said: once in 4.7 years" in result.output
    assert "Counted: 3 onsets in 300 state-years, 1990 to 1999 (Coups): 0.5%" in result.output
    event = read_network(network).event("coup")
    assert event.why == "Talked."
    assert [voice["weight"] for voice in event.rate.wording["experts"]] == [2.0, 1.0, 1.0]
    assert event.rate.wording["experts"][2]["belief"].startswith("class coups/asia")


def test_an_answer_that_cannot_be_is_asked_for_again(network: Path) -> None:
    talk = ["rate", "kim", "6 months", "30%", "25%", "10%"]
    talk += ["6 months", "3%", "25%", "10%", "n", "6 months", "4%", "25%", "10%", "y", "n", "1"]
    result = run(str(network), "coup", said="\n".join([*talk, "n", "0", "", "y"]) + "\n")
    assert "do not increase" in result.output
    event = read_network(network).event("coup")
    assert str(event.rate) == "10% [4%, 25%] within 6 months"
    assert event.why == "Old."


def test_a_number_is_not_written_against_ones_will(network: Path) -> None:
    before = network.read_text(encoding="utf-8")
    talk = ["rate", "kim", "6 months", "3%", "25%", "10%", "y", "n", "1", "n", "0", "", "n"]
    result = run(str(network), "coup", said="\n".join(talk) + "\n")
    assert result.exit_code == 0
    assert 'rate: "10% [3%, 25%] within 6 months"' in result.output
    assert network.read_text(encoding="utf-8") == before


EVER = """\
why: Most talks end in nothing.
experts:
  - name: kim
    weight: 2
    ever: {low: 20%, median: 45%, high: 70%}
    pace: {low: 2 months, median: 4 months, high: 9 months}
  - name: lee
    ever: {low: 10%, median: 20%, high: 40%}
    pace: {low: 8 months, median: 16 months, high: 36 months}
"""


def test_an_onset_can_be_stated_as_whether_it_ever_comes_and_how_soon(network: Path) -> None:
    before = network.read_text(encoding="utf-8")
    talk = ["ever", "kim", "20%", "70%", "45%", "9 months", "2 months", "4 months"]  # not in order
    talk += ["20%", "70%", "45%", "2 months", "9 months", "4 months", "y", "1", "n", "Talked.", "y"]
    result = run(str(network), "coup", said="\n".join(talk) + "\n")
    assert result.exit_code == 0, result.output
    assert "9 months, 4 months, 2 months do not increase" in result.output
    assert "Of a hundred such cases, 45 come in the end, and 55 never" in result.output
    assert "Counted: 3 onsets in 300 state-years, 1990 to 1999 (Coups): 1.1%" in result.output
    event = read_network(network).event("coup")
    assert (event.rate, event.why) == (event.pace, "Talked.")  # of the node, whose rate is its pace
    assert network.read_text(encoding="utf-8") == before.replace(
        'rate: "class coups/asia"',
        'ever: "45% [20%, 70%]"\n    pace: "half of it within 4 months [2 months, 9 months]"',
        1,
    ).replace("why: Old.", "why: >-\n      Talked.", 1)


def test_what_is_implied_is_what_the_network_says(network: Path) -> None:
    talk = ["ever", "kim", "20%", "70%", "45%", "2 months", "9 months", "4 months"]
    result = run(str(network), "coup", said="\n".join([*talk, "y", "1", "n", "", "y"]) + "\n")
    told = re.search(
        r"within 6 months, ([\d.]+)% \(([\d.]+)% to ([\d.]+)%\) within 12", result.output
    )
    assert told is not None
    # Before any news, from the file as it was written: the mean and the range over draws.
    row = prior(read_network(network), draws=4096).table(by=["2024-12-31"]).loc["coup"]
    low, high = (row["2024-12-31", end] for end in ("lower", "upper"))
    assert (float(told[2]) / 100, float(told[3]) / 100) == pytest.approx((low, high), abs=0.012)


@pytest.mark.parametrize("before", ["rate", "ever"])
def test_either_way_of_stating_takes_the_place_of_the_other(
    network: Path, tmp_path: Path, before: str
) -> None:
    texts = {"rate": ANSWERS, "ever": EVER}
    for way in (before, *(way for way in texts if way != before)):
        file = tmp_path / f"{way}.yaml"
        file.write_text(texts[way], encoding="utf-8")
        result = run(str(network), "war", "--answers", str(file), "--write", "--json")
        document = json.loads(result.stdout)
        assert (document["field"], document["written"]) == (way, True)
        (event,) = (event for event in read_network(network).events if event.id == "war")
        stated = {name for name in ("rate", "ever", "pace") if getattr(event, name) is not None}
        assert stated == ({"rate"} if way == "rate" else {"ever", "pace"})


def test_experts_on_whether_it_ever_comes_are_pooled(network: Path, tmp_path: Path) -> None:
    file = tmp_path / "ever.yaml"
    file.write_text(EVER, encoding="utf-8")
    result = run(str(network), "war", "--answers", str(file), "--json")
    belief = json.loads(result.stdout)["belief"]
    # Weights of 2 and 1: 4 ** (2/3) * 16 ** (1/3), and so on.
    assert belief["pace"] == "half of it within 6.35 months [3.17 months, 14.3 months]"
    assert [voice["weight"] for voice in belief["ever"]["experts"]] == [2.0, 1.0]


def test_a_rate_that_makes_it_nearly_certain_is_remarked_on(network: Path) -> None:
    talk = ["rate", "kim", "1 month", "30%", "60%", "45%", "y", "n", "1", "n", "0", "", "n"]
    result = run(str(network), "coup", said="\n".join(talk) + "\n")
    assert "If it may never come, state whether it ever comes and how soon." in result.output


def test_what_follows_from_an_event_has_no_number_of_its_own(network: Path, answers: Path) -> None:
    text = network.read_text(encoding="utf-8")
    network.write_text(
        text.replace("kind: onset\n", "kind: onset\n    known: within 1 week\n", 1),
        encoding="utf-8",
    )
    result = run(str(network), "coup.confirmed", "--answers", str(answers))
    assert result.exit_code == 2
    assert "Name the event 'coup'." in result.output


def test_answers_of_one_way_are_not_written_as_the_other(network: Path, answers: Path) -> None:
    result = run(str(network), "coup", "--field", "ever", "--answers", str(answers))
    assert result.exit_code == 2
    assert "these are of rate" in result.output


def test_answers_from_a_file_are_replayed_and_clashes_told(network: Path, answers: Path) -> None:
    before = network.read_text(encoding="utf-8")
    result = run(str(network), "coup", "--answers", str(answers))
    assert result.exit_code == 0
    assert "Not one steady rate: 10% within 6 months is once in 4.7 years" in result.output
    assert network.read_text(encoding="utf-8") == before


def test_answers_from_a_file_are_written_if_asked(network: Path, answers: Path) -> None:
    result = run(str(network), "coup", "--answers", str(answers), "--write", "--json")
    document = json.loads(result.stdout)
    assert document["written"] is True
    assert len(document["belief"]["experts"]) == 2
    event = read_network(network).event("coup")
    assert event.rate.wording == document["belief"]
    assert event.why == "Discussed in May."


def test_another_class_can_be_shown(network: Path, answers: Path) -> None:
    result = run(str(network), "war", "--answers", str(answers), "--class", "coups/africa")
    assert "Counted: 18 onsets in 900 state-years" in result.output


def test_a_class_that_the_answers_name_is_shown(network: Path, answers: Path) -> None:
    text = answers.read_text(encoding="utf-8")
    answers.write_text(f"class: class coups/africa\n{text}", encoding="utf-8")
    result = run(str(network), "war", "--answers", str(answers))
    assert "Reference class: class coups/africa" in result.output
    assert "Counted: 18 onsets in 900 state-years" in result.output


def test_a_class_that_the_answers_name_must_exist(network: Path, answers: Path) -> None:
    text = answers.read_text(encoding="utf-8")
    answers.write_text(f"class: class cups\n{text}", encoding="utf-8")
    result = run(str(network), "war", "--answers", str(answers))
    assert result.exit_code == 2
    assert "no reference class 'cups'" in result.output
    assert "You have just said" not in result.output


def test_an_off_rate_is_not_held_against_the_class_of_its_onsets(
    network: Path, answers: Path
) -> None:
    text = network.read_text(encoding="utf-8")
    text = text.replace("    kind: onset\n", '    kind: state\n    off_rate: "1 per year"\n', 1)
    network.write_text(text, encoding="utf-8")
    chosen = (str(network), "coup", "--field", "off_rate", "--answers", str(answers))
    result = run(*chosen)
    assert result.exit_code == 0, result.output
    assert "(off_rate; now: 1 per year)" in result.output
    assert "class coups/asia" not in result.output
    assert "Counted:" not in result.output
    assert "Counted: 18 onsets" in run(*chosen, "--class", "coups/africa").output


def test_the_answers_of_the_documentation_can_be_read(tmp_path: Path) -> None:
    page = Path(__file__).parents[2].joinpath("docs", "base-rates.md").read_text(encoding="utf-8")
    (block,) = [part for part in page.split("```yaml\n") if part.startswith("class: ")]
    path = tmp_path / "answers.yaml"
    path.write_text(block.split("```")[0], encoding="utf-8")
    found = read_answers(path)
    assert found.outside is not None
    assert found.experts[0].name == "kim"


def test_an_event_without_a_class_says_why(network: Path, answers: Path) -> None:
    text = network.read_text(encoding="utf-8")
    text = text.replace(
        '"class coups/asia"\n    reference_class', '"1 per year"\n    reference_class'
    )
    text = text.replace(
        'reference_class: "class coups/asia"', 'reference_class: "none: not counted"'
    )
    network.write_text(text, encoding="utf-8")
    result = run(str(network), "war", "--answers", str(answers))
    assert "Reference class: none: not counted" in result.output
    assert "Counted:" not in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cup"], "unknown event 'cup'. Did you mean 'coup'"),
        (["coup", "--class", "cups"], "no reference class 'cups'"),
        (["coup", "--json"], "--json asks nothing, so it needs --answers"),
        (["coup", "--answers", "no.yaml"], "there is no such file"),
        (["coup", "--field", "off_rate"], "'coup' is of kind onset and has no off_rate"),
    ],
)
def test_faults_end_with_2(network: Path, arguments: list[str], message: str) -> None:
    result = run(str(network), *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_priors_prints_a_row_an_event(network: Path) -> None:
    result = CliRunner().invoke(
        cli, ["priors", str(network), "--draws", "64"], catch_exceptions=False
    )
    assert result.exit_code == 0
    rows = result.stdout.splitlines()
    assert rows[0].startswith(
        "| event | prior | reference class, or why there is none | own by 2024"
    )
    assert rows[2].startswith("| `coup` | class coups/asia: 3 onsets in 300 state-years |")
    as_json = CliRunner().invoke(cli, ["priors", str(network), "--draws", "64", "--json"])
    document = json.loads(as_json.stdout)
    assert [each["event"] for each in document["events"]] == ["coup", "war"]
    assert document["events"][1]["own"][0]["middle"] > 0.6


@pytest.mark.parametrize("day", ["x", "01/02/2024", "2024-02-30", "9999-12-31"])
def test_priors_by_no_date_ends_with_2(network: Path, day: str) -> None:
    result = CliRunner().invoke(cli, ["priors", str(network), "--by", day], catch_exceptions=False)
    assert result.exit_code == 2
    assert "error: --by: " in result.stderr
