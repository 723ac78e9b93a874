"""The data of this repository: its networks and its evidence read without a fault."""

from pathlib import Path

import pytest

from forecast.evidence import Evidence
from forecast.files._network_file import read_network
from forecast.workspace._contents import read_contents
from tests.contract.repository import ROOT

NETWORKS = sorted(path for path in (ROOT / "priors").glob("*.yaml") if path.stem != "sources")


def test_this_repository_is_a_sound_workspace() -> None:
    contents = read_contents(ROOT)
    assert len(contents.inputs) >= 1
    assert all(len(inputs.evidence) > 0 for inputs in contents.inputs)


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_network_of_the_library_is_named_as_its_file(path: Path) -> None:
    network = read_network(path)
    assert network.name == path.stem
    Evidence().check(network)


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_every_event_and_link_says_why(path: Path) -> None:
    network = read_network(path)
    assert [event.id for event in network.events if not event.why] == []
    assert [link.id for link in network.links if not link.why] == []
