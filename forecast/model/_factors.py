"""How each item of evidence in force gets its chances: which parameters, which fixed numbers.

This is data: `forecast.engine._channels` holds the formulas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from forecast.engine._channels import (
    BASE_RATE,
    COUNT,
    EFFECT,
    FORECAST,
    INITIAL,
    NOTHING,
    OFF_RATE,
    OPENS,
    RATIO,
    REPORT,
    SETTLED,
    SILENCE,
    Channels,
)
from forecast.engine._problem import Ints
from forecast.engine._speak import speak
from forecast.evidence import Evidence, Forecast, Item, Report, borne, statements
from forecast.evidence._channel import Bearing, Form
from forecast.evidence._report import PREDICTING, REPORTING
from forecast.model._groups import Stage, model_groups, number_of, rate_of
from forecast.model._opinions import LEAST_CHANCE, Crowd, crowd_columns
from forecast.model._parameters import ParameterTable, Place, channels_from
from forecast.model._regimes import hidden_state
from forecast.model._start import Cell
from forecast.network import Network
from forecast.network._nodes import Node
from forecast.network._source import credibility_of

FORMS: dict[Form, int] = {
    "report": REPORT,
    "ratio": RATIO,
    "forecast": FORECAST,
    "silence": SILENCE,
    "count": COUNT,
}


@dataclass(frozen=True)
class Factor:
    """How the chances of one row of the record follow from named parameters.

    Most items have one row. A report that dates an onset has two, of which the first takes its
    chances from the second; a silence has one for each of its events.

    Parameters
    ----------
    item
        Its id.
    form
        That of its chances, as `forecast.engine._channels` has them.
    hit, false_alarm
        The numbers that it reads, by group and position; the second is None for most forms.
    number
        The surprise of a forecast; the window of a silence or a count, in years.
    said
        1 for on, 0 for off; 1 for a silence, which was kept; the number counted.
    credibility, check
        Of a claim: of the report itself, and the chance that its outlet checked for itself.
    repeats
        Places of the items of which an unchecked copy repeats one.
    settled
        How many other origins there are that say off, and on: they are design, and never drawn.
    broken
        Whether a word ended a silence.
    share
        The share of a count's window that the event was on, where it is known for sure.
    own
        Of a forecast: the network's own log-odds when it was stated; None where it says nothing,
        for all was settled then.
    """

    item: str
    form: int
    hit: Place
    false_alarm: Place | None = None
    number: float = 0.0
    said: int = 1
    credibility: float = 1.0
    check: float = 1.0
    repeats: tuple[int, ...] = ()
    settled: tuple[int, int] = (0, 0)
    broken: bool = False
    share: float | None = None
    own: float | None = None


@dataclass(frozen=True)
class HiddenClaim:
    """A statement of a hidden origin that several reports pass on.

    Parameters
    ----------
    hit, false_alarm
        The chances that it says on.
    members
        Positions of the factors of the reports, in order; of a dated onset, of its last row.
    """

    hit: Place
    false_alarm: Place
    members: tuple[int, ...]


def items_in_force(seen: Evidence) -> list[Item]:
    """Return the items that can say anything by themselves."""
    return [item for item in seen if item.channel() is not None]


def rows_in_force(seen: Evidence) -> list[tuple[Item, Bearing]]:
    """Return the rows of those items, each with its item; those of an item stand together."""
    return borne(items_in_force(seen))


def row_places(seen: Evidence) -> dict[str, list[int]]:
    """Return the positions of the rows of each item in force, by id."""
    found: dict[str, list[int]] = {}
    first = 0
    for item in items_in_force(seen):
        rows = range(first, first + len(item.bears()))
        found[item.id], first = [*rows], rows.stop
    return found


def openings(factors: Sequence[Factor]) -> list[int]:
    """Return the positions of the first rows of dated onsets; the second follows each."""
    return [i for i, factor in enumerate(factors) if factor.form == OPENS]


def by_item(seen: Evidence, told: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log probabilities of items from those of their rows, shape (…, row + 1).

    The last column is what is known for sure, and stays.
    """
    places = list(row_places(seen).values())
    if len(places) == told.shape[-1] - 1:
        return told
    columns = [told[..., rows].sum(axis=-1) for rows in places]
    return np.stack([*columns, told[..., -1]], axis=-1)


def build_factors(
    network: Network, seen: Evidence, own: Mapping[str, float], shares: Mapping[str, float]
) -> tuple[tuple[Factor, ...], tuple[HiddenClaim, ...]]:
    """Return the factors of the rows in force, and the statements of hidden origins.

    Parameters
    ----------
    network
        The network.
    seen
        What is seen of the record.
    own
        The network's own probability, or the stated base, of each forecast, by id.
    shares
        The share of its window that the event was on, for each count where that is known, by id.
    """
    table, items = model_groups(network, seen), items_in_force(seen)
    rows = [(item.id, row.opens) for item in items for row in item.bears()]
    index = {name: i for i, (name, _) in enumerate(rows)}  # of several rows the last
    told = [(group[0], tuple(index[item.id] for item in group)) for group in statements(items)]
    of_item = {
        item.id: _factor(network, seen, table, item, {**own, **shares}, index) for item in items
    }
    opening = {name: replace(factor, form=OPENS, repeats=()) for name, factor in of_item.items()}
    return (
        tuple((opening if opens else of_item)[name] for name, opens in rows),
        tuple(HiddenClaim(*_origin(table, first), members) for first, members in told),
    )


