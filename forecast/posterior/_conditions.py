"""What is supposed of events: conditions and interventions, read, checked and made.

People write conditions on a line as ``troops``, ``not:troops`` or ``troops=2024-10-01``.

An event that is brought about from outside follows, from the cut-off on, the path that it is given.
Its own rates and all links into it are gone; links out of it stay. What it did until then stays as
it was found. What several nodes of one stated event say is of one thing: an outcome that is brought
about excludes the others for good, a second time has a first, and without a first there is none.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import numpy as np

from forecast.engine._problem import Parameters
from forecast.errors import QueryError, did_you_mean
from forecast.model._lower import Lowered
from forecast.network import Event, Network
from forecast.network._nodes import CONFIRMED, Node
from forecast.posterior._calendar import Calendar
from forecast.posterior._exact import Case, Point
from forecast.time import Day, DayError, day_label, parse_instant

type State = Literal["on", "off"] | bool
type Supposed = State | Day
type Condition = Supposed | tuple[State, Day]

STATES: dict[object, bool] = {True: True, False: False, "on": True, "off": False}
HOW = "Write 'on' or 'off' (or True or False), or the day of its onset such as '2024-10-01'"
FORMS = (
    "Write 'event' (on at the deadline), 'not:event' (off at the deadline), 'event=2024-10-01' "
    "(its onset is on that day) or 'event=off@2024-10-01' (off at the end of that day)"
)
NOT = "not:"


class Imposed(NamedTuple):
    """An event is held off from the cut-off on, and on from a time on (infinite: never)."""

    event: int
    on_from: float


def check_event(network: Network, event: str) -> Event:
    """Return an event of a network.

    Raises
    ------
    QueryError
        If there is none of that name.
    """
    found = next((known for known in network.nodes if known.id == event), None)
    if found is None:
        ids = [known.id for known in network.nodes]
        msg = f"the network has no event '{event}'. {did_you_mean(str(event), ids)}"
        raise QueryError(msg)
    return found


def read_given(
    given: Mapping[str, Condition], network: Network, calendar: Calendar, by: datetime
) -> list[Point]:
    """Return conditions as points, by event and time."""
    index = {event.id: i for i, event in enumerate(network.nodes)}
    points: list[Point] = []
    for name, value in _pairs(given, "given"):
        event = check_event(network, name)
        state, day = _split(event, value)
        if day is None:
            assert state is not None  # noqa: S101 - one of the two is there
            points.append(Point(index[name], calendar.years(by), state))
        elif state is not None:
            at = calendar.years(calendar.deadline(day))
            points.append(Point(index[name], at, state))
        else:
            points += _onset(event, index[name], day, calendar)
    return points


def read_do(given: Mapping[str, Supposed], network: Network, calendar: Calendar) -> list[Imposed]:
    """Return interventions, and those that follow from them, in the order of the events."""
    index = {event.id: i for i, event in enumerate(network.nodes)}
    imposed: dict[str, float] = {}
    follows: dict[str, tuple[float, str]] = {}
    for name, value in _pairs(given, "do"):
        event = check_event(network, name)
        _refuse_settled(name, network)
        state, day = _split(event, value)
        if state is not None and day is not None:
            msg = (
                f"do: '{name}' is imposed either for all time from as_of on ('on' or 'off') or "
                "from a date on: give one of the two"
            )
            raise QueryError(msg)
        if day is None:
            on_from = calendar.years(calendar.as_of) if state else float("inf")
        else:
            on_from = calendar.years(_not_before(calendar.as_of, day, calendar, name))
        imposed[name] = on_from
        if isinstance(event, Node):
            if state is None:
                _check_day(event, network)
            follows |= {other: (when, name) for other, when in _following(event, network, on_from)}
    for other, (when, name) in follows.items():
        if imposed.setdefault(other, when) != when:
            msg = (
                f"do: '{name}' and '{other}' cannot both be so: they are outcomes of one decision, "
                "or times of one thing. Give one of the two"
            )
            raise QueryError(msg)
    return sorted(Imposed(index[name], on_from) for name, on_from in imposed.items())


def _times(node: Node, network: Network) -> tuple[list[str], list[str]]:
    """Return the times of what is repeated, or of its confirmations, before this one and after."""
    confirmed = node.id.endswith(f".{CONFIRMED}")
    same = [
        other.id
        for other in network.nodes
        if isinstance(other, Node)
        and other.of == node.of
        and other.id.endswith(f".{CONFIRMED}") == confirmed
    ]
    place = same.index(node.id)
    return same[:place], same[place + 1 :]


def _check_day(node: Node, network: Network) -> None:
    if not node.rivals and _times(node, network)[0]:
        msg = (
            f"do: '{node.id}' cannot be made to come on a day, since it is not said when the times "
            "before it come. Write 'on' (from as_of on) or 'off', or give the day of the first one"
        )
        raise QueryError(msg)


def _following(node: Node, network: Network, on_from: float) -> Iterable[tuple[str, float]]:
    """Yield what is imposed on other nodes of one stated event, as a node is."""
    never = on_from == np.inf
    if node.rivals:
        return () if never else [(other, np.inf) for other in node.rivals]
    before, after = _times(node, network)
    return [(other, on_from) for other in (after if never else before)]


def _pairs(given: object, what: str) -> Iterable[tuple[str, Condition]]:
    if not isinstance(given, Mapping):
        msg = f"{what} maps events to what is supposed of them, such as {{'pact': 'on'}}. {HOW}"
        raise QueryError(msg)
    return given.items()


def _split(event: Event, value: Condition) -> tuple[bool | None, Day | None]:
    """Return the state and the day of a condition, either of them None where it is not given."""
    if isinstance(value, tuple):
        if len(value) != 2 or value[0] not in STATES:  # noqa: PLR2004
            msg = f"'{event.id}': a state at a date is a pair such as ('off', '2024-10-01')"
            raise QueryError(msg)
        return STATES[value[0]], value[1]
    if isinstance(value, bool) or (isinstance(value, str) and value in STATES):
        return STATES[value], None
    try:
        parse_instant(value)
    except DayError:
        msg = f"'{event.id}': {value!r} is neither a state nor a date. {HOW}"
        raise QueryError(msg) from None
    return None, value


def _not_before(first: datetime, day: Day, calendar: Calendar, name: str) -> datetime:
    instant = parse_instant(day)
    if instant < first:
        msg = (
            f"do: '{name}' cannot be made to start by {day_label(instant)}: an intervention is "
            f"from as_of ({day_label(calendar.as_of)}) on, and what is past is not undone. Give a "
            f"later date, or ask a posterior as of an earlier one"
        )
        raise QueryError(msg)
    return calendar.deadline(day)


def _onset(event: Event, index: int, day: Day, calendar: Calendar) -> list[Point]:
    """Return the two points of an onset on a day: off as it begins, on as it ends."""
    if event.kind == "fact":
        msg = f"'{event.id}' is a fact and has no onset: write 'on' or 'off'"
        raise QueryError(msg)
    begin, end = parse_instant(day, edge="start"), parse_instant(day)
    if begin == end:
        msg = f"'{event.id}': an onset has a day, without a time of it (got {day})"
        raise QueryError(msg)
    calendar.deadline(day)
    begin = max(begin, calendar.start)
    return [
        Point(index, calendar.years(begin), on=False),
        Point(index, calendar.years(end), on=True),
    ]


def read_conditions(texts: Iterable[str]) -> dict[str, Condition]:
    """Return conditions by event.

    Parameters
    ----------
    texts
        One condition each, or several with commas between them: ``event`` or ``event=on``,
        ``not:event`` or ``event=off``, ``event=DATE`` or ``event@DATE``, ``event=on@DATE``,
        ``event=off@DATE`` or ``not:event@DATE``.

    Raises
    ------
    QueryError
        If one is of another form, or an event stands twice. Whether there is such an event, and
        whether the date can be asked for, is checked where the question is put.

    Examples
    --------
    >>> read_conditions(["troops=2024-10-01, not:pact", "office=off@2024-09-30"])
    {'troops': '2024-10-01', 'pact': 'off', 'office': ('off', '2024-09-30')}
    """
    found: dict[str, Condition] = {}
    for text in (part.strip() for whole in texts for part in whole.split(",")):
        event, condition = _read(text)
        if event in found:
            msg = f"'{event}' is supposed twice: give one condition for each event"
            raise QueryError(msg)
        found[event] = condition
    return found


def write_condition(event: str, condition: object) -> str:
    """Return a condition as text that `read_conditions` takes.

    Examples
    --------
    >>> write_condition("troops", "off"), write_condition("troops", ("on", "2024-10-01"))
    ('not:troops', 'troops=on@2024-10-01')
    """
    if isinstance(condition, tuple):
        return f"{event}={condition[0]}@{condition[1]}"
    return {"on": event, "off": NOT + event}.get(str(condition), f"{event}={condition}")


def _read(text: str) -> tuple[str, Condition]:
    negated = text.startswith(NOT)
    body = text.removeprefix(NOT).strip()
    place = min((body.find(mark) for mark in "=@" if mark in body), default=len(body))
    event, mark, what = body[:place].strip(), body[place : place + 1], body[place + 1 :].strip()
    if not event or (mark and not what):
        raise _unreadable(text)
    if not mark:
        return event, "off" if negated else "on"
    state, at, day = what.partition("@") if mark == "=" else ("", "@", what)
    if state in {"on", "off"}:
        if negated:
            raise _unreadable(text)
        return event, (state, _day(day, text)) if at else state  # type: ignore[return-value]
    if mark == "=" and at:
        raise _unreadable(text)
    day = _day(day if mark == "@" else state, text)
    return event, ("off", day) if negated else day


def _day(text: str, whole: str) -> str:
    try:
        parse_instant(text.strip())
    except DayError:
        raise _unreadable(whole) from None
    return text.strip()


def _unreadable(text: str) -> QueryError:
    return QueryError(f"'{text[:80]}' is no condition. {FORMS}")


def _refuse_settled(name: str, network: Network) -> None:
    """Refuse to bring about a fact that depends on others, or that others depend on."""
    for family in network.families:
        nodes = {node for parent in family.parents for node in parent.nodes}
        if name in family.nodes or name in nodes:
            msg = (
                f"do: '{name}' is a fact that hangs together with others, and all of them are "
                "settled from the start: what would follow from making it so is not stated. Ask "
                f"what follows from learning it, with given={{'{name}': 'on'}}"
            )
            raise QueryError(msg)


def path_of(imposed: Imposed, now: float) -> list[tuple[float, float, int]]:
    """Return what is imposed on an event as spans: from when, to when, which state."""
    if imposed.on_from <= now:
        return [(now, np.inf, 1)]
    if imposed.on_from == np.inf:
        return [(now, np.inf, 0)]
    return [(now, imposed.on_from, 0), (imposed.on_from, np.inf, 1)]


def in_time(theta: Parameters, lowered: Lowered, imposed: Sequence[Imposed]) -> Parameters:
    """Return parameters by which a decision falls on its day though an outcome is ruled out.

    The race between those that are left goes as fast as it did with all: else a favourite that is
    ruled out would leave it undecided at midnight.
    """
    never = {lowered.events[one.event] for one in imposed if one.on_from == np.inf}
    rates, done = theta.base_rate.copy(), set[str]()
    for node in lowered.network.nodes:
        if not isinstance(node, Node) or node.of in done or not (node.rivals and node.windows):
            continue
        done.add(node.of)
        names = (node.id, *node.rivals)
        ahead = parse_instant(node.windows[0].start, edge="start") >= lowered.as_of
        if ahead and never.intersection(names) and not never.issuperset(names):
            every = [lowered.events.index(name) for name in names]
            left = [lowered.events.index(name) for name in names if name not in never]
            sums = (rates[:, which].sum(axis=1, keepdims=True) for which in (every, left))
            rates[:, left] *= np.divide(*sums)
    return theta._replace(base_rate=rates)


def intervened(case: Case, imposed: Sequence[Imposed], opening: Sequence[int] = ()) -> Case:
    """Return a case after an intervention.

    Parameters
    ----------
    case
        As it was found.
    imposed
        The intervention.
    opening
        The first rows of dated onsets: each says nothing where the row after it says nothing.
    """
    if not imposed:
        return case
    record, events = case.record, [one.event for one in imposed]
    known = np.isin(record.known_event, events)
    later = known & (record.known_from >= case.now) & (record.known_to > case.now)
    to = np.where(known, np.minimum(record.known_to, case.now), record.known_to)
    rows = [(one.event, *span) for one in imposed for span in path_of(one, case.now)]
    event, begin, end, value = (np.array(column) for column in zip(*rows, strict=True))
    keep = ~later
    new = record._replace(
        known_event=np.append(record.known_event[keep], event).astype(np.int64),
        known_from=np.append(record.known_from[keep], begin),
        known_to=np.append(to[keep], end),
        known_value=np.append(record.known_value[keep], value).astype(np.int64),
        imposed=np.append(np.zeros(int(keep.sum()), dtype=np.bool_), np.ones(len(rows), np.bool_)),
    )
    own = np.isin(record.item_event, events) & (record.item_time > case.now)
    unheard = {*np.flatnonzero(own).tolist(), *(i for i in opening if own[i + 1])}
    return case._replace(record=new, unheard=frozenset(unheard))
