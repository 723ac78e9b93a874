"""Interventions: a network and its record after events have been brought about from outside.

From the cut-off on an event that is imposed follows the path that it is given. Its own rates and
all links into it are gone; links out of it stay. What it did until then stays as it was found.
"""

from collections.abc import Sequence

import numpy as np

from forecast.posterior.conditions import Imposed
from forecast.posterior.exact import Case

__all__ = ["intervened", "path_of"]


def path_of(imposed: Imposed, now: float) -> list[tuple[float, float, int]]:
    """Return what is imposed on an event as spans: from when, to when, which state."""
    if imposed.on_from <= now:
        return [(now, np.inf, 1)]
    if imposed.on_from == np.inf:
        return [(now, np.inf, 0)]
    return [(now, imposed.on_from, 0), (imposed.on_from, np.inf, 1)]


def intervened(case: Case, imposed: Sequence[Imposed]) -> Case:
    """Return a case after an intervention.

    Parameters
    ----------
    case
        As it was found.
    imposed
        What is brought about, and when.
    """
    if not imposed:
        return case
    record, events = case.record, [one.event for one in imposed]
    known = np.isin(record.known_event, events)
    later = known & (record.known_from >= case.now) & (record.known_to > case.now)
    to = np.where(known, np.minimum(record.known_to, case.now), record.known_to)
    rows = [(one.event, *span) for one in imposed for span in path_of(one, case.now)]
    event, begin, end, value = (np.array(column) for column in zip(*rows, strict=True))
    keep = ~later
    new = record._replace(
        known_event=np.append(record.known_event[keep], event).astype(np.int64),
        known_from=np.append(record.known_from[keep], begin),
        known_to=np.append(to[keep], end),
        known_value=np.append(record.known_value[keep], value).astype(np.int64),
        imposed=np.append(np.zeros(int(keep.sum()), dtype=np.bool_), np.ones(len(rows), np.bool_)),
    )
    own = np.isin(record.item_event, events) & (record.item_time > case.now)
    return case._replace(record=new, unheard=frozenset(np.flatnonzero(own).tolist()))
