"""A network that may still be faulty, and the checks across its objects.

Some objects of a draft may be broken and stand by name alone, so that one broken event does not
make every link to it look wrong.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from forecast.errors import Fault, InputError, did_you_mean
from forecast.network._event import Event
from forecast.network._link import Link, default_id, strength_prior


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
    return [
        *_span(draft),
        *_no_events(draft),
        *_dates(draft),
        *_ends(draft),
        *_repeated_links(draft),
        *_gates(draft),
        *_deadlocks(draft),
        *_strengths(draft),
        *type_faults(draft.source_types, draft.sources),
    ]


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


def _dates(draft: Draft) -> Iterator[Fault]:
    """Check that windows lie within the network's period, and days of beliefs after its start."""
    for name, event in draft.events.items():
        if event is None:
            continue
        yield from _windows_within(draft, event)
        for field in ("rate", "off_rate"):
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


def _prior_fault(draft: Draft, event: Event, path: str, field: str) -> Iterator[Fault]:
    belief = event.rate if field == "rate" else event.off_rate
    if belief is None or draft.start is None:
        return
    try:
        belief.prior(draft.start)
    except InputError as error:
        yield from (replace(fault, field=path, value=str(belief)) for fault in error.faults)


def _ends(draft: Draft) -> Iterator[Fault]:
    for arrow in draft.arrows:
        for end, name in (("parent", arrow.parent), ("child", arrow.child)):
            if name and name not in draft.events:
                yield Fault(
                    "there is no such event",
                    did_you_mean(name, draft.events),
                    field=f"links.{arrow.id}.{end}",
                    value=name,
                )
        child = draft.events.get(arrow.child)
        if child is not None and child.kind == "fact":
            yield Fault(
                "the child is a fact, which is true or false from the start, so nothing affects it",
                "Reverse the link, or make the child an onset or a state.",
                field=f"links.{arrow.id}.child",
                value=arrow.child,
            )


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
    for arrow in draft.arrows:
        if (
            arrow.kind == "requires"
            and arrow.parent != arrow.child
            and _starts_off(draft, arrow.parent)
        ):
            needs.setdefault(arrow.child, []).append(arrow)
    for circle in _circles(needs):
        chain = " requires ".join(f"'{arrow.child}'" for arrow in circle)
        yield Fault(
            f"'{circle[0].child}' requires itself ({chain} requires '{circle[0].child}'), so "
            "none of them can ever happen",
            "Remove one of these links, or let one of the events be on initially.",
            field=f"links.{circle[0].id}",
        )


def _starts_off(draft: Draft, name: str) -> bool:
    event = draft.events.get(name)
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
        child = draft.events.get(arrow.child)
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
