"""A workspace reads and writes inside its folder, by real paths, and never over its own files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli.main import cli
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE, never_estimate, write_workspace


def command(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--workspace", str(folder)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("FORECAST_LEDGER", raising=False)
    never_estimate(monkeypatch)
    return write_workspace(tmp_path / "here")


def network(folder: Path, outside: Path) -> None:
    (outside / "tiny.yaml").write_text(NETWORK)
    (folder / "priors" / "tiny.yaml").unlink()
    (folder / "priors" / "tiny.yaml").symlink_to(outside / "tiny.yaml")


def folder_of_networks(folder: Path, outside: Path) -> None:
    (folder / "priors").rename(outside / "priors")
    (folder / "priors").symlink_to(outside / "priors")


def item(folder: Path, outside: Path) -> None:
    (outside / "items.csv").write_text(EVIDENCE)
    (folder / "evidence" / "items.csv").unlink()
    (folder / "evidence" / "items.csv").symlink_to(outside / "items.csv")


def secret(folder: Path, outside: Path) -> None:
    del outside
    (folder / "evidence" / "more.csv").symlink_to("/etc/passwd")


def loop(folder: Path, outside: Path) -> None:
    del outside
    (folder / "priors" / "tiny.yaml").unlink()
    (folder / "priors" / "tiny.yaml").symlink_to("tiny.yaml")


def questions(folder: Path, outside: Path) -> None:
    (outside / "q.csv").write_text("id,event,deadline,outcome\n")
    (folder / "questions.csv").symlink_to(outside / "q.csv")


def runs(folder: Path, outside: Path) -> None:
    (folder / "posteriors").symlink_to(outside)


def page(folder: Path, outside: Path) -> None:
    (folder / "forecast.toml").write_text(f'{WORKSPACE}\n[report]\nfile = "page.html"\n')
    (folder / "page.html").symlink_to(outside / "page.html")


LINKS = [network, folder_of_networks, item, secret, loop, questions, runs, page]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_out_of_the_folder_is_a_fault_that_shows_nothing_of_what_it_leads_to(
    folder: Path, tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link(folder, outside)
    before = sorted(outside.rglob("*"))
    for name in ("check", "update"):
        done = command(folder, name)
        assert done.exit_code == 2, done.output
        assert "root:" not in done.output
    assert "by a symbolic link" in done.stderr or link is loop
    assert sorted(outside.rglob("*")) == before


def test_a_link_inside_the_folder_is_as_good_as_the_file(folder: Path) -> None:
    (folder / "priors" / "tiny.yaml").rename(folder / "mine.yaml")
    (folder / "priors" / "tiny.yaml").symlink_to(folder / "mine.yaml")
    assert command(folder, "check").exit_code == 0


def test_a_workspace_that_is_reached_by_a_link_works(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert command(tmp_path / "link", "update").exit_code == 0


OWN = ["forecast.toml", "priors/tiny.yaml", "evidence/items.csv", "ledger.sqlite3"]


@pytest.mark.parametrize("name", [*OWN, "evidence/new.csv", "ledger.sqlite3-wal", "notes.txt"])
@pytest.mark.parametrize("arguments", [("report", "--output"), ("update", "--log")], ids=" ".join)
def test_no_page_or_log_goes_over_another_file_or_passes_for_one(
    folder: Path, name: str, arguments: tuple[str, ...]
) -> None:
    assert command(folder, "update").exit_code == 0
    file = folder / name
    if name == "notes.txt":
        file.write_text("mine")
    before = file.read_bytes() if file.exists() else None
    done = command(folder, *arguments, str(file))
    assert (done.exit_code, "Name another file" in done.stderr) == (2, True), done.output
    assert (file.read_bytes() if file.exists() else None) == before


def test_no_export_goes_over_another_file(folder: Path) -> None:
    command(folder, "update")
    for name in OWN:
        before = (folder / name).read_bytes()
        for arguments in (
            ("ledger", "backup", str(folder / name)),
            ("ledger", "export", "--output", str(folder / name)),
            ("export", "forecasts", "--output", str(folder / name)),
        ):
            done = command(folder, *arguments)
            assert (done.exit_code, "is there already" in done.stderr) == (2, True)
        assert (folder / name).read_bytes() == before


@pytest.mark.parametrize("place", ["evidence", "posteriors", "inbox", "linked"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("ledger", "backup"),
        ("ledger", "export", "--output"),
        ("inbox", "export", "--output"),
        ("export", "evidence", "--output"),
        ("export", "forecasts", "--json", "--output"),
    ],
    ids=" ".join,
)
def test_no_export_goes_where_it_would_be_read_back(
    folder: Path, tmp_path: Path, place: str, arguments: tuple[str, ...]
) -> None:
    command(folder, "update")
    (tmp_path / "linked").symlink_to(folder / "evidence")
    (folder / "inbox").mkdir(exist_ok=True)
    at = tmp_path / "linked" if place == "linked" else folder / place
    done = command(folder, *arguments, str(at / "new.csv"))
    assert (done.exit_code, "Name a file elsewhere" in done.stderr) == (2, True), done.output
    assert not (at / "new.csv").exists()
    assert command(folder, *arguments, str(tmp_path / "new.csv")).exit_code == 0
    assert command(folder, "check").exit_code == 0


def test_a_page_and_a_log_go_on_where_they_were(folder: Path, tmp_path: Path) -> None:
    for _ in range(2):
        log = str(tmp_path / "log.jsonl")
        assert command(folder, "update", "--log", log).exit_code == 0
        assert command(folder, "report", "--output", str(tmp_path / "page.html")).exit_code == 0
    assert (tmp_path / "log.jsonl").read_text().count('"begin"') == 2


LONG = "a" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--workspace", LONG),
        ("report", "--output", LONG),
        ("update", "--log", LONG),
        ("ledger", "export", "--output", LONG),
        ("ledger", "backup", LONG),
        ("ledger", "restore", LONG),
        ("export", "forecasts", "--output", LONG),
        ("show", LONG),
        ("init", LONG),
    ],
    ids=lambda arguments: " ".join(arguments)[:20],
)
def test_a_name_of_300_characters_is_no_traceback(
    folder: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(folder, "update").exit_code == 0
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code in {1, 2}, done.output
    assert done.stderr.count("error: ") == 1
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    "name", [LONG, "x/" * 3000, "priors/\\u202Etiny.yaml", "priors/a\\nb.yaml"]
)
def test_an_odd_name_in_the_file_is_a_fault(folder: Path, name: str) -> None:
    text = WORKSPACE.replace("priors/tiny.yaml", name)
    (folder / "forecast.toml").write_text(text)
    done = command(folder, "check")
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit)
    assert "\u202e" not in done.output
