"""Reading a text file that a person wrote: not too large, UTF-8, and not empty."""

import re
from pathlib import Path

from forecast.errors import Fault, InputError

__all__ = ["LARGEST_FILE", "read_text"]

LARGEST_FILE = 1_000_000
"""Bytes."""

_TAB = re.compile(r"^ *\t", re.MULTILINE)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)


def read_text(path: str | Path) -> str:
    """Return the text of a YAML file.

    Raises
    ------
    InputError
        If the file does not exist, is no file, is larger than 1 MB, empty, not UTF-8, binary, or
        indented with tabs.
    """
    file = str(path)
    data = _bytes(Path(path), file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            Fault(
                "is not text in UTF-8",
                "Save it again as UTF-8, or check that it is the file you mean.",
                file=file,
                line=line,
            )
        ) from error
    if not text.strip():
        raise InputError(
            Fault("the file is empty", "Write its fields, or remove the file.", file=file)
        )
    odd = _CONTROL.search(text)
    if odd:
        raise InputError(
            Fault(
                f"holds a character that no text has (U+{ord(odd[0]):04X})",
                "Remove it, or check that it is the file you mean.",
                file=file,
                line=text.count("\n", 0, odd.start()) + 1,
            )
        )
    tabs = [text.count("\n", 0, tab.start()) + 1 for tab in _TAB.finditer(text)]
    if tabs:
        raise InputError(_tab_faults(tabs, file))
    return text


def _tab_faults(lines: list[int], file: str) -> list[Fault]:
    remedy = "Indent with spaces, two a level."
    first = [Fault("is indented with a tab", remedy, file=file, line=line) for line in lines[:5]]
    if len(lines) > len(first):
        first.append(Fault(f"{len(lines) - len(first)} more lines have tabs", remedy, file=file))
    return first


def _bytes(path: Path, file: str) -> bytes:
    try:
        if not path.exists():
            raise InputError(Fault("there is no such file", "Check its name.", file=file))
        if not path.is_file():
            raise InputError(Fault("is not a file", "Name a file.", file=file))
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise InputError(
                Fault(
                    f"is larger ({size / 1e6:,.1f} MB) than a file may be "
                    f"({LARGEST_FILE / 1e6:.0f} MB)",
                    "Split it, or check that it is the file you mean.",
                    file=file,
                )
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(Fault(f"cannot be read: {reason}", file=file)) from error
