"""A workspace's ledger written to a file, and made again from it."""

from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError, LedgerError
from forecast.files._text_file import replacing
from forecast.files._workspace_file import read_workspace
from forecast.ledger import (
    export,
    head_in,
    last_head,
    ledger_address,
    open_ledger,
    restore_file,
    verify,
)
from forecast.workspace._contents import workspace_file
from forecast.workspace._head import note_head, noted_head
from forecast.workspace._history import Kept, open_kept
from forecast.workspace._places import require_new


def write_export(kept: Kept, output: Path, *, field: str) -> None:
    """Write a ledger's export to a new file that the workspace does not read, whole or not."""
    require_new(kept.workspace, output, field=field)
    try:
        with replacing(output) as temporary, temporary.open("w", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in export(kept.ledger))
    except OSError as error:
        msg = f"{output}: the export cannot be written: {error.strerror or error}"
        raise ForecastError(msg) from error


def back_up(folder: Path, output: Path) -> str:
    """Write the ledger of a workspace to a new file, once it is proved; return its head.

    Raises
    ------
    InputError
        If the file is there already, or where the workspace would read it; or the ledger is not the
        one of the runs here.
    LedgerError
        If the ledger is damaged: an older backup is then worth more than this one would be.
    """
    with open_kept(folder) as kept:
        found = verify(kept.ledger)
        if not found.passed:
            msg = (
                f"the ledger is damaged, so no backup was made: {found.faults[0]}. 'forecast "
                "ledger verify' names all; 'forecast ledger export' writes what is there"
            )
            raise LedgerError(msg)
        write_export(kept, output, field="FILE")
    with output.open(encoding="utf-8") as lines:
        if found.head and not head_in(lines, found.head):
            msg = f"{output}: does not hold the ledger's last entry; the disk may be damaged"
            raise ForecastError(msg)
    return found.head


def bring_back(folder: Path, backup: Path, *, older: bool) -> tuple[int, str]:
    """Make the ledger of a workspace from an export; return its number of entries, and its head.

    Raises
    ------
    InputError
        If the export cannot be read, or ends before what the runs here know and not `older`.
    LedgerError
        If there is a ledger already, or a line is damaged; then nothing is kept.
    """
    workspace = read_workspace(workspace_file(folder))
    address = ledger_address(workspace.ledger, folder)
    noted = noted_head(workspace)
    try:
        with backup.open(encoding="utf-8") as lines:
            if noted and not older and not head_in(lines, noted):
                problem = f"does not hold the last entry that the runs here know ({noted[:14]}…)"
                remedy = (
                    "Name a later backup; or, with --older, take this one: what was entered since "
                    "is lost."
                )
                raise InputError(Fault(problem, remedy, str(backup)))
            lines.seek(0)
            count = restore_file(address, lines)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise InputError(Fault(f"cannot be read: {reason}", file=str(backup))) from error
    with open_ledger(address) as ledger:
        note_head(workspace, ledger)
        return count, last_head(ledger)
