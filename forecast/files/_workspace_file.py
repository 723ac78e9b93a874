"""The workspace file, forecast.toml: which networks, evidence and deadlines, and how to run."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, TypeAdapter

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Clock, Moment
from forecast.files._count_rules import COUNTS, CountRule, count_rules
from forecast.files._inbox_settings import Feeds, Hosts
from forecast.files._inside import Inside
from forecast.files._limits import most
from forecast.files._run_rules import AlertRule, alert_rules, draws_fault, repeated_faults
from forecast.files._text_file import read_text
from forecast.network._base import NO_LIST, BadValueError, Model

_TABLE = re.compile(r"[ \t]*\[[ \t]*[\"']?([\w-]+)[\"']?[ \t]*\]")
_ENTRY_TABLE = re.compile(r"[ \t]*\[\[[ \t]*([\w-]+(?:[ \t]*\.[ \t]*[\w-]+)*)[ \t]*\]\]")
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
    r"""Return the line of each ``table``, ``table.key`` and entry ``table.key.0`` of a list.

    The keys of an entry that is a table of its own, ``[[table.key]]``, are ``table.key.0.name``.

    tomllib reads values and forgets their lines, so they are searched for; the first line is 1.

    Examples
    --------
    >>> lines_of('[a]\nb = [\n  "x",\n  "y"]')
    {'a': 1, 'a.b': 2, 'a.b.0': 3, 'a.b.1': 4}
    >>> lines_of("[[c]]\nd = 1\n[[c]]\nd = 2")
    {'c': 1, 'c.0': 1, 'c.0.d': 2, 'c.1': 3, 'c.1.d': 4}
    """
    lines: dict[str, int] = {}
    entries: dict[str, int] = {}
    table, start = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        if entry := _ENTRY_TABLE.match(line):
            name = re.sub(r"[ \t]", "", entry[1])
            table = f"{name}.{entries.setdefault(name, 0)}"
            entries[name] += 1
            lines.setdefault(name, number)
            lines[table] = number
        elif heading := _TABLE.match(line):
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


MAX_CHARACTERS = most("forecast.toml", "characters")
TABLES = {
    "workspace": ("networks", "evidence"),
    "forecast": ("deadlines", "seed", "draws", "method", "as_of", "known"),
    "output": ("folder", "keep_nights"),
    "ledger": ("url",),
    "report": ("file",),
    "inbox": ("folder", "private_hosts", "feeds"),
    "assistant": ("may_accept",),
    "recalibration": ("show",),
}

ALERTS = "alerts"
"""The one table whose keys are the user's: events."""

OWN = (ALERTS, COUNTS)
"""Tables that are judged by what they hold."""
_BY_TABLE = {"folder", "url", "file", "show"}
"""Keys that say what their table is called after."""

KEY_OF = {
    table if key in _BY_TABLE else key: (table, key)
    for table, keys in TABLES.items()
    for key in keys
}
"""The table and the key of each field of `Workspace` but the alerts."""

KEPT_NIGHTS = 30
"""How many dates keep their draws, where a workspace does not say."""

ALL = "all"
"""What stands in the place of a number of nights where nothing is removed."""

MOST_FILES = most("forecast.toml", "files")
MOST_DOTS = most("forecast.toml", "dots in a key")
"""In a key; two are in use."""

_QUOTED = re.compile(r""" "[^"\n]*" | '[^'\n]*' """, re.VERBOSE)
_BETWEEN_KEYS = re.compile(r"[^\w.\-\s]")
_ERROR_LINE = re.compile(r"at line (\d+)")
_ENTRY = re.compile(r"([a-z_]+(?:\.[a-z_]+)?)\.(\d+)(?:\.(.+))?")


def _draws(value: int) -> int:
    fault = draws_fault(value)
    if fault is not None:
        raise BadValueError(fault)
    return value


def _nights(value: object) -> int | None:
    """Return how many nights keep their draws; None for all."""
    if value is None or value == ALL:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadValueError(
            Fault(
                "is no number of nights",
                f'Write a whole number from 1, such as {KEPT_NIGHTS}, or "{ALL}" to keep all.',
                value=str(value),
            )
        )
    return value


