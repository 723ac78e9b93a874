"""YAML: nothing guessed, nothing dropped, every line known."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import InputError
from forecast.files._yaml_reader import load_yaml, plain, scan_yaml


def write(folder: Path, text: str) -> Path:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-06-01", "2024-06-01"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("12:30:45", "12:30:45"),
        ("1:9", "1:9"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("3", 3),
        ("-0.5", -0.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("9" * 30, "9" * 30),
        ("10% [3%, 25%] within 6 months", "10% [3%, 25%] within 6 months"),
    ],
)
def test_plain_scalars_keep_their_text_unless_they_are_numbers(text: str, value: object) -> None:
    found = plain(text)
    assert found == value
    assert type(found) is type(value)


def test_quotes_keep_everything_text(tmp_path: Path) -> None:
    located = load_yaml(write(tmp_path, "a: \"3\"\nb: 'true'\nc: |\n  10\n"))
    assert located.value == {"a": "3", "b": "true", "c": "10\n"}


def test_keys_are_text(tmp_path: Path) -> None:
    assert load_yaml(write(tmp_path, "1: a\ntrue: b\n")).value == {"1": "a", "true": "b"}


def test_every_part_has_its_line(tmp_path: Path) -> None:
    located = load_yaml(write(tmp_path, "a: 1\n\nb:\n  c: x\n  d:\n    - y\n    - {e: z}\n"))
    assert located.line_of(("b", "c")) == 4
    assert located.line_of("b.d.0") == 6
    assert located.line_of(("b", "d", 1, "e")) == 7


def test_a_missing_part_has_the_line_of_its_holder(tmp_path: Path) -> None:
    located = load_yaml(write(tmp_path, "a: 1\nb:\n  c: x\n"))
    assert located.line_of("b.missing.too") == 2
    assert located.line_of("missing") == 1


def test_a_key_that_stands_twice_is_a_fault_with_both_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert [fault.line for fault in scan_yaml(path).faults] == [2, 3]
    with pytest.raises(InputError, match=r"a\.yaml:3: a: is repeated; the first is on line 1"):
        load_yaml(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("  \n\n", "the file is empty"),
        ("# only a remark\n", "the file is empty"),
        ("a: &x 1\nb: *x\n", r":1: a: refers to another part of the file \('&x'\)"),
        ("a: 1\nb: *important*\n", r":2: b: .*put text that begins with \* in quotes"),
        ("a: !!python/object:os.system x\n", r":1: a: has the YAML tag .*python/object"),
        ("a: !thing x\n", "put text that begins with ! in quotes"),
        ("a: 1\n---\nb: 2\n", ":2: holds a second document"),
        ("a:\n\tb: 1\n", r":2: is indented with a tab\. Indent with spaces"),
        ("a: {" * 40, ":1: is nested more than 32 levels deep"),
        ("a: " + "[" * 5000, ":1: is nested more than 32 levels deep"),
        ("? [a, b]\n: 1\n", "a key must be one word"),
        (
            "a: 1\nrate: icd203: unlikely\n",
            r""":2: has a second ': ' on one line.*in quotes: rate: "icd203: unlikely"\.""",
        ),
        ("a:\n  b: 1\n   c: 2\n", ":3: is indented further than the line it belongs with"),
        ("a:\n    b: 1\n  c: 2\n", ":3: is not YAML here.*Check its indentation"),
        ('a: "open\nb: 1\n', ":1: a quotation mark is never closed"),
        ("a: 1\nb: [1, 2\nc: 3\n", r":2: a bracket \[ or { is not closed"),
        ("{rate: 10% [3%, 25%], a: 1}\n", "put text that holds a bracket or a colon in quotes"),
        ("a: 1\nb 2\nc: 3\n", r":2: has no ': ' after its key \(got 'b 2'\)"),
        ("a: @b\n", ":1: begins its value with a character.*Put the value in quotes"),
        ("a: \x07\n", r":1: holds a control character \(U\+0007\)"),
        ("a: x\x00\n", r":1: holds a control character \(U\+0000\)"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_yaml(write(tmp_path, text))


@pytest.mark.parametrize("data", [bytes(range(128, 256)), "a: 1\n".encode("utf-16"), b"\xff\xfe"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"is not text in UTF-8.*Save it again as UTF-8"):
        load_yaml(path)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: é\n".encode("utf-8-sig"))
    assert load_yaml(path).value == {"a": "é"}


def test_more_tabs_than_anybody_reads_are_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="5 more lines have tabs"):
        load_yaml(write(tmp_path, "a:\n" + "\tb: 1\n" * 10))


def test_too_many_values_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds more than 40,000 values"):
        load_yaml(write(tmp_path, "a:\n" + "- 1\n" * 50_001))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: there is no such file"):
        load_yaml(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="is not a file"):
        load_yaml(tmp_path)


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "a.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        located = load_yaml(path)
    except InputError:
        return
    assert located.value is not None
