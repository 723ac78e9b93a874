"""An old ledger is upgraded on request alone, with a copy first, and stays what it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from forecast.errors import LedgerError
from forecast.ledger import (
    Address,
    Ledger,
    create,
    export,
    forms,
    ledger_address,
    migrations,
    open_ledger,
    publish,
    restore,
    upgrade,
    verify,
)
from forecast.ledger.tables import metadata
from tests.ledger.samples import run


@contextmanager
def old_ledger(address: Address, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """Give a ledger as the library's first form made it, with one run."""
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "HEAD", "0001")
        patch.setattr("forecast.ledger.connection.HEAD", "0001")
        with open_ledger(address) as ledger:
            publish(ledger, run("a"))
    with open_ledger(address, upgrading=True) as ledger:
        yield ledger


def form_of(ledger: Ledger) -> str | None:
    with ledger.engine.connect() as connection:
        return create.revision_of(connection)


def test_the_library_writes_the_last_form() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [migrations.HEAD]


def test_the_forms_lead_to_the_tables_that_the_code_uses(ledger: Ledger) -> None:
    def of_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return kind != "table" or name != "alembic_version"

    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": of_ours})
        assert compare_metadata(context, metadata) == []


def test_an_old_form_is_not_upgraded_by_opening_it(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    with old_ledger(address, monkeypatch) as ledger:
        pass
    refused = pytest.raises(LedgerError, match=r"has form 0001.*forecast ledger upgrade")
    with refused, open_ledger(address):
        pass
    with open_ledger(address, upgrading=True) as ledger:
        assert form_of(ledger) == "0001"


def test_an_upgrade_keeps_every_entry_and_a_copy(
    address: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with old_ledger(address, monkeypatch) as ledger:
        before = list(export(ledger))
        done = upgrade(ledger, tmp_path)
        assert (done.before, done.after, form_of(ledger)) == ("0001", "0002", "0002")
        assert list(export(ledger)) == before
        assert upgrade(ledger, tmp_path).backup is None
    with open_ledger(address) as ledger:
        publish(ledger, run("b"))
        assert verify(ledger).passed
        with ledger.engine.connect() as connection:
            rows = connection.execute(text("SELECT network, event, made_at FROM published")).all()
        assert len(rows) == 6
    assert done.backup is not None
    assert copied(done.backup) == before


def copied(backup: Path) -> list[str]:
    """Return what the copy holds, as an export."""
    if backup.suffix == ".sqlite3":
        address = ledger_address(f"sqlite:///{backup.name}", backup.parent, {})
        with open_ledger(address, upgrading=True) as ledger:
            return list(export(ledger))
    with open_ledger(ledger_address("sqlite:///restored.sqlite3", backup.parent, {})) as ledger:
        with backup.open(encoding="utf-8") as stream:
            restore(ledger, stream)
        return list(export(ledger))


def test_an_upgrade_that_fails_leaves_the_ledger_as_it_was(
    address: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def half(connection: Connection, _: str) -> None:
        connection.execute(text("CREATE TABLE half_done (a INTEGER)"))
        connection.execute(text("SELECT nothing FROM nowhere"))

    with old_ledger(address, monkeypatch) as ledger:
        with monkeypatch.context() as patch:
            patch.setattr(forms, "migrate", half)
            with pytest.raises(LedgerError, match="the ledger cannot be written"):
                upgrade(ledger, tmp_path)
        assert form_of(ledger) == "0001"
        assert verify(ledger).passed
        with ledger.engine.connect() as connection:
            assert not ledger.engine.dialect.has_table(connection, "half_done")


def test_nothing_is_upgraded_where_no_copy_can_be_made(
    address: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with old_ledger(address, monkeypatch) as ledger:
        with pytest.raises(LedgerError, match="the copy cannot be made, so nothing was upgraded"):
            upgrade(ledger, tmp_path / "nowhere")
        assert form_of(ledger) == "0001"


def test_a_newer_form_is_left_to_a_newer_library(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(forms, "HEAD", "0001")
    with pytest.raises(LedgerError, match="upgrade the library instead"):
        upgrade(ledger, tmp_path)
