"""What a workspace has kept: its ledger, opened for the commands that read it or add to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.files.workspace_file import Workspace, read_workspace
from forecast.ledger import Ledger, ledger_address, open_ledger
from forecast.workspace.contents import WORKSPACE_FILE

__all__ = ["Kept", "open_kept"]


@dataclass(frozen=True)
class Kept:
    """A workspace's file, and its ledger, open."""

    workspace: Workspace
    ledger: Ledger


@contextmanager
def open_kept(folder: Path, *, may_be_new: bool = False, upgrading: bool = False) -> Iterator[Kept]:
    """Open the ledger of a workspace.

    Parameters
    ----------
    folder
        The workspace.
    may_be_new
        Make the ledger where there is none.
    upgrading
        Open one of an older form as well.

    Raises
    ------
    InputError
        If there is no workspace, or no ledger and none may be made.
    LedgerError
        If the ledger cannot be reached or is of another form.
    """
    file = folder / WORKSPACE_FILE
    if not file.is_file():
        remedy = "Run inside a workspace, or name one: --workspace DIR."
        raise InputError(Fault("there is no workspace here: no such file", remedy, file=str(file)))
    workspace = read_workspace(file)
    address = ledger_address(workspace.ledger, folder)
    if address.file is not None and not address.file.exists() and not may_be_new:
        remedy = "'forecast update' makes one with the first run."
        raise InputError(Fault("there is no ledger yet", remedy, file=str(address.file)))
    with open_ledger(address, upgrading=upgrading) as ledger:
        yield Kept(workspace, ledger)
