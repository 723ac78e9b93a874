from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.files._reference_class_file import read_reference_class
from tests.contract.repository import ROOT

HEAD = """\
# title: Coups
# definition: A government falls
#   by force.
# population: All states.
# unit: state-years
# source: Counted by hand.
# licence: Facts.
# script: none
"""
TABLE = """\
subclass,first,last,exposure,onsets,entrants,note
africa,1990,1999,400.5,12,30,
africa,2000,2000,50,0,,none that year
"""
CLASSES = sorted((ROOT / "priors" / "reference_classes").glob("*.csv"))


def write(folder: Path, text: str, name: str = "coups.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_into_a_class(tmp_path: Path) -> None:
    found = read_reference_class(write(tmp_path, HEAD + TABLE))
    assert (found.name, found.title, found.unit) == ("coups", "Coups", "state-years")
    assert found.definition == "A government falls by force."
    assert found.tallies[0].exposure == 400.5
    assert [tally.entrants for tally in found.tallies] == [30, None]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("# unit: state-years\n", "", 1, "the head lacks 'unit'"),
        ("# unit: state-years", "# unit: states", 1, "the unit is not a kind of year"),
        ("# title", "# titel", 1, "is not a key of a reference class"),
        ("# licence", "# title", 7, "the key is repeated"),
        ("400.5", "some", 10, "the exposure is not a number"),
        ("400.5", "0", 10, "an exposure of 0 is not above 0"),
        (",12,30", ",1.5,30", 10, "the onsets is not a whole number"),
        (",12,30", ",12,3", 10, "3 entrants are fewer than 12 onsets"),
        ("2000,2000", "1999,2000", 11, "counted twice in 1999"),
        ("africa,2000", "South Africa,2000", 11, "the subclass is not a name"),
        ("2000,2000,50", ",2000,50", 11, "the first is missing"),
        ("none that year", 'a "quote', 11, "broken|9 columns"),
        ("note\n", "nota\n", 9, "unknown column"),
    ],
)
def test_every_fault_has_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    text = (HEAD + TABLE).replace(old, new)
    if "quote" in new:
        text = text.replace("none that year", new).replace('a "quote', '"a "quote"')
    with pytest.raises(InputError, match=message) as caught:
        read_reference_class(write(tmp_path, text))
    assert line in [fault.line for fault in caught.value.faults]
    assert all(fault.file for fault in caught.value.faults)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = (HEAD + TABLE).replace("400.5", "x").replace("2000,2000,50", "2000,2000,-1")
    with pytest.raises(InputError, match="exposure") as caught:
        read_reference_class(write(tmp_path, text))
    assert [fault.line for fault in caught.value.faults] == [10, 11]


def test_a_head_without_counts_is_no_class(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has a head but no counts"):
        read_reference_class(write(tmp_path, HEAD))
    with pytest.raises(InputError, match="at least one count"):
        read_reference_class(write(tmp_path, HEAD + TABLE.splitlines()[0] + "\n"))


def test_a_class_is_named_as_its_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the file's name cannot be a class's"):
        read_reference_class(write(tmp_path, HEAD + TABLE, "Coups 2024.csv"))


@pytest.mark.parametrize("path", CLASSES, ids=lambda path: path.stem)
def test_the_classes_of_the_library_say_what_was_counted_and_by_whom(path: Path) -> None:
    found = read_reference_class(path)
    assert found.period[1] <= 2023, "the first network looks out from mid-2024"
    script = found.script.split()[0]
    assert script.startswith("none") or (ROOT / script).is_file()


def test_the_published_counts_are_those_of_the_sources() -> None:
    folder = ROOT / "priors" / "reference_classes"
    entry = read_reference_class(folder / "troop_entry.csv").select("interstate").total()
    assert (entry.onsets, entry.exposure) == (12, 143)
    arms = read_reference_class(folder / "first_arms_delivery.csv").select("belligerent").total()
    assert (arms.onsets, arms.exposure) == (49, 3318)
    pacts = read_reference_class(folder / "defence_pacts.csv").select(since=1990)
    kinds = {part.subclasses[0]: part.total() for part in pacts.parts()}
    assert {name: total.onsets for name, total in kinds.items()} == {
        "bilateral": 5,
        "multilateral": 21,
    }
    assert kinds["bilateral"].exposure == 483_743
    assert sum(tally.entrants or 0 for tally in pacts.tallies) == 929
