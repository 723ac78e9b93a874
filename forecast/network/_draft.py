"""A network that may still be faulty, and the checks across its objects.

Some objects of a draft may be broken and stand by name alone, so that one broken event does not
make every link to it look wrong.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from forecast.errors import Fault, InputError, did_you_mean
from forecast.network._event import Event
from forecast.network._families import family_faults
from forecast.network._link import LONGEST_ID, STRENGTHS, Link, default_id, strength_prior
from forecast.network._nodes import gates_of, nodes_of
from forecast.network._while_on import ConditionalBelief


class Arrow(NamedTuple):
    """A link by its names; `link` is None if it is broken."""

    id: str
    parent: str
    child: str
    kind: str
    link: Link | None = None

    def __str__(self) -> str:
        """Return the link as a sentence."""
        return f"{self.parent} {self.kind} {self.child}"


class Draft(NamedTuple):
    """The objects of a network by name; None in place of a broken object."""

    start: date | None
    horizon: date | None
    events: Mapping[str, Event | None]
    arrows: tuple[Arrow, ...]
    source_types: Iterable[str]
    sources: Mapping[str, str]
    """The name of each source's type; empty where it is broken."""

    names: Mapping[str, Event | None] = MappingProxyType({})
    """The events, and the nodes that they stand for: `faults_between` fills it in."""

    def is_known(self, name: str) -> bool:
        """Return whether there is such an event or node, or may be, its event being broken."""
        stated = name.split(".", maxsplit=1)[0]
        return name in self.names or (stated in self.events and self.events[stated] is None)


def arrow_of(source: Link | Mapping[str, object], place: int = 0) -> Arrow:
    """Return the arrow of a link, or of a broken link's fields; `place` is its last-resort id."""
    if isinstance(source, Link):
        return Arrow(source.id, source.parent, source.child, source.kind, source)
    parent, child, kind = (_text(source.get(name)) for name in ("parent", "child", "kind"))
    name = _text(source.get("id"))
    if not name:
        name = default_id(source) if parent and child and kind else str(place)
    return Arrow(name, parent, child, kind)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def faults_between(draft: Draft) -> list[Fault]:
    """Return every fault between the objects of a network; fields are paths from its top."""
    draft = draft._replace(names=_names(draft.events))
    return [
        *_span(draft),
        *_no_events(draft),
        *_long_names(draft),
        *_dates(draft),
        *_ends(draft),
        *_repeated_links(draft),
        *_gates(draft),
        *_deadlocks(draft),
        *_strengths(draft),
        *_families(draft),
        *type_faults(draft.source_types, draft.sources),
    ]


def _names(events: Mapping[str, Event | None]) -> dict[str, Event | None]:
    found = dict(events)
    for event in events.values():
        found |= {node.id: node for node in nodes_of(event)} if event is not None else {}
    return found


def duplicate_names(field: str, names: Iterable[str]) -> Iterator[Fault]:
    """Yield a fault for each name that stands more than once in a list of objects."""
    for name, times in Counter(names).items():
        if times > 1:
            yield Fault(
                f"the name '{name}' is used {times} times",
                "Give each its own name.",
                field=f"{field}.{name}",
            )


def _span(draft: Draft) -> Iterator[Fault]:
    if draft.start and draft.horizon and draft.horizon <= draft.start:
        yield Fault(
            f"the horizon must lie after the start ({draft.start})",
            "Write a later day.",
            field="horizon",
            value=str(draft.horizon),
        )


def _no_events(draft: Draft) -> Iterator[Fault]:
    if not draft.events:
        yield Fault(
            "a network needs at least one event",
            "Add one, with its kind and its rate.",
            field="events",
        )


def _long_names(draft: Draft) -> Iterator[Fault]:
    """Check that what follows from an event has a name that is no longer than an event's may be."""
    for event in draft.events.values():
        long = [] if event is None else [n.id for n in nodes_of(event) if len(n.id) > LONGEST_ID]
        if event is not None and long:
            yield Fault(
                f"the name '{long[0]}' follows from it, and has more than {LONGEST_ID} characters",
                "Give the event, or its outcomes, shorter names.",
                field=f"events.{event.id}",
            )


def _dates(draft: Draft) -> Iterator[Fault]:
    """Check that windows lie within the network's period, and days of beliefs after its start."""
    for name, event in draft.events.items():
        if event is None:
            continue
        yield from _windows_within(draft, event)
        yield from _decided_within(draft, event)
        for field in ("rate", "off_rate", "rate_after"):
            yield from _prior_fault(draft, event, f"events.{name}.{field}", field)


