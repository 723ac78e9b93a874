"""What is read otherwise than written, or not at all, is told by the commands that read it."""

import json
from pathlib import Path

from click.testing import CliRunner

from forecast.cli.main import cli
from tests.files.workbooks import write_xlsx
from tests.workspace.samples import EVIDENCE, NETWORK, write_workspace

TSV = "ID\tPublished\tKind\tEvent\tState\nlate\t2024-3-5\tobservation\tpact\tOff\n"


def check(folder: Path, *options: str) -> tuple[int, str]:
    run = CliRunner().invoke(cli, ["check", "--workspace", str(folder), *options])
    return run.exit_code, run.output.replace(f"{folder}/", "")


def test_check_tells_what_it_reads_otherwise_and_what_it_does_not_read(tmp_path: Path) -> None:
    plain, before = check(write_workspace(tmp_path))
    assert (plain, "warning" in before) == (0, False)
    (tmp_path / "evidence" / "more.tsv").write_text(TSV)
    (tmp_path / "evidence" / "notes.docx").write_bytes(b"PK")
    write_xlsx(
        tmp_path / "evidence" / "items.xlsx",
        {"S": [["id", "published", "kind", "event", "state"],
               ["one", "2024-03-06", "observation", "pact", False]]},
    )  # fmt: skip
    code, told = check(tmp_path)
    assert code == 0
    for line in (
        "warning: evidence: not read, as evidence is in .csv",
        "warning: evidence/items.xlsx[S]:2: state: is read as off (got 'FALSE').",
        "warning: evidence/more.tsv:2: published: is read as 2024-03-05 (got '2024-3-5').",
        "warning: evidence/more.tsv:1: headings are read otherwise than written: 'ID' as 'id'",
    ):
        assert line in told
    number = int(before.split(" items")[0].split()[-1])
    assert f"{number + 2} items" in told
    _, document = check(tmp_path, "--json")
    assert {each["field"] for each in json.loads(document)["warnings"]} >= {"state", "published"}
    assert check(tmp_path, "--strict")[0] == 2


def test_a_workbook_that_cannot_be_read_is_no_workspace_of_nothing(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    (tmp_path / "evidence" / "items.xlsx").write_bytes(b"PK\5\6" + bytes(18))  # an empty archive
    code, told = check(tmp_path)
    assert code == 2
    assert "error: evidence/items.xlsx: is no workbook that can be read" in told


def test_an_item_that_is_published_in_the_future_is_warned_of(tmp_path: Path) -> None:
    network = NETWORK.replace("horizon: 2025-12-31", "horizon: 2099-12-31")
    row = "far,2088-06-01,observation,pact,,,off\n"
    files = {"priors/tiny.yaml": network, "evidence/items.csv": EVIDENCE + row}
    code, told = check(write_workspace(tmp_path, files))
    warned = "items.csv:5: item 'far': published: lies in the future"
    assert (code, warned in told, told.count("lies in the future")) == (0, True, 1)
    assert "(got '2088-06-01'). Correct the year" in told
