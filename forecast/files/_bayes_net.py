"""A static Bayesian network as other programs state it, and the events that it becomes."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import fsum, isfinite, prod

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files._limits import most
from forecast.network._base import is_id
from forecast.network._event import Event
from forecast.network._network import Network
from forecast.network._outcomes import RESERVED
from forecast.network._table import MOST_VALUES

START, HORIZON = "2000-01-01", "2100-01-01"
"""Facts do not change, so that any cut-off serves: the period is only to hold it."""
YES_NO = (("yes", "no"), ("true", "false"), ("on", "off"), ("y", "n"), ("t", "f"))
LONGEST = 64
MOST_VARIABLES = most("Bayesian network of another program", "variables")
MOST_CHANCES = most("Bayesian network of another program", "chances")
ROUNDED = 0.0101  # how far the chances of a row may miss 1, from rounding to two digits each


@dataclass(frozen=True)
class Variable:
    """A variable of a static network.

    Parameters
    ----------
    name, title
        Its name in the file, and what it is called.
    states
        The names of its values.
    parents
        The names of the variables it depends on.
    rows
        Its chances for each combination of the parents' values, the last parent's running fastest;
        None where what is wrong with them has been told.
    line
        Where it stands.
    """

    name: str
    title: str
    states: tuple[str, ...]
    parents: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...] | None
    line: int


@dataclass(frozen=True)
class Stated:
    """What a file says: variables in any order, a title, and faults that its reader found."""

    variables: Sequence[Variable]
    title: str = ""
    faults: Sequence[Fault] = ()


def network_from(stated: Stated, *, name: str, origin: str, file: str) -> Network:
    """Return the network of facts that a static network is.

    Parameters
    ----------
    stated
        What its file says.
    name
        Of the network.
    origin
        What it came from, for the events' `why`.
    file
        For the places of faults.

    Raises
    ------
    InputError
        With every fault found.
    """
    variables = stated.variables
    faults = [*stated.faults, *_faults(variables, file)]
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.line))
    ids = dict(zip((v.name for v in variables), unique_ids(v.name for v in variables), strict=True))
    values = {v.name: _values(v.states) for v in variables}
    events = [_event(v, ids, values, origin) for v in variables]
    try:
        return Network(name=name, title=stated.title, start=START, horizon=HORIZON, events=events)
    except InputError as error:
        line = {ids[v.name]: v.line for v in variables}
        raise InputError([_placed(fault, line, file) for fault in error.faults]) from None


def _placed(fault: Fault, line: Mapping[str, int], file: str) -> Fault:
    name = fault.field.split(".")[1] if "." in fault.field else ""
    return replace(fault, file=file, line=line.get(name, 0), field=name)


def _event(
    variable: Variable,
    ids: Mapping[str, str],
    values: Mapping[str, tuple[str | bool, ...]],
    origin: str,
) -> Event:
    own, event = values[variable.name], ids[variable.name]
    fields: dict[str, object] = {"id": event, "kind": "fact", "why": f"Imported from {origin}."}
    if variable.title != event:
        fields["title"] = variable.title
    both = zip(own, variable.states, strict=True)
    renamed = [f"{new} is {old}" for new, old in both if new not in (old, True, False)]
    if renamed:
        fields["notes"] = f"Its values as imported: {', '.join(renamed)}."
    rows = [_chances(own, row) for row in variable.rows or ()]
    if not variable.parents and ("outcomes" in rows[0] or 0 < float(str(rows[0]["initially"])) < 1):
        return Event(**fields, **rows[0])
    parents = [ids[parent] for parent in variable.parents]
    combinations = product(*(values[parent] for parent in variable.parents))
    table = [
        {"when": dict(zip(parents, combination, strict=True)), **row}
        for combination, row in zip(combinations, rows, strict=True)
    ]
    return Event(**fields, given=parents, table=table)


def _chances(own: tuple[str | bool, ...], row: tuple[float, ...]) -> dict[str, object]:
    total = fsum(row)
    shares = [share / total for share in row]
    if own[0] in (True, False):
        return {"initially": _number(shares[own.index(True)])}
    return {"outcomes": dict(zip(own, map(_number, shares), strict=True))}


def _number(chance: float) -> str:
    """Return a chance as text that reads back to the same number."""
    return {0.0: "0", 1.0: "1"}.get(chance) or repr(chance)


def _values(states: tuple[str, ...]) -> tuple[str | bool, ...]:
    """Return true and false for two states that say so, else a name for each."""
    said = tuple(state.strip().lower() for state in states)
    if said in YES_NO:
        return (True, False)
    if said[::-1] in YES_NO:
        return (False, True)
    return tuple(unique_ids(states, taken=RESERVED))


def unique_ids(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Return a valid id for each name, no two alike.

    Examples
    --------
    >>> unique_ids(["HR BP", "hr-bp", "5"])
    ['hr_bp', 'hr_bp_2', '_5']
    """
    found: list[str] = []
    used = set(taken)
    for name in names:
        plain = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:LONGEST] or "_"
        plain = plain if is_id(plain) else f"_{plain}"[:LONGEST]
        unique, number = plain, 2
        while unique in used:
            tail = f"_{number}"
            unique, number = plain[: LONGEST - len(tail)] + tail, number + 1
        used.add(unique)
        found.append(unique)
    return found


