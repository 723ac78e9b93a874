"""The same tests on both databases: each asks for `address` and gets an empty ledger's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast.ledger import Address, Ledger, open_ledger
from forecast.ledger._connection import ledger_address
from tests.ledger.postgres import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    """Where a new ledger will be, on each database in turn."""
    if request.param == "sqlite":
        return ledger_address(None, tmp_path, {})
    return postgres_address(request.getfixturevalue("server"), tmp_path)


@pytest.fixture
def sqlite_address(tmp_path: Path) -> Address:
    return ledger_address(None, tmp_path, {})


@pytest.fixture
def ledger(address: Address) -> Iterator[Ledger]:
    """An open, empty ledger, on each database in turn."""
    with open_ledger(address) as opened:
        yield opened


def postgres_address(server: Server, folder: Path) -> Address:
    url = server.make_database().render_as_string(hide_password=False)
    return ledger_address(None, folder, {"FORECAST_LEDGER": url})
