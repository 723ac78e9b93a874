"""The generated workspace is a sound one, of the size that it says, and the same every time."""

from pathlib import Path

from benchmarks import many
from forecast.evidence import Report
from forecast.workspace._contents import read_contents


def test_a_generated_workspace_passes_every_check(tmp_path: Path) -> None:
    counts = many.write_workspace(tmp_path / "w", 3)
    contents = read_contents(tmp_path / "w")
    networks = [inputs.network for inputs in contents.inputs]
    assert counts["networks"] == len(networks) == 3
    assert counts["events"] == sum(len(n.events) for n in networks) == 3 * many.EVENTS
    assert counts["links"] == sum(len(n.links) for n in networks)
    assert counts["items"] == sum(len(inputs.evidence) for inputs in contents.inputs)
    assert counts["items"] >= 3 * many.ITEMS


def test_networks_share_their_sources_and_nothing_else(tmp_path: Path) -> None:
    many.write_workspace(tmp_path / "w", 4)
    inputs = read_contents(tmp_path / "w").inputs
    assert len({tuple(s.id for s in each.network.sources) for each in inputs}) == 1
    events = [event.id for each in inputs for event in each.network.events]
    assert len(set(events)) == len(events)
    speaking = [
        {item.source for item in each.evidence if isinstance(item, Report)} for each in inputs
    ]
    assert all(len(sources) <= many.SPEAKING for sources in speaking)
    assert len(set.union(*speaking)) > many.SPEAKING


def test_it_is_the_same_every_time_however_many_there_are(tmp_path: Path) -> None:
    many.write_workspace(tmp_path / "a", 1)
    many.write_workspace(tmp_path / "b", 2)
    for file in ("priors/n0.yaml", "priors/sources.yaml", "evidence/n0.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
