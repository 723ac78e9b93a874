"""How items relate: copies to their origins, retractions to what they take back.

Reports may also pass on one and the same statement of an unnamed origin: `statements` groups them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from forecast.errors import Fault, did_you_mean
from forecast.evidence._channel import Bearing
from forecast.evidence._item import Item
from forecast.evidence._report import Report
from forecast.evidence._retraction import still_retracting
from forecast.time import day_label

MANY = 1000  # names: among more than this, no similar one is searched for
APART = "Code this item on its own, without derived_from, or leave it out."


@dataclass(frozen=True)
class Surroundings:
    """The record that items belong to, as far as it can be read.

    Parameters
    ----------
    by_id
        Every item of the record, including those on events of other networks.
    events
        The events of every network that the record serves.
    partly_unread
        Whether some of the record could not be read, so that a name that is not in `by_id` may
        still be an item's.
    wrong_event, wrong_time
        Ids of items with a fault of their own there; comparing others with them would report one
        cause twice.
    """

    by_id: Mapping[str, Item]
    events: Collection[str]
    partly_unread: bool = False
    wrong_event: Collection[str] = ()
    wrong_time: Collection[str] = ()

    def sound_events(self, *items: Item) -> bool:
        """Return whether each item is about an existing event."""
        return all(
            {*item.events} <= {*self.events} and item.id not in self.wrong_event for item in items
        )

    def sound_times(self, *items: Item) -> bool:
        """Return whether no item has a fault in its times."""
        return not any(item.id in self.wrong_time for item in items)

    def named(self, item: Item, field: str) -> Iterator[Item | Fault]:
        """Yield the items that a field of an item names, and a fault for each that is unknown."""
        for name in getattr(item, field):
            if name in self.by_id:
                yield self.by_id[name]
            elif not self.partly_unread:
                others = [each for each in self.by_id if each != item.id]
                remedy = did_you_mean(name, others) if len(others) <= MANY else ""
                yield Fault("unknown item", remedy, field=field, value=name)


def copy_faults(copy: Report, record: Surroundings, events: Collection[str]) -> Iterator[Fault]:
    """Yield why a report cannot be a copy of the items that it names in derived_from.

    Parameters
    ----------
    copy
        The report.
    record
        What it may name.
    events
        The events of the report's network.
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
    """Yield why a copy cannot repeat what its origin says."""
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
                "source, published at one time, is coded for two events",
                APART,
                field="derived_from",
            )
    elif origin.onset != copy.onset:
        yield Fault(
            f"{name} {_dated(origin)} and this item {_dated(copy)}: a copy of a dated onset "
            "repeats its days",
            "Write the origin's days as onset_from and onset_to, or leave them out in both. "
            f"Otherwise: {APART[0].lower()}{APART[1:]}",
            field="derived_from",
        )
    elif origin.is_prediction != copy.is_prediction and record.sound_times(copy, origin):
        sense = {True: "is a prediction", False: "is about what is or was"}
        yield Fault(
            f"{name} {sense[origin.is_prediction]} and this item {sense[copy.is_prediction]}: a "
            "copy repeats a statement about the same event in the same sense of time",
            f"Set speaks_of as in the origin. Otherwise: {APART[0].lower()}{APART[1:]}",
            field="derived_from",
        )


def _dated(report: Report) -> str:
    """Return which onset a report dates, as the end of a sentence."""
    if report.onset is None:
        return "dates no onset"
    first, last = report.onset
    return f"dates the onset {first}" + (f" to {last}" if last != first else "")


def _read_twice(second: Report, first: Report) -> bool:
    """Return whether two reports are one statement of one source, coded for two events."""
    same = (first.source, first.origin, first.published_instant)
    return same == (second.source, second.origin, second.published_instant)


def _order_faults(copy: Report, origin: Item) -> Iterator[Fault]:
    name = f"origin '{origin.id}'"
    if origin.published_instant > copy.published_instant:
        yield Fault(
            f"{name} was published {origin.published}, after this copy ({copy.published})",
            "Correct a date, or reverse the derivation. Of two items of one day, either both need "
            "a time or neither.",
            field="derived_from",
        )
    elif origin.recorded_instant > copy.recorded_instant:
        yield Fault(
            f"{name} was recorded {day_label(origin.recorded_instant)}, after this copy "
            f"({day_label(copy.recorded_instant)}), which could not yet be known to be a copy",
            f"Set recorded of '{copy.id}' to when its origin was found, or later.",
            field="derived_from",
        )


