"""Each field of each object, given a value of each wrong kind: a fault with its line, or taken."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from forecast.errors import InputError
from forecast.evidence._fields import COLUMNS
from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network
from forecast.files._questions_file import COLUMNS as QUESTION_COLUMNS
from forecast.files._questions_file import read_questions
from forecast.files._workspace_file import KEY_OF, read_workspace
from tests.contract.repository import ROOT

SCHEMA = json.loads((ROOT / "docs" / "network.schema.json").read_text(encoding="utf-8"))
KINDS = {
    "null": "null",
    "true": "true",
    "zero": "0",
    "negative": "-7",
    "a huge whole number": "9" * 400,
    "a huge power": "1e308",
    "nan": ".nan",
    "infinity": "-.inf",
    "text": '"some words"',
    "markup": r'"<b>\u202e\x1b[2J"',
    "nothing": '""',
    "long": '"' + "x" * 5_000 + '"',
    "a day": "2024-07-01",
    "a day far off": '"9999-12-31"',
    "a time": '"2024-07-01T12:00:00Z"',
    "an empty list": "[]",
    "a list of lists": "[[1, [2]], {a: [null]}]",
    "an empty mapping": "{}",
    "a mapping": "{a: {b: [c]}, 1: null}",
}
OBJECTS = {
    "Event": "events.a",
    "Link": "links.0",
    "SourceType": "types.t",
    "Source": "sources.s",
}
SOUND = """\
name: tiny
start: 2024-01-01
horizon: 2025-12-31
events:
  a:
    kind: onset
    rate: "20% [10%, 40%] within 6 months"
  b: {kind: state, on: "1 per year [0.5, 2]", off_rate: "1 per year [0.5, 2]"}
links:
  - parent: a
    child: b
    kind: causes
types:
  t:
    hit_rate: "70% [50%, 85%]"
sources:
  s:
    type: t
"""


def fields() -> Iterator[tuple[str, str]]:
    """Yield the place and the name of each field of the schema; those of the file have no place."""
    yield from (("", name) for name in SCHEMA["properties"])
    for name, place in OBJECTS.items():
        yield from ((place, field) for field in SCHEMA["$defs"][name]["properties"])


def with_field(place: str, field: str, value: str) -> str:
    """Return the sound network with one field of this value, in place of its own if it has it."""
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(SOUND)
    target: Any = document
    for step in place.split(".") if place else ():
        target = target[int(step) if step.isdigit() else step]
    target[field] = "VALUE"
    document["start"], document["horizon"] = (
        each if each == "VALUE" else str(each) for each in (document["start"], document["horizon"])
    )
    return json.dumps(document, indent=1).replace('"VALUE"', value)


def complaint(read: Any, path: Path) -> str:
    """Return what a reader says against a file; nothing where it takes it."""
    try:
        read(path)
    except InputError as error:
        for fault in error.faults:
            assert fault.file, str(fault)
            assert fault.problem, str(fault)
            assert len(str(fault)) < 5_000
        return str(error)
    return ""


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_a_field_of_a_network_of_any_kind_is_told_by_its_line(tmp_path: Path, kind: str) -> None:
    path, told = tmp_path / "tiny.yaml", 0
    for place, field in fields():
        path.write_text(with_field(place, field, KINDS[kind]), encoding="utf-8")
        words = complaint(read_network, path)
        told += bool(words)
        assert not words or all(":" in line for line in words.splitlines()), words
    assert told > 10


LISTED = (
    "{id: e1, published: 2024-05-01, kind: report, event: troops, source: gazette, claim: 'on'}"
)
ASKED = "{id: q1, event: troops, deadline: 2024-12-31}"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_a_field_of_an_item_or_a_question_of_any_kind_is_told_or_taken(
    tmp_path: Path, kind: str
) -> None:
    for name, read, columns, key, sound in (
        ("items.yaml", read_evidence, COLUMNS, "items", LISTED),
        ("questions.yaml", read_questions, QUESTION_COLUMNS, "questions", ASKED),
    ):
        path, told = tmp_path / name, 0
        for column in columns:
            given = YAML(typ="safe", pure=True).load(sound) | {column: "VALUE"}
            given = {name: str(value) for name, value in given.items()}
            text = json.dumps({key: [given]}).replace('"VALUE"', KINDS[kind])
            path.write_text(text, encoding="utf-8")
            told += bool(complaint(read, path))
        assert told > 0


IN_TOML = {
    "true": "true",
    "zero": "0",
    "negative": "-7",
    "a huge whole number": "9" * 400,
    "nan": "nan",
    "infinity": "-inf",
    "text": '"some words"',
    "nothing": '""',
    "a path outside": '"../../etc/passwd"',
    "a day": "2024-07-01",
    "a day far off": "9999-12-31",
    "a time": "2024-07-01T12:00:00Z",
    "a time of day": "12:00:00",
    "an empty list": "[]",
    "a list of lists": "[[1, [2]], {a = [0]}]",
    "an empty table": "{}",
    "a table": "{a = {b = 1}}",
}


@pytest.mark.parametrize("kind", IN_TOML)
def test_a_key_of_a_workspace_file_of_any_kind_is_told_or_taken(tmp_path: Path, kind: str) -> None:
    path, told = tmp_path / "forecast.toml", 0
    for table, key in KEY_OF.values():
        tables = {"workspace": {"networks": '["a.yaml"]'}}
        tables.setdefault(table, {})[key] = IN_TOML[kind]
        lines = [
            f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in content.items())
            for name, content in tables.items()
        ]
        path.write_text("".join(lines), encoding="utf-8")
        told += bool(complaint(read_workspace, path))
    assert told > 0
