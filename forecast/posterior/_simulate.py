"""Simulated worlds: parameters from their priors, exact paths, and the evidence they leave."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from forecast.engine._problem import Parameters
from forecast.engine._simulate import simulate_course, wiring
from forecast.engine._start import drawn_start
from forecast.errors import QueryError
from forecast.evidence import (
    Evidence,
    Forecast,
    Item,
    LikelihoodRatio,
    Moment,
    Observation,
    Regime,
)
from forecast.model._lower import Lowered, lower_seen, own_as_of
from forecast.network import Event, Network
from forecast.posterior._calendar import read_day
from forecast.posterior._speaking import Spell, speaks, unsaid, what_is_said
from forecast.seeds import child_seed, generator
from forecast.time import Day, add_years, years_between

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LONGEST_LABEL = 40  # of an id that others are made from, which may have 64 characters and no dot


@dataclass(frozen=True)
class World:
    """One simulated course of events.

    Parameters
    ----------
    network
        The network it was drawn from.
    parameters
        The true value of every parameter: group name to label to value.
    jumps
        For each event the instants at which it changes, rising.
    initially
        Whether each event was on at the start.
    evidence
        What the world's public events and the template's sources gave to see.
    """

    network: Network
    parameters: Mapping[str, Mapping[str, float]]
    jumps: Mapping[str, tuple[datetime, ...]]
    initially: Mapping[str, bool]
    evidence: Evidence

    def on(self, event: str, at: Day) -> bool:
        """Return whether an event is on at a time; a date means the end of that day."""
        instant = read_day(at)
        changes = sum(jump <= instant for jump in self.jumps[event])
        return self.initially[event] ^ (changes % 2 == 1)

    def spells(self, event: str, first: datetime, last: datetime) -> list[Spell]:
        """Return from when to when an event is on, within a window."""
        changes = [jump for jump in self.jumps[event] if first < jump < last]
        edges = pairwise([first, *changes, last])
        return [(begin, end) for begin, end in edges if self.on(event, begin)]


def simulate(
    network: Network, *, worlds: int = 100, seed: int = 1, evidence: Evidence | None = None
) -> list[World]:
    """Return worlds drawn from a network: parameters, event paths, and evidence.

    Every change of a public event is seen: an onset on its day; a state as it was before and as it
    is since, dated to the day where it changes once on it, else to the second. Where its start was
    uncertain, its first change reveals that too. The other items of a template keep their times
    and sources, and say what they would have said in that world: a copied report repeats its
    origin unless its outlet checked; reports of a hidden origin repeat what that said; a likelihood
    ratio or a forecast that would have spoken against is turned round; a count counts anew. A
    silence that the world would have broken ends when its source first saw the event on, and says
    so (`claim`); of a silence on several events each that was broken becomes an item of its own,
    named after the silence and the place of its event in it. Retractions stay as they are, and
    regimes, under which events come about.

    Parameters
    ----------
    network
        What to draw from.
    worlds
        How many.
    seed
        World k of a seed is the same however many are drawn.
    evidence
        The template; its observations are left out. No reports, unless given.

    Examples
    --------
    >>> import forecast as fc
    >>> pact = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> drawn = fc.simulate(network, worlds=50)
    >>> 0 < sum(world.on("pact", "2024-12-31") for world in drawn) < 25
    True
    """
    if worlds < 1:
        msg = f"worlds must be at least 1 (got {worlds})"
        raise QueryError(msg)
    template = [item for item in evidence or () if not isinstance(item, Observation)]
    Evidence(template).check(network)
    spoken = [
        item.model_copy(update={"retracts": (), "reinstates": ()})
        for item in template
        if speaks(item)
    ]
    # Whatever was said is drawn: a forecast too that a newer one of its source replaces.
    horizon = network.horizon_instant
    acting = [item for item in Evidence(template).as_of(horizon) if isinstance(item, Regime)]
    said = [unsaid(item) for item in spoken if item.published_instant <= horizon]
    heard = Evidence([*(_based(network, item, acting) for item in said), *acting])
    lowered = replace(lower_seen(network, heard, horizon), opinions=())  # they are yet to be drawn
    return [_world(lowered, template, child_seed(seed, "world", k)) for k in range(worlds)]


def _based(network: Network, item: Item, acting: Sequence[Regime]) -> Item:
    """Return a forecast with its base: what the network itself says of it, before any news."""
    if not isinstance(item, Forecast) or item.base is not None:
        return item
    at, event = item.published_instant, [node.id for node in network.nodes].index(item.event)
    time = years_between(network.start_instant, item.speaks_of_instant)
    (chance,) = own_as_of(network, Evidence(acting), at).chances([(event, time)])
    return item.model_copy(update={"base": chance})


def _world(lowered: Lowered, template: Sequence[Item], seed: int) -> World:
    rng = generator(seed, "parameters")
    values = lowered.table.from_z(rng.normal(size=(1, lowered.table.dimensions)))
    theta = Parameters(*(field[0] for field in lowered.theta(values)))
    structure, network = lowered.structure, lowered.network
    start = drawn_start(structure, theta.initial, rng.uniform(size=len(structure.kind)))
    path_seed = child_seed(seed, "path")
    _, _, times, jumped = simulate_course(
        wiring(structure), theta, start, 0.0, structure.horizon, path_seed
    )
    jumps = {
        event.id: tuple(add_years(network.start_instant, float(t)) for t in times[jumped == index])
        for index, event in enumerate(network.nodes)
    }
    initially = {event.id: bool(start[i]) for i, event in enumerate(network.nodes)}
    named = {
        group.name: dict(zip(group.labels, values[group.name][0].tolist(), strict=True))
        for group in lowered.table.groups
    }
    bare = World(network, named, jumps, initially, Evidence([]))
    said = what_is_said(lowered, bare, values, generator(seed, "claims"))
    for item in (each for drawn in said.values() for each in drawn):
        if isinstance(item, LikelihoodRatio) and item != lowered.evidence.item(item.id):
            named["likelihood_ratio"][item.id] **= -1  # it spoke against: stated the other way up
    found = _as_stated(template, said)
    return World(network, named, jumps, initially, Evidence([*_observations(bare), *found]))


def _as_stated(template: Sequence[Item], said: Mapping[str, tuple[Item, ...]]) -> list[Item]:
    """Return the items of a world with what those of the template take back.

    What stands in the place of one item is taken back with it, and the first takes back for all.
    """
    drawn = {item.id: _named_apart(item, said.get(item.id, (item,))) for item in template}
    parts = {name: tuple(each.id for each in found) for name, found in drawn.items()}

    def whole(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(part for name in names for part in parts.get(name, (name,)))

    kept = {
        item.id: {"retracts": whole(item.retracts), "reinstates": whole(item.reinstates)}
        for item in template
    }
    return [
        each.model_copy(update=kept[name] if each is found[0] else {})
        for name, found in drawn.items()
        for each in found
    ]


def _named_apart(item: Item, found: Sequence[Item]) -> list[Item]:
    """Return what stands in the place of an item: the first has its name, the others their own."""
    label = item.id if len(item.id) <= LONGEST_LABEL else item.id[:LONGEST_LABEL]
    first, *others = found
    return [
        first,
        *(
            each.model_copy(update={"id": f"{label}__{item.events.index(each.event) + 1}"})
            for each in others
        ),
    ]


def _observations(world: World) -> list[Observation]:
    """Return what the changes of public events gave to see."""
    return [
        seen
        for place, event in enumerate(world.network.nodes)
        if event.public
        for seen in _sightings(world, event, place)
    ]


def _sightings(world: World, event: Event, place: int) -> list[Observation]:
    """Return the observations of one event's changes: how it was before, and how it is since."""
    found: list[Observation] = []
    named = len(event.id) <= LONGEST_LABEL and "." not in event.id
    label = event.id if named else str(place)

    def see(name: str, published: Moment, when: Moment, *, on: bool) -> None:
        found.append(
            Observation(
                id=name,
                event=event.id,
                published=published,
                speaks_of=when,
                state="on" if on else "off",
            )
        )

    for k, (jump, before, after) in enumerate(_bounds(world, event.id)):
        if event.kind == "onset":
            name, day = f"seen_{label}_{k}", jump.date()
            found.append(Observation(id=name, event=event.id, published=day, onset=(day, day)))
            continue
        on = world.initially[event.id] ^ (k % 2 == 0)
        if k == 0 and not isinstance(event.initially, bool):  # the first change reveals the start
            see(f"seen_{label}_first", after, world.network.start_instant.date() - DAY, on=not on)
        see(f"seen_{label}_{k}_before", after, before, on=not on)
        see(f"seen_{label}_{k}", after, after, on=on)
    return found


def _bounds(world: World, event: str) -> Iterator[tuple[datetime, Moment, Moment]]:
    """Return each change of an event with moments just before and after it, to be told of.

    These are the edges of its day, where it is the only one of that day, else a second apart.
    """
    jumps = world.jumps[event]
    days = Counter(jump.date() for jump in jumps)
    edges = [world.network.start_instant, *jumps, world.network.horizon_instant]
    for last, jump, following in zip(edges, jumps, edges[2:], strict=False):
        day = jump.date()
        if days[day] == 1:
            yield jump, day - DAY, day
        else:
            before = jump - min(SECOND, (jump - last) / 3)
            yield jump, before, jump + min(SECOND, (following - jump) / 3)
