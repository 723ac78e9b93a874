"""The report's page is held against the ledger: a figure that somebody changes in it is found."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import forecast.workspace._report as module
from forecast.cli.main import cli
from forecast.errors import ForecastError, LedgerError
from forecast.ledger import Ledger, ledger_address, open_ledger, pages_written, verify
from forecast.workspace._report import write_report
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.workspace.samples import WORKSPACE, never_estimate, write_workspace

NAMED = WORKSPACE + '\n[report]\nfile = "pages/page.html"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose update writes a page, with one run that nobody estimated."""
    never_estimate(monkeypatch)
    (tmp_path / "pages").mkdir()
    write_workspace(tmp_path, {"forecast.toml": NAMED})
    update(tmp_path, Request())
    return tmp_path


def verified(folder: Path) -> Result:
    return CliRunner().invoke(cli, ["ledger", "verify", "--workspace", str(folder)])


def entries(folder: Path) -> list[str]:
    with open_ledger(ledger_address(None, folder)) as ledger:
        return pages_written(ledger).get("pages/page.html", [])


def test_a_figure_changed_by_hand_is_found_and_the_page_made_anew(folder: Path) -> None:
    page = folder / "pages" / "page.html"
    assert verified(folder).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "60%" in text
    page.write_text(text.replace("60%", "99.9%", 1), encoding="utf-8")
    told = verified(folder)
    assert told.exit_code == 1
    assert told.stderr == (
        "error: the page pages/page.html is not what was written: 'forecast report' makes it anew\n"
    )
    write_report(folder)
    assert page.read_text(encoding="utf-8") == text
    assert verified(folder).exit_code == 0


def test_any_byte_of_the_page_is_held(folder: Path) -> None:
    page = folder / "pages" / "page.html"
    data = page.read_bytes()
    for place in (0, len(data) // 2, len(data) - 1):
        page.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert verified(folder).exit_code == 1
    page.write_bytes(data + b" ")
    assert verified(folder).exit_code == 1


def test_the_same_page_is_entered_once_and_a_new_one_raises_no_alarm(folder: Path) -> None:
    (first,) = entries(folder)
    write_report(folder)
    assert entries(folder) == [first]
    update(folder, Request(as_of="2024-07-20"))
    assert len(entries(folder)) == 2
    told = verified(folder)
    assert (told.exit_code, told.stderr) == (0, "")


def test_a_page_that_was_deleted_is_no_fault_and_an_old_one_is_told(folder: Path) -> None:
    page = folder / "pages" / "page.html"
    old = page.read_bytes()
    update(folder, Request(as_of="2024-07-20"))
    page.unlink()
    assert verified(folder).exit_code == 0
    page.write_bytes(old)
    told = verified(folder)
    assert told.exit_code == 0
    assert told.stderr == (
        "note: the page pages/page.html is an earlier one: 'forecast report' renews it.\n"
    )


def test_a_page_that_could_not_be_written_leaves_no_false_alarm(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "replacing", full)
        with pytest.raises(ForecastError, match=r"the report: .*No space left"):
            update(folder, Request(as_of="2024-07-20"))
    told = verified(folder)
    assert told.exit_code == 0
    assert "is an earlier one" in told.stderr


def test_a_page_elsewhere_is_not_of_the_workspace(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("mail") / "page.html"
    before = entries(folder)
    write_report(folder, elsewhere)
    assert elsewhere.stat().st_size > 1000
    with open_ledger(ledger_address(None, folder)) as ledger:
        assert pages_written(ledger) == {"pages/page.html": before}


def test_where_the_ledger_cannot_be_written_no_page_goes_into_the_workspace(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(Ledger, "readable_only", property(lambda _: True))
    with pytest.raises(LedgerError, match="name a file outside the workspace with --output"):
        write_report(folder)
    write_report(folder, tmp_path_factory.mktemp("mail") / "page.html")


def test_the_chain_holds_the_pages_digest(folder: Path) -> None:
    import sqlite3  # noqa: PLC0415  only here

    with open_ledger(ledger_address(None, folder)) as ledger:
        assert verify(ledger, folder=folder / "posteriors", pages=folder).passed
    with sqlite3.connect(folder / "ledger.sqlite3") as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(
            "UPDATE artifacts SET sha256 = ? WHERE path = 'pages/page.html'", ("0" * 64,)
        )
    database.close()
    assert "entry 2 (page) is not what was written" in verified(folder).stderr
