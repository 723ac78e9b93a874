"""Simulated worlds: parameters from their priors, exact paths, and the evidence they leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from forecast.engine.simulate import sample_path, wiring
from forecast.engine.structure import Parameters
from forecast.errors import QueryError
from forecast.evidence import (
    Evidence,
    Forecast,
    LikelihoodRatio,
    Observation,
    Report,
    Silence,
    spoken_of,
)
from forecast.model.factors import Factor, SoftItem
from forecast.model.lower import Lowered, lower
from forecast.network import Fixed, Network, RatioBelief
from forecast.seeds import child_seed, generator
from forecast.time import Day, add_years, parse_instant

__all__ = ["World", "simulate"]

type Saying = Report | LikelihoodRatio | Forecast

LEVEL = 0.9  # of an interval in which no level is stated


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
        instant = parse_instant(at)
        changes = sum(jump <= instant for jump in self.jumps[event])
        return self.initially[event] ^ (changes % 2 == 1)


def simulate(
    network: Network, *, worlds: int = 100, seed: int = 1, evidence: Evidence | None = None
) -> list[World]:
    """Return worlds drawn from a network: parameters, event paths, and evidence.

    Every change of a public event leaves an observation, dated to its day. The other items of a
    template keep their times and sources, and say what they would have said in that world: a
    copied report repeats its origin unless its outlet checked; a likelihood ratio or a forecast
    that would have spoken against is turned round. A silence that the world would have broken is
    left out.

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
    said = [item for item in evidence or () if not isinstance(item, Observation)]
    lowered = lower(network, Evidence(said), network.horizon_instant)
    return [_world(lowered, child_seed(seed, "world", k)) for k in range(worlds)]


def _world(lowered: Lowered, seed: int) -> World:
    rng = generator(seed, "parameters")
    values = lowered.table.from_z(rng.normal(size=(1, lowered.table.dimensions)))
    theta = Parameters(*(field[0] for field in lowered.theta(values)))
    structure, network = lowered.structure, lowered.network
    uncertain = structure.initially < 0
    chance = np.where(uncertain, theta.initial, structure.initially)
    start = (rng.uniform(size=len(chance)) < chance).astype(np.int64)
    path_seed = child_seed(seed, "path")
    times, jumped = sample_path(
        wiring(structure), theta, start.copy(), 0.0, structure.horizon, path_seed
    )
    jumps = {
        event.id: tuple(add_years(network.start_instant, float(t)) for t in times[jumped == index])
        for index, event in enumerate(network.events)
    }
    initially = {event.id: bool(start[i]) for i, event in enumerate(network.events)}
    named = {
        group.name: dict(zip(group.labels, values[group.name][0].tolist(), strict=True))
        for group in lowered.table.groups
    }
    bare = World(network, named, jumps, initially, Evidence([]))
    claims = _claims(lowered, bare, values, generator(seed, "claims"))
    for item in claims:
        if isinstance(item, LikelihoodRatio) and item != lowered.evidence.item(item.id):
            named["likelihood_ratio"][item.id] **= -1  # it spoke against: stated the other way up
    return World(network, named, jumps, initially, Evidence([*_observations(bare), *claims]))


def _observations(world: World) -> list[Observation]:
    """Return an observation of every change of a public event."""
    found = []
    for event in world.network.events:
        if not event.public:
            continue
        for k, jump in enumerate(world.jumps[event.id]):
            name = f"seen_{event.id}_{k}"[:64]
            day = jump.date()
            if event.kind == "onset":
                found.append(Observation(id=name, event=event.id, published=day, onset=(day, day)))
            else:
                on = world.initially[event.id] ^ (k % 2 == 0)
                state: Literal["on", "off"] = "on" if on else "off"
                after = jump + timedelta(seconds=1)
                found.append(Observation(id=name, event=event.id, published=after, state=state))
    return found


