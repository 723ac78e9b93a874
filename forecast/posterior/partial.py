"""Part of a record: what would be known and said with some of its items, or at an earlier time.

All parts of a record are parts of one whole, so that steps from one to the next add up. Where the
whole record has an observation of a public event that a part has not, the part does not take it
that nothing was seen of the event: that would be false. What nobody ever observed did not happen in
public, in every part; that is what time alone says.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast.engine.structure import Parameters
from forecast.evidence import Evidence, Held, Item, Known, Observation, Silence
from forecast.evidence.sightings import event_held, event_known, observations_by_event
from forecast.model.factors import items_in_force
from forecast.model.lower import Lowered
from forecast.model.recorded import spans
from forecast.posterior.exact import Case

__all__ = ["Part", "factors_of", "part_of", "sees", "soft_places"]

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A part of a record, as the engine sees it.

    Parameters
    ----------
    case
        The network and the part.
    items
        Places of its soft items among those of the whole.
    """

    case: Case
    items: NDArray[np.intp]

    def theta(self, theta: Parameters) -> Parameters:
        """Return the parameters with the factors of this part's items alone."""
        return theta._replace(factors=np.ascontiguousarray(theta.factors[:, self.items]))


def soft_places(lowered: Lowered) -> dict[str, int]:
    """Return the place of each soft item in force."""
    return {item.id: i for i, item in enumerate(items_in_force(lowered.evidence))}


def sees(item: Item) -> bool:
    """Return whether an item makes something certain."""
    return isinstance(item, Observation) or (isinstance(item, Silence) and bool(item.claim))


def part_of(lowered: Lowered, ids: Collection[str], now: float, quiet: float = 0.0) -> Part:
    """Return what some items say, as of a time.

    Parameters
    ----------
    lowered
        The network and the whole record.
    ids
        The items of the part.
    now
        The cut-off, in years from the start: what has not been seen by then did not happen.
    quiet
        The same for events of which the part lacks an observation: those lie later.
    """
    places = soft_places(lowered)
    chosen = np.array(sorted(places[i] for i in ids if i in places), dtype=np.intp)
    record = lowered.record.with_items(chosen)._replace(
        **spans(*_certain(lowered, ids, now, quiet))
    )
    return Part(Case(lowered.structure, record, now), chosen)


def _certain(
    lowered: Lowered, ids: Collection[str], now: float, quiet: float
) -> tuple[list[tuple[int, Known]], list[tuple[int, Held]]]:
    """Return over which stretches events are known, and where states change once at most."""
    start = lowered.network.start_instant
    everything = observations_by_event(lowered.evidence)
    seen = observations_by_event(Evidence(i for i in lowered.evidence if i.id in ids))
    known: list[tuple[int, Known]] = []
    held: list[tuple[int, Held]] = []
    for index, event in enumerate(lowered.network.events):
        mine = seen.get(event.id, [])
        missing = len(mine) < len(everything.get(event.id, []))
        seen_until = min(now, quiet) if missing else now
        known += [(index, span) for span in event_known(event, mine, start, seen_until)]
        if not (missing and mine):  # what is missing may lie between two that are there
            held += [(index, span) for span in event_held(event, mine, start, seen_until)]
    return known, held


def factors_of(lowered: Lowered, values: dict[str, Floats], without: Collection[int]) -> Floats:
    """Return the factors of all items, shape (draw, item, 2), with some struck out.

    Reports that share a hidden origin have their chances given those before them, and so change as
    one is struck out; the factors of those struck out mean nothing.
    """
    left = [tuple(i for i in told.members if i not in without) for told in lowered.hidden]
    hidden = tuple(
        replace(told, members=members)
        for told, members in zip(lowered.hidden, left, strict=True)
        if members
    )
    return lowered.theta(values, replace(lowered, hidden=hidden).channels).factors
