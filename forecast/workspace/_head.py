"""The head of the ledger, noted beside the runs: a ledger that is not theirs is told.

A ledger can be deleted, put back from an old copy, or be another one: what is there then is whole,
and says nothing. The last head is therefore noted in the folder of runs after each entry, and must
be in the chain of whatever ledger is opened later.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.files._text_file import make_folder, remove_parts, replacing
from forecast.files._workspace_file import Workspace
from forecast.ledger import Address, Ledger, holds, last_head

NOTE = ".ledger-head"
_HEAD = re.compile(r"[1-9][0-9]{0,17}:[0-9a-f]{64}")

WAYS_OUT = (
    "Put the ledger back; or make it from a backup: 'forecast ledger restore FILE'. To begin "
    "another, which knows nothing of these runs: 'forecast update --new-ledger'."
)


def noted_head(workspace: Workspace) -> str:
    """Return the head that was noted last; empty where there is none, or it cannot be read."""
    with suppress(OSError, UnicodeDecodeError):
        text = (workspace.output_path / NOTE).read_text(encoding="ascii").strip()
        return text if _HEAD.fullmatch(text) else ""
    return ""


def note_fault(workspace: Workspace) -> str:
    """Return what is wrong with the note where it is none that was ever written; empty if nothing.

    One that was changed to another head is missed in the chain instead.
    """
    note = workspace.output_path / NOTE
    if noted_head(workspace) or not (note.exists() or note.is_symlink()):
        return ""
    return f"the note of the last entry, {note}, is not what was written"


def note_head(workspace: Workspace, ledger: Ledger) -> None:
    """Note the ledger's head; a disk that is full keeps the old one, which is in the chain too."""
    head = last_head(ledger)
    with suppress(OSError):
        if not head:
            (workspace.output_path / NOTE).unlink(missing_ok=True)
            return
        make_folder(workspace.output_path)
        with replacing(workspace.output_path / NOTE) as temporary:
            temporary.write_text(f"{head}\n", encoding="ascii")
    if ledger.address.file is not None:
        remove_parts(ledger.address.file.parent)


def require_there(workspace: Workspace, address: Address) -> None:
    """Refuse a ledger that is not there although there are runs, which it had."""
    if address.file is None or address.file.exists():
        return
    head = noted_head(workspace)
    run = next(_manifests(workspace.output_path), None)
    if not head and run is None:
        return
    what = f"the last entry was {head[:14]}…" if head else f"such as {run}"
    problem = f"the ledger is gone, and runs that it had are here ({what})"
    raise InputError(Fault(problem, WAYS_OUT, file=str(address.file)))


def require_known(workspace: Workspace, ledger: Ledger) -> None:
    """Refuse a ledger that is older than the runs beside it, or another one."""
    fault = note_fault(workspace)
    if fault:
        remedy = (
            "Put it back from a copy. Or, once 'forecast ledger verify --head SEQ:DIGEST' finds a "
            "head that you noted elsewhere, remove it: the next entry notes its own."
        )
        raise InputError(Fault(fault, remedy, file=str(ledger.address)))
    head = noted_head(workspace)
    if not head or holds(ledger, head):
        return
    last = last_head(ledger)
    older = int(last.partition(":")[0] or 0) < int(head.partition(":")[0])
    which = "an older copy, or another one" if older else "another one"
    problem = (
        f"this is not the ledger of the runs here, but {which}: it ends with "
        f"{f'entry {last[:14]}…' if last else 'no entry'}, and the runs know entry {head[:14]}…"
    )
    raise InputError(Fault(problem, WAYS_OUT, file=str(ledger.address)))


def _manifests(folder: Path) -> Iterator[Path]:
    return folder.glob("*/[0-9]*-*.json")
