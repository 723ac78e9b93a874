"""Where the ledger is, and that no password is written down or shown."""

from pathlib import Path

import pytest

from forecast.errors import InputError, LedgerError
from forecast.ledger import ledger_address, open_ledger
from tests.ledger.postgres import Server

SECRET = "h0rse-b@ttery"  # noqa: S105
URL = "postgresql://me:h0rse-b%40ttery@db.example:5433/said"


def test_the_workspace_has_its_ledger_in_a_file(tmp_path: Path) -> None:
    address = ledger_address(None, tmp_path, {})
    assert address.file == tmp_path / "ledger.sqlite3"
    assert str(address) == str(tmp_path / "ledger.sqlite3")


@pytest.mark.parametrize("url", ["sqlite:///kept/said.db", "sqlite+pysqlite:///kept/said.db"])
def test_another_file_can_be_named(tmp_path: Path, url: str) -> None:
    assert ledger_address(url, tmp_path, {}).file == tmp_path / "kept" / "said.db"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_goes_by_one_driver_whatever_it_is_called(scheme: str) -> None:
    address = ledger_address(f"{scheme}://db.example/said", Path(), {})
    assert address.url.drivername == "postgresql+psycopg"
    assert (str(address), address.file) == ("postgresql://db.example/said", None)


def test_the_environment_is_heard_before_the_file() -> None:
    stated = "sqlite:///here.sqlite3"
    assert ledger_address(stated, Path(), {"FORECAST_LEDGER": URL}).url.password == SECRET
    assert ledger_address(stated, Path(), {"FORECAST_LEDGER": ""}).file == Path("here.sqlite3")


def test_a_password_in_the_workspace_file_is_refused_and_not_shown() -> None:
    with pytest.raises(InputError, match="does not belong into the workspace file") as caught:
        ledger_address(URL, Path(), {})
    assert "h0rse" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["sqlite:///../said.db", "sqlite:////tmp/said.db", "sqlite:///linked/said.db"]
)
def test_a_workspace_file_names_no_file_outside_its_workspace(tmp_path: Path, url: str) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "linked").symlink_to(tmp_path)
    with pytest.raises(InputError, match="lies outside the workspace"):
        ledger_address(url, folder, {})
    assert ledger_address(None, folder, {"FORECAST_LEDGER": url}).file is not None


def test_no_word_of_an_address_has_the_password() -> None:
    address = ledger_address(None, Path(), {"FORECAST_LEDGER": URL})
    assert "h0rse" not in f"{address} {address!r}"
    assert str(address) == "postgresql://db.example:5433/said"
    assert address.hide(f"no entry with {SECRET} for me") == "no entry with *** for me"


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("ledger.sqlite3", "is not a URL"),
        ("", "is not a URL"),
        ("mysql://me:h0rse@db/said", "is not a database that a ledger can be in"),
        ("postgresql+asyncpg://db/said", "is not a database that a ledger can be in"),
        ("postgresql://me:h0rse@db:port/said", "is not a URL"),
        ("postgresql://me:a@h0rse@db/said", "holds more than one @"),
        ("postgresql://me:a@h0rse/b@db/said", "holds more than one @"),
        ("postgresql://me:a@b?h0rse=1@db/said", "holds more than one @"),
        ("postgresql://db.example", "names no database"),
        ("postgresql://db/said?password=h0rse", "cannot take the option 'password'"),
        ("sqlite://", "a plain file, without options"),
        ("sqlite:///:memory:", "a plain file, without options"),
        ("sqlite:///x?mode=ro", "a plain file, without options"),
        ("sqlite:///file:x", "is no file name"),
        ("sqlite:///a\x1b[2Jb", "is no file name"),
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(url: str, rule: str) -> None:
    for stated, environment in [(url, {}), (None, {"FORECAST_LEDGER": url})]:
        if not url and stated is None:
            continue  # an empty variable is as none
        with pytest.raises(InputError, match=rule) as caught:
            ledger_address(stated, Path(), environment)
        assert "h0rse" not in str(caught.value)
        assert "\x1b" not in str(caught.value)


def test_a_refused_login_does_not_show_the_password(server: Server, tmp_path: Path) -> None:
    url = server.url("postgres").set(password=SECRET).render_as_string(hide_password=False)
    address = ledger_address(None, tmp_path, {"FORECAST_LEDGER": url})
    with (
        pytest.raises(LedgerError, match=r"cannot be read: .*password authentication") as caught,
        open_ledger(address),
    ):
        pass
    chain = [caught.value, caught.value.__cause__]
    assert "h0rse" not in "".join(map(repr, chain))
    assert caught.value.__suppress_context__


def test_a_server_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    url = "postgresql://127.0.0.1:1/said"
    address = ledger_address(None, tmp_path, {"FORECAST_LEDGER": url})
    with pytest.raises(LedgerError, match=r"cannot be read: .*refused"), open_ledger(address):
        pass