def _faults(variables: Sequence[Variable], file: str) -> Iterator[Fault]:
    if not variables:
        yield Fault("states no variable", "Give a file with at least one.", file=file, line=1)
    if len(variables) > MOST_VARIABLES:
        yield Fault(
            f"has {len(variables):,} variables, and at most {MOST_VARIABLES:,} are imported",
            "Import a part of it.",
            file=file,
        )
    chances = sum(len(row) for variable in variables for row in variable.rows or ())
    if chances > MOST_CHANCES:
        yield Fault(
            f"has {chances:,} chances, and at most {MOST_CHANCES:,} are imported",
            "Import a part of it.",
            file=file,
        )
    by_name = {variable.name: variable for variable in variables}
    for name, times in Counter(variable.name for variable in variables).items():
        if times > 1:
            yield Fault(
                f"the variable '{name}' is stated {times} times",
                "Keep one of them.",
                file=file,
                line=by_name[name].line,
                field=name,
            )
    for variable in variables:
        for problem, remedy, value in _of_one(variable, by_name):
            yield Fault(
                problem, remedy, file=file, line=variable.line, field=variable.name, value=value
            )


def _of_one(variable: Variable, by_name: Mapping[str, Variable]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with one variable: the problem, the remedy, and the value."""
    states = variable.states
    if not 2 <= len(states) <= MOST_VALUES:  # noqa: PLR2004 - one value is no question
        yield f"has {len(states)} values", f"Give it 2 to {MOST_VALUES}.", ""
    for name in (state for state, times in Counter(states).items() if times > 1):
        yield "has two values of one name", "Give each its own name.", name
    unknown = [parent for parent in variable.parents if parent not in by_name]
    for parent in unknown:
        yield "depends on a variable that is not stated", did_you_mean(parent, by_name), parent
    if not unknown and variable.rows is not None:
        wanted = prod(len(by_name[parent].states) for parent in variable.parents)
        if len(variable.rows) != wanted:
            yield (
                f"has chances for {len(variable.rows)} combinations of its parents' values, which "
                f"have {wanted}",
                "Give the chances for each combination once.",
                "",
            )
    for place, row in enumerate(variable.rows or (), start=1):
        if len(row) != len(states):
            yield (
                f"has {len(row)} chances in row {place} for {len(states)} values",
                "Give one for each value.",
                "",
            )
        elif not all(isfinite(chance) and 0 <= chance <= 1 for chance in row):
            wrong = next(chance for chance in row if not (isfinite(chance) and 0 <= chance <= 1))
            yield f"has a chance in row {place} that is not between 0 and 1", "", f"{wrong:g}"
        elif abs(fsum(row) - 1) > ROUNDED:
            yield (
                f"has chances in row {place} that come to {fsum(row):g}",
                "Let them come to 1; rounding to two digits is allowed.",
                "",
            )