def _origin(table: ParameterTable, first: Report) -> tuple[Place, Place]:
    assert first.origin is not None, first.id  # noqa: S101 - it passes on a statement
    hit, false_alarm = PREDICTING if first.is_prediction else REPORTING
    return _place(table, hit, first.origin), _place(table, false_alarm, first.origin)


def _factor(  # noqa: PLR0917
    network: Network,
    seen: Evidence,
    table: ParameterTable,
    item: Item,
    numbers: Mapping[str, float],
    index: Mapping[str, int],
) -> Factor:
    channel = item.channel()
    assert channel is not None, item.id  # noqa: S101 - it is in force
    factor = Factor(
        item.id,
        FORMS[channel.form],
        _place(table, *channel.hit),
        None if channel.false_alarm is None else _place(table, *channel.false_alarm),
        number=channel.number,
        said=channel.said,
        broken=channel.broken,
        credibility=channel.credibility,
    )
    if channel.form == "count" and item.id in numbers:
        return replace(factor, form=SETTLED, share=numbers[item.id])
    if isinstance(item, Forecast):
        chance = numbers[item.id]
        if not LEAST_CHANCE < chance < 1 - LEAST_CHANCE:
            return factor
        own = float(logit(chance))
        return replace(factor, number=float(logit(item.probability)) - own, own=own)
    if not isinstance(item, Report):
        return factor
    origins = [_repeated_for_sure(seen, name, index) for name in item.derived_from]
    settled_says = [_says(seen, name) for name in origins if name not in index]
    return replace(
        factor,
        credibility=_credibility(seen, item),
        check=_check(network, item),
        repeats=tuple(index[name] for name in origins if name in index),
        settled=(settled_says.count(0), settled_says.count(1)),
    )


def _says(seen: Evidence, name: str) -> int:
    item = seen.item(name)
    assert isinstance(item, Report), name  # noqa: S101 - only reports are copied
    return int(item.claim == "on")


def _repeated_for_sure(seen: Evidence, name: str, in_force: Mapping[str, int]) -> str:
    """Return the item in force that an origin repeats for sure, or else the origin itself."""
    item = seen.item(name)
    if name in in_force or not isinstance(item, Report) or len(item.derived_from) != 1:
        return name
    (before,) = item.derived_from
    repeats = item.check == 0 and _says(seen, before) == _says(seen, name)
    return _repeated_for_sure(seen, before, in_force) if repeats else name


def _credibility(seen: Evidence, item: Report) -> float:
    """Return w: as stated, or what the digit of the item's grade stands for."""
    if item.grade is None:
        return item.credibility
    return credibility_of(item.grade, confirmed_here=_confirmed(seen, item))


def _confirmed(seen: Evidence, item: Report) -> bool:
    """Return whether another report, neither a copy of this nor copied by it, claims the same."""
    return any(
        other.id != item.id
        and isinstance(other, Report)
        and (other.event, other.claim, other.onset) == (item.event, item.claim, item.onset)
        and item.id not in _repeated(seen, other)
        and other.id not in _repeated(seen, item)
        for other in seen
    )


def _repeated(seen: Evidence, item: Report) -> set[str]:
    """Return the items that one repeats, over any number of steps."""
    found: set[str] = set()
    left = list(item.derived_from)
    while left:
        name = left.pop()
        origin = seen.item(name)
        if name not in found and isinstance(origin, Report):
            found.add(name)
            left += origin.derived_from
    return found


def _check(network: Network, item: Report) -> float:
    """Return the chance that the outlet checked for itself: the item's, source's or type's."""
    if not item.derived_from and item.origin is None:
        return 1.0
    source = network.source(item.source)
    kind = next(t for t in network.source_types if t.id == source.type)
    stated = (item.check, source.check, kind.check)
    return next(float(check) for check in stated if check is not None)


def _place(table: ParameterTable, name: str, label: str) -> Place:
    return name, table.known_group(name).labels.index(label)


FIELDS = {"off_rate": OFF_RATE, "initial_probability": INITIAL}
STRENGTHS = ("extra_rate", "hazard_ratio", "odds_ratio")


class Use(NamedTuple):
    """Where a value belongs among the engine's rates.

    Parameters
    ----------
    use_field, use_at
        A field of the parameters, and a place in it.
    use_over
        What the value divides, or 0.
    use_times
        What it is multiplied with where it divides nothing.
    """

    use_field: int
    use_at: int
    use_over: float = 0.0
    use_times: float = 1.0