def retraction_faults(item: Item, record: Surroundings, events: Collection[str]) -> Iterator[Fault]:
    """Yield why an item cannot take back the items that it names in retracts.

    The parameters are those of `copy_faults`.
    """
    for earlier in record.named(item, "retracts"):
        if isinstance(earlier, Fault):
            yield earlier
            continue
        if not {*earlier.events} & {*events} and record.sound_events(item, earlier):
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
    """Yield why an item cannot bring back one that it names in reinstates."""
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
            f"'{earlier.id}' is also retracted by '{left[0]}', which this item does not take back",
            f"Name '{left[0]}' in retracts as well, or leave '{earlier.id}' out here.",
            field="reinstates",
            value=earlier.id,
        )


def _too_late(item: Item, earlier: Item) -> Iterator[Fault]:
    if earlier.published_instant > item.published_instant:
        yield Fault(
            f"item '{earlier.id}' was published {earlier.published}, after this item "
            f"({item.published}), which cannot take it back",
            "Correct a date, or retract it with a later item. Of two items of one day, either both "
            "need a time or neither.",
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
    """Return the items that are copies of themselves, directly or through others.

    Items whose origins are all settled are removed until none is left. What remains is on a loop,
    copies from one, or is copied by one; only what is on a loop (or between two) is kept.
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
    """Return the names left after repeatedly removing those whose needs are all met."""
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
        "Leave derived_from empty in the original item.",
        field="derived_from",
    )


def ring_fault() -> Fault:
    """Return the fault of an item that is retracted by what it retracts."""
    return Fault(
        "the item is retracted, directly or through others, by what it retracts",
        "Of items published at one time only one can have the last word: leave retracts empty in "
        "the others.",
        field="retracts",
    )


def statements(items: Iterable[Item]) -> list[tuple[Report, ...]]:
    """Return the reports that share a hidden origin's statement, each group in order.

    A report that names an `origin` passes on a statement of it, on one event and in one sense of
    time (what is, or what will be). A report with its own `speaks_of` joins the statement about
    that instant; one without joins the latest statement before it; one that dates an onset joins
    the statement with the same days. If there is none, it begins a new one. Later items do not
    change this.

    Parameters
    ----------
    items
        In the order of the record.
    """
    found: list[list[Report]] = []
    for item in items:
        if not isinstance(item, Report) or item.origin is None:
            continue
        mine = next((group for group in reversed(found) if _joins(item, group[0])), None)
        if mine is None:
            found.append([item])
        else:
            mine.append(item)
    return [tuple(group) for group in found]


def _joins(report: Report, first: Report) -> bool:
    """Return whether a report passes on the same statement as `first`."""
    same = (report.origin, report.event, report.is_prediction, report.onset)
    if same != (first.origin, first.event, first.is_prediction, first.onset):
        return False
    return report.speaks_of is None or report.speaks_of_instant == first.speaks_of_instant


def borne(items: Iterable[Item]) -> list[tuple[Item, Bearing]]:
    """Return every row of the record with its item: those of an item stand together, in order.

    A report that passes on a shared statement is about the time of the first that does.
    """
    known, found = list(items), list[tuple[Item, Bearing]]()
    spoken = spoken_of(known)
    for item in known:
        for row in item.bears():
            of_a_moment, at = row.begin == row.end and not row.opens, spoken[item.id]
            found.append((item, row._replace(begin=at, end=at) if of_a_moment else row))
    return found


def spoken_of(items: Iterable[Item]) -> dict[str, datetime]:
    """Return the instant that each item is about: for a shared statement, that of its first."""
    known = list(items)
    instants = {item.id: _spoken_of(item) for item in known}
    for group in statements(known):
        instants |= dict.fromkeys((item.id for item in group), instants[group[0].id])
    return instants


def _spoken_of(item: Item) -> datetime:
    *_, last = item.bears()
    return last.end if last.begin == last.end else item.speaks_of_instant
