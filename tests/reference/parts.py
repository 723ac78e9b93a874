"""Parts of a joint state: what each stated event can be in, and the names that it is asked by.

An event that ever comes or never has a part for that, drawn at the start; what is confirmed has one
for the confirmation. What is repeated is one part that counts; a decision is one part: undecided,
or one of its outcomes. So what excludes or implies what needs no rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from forecast.network import Event, Network
from tests.reference.clock import years

__all__ = ["AN_ONSET", "A_DAY", "Named", "Part", "day_of", "named", "parts_of", "speed", "times_of"]

A_DAY, AN_ONSET = 20.0, 2.0
"""How fast a decision falls, per day, at the least: on its day, and once another event has come."""
SURE = 0.9973  # the central range within which a weight or a ratio is taken to lie
DAYS = 365.25

type Role = Literal["itself", "ever", "confirmed"]


@dataclass(frozen=True)
class Part:
    """One part of a joint state.

    Parameters
    ----------
    event
        The stated event.
    role
        The event itself, whether it ever comes, or its confirmation.
    size
        How many values it has.
    """

    event: Event
    role: Role
    size: int

    @property
    def id(self) -> str:
        """The name of the part."""
        return self.event.id if self.role == "itself" else f"{self.event.id}.{self.role}"


@dataclass(frozen=True)
class Named:
    """What is asked for by a name: that a part has a value (or at least that).

    Parameters
    ----------
    name
        The name.
    part
        The name of the part.
    value
        The value.
    exactly
        Whether a larger value is something else.
    kind
        Onset, state or fact.
    public
        Whether every change is known at once.
    """

    name: str
    part: str
    value: int
    exactly: bool
    kind: str
    public: bool


def times_of(event: Event) -> int:
    """How often an event is told to have happened."""
    return event.up_to if event.kind == "repeated" else 1


def parts_of(event: Event) -> Iterator[Part]:
    """The parts of an event."""
    if event.kind == "decision":
        assert event.outcomes is not None
        yield Part(event, "itself", len(event.outcomes.names) + 1)
        return
    yield Part(event, "itself", times_of(event) + 1)
    if event.ever is not None:
        yield Part(event, "ever", 2)
    if event.lag is not None:
        yield Part(event, "confirmed", times_of(event) + 1)


def named(event: Event) -> Iterator[Named]:
    """The names by which an event, or what follows from it, is asked for."""
    if event.kind == "decision":
        assert event.outcomes is not None
        for k, outcome in enumerate(event.outcomes.names, start=1):
            yield Named(f"{event.id}.{outcome}", event.id, k, True, "onset", False)
        return
    kind = "onset" if event.kind == "repeated" else event.kind
    public = event.public and kind != "fact" and event.lag is None
    times = range(1, times_of(event) + 1)
    names = [event.id if k == 1 else f"{event.id}.{k}" for k in times]
    for k, name in zip(times, names, strict=True):
        yield Named(name, event.id, k, False, kind, public)
    if event.lag is not None:
        for k, name in zip(times, names, strict=True):
            yield Named(f"{name}.confirmed", f"{event.id}.confirmed", k, False, "onset", True)


def day_of(network: Network, event: Event) -> tuple[float, float] | None:
    """When a decision on a day falls, and when that day ends; None of others.

    No more is stated than the day. It is set to when the race that the library runs is over on
    average, nothing acting on it: an hour or so after midnight.
    """
    if event.kind != "decision" or event.on is None or not event.on[0].isdigit():
        return None
    begin = years(network, event.on, edge="start")
    return begin + 1 / speed(network, event), years(network, event.on)


def speed(network: Network, event: Event) -> float:
    """How fast a decision falls in all, per year, nothing acting on it.

    At least at a stated pace, whatever acts on it, unless all gates are shut: its slowest case is
    that in which all that holds the outcomes back does so, but for the gate of one of them.
    """
    assert event.outcomes is not None
    assert event.on is not None
    weights = event.outcomes.weight_priors
    low = {k: prior.interval(SURE)[0] for k, prior in weights.items()}
    gated = set[str]()
    for link in network.links:
        outcome = link.child.removeprefix(f"{event.id}.")
        if outcome == link.child:
            continue
        if link.odds_ratio is not None:
            low[outcome] *= min(1.0, link.odds_ratio.prior().interval(SURE)[0])
        else:
            gated.add(outcome)
    free = [x for k, x in low.items() if k not in gated]
    slowest = max(free) if free else min(low.values())
    return (A_DAY if event.on[0].isdigit() else AN_ONSET) * DAYS / slowest
