"""Text from files cannot steer the terminal, and tables stand in columns."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.cli.text import print_grid, say, visible


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("two\nlines", "two lines"),
        ("a\u2028b\x85c", r"a\u2028b\x85c"),
        ("Пхеньян 평양 नेपाल", "Пхеньян 평양 नेपाल"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_steers_is_written_out_and_what_is_read_stays(raw: str, shown: str) -> None:
    assert visible(raw) == shown


def test_line_feeds_stay_where_lines_are_wanted() -> None:
    assert visible("a\nb\r", lines=True) == "a\nb\\x0d"


@given(st.text())
def test_no_control_or_bidirectional_character_is_left(text: str) -> None:
    kept = visible(text)
    assert not [c for c in kept if unicodedata.category(c) == "Cc"]
    assert not set(kept) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@pytest.mark.parametrize(
    ("left", "lines"),
    [(1, ["a      b", "one    x", "2    yyy"]), (2, ["a    b", "one  x", "2    yyy"])],
)
def test_a_table_has_its_first_columns_to_the_left(
    capsys: pytest.CaptureFixture[str], left: int, lines: list[str]
) -> None:
    print_grid(("a", "b"), [("one", "x"), ("2", "yyy")], left=left)
    assert capsys.readouterr().out.splitlines() == lines


def test_a_column_is_wrapped_where_a_row_would_be_wider_than_a_screen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = "Troops of either government deploy beyond the border in numbers that satellites count"
    rows = [(name, "by 2024-12-31", "57%"), ("A pact", "by 2024-12-31", ">99%")]
    print_grid(("event", "", "P"), rows, wrapped=0)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].endswith("  by 2024-12-31   57%")
    assert lines[2].startswith("  ")
    told = f"{lines[1].removesuffix('  by 2024-12-31   57%').strip()} {lines[2].strip()}"
    assert told == name
    assert lines[3].split("  ")[0] == "A pact"


def test_a_sentence_fits_a_screen_and_is_one_line_in_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = "'forecast resolve q1 --on DATE'"
    line = f"nato_rok: last run as of 2024-08-01; answer with {command} what is \x1b[2J closed."
    monkeypatch.delenv("COLUMNS", raising=False)
    say(line)
    assert capsys.readouterr().out == line.replace("\x1b", r"\x1b") + "\n"
    monkeypatch.setenv("COLUMNS", "40")
    say(line)
    told = capsys.readouterr().out.splitlines()
    assert max(map(len, told)) <= 40
    assert any(command in each for each in told)  # so that it can be copied
    assert " ".join(each.strip() for each in told) == line.replace("\x1b", r"\x1b")
