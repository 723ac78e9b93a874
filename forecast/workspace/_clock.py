"""The machine's clock, when somebody says that it is right."""

from datetime import UTC, date, datetime
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.ledger import Entry, clock_words, confirm_clock
from forecast.workspace._head import note_head
from forecast.workspace._history import open_kept


def confirm(folder: Path, today: str) -> tuple[Entry, tuple[str, ...]]:
    """Append to a workspace's ledger that the clock is right; return the entry, and what follows.

    `today` is the date as a person knows it: an `InputError` refuses one that the clock does not
    say, since the clock is then what is wrong.
    """
    machine = datetime.now(UTC).date()
    try:
        stated = date.fromisoformat(today)
    except ValueError:
        fault = Fault("is not a date", "Write 2026-07-01.", field="--today", value=today)
        raise InputError(fault) from None
    if stated != machine:
        raise InputError(
            Fault(
                f"the machine's clock says {machine}",
                "Put the clock right first; nothing was appended.",
                field="--today",
                value=today,
            )
        )
    with open_kept(folder) as kept:
        entry = confirm_clock(kept.ledger)
        note_head(kept.workspace, kept.ledger)
        return entry, clock_words(kept.ledger)
