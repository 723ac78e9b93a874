"""Saving, publishing, pruning, backing up, restoring and fetching, killed at any call or moment.

After each kill the next run works without a hand, what was acknowledged is there, verification
finds nothing, and once a day has passed nothing is left behind.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.commit import commit
from tests.inbox.servers import answer, serving
from tests.memory import workroom
from tests.workspace.disk import compiled, watching
from tests.workspace.stages import FEED, FEED_URL, STAGES

RESULT = Path(__file__).with_name("stage_kills_result.json")
SHORT = dict.fromkeys(STAGES, 4)
LONG = {
    "first run": 150,
    "run": 250,
    "prune": 150,
    "backup": 100,
    "restore": 150,
    "fetch": 120,
    "add": 80,
}


@pytest.fixture
def surroundings(
    request: pytest.FixtureRequest, database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Give a folder, and the environment of the process that forks the jobs."""
    if database == "postgresql":
        url = (
            request.getfixturevalue("server").make_database().render_as_string(hide_password=False)
        )
        monkeypatch.setenv("FORECAST_LEDGER", url)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=workroom())))
        feed = stack.enter_context(serving(answer(FEED, content_type="application/rss+xml")))
        yield folder, {**watching(compiled(folder)), FEED_URL: feed.url}


def kill(
    folder: Path, environment: Mapping[str, str], kills: Mapping[str, int], at_once: int = 1
) -> dict[str, dict[str, int]]:
    """Kill each stage so often; return by stage how often it was, and how often it was done."""

    def killed_in(stages: Sequence[str]) -> list[dict[str, Any]]:
        program = [sys.executable, "-W", "ignore", "-m", "tests.workspace.killing", str(folder)]
        done = subprocess.run(  # noqa: S603
            [*program, *(f"{name}={kills[name]}" for name in stages)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    names = list(kills)
    with ThreadPoolExecutor(at_once) as pool:
        found = pool.map(killed_in, [names[start::at_once] for start in range(at_once)])
        lines = [line for each in found for line in each]
    wrong = [line for line in lines if line["faults"]]
    assert not wrong, wrong[:5]
    killed = Counter(line["stage"] for line in lines if line["killed"])
    whole = Counter(line["stage"] for line in lines if line["acknowledged"])
    assert killed == Counter(kills)
    assert all(whole[name] for name in kills)
    return {name: {"kills": killed[name], "acknowledged": whole[name]} for name in kills}


def test_a_kill_at_any_stage_loses_nothing_and_leaves_nothing(
    surroundings: tuple[Path, Mapping[str, str]],
) -> None:
    kill(*surroundings, SHORT)


@pytest.mark.slow
def test_none_of_a_thousand_does_and_the_figures_are_kept(
    surroundings: tuple[Path, Mapping[str, str]], database: str
) -> None:
    figures = kill(*surroundings, LONG, at_once=3)
    kept = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    kept[database] = {"version": version("eventcast"), "commit": commit(), "stages": figures}
    RESULT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def test_the_kept_figures_are_of_a_thousand_kills() -> None:
    """On each database."""
    assert sum(LONG.values()) == 1_000
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    assert set(kept) == {"sqlite", "postgresql"}
    for each in kept.values():
        assert {name: found["kills"] for name, found in each["stages"].items()} == LONG
