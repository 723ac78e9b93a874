"""Where things stand in a TOML file: tomllib reads values and forgets their lines."""

import re
from collections.abc import Iterator

__all__ = ["lines_of"]

_TABLE = re.compile(r"[ \t]*\[[ \t]*[\"']?([\w-]+)[\"']?[ \t]*\]")
_KEY = re.compile(r"[ \t]*[\"']?([\w-]+)[\"']?[ \t]*[.=]")
_LIST = re.compile(r"[ \t]*[\"']?[\w-]+[\"']?[ \t]*=[ \t]*\[")
_PIECE = re.compile(
    r'"{3}(?:\\.|[^\\])*?"{3}'  # text of several lines
    r"|'{3}.*?'{3}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|\s+"
    r"|[\[\]{},]"
    r"|[^\s\[\]{},#\"']+"
    r"|.",
    re.DOTALL,
)


def lines_of(text: str) -> dict[str, int]:
    r"""Return the line of each table, key and entry of a list, as well as a search can tell.

    Parameters
    ----------
    text
        A file that tomllib reads.

    Returns
    -------
    dict
        By ``table``, ``table.key`` and ``table.key.0`` for the first entry of a list; the first
        line is 1.

    Examples
    --------
    >>> lines_of('[a]\nb = [\n  "x",\n  "y"]')
    {'a': 1, 'a.b': 2, 'a.b.0': 3, 'a.b.1': 4}
    """
    lines: dict[str, int] = {}
    table, start = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        if heading := _TABLE.match(line):
            table = heading[1]
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            name = f"{table}.{key[1]}" if table else key[1]
            lines.setdefault(name, number)
            if begin := _LIST.match(line):
                for position, breaks in enumerate(_entries(text, start + begin.end())):
                    lines.setdefault(f"{name}.{position}", number + breaks)
        start += len(line) + 1
    return lines


def _entries(text: str, start: int) -> Iterator[int]:
    """Yield, for each entry of the list that opens before `start`, the line breaks up to it."""
    depth, breaks, awaited = 1, 0, True
    for piece in (match[0] for match in _PIECE.finditer(text, start)):
        if piece in ("]", "}"):
            depth -= 1
        elif not piece.isspace() and piece[0] != "#":
            if piece == ",":
                awaited = awaited or depth == 1
            elif awaited:
                awaited = False
                yield breaks
            depth += piece in ("[", "{")
        if depth == 0:
            return
        breaks += piece.count("\n")
