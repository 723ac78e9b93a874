"""Families: each fact that depends on others, or has several values, with its parents and chances.

A family is a fact, the facts that it depends on, and for each combination of their values the
chances of its own. They are stated as a table, or by odds ratios:

    logit P(fact | parents) = logit(initially) + Σ log(odds ratio) over the parents that are on.

Families must not form a circle: then they are a Bayesian network, the joint start of all facts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from forecast.errors import Fault, did_you_mean
from forecast.network._event import Event
from forecast.network._link import Link
from forecast.network._nodes import names_of
from forecast.network._outcomes import REST
from forecast.network._prior import Prior
from forecast.network._table import TableRow, When

MOST_COMBINATIONS = 2**16
TOLD = 3  # combinations that a message lists
type Value = str | bool


@dataclass(frozen=True)
class Parent:
    """What a fact depends on: another fact, or one value of it.

    Parameters
    ----------
    name
        As it is stated.
    values
        False and true, or the names of its values.
    nodes
        For each value, the node that is on; empty for false.
    """

    name: str
    values: tuple[Value, ...]
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Chance:
    """One number of a family.

    Parameters
    ----------
    label
        What it is called among the parameters.
    prior
        Its prior: a probability, or the weight of one of several values.
    """

    label: str
    prior: Prior


@dataclass(frozen=True)
class Family:
    """A fact, what it depends on, and how likely it is.

    Parameters
    ----------
    event
        The fact.
    nodes
        Its own nodes: itself, or one for each of its values.
    parents
        What it depends on.
    rows
        The numbers of each row of the table: the chance of the one node, or the weight of each.
    row_of
        The row for each combination of parents' values, the last parent's running fastest.
    links
        In place of a table, the link of each parent, whose odds ratio counts while it is on.
    """

    event: str
    nodes: tuple[str, ...]
    parents: tuple[Parent, ...]
    rows: tuple[tuple[Chance, ...], ...] = ()
    row_of: tuple[int, ...] = ()
    links: tuple[str, ...] = ()


def is_joined(event: Event) -> bool:
    """Return whether a fact's chances stand in a table, or are those of several values."""
    return event.kind == "fact" and (event.table != () or event.outcomes is not None)


def parent_of(name: str, events: Mapping[str, Event | None]) -> Parent:
    """Return what a fact depends on, by its name."""
    event = events.get(name)
    if event is not None and event.values:
        return Parent(name, event.values, names_of(event))
    return Parent(name, (False, True), ("", name))


def families(events: Sequence[Event], links: Sequence[Link]) -> tuple[Family, ...]:
    """Return the families of a sound network, parents before children."""
    by_name = {event.id: event for event in events}
    found = {}
    for event in events:
        odds = [link for link in links if link.child == event.id and event.kind == "fact"]
        if is_joined(event):
            found[event.id] = _by_table(event, by_name)
        elif odds:
            parents = tuple(parent_of(link.parent, {}) for link in odds)
            names = tuple(link.id for link in odds)
            found[event.id] = Family(event.id, (event.id,), parents, links=names)
    order = _in_order({name: _named(family.parents) for name, family in found.items()})
    return tuple(found[name] for name in order if name in found)


def _named(parents: Iterable[Parent]) -> list[str]:
    return [parent.name.split(".", maxsplit=1)[0] for parent in parents]


def _by_table(event: Event, events: Mapping[str, Event | None]) -> Family:
    parents = tuple(parent_of(name, events) for name in event.given)
    rows = event.table or (_one_row(event),)
    row_of = tuple(found[0] for found in _rows_of(rows, parents))
    numbers = tuple(tuple(_chances(event, row, place)) for place, row in enumerate(rows))
    names = names_of(event) if event.values else (event.id,)
    return Family(event.id, names, parents, numbers, row_of)


def _one_row(event: Event) -> TableRow:
    return TableRow(when={}, outcomes=event.outcomes)


def _chances(event: Event, row: TableRow, place: int) -> Iterator[Chance]:
    where = _words(row.when, place) if event.table else ""
    if row.initially is not None:
        yield Chance(f"{event.id}{where}", row.initially.prior())
    elif row.outcomes is not None:
        weights = row.outcomes.weight_priors
        for name in event.values:
            yield Chance(f"{event.id}.{name}{where}", weights[name])


def _words(when: When, place: int) -> str:
    """Return for which values a row holds, as part of a label."""
    said = (f"{name}={_word(value)}" for name, value in when.values)
    return f" | {', '.join(said) or f'row {place + 1}'}"


def _word(value: Value) -> str:
    return value if isinstance(value, str) else "on" if value else "off"


