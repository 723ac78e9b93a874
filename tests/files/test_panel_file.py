"""Panels from files: the units' table, pairs of neighbours, and every fault with its line."""

from pathlib import Path

import pytest

import forecast as fc

STATED = """\
name: coups
start: 2024-01-01
horizon: 2024-12-31
units: units.csv
{more}events:
  unrest:
    title: Mass unrest
    kind: state
    rate: 0.5 per year [0.3, 0.9]
    off_rate: 2 per year [1, 4]
  coup:
    kind: onset
    rate: 0.05 per year [0.02, 0.1]
links:
  - {{parent: unrest, child: coup, kind: multiplies, hazard_ratio: "x3 [1.5, 6]"}}
{links}"""
ACROSS = (
    '  - {parent: neighbour.coup, child: coup, kind: multiplies, hazard_ratio: "x2 [1.2, 3]"}\n'
)
UNITS = 'unit,title,group,coup.rate\nmli,Mali,sahel,"0.2 per year [0.1, 0.4]"\nner,Niger,sahel,\n'


def written(
    folder: Path, units: str = UNITS, pairs: str = "", *, more: str = "", links: str = ""
) -> Path:
    """Write a panel's files; return the network's."""
    if pairs:
        more += "neighbours: pairs.csv\n"
        (folder / "pairs.csv").write_text(pairs, encoding="utf-8")
    (folder / "units.csv").write_text(units, encoding="utf-8")
    path = folder / "coups.yaml"
    path.write_text(STATED.format(more=more, links=links), encoding="utf-8")
    return path


def faults_of(path: Path) -> str:
    """Return the faults of a file, without the folder."""
    with pytest.raises(fc.InputError) as caught:
        fc.read_network(path)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_a_panel_is_read_as_the_network_of_all_its_units(tmp_path: Path) -> None:
    """Names, titles, numbers of a unit's own, and links from each neighbour."""
    path = written(tmp_path, pairs="unit,neighbour\nmli,ner\n", links=ACROSS)
    network = fc.read_network(path)
    assert [event.id for event in network.events] == [
        "unrest@mli", "coup@mli", "unrest@ner", "coup@ner"
    ]  # fmt: skip
    assert network.event("unrest@mli").title == "Mali: Mass unrest"
    assert str(network.event("coup@mli").rate) == "0.2 per year [0.1, 0.4]"
    assert str(network.event("coup@ner").rate) == "0.05 per year [0.02, 0.1]"
    assert [(link.parent, link.child) for link in network.links] == [
        ("unrest@mli", "coup@mli"), ("unrest@ner", "coup@ner"), ("coup@ner", "coup@mli")
    ]  # fmt: skip
    assert network.number("base_rate", "coup@mli") == "coup@mli"
    assert network.number("base_rate", "coup@ner") == "coup"


def test_every_fault_of_the_tables_has_its_line(tmp_path: Path) -> None:
    """Units that are no names, or there twice; numbers that cannot be read; unknown neighbours."""
    units = "unit,coup.rate\nMali,\nner,abc\nner,\n"
    told = faults_of(written(tmp_path, units, "unit,neighbour\nner,nre\n"))
    for part in (
        "units.csv:2: unit 'Mali': unit: must be a unit's name: at most 24",
        "units.csv:3: unit 'ner': coup.rate: 'abc' is not a probability (got 'abc')",
        "units.csv:4: unit 'ner': unit: the unit is there twice",
        "pairs.csv:2: unit 'ner': neighbour: unknown unit (got 'nre'). Did you mean 'ner'?",
    ):
        assert part in told


def test_a_column_that_is_no_number_of_the_network_is_named(tmp_path: Path) -> None:
    """With the nearest one."""
    told = faults_of(written(tmp_path, "unit,cuop.rate\nmli,0.1 per year\n"))
    assert "units.csv:1: unknown column (got 'cuop.rate'). Did you mean 'coup.rate'?" in told


def test_a_missing_table_is_a_fault_of_the_network_file(tmp_path: Path) -> None:
    """With the line of the key that names it."""
    path = written(tmp_path)
    (tmp_path / "units.csv").unlink()
    assert "coups.yaml:4: units: there is no such file (got 'units.csv')" in faults_of(path)
    path.write_text(path.read_text().replace("units.csv", "../units.csv"))
    assert "units: lies outside the network file's folder" in faults_of(path)


