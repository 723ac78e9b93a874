"""The record as arrays: when items speak of their events, what is known, what was counted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from forecast.engine._problem import FACT, ONSET, STAYS, Record, Structure
from forecast.evidence import (
    Count,
    Evidence,
    Held,
    Known,
    held_history,
    known_history,
)
from forecast.model._factors import rows_in_force
from forecast.network import Network
from forecast.time import years_between


def recorded(network: Network, seen: Evidence, as_of: datetime, index: Mapping[str, int]) -> Record:
    """Return what is known and said, as arrays.

    Parameters
    ----------
    network
        The network.
    seen
        What is seen of the evidence by `as_of`.
    as_of
        The cut-off.
    index
        The place of each event.
    """
    rows, start = rows_in_force(seen), network.start_instant
    ends = [years_between(start, row.end) for _, row in rows]
    begun = [years_between(start, row.begin) for _, row in rows]
    return Record(
        item_event=np.array([index[row.event] for _, row in rows], dtype=np.int64),
        item_time=np.array(ends, dtype=np.float64),
        **spans(
            _by_place(known_history(network, Evidence(seen), as_of), index),
            _by_place(held_history(network, Evidence(seen), as_of), index),
        ),
        item_from=np.array(begun, dtype=np.float64),
        tally=np.array(
            [item.counted if isinstance(item, Count) else -1 for item, _ in rows], dtype=np.int64
        ),
    )


def spans(known: Iterable[tuple[int, Known]], held: Iterable[tuple[int, Held]]) -> dict[str, Any]:
    """Return the fields of a record that say what is certain of events.

    Parameters
    ----------
    known, held
        The place of an event, and a stretch of its time.
    """
    sure = [(event, span.start, span.end, int(span.value)) for event, span in known]
    bound = [
        (event, span.start, span.end, STAYS if span.turns is None else int(span.turns))
        for event, span in held
    ]
    types = (np.int64, np.float64, np.float64, np.int64)
    return {
        f"{name}_{part}": np.array([row[column] for row in rows], dtype=types[column])
        for name, rows, parts in (
            ("known", sure, ("event", "from", "to", "value")),
            ("held", bound, ("event", "from", "to", "turns")),
        )
        for column, part in enumerate(parts)
    }


def _by_place[T](
    history: Mapping[str, Iterable[T]], index: Mapping[str, int]
) -> list[tuple[int, T]]:
    return [(index[event], one) for event, found in history.items() for one in found]


def settled_shares(structure: Structure, record: Record, seen: Evidence) -> dict[str, float]:
    """Return the share of the time that the event was on, for counts where that is known."""
    found, counts = dict[str, float](), np.flatnonzero(record.counted).tolist()
    rows = rows_in_force(seen) if counts else []
    for i in counts:
        share = known_share(structure, record, i)
        if share is not None:
            found[rows[i][0].id] = share
    return found


def settle(record: Record, settled: Sequence[bool]) -> Record:
    """Return the record with settled counts as items of a moment, alike whatever is true then."""
    assert record.item_from is not None  # noqa: S101 - made above
    assert record.tally is not None  # noqa: S101 - made above
    done = np.array(settled, dtype=np.bool_)
    return record._replace(
        item_from=np.where(done, record.item_time, record.item_from),
        tally=np.where(done, -1, record.tally),
    )


def known_share(structure: Structure, record: Record, item: int) -> float | None:
    """Return the share of an item's window that its event was on; None where it is not known.

    Parameters
    ----------
    structure
        The network; facts and onsets that are settled from its start are known throughout.
    record
        The item's window, and the spans in which states are certain.
    item
        Its position.
    """
    event = int(record.item_event[item])
    initially, kind = int(structure.initially[event]), int(structure.kind[event])
    if kind in (FACT, ONSET) and (initially == 1 or (kind == FACT and initially == 0)):
        return float(initially)
    first, last = float(record.first_time[item]), float(record.item_time[item])
    spans = sorted(
        (max(start, first), min(end, last), value)
        for known, start, end, value in zip(
            record.known_event.tolist(),
            record.known_from.tolist(),
            record.known_to.tolist(),
            record.known_value.tolist(),
            strict=True,
        )
        if known == event and start < last and end > first
    )
    at, on = first, 0.0
    for start, end, value in spans:
        if start > at:
            return None
        if end > at:
            on += value * (end - at)
            at = end
    return on / (last - first) if at >= last else None
