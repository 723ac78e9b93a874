"""A network that is written reads back equal, or is not written."""

from pathlib import Path
from shutil import copytree

import pytest

import forecast as fc
from tests.networks import demo_network

ROOT = Path(__file__).parents[2]


def test_networks_of_every_form_read_back_equal(tmp_path: Path) -> None:
    copytree(ROOT / "priors" / "reference_classes", tmp_path / "reference_classes")
    shipped = fc.read_network(ROOT / "priors" / "nato_rok.yaml")
    demo = demo_network()
    first = demo.sources[0].model_copy(
        update={
            "independent": True,
            "domains": ("wire.example",),
            "aliases": ("The Wire", "연합뉴스", "N. Wire: a name"),
        }
    )
    apart = demo.model_copy(update={"sources": (first, *demo.sources[1:])})
    for network in (demo, apart, shipped):
        fc.write_network(network, tmp_path / "network.yaml")
        assert fc.read_network(tmp_path / "network.yaml") == network
        fc.write_network(network, tmp_path / "network.yaml")  # in the place of the old one


def test_a_network_without_sources_may_lie_next_to_those_of_others(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(
        "types: {wire: {hit_rate: 80%, false_alarm_rate: 10%}}\nsources: {}\n"
    )
    rain = fc.Event(id="rain", kind="fact", initially="30%")
    network = fc.Network(name="a", start="2024-01-01", horizon="2024-12-31", events=[rain])
    fc.write_network(network, tmp_path / "a.yaml")
    assert fc.read_network(tmp_path / "a.yaml").events == network.events


def test_a_file_that_would_not_read_back_is_not_written(tmp_path: Path) -> None:
    rate = "class lost/one"  # of a reference class that is nowhere
    event = fc.Event(id="war", kind="onset", rate="5% within 1 year", reference_class=rate)
    network = fc.Network(name="a", start="2024-01-01", horizon="2024-12-31", events=[event])
    with pytest.raises(fc.InputError, match=r"a\.yaml"):
        fc.write_network(network, tmp_path / "a.yaml")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(fc.InputError, match="cannot be written"):
        fc.write_network(demo_network(), tmp_path / "nowhere" / "a.yaml")
