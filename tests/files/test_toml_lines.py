"""Lines of keys and entries, against tomllib's own reading of odd but valid files."""

import tomllib

import pytest

from forecast.files._workspace_file import lines_of


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('a = ["x", "y"]', {"a": 1, "a.0": 1, "a.1": 1}),
        ("a = [\n  # one, two\n  1, # [\n\n  2,\n]", {"a": 1, "a.0": 3, "a.1": 5}),
        ("a = [\n  [1,\n 2], {b = [3]},\n  4]", {"a": 1, "a.0": 2, "a.1": 3, "a.2": 4}),
        ('a = [\n  "x, ]\\" #",\n  \'y\\\',\n  "z"]', {"a": 1, "a.0": 2, "a.1": 3, "a.2": 4}),
        ('a = ["""\nx,\n"y" """,\n1]', {"a": 1, "a.0": 1, "a.1": 4}),
        ("[t]\nb = 1\n[ 'u' ]\n\"b\" = [\n]", {"t": 1, "t.b": 2, "u": 3, "u.b": 4}),
        ("a = [\n  2024-09-30,\n  2025-01-31T12:00:00Z]", {"a": 1, "a.0": 2, "a.1": 3}),
        (
            "[t]\nb = 1\n[[t.u]]\nc = 1\n[[ t . u ]]\n\nc = [\n2]\n[v]\nd = 1",
            {
                "t": 1,
                "t.b": 2,
                "t.u": 3,
                "t.u.0": 3,
                "t.u.0.c": 4,
                "t.u.1": 5,
                "t.u.1.c": 7,
                "t.u.1.c.0": 8,
                "v": 9,
                "v.d": 10,
            },
        ),
        ("a.b = 1\nc = {d = [1]}", {"a": 1, "c": 2}),
    ],
)
def test_keys_and_entries_have_the_lines_they_stand_on(text: str, lines: dict[str, int]) -> None:
    tomllib.loads(text)
    assert lines_of(text) == lines


def test_a_list_that_never_ends_ends_with_the_file() -> None:
    assert lines_of('a = [1,\n "x') == {"a": 1, "a.0": 1, "a.1": 2}
