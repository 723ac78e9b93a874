"""Whether items fit the items that they name: copies their origins, retractions what they take."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from forecast.errors import Fault, did_you_mean
from forecast.evidence.item import Item
from forecast.evidence.report import Report
from forecast.evidence.retraction import still_retracting
from forecast.time import day_label

__all__ = ["Surroundings", "copy_faults", "loop_fault", "looped", "retraction_faults", "ring_fault"]

MANY = 1000  # names: past this, a near one is not searched for among them
APART = "Code this item on its own, without derived_from, or leave it out."


@dataclass(frozen=True)
class Surroundings:
    """The record that items are part of, as far as it can be read.

    Parameters
    ----------
    by_id
        Every item of the record, those on events of other networks among them.
    events
        The events of every network that the record serves.
    partly_unread
        Whether some of the record could not be read, so that a name that is not in `by_id` may
        yet be that of an item.
    wrong_event, wrong_time
        Ids of items that have a fault of their own there: holding others against them would tell
        of one cause twice.
    """

    by_id: Mapping[str, Item]
    events: Collection[str]
    partly_unread: bool = False
    wrong_event: Collection[str] = ()
    wrong_time: Collection[str] = ()

    def sound_events(self, *items: Item) -> bool:
        """Return whether each item is about an event that there is."""
        return all(item.event in self.events and item.id not in self.wrong_event for item in items)

    def sound_times(self, *items: Item) -> bool:
        """Return whether no item has a fault in what it says of times."""
        return not any(item.id in self.wrong_time for item in items)

    def named(self, item: Item, field: str) -> Iterator[Item | Fault]:
        """Yield the items that a field of an item names, and a fault for each that is unknown."""
        for name in getattr(item, field):
            if name in self.by_id:
                yield self.by_id[name]
            elif not self.partly_unread:
                remedy = did_you_mean(name, self.by_id) if len(self.by_id) <= MANY else ""
                yield Fault("unknown item", remedy, field=field, value=name)


def copy_faults(copy: Report, record: Surroundings, events: Collection[str]) -> Iterator[Fault]:
    """Yield what keeps a report from being a copy of the items that it names in derived_from.

    Parameters
    ----------
    copy
        The report.
    record
        What it may name.
    events
        The events of the network that the report serves.
    """
    for origin in record.named(copy, "derived_from"):
        if isinstance(origin, Fault):
            yield origin
            continue
        yield from _statement_faults(copy, origin, record, events)
        if record.sound_times(copy, origin):
            yield from _order_faults(copy, origin)


def _statement_faults(
    copy: Report, origin: Item, record: Surroundings, events: Collection[str]
) -> Iterator[Fault]:
    """Yield why what an origin says is not what a copy can repeat."""
    name = f"origin '{origin.id}'"
    if not isinstance(origin, Report):
        yield Fault(
            f"{name} is of kind '{origin.kind}', and only the statement of a report can be copied",
            APART,
            field="derived_from",
        )
    elif origin.event != copy.event:
        if record.sound_events(copy, origin) and not (
            origin.event in events and _read_twice(copy, origin)
        ):
            yield Fault(
                f"{name} is about event '{origin.event}' and this item about '{copy.event}': a "
                "copy repeats a statement about the same event, unless one statement of one "
                "source, published at once, is read for two events",
                APART,
                field="derived_from",
            )
    elif origin.is_prediction != copy.is_prediction and record.sound_times(copy, origin):
        sense = {True: "predicts", False: "tells of what is or was"}
        yield Fault(
            f"{name} {sense[origin.is_prediction]} and this item {sense[copy.is_prediction]}: a "
            "copy repeats a statement about the same event in the same sense of time",
            f"Set speaks_of as in the origin. Otherwise: {APART[0].lower()}{APART[1:]}",
            field="derived_from",
        )


def _read_twice(second: Report, first: Report) -> bool:
    """Return whether two reports are one statement of one source, read for an event each."""
    same = (first.source, first.origin, first.published_instant)
    return same == (second.source, second.origin, second.published_instant)


def _order_faults(copy: Report, origin: Item) -> Iterator[Fault]:
    name = f"origin '{origin.id}'"
    if origin.published_instant > copy.published_instant:
        yield Fault(
            f"{name} was published {origin.published}, after this copy ({copy.published})",
            "Correct a date, or turn the derivation around. Two items of one day need either "
            "both a time or neither.",
            field="derived_from",
        )
    elif origin.recorded_instant > copy.recorded_instant:
        yield Fault(
            f"{name} was recorded {day_label(origin.recorded_instant)}, after this copy "
            f"({day_label(copy.recorded_instant)}), which could not yet be known to be one",
            f"Set recorded of '{copy.id}' to when its origin was found, or later.",
            field="derived_from",
        )


def retraction_faults(item: Item, record: Surroundings, events: Collection[str]) -> Iterator[Fault]:
    """Yield what keeps an item from taking back the items that it names in retracts.

    Parameters
    ----------
    item
        The item.
    record
        What it may name.
    events
        The events of the network that the item serves.
    """
    for earlier in record.named(item, "retracts"):
        if isinstance(earlier, Fault):
            yield earlier
            continue
        if earlier.event not in events and record.sound_events(item, earlier):
            yield Fault(
                f"item '{earlier.id}' is about event '{earlier.event}' of another network, and "
                "forecasts of that network would not see this item",
                f"Retract it with an item on '{earlier.event}' or another event of its network.",
                field="retracts",
            )
        if record.sound_times(item, earlier):
            yield from _too_late(item, earlier)
    for earlier in record.named(item, "reinstates"):
        if isinstance(earlier, Fault):
            yield earlier
        else:
            yield from _not_reinstated(item, earlier, record)


def _not_reinstated(item: Item, earlier: Item, record: Surroundings) -> Iterator[Fault]:
    """Yield why an item does not bring back one that it names in reinstates."""
    by_id = record.by_id
    gone = [by_id[name] for name in item.retracts if name in by_id]
    if not any(earlier.id in each.retracts for each in gone):
        if record.partly_unread and len(gone) < len(item.retracts):
            return
        yield Fault(
            f"nothing that this item takes back had retracted '{earlier.id}'",
            f"Name in retracts the item that retracted '{earlier.id}', or leave it out here.",
            field="reinstates",
            value=earlier.id,
        )
        return
    left = still_retracting(item, earlier.id, by_id.values())
    if left:
        yield Fault(
            f"'{earlier.id}' is retracted by '{left[0]}' too, which this item leaves standing",
            f"Name '{left[0]}' in retracts as well, or leave '{earlier.id}' out here.",
            field="reinstates",
            value=earlier.id,
        )


def _too_late(item: Item, earlier: Item) -> Iterator[Fault]:
    if earlier.published_instant > item.published_instant:
        yield Fault(
            f"item '{earlier.id}' was published {earlier.published}, after this item "
            f"({item.published}), which cannot take it back",
            "Correct a date, or retract it with a later item. Two items of one day need "
            "either both a time or neither.",
            field="retracts",
        )
    elif earlier.recorded_instant > item.recorded_instant:
        yield Fault(
            f"item '{earlier.id}' was recorded {day_label(earlier.recorded_instant)}, after this "
            f"item ({day_label(item.recorded_instant)}), which could not yet take it back",
            f"Set recorded of '{item.id}' to when it was found to do so, or later.",
            field="retracts",
        )


def looped(by_id: Mapping[str, Item]) -> set[str]:
    """Return the items that are, over several steps, copies of themselves.

    Items whose origins are all settled are set aside until none is left; what remains stands on a
    loop, copies from one, or is copied by one; only what is on a loop (or between two) is kept.
    """
    origins = {
        item.id: {name for name in item.derived_from if name in by_id}
        for item in by_id.values()
        if isinstance(item, Report) and item.derived_from
    }
    left = _unsettled(origins)
    copies: dict[str, set[str]] = {}
    for name in left:
        for origin in origins[name] & left:
            copies.setdefault(origin, set()).add(name)
    return _unsettled({name: copies.get(name, set()) for name in left})


def _unsettled(needs: Mapping[str, set[str]]) -> set[str]:
    """Return the names left when those whose needs are all met are taken away again and again."""
    waiting = {name: {n for n in wanted if n in needs} for name, wanted in needs.items()}
    wanted_by: dict[str, list[str]] = {}
    for name, wanted in waiting.items():
        for need in wanted:
            wanted_by.setdefault(need, []).append(name)
    ready = [name for name, wanted in waiting.items() if not wanted]
    left = set(waiting)
    while ready:
        done = ready.pop()
        left.discard(done)
        for name in wanted_by.get(done, ()):
            waiting[name].discard(done)
            if not waiting[name]:
                ready.append(name)
    return left


def loop_fault() -> Fault:
    """Return the fault of an item that is a copy of itself."""
    return Fault(
        "the item is, through its origins, a copy of itself",
        "Leave derived_from empty in the item that said it first.",
        field="derived_from",
    )


def ring_fault() -> Fault:
    """Return the fault of an item that is retracted by what it retracts."""
    return Fault(
        "the item is, over several steps, retracted by what it retracts",
        "Of items published at one time one has the last word: leave retracts empty in the others.",
        field="retracts",
    )