def _windows_within(draft: Draft, event: Event) -> Iterator[Fault]:
    for place, window in enumerate(event.windows):
        field = f"events.{event.id}.windows.{place}"
        if draft.start and window.start < draft.start:
            yield Fault(
                f"the window starts before the network does ({draft.start})",
                f"Write start: {draft.start} or a later day.",
                field=f"{field}.start",
                value=str(window.start),
            )
        if draft.horizon and window.end > draft.horizon:
            yield Fault(
                f"the window ends after the network's horizon ({draft.horizon})",
                f"Write end: {draft.horizon} or an earlier day, or move the horizon.",
                field=f"{field}.end",
                value=str(window.end),
            )


def _decided_within(draft: Draft, event: Event) -> Iterator[Fault]:
    """Check that a decision falls within the network's period, or as an event of it comes."""
    field = f"events.{event.id}.on"
    if event.day is not None:
        early = draft.start is not None and event.day < draft.start
        if early or (draft.horizon is not None and event.day > draft.horizon):
            yield Fault(
                f"the decision falls outside the network's time ({draft.start} to {draft.horizon})",
                "Correct the day, or move the network's start or horizon.",
                field=field,
                value=str(event.day),
            )
    elif event.kind == "decision" and event.on is not None:
        yield from _end_fault(draft, event.on, field, decides=event.id)


def _end_fault(draft: Draft, name: str, field: str, *, decides: str = "") -> Iterator[Fault]:
    """Check that something has the name of an event that can be on."""
    event = draft.names.get(name)
    if not draft.is_known(name):
        remedy = did_you_mean(name, draft.names)
        yield Fault("there is no such event", remedy, field=field, value=name)
    elif event is not None and event.values and name == event.id:
        outcomes = ", ".join(node.id for node in nodes_of(event))
        what = "a decision" if event.kind == "decision" else "a fact of several values"
        problem = f"'{name}' is {what}, which is neither on nor off"
        remedy = f"Name one of its outcomes: {outcomes}."
        yield Fault(problem, remedy, field=field, value=name)
    elif decides and name.split(".", maxsplit=1)[0] == decides:
        problem = "a decision cannot wait for itself"
        yield Fault(problem, "Name another event.", field=field, value=name)


def _prior_fault(draft: Draft, event: Event, path: str, field: str) -> Iterator[Fault]:
    belief = getattr(event, field)
    if belief is None or draft.start is None:
        return
    try:
        belief.prior(draft.start)
    except InputError as error:
        yield from (replace(fault, field=path, value=str(belief)) for fault in error.faults)


def _ends(draft: Draft) -> Iterator[Fault]:
    for arrow in draft.arrows:
        if arrow.parent:
            yield from _end_fault(draft, arrow.parent, f"links.{arrow.id}.parent")
        if arrow.child and not draft.is_known(arrow.child):
            yield Fault(
                "there is no such event",
                did_you_mean(arrow.child, draft.names),
                field=f"links.{arrow.id}.child",
                value=arrow.child,
            )
        child = draft.names.get(arrow.child)
        if child is not None and child.kind != "fact":
            yield from _fits_child(draft, arrow)


def _fits_child(draft: Draft, arrow: Arrow) -> Iterator[Fault]:
    """Check that the strength of a link is of a kind that its child has a use for."""
    stated = draft.events.get(arrow.child.split(".")[0])
    if stated is None or arrow.link is None:
        return
    decided, odds = stated.kind == "decision", arrow.link.odds_ratio is not None
    if decided and arrow.child == stated.id and arrow.kind not in ("requires", "prevents"):
        outcomes = ", ".join(node.id for node in nodes_of(stated))
        yield Fault(
            "a link acts on the odds of one outcome of a decision",
            f"Name one of its outcomes: {outcomes}.",
            field=f"links.{arrow.id}.child",
            value=arrow.child,
        )
    elif decided and arrow.kind in STRENGTHS and not odds:
        yield Fault(
            f"'{arrow.child}' is an outcome of a decision, which has odds and no rate",
            "Write for example 'kind: multiplies' and 'odds_ratio: x2 [1.2, 3.5]'.",
            field=f"links.{arrow.id}.{STRENGTHS[arrow.kind]}",
        )
    elif odds and not decided:
        yield Fault(
            f"'{arrow.child}' is no outcome of a decision: it has a rate and no odds",
            "Write for example 'hazard_ratio: x2 [1.2, 3.5]'.",
            field=f"links.{arrow.id}.odds_ratio",
        )
    strength = arrow.link.extra_rate or arrow.link.hazard_ratio
    if stated.ever is not None and isinstance(strength, ConditionalBelief):
        yield Fault(
            f"'{stated.id}' has a chance that it ever comes, so a chance within a span while "
            f"'{arrow.parent}' is on does not say what it does to the pace",
            "Write a ratio: 'kind: multiplies' and 'hazard_ratio: x3 [1.5, 6]'.",
            field=f"links.{arrow.id}.{STRENGTHS[arrow.kind]}",
        )