def _rows_of(rows: Sequence[TableRow], parents: Sequence[Parent]) -> Iterator[list[int]]:
    """Yield the rows that hold for each combination of parents' values."""
    wanted = [dict(row.when.values) for row in rows]
    for values in product(*(parent.values for parent in parents)):
        here = dict(zip((parent.name for parent in parents), values, strict=True))
        yield [k for k, row in enumerate(wanted) if row.items() <= here.items()]


def _in_order(parents: Mapping[str, Iterable[str]]) -> list[str]:
    """Return names so that each comes after those it depends on; they form no circle."""
    found: dict[str, None] = {}
    for first in parents:
        stack = [(first, iter(parents[first]))]
        while stack:
            name, left = stack[-1]
            after = next((one for one in left if one in parents and one not in found), None)
            if after is None:
                found[name] = None
                stack.pop()
            else:
                stack.append((after, iter(parents[after])))
    return list(found)


# ---- Faults


def family_faults(
    events: Mapping[str, Event | None],
    names: Mapping[str, Event | None],
    links: Sequence[tuple[str, Link]],
) -> Iterator[Fault]:
    """Yield the faults between facts that depend on each other.

    Parameters
    ----------
    events
        The events as stated, None in place of a broken one.
    names
        Those and the nodes they stand for.
    links
        The sound links, each by the path of its field.
    """
    needs: dict[str, list[str]] = {}
    for name, event in events.items():
        if event is None or not is_joined(event):
            continue
        sound = True
        for place, parent in enumerate(event.given):
            faults = list(_parent_faults(name, parent, f"events.{name}.given.{place}", names))
            yield from faults
            sound = sound and not faults and names.get(parent) is not None
            needs.setdefault(name, []).append(parent.split(".", maxsplit=1)[0])
        if sound:
            yield from _table_faults(event, events)
    for path, link in links:
        child = names.get(link.child)
        if child is None or child.kind != "fact":
            continue
        faults = list(_link_faults(path, link, child, events, names))
        yield from faults
        if not faults:
            needs.setdefault(link.child, []).append(link.parent.split(".", maxsplit=1)[0])
    yield from _circle_faults(events, needs)


def _parent_faults(
    child: str, parent: str, field: str, names: Mapping[str, Event | None]
) -> Iterator[Fault]:
    stated = parent.split(".", maxsplit=1)[0]
    event = names.get(parent)
    if parent not in names:
        if stated in names and names[stated] is None:
            return  # broken, and told elsewhere
        yield Fault(
            "there is no such event", did_you_mean(parent, names), field=field, value=parent
        )
    elif stated == child:
        yield Fault(
            "a fact cannot depend on itself", "Name another fact.", field=field, value=parent
        )
    elif event is not None and event.kind != "fact":
        yield Fault(
            f"'{parent}' is of kind {event.kind}; a fact is settled from the start, so it can only "
            "depend on other facts",
            "Name a fact, or make the child an onset or a state and link the two.",
            field=field,
            value=parent,
        )


def _table_faults(event: Event, events: Mapping[str, Event | None]) -> Iterator[Fault]:
    """Check the rows of a table: each names parents and values, and each combination has one."""
    parents = {name: parent_of(name, events) for name in event.given}
    field, sound = f"events.{event.id}.table", True
    for place, row in enumerate(event.table):
        faults = list(_row_faults(event, row, parents))
        sound = sound and not faults
        yield from (
            Fault(f.problem, f.remedy, field=f"{field}.{place}{f.field}", value=f.value)
            for f in faults
        )
    size = prod(len(parent.values) for parent in parents.values())
    if size > MOST_COMBINATIONS:
        yield Fault(
            f"its parents have {size:,} combinations of values, and a table has at most "
            f"{MOST_COMBINATIONS:,}",
            "Let it depend on fewer facts, with a fact in between that sums some of them up.",
            field=field,
        )
    elif sound and event.table:
        yield from _combination_faults(event, list(parents.values()), field)


def _row_faults(event: Event, row: TableRow, parents: Mapping[str, Parent]) -> Iterator[Fault]:
    for name, value in row.when.values:
        at = f".when.{name}"
        if name not in parents:
            yield Fault(
                f"'{name}' is not among the facts that '{event.id}' depends on",
                did_you_mean(name, parents) or "Add it under given.",
                field=at,
            )
        elif value not in parents[name].values:
            choices = ", ".join(_shown(one) for one in parents[name].values)
            yield Fault(
                f"'{name}' has no such value",
                f"Write one of: {choices}.",
                field=at,
                value=_shown(value),
            )
    if not event.values and row.outcomes is not None:
        yield Fault(
            f"'{event.id}' is true or false by the first row, and this row has outcomes",
            "Let all rows have outcomes, or all of them initially.",
            field=".outcomes",
        )
    if event.values and row.initially is not None:
        yield Fault(
            f"'{event.id}' has several values by the first row, and this row has one chance",
            "Write the chance of each value, as 'outcomes: {low: 20%, high: the rest}'.",
            field=".initially",
        )
    if event.values and row.outcomes is not None:
        yield from _same_values(event.values, row.outcomes.names)


