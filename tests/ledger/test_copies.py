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
    export,
    ledger_address,
    migrations,
    open_ledger,
    publish,
    read_run,
    restore,
    said,
    upgrade,
    verify,
)
from forecast.ledger import _copies as copies
from forecast.ledger._connection import revision_of
from forecast.ledger._tables import metadata
from tests.ledger.samples import run


@contextmanager
def old_ledger(
    address: Address, monkeypatch: pytest.MonkeyPatch, form: str = "0001"
) -> Iterator[Ledger]:
    """Give a ledger as the library made it in an old form, with one run."""
    with monkeypatch.context() as patch:
        patch.setattr("forecast.ledger._connection.HEAD", form)
        with open_ledger(address) as ledger:
            publish(ledger, run("a", errors=False))
    with open_ledger(address, upgrading=True) as ledger:
        yield ledger


def form_of(ledger: Ledger) -> str | None:
    with ledger.engine.connect() as connection:
        return revision_of(connection)


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


@pytest.mark.parametrize("form", migrations.FORMS[:-1])
def test_an_upgrade_keeps_every_entry_and_a_copy(
    address: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    with old_ledger(address, monkeypatch, form) as ledger:
        before, was = list(export(ledger)), verify(ledger)
        assert was.passed
        done = upgrade(ledger, tmp_path)
        assert (done.before, done.after, form_of(ledger)) == (
            form,
            migrations.HEAD,
            migrations.HEAD,
        )
        assert list(export(ledger))[1:] == before[1:]  # the first line names the columns
        assert verify(ledger) == was
        assert upgrade(ledger, tmp_path).backup is None
    assert done.backup is not None
    assert copied(done.backup)[1:] == before[1:]


@pytest.mark.parametrize("form", migrations.FORMS[:-1])
def test_what_was_said_before_errors_were_kept_has_none_and_what_is_said_now_has(
    address: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    with old_ledger(address, monkeypatch, form) as ledger:
        upgrade(ledger, tmp_path)
    with open_ledger(address) as ledger:
        publish(ledger, run("b"))
        assert verify(ledger).passed
        assert read_run(ledger, 1)[1] == run("a", errors=False)
        assert read_run(ledger, 2)[1] == run("b")
        kept = [(each.entry, each.forecast.lower_mcse) for each in said(ledger)]
        assert kept == [(1, None)] * 3 + [(2, 0.0003)] * 3
        with ledger.engine.connect() as connection:
            query = "SELECT entry, lower_mcse, upper_mcse FROM published ORDER BY entry"
            rows = connection.execute(text(query)).all()
        assert [tuple(row) for row in rows] == [(1, None, None)] * 3 + [(2, 0.0003, 0.00006)] * 3


def test_the_view_is_the_same_however_a_ledger_came_to_its_form(
    address: Address, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Columns are added at the end: PostgreSQL keeps views on it, and what was granted."""
    with old_ledger(address, monkeypatch, "0002") as ledger:
        with ledger.engine.connect() as connection:
            before = list(connection.execute(text("SELECT * FROM published")).keys())
        upgrade(ledger, tmp_path)
        with ledger.engine.connect() as connection:
            after = list(connection.execute(text("SELECT * FROM published")).keys())
    assert after == [*before, "lower_mcse", "upper_mcse"]


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
            patch.setattr(copies, "migrate", half)
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
    monkeypatch.setattr(copies, "HEAD", "0001")
    with pytest.raises(LedgerError, match="upgrade the library instead"):
        upgrade(ledger, tmp_path)
