"""A file that is wrong throughout fills no screen, and no log."""

from pathlib import Path

from click.testing import CliRunner

from forecast.cli.main import MOST_FAULTS, cli
from tests.workspace.samples import EVIDENCE, write_workspace


def test_ten_thousand_faults_are_told_in_two_hundred_lines(tmp_path: Path) -> None:
    rows = "".join(f"x{n},2024-05-01,report,nobody,gazette,on,\n" for n in range(10_000))
    folder = write_workspace(tmp_path, {"evidence/items.csv": EVIDENCE + rows})
    done = CliRunner().invoke(cli, ["check", "--workspace", str(folder)])
    assert done.exit_code == 2
    *faults, more, count = done.stderr.splitlines()
    assert len(faults) == MOST_FAULTS
    assert more.startswith("error: and ")
    assert more.endswith(" more.")
    assert count.endswith(" faults; nothing was written.")
