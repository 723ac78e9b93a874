"""When entries were made, as far as the machine's clock can be believed.

An entry holds what the clock said. The chain holds the order, whatever the clock said: an entry
was made no earlier than those before it. Where the two disagree, the clock was put forward and
back, or back and forward, and nothing in the ledger shows which. Until somebody says so, an entry
counts from the latest that the clock had said by then, so that a clock put back makes no forecast
older than it is. An entry of the kind ``"clock"`` says that the clock was right when it was
appended: what is dated later and stands before it was made under a wrong clock, and counts from the
next entry whose date can be believed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, select

from forecast.ledger._tables import entries, instant

CLOCK = "clock"
"""The kind of an entry that says that the clock was right."""

TOLERANCE = timedelta(hours=1)
"""Clocks are put right by seconds every day."""

type Reading = tuple[int, str, str]
"""An entry: its place, its kind, and what the clock said."""


@dataclass
class Readings:
    """What the clock said at each entry, read once and then as the ledger grows."""

    rows: list[Reading] = field(default_factory=list)
    plain: bool = True
    """Whether the clock never ran back, so that each entry counts from what it says."""

    def of(self, connection: Connection) -> "Readings":
        """Return the same, up to the last entry."""
        last = self.rows[-1][0] if self.rows else 0
        query = select(entries.c.seq, entries.c.kind, entries.c.made_at)
        for row in connection.execute(query.where(entries.c.seq > last).order_by(entries.c.seq)):
            reading = (row.seq, row.kind, row.made_at)
            if self.rows and (reading[2] < self.rows[-1][2] or reading[1] == CLOCK):
                self.plain = False
            self.rows.append(reading)
        return self

    def counted(self) -> dict[int, str]:
        """Return from when on entries count, for those that do not count from what they say."""
        return {} if self.plain else counted_from(self.rows)

    def wrong(self) -> set[int]:
        """Return the places of entries that a later one says were made under a wrong clock."""
        return set() if self.plain else _wrong(self.rows)


def counted_from(rows: Sequence[Reading]) -> dict[int, str]:
    """Return from when on each entry counts, by place.

    Examples
    --------
    >>> rows = [(1, "run", "2026"), (2, "run", "2030"), (3, "run", "2027")]
    >>> counted_from(rows)
    {1: '2026', 2: '2030', 3: '2030'}
    >>> counted_from([*rows, (4, "clock", "2028")])
    {1: '2026', 2: '2027', 3: '2027', 4: '2028'}
    """
    wrong = _wrong(rows)
    latest, times = "", {}
    for seq, _, said in rows:
        if seq not in wrong:
            latest = max(latest, said)
            times[seq] = latest
    following = ""
    for seq, _, _ in reversed(rows):
        following = times.get(seq, following)
        times[seq] = following
    return dict(sorted(times.items()))


def _wrong(rows: Sequence[Reading]) -> set[int]:
    """Return the places of entries that a later one says were made under a wrong clock."""
    found, right = set(), ""
    for seq, kind, said in reversed(rows):
        if right and said > right:
            found.add(seq)
        elif kind == CLOCK:
            right = said
    return found


def clock_remarks(rows: Sequence[Reading], *, settled: bool = True) -> tuple[str, ...]:
    """Return what is to be said of the clock: each time that it ran back, and what was repaired.

    `settled` tells also what somebody has decided since, so that nothing is left to do.

    Examples
    --------
    >>> rows = [(1, "run", "2030-01-01T00:00:00Z"), (2, "run", "2026-01-02T00:00:00Z")]
    >>> (words,) = clock_remarks(rows)
    >>> words[:76]
    'the clock said 2030-01-01 00:00 at entry 1, and 2026-01-02 00:00 at entry 2,'
    """
    wrong = _wrong(rows)
    decided = max((seq for seq, kind, _ in rows if kind == CLOCK), default=0)
    words = []
    for before, after in _jumps(row for row in rows if row[0] not in wrong):
        if after[0] > decided:
            words.append(_open(before, after))
        elif settled:
            words.append(_left(before, after))
    return (*words, *(_repaired(rows, wrong) if settled else ()))


def _jumps(rows: Iterable[Reading]) -> Iterable[tuple[Reading, Reading]]:
    """Yield the entries between which the clock ran back."""
    latest: Reading | None = None
    told = 0
    for row in rows:
        back = latest is not None and instant(row[2]) < instant(latest[2]) - TOLERANCE
        if back and latest is not None and latest[0] != told:  # once for each time that it ran on
            told = latest[0]
            yield latest, row
        if latest is None or row[2] > latest[2]:
            latest = row


def _open(before: Reading, after: Reading) -> str:
    return (
        f"{_both(before, after)}: until somebody "
        f"says which is right, entries from {after[0]} on count from the former. If "
        "the clock is right now, run 'forecast ledger clock --today DATE'"
    )


def _left(before: Reading, after: Reading) -> str:
    """Return the words on a jump that was over when somebody said that the clock was right."""
    return f"{_both(before, after)}: entries from {after[0]} on count from the former until then"


def _both(before: Reading, after: Reading) -> str:
    return (
        f"the clock said {_minute(before[2])} at entry {before[0]}, and "
        f"{_minute(after[2])} at entry {after[0]}, which was made later"
    )


def _repaired(rows: Sequence[Reading], wrong: set[int]) -> Iterable[str]:
    if not wrong:
        return
    times = counted_from(rows)
    said = {seq: reading for seq, _, reading in rows}
    first, last = min(wrong), max(wrong)
    which = f"entry {first} was" if first == last else f"{len(wrong)} entries from {first} on were"
    yield (
        f"{which} made under a clock that ran ahead ({_minute(said[first])}), as a later entry "
        f"says: {'it counts' if first == last else 'the first counts'} from "
        f"{_minute(times[first])}"
    )


def _minute(text: str) -> str:
    return text[:16].replace("T", " ")