def _same_values(stated: tuple[str, ...], here: tuple[str, ...]) -> Iterator[Fault]:
    for name in here:
        if name not in stated:
            yield Fault(
                "the fact has no such value",
                did_you_mean(name, stated) or f"It has {', '.join(stated)}.",
                field=f".outcomes.{name}",
            )
    missing = [name for name in stated if name not in here]
    if missing:
        yield Fault(
            f"the chance of {', '.join(missing)} is missing",
            f"Add it; 0 is allowed, and one may be '{REST}'.",
            field=".outcomes",
        )


def _combination_faults(event: Event, parents: list[Parent], field: str) -> Iterator[Fault]:
    missing: list[str] = []
    twice: dict[tuple[int, int], str] = {}
    combinations = product(*(parent.values for parent in parents))
    for values, found in zip(combinations, _rows_of(event.table, parents), strict=True):
        named = zip((parent.name for parent in parents), values, strict=True)
        words = "{" + ", ".join(f"{name}: {_shown(value)}" for name, value in named) + "}"
        if not found:
            missing.append(words)
        elif len(found) > 1:
            twice.setdefault((found[0], found[1]), words)
    if missing:
        more = f" and {len(missing) - TOLD} more" if len(missing) > TOLD else ""
        yield Fault(
            f"no row says how likely '{event.id}' is when {', '.join(missing[:TOLD])}{more}",
            "Add a row for each; a row that leaves a parent out holds for all its values.",
            field=field,
        )
    for (one, two), words in twice.items():
        yield Fault(
            f"rows {one + 1} and {two + 1} both hold when {words}",
            "Let each combination of the parents' values belong to one row.",
            field=f"{field}.{two}",
        )


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _link_faults(
    path: str,
    link: Link,
    child: Event,
    events: Mapping[str, Event | None],
    names: Mapping[str, Event | None],
) -> Iterator[Fault]:
    """Check a link into a fact: it multiplies the odds, and its parent is a fact too."""
    stated = events.get(link.child.split(".", maxsplit=1)[0])
    parent = names.get(link.parent)
    if link.kind != "multiplies" or link.odds_ratio is None:
        yield Fault(
            "the child is a fact, which is settled from the start and has odds and no rate",
            "Write 'kind: multiplies' and 'odds_ratio: x3 [1.5, 6]', reverse the link, or make the "
            "child an onset or a state.",
            field=f"{path}.child",
            value=link.child,
        )
    elif stated is not None and is_joined(stated):
        why = "a table of chances" if stated.table else "several values"
        yield Fault(
            f"'{stated.id}' has {why}, so no odds ratio acts on it",
            f"Put '{link.parent}' among the facts under given, and its values into the table.",
            field=f"{path}.child",
            value=link.child,
        )
    elif link.delay is not None:
        yield Fault(
            "a fact is settled from the start, so nothing acts on it with a delay",
            "Leave the delay out.",
            field=f"{path}.delay",
        )
    elif parent is not None:
        yield from _parent_faults(child.id, link.parent, f"{path}.parent", names)


def _circle_faults(
    events: Mapping[str, Event | None], needs: Mapping[str, list[str]]
) -> Iterator[Fault]:
    """Tell of each circle of facts that depend on each other."""
    done: set[str] = set()
    for first in needs:
        path: list[str] = []
        trail = [(first, iter(needs.get(first, ())))] if first not in done else []
        while trail:
            name, left = trail[-1]
            if not path or path[-1] != name:
                path.append(name)
            after = next(left, None)
            if after is None:
                done.add(name)
                path.pop()
                trail.pop()
            elif after in path:
                circle = [*path[path.index(after) :], after]
                chain = " depends on ".join(f"'{one}'" for one in circle)
                event = events.get(first)
                field = "given" if event is not None and event.given else "id"
                yield Fault(
                    f"facts cannot depend on each other in a circle: {chain}",
                    "Leave one of these dependencies out; what influences each other over time is "
                    "an onset or a state.",
                    field=f"events.{circle[0]}.{field}",
                )
            elif after in needs and after not in done:
                trail.append((after, iter(needs[after])))
