"""No bytes whatever make a reader raise what is not an error of ours: half a minute each."""

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from forecast.ledger import export, ledger_address, open_ledger, publish
from tests.files.test_elicitation_files import ANSWERS
from tests.files.test_reference_class_file import HEAD, TABLE
from tests.ledger.samples import run
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE

SECONDS = 30
SECONDS_AN_INPUT = 10
MEGABYTES = 2_000
NEWS = Path("tests/data/inbox")
STARTER = files("forecast.workspace") / "starter"


def exported_lines(folder: Path) -> list[str]:
    with open_ledger(ledger_address(None, folder, {})) as ledger:
        publish(ledger, run("a"))
        return list(export(ledger))


def seeds(reader: str, folder: Path) -> list[str]:
    """Return sound inputs to begin with."""
    listed = "items:\n  - {id: e1, published: 2024-05-01, kind: report, event: a, source: s}\n"
    found = {
        "network": [NETWORK, (STARTER / "priors" / "tram.yaml").read_text()],
        "items": [EVIDENCE],
        "listed_items": [listed],
        "classes": [HEAD + TABLE],
        "answers": [ANSWERS],
        "news": [
            (NEWS / name).read_text(encoding="utf-8")
            for name in ("rss.xml", "atom.xml", "feed.json", "clippings.csv", "article.html")
        ],
        "workspace": [
            WORKSPACE,
            f'{WORKSPACE}\n[ledger]\nurl = "postgresql://a@b/c"\n[alerts]\na = {{above = 0.1}}\n',
        ],
    }
    if reader in found:
        return found[reader]
    lines = exported_lines(folder)
    (folder / "header").write_text(f"{lines[0]}\n")
    return ["#" + "\n".join(lines[1:]), "\n".join(lines)]


@pytest.mark.parametrize(
    "reader",
    ["network", "items", "listed_items", "workspace", "classes", "answers", "news", "exported"],
)
def test_no_bytes_crash_a_reader(tmp_path: Path, reader: str) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds(reader, tmp_path)):
        (corpus / str(number)).write_text(seed, encoding="utf-8")
    limits = [f"-max_total_time={SECONDS}", f"-timeout={SECONDS_AN_INPUT}", "-max_len=20000"]
    limits += [f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={tmp_path}/", "-seed=1"]
    command = [sys.executable, "-m", "tests.fuzz.readers", reader, str(tmp_path), *limits]
    # The most memory that a process ever held is taken over from who starts it, and the fuzzer goes
    # by that. So a shell starts it, which holds little.
    shell = ["/bin/sh", "-c", '"$@"; exit $?', "sh"]
    done = subprocess.run(  # noqa: S603
        [*shell, *command, str(corpus)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Done " in done.stderr
