"""Nodes: the onsets, states and facts that stated events stand for.

What people state is shorter than what the engine needs. Most events are a node as they stand.

============================  ======================================================================
``known: within …``           ``ID``, and ``ID.confirmed``: an onset that requires it, known at once
``kind: decision``            one onset per outcome, each of which prevents the others: a race that
                              is over at once, with the odds that are stated
``kind: repeated``            ``ID``, ``ID.2``, …: onsets, each of which requires the one before
``ever``, ``pace``            ``ID`` at the rate of its pace, behind a hidden fact that it requires
``kind: fact``, ``outcomes``  one fact per value, ``ID.value``, of which exactly one is true
============================  ======================================================================

A race: while a decision falls, outcome k comes at the rate S w_k, and all others are then shut out.
Whatever S is, k wins with probability w_k / Σ w, and a link that multiplies its rate multiplies its
odds. On a day, S is so large that the race is over within the day with probability 1 − 10⁻⁶, even
where links hold all outcomes back; at another event's onset half are over within eight hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from typing import Any, Literal, NamedTuple

from forecast.network._belief import ProbabilityBelief
from forecast.network._event import Event, Window
from forecast.network._link import Link
from forecast.network._prior import Fixed, LogNormal
from forecast.time import DAYS_PER_YEAR

ON_A_DAY, AT_AN_ONSET = 20.0, 2.0
"""A race's rate per day: on a day it is over by midnight but for e⁻²⁰, else half are in 8 hours."""
SURE = 0.9973  # the central range within which a link's strength, or a weight, is taken to lie
CONFIRMED = "confirmed"

type GateKind = Literal["requires", "prevents"]


class Gate(NamedTuple):
    """A gate between two nodes of one stated event, or to what it is decided by."""

    kind: GateKind
    parent: str
    child: str


class Node(Event):
    """A node of an event that is stated in a shorter form.

    Parameters
    ----------
    of
        The stated event.
    like
        The node whose rate it has, as one uncertain number; its own id where it has its own.
    scale
        Of an outcome, what its weight is multiplied with, per year; else 0.
    weight
        Of an outcome, the prior of its weight.
    ever
        The chance that it ever comes, where that was stated: a hidden fact that it requires.
    implies
        Nodes that are on when this one is.
    rivals
        Nodes of which none can come beside this one.
    """

    of: str = ""
    like: str = ""
    scale: float = 0.0
    weight: Any = None
    implies: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class HiddenFact:
    """Whether an event ever comes: a fact that it requires, and that nobody is shown.

    Parameters
    ----------
    name
        Its name among the engine's events.
    event
        The event that requires it.
    chance
        Its probability.
    """

    name: str
    event: str
    chance: ProbabilityBelief


def names_of(event: Event) -> tuple[str, ...]:
    """Return the names by which an event, or what follows from it, is asked for."""
    if event.kind == "decision" or event.values:
        return tuple(f"{event.id}.{name}" for name in event.values)
    times = [event.id]
    if event.kind == "repeated":
        times += [f"{event.id}.{k}" for k in range(2, event.up_to + 1)]
    confirmed = [f"{name}.{CONFIRMED}" for name in times if event.lag is not None]
    return (*times, *confirmed)


def children_of(event: Event, child: str) -> tuple[str, ...]:
    """Return the nodes that a link into a stated event acts on, or into one of its nodes.

    A link into what is repeated acts each time, one into a decision on every outcome.
    """
    if child != event.id or event.kind not in ("decision", "repeated"):
        return (child,)
    return tuple(name for name in names_of(event) if not name.endswith(f".{CONFIRMED}"))


def gates_of(event: Event) -> tuple[Gate, ...]:
    """Return the gates that follow from the form in which an event is stated."""
    names = children_of(event, event.id)
    gates: list[Gate] = []
    if event.kind == "decision":
        gates += [Gate("prevents", one, other) for one in names for other in names if one != other]
        if event.on is not None and event.day is None:
            gates += [Gate("requires", event.on, name) for name in names]
    if event.kind == "repeated":
        gates += [Gate("requires", one, two) for one, two in pairwise(names)]
    if event.lag is not None:
        known = [f"{name}.{CONFIRMED}" for name in names]
        gates += [Gate("requires", one, two) for one, two in zip(names, known, strict=True)]
        gates += [Gate("requires", one, two) for one, two in pairwise(known)]
    return tuple(gates)


def hidden_fact_of(event: Event) -> HiddenFact | None:
    """Return the fact that decides whether an event ever comes, where that was stated."""
    return None if event.ever is None else HiddenFact(f"{event.id}.ever", event.id, event.ever)