class Workspace(Model):
    """The content of a workspace file; paths are relative to its folder.

    Parameters
    ----------
    folder
        The folder of the workspace file.
    networks, evidence
        Network files; files or folders of evidence.
    deadlines
        Dates to report probabilities by, each meaning the end of that day, for networks that no
        question is about.
    seed, draws, method
        How to estimate.
    as_of
        The knowledge cut-off; None if the file leaves it to the caller.
    known
        Whether an item counts from when it was published or from when it was recorded here.
    output
        The folder for posteriors.
    keep_nights
        How many dates of each network keep their draws after an update; None for all of them.
    ledger
        The URL of the ledger; None for a file of the workspace.
    report
        The file for the HTML page, which each update then writes; None for no page.
    inbox
        The folder for drafts of news.
    private_hosts
        Hosts in private networks that news may be fetched from.
    feeds
        What news is fetched from.
    may_accept
        Whether an assistant may put drafts on file by itself (``forecast mcp``).
    recalibration
        Whether runs show beside each forecast what answered questions say that it would be.
    alerts
        When the forecast of an event raises an alert, by event.
    counts
        Rules by which rows of tables are counted.
    """

    folder: Path
    networks: Annotated[tuple[Inside, ...], Field(min_length=1)]
    evidence: tuple[Inside, ...] = (Path("evidence"),)
    deadlines: tuple[Moment, ...] = ()
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    draws: Annotated[int, AfterValidator(_draws)] = 4096
    method: Literal["auto", "importance", "nuts", "paths"] = "auto"
    as_of: Moment | None = None
    known: Clock = "published"
    output: Inside = Path("posteriors")
    keep_nights: Annotated[int | None, PlainValidator(_nights)] = KEPT_NIGHTS
    ledger: str | None = None
    report: Inside | None = None
    inbox: Inside = Path("inbox")
    private_hosts: Hosts = ()
    feeds: Feeds = ()
    may_accept: bool = False
    recalibration: bool = False
    alerts: Annotated[dict[str, AlertRule], PlainValidator(alert_rules)] = {}  # noqa: RUF012
    counts: Annotated[tuple[CountRule, ...], PlainValidator(count_rules)] = ()

    @property
    def evidence_paths(self) -> tuple[Path, ...]:
        """The files and folders of evidence, folder included."""
        return tuple(self.folder / path for path in self.evidence)

    @property
    def output_path(self) -> Path:
        """The folder for posteriors, folder included."""
        return self.folder / self.output

    @property
    def inbox_path(self) -> Path:
        """The folder for drafts of news, folder included."""
        return self.folder / self.inbox


_PATHS: TypeAdapter[tuple[Path, ...]] = TypeAdapter(tuple[Inside, ...])
_MOMENTS: TypeAdapter[tuple[date, ...]] = TypeAdapter(tuple[Moment, ...])


@dataclass(frozen=True)
class Scanned:
    """The part of a workspace file that can be read, and the faults of the rest.

    Parameters
    ----------
    networks, evidence
        The sound paths among those that the file names, folder included.
    deadlines, deadline_lines
        The sound deadlines and their lines.
    lines
        The line of each key, by ``table.key``.
    faults
        Every fault of the file.
    workspace
        All of it, if there is no fault.
    """

    networks: tuple[Path, ...]
    evidence: tuple[Path, ...]
    deadlines: tuple[date, ...]
    deadline_lines: tuple[int, ...]
    lines: Mapping[str, int]
    faults: tuple[Fault, ...]
    workspace: Workspace | None

    @property
    def names_all(self) -> bool:
        """Whether the paths of all networks and files of evidence are sound."""
        return not any(fault.field.startswith("workspace") for fault in self.faults)

    def whole(self) -> Workspace:
        """Return the workspace, unless the file has faults."""
        if self.workspace is None or self.faults:
            raise InputError(self.faults)
        return self.workspace


def read_workspace(path: str | Path) -> Workspace:
    """Return the content of a workspace file, usually ``forecast.toml``.

    Raises
    ------
    InputError
        With every fault of the file. Whether the files that it names exist is not checked here.
    """
    return scan_workspace(path).whole()


