"""What made it impossible that an observed event had come: gates and windows that were shut."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from math import inf
from typing import NamedTuple

from forecast.evidence._item import Item
from forecast.evidence._moment import begin, finish, span_words
from forecast.evidence._observation import Observation
from forecast.evidence._timeline import Known, Seen, event_known, observations_by_event
from forecast.network import Event, Network
from forecast.network._nodes import Gate, GateKind
from forecast.time import add_years, day_label, years_between

GATES: dict[str, GateKind] = {"requires": "requires", "prevents": "prevents"}


class Shut(NamedTuple):
    """A gate that was shut for as long as what is behind it may have come.

    Parameters
    ----------
    gate
        What the child requires, or is prevented by.
    silent
        Whether the parent's state is certain only since it is known at once and nothing was seen.
    until
        Up to when the parent is known to be as it was.
    """

    gate: Gate
    silent: bool
    until: datetime

    def told(self) -> str:
        """Return what was shut and why, without a full stop."""
        kind, parent, child = self.gate
        state = "off" if kind == "requires" else "on"
        verb = "requires" if kind == "requires" else "is prevented by"
        why = (
            f"which is known at once and has no observation, so that it was {state} up to "
            f"{day_label(self.until)}"
            if self.silent
            else f"which by its own observations was {state} then"
        )
        return f"'{child}' {verb} '{parent}', {why}"

    def way_out(self, item: Item, network: Network) -> str:
        """Return what to write instead, as sentences."""
        kind, parent, child = self.gate
        link = f"leave out the link '{parent} {kind} {child}', if it is no condition"
        if not self.silent:
            return f"Correct the item or the observations of '{parent}', or {link}."
        state = "on" if kind == "requires" else "off"
        filed = observation_text(parent, item.speaks_of_instant, f"state: {state}")
        unseen = unseen_text(network, parent)
        return f"File what became of '{parent}', such as {filed}. {unseen}Or {link}."


class Closed(NamedTuple):
    """Windows of which none was open for as long as an event may have come.

    Parameters
    ----------
    event
        The event, or an outcome of a decision.
    rule
        When it can come, as the end of a sentence.
    remedy
        What to write instead, as a sentence.
    after, until
        Between which it may have come.
    """

    event: str
    rule: str
    remedy: str
    after: datetime
    until: datetime

    def told(self) -> str:
        """Return what was shut and why, without a full stop."""
        span = span_words(self.after, self.until)
        return f"'{self.event}' {self.rule}, and this has it come at another time ({span})"

    def way_out(self, item: Item, network: Network) -> str:  # noqa: ARG002  as of a gate
        """Return what to write instead, as sentences."""
        return self.remedy


def observation_text(event: str, day: datetime, tells: str) -> str:
    """Return an item that would tell of an event, as it may be written."""
    name = f"{event.replace('.', '_')}_seen"
    published = day_label(day)[: len("2024-07-01")]
    return f"'{{id: {name}, kind: observation, event: {event}, published: {published}, {tells}}}'"


def unseen_text(network: Network, name: str) -> str:
    """Return how to state that an event may come unseen, as a sentence and a space."""
    stated = network.stated(name)
    if stated.id != name or stated.kind not in ("onset", "repeated", "state"):
        return ""
    ways = ["'known: never' ('public: false')"]
    if stated.kind != "state":
        ways.insert(0, "'known: \"within 2 weeks [3 days, 2 months]\"'")
    return f"If it may come unseen, write under events.{name} {', or '.join(ways)}. "


class Histories:
    """What a record makes certain of the events of a network, as of a time.

    Parameters
    ----------
    network
        The network.
    items
        The items that stand.
    cut
        The cut-off; what was published later is not seen.
    """

    def __init__(self, network: Network, items: Iterable[Item], cut: datetime) -> None:
        self.network, self.cut = network, cut
        self._seen: Mapping[str, Sequence[Seen]] = observations_by_event(items, network)
        self._parents: dict[str, list[Gate]] = {}
        for link in network.links:
            for child in network.children(link) if link.kind in GATES else ():
                gate = Gate(GATES[link.kind], link.parent, child)
                self._parents.setdefault(child, []).append(gate)
        for gate in network.gates:
            self._parents.setdefault(gate.child, []).append(gate)

    def by(self, cut: datetime) -> "Histories":
        """Return the same as of another time."""
        found = copy(self)
        found.cut = cut
        return found

    def years(self, instant: datetime) -> float:
        """Return an instant in years since the network's start."""
        return years_between(self.network.start_instant, instant)

    def known(self, event: Event) -> tuple[Known, ...]:
        """Return over which periods an event's value is certain."""
        now = self.years(min(self.cut, self.network.horizon_instant))
        seen = [s for s in self._seen.get(event.id, ()) if s.published_instant <= self.cut]
        return event_known(event, seen, self.network.start_instant, now)

    def covered(self, event: Event, first: float, last: float) -> Known | None:
        """Return the period of one certain value that holds a stretch of time, if one does."""
        held = (k for k in self.known(event) if k.start <= first and last <= k.end)
        return next(held, None)

    def only_silent(self, event: Event, first: float, last: float) -> bool:
        """Return whether a stretch is certain only since the event is known at once."""
        hidden = event.model_copy(update={"public": False})
        return event.public and self.covered(hidden, first, last) is None

    def shut(self, item: Item) -> Iterator[Shut | Closed]:
        """Yield what makes it impossible that an observed event has come by then."""
        if not isinstance(item, Observation) or item.state == "off":
            return
        event = self.network.event(item.event)
        if event.kind == "fact" or event.initially is not False:
            return
        last = self.years(item.speaks_of_instant)
        off = (k.end for k in self.known(event) if not k.value and k.end <= last)
        yield from self._shut(event.id, max(off, default=0.0), last, frozenset())

    def _shut(
        self, name: str, first: float, last: float, on: frozenset[str]
    ) -> Iterator[Shut | Closed]:
        """Yield the shut gates and windows of a node over a stretch, or of what it requires."""
        yield from self._closed(self.network.event(name), first, last)
        for gate in self._parents.get(name, ()):
            parent = self.network.event(gate.parent)
            held = self.covered(parent, first, last)
            if held is not None and held.value == (gate.kind == "prevents"):
                end = last if held.end == inf else held.end
                until = add_years(self.network.start_instant, end)
                yield Shut(gate, self.only_silent(parent, first, last), until)
            elif (
                held is None
                and gate.kind == "requires"
                and parent.kind == "onset"
                and parent.initially is False
                and gate.parent not in on
            ):
                yield from self._shut(gate.parent, 0.0, last, on | {name})

    def _closed(self, event: Event, first: float, last: float) -> Iterator[Closed]:
        """Yield an event that can come only in windows, of which none was open over a stretch."""
        if not event.windows or event.outside_windows > 0:
            return
        opened = ((begin(w.start), finish(w.end)) for w in event.windows if w.weight > 0)
        if any(self.years(one) < last and first < self.years(two) for one, two in opened):
            return
        start = self.network.start_instant
        after, until = add_years(start, first), add_years(start, last)
        yield Closed(event.id, *_in_windows(event, self.network.stated(event.id)), after, until)


def _in_windows(event: Event, stated: Event) -> tuple[str, str]:
    """Return when an event can come, and what to write where it came at another time."""
    if stated.day is not None:
        return (
            f"comes with the decision '{stated.id}', which falls on {stated.day}",
            f"Correct the day, or write the day of the decision under events.{stated.id}.on.",
        )
    days = ", ".join(f"{w.start} to {w.end}" for w in event.windows if w.weight > 0)
    return (
        f"can come only in its windows ({days})",
        f"Correct the day, or add that day to events.{stated.id}.windows, or give "
        f"events.{stated.id}.outside_windows a weight above 0.",
    )
