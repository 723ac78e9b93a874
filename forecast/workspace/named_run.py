"""Runs as people name them: by place in the ledger, by the beginning of a key, by date."""

from collections.abc import Sequence

from forecast.errors import Fault, InputError
from forecast.ledger import RunHead
from forecast.time import DayError, day_label, parse_instant

__all__ = ["named_run"]

LAST = "last"
FEWEST = 4
"""Letters of a key that name a run."""


def named_run(heads: Sequence[RunHead], name: str) -> RunHead:
    """Return the run of a name.

    Parameters
    ----------
    heads
        Every run, oldest first.
    name
        Its entry in the ledger (``7``), the first letters of its key (``a91c``), its knowledge
        cut-off (``2024-07-01``: the last run as of then), or ``last``.

    Raises
    ------
    InputError
        If there is no such run, or it is not clear which is meant.
    """
    if not heads:
        raise InputError(Fault("the ledger has no run yet", "'forecast update' makes one."))
    if name == LAST:
        return heads[-1]
    if name.isdecimal() and name.isascii():
        entries = [head for head in heads if head.entry == int(name)]
        if entries:
            return entries[0]
    try:
        instant = parse_instant(name)
    except DayError:
        return _by_key(heads, name)
    found = [head for head in heads if head.as_of == instant]
    if not found:
        days = ", ".join(dict.fromkeys(day_label(head.as_of) for head in heads[-12:]))
        raise InputError(Fault("no run is as of this date", f"There are: {days}.", value=name))
    networks = sorted({head.network for head in found})
    if len(networks) > 1:
        entries_of = ", ".join(f"{head.entry} ({head.network})" for head in found)
        problem = f"runs of {len(networks)} networks are as of this date"
        raise InputError(Fault(problem, f"Name one by its entry: {entries_of}.", value=name))
    return found[-1]


def _by_key(heads: Sequence[RunHead], name: str) -> RunHead:
    found = [head for head in heads if len(name) >= FEWEST and head.key.startswith(name.lower())]
    if len(found) == 1:
        return found[0]
    listed = "; ".join(
        f"{head.entry} (key {head.key[:12]}, {head.network} as of {day_label(head.as_of)})"
        for head in (found or heads)[-6:]
    )
    problem = (
        "more than one run has a key that begins so" if found else "the ledger has no such run"
    )
    how = (
        f"Name a run by its entry, its key's first {FEWEST} letters or more, its cut-off or 'last'"
    )
    raise InputError(Fault(problem, f"{how}: {listed}.", value=name))
