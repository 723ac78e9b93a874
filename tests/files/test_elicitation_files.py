from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.files._elicitation_files import read_answers
from forecast.history._elicitation import Outside

ANSWERS = """\
class: class coups/asia, weight 50%
class_weight: 2
pool: linear
why: What was discussed.
experts:
  - name: kim
    weight: 2
    answers:
      - {within: 6 months, low: 3%, median: 10%, high: 25%}
      - {within: 2 years, low: 12%, median: 34%, high: 68%}
  - answers:
      - {within: 1 year, low: 0.05, median: 0.2, high: 0.5}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_answers_are_read(tmp_path: Path) -> None:
    found = read_answers(written(tmp_path, ANSWERS))
    assert [expert.name for expert in found.experts] == ["kim", "expert_2"]
    assert [len(expert.answers) for expert in found.experts] == [2, 1]
    assert found.outside == Outside("class coups/asia, weight 50%", 2.0)
    assert (found.pool, found.why) == ("linear", "What was discussed.")


def test_a_class_without_a_weight_is_only_shown(tmp_path: Path) -> None:
    found = read_answers(written(tmp_path, ANSWERS.replace("class_weight: 2\n", "")))
    assert found.outside is None
    assert found.shown == "class coups/asia, weight 50%"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("pool: linear", "pool: geometric", 3, "a pool is linear or logarithmic"),
        ("why:", "whi:", 4, "is not a key of the answers"),
        ("weight: 2\n    answers", "weight: 0\n    answers", 7, "a weight is a number above 0"),
        ("low: 3%", "low: 30%", 9, "do not increase"),
        ("low: 3%, ", "", 9, "must give within, low, median, high"),
        ("high: 68%}", "high: 68%, mode: 1%}", 10, "is not a key of the answers"),
        ("class: class coups/asia, weight 50%\n", "", 1, "there is no class"),
        ("class coups/asia, weight 50%", "class coups, weight 0", 1, "the weight '0' of a class"),
    ],
)
def test_every_fault_has_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in ANSWERS
    with pytest.raises(InputError, match=message) as caught:
        read_answers(written(tmp_path, ANSWERS.replace(old, new)))
    (fault,) = caught.value.faults
    assert fault.line == line


@pytest.mark.parametrize("text", ["- a\n", "experts: kim\n", "experts: [kim]\n"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="must"):
        read_answers(written(tmp_path, text))


EVER = """\
experts:
  - name: kim
    ever: {low: 20%, median: 45%, high: 70%}
    pace: {low: 2 months, median: 4 months, high: 9 months}
"""


def test_whether_it_ever_comes_is_read(tmp_path: Path) -> None:
    found = read_answers(written(tmp_path, EVER))
    (expert,) = found.ever
    assert found.experts == ()
    assert expert.answer.beliefs["pace"] == "half of it within 4 months [2 months, 9 months]"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("low: 20%, ", "", 3, "ever must give low, median, high"),
        ("low: 20%", "low: 50%", 2, "50%, 45%, 70% do not increase"),
        ("median: 4 months", "median: soon", 2, "'soon' is not a span of time"),
        ("    pace: {low: 2 months, median: 4 months, high: 9 months}\n", "", 2, "pace must give"),
        ("    pace:", "    answers: []\n    pace:", 4, "does not go with ever and pace"),
        (
            "experts:\n",
            "experts:\n  - {answers: [{within: 1 year, low: 1%, median: 2%, high: 3%}]}\n",
            1,
            "some speak of a rate, and some of whether it ever comes",
        ),
        ("experts:", "class: class coups\nclass_weight: 1\nexperts:", 2, "a class counts a rate"),
    ],
)
def test_every_fault_of_whether_it_ever_comes_has_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    path = written(tmp_path, EVER.replace(old, new, 1))
    with pytest.raises(InputError, match=message) as caught:
        read_answers(path)
    assert caught.value.faults[0].line == line
