"""News into the inbox of a workspace: files and addresses that are named, and feeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import Fault, ForecastError, InputError
from forecast.files._inbox_settings import Feed
from forecast.files._text_file import file_bytes
from forecast.files._workspace_file import Workspace, read_workspace
from forecast.inbox._draft import Draft
from forecast.inbox._store import Inbox
from forecast.inbox.readers import Entries, Origin, read_entries
from forecast.inbox.readers._bytes import MOST_BYTES
from forecast.workspace._contents import Gathered, workspace_file

if TYPE_CHECKING:  # urllib3 is imported when something is fetched
    from forecast.inbox._fetch import Limits
    from forecast.inbox._fetched import Fetched

STANDARD_INPUT = "standard input"


@dataclass(frozen=True)
class Added:
    """What came of one file, address or feed.

    Parameters
    ----------
    name
        What it is called in messages.
    layout
        As what it was read; empty if it was not.
    entries
        How many entries say something.
    new
        The drafts that were not in the inbox yet.
    notes
        What could not be read, or was read otherwise than written.
    """

    name: str
    layout: str
    entries: int
    new: tuple[Draft, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fetching:
    """What came of all feeds.

    Parameters
    ----------
    added
        Of each feed that answered with something.
    unchanged, waiting
        The feeds that had nothing new to tell, and those whose time to be asked has not come.
    failures
        What went wrong, one fault a feed.
    moved
        The feeds that have moved for good, each with where to.
    held
        Those of the waiting that failed when they were asked last, each with until when it waits.
    """

    added: tuple[Added, ...]
    unchanged: tuple[str, ...]
    waiting: tuple[str, ...]
    failures: tuple[Fault, ...]
    moved: tuple[Fault, ...] = ()
    held: tuple[Fault, ...] = ()


def add(
    folder: Path,
    sources: Sequence[str],
    layout: str | None = None,
    standard_input: bytes | None = None,
    *,
    limits: "Limits | None" = None,
) -> tuple[Added, ...]:
    """Read files and addresses, and add what is new in them to the inbox: all of them or none.

    Parameters
    ----------
    folder
        The workspace.
    sources
        Paths, http or https addresses, or ``-`` for `standard_input`.
    layout
        As what to read them; by default what their content shows.
    standard_input
        The bytes of the standard input.
    limits
        How much a request may take.

    Raises
    ------
    InputError
        With the faults of all files; nothing is added then.
    ForecastError
        If an address cannot be fetched; nothing is added then.
    """
    workspace = read_workspace(workspace_file(folder))
    inbox = Inbox(workspace.inbox_path)
    gathered = Gathered()
    failures: list[str] = []
    read: list[tuple[str, Entries]] = []
    now = datetime.now(UTC)
    for source in dict.fromkeys(sources):
        with gathered.faults_of():
            try:
                data, origin = _bytes_of(source, workspace, standard_input, limits)
            except ForecastError as error:
                if isinstance(error, InputError):
                    raise
                failures.append(str(error))
                continue
            read.append((origin.via, _read(source, data, origin, now, layout)))
    gathered.refuse()
    if failures:
        raise ForecastError("\n".join([*failures, "Nothing was added."]))
    return _put(inbox, read)


def _read(source: str, data: bytes, origin: Origin, now: datetime, layout: str | None) -> Entries:
    """Return the entries of a source; faults name its path, and not only the file's name."""
    try:
        return read_entries(data, origin, now, layout)
    except InputError as error:
        named = [
            replace(fault, file=source) if fault.file == origin.via != STANDARD_INPUT else fault
            for fault in error.faults
        ]
        raise InputError(named) from error


def _bytes_of(
    source: str, workspace: Workspace, standard_input: bytes | None, limits: "Limits | None"
) -> tuple[bytes, Origin]:
    if source == "-":
        data = standard_input or b""
        if len(data) > MOST_BYTES:
            problem = f"is larger than {MOST_BYTES / 1e6:.0f} MB"
            raise InputError(Fault(problem, "Split it.", file=STANDARD_INPUT))
        return data, Origin(STANDARD_INPUT)
    if "://" not in source:
        return file_bytes(Path(source), MOST_BYTES), Origin(Path(source).name)
    if not source.lower().startswith(("http://", "https://")):
        remedy = "Write an http or https address, or the path of a file alone."
        raise InputError(Fault("is no address that is fetched", remedy, file=source))
    from forecast.inbox._fetch import LIMITS, fetch  # noqa: PLC0415  as needed

    found = fetch(source, private=workspace.private_hosts, limits=limits or LIMITS)
    return found.body or b"", Origin(source, found.content_type, found.address)


def _put(inbox: Inbox, read: Iterable[tuple[str, Entries]]) -> tuple[Added, ...]:
    """Add drafts to the inbox, and return what of each source is new."""
    read = list(read)
    try:
        fresh = {draft.id: draft for draft in inbox.add(d for _, each in read for d in each.drafts)}
    except OSError as error:
        msg = f"{inbox.folder}: the inbox cannot be written: {error.strerror or error}"
        raise ForecastError(msg) from error
    told = []
    for name, each in read:
        new = [fresh.pop(draft.id) for draft in each.drafts if draft.id in fresh]
        told.append(Added(name, each.layout, len(each.drafts), tuple(new), each.notes))
    return tuple(told)


