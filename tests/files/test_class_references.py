from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.files._network_file import read_network
from forecast.network import Gamma, Network, rate_prior
from tests.files.test_reference_class_file import HEAD

TABLE = """\
subclass,first,last,exposure,onsets
africa,1990,1999,400,12
africa,2000,2009,500,6
asia,1990,1999,300,3
africa,2024,2024,50,9
"""
NETWORK = """\
name: demo
start: 2024-01-01
horizon: 2024-12-31
events:
  coup:
    kind: onset
    rate: {rate}
  war:
    kind: onset
    rate: "1 per year"
    reference_class: "class coups/asia"
links:
  - {{parent: coup, child: war, kind: causes, extra_rate: "class coups"}}
"""


def written(folder: Path, rate: str, table: str = TABLE) -> Path:
    classes = folder / "reference_classes"
    classes.mkdir()
    (classes / "coups.csv").write_text(HEAD + table, encoding="utf-8")
    path = folder / "demo.yaml"
    path.write_text(NETWORK.format(rate=rate), encoding="utf-8")
    return path


def read(folder: Path, rate: str) -> Network:
    return read_network(written(folder, rate))


def test_a_rate_takes_its_counts_from_the_class_that_it_names(tmp_path: Path) -> None:
    network = read(tmp_path, '"class coups/africa"')
    event = network.event("coup")
    assert str(event.rate) == "class coups/africa: 18 onsets in 900 state-years"
    assert rate_prior(network, event) == Gamma(18.5, 900.0)


def test_years_from_the_start_on_are_not_counted(tmp_path: Path) -> None:
    """The table knows nine onsets of 2024, which a network that starts in 2024 must not."""
    network = read(tmp_path, '"class coups"')
    assert str(network.event("coup").rate).endswith(": 21 onsets in 1200 state-years")
    assert str(network.links[0].extra_rate).endswith(": 21 onsets in 1200 state-years")


def test_the_class_beside_a_rate_is_looked_up_and_moves_nothing(tmp_path: Path) -> None:
    network = read(tmp_path, '"class coups"')
    assert network.event("war").reference_class == "class coups/asia: 3 onsets in 300 state-years"
    assert str(network.event("war").rate) == "1 per year"


@pytest.mark.parametrize(
    "rate",
    [
        '"class coups/africa since 1995, weight 50%"',
        "{class: coups/africa, since: 1995, weight: 50%}",
    ],
)
def test_text_and_mapping_are_looked_up_alike(tmp_path: Path, rate: str) -> None:
    network = read(tmp_path, rate)
    assert rate_prior(network, network.event("coup")) == Gamma(3.5, 250.0)


def test_a_half_life_counts_back_from_the_start(tmp_path: Path) -> None:
    network = read(tmp_path, '"class coups/asia, half-life 29 years"')
    prior = rate_prior(network, network.event("coup"))  # the middle, 1995, is 29 years back
    assert (prior.shape, prior.rate) == (pytest.approx(2.0), pytest.approx(150.0))


def test_classes_in_pools_are_looked_up(tmp_path: Path) -> None:
    rate = '{pool: linear, experts: [{belief: "class coups/asia"}, "class coups/africa"]}'
    said = str(read(tmp_path, rate).event("coup").rate)
    assert "class coups/asia: 3 onsets in 300" in said
    assert "class coups/africa: 18 onsets in 900" in said


def test_counts_that_a_person_wrote_must_be_the_classs(tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.mkdir()
    assert read(good, '"class coups/asia: 3 onsets in 300 state-years"')
    with pytest.raises(InputError, match="the class counts 3 onsets in 300 state-years before"):
        read(tmp_path, '"class coups/asia: 4 onsets in 300 state-years"')


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        ('"class cups"', r"no reference class 'cups'\. Did you mean 'coups'"),
        ('"class coups/afrika"', r"no subclass 'afrika'\. Did you mean 'africa'"),
        ('"class coups since 2015"', "counted nothing in those years"),
        ('"class coups, weight 0"', "the weight '0' of a class"),
        ("{class: coups, wieght: 1}", "no part called 'wieght'"),
    ],
)
def test_a_name_that_dangles_is_told_once_by_file_line_and_field(
    tmp_path: Path, rate: str, message: str
) -> None:
    path = written(tmp_path, rate)
    with pytest.raises(InputError, match=message) as caught:
        read_network(path)
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.field) == (str(path), 7, "events.coup.rate")


def test_faults_of_the_class_are_told_with_its_own_file_and_once(tmp_path: Path) -> None:
    path = written(tmp_path, '"class coups"', TABLE.replace("300,3", "300,-"))
    with pytest.raises(InputError, match="onsets is not a whole number") as caught:
        read_network(path)
    (fault,) = caught.value.faults
    assert fault.file.endswith("coups.csv")
    assert fault.line == 12


def test_faults_of_classes_and_of_the_network_are_told_together(tmp_path: Path) -> None:
    path = written(tmp_path, '"class cups"')
    path.write_text(path.read_text(encoding="utf-8").replace("child: war", "child: wra"))
    with pytest.raises(InputError, match="cups") as caught:
        read_network(path)
    assert len(caught.value.faults) == 2


def test_a_network_without_classes_needs_no_folder(tmp_path: Path) -> None:
    path = written(tmp_path, '"1 per year"')
    text = path.read_text(encoding="utf-8").replace('"class coups"', '"1 per year"')
    path.write_text(text.replace('reference_class: "class coups/asia"', ""), encoding="utf-8")
    (tmp_path / "reference_classes" / "coups.csv").unlink()
    assert read_network(path)
