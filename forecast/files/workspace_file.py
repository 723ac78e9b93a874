"""The workspace file, forecast.toml: which networks and evidence, which deadlines, how to run."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Moment, finish
from forecast.files.text_file import read_text
from forecast.network import Network
from forecast.network.base import Model
from forecast.network.fault import bad

__all__ = ["Workspace", "check_deadlines", "read_workspace"]

MAX_CHARACTERS = 100_000
TABLES = {
    "workspace": ("networks", "evidence"),
    "forecast": ("deadlines", "seed", "draws", "method", "as_of"),
    "output": ("folder",),
}

KEY_OF = {
    key if table != "output" else "output": (table, key)
    for table, keys in TABLES.items()
    for key in keys
}
"""The table and the key of each field of `Workspace`."""

_TABLE_LINE = re.compile(r"\s*\[\s*[\"']?([\w-]+)[\"']?\s*\]")
_KEY_LINE = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*[.=]")
_ERROR_LINE = re.compile(r"at line (\d+)")


def _inside(value: object) -> Path:
    """Return a relative path that stays in the workspace's folder."""
    if not isinstance(value, str | Path) or not str(value):
        raise bad("is not a path", "Write one in quotes, such as 'priors/my_network.yaml'.")
    text = str(value)
    if PurePosixPath(text).is_absolute() or PureWindowsPath(text).anchor:
        raise bad("is an absolute path", "Write one relative to the folder of this file.")
    depth = 0
    for part in PurePosixPath(text.replace("\\", "/")).parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            raise bad("leaves the folder of this file", "Move what it names into the folder.")
    return Path(text)


Inside = Annotated[Path, PlainValidator(_inside)]


class Workspace(Model):
    """What a workspace file says; paths are relative to its folder.

    Parameters
    ----------
    folder
        The folder of the workspace file.
    networks, evidence
        Network files; files or folders of evidence.
    deadlines
        Dates to report probabilities by; each means the end of that day.
    seed, draws, method
        How to estimate.
    as_of
        The knowledge cut-off; None where the file leaves it to the caller.
    output
        The folder for posteriors.
    """

    folder: Path
    networks: Annotated[tuple[Inside, ...], Field(min_length=1)]
    evidence: tuple[Inside, ...] = (Path("evidence"),)
    deadlines: Annotated[tuple[Moment, ...], Field(min_length=1)]
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    draws: Annotated[int, Field(ge=16, le=2**20)] = 4096
    method: Literal["auto", "importance", "nuts"] = "auto"
    as_of: Moment | None = None
    output: Inside = Path("posteriors")

    @property
    def network_paths(self) -> tuple[Path, ...]:
        """The network files, folder included."""
        return tuple(self.folder / path for path in self.networks)

    @property
    def evidence_paths(self) -> tuple[Path, ...]:
        """The files and folders of evidence, folder included."""
        return tuple(self.folder / path for path in self.evidence)

    @property
    def output_path(self) -> Path:
        """The folder for posteriors, folder included."""
        return self.folder / self.output


def read_workspace(path: str | Path) -> Workspace:
    """Return what a workspace file says.

    Parameters
    ----------
    path
        The file, usually called ``forecast.toml``.

    Raises
    ------
    InputError
        With every fault of the file. Whether the files that it names exist is for those who read
        them to find.
    """
    file = Path(path)
    text = read_text(file)
    if len(text) > MAX_CHARACTERS:
        message = f"the file is longer than {MAX_CHARACTERS:,} characters"
        raise InputError(Fault(message, "A workspace file is a page at most.", file=str(file)))
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(_toml_fault(file, error)) from None
    faults = list(_key_faults(tables))
    values: dict[str, Any] = {"folder": file.parent}
    for field, (table, key) in KEY_OF.items():
        content = tables.get(table)
        if isinstance(content, dict) and key in content:
            value = content[key]
            values[field] = tuple(value) if isinstance(value, list) else value
    workspace = None
    try:
        workspace = Workspace(**values)
    except InputError as error:
        faults += (replace(fault, field=_renamed(fault.field)) for fault in error.faults)
    faults += _repeated(workspace.deadlines if workspace else ())
    if faults or workspace is None:
        lines = _lines(text)
        raise InputError([_placed(fault, file, lines) for fault in faults])
    return workspace


def check_deadlines(
    network: Network, deadlines: Iterable[date], *, file: str | Path = "forecast.toml"
) -> None:
    """Hold deadlines against the network that is to answer for them.

    Parameters
    ----------
    network
        The network.
    deadlines
        Days or times, as a `Workspace` has them.
    file
        Where they stand, for the message.

    Raises
    ------
    InputError
        With one fault for each deadline beyond the horizon or before the start.
    """
    span = f"{network.start} to {network.horizon}"
    faults = []
    for deadline in deadlines:
        instant = finish(deadline)
        if network.start_instant < instant <= network.horizon_instant:
            continue
        late = instant > network.horizon_instant
        side, word = (
            ("beyond the horizon", "a later horizon")
            if late
            else ("before the start", "an earlier start")
        )
        faults.append(
            Fault(
                f"the deadline lies {side} of network '{network.name}' ({span})",
                f"Write {word} in the network's file, or a deadline within {span}.",
                file=str(file),
                field="forecast.deadlines",
                value=str(deadline),
            )
        )
    if faults:
        raise InputError(faults)


def _toml_fault(file: Path, error: Exception) -> Fault:
    if isinstance(error, RecursionError):
        return Fault("the file is nested too deeply", "Write plain lists.", file=str(file))
    line = _ERROR_LINE.search(str(error))
    return Fault(
        f"the file is not TOML: {error}",
        "Text and paths stand in quotation marks, lists in square brackets.",
        file=str(file),
        line=int(line[1]) if line else 0,
    )


def _key_faults(tables: Mapping[str, object]) -> Iterator[Fault]:
    """Yield the tables and keys that are unknown or missing."""
    for table, content in tables.items():
        if table not in TABLES:
            yield Fault("unknown table", did_you_mean(table, TABLES), field=table)
        elif not isinstance(content, dict):
            remedy = f"Write [{table}] on a line of its own, and the keys below it."
            yield Fault("must be a table", remedy, field=table, value=str(content))
        else:
            for key in content:
                if key not in TABLES[table]:
                    remedy = did_you_mean(key, TABLES[table])
                    yield Fault("unknown key", remedy, field=f"{table}.{key}")


def _renamed(field: str) -> str:
    """Return the name in the file of a field of `Workspace`, whatever follows it kept."""
    head, dot, rest = field.partition(".")
    return ".".join(KEY_OF.get(head, (head,))) + dot + rest


def _repeated(deadlines: Iterable[date]) -> Iterator[Fault]:
    seen = set()
    for deadline in deadlines:
        if finish(deadline) in seen:
            remedy = "Write each once."
            value = str(deadline)
            yield Fault(
                "the deadline stands there twice", remedy, field="forecast.deadlines", value=value
            )
        seen.add(finish(deadline))


def _lines(text: str) -> dict[str, int]:
    """Return the line of each table and key, as well as a search can tell."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if heading := _TABLE_LINE.match(line):
            table = heading[1]
            lines.setdefault(table, number)
        elif key := _KEY_LINE.match(line):
            lines.setdefault(f"{table}.{key[1]}" if table else key[1], number)
    return lines


def _placed(fault: Fault, file: Path, lines: Mapping[str, int]) -> Fault:
    key = ".".join(fault.field.split(".")[:2])
    line = lines.get(key) or lines.get(key.partition(".")[0], 0)
    return replace(fault, file=str(file), line=line)
