"""What of a workspace has come from its inbox, and the writing of more, whole or not at all."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError
from forecast.evidence import Item, Place
from forecast.evidence._retraction import withdrawn
from forecast.files._safe_text import sanitize
from forecast.files._text_file import make_folder, replacing
from forecast.files._workspace_file import read_workspace
from forecast.inbox._store import Decision, Inbox
from forecast.workspace._contents import Contents, read_contents, workspace_file
from forecast.workspace._followed import followed, ledger_of, words_of
from forecast.workspace._settings import Request, check_own_cut_off, cut_off_of
from forecast.workspace._warnings import warnings_of

EVIDENCE_FILE = "inbox.csv"
"""The file of evidence that accepted drafts are added to."""


def inbox_of(folder: Path) -> Inbox:
    """Return the inbox of a workspace.

    Raises
    ------
    InputError
        If there is no workspace, or its file has faults.
    """
    return Inbox(read_workspace(workspace_file(folder)).inbox_path)


@contextmanager
def held(inbox: Inbox) -> Iterator[None]:
    """Hold an inbox against other processes; a `ForecastError` where its folder cannot be used."""
    try:
        with inbox.locked():
            yield
    except OSError as error:
        msg = f"{inbox.folder}: the inbox cannot be used: {error.strerror or error}"
        raise ForecastError(msg) from error


def named(by: str) -> str:
    """Return who decides; refuse nobody."""
    name = " ".join(sanitize(by).split()) if isinstance(by, str) else ""
    if not name:
        remedy = "Give a name: --by NAME; in Python by='NAME'."
        raise InputError(Fault("nobody is named as the one who decides", remedy, field="by"))
    return name


def write_whole(file: Path, text: str) -> None:
    """Write a text file whole or not at all; a `ForecastError` where that fails."""
    try:
        make_folder(file.parent)
        with replacing(file) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        msg = f"{file}: cannot be written, and was left as it is: {error.strerror or error}"
        raise ForecastError(msg) from error


def note(inbox: Inbox, decisions: Sequence[Decision]) -> None:
    """Append decisions to the inbox; a `ForecastError` where that fails."""
    try:
        inbox.decide(decisions)
    except OSError as error:
        msg = (
            f"{inbox.folder}: the decisions cannot be noted: {error.strerror or error}. What was "
            "added to the evidence stands, and is noted with the next decision."
        )
        raise ForecastError(msg) from error


def evidence_file(contents: Contents) -> Path:
    """Return the file that accepted drafts are added to: in the first folder of evidence."""
    folder = next((path for path in contents.workspace.evidence_paths if path.is_dir()), None)
    if folder is None:
        raise InputError(
            Fault(
                "names no folder of evidence that accepted drafts could be added to",
                'Write for example evidence = ["evidence/"] below [workspace], and make the '
                "folder.",
                file=str(contents.file),
                line=contents.lines.get("workspace.evidence", 0),
                field="workspace.evidence",
            )
        )
    return folder / EVIDENCE_FILE


def whole(
    folder: Path, new: Sequence[tuple[Item, Place]] = (), without: Iterable[str] = ()
) -> tuple[Contents, tuple[Fault, ...]]:
    """Return a workspace as it would be with other evidence, checked as by ``forecast check``.

    And what of it is legal but probably not meant. An `InputError` has all faults.
    """
    contents = read_contents(folder, new=new, without=frozenset(without))
    check_own_cut_off(contents)
    with ledger_of(contents) as ledger:
        full = followed(contents, words_of(ledger))
    return contents, warnings_of(full, cut_off_of(contents.workspace, Request())[0])


def on_file(contents: Contents) -> dict[str, tuple[Item, Place]]:
    """Return all items of a workspace with their places, by id."""
    found: dict[str, tuple[Item, Place]] = {}
    for inputs in contents.inputs:
        for item in inputs.evidence:
            found.setdefault(item.id, (item, inputs.evidence.places.get(item.id, Place())))
    return found


def by_draft(items: Iterable[Item]) -> dict[str, tuple[Item, ...]]:
    """Return the items that drafts became and that nothing retracts, by the draft's id."""
    everything = tuple(items)
    fallen = withdrawn(everything)
    found: dict[str, tuple[Item, ...]] = {}
    for item in everything:
        if item.draft and item.id not in fallen:
            found[item.draft] = (*found.get(item.draft, ()), item)
    return found
