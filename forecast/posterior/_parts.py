"""Parts of a record: some of its items, or all of them as of an earlier time.

Where the whole record has an observation of a public event that a part has not, the part does not
take it that nothing was seen of the event: that would be false. What nobody ever observed did not
happen in public, in every part; that is what time alone says.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast.engine._problem import Parameters
from forecast.evidence import Evidence, Held, Item, Known, Observation, Regime, Retraction, Silence
from forecast.evidence._timeline import event_held, event_known, observations_by_event
from forecast.model._factors import row_places
from forecast.model._lower import Lowered, lower_seen
from forecast.model._recorded import spans
from forecast.model._regimes import without
from forecast.posterior._exact import Case


@dataclass(frozen=True)
class Part:
    """A part of a record, as the engine sees it.

    Parameters
    ----------
    case
        The network and the part.
    items
        Places of the rows of its soft items among those of the whole.
    """

    case: Case
    items: NDArray[np.intp]

    def theta(self, theta: Parameters) -> Parameters:
        """Return the parameters with the factors of this part's items alone."""
        return theta._replace(factors=np.ascontiguousarray(theta.factors[:, self.items]))


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
    chosen = np.array(sorted(row for i in ids for row in places.get(i, ())), dtype=np.intp)
    record = lowered.record.with_items(chosen)._replace(**spans(*certain(lowered, ids, now, quiet)))
    struck = {pace.item.id for pace in lowered.regimes} - set(ids)
    return Part(Case(without(lowered.structure, lowered.regimes, struck), record, now), chosen)


def soft_places(lowered: Lowered) -> dict[str, list[int]]:
    """Return the places of the rows of each soft item in force."""
    return row_places(lowered.evidence)


def sees(item: Item) -> bool:
    """Return whether an item makes something certain."""
    return isinstance(item, Observation) or (isinstance(item, Silence) and bool(item.claim))


def certain(
    lowered: Lowered, ids: Collection[str], now: float, quiet: float
) -> tuple[list[tuple[int, Known]], list[tuple[int, Held]]]:
    """Return over which stretches events are known, and where states change once at most."""
    start = lowered.network.start_instant
    everything = observations_by_event(lowered.evidence, lowered.network)
    told = Evidence(item for item in lowered.evidence if item.id in ids)
    seen = observations_by_event(told, lowered.network)
    known: list[tuple[int, Known]] = []
    held: list[tuple[int, Held]] = []
    for index, event in enumerate(lowered.network.nodes):
        mine = seen.get(event.id, [])
        missing = len(mine) < len(everything.get(event.id, []))
        seen_until = min(now, quiet) if missing else now
        known += [(index, span) for span in event_known(event, mine, start, seen_until)]
        if not (missing and mine):  # what is missing may lie between two that are there
            held += [(index, span) for span in event_held(event, mine, start, seen_until)]
    return known, held


def acts(item: Item) -> bool:
    """Return whether an item says nothing, but changes how events come about."""
    return isinstance(item, Regime)


@dataclass(frozen=True)
class Segment:
    """Items that come at one time and are weighed together, or one that stands by itself.

    One that makes something certain does, and one that changes how events come about.

    Parameters
    ----------
    at
        When they were published.
    items
        In order.
    told
        Ids of all items up to these.
    whole
        The network and the whole record.
    """

    at: datetime
    items: tuple[Item, ...]
    told: tuple[str, ...]
    whole: Lowered

    @property
    def sure(self) -> bool:
        """Whether it makes something certain."""
        return sees(self.items[0])

    @property
    def acting(self) -> bool:
        """Whether it changes how events come about."""
        return acts(self.items[0])

    @cached_property
    def lowered(self) -> Lowered:
        """The network and the record of all items up to these, as of then."""
        return up_to(self.whole, self.told, self.at)


def segments(lowered: Lowered) -> list[Segment]:
    """Return the record in order, cut where something becomes certain and where time passes."""
    groups: list[tuple[datetime, list[Item]]] = []
    for item in lowered.evidence:
        if isinstance(item, Retraction):
            continue
        at = max(item.published_instant, lowered.network.start_instant)
        apart = item, *(groups[-1][1][:1] if groups else ())
        alone = any(sees(one) or acts(one) for one in apart)
        if groups and groups[-1][0] == at and not alone:
            groups[-1][1].append(item)
        else:
            groups.append((at, [item]))
    found: list[Segment] = []
    told: tuple[str, ...] = ()
    for at, items in groups:
        told = (*told, *(item.id for item in items))
        found.append(Segment(at, tuple(items), told, lowered))
    return found


def up_to(lowered: Lowered, told: Collection[str], at: datetime) -> Lowered:
    """Return the network and some of the items of its record, as of a time."""
    evidence = lowered.evidence
    others = {item.id for item in (*evidence, *evidence.retracted, *evidence.replaced)} - {*told}
    regimes = [pace.item for pace in lowered.regimes]
    return lower_seen(lowered.network, evidence.without(others), at, regimes, lowered.opinions)


def segmented(lowered: Lowered) -> list[Item]:
    """Return the items that stand, in order, without those that only retract."""
    return [item for segment in segments(lowered) for item in segment.items]


def waiting(before: Lowered, whole: Lowered, known: Collection[str], at: datetime) -> Lowered:
    """Return a part of a record as of a later time, no item more being known."""
    later = replace(whole, as_of=at)
    record = before.record._replace(**spans(*certain(later, known, later.now, before.now)))
    return replace(before, record=record, as_of=at)
