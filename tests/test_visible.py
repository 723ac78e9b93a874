"""What steers a terminal or a reader reaches no page raw, by any way out; what is read stays."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import forecast as fc
from forecast.cli.main import cli
from forecast.errors import Fault
from forecast.layout import diagram, dot, mermaid
from forecast.network._html_table import html_table
from forecast.plot._style import drawable
from forecast.report import page
from forecast.visible import WRITTEN, escaped, visible
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.report.sample import content
from tests.workspace.samples import EVIDENCE, NETWORK, never_estimate, write_workspace

BIDIRECTIONAL = [
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
    *"\u200e\u200f\u061c",
]
CONTROL = [chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]]
UNSEEN = [*"\u200b\u2060\ufeff\u00ad\u2028\u2029", "\U000e0041"]
STEERING = [*BIDIRECTIONAL, *CONTROL, *UNSEEN]
READ = [
    "אני קורא עברית: 12%",
    "الحرب تنتهي في ٢٠٢٥؟",
    "می‌خواهم",
    "क्‍ष",
    "👩‍🚀",
    "\u0600١٢",
    "naïve — 平和",
]
LINES = "\n\t"


def raw(text: str) -> list[str]:
    """Return what of a text does something, or hides, its own line feeds aside."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return [c for c in text if c != "\n" and unicodedata.category(c) in kinds and c not in WRITTEN]


@pytest.mark.parametrize("character", STEERING, ids=lambda c: f"U+{ord(c):04X}")
def test_what_steers_is_written_out_once(character: str) -> None:
    shown = visible(f"a{character}b")
    if character in LINES:
        assert shown == "a b"
        assert escaped(f"a{character}b") == f"a\\x{ord(character):02x}b"
    else:
        code = ord(character)
        hexadecimal = f"x{code:02x}" if code < 0x100 else f"u{code:04x}"
        assert shown == f"a\\{hexadecimal if code < 0x10000 else f'U{code:08x}'}b"


@pytest.mark.parametrize("text", READ)
def test_what_is_read_stays_as_it_is(text: str) -> None:
    assert visible(text) == escaped(text) == text


@given(st.text())
def test_nothing_raw_is_left_of_any_text(text: str) -> None:
    assert raw(visible(text)) == raw(visible(text, lines=True)) == raw(escaped(text)) == []


ALL = "".join(STEERING)
WAYS: dict[str, Callable[[str], str]] = {
    "a fault": lambda text: str(Fault(text, text, text, 1, text, text)),
    "a table of a notebook": lambda text: html_table(text, [text], [[text]], notes=[text]),
    "a label of a plot": drawable,
    "a page": lambda text: page(content(2, lambda plain: f"{plain}{text}")),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_out_lets_it_through(way: str) -> None:
    out = WAYS[way]
    assert raw(out(ALL)) == []
    assert r"\u202e" in out("\u202e")
    for text in READ[:2]:
        assert text.partition(" ")[0] in out(text)


def hostile_network() -> str:
    title = json.dumps(f"A pact {ALL}".replace("\n", " "))
    title = title.replace(json.dumps("\U000e0041")[1:-1], r"\U000e0041")  # as YAML writes it
    return NETWORK.replace("A pact is signed", title).replace("The Gazette", title)


def test_diagrams_let_nothing_through(tmp_path: Path) -> None:
    folder = write_workspace(tmp_path, {"priors/tiny.yaml": hostile_network()})
    drawn = diagram(fc.read_network(folder / "priors" / "tiny.yaml"))
    assert raw(dot(drawn)) == raw(mermaid(drawn)) == []


COMMANDS = (
    "check",
    "priors",
    "show pact",
    "report --output page.html",
    "export forecasts --for spreadsheet",
    "export evidence --for spreadsheet",
    "export questions --for spreadsheet",
    "export forecasts --json",
    "export evidence --json",
    "priors --json",
    "check --json",
    "inbox",
    "ledger verify",
)


def test_no_command_lets_it_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch)
    header, *rows = EVIDENCE.splitlines()
    some = "".join(BIDIRECTIONAL) + "\x1b[2J\x9b\u2028\u200b"
    evidence = "\n".join([f"{header},text", *(f'{row},"a{some}b"' for row in rows)]) + "\n"
    asked = f'id,event,deadline,wording\nq1,pact,2024-12-31,"Signed{some}?"\n'
    files = {"priors/tiny.yaml": hostile_network(), "evidence/items.csv": evidence}
    folder = write_workspace(tmp_path, files)
    update(folder, Request())
    (folder / "questions.csv").write_text(asked, encoding="utf-8")
    news = folder / "news.csv"
    news.write_text(f"title,date,source\nx{some}y,2024-06-01,z{some}\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    for command in ("inbox add news.csv", *COMMANDS):
        done = CliRunner().invoke(cli, command.split(), catch_exceptions=False)
        assert raw(done.output.replace("\r\n", "\n")) == [], command
    text = (folder / "page.html").read_text(encoding="utf-8")
    assert raw(text) == []
    assert r"\u202e" in text
    (item, *_) = fc.read_evidence(folder / "evidence" / "items.csv")
    assert item.text == f"a{some}b"  # what is stored is as it was written