def fetch_feeds(folder: Path, *, at_once: bool = False, limits: "Limits | None" = None) -> Fetching:
    """Ask the feeds of ``forecast.toml`` whose time has come, and add what is new to the inbox.

    A feed that fails does not stop the others; it is asked again later, each time after a longer
    wait. What a feed said is in the inbox before it is remembered that it said it.

    Parameters
    ----------
    folder
        The workspace.
    at_once
        Whether to ask feeds whose time has not come as well.
    limits
        How much a request may take.

    Raises
    ------
    InputError
        If the workspace file has faults, or names no feeds.
    ForecastError
        If the inbox cannot be written.
    """
    from forecast.inbox._fetched import Fetched, read_fetched  # noqa: PLC0415  as needed

    workspace = read_workspace(workspace_file(folder))
    inbox = Inbox(workspace.inbox_path)
    if not workspace.feeds:
        remedy = 'Write [[inbox.feeds]] and below it url = "https://…".'
        raise InputError(Fault("names no feeds", remedy, file=str(workspace_file(folder))))
    remembered = read_fetched(inbox.folder)
    added: list[Added] = []
    unchanged: list[str] = []
    waiting: list[str] = []
    failures: list[Fault] = []
    moved: list[Fault] = []
    held: list[Fault] = []
    for feed in workspace.feeds:
        before = remembered.get(feed.url, Fetched())
        now = datetime.now(UTC)
        settings = _settings(feed, workspace.private_hosts)
        if not (at_once or before.due(now, feed.every, settings)):
            waiting.append(feed.label)
            if before.failures and before.after is not None:
                held.append(_held(feed, before.problem, before.after))
            continue
        asked = _ask(feed, before, workspace.private_hosts, limits)
        if asked.moved_to:
            remedy = f'Write url = "{asked.moved_to}" for it in forecast.toml.'
            moved.append(Fault("has moved for good", remedy, file=feed.label))
        if asked.fault is not None:
            failures.append(asked.fault)
        elif asked.found is None:
            unchanged.append(feed.label)
        else:
            added += _put(inbox, [(feed.label, asked.found)])
        _remember(inbox, feed.url, asked.after)
    told = tuple(failures), tuple(moved), tuple(held)
    return Fetching(tuple(added), tuple(unchanged), tuple(waiting), *told)


def _settings(feed: Feed, private: Sequence[str]) -> str:
    """Return a digest of what is set for a feed and may be why it fails."""
    told = f"{feed.layout} {sorted(private)}"
    return sha256(told.encode()).hexdigest()[:16]


def _held(feed: Feed, problem: str, after: datetime) -> Fault:
    """Return that a feed which failed waits to be asked again."""
    why = f": {problem.partition(': ')[2] or problem}" if problem else ""
    remedy = "To ask it at once: forecast inbox fetch --now"
    return Fault(f"waits until {after:%Y-%m-%d %H:%M} UTC, as it failed{why}", remedy, feed.label)


@dataclass(frozen=True)
class _Asked:
    """What to remember of a feed; its entries if it has new ones; what went wrong, or has moved."""

    after: "Fetched"
    found: Entries | None = None
    fault: Fault | None = None
    moved_to: str = ""


def _ask(feed: Feed, before: "Fetched", private: Sequence[str], limits: "Limits | None") -> _Asked:
    """Ask one feed, and read what it says."""
    from forecast.inbox._fetch import LIMITS, FetchError, fetch  # noqa: PLC0415  as needed

    now = datetime.now(UTC)
    try:
        answer = fetch(feed.url, before.known, private=private, limits=limits or LIMITS)
        if answer.body is None:
            after = before.answered(now, answer.known, "")
            return _Asked(after, moved_to=answer.moved_to)
        origin = Origin(feed.url, answer.content_type, answer.address, feed.outlet, feed.language)
        found = read_entries(answer.body, origin, now, feed.layout)
        _refuse_change(feed, before.layout, found.layout)
    except FetchError as error:
        fault, wait, gone = error.fault, error.wait, error.gone
    except InputError as error:
        fault, wait, gone = error.faults[0], 0.0, False
    else:
        after = before.answered(now, answer.known, found.layout)
        return _Asked(after, found, moved_to=answer.moved_to)
    after = before.failed(now, str(fault), wait, _settings(feed, private), gone=gone)
    until = f"{after.after:%Y-%m-%d %H:%M} UTC" if after.after else ""
    remedy = f"{fault.remedy} It is asked again after {until}.".strip()
    return _Asked(after, fault=replace(fault, remedy=remedy, file=feed.label))


def _refuse_change(feed: Feed, before: str, now: str) -> None:
    """Refuse what is of another layout than before: a page that says that the feed is down."""
    if before and now != before and feed.layout is None:
        problem = f"was read as {before} before, and is {now} now"
        remedy = f'If that is meant, write layout = "{now}" for it in forecast.toml.'
        raise InputError(Fault(problem, remedy, file=feed.url))


def _remember(inbox: Inbox, url: str, after: "Fetched") -> None:
    """Keep what is to be remembered of one feed, beside what others have kept meanwhile."""
    from forecast.inbox._fetched import read_fetched, write_fetched  # noqa: PLC0415  as needed

    try:
        with inbox.locked():
            write_fetched(inbox.folder, {**read_fetched(inbox.folder), url: after})
    except OSError as error:
        msg = f"{inbox.folder}: the inbox cannot be written: {error.strerror or error}"
        raise ForecastError(msg) from error