def _families(draft: Draft) -> Iterator[Fault]:
    """Check the facts that depend on other facts."""
    links = [(f"links.{a.id}", a.link) for a in draft.arrows if a.link is not None]
    yield from family_faults(draft.events, draft.names, links)


def _repeated_links(draft: Draft) -> Iterator[Fault]:
    seen: dict[tuple[str, str, str], str] = {}
    names: dict[str, tuple[str, str, str]] = {}
    for arrow in draft.arrows:
        triple = (arrow.parent, arrow.kind, arrow.child)
        if all(triple) and triple in seen:
            yield Fault(
                f"two links say the same: {arrow}",
                "Keep one of them.",
                field=f"links.{arrow.id}",
            )
        elif names.get(arrow.id, triple) != triple:
            yield from duplicate_names("links", [arrow.id, arrow.id])
        seen.setdefault(triple, arrow.id)
        names.setdefault(arrow.id, triple)


def _gates(draft: Draft) -> Iterator[Fault]:
    needed = {(a.parent, a.child) for a in draft.arrows if a.kind == "requires"}
    for arrow in draft.arrows:
        pair = (arrow.parent, arrow.child)
        if arrow.kind == "prevents" and pair in needed and arrow.parent:
            yield Fault(
                f"'{arrow.child}' both requires '{arrow.parent}' and is prevented by it, so it "
                "can never happen",
                "Keep one of the two links.",
                field=f"links.{arrow.id}",
            )


def _deadlocks(draft: Draft) -> Iterator[Fault]:
    """Check for events that wait for each other: each requires the next, and none starts on."""
    needs: dict[str, list[Arrow]] = {}
    stated = [event for event in draft.events.values() if event is not None]
    formed = [Arrow("", g.parent, g.child, g.kind) for event in stated for g in gates_of(event)]
    for arrow in (*draft.arrows, *formed):
        if (
            arrow.kind == "requires"
            and arrow.parent != arrow.child
            and _starts_off(draft.names.get(arrow.parent))
        ):
            needs.setdefault(arrow.child, []).append(arrow)
    for circle in _circles(needs):
        chain = " requires ".join(f"'{arrow.child}'" for arrow in circle)
        yield Fault(
            f"'{circle[0].child}' requires itself ({chain} requires '{circle[0].child}'), so "
            "none of them can ever happen",
            "Remove one of these links, or let one of the events be on initially.",
            field=f"links.{next((arrow.id for arrow in circle if arrow.id), '')}",
        )


def _starts_off(event: Event | None) -> bool:
    return event is not None and event.initially is False


def _circles(needs: dict[str, list[Arrow]]) -> Iterator[Sequence[Arrow]]:
    """Yield one circle of arrows for each group of events that wait for each other."""
    done: set[str] = set()
    for first, arrows in needs.items():
        path: list[Arrow] = []
        trail = [iter(arrows)] if first not in done else []
        on_path = {first: 0}
        while trail:
            arrow = next(trail[-1], None)
            if arrow is None:
                trail.pop()
                done.add(path[-1].parent if path else first)
                if path:
                    on_path.pop(path.pop().parent, None)
            elif arrow.parent in on_path:
                yield [*path[on_path[arrow.parent] :], arrow]
            elif arrow.parent in needs and arrow.parent not in done:
                path.append(arrow)
                on_path[arrow.parent] = len(path)
                trail.append(iter(needs[arrow.parent]))


def _strengths(draft: Draft) -> Iterator[Fault]:
    """Check conditional beliefs against the child's base rate."""
    for arrow in draft.arrows:
        child = draft.names.get(arrow.child)
        if arrow.link is None or child is None or child.rate is None or draft.start is None:
            continue
        try:
            child.rate.prior(draft.start)
        except InputError:
            continue
        field = "extra_rate" if arrow.kind == "causes" else "hazard_ratio"
        try:
            strength_prior(arrow.link, child, draft.start)
        except InputError as error:
            shown = str(getattr(arrow.link, field))
            path = f"links.{arrow.id}.{field}"
            yield from (replace(fault, field=path, value=shown) for fault in error.faults)


def type_faults(source_types: Iterable[str], sources: Mapping[str, str]) -> Iterator[Fault]:
    """Yield a fault for each source whose type (empty if broken) is not among the types."""
    known = list(source_types)
    for name, kind in sources.items():
        if kind and kind not in known:
            yield Fault(
                "there is no such type of source",
                did_you_mean(kind, known) or "Add it under 'types'.",
                field=f"sources.{name}.type",
                value=kind,
            )
