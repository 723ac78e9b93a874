"""Network files: what is read, and where the sources come from."""

from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.files import _network_file as network_file
from forecast.files._network_file import read_network, read_sources
from forecast.files._yaml_reader import scan_text
from forecast.network import Event, Link, Network, Source, SourceType, Window

NETWORK = """\
name: asia
title: Alliances in Asia
start: 2024-06-01
horizon: 2025-05-31
notes: |
  NO guess is made about this text.
events:
  pact:
    kind: onset
    title: The pact is signed
    rate: 10% [3%, 25%] within 6 months
    windows:
      - {start: 2024-07-09, end: 2024-07-11, weight: 5}
    outside_windows: 0.5
    why: '"Summit" season'
    cites: chapter 2
  embargo:
    kind: onset
    rate: {icd203: unlikely within 6 months}
    public: false
  office:
    kind: state
    rate: {once_in: 3 years, interval: [1, 6]}
    off_rate: once in 2 years
    initially: true
  clause: {kind: fact, initially: 1:9}
links:
  - parent: pact
    child: embargo
    kind: causes
    extra_rate: "if on: 90% within 6 months"
    delay: 3 months [1 month, 6 months]
    stages: 2
  - {id: secret, parent: clause, child: pact, kind: multiplies, hazard_ratio: "×3 [1.5, 6]"}
"""
SOURCES = """\
types:
  agency:
    hit_rate: 70% [50%, 85%]
    false_alarm_rate: 5%
    check: 10%
sources:
  yonhap: {type: agency, title: Yonhap}
"""
AGENCY = SourceType(id="agency", hit_rate="70% [50%, 85%]", false_alarm_rate="5%", check=0.1)
YONHAP = Source(id="yonhap", type="agency", title="Yonhap")


def asia(**sources: object) -> Network:
    """The same network, written in Python."""
    return Network(
        name="asia",
        title="Alliances in Asia",
        start="2024-06-01",
        horizon="2025-05-31",
        notes="NO guess is made about this text.\n",
        events=[
            Event(
                id="pact",
                kind="onset",
                title="The pact is signed",
                rate="10% [3%, 25%] within 6 months",
                windows=[Window(start="2024-07-09", end="2024-07-11", weight=5)],
                outside_windows=0.5,
                why='"Summit" season',
                cites="chapter 2",
            ),
            Event(
                id="embargo", kind="onset", rate="icd203: unlikely within 6 months", public=False
            ),
            Event(
                id="office",
                kind="state",
                rate="once in 3 years [1, 6]",
                off_rate="once in 2 years",
                initially=True,
            ),
            Event(id="clause", kind="fact", initially="1:9"),
        ],
        links=[
            Link(
                parent="pact",
                child="embargo",
                kind="causes",
                extra_rate="if on: 90% within 6 months",
                delay="3 months [1 month, 6 months]",
                stages=2,
            ),
            Link(
                id="secret",
                parent="clause",
                child="pact",
                kind="multiplies",
                hazard_ratio="x3 [1.5, 6]",
            ),
        ],
        **sources,
    )


def test_a_file_says_what_python_says(tmp_path: Path) -> None:
    path = tmp_path / "asia.yaml"
    path.write_text(NETWORK, encoding="utf-8")
    assert read_network(path) == asia()
    assert read_network(str(path)) == asia()


def test_sources_beside_the_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "asia.yaml"
    path.write_text(NETWORK, encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    assert read_network(path) == asia(source_types=[AGENCY], sources=[YONHAP])


def test_sources_that_changed_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "asia.yaml"
    path.write_text(NETWORK, encoding="utf-8")
    for text, sources in ((SOURCES, [YONHAP]), (SOURCES.partition("sources:")[0], [])):
        (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")
        assert read_network(path) == asia(source_types=[AGENCY], sources=sources)


def test_a_file_with_sources_of_its_own_leaves_the_others_alone(tmp_path: Path) -> None:
    path = tmp_path / "asia.yaml"
    path.write_text(NETWORK + SOURCES, encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("nonsense", encoding="utf-8")
    assert read_network(path) == asia(source_types=[AGENCY], sources=[YONHAP])


def test_sources_are_read_alone(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(SOURCES, encoding="utf-8")
    assert read_sources(path) == ((AGENCY,), (YONHAP,))


def test_faults_of_the_sources_name_their_own_file(tmp_path: Path) -> None:
    path = tmp_path / "asia.yaml"
    path.write_text(NETWORK.replace("10%", "0%", 1), encoding="utf-8")
    text = SOURCES.replace("70%", "100%").replace("type: agency", "type: agenzy")
    (tmp_path / "sources.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"hit_rate") as caught:
        read_network(path)
    places = [(Path(fault.file).name, fault.line, fault.field) for fault in caught.value.faults]
    assert places == [
        ("asia.yaml", 11, "events.pact.rate"),
        ("sources.yaml", 3, "types.agency.hit_rate"),
        ("sources.yaml", 7, "sources.yonhap.type"),
    ]
    with pytest.raises(InputError, match=r"sources\.yaml:7: sources\.yonhap\.type.*mean 'agency'"):
        read_sources(tmp_path / "sources.yaml")


def test_sources_that_cannot_be_read_do_not_hide_the_network_s_own_faults(tmp_path: Path) -> None:
    path = tmp_path / "asia.yaml"
    path.write_text(NETWORK.replace("10%", "0%", 1), encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("types: [1, 2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"asia\.yaml:11(.|\n)*sources\.yaml:1: a bracket"):
        read_network(path)


def test_what_cannot_be_read_is_found_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counting(text: str, file: str) -> object:
        read.append(file)
        return scan_text(text, file)

    monkeypatch.setattr(network_file, "scan_text", counting)
    shared, network = tmp_path / "sources.yaml", tmp_path / "asia.yaml"
    shared.write_text("sources: [", encoding="utf-8")
    network.write_text("name: asia\nevents: {}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"sources\.yaml"):
        read_network(network)
    with pytest.raises(InputError, match=r"sources\.yaml"):
        read_sources(shared)
    assert read.count(str(shared)) == 1
