"""Decisions: those that may end without an outcome, and those that are stated as a race."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from math import expm1, fsum
from typing import NamedTuple

from forecast.errors import Fault
from forecast.network._event import Event
from forecast.network._implied import Implied
from forecast.network._network import Network
from forecast.network._nodes import names_of
from forecast.network._wording import percent
from forecast.time import DAYS_PER_YEAR

A_FEW_DAYS = 3 / DAYS_PER_YEAR
ALL = 0.98
"""A race that is over with this chance leaves nothing for a further outcome."""


class Shuts(NamedTuple):
    """A gate that is shut while its parent is on, or off."""

    link: str
    parent: str
    on: bool


def without_an_outcome(implied: Implied) -> Iterator[Fault]:
    """Yield the decisions all of whose outcomes can be shut out at one time."""
    network = implied.network
    for event in network.events:
        if event.kind != "decision" or event.outcomes is None:
            continue
        gates: dict[str, list[Shuts]] = {name: [] for name in names_of(event)}
        for link in network.links:
            for child in network.children(link) if link.kind in ("requires", "prevents") else ():
                if child in gates:
                    gates[child].append(Shuts(link.id, link.parent, link.kind == "prevents"))
        shut = next((each for each in product(*gates.values()) if _can_be(each, network)), None)
        if shut is not None:
            yield _shut_fault(event, shut)


def _can_be(gates: Sequence[Shuts], network: Network) -> bool:
    """Return whether all of these gates can be shut at one time."""
    states = {gate.parent: gate.on for gate in gates}
    if any(states[gate.parent] != gate.on for gate in gates):
        return False
    for one, other in combinations([name for name, on in states.items() if on], 2):
        decided = network.stated(one)
        if decided.kind == "decision" and decided.id == network.stated(other).id:
            return False  # of one decision no two outcomes come
    off = {name for name, on in states.items() if not on}
    stated = {network.stated(name).id for name in off}
    decisions = [network.stated(name) for name in stated]
    return not any(
        event.kind == "decision" and off.issuperset(names_of(event)) for event in decisions
    )


def _shut_fault(event: Event, shut: Sequence[Shuts]) -> Fault:
    states = {gate.parent: "on" if gate.on else "off" for gate in shut}
    while_ = " and ".join(f"'{name}' is {state}" for name, state in states.items())
    links = ", ".join(f"'{name}'" for name in dict.fromkeys(gate.link for gate in shut))
    chances = ", ".join(
        f"{name}: {'…' if belief is None else belief}" for name, belief in event.outcomes.chances
    ) if event.outcomes is not None else ""  # fmt: skip
    return Fault(
        f"no outcome is left while {while_} ({links}), and exactly one is to come: the decision "
        "then falls without one",
        "If it may fall otherwise, add an outcome that no link shuts out, such as "
        f"'outcomes: {{{chances}, none: the rest}}'; if the links only make outcomes less likely, "
        "write 'kind: multiplies' and 'odds_ratio: x0.2 [0.05, 0.5]' in them.",
        field=f"events.{event.id}.outcomes",
    )


def as_races(implied: Implied) -> Iterator[Fault]:
    """Yield the onsets that shut each other out within a few days: a decision, stated as a race."""
    network = implied.network
    apart = {(k.parent, k.child) for k in network.links if k.kind == "prevents" and k.delay is None}
    short = [event for event in network.events if _falls(event, implied)]
    done: set[str] = set()
    for event in short:
        rivals = [
            other
            for other in short
            if other.windows == event.windows
            and {(event.id, other.id), (other.id, event.id)} <= apart
        ]
        group = [event, *rivals]
        if rivals and event.id not in done:
            done |= {each.id for each in group}
            yield _race_fault(group, network, implied)


def _falls(event: Event, implied: Implied) -> bool:
    """Return whether an onset can come within a few days alone."""
    if event.kind != "onset" or event.rate is None or not event.windows or event.outside_windows:
        return False
    open_ = [window for window in event.windows if window.weight > 0]
    days = fsum((window.end - window.start).days + 1 for window in open_)
    return days / DAYS_PER_YEAR <= A_FEW_DAYS and implied.exposure(event) > 0


def _race_fault(group: Sequence[Event], network: Network, implied: Implied) -> Fault:
    first = group[0]
    hazards = {
        event.id: event.rate.prior(network.start).median() * implied.exposure(event)
        for event in group
        if event.rate is not None
    }
    total = fsum(hazards.values())
    any_ = -expm1(-total)
    shares = {name: hazard / total for name, hazard in hazards.items()}
    names = list(shares)
    if any_ >= ALL:
        told = [f"{name}: {percent(shares[name])}" for name in names[:-1]]
        told.append(f"{names[-1]}: the rest")
    else:
        told = [f"{name}: {percent(share * any_)}" for name, share in shares.items()]
        told.append("none: the rest")
    rivals = " and ".join(f"'{event.id}'" for event in group[1:])
    return Fault(
        f"can come on {first.windows[0].start} alone, and it and {rivals} shut each other out: a "
        "race of rates, for what is decided on a day",
        f"State one decision: 'kind: decision', 'on: {first.windows[0].start}', 'outcomes: "
        f"{{{', '.join(told)}}}'; its outcomes are events, such as 'vote.{first.id}'.",
        field=f"events.{first.id}.windows",
    )