def test_links_across_units_need_neighbours_and_known_events(tmp_path: Path) -> None:
    """Each fault at the link's line."""
    told = faults_of(written(tmp_path, links=ACROSS))
    assert "coups.yaml:16: links.neighbour_coup__multiplies__coup.parent" in told
    assert "no neighbours are stated" in told
    wrong = ACROSS.replace("neighbour.coup", "neighbour.copu")
    told = faults_of(written(tmp_path, pairs="unit,neighbour\nmli,ner\n", links=wrong))
    assert "coups.yaml:17: links.neighbour_copu__multiplies__coup.parent" in told
    assert "unknown event (got 'copu'). Did you mean 'coup'?" in told


def test_a_network_without_units_takes_nothing_of_a_panel(tmp_path: Path) -> None:
    """Neighbours, links across units and names with a unit are faults there."""
    path = written(tmp_path, links=ACROSS)
    text = path.read_text().replace("units: units.csv\n", "neighbours: pairs.csv\n")
    path.write_text(text.replace("  unrest:", "  unrest@mli:", 1))
    told = faults_of(path)
    assert "coups.yaml:4: neighbours: there are no units to be neighbours" in told
    assert (
        "links.neighbour_coup__multiplies__coup.parent: there are no units to be neighbours" in told
    )
    assert "is of unit 'mli', which the network does not have" in told


def test_a_row_of_evidence_names_its_unit_in_a_column(tmp_path: Path) -> None:
    """The unit becomes part of the event's name; a silence may be on several events of it."""
    path = tmp_path / "news.csv"
    path.write_text(
        "id,published,kind,unit,event,source,claim,watched_from,watched_to\n"
        "a,2024-02-01,report,mli,coup,wire,on,,\n"
        "b,2024-02-01,silence,mli,coup;unrest,wire,,2024-01-01,2024-02-01\n"
        "c,2024-02-01,report,,coup@ner,wire,on,,\n"
    )
    items = fc.read_evidence(path)
    assert [item.events for item in items] == [
        ("coup@mli",), ("coup@mli", "unrest@mli"), ("coup@ner",)
    ]  # fmt: skip
    path.write_text(
        "id,published,kind,unit,event,source,claim\n"
        "a,2024-02-01,report,Mali,coup,wire,on\n"
        "b,2024-02-01,report,mli,coup@ner,wire,on\n"
    )
    told = faults_of_evidence(path)
    assert "news.csv:2: item 'a': unit: must be a unit's name" in told
    assert "news.csv:3: item 'b': unit: the event's name is of unit 'ner' (got 'mli')" in told


def faults_of_evidence(path: Path) -> str:
    """Return the faults of a file of evidence."""
    with pytest.raises(fc.InputError) as caught:
        fc.read_evidence(path)
    return str(caught.value)


def test_a_row_that_names_no_event_of_a_unit_is_told_what_is_unknown(tmp_path: Path) -> None:
    """The unit, the event, the missing unit, or that there are no units at all."""
    network = fc.read_network(written(tmp_path))
    path = tmp_path / "news.csv"
    path.write_text(
        "id,published,kind,unit,event,state\n"
        "a,2024-02-01,observation,mil,coup,off\n"
        "b,2024-02-01,observation,mli,cuop,off\n"
        "c,2024-02-01,observation,,coup,off\n"
    )
    with pytest.raises(fc.InputError) as caught:
        fc.read_evidence(path).check(network)
    told = str(caught.value)
    assert "item 'a': unit: unknown unit (got 'mil'). Did you mean 'mli'?" in told
    assert "item 'b': event: unknown event (got 'cuop'). Did you mean 'coup'?" in told
    assert "item 'c': event: every unit has an event of this name (got 'coup'). Name" in told
    alone = fc.Network(
        name="one", start="2024-01-01", horizon="2024-12-31",
        events=[fc.Event(id="coup", kind="onset", rate="1 per year")],
    )  # fmt: skip
    with pytest.raises(fc.InputError, match="no network here has units"):
        fc.read_evidence(path).check(alone)


def test_questions_and_resolutions_have_a_unit_too(tmp_path: Path) -> None:
    """As a column, or in the event's name."""
    asked = tmp_path / "questions.csv"
    asked.write_text("id,unit,event,deadline\nq1,mli,coup,2024-12-31\nq2,,coup@ner,2024-12-31\n")
    assert [each.event for each in fc.read_questions(asked)] == ["coup@mli", "coup@ner"]
    path = tmp_path / "resolutions.csv"
    path.write_text("id,unit,event,deadline,outcome\nq1,mli,coup,2024-12-31,no\n")
    assert [each.event for each in fc.read_resolutions(path)] == ["coup@mli"]
