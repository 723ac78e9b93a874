"""Hostile files: refused with few words or inert, within two seconds and 200 MB."""

import json
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from forecast.errors import ForecastError, InputError
from forecast.files._elicitation_files import read_answers
from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network, read_sources
from forecast.files._reference_class_file import read_reference_class
from forecast.files._workspace_file import read_workspace
from forecast.workspace._run import read_manifest
from tests.files.test_elicitation_files import ANSWERS
from tests.files.test_reference_class_file import HEAD, TABLE
from tests.speed import in_time
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE

SECONDS, MEGABYTES = 2.0, 200
FULL = 990_000
"""As many characters as a YAML or TOML file may have, nearly."""

type Reader = Callable[[Path], object]

YAML: dict[str, Reader] = {
    "network.yaml": read_network,
    "sources.yaml": read_sources,
    "items.yaml": read_evidence,
    "answers.yaml": read_answers,
}
CSV: dict[str, Reader] = {"items.csv": read_evidence, "class.csv": read_reference_class}

ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{key}: &{key} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, key in zip("abcdefgh", "bcdefghi", strict=True)
)
ROW = "e,2024-01-01,report,troops,gazette,on,\n"
COLUMNS = EVIDENCE.splitlines()[0]
BOMBS = {
    "aliases of aliases": (YAML, ALIASES),
    "brackets without end": (YAML, "[" * FULL),
    "braces without end": (YAML, "{" * FULL),
    "deeper and deeper": (YAML, "".join(" " * depth + "a:\n" for depth in range(1300))),
    "a million numbers": (YAML, "[" + ",".join("1" * (FULL // 2)) + "]"),
    "no key known": (YAML, "{" + ", ".join(f"k{n}: 1" for n in range(8_000)) + "}"),
    "one key again and again": (YAML, "k: 1\n" * 8_000),
    "no event whole": (YAML, "events:\n" + "".join(f"  e{n}: {{}}\n" for n in range(8_000))),
    "no link whole": (YAML, f"{NETWORK}\nlinks:\n" + "  - {parent: a, child: b}\n" * 4_000),
    "a number of a million digits": (YAML, "name: " + "9" * FULL),
    "an exponent": (YAML, "name: 1e999999999"),
    "a tag": (YAML, '!!python/object/apply:os.system ["touch owned"]'),
    "one long line": (YAML, "x" * FULL),
    "ten megabytes": (YAML, "x" * 10_000_000),
    "a million columns": (CSV, ",".join("a" * 900_000)),
    "a million quotes": (CSV, '"' * 900_001),
    "one cell of ten megabytes": (CSV, f'{COLUMNS}\ne1,"{"x" * 9_900_000}",a,b,c,d,e\n'),
    "one id in every row": (CSV, f"{COLUMNS}\n" + ROW * 10_000),
    "a deep table": ({"forecast.toml": read_workspace}, "a" + ".a" * 400_000 + " = 1"),
    "a key of 45,000 parts": (
        {"forecast.toml": read_workspace},
        "[a]\nb = 1\n" + ".".join(["k"] * 45_000) + " = 1",
    ),
    "many keys of 900 parts, some in quotes": (
        {"forecast.toml": read_workspace},
        "".join(f"x = {{ {' . '.join(['k', '"k"'] * 450)} = {n} }}\n" for n in range(18)),
    ),
    "a heading of 45,000 parts": (
        {"forecast.toml": read_workspace},
        "[" + ".".join(["k"] * 45_000) + "]",
    ),
    "deep lists": ({"forecast.toml": read_workspace}, "a = " + "[" * FULL),
    "many tables": ({"forecast.toml": read_workspace}, "".join(f"[t{n}]\n" for n in range(90_000))),
    "a long number": ({"forecast.toml": read_workspace}, "a = " + "9" * FULL),
    "deep JSON": ({"run.json": read_manifest}, '{"format":' + "[" * FULL),
    "a long number in JSON": ({"run.json": read_manifest}, '{"format":' + "9" * FULL + "}"),
}


@contextmanager
def untraced() -> Iterator[list[float]]:
    """Time what is done, in processor seconds, without the tracing that measures coverage."""
    took: list[float] = []
    trace = sys.gettrace()
    sys.settrace(None)
    begin = time.process_time()
    try:
        yield took
    finally:
        took.append(time.process_time() - begin)
        sys.settrace(trace)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_time_and_in_little_memory(tmp_path: Path, bomb: str) -> None:
    readers, text = BOMBS[bomb]
    for name, reader in readers.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        before = peak()

        def took(reader: Reader = reader, path: Path = path) -> float:
            with untraced() as seconds, pytest.raises(ForecastError, match=path.name):
                reader(path)
            return seconds[0]

        assert in_time(took(), SECONDS, took), name
        assert peak() - before < MEGABYTES, name
    assert not (tmp_path / "owned").exists()


HOSTILE = {
    "markup": "<script>alert(1)</script>",
    "escapes": "\x1b]0;owned\x07\x1b[2J",
    "turned": "\u202egnp.exe",
    "formula": '=HYPERLINK("http://x","y")',
    "path": "../../../../etc/passwd",
    "rich": "[/nope] [red]",
    "template": "{{7*7}} ${7*7} %s %n",
    "long": "9" * 400_000,
    "belief": "10% [" * 20_000,
    "blank": " " * 200_000 + "x",
}


def yaml_fields(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield what stands before, in and after each value that is text or a number."""
    for found in re.finditer(r'(?<=: )("[^"\n]*"|[^\s"{[,}][^\n,}]*)', text):
        yield text[: found.start()], found[0], text[found.end() :]


def csv_fields(text: str) -> Iterator[tuple[str, str, str]]:
    for found in re.finditer(r"(?<=[,\n])[^,\n]+", text):
        yield text[: found.start()], found[0], text[found.end() :]


def toml_fields(text: str) -> Iterator[tuple[str, str, str]]:
    for found in re.finditer(r'"[^"\n]*"|(?<== )\d+', text):
        yield text[: found.start()], found[0], text[found.end() :]


FILES = {
    "network.yaml": (read_network, NETWORK, yaml_fields, json.dumps),
    "answers.yaml": (read_answers, ANSWERS, yaml_fields, json.dumps),
    "items.csv": (read_evidence, EVIDENCE, csv_fields, lambda v: '"' + v.replace('"', '""') + '"'),
    "class.csv": (
        read_reference_class,
        HEAD + TABLE,
        csv_fields,
        lambda v: '"' + v.replace('"', '""') + '"',
    ),
    "forecast.toml": (read_workspace, WORKSPACE, toml_fields, json.dumps),
}


def complaint(reader: Reader, path: Path) -> str:
    """Return what a reader says against a file; nothing where it takes it."""
    try:
        reader(path)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", FILES)
def test_hostile_text_in_any_field_is_refused_or_stays_text(
    tmp_path: Path, name: str, hostile: str
) -> None:
    reader, sound, fields, quoted = FILES[name]
    path = tmp_path / name
    before, tried = peak(), 0
    for ahead, value, behind in fields(sound):
        path.write_text(ahead + quoted(HOSTILE[hostile]) + behind, encoding="utf-8")
        begin = time.process_time()
        words = complaint(reader, path)
        assert in_time(time.process_time() - begin, SECONDS), value
        assert len(words) < 20_000, value
        tried += 1
    assert tried >= 5
    assert peak() - before < MEGABYTES