def build_channels(  # noqa: PLR0917
    table: ParameterTable,
    rates: Mapping[int, Sequence[Use]],
    factors: Sequence[Factor],
    hidden: Sequence[HiddenClaim],
    cells: Sequence[Cell] = (),
    crowds: Sequence[Crowd] = (),
) -> Channels:
    """Return the engine's map of a table, and of how rates and items follow from its values.

    Parameters
    ----------
    table
        The numbers.
    rates
        Where each value belongs.
    factors, hidden
        The items.
    cells
        The chances of facts that depend on others.
    crowds
        What opinions say together.
    """
    place = table.places
    columns: dict[str, list[Any]] = {**table.columns()}
    uses = [rates.get(value, ()) for value in range(len(place))]
    for k, name in enumerate(Use._fields):
        columns[name] = [use[k] for of_value in uses for use in of_value]
    columns["first_use"] = _ends(uses)
    columns |= {
        "item_form": [f.form for f in factors],
        "item_hit": [place[f.hit] for f in factors],
        "item_false": [place[f.false_alarm] if f.false_alarm else NOTHING for f in factors],
        "item_on": [1 for _ in factors],  # this and the next blank one are what `speak` sets
        "item_number": [f.number for f in factors],
        "item_credibility": [f.credibility for f in factors],
        "item_check": [f.check for f in factors],
        "item_copied": [0.0 for _ in factors],  # as `item_on`
        "item_counted": [
            (f.own or 0.0) if f.form == FORECAST else float(f.broken) for f in factors
        ],
        "item_share": [f.share or 0.0 for f in factors],
        "repeat": [origin for f in factors for origin in f.repeats],
        "first_repeat": _ends([f.repeats for f in factors]),
        "repeat_off": [f.settled[0] for f in factors],
        "repeat_on": [f.settled[1] for f in factors],
        "origin_hit": [place[told.hit] for told in hidden],
        "origin_false": [place[told.false_alarm] for told in hidden],
        "member": [item for told in hidden for item in told.members],
        "first_member": _ends([told.members for told in hidden]),
    }
    columns |= _cell_columns(table, cells) | crowd_columns(crowds, place)
    return saying(channels_from(columns), np.array([f.said for f in factors], dtype=np.int64))


def _cell_columns(table: ParameterTable, cells: Sequence[Cell]) -> dict[str, list[Any]]:
    """Return the fields of the map that say how chances at the start follow from values."""
    value = {
        (group.name, label): table.places[group.name, i]
        for group in table.groups
        for i, label in enumerate(group.labels)
    }
    parts = [[value[part] for part in cell.parts] for cell in cells]
    heads = [value[cell.place] for cell in cells]
    follow: list[list[int]] = [[] for _ in table.places]
    for number, (head, others) in enumerate(zip(heads, parts, strict=True)):
        for each in dict.fromkeys([head, *others]):
            follow[each].append(number)
    return {
        "cell_form": [cell.form for cell in cells],
        "cell_value": heads,
        "part": [each for row in parts for each in row],
        "first_part": _ends(parts),
        "cell": [each for row in follow for each in row],
        "first_cell": _ends(follow),
    }


def rate_uses(
    table: ParameterTable,
    network: Network,
    events: Sequence[str],
    links: Sequence[str],
    stages: Sequence[Stage],
) -> dict[int, list[Use]]:
    """Return where each value belongs.

    That of what is repeated serves each time, and what units share serves each of them.
    """
    place = {event: i for i, event in enumerate(events)}
    found: dict[tuple[str, str], list[Use]] = {}

    def use(group: str, name: str, *uses: Use) -> None:
        found.setdefault((group, number_of(network, group, name)), []).extend(uses)

    for node in network.nodes:
        at = place[node.id]
        use("base_rate", rate_of(node), Use(BASE_RATE, at))
        for group, field in FIELDS.items():
            use(group, node.id, Use(field, at))
        if isinstance(node, Node):
            use("outcome_weight", node.id, Use(BASE_RATE, at, use_times=node.scale))
    for fact in network.hidden_facts:
        use("initial_probability", fact.name, Use(INITIAL, place[fact.name]))
    for stage in stages:
        use("delay", stage.link, Use(BASE_RATE, place[stage.event], float(stage.stages)))
    stated = {link.id for link in network.links}
    for c, link in enumerate(links):
        for group in STRENGTHS if link in stated else ():
            use(group, link, Use(EFFECT, c))
    regimes = {hidden_state(i): i for i in getattr(table.group("regime_ratio"), "labels", ())}
    for c, link in enumerate(links):
        if link in regimes:
            found.setdefault(("regime_ratio", regimes[link]), []).append(Use(EFFECT, c))
    labels = {place: table.known_group(place[0]).labels[place[1]] for place in table.places}
    return {
        value: found[name, labels[name, i]]
        for (name, i), value in table.places.items()
        if (name, labels[name, i]) in found
    }


def saying(channels: Channels, said: Ints) -> Channels:
    """Return a map whose items say this, shape (item,): see `forecast.engine._channels.speak`."""
    fields: list[Any] = [field.copy() for field in channels]
    spoken = Channels(*fields)
    speak(spoken, said)
    return spoken


def _ends(rows: Sequence[Sequence[Any]]) -> list[int]:
    return np.cumsum([len(row) for row in rows]).astype(int).tolist() if rows else []
