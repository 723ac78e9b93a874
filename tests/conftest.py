"""What all tests share: the choice of slow tests, one seeded generator, hypothesis profiles.

And the databases that a ledger can be in: a test that uses `database` runs on each.
"""

import gc
import os
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

from tests.ledger.postgres import Server, running_server

os.environ.pop("COLUMNS", None)  # of pytest's workers: commands print as into a file here too

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out, rather than skip them, unless asked for."""
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what stays to the end: it takes a second to look through."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240701)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, started when it is first asked for."""
    with running_server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the workspaces of a test have their ledger: in a file of theirs, or on the server."""
    kind: str = request.param
    monkeypatch.delenv("FORECAST_LEDGER", raising=False)
    if kind == "postgresql":
        url = request.getfixturevalue("server").make_database()
        monkeypatch.setenv("FORECAST_LEDGER", url.render_as_string(hide_password=False))
    return kind
