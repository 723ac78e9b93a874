"""Power is lost at any call: whatever was not forced to disk may be gone, in any order.

Each state that may then be found is written out, and looked at: what was acknowledged is there,
verification finds nothing, and the next run works without a hand.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import forecast.workspace._update as job
from tests.commit import commit
from tests.inbox.servers import answer, serving
from tests.memory import workroom
from tests.workspace.disk import compiled
from tests.workspace.power import Call, Disk, recorded, write_state
from tests.workspace.stages import FEED, FEED_URL, STAGES, faults_after, made_once, prepared

RESULT = Path(__file__).with_name("power_cuts_result.json")
type Found = tuple[int, str, dict[str, bytes | None]]
"""After which call a state may be found, what was acknowledged by then, and what is there."""

AT_RANDOM = 6
"""States picked at random after each call, beside those that lack one thing or have one thing."""

SHORT = 12
"""States of each stage that are looked at, and those after the last call besides."""


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("FORECAST_LEDGER", raising=False)
    monkeypatch.setattr(job, "estimated", made_once)
    feed = serving(answer(FEED, content_type="application/rss+xml"))
    with tempfile.TemporaryDirectory(dir=workroom()) as folder, feed as server:
        monkeypatch.setenv(FEED_URL, server.url)
        yield Path(folder)


def calls_of_stage(name: str, room: Path) -> tuple[Path, list[Call]]:
    """Return a workspace as it is before a stage, and the calls of the stage in it."""
    before = prepared(STAGES[name], room / "workspace")
    kept = shutil.copytree(before, room / "kept")
    calls = recorded(compiled(room), name, before)
    shutil.rmtree(before)
    return kept.rename(before), calls


def states_after(before: Path, calls: list[Call]) -> list[Found]:
    """Return every state that may be found: after which call, what was acknowledged, and files."""
    rng = np.random.default_rng(17)
    disk, said = Disk(before), ""
    found: dict[int, Found] = {}
    for number, call in enumerate(calls):
        said = call.path if call.kind == "k" else said
        disk.take(call)
        for state in disk.states(rng, AT_RANDOM):
            found.setdefault(hash((said, *sorted(state.items()))), (number, said, state))
    return list(found.values())


def look(name: str, before: Path, states: list[Found]) -> None:
    wrong = []
    for number, said, state in states:
        here = write_state(state, before, before.with_name("found"))
        faults = faults_after(STAGES[name], here, said)
        wrong += [(number, said, fault) for fault in faults]
        shutil.rmtree(here)
    assert not wrong, (len(wrong), wrong[:10])


def last_and_some(states: list[Found], some: int) -> list[Found]:
    """Return the states in which all was acknowledged, and `some` of the others, evenly taken."""
    done = [each for each in states if each[1]]
    others = [each for each in states if not each[1]]
    assert done
    return [*others[:: max(len(others) // some, 1)], *done[:some]]


@pytest.mark.parametrize("name", STAGES)
def test_a_power_cut_at_any_call_loses_nothing_that_was_acknowledged(name: str, room: Path) -> None:
    before, calls = calls_of_stage(name, room)
    look(name, before, last_and_some(states_after(before, calls), SHORT))


@pytest.mark.slow
@pytest.mark.parametrize("name", STAGES)
def test_no_state_at_all_does_and_the_figures_are_kept(name: str, room: Path) -> None:
    before, calls = calls_of_stage(name, room)
    states = states_after(before, calls)
    look(name, before, states)
    kept = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    figures = {"calls": len(calls), "states": len(states), "lost": 0, "faults": 0}
    kept[name] = {"version": version("eventcast"), "commit": commit(), **figures}
    RESULT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def test_the_kept_figures_are_of_every_stage_and_nothing_was_lost() -> None:
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    assert kept.keys() == STAGES.keys()
    assert all(found["states"] > found["calls"] / 2 for found in kept.values())
    assert {(found["lost"], found["faults"]) for found in kept.values()} == {(0, 0)}


@pytest.mark.parametrize(
    ("lost", "stage"),
    [("posteriors", "first run"), ("inbox", "add"), ("posteriors/tiny", "run")],
)
def test_a_folder_that_is_not_forced_to_disk_would_be_found(
    lost: str, stage: str, room: Path
) -> None:
    """The check itself: as if the names in one folder had never been forced to disk."""
    before, calls = calls_of_stage(stage, room)
    folder = os.fspath(before / lost)
    fewer = [call for call in calls if (call.kind, call.path) != ("s", folder)]
    assert len(fewer) < len(calls)
    with pytest.raises(AssertionError, match=r"lost|cannot be read"):
        look(stage, before, [each for each in states_after(before, fewer) if each[1]][:1])


def test_a_write_that_is_not_forced_to_disk_would_be_found(room: Path) -> None:
    before, calls = calls_of_stage("add", room)
    fewer = [call for call in calls if not (call.kind == "s" and call.path.endswith(".jsonl"))]
    assert len(fewer) == len(calls) - 1
    with pytest.raises(AssertionError, match="lost"):
        look("add", before, [each for each in states_after(before, fewer) if each[1]][:1])


def test_half_a_write_is_a_state(room: Path) -> None:
    """What the states are made of, on one file: whole, none, either half, and zeros before it."""
    room = room / "disk"
    room.mkdir()
    disk, name = Disk(room), os.fspath(room / "a")
    write = Call("w", name, offset=0, data=b"abcd")
    for call in (Call("c", name), Call("s", os.fspath(room)), write):
        disk.take(call)
    found = {state[name] for state in disk.states(np.random.default_rng(1), 100)}
    assert found == {b"", b"abcd", b"ab", b"\0\0cd"}
    disk.take(replace(write, kind="s", data=b""))
    assert {state[name] for state in disk.states(np.random.default_rng(1), 100)} == {b"abcd"}