def nodes_of(event: Event, links: Sequence[Link] = ()) -> tuple[Event, ...]:
    """Return the nodes of an event: itself, if it is an onset, state or fact as it stands.

    Parameters
    ----------
    event
        The event.
    links
        The links of its network: by how much they can hold the outcomes of a decision back.
    """
    if event.kind == "decision":
        return tuple(_outcomes(event, links))
    if event.kind == "fact" and event.values:
        return tuple(_values(event))
    if event.kind != "repeated" and event.lag is None and event.ever is None:
        return (event,)
    found = [_node(event, event.id, rate=event.pace or event.rate)]
    found += [_again(event, k) for k in range(2, event.up_to + 1) if event.kind == "repeated"]
    if event.lag is not None:
        found += [_confirmation(event, node) for node in tuple(found)]
    return tuple(found)


def _node(event: Event, name: str, **changes: object) -> Node:
    stated = {field: getattr(event, field) for field in Event.model_fields}
    kind = event.kind if event.kind in ("state", "fact") else "onset"
    own = {"id": name, "kind": kind, "of": event.id, "like": name}
    return Node.model_construct(**{**stated, **own, **changes})


def _again(event: Event, times: int) -> Node:
    second = times == 2  # noqa: PLR2004
    before = event.id if second else f"{event.id}.{times - 1}"
    as_before = event.rate_after is None
    return _node(
        event,
        f"{event.id}.{times}",
        title=f"{event.title or event.id}, at least {'twice' if second else f'{times} times'}",
        rate=event.rate if as_before else event.rate_after,
        like=event.id if as_before else f"{event.id}.2",
        initially=False,
        implies=(before,),
    )


def _confirmation(event: Event, node: Node) -> Node:
    return _node(
        event,
        f"{node.id}.{CONFIRMED}",
        title=f"{node.title or node.id}, confirmed",
        kind="onset",
        rate=event.lag,
        like=f"{event.id}.{CONFIRMED}",
        public=True,
        initially=False,
        ever=None,
        windows=(),
        outside_windows=0.0,
        implies=(node.id, *(f"{one}.{CONFIRMED}" for one in getattr(node, "implies", ()))),
    )


def _outcomes(event: Event, links: Sequence[Link]) -> Iterable[Node]:
    assert event.outcomes is not None  # noqa: S101 - the event has checked it
    day, names = event.day, names_of(event)
    scale = (AT_AN_ONSET if day is None else ON_A_DAY) * DAYS_PER_YEAR
    scale *= exp(-min(0.0, _held_back(event, links)))
    windows = () if day is None else (Window(start=day, end=day, weight=1.0),)
    weights = _weights(event)
    for outcome, name in zip(event.outcomes.names, names, strict=True):
        yield _node(
            event,
            name,
            title=f"{event.title or event.id}: {outcome.replace('_', ' ')}",
            public=False,
            windows=windows,
            outside_windows=0.0,
            scale=scale,
            weight=weights[name],
            rivals=tuple(other for other in names if other != name),
        )


def _values(event: Event) -> Iterable[Node]:
    """Yield a node for each value of a fact."""
    names = names_of(event)
    for name in names:
        value = name.split(".", maxsplit=1)[1]
        yield _node(
            event,
            name,
            title=f"{event.title or event.id}: {value.replace('_', ' ')}",
            outcomes=None,
            given=(),
            table=(),
            rivals=tuple(other for other in names if other != name),
        )


def _held_back(event: Event, links: Sequence[Link]) -> float:
    """Return the logarithm of the least that the weights come to, whichever parents are on.

    Of the outcome that can be held back least; where every outcome has a gate of its own, all but
    the least likely may be shut.
    """
    assert event.outcomes is not None  # noqa: S101 - the event has checked it
    least = {name: [_low(prior), 0] for name, prior in _weights(event).items()}
    for link in links:
        for child in children_of(event, link.child):
            if child not in least:
                continue
            if link.kind in ("requires", "prevents"):
                least[child][1] += child == link.child
            elif link.odds_ratio is not None:
                least[child][0] += min(0.0, _low(link.odds_ratio.prior()))
    free = [low for low, gates in least.values() if not gates]
    return max(free) if free else min(low for low, _ in least.values())


def _weights(event: Event) -> dict[str, Fixed | LogNormal]:
    assert event.outcomes is not None  # noqa: S101 - the event has checked it
    return dict(zip(names_of(event), event.outcomes.weight_priors.values(), strict=True))


def _low(prior: Fixed | LogNormal) -> float:
    return log(prior.interval(SURE)[0])
