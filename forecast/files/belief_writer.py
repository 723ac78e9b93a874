"""Writing one belief into a network file: the lines of one field, and no other, are replaced."""

import json
import textwrap
from pathlib import Path
from typing import Any

from forecast.errors import Fault, ForecastError, InputError
from forecast.files.network_file import read_network
from forecast.files.whole_file import replacing
from forecast.files.yaml_reader import load_yaml
from forecast.network.base import find

__all__ = ["field_lines", "write_belief"]

WIDTH = 116


def field_lines(field: str, said: str | dict[str, Any], indent: int) -> list[str]:
    """Return the lines of YAML of a field: a quoted text, or a pool as a block."""
    margin = " " * indent
    if isinstance(said, str):
        return [f"{margin}{field}: {json.dumps(said, ensure_ascii=False)}"]
    lines = [f"{margin}{field}:", f"{margin}  pool: {said['pool']}", f"{margin}  experts:"]
    for voice in said["experts"]:
        inside = ", ".join(
            f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in voice.items()
        )
        lines.append(f"{margin}    - {{{inside}}}")
    return lines


def write_belief(
    path: str | Path, event: str, field: str, said: str | dict[str, Any], *, why: str = ""
) -> None:
    """Replace a belief of an event in a network file, and its reason if one is given.

    The file is read again before it is replaced, in one step: a file that would not be sound, or in
    which anything else would mean something else, is left as it was.

    Parameters
    ----------
    path
        The network file.
    event
        Which event.
    field
        ``rate`` or ``off_rate``.
    said
        The belief.
    why
        The reason; empty leaves the old one.

    Raises
    ------
    InputError
        If the file is not sound, has no such event, or is written in a way that cannot be edited.
    ForecastError
        If it cannot be written.
    """
    path = Path(path)
    before = read_network(path)
    before.event(event)
    lines = path.read_text(encoding="utf-8").splitlines()
    _replace(lines, path, event, field, said)
    if why:
        _replace_text(lines, path, event, "why", why)
    changed = {field, "why"} if why else {field}
    try:
        with replacing(path, mode=path.stat().st_mode) as draft:
            draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
            for old, new in zip(before.events, read_network(draft).events, strict=True):
                leave = changed if old.id == event else set()
                if old.model_dump(exclude=leave) != new.model_dump(exclude=leave):
                    raise _cannot(path, 0, event)
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror or error}"
        raise ForecastError(msg) from error


def _replace(lines: list[str], path: Path, event: str, field: str, said: Any) -> None:
    first, last, indent = _span(lines, path, event, field)
    lines[first:last] = field_lines(field, said, indent)


def _replace_text(lines: list[str], path: Path, event: str, field: str, text: str) -> None:
    """Replace a field of prose by a folded block."""
    first, last, indent = _span(lines, path, event, field)
    margin = " " * (indent + 2)
    words = textwrap.wrap(
        " ".join(text.split()), WIDTH, initial_indent=margin, subsequent_indent=margin
    )
    lines[first:last] = [f"{' ' * indent}{field}: >-", *words]


def _span(lines: list[str], path: Path, event: str, field: str) -> tuple[int, int, int]:
    """Return the first line of an event's field, the line after its last, and its indent."""
    located = load_yaml(path)
    find("event", event, located.value["events"])
    if field not in located.value["events"][event]:
        raise InputError(
            Fault(
                f"has no {field} to replace", "Add one by hand.", str(path), field=f"events.{event}"
            )
        )
    top = located.line_of(f"events.{event}")
    indent_of_event = _indent(lines[top - 1])
    for number in range(top, len(lines)):
        line = lines[number]
        if _blank(line):
            continue
        if _indent(line) <= indent_of_event:
            break
        if line.lstrip().startswith(f"{field}:"):
            return number, _end(lines, number), _indent(line)
    raise _cannot(path, top, event)


def _end(lines: list[str], first: int) -> int:
    """Return the line after a field's last; blank lines and comments after it are not its own."""
    last = first + 1
    for number in range(first + 1, len(lines)):
        if _blank(lines[number]):
            continue
        if _indent(lines[number]) <= _indent(lines[first]):
            break
        last = number + 1
    return last


def _blank(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _cannot(path: Path, line: int, event: str) -> InputError:
    return InputError(
        Fault(
            "is written in a form that cannot be edited line by line",
            "Write the number by hand: it was printed.",
            str(path),
            line,
            f"events.{event}",
        )
    )