def _claims(
    lowered: Lowered,
    world: World,
    values: Mapping[str, NDArray[np.float64]],
    rng: np.random.Generator,
) -> list[SoftItem]:
    factors = {factor.item: factor for factor in lowered.factors.factors}
    instants = spoken_of(lowered.evidence)
    passed_on = _hidden_claims(lowered, world, values, rng)
    said: dict[str, bool] = {}
    found: list[SoftItem] = []
    for item in lowered.evidence:
        if isinstance(item, Silence) and _is_silent(item, world, factors[item.id], values, rng):
            found.append(item)
        if not isinstance(item, Report | LikelihoodRatio | Forecast):
            continue
        factor = factors.get(item.id)
        on = world.on(item.event, instants[item.id])
        copied = passed_on.get(item.id, _copied(item, said, rng))
        said[item.id] = _says_on(factor, values, on, copied, rng)
        found.append(_as_said(item, factor, says_on=said[item.id]))
    return found


def _is_silent(
    item: Silence,
    world: World,
    factor: Factor,
    values: Mapping[str, NDArray[np.float64]],
    rng: np.random.Generator,
) -> bool:
    """Return whether a source that watched did not happen to report."""
    first, last = item.window
    changes = [jump for jump in world.jumps[item.event] if first < jump < last]
    edges = [first, *changes, last]
    on = sum(
        (after - before).total_seconds()
        for before, after in pairwise(edges)
        if world.on(item.event, before)
    )
    share = on / (last - first).total_seconds()
    return bool(rng.uniform() < factor.chance_on(values)[0, 1] ** share)


def _hidden_claims(
    lowered: Lowered,
    world: World,
    values: Mapping[str, NDArray[np.float64]],
    rng: np.random.Generator,
) -> dict[str, bool]:
    """Return what the hidden origin of each report that has one said, on or off."""
    found: dict[str, bool] = {}
    for statement in lowered.factors.hidden:
        names = [lowered.factors.factors[i].item for i in statement.members]
        first = lowered.evidence.item(names[0])
        on = world.on(first.event, first.speaks_of_instant)
        claim = bool(rng.uniform() < statement.origin.chance_on(values)[0, int(on)])
        found |= dict.fromkeys(names, claim)
    return found


def _copied(item: SoftItem, said: Mapping[str, bool], rng: np.random.Generator) -> bool | None:
    """Return what one of the item's origins said, picked at random; None if it has none."""
    if not isinstance(item, Report) or not item.derived_from:
        return None
    return said[item.derived_from[int(rng.integers(len(item.derived_from)))]]


def _says_on(
    factor: Factor | None,
    values: Mapping[str, NDArray[np.float64]],
    on: bool,  # noqa: FBT001
    copied: bool | None,  # noqa: FBT001
    rng: np.random.Generator,
) -> bool:
    if factor is None:  # an item that is the same whatever is true
        return copied if copied is not None else True
    if copied is not None and rng.uniform() >= factor.check:
        return copied
    return bool(rng.uniform() < factor.chance_on(values)[0, int(on)])


def _as_said(item: Saying, factor: Factor | None, *, says_on: bool) -> Saying:
    if isinstance(item, Report):
        return item.model_copy(update={"claim": "on" if says_on else "off"})
    if isinstance(item, Forecast):
        return _stated(item, factor, says_on=says_on)
    if says_on:
        return item
    return item.model_copy(update={"likelihood_ratio": _inverse(item.likelihood_ratio)})


def _stated(item: Forecast, factor: Factor | None, *, says_on: bool) -> Forecast:
    """Return a forecast with its base stated, on the other side of it if it speaks against."""
    if factor is None or factor.shift is None:
        return item
    base = float(expit(logit(item.probability) - factor.shift))
    turned = float(expit(logit(base) - factor.shift))
    update = {"base": base, "probability": item.probability if says_on else turned}
    return item.model_copy(update=update)


def _inverse(ratio: RatioBelief) -> RatioBelief:
    """Return the belief about one over a ratio."""
    prior = ratio.prior()
    low, high = prior.interval(LEVEL)
    median = f"x{1 / prior.median():.12g}"
    sure = isinstance(prior, Fixed)
    return RatioBelief.parse(median if sure else f"{median} [{1 / high:.12g}, {1 / low:.12g}]")