def scan_workspace(path: str | Path) -> Scanned:
    """Return the content of a workspace file as far as it can be read, and its faults.

    Raises
    ------
    InputError
        If none of it can be read: it does not exist, is too long, or is not TOML.
    """
    file = Path(path)
    text = read_text(file)
    if len(text) > MAX_CHARACTERS:
        message = f"the file is longer than {MAX_CHARACTERS:,} characters"
        raise InputError(Fault(message, "A workspace file is at most a page.", file=str(file)))
    deep = _deep_line(text)
    if deep:
        message = f"a key has more than {MOST_DOTS} dots"
        raise InputError(Fault(message, "Keys are as in [forecast].", str(file), deep))
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(_toml_fault(file, error)) from None
    values = _values(tables)
    faults = list(_key_faults(tables))
    for field in ("networks", "evidence"):
        named = values.get(field)
        if isinstance(named, tuple) and len(named) > MOST_FILES:
            problem = f"names {len(named):,} files, more than {MOST_FILES:,}"
            faults.append(Fault(problem, "Make several workspaces.", field=f"workspace.{field}"))
            values[field] = named[:1]
    workspace, wrong = None, set()
    try:
        workspace = Workspace(folder=file.parent, **values)
    except InputError as error:
        wrong = {fault.field for fault in error.faults}
        faults += (_in_toml(fault) for fault in error.faults)
    lines = lines_of(text)
    days = _sound(values.get("deadlines"), "deadlines", wrong)
    deadlines = dict(zip(days, _MOMENTS.validate_python(tuple(days.values())), strict=True))
    faults += repeated_faults(deadlines)
    return Scanned(
        networks=_paths(file, values.get("networks", ()), "networks", wrong),
        evidence=_paths(file, values.get("evidence", ("evidence",)), "evidence", wrong),
        deadlines=tuple(deadlines.values()),
        deadline_lines=tuple(_line(f"forecast.deadlines.{n}", lines) for n in deadlines),
        lines=lines,
        faults=tuple(_placed(fault, file, lines) for fault in faults),
        workspace=workspace,
    )


def _deep_line(text: str) -> int:
    """Return the first line with a key of very many parts, which tomllib squares; else 0."""
    for number, line in enumerate(text.split("\n"), start=1):
        bare = _QUOTED.sub("x", line).partition("#")[0] if "." in line else ""
        if any(piece.count(".") > MOST_DOTS for piece in _BETWEEN_KEYS.split(bare)):
            return number
    return 0


def _values(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the fields of `Workspace` as they stand in the file."""
    values: dict[str, Any] = {}
    for field, (table, key) in KEY_OF.items():
        content = tables.get(table)
        if isinstance(content, dict) and key in content:
            value = content[key]
            values[field] = tuple(value) if isinstance(value, list) else value
    values |= {name: tables[name] for name in OWN if name in tables}
    return values


def _sound(value: object, field: str, wrong: set[str]) -> dict[int, object]:
    """Return the entries of a list that have no fault, by position."""
    if not isinstance(value, tuple) or (value and field in wrong):
        return {}
    return {n: entry for n, entry in enumerate(value) if f"{field}.{n}" not in wrong}


def _paths(file: Path, value: object, field: str, wrong: set[str]) -> tuple[Path, ...]:
    sound = _PATHS.validate_python(tuple(_sound(value, field, wrong).values()))
    return tuple(file.parent / path for path in sound)


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
        if table in OWN:
            continue
        if table not in TABLES:
            yield Fault("unknown table", did_you_mean(table, [*TABLES, *OWN]), field=table)
        elif not isinstance(content, dict):
            remedy = f"Write [{table}] on a line of its own, and the keys below it."
            yield Fault("must be a table", remedy, field=table, value=str(content))
        else:
            for key in content:
                if key not in TABLES[table]:
                    remedy = did_you_mean(key, TABLES[table])
                    yield Fault("unknown key", remedy, field=f"{table}.{key}")


def _in_toml(fault: Fault) -> Fault:
    """Return a fault of `Workspace` by its name in the file, with the advice of TOML on lists."""
    field = _renamed(fault.field)
    no_feed = fault.problem == "must be a Feed"
    if no_feed or (fault.field == "feeds" and fault.problem == NO_LIST):
        problem = "must be a table" if no_feed else NO_LIST
        remedy = 'Write [[inbox.feeds]] and below it url = "https://…".'
        return replace(fault, field=field, problem=problem, remedy=remedy)
    if fault.problem != NO_LIST:
        return replace(fault, field=field)
    key = field.rpartition(".")[2]
    example = f'"{fault.value}"' if re.fullmatch(r"[^\s\"\\]{1,60}", fault.value) else '"…"'
    return replace(fault, field=field, remedy=f"Write {key} = [{example}].")


def _renamed(field: str) -> str:
    """Return the name in the file of a field of `Workspace`, whatever follows it kept."""
    head, dot, rest = field.partition(".")
    return ".".join(KEY_OF.get(head, (head,))) + dot + rest


def _placed(fault: Fault, file: Path, lines: Mapping[str, int]) -> Fault:
    """Return a fault with its place, and entries of lists counted from one, as people count."""
    field = fault.field
    if entry := _ENTRY.fullmatch(field):
        field = f"{entry[1]} (entry {int(entry[2]) + 1})" + (f".{entry[3]}" if entry[3] else "")
    return replace(fault, file=str(file), line=_line(fault.field, lines), field=field)


def _line(field: str, lines: Mapping[str, int]) -> int:
    """Return the line of an entry, else of its key, else of its table."""
    while field not in lines and "." in field:
        field = field.rpartition(".")[0]
    return lines.get(field, 0)
