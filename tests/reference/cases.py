"""Random networks as people state them, every number fixed or ranged, and what one world leaves."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from forecast.evidence import (
    Count,
    Evidence,
    Forecast,
    Item,
    LikelihoodRatio,
    Observation,
    Regime,
    Report,
    Retraction,
    Silence,
)
from forecast.network import Event, Link, Network
from tests.reference.clock import years
from tests.reference.forms import formed_network
from tests.reference.numbers import HORIZON, SOURCES, START, Numbers, Size, sources
from tests.reference.oracle import Oracle
from tests.reference.world import World, draw_world

__all__ = ["Case", "Size", "random_case"]

DAY = date(2024, 3, 10)  # on which all is decided, where it is
MOST_COUNTED = 7
QUICK = 30.0  # per year: a public state that changes oftener would fill the record


@dataclass(frozen=True)
class Case:
    """A network, what was seen of one of its worlds, and the values that its numbers state."""

    network: Network
    evidence: Evidence
    as_of: date
    values: dict[str, dict[str, float]]
    tied: int


def random_case(seed: int, size: Size) -> Case:
    """Draw a network, and the evidence that one of its worlds leaves by a random date."""
    rng = np.random.default_rng(seed)
    numbers = Numbers(rng, size)
    network, tied = (formed_network if size.forms else _network)(rng, numbers, size)
    as_of = START + timedelta(days=int(rng.integers(60, 300)))
    if rng.random() < size.bare / 100:
        return Case(network, Evidence([]), START, numbers.values, tied)
    bare = Oracle(network, Evidence([]), START, numbers.values)
    world = draw_world(bare, years(network, HORIZON), rng)
    items: list[Item] = [*_seen(bare, world), *_said(rng, numbers, bare, world, as_of, size)]
    return Case(network, Evidence(items), as_of, numbers.values, tied)


def _network(rng: np.random.Generator, numbers: Numbers, size: Size) -> tuple[Network, int]:
    tied = int(rng.integers(1, size.tied + 1, size=2).max())
    n = int(rng.integers(max(1, tied // 2), tied + 1))
    stages_left = tied - n
    events = [_event(rng, numbers, f"e{i}", first=i == 0) for i in range(n)]
    links: dict[tuple[int, int], Link] = {}
    for _ in range(int(rng.integers(0, 2 * n + 1)) if n > 1 else 0):
        parent, child = (int(k) for k in rng.choice(n, 2, replace=False))
        if events[child].kind == "fact" or (parent, child) in links:
            continue
        shares = [0.1, 0.1, 0.2, 0.6] if size.day else [0.4, 0.3, 0.15, 0.15]
        kind = str(rng.choice(["causes", "multiplies", "requires", "prevents"], p=shares))
        if kind == "requires" and parent > child:
            kind = "prevents"  # a ring of requirements is refused
        label = f"e{parent}__{kind}__e{child}"
        fields: dict[str, Any] = {"parent": f"e{parent}", "child": f"e{child}", "kind": kind}
        if kind == "causes":
            fields["extra_rate"] = numbers.rate("extra_rate", label)
        elif kind == "multiplies":
            fields["hazard_ratio"] = numbers.ratio("hazard_ratio", label, 0.2, 6)
        if stages_left and rng.random() < 0.6:
            stages = min(stages_left, int(rng.integers(1, 9)))
            stages_left -= stages
            fields |= {"delay": numbers.delay(label), "stages": stages}
        links[parent, child] = Link(**fields)
    used = tied - stages_left
    network = Network(
        name="random",
        start=START,
        horizon=HORIZON,
        events=events,
        links=list(links.values()),
        **sources(numbers),
    )
    return network, used


def _event(rng: np.random.Generator, numbers: Numbers, label: str, *, first: bool) -> Event:
    kind = "onset" if first else str(rng.choice(["onset", "state", "fact"], p=[0.5, 0.35, 0.15]))
    if kind == "fact":
        return Event(
            id=label, kind=kind, initially=numbers.share("initial_probability", label, 0.1, 0.9)
        )
    fields: dict[str, Any] = {"rate": numbers.rate("base_rate", label)}
    quick = numbers.values["base_rate"][label] > QUICK
    if kind == "state":
        fields["off_rate"] = numbers.rate("off_rate", label)
        quick |= numbers.values["off_rate"][label] > QUICK
        draw = rng.random()
        fields["initially"] = bool(draw < 0.3)
        if draw > 0.6:
            fields["initially"] = numbers.share("initial_probability", label, 0.1, 0.9)
    fields["public"] = bool(rng.random() < 0.3) and not (kind == "state" and quick)
    if numbers.size.day:
        fields["windows"] = [{"start": DAY, "end": DAY}]
    elif rng.random() < 0.25:
        begins = START + timedelta(days=int(rng.integers(5, 200)))
        days = int(rng.choice([0, 0, 10, 60]))
        fields["windows"] = [
            {
                "start": begins,
                "end": begins + timedelta(days=days),
                "weight": float(rng.choice([0.5, 1, 4])),
            },
        ]
        fields["outside_windows"] = float(rng.choice([0.0, 0.3]))
    return Event(id=label, kind=kind, **fields)


def _seen(bare: Oracle, world: World) -> list[Observation]:
    """Observations of every change of what is public."""
    found = []
    for event in bare.names.values():
        if not event.public:
            continue
        changes = world.changes(event.name)
        label = event.name.replace(".", "_")
        for k, (time, on) in enumerate(changes):
            day = START + timedelta(days=int(time * 365.25))
            common: dict[str, Any] = {"event": event.name, "published": day}
            if event.kind == "onset":
                found.append(Observation(id=f"{label}_{k}", onset=(day, day), **common))
                continue
            before = "off" if on else "on"
            eve = day - timedelta(days=1)
            alone = all(int(t * 365.25) != int(time * 365.25) for t, _ in changes if t != time)
            if not alone:
                continue  # nobody told the days with several apart; what follows is still true
            found.append(Observation(id=f"{label}_{k}a", speaks_of=eve, state=before, **common))
            found.append(Observation(id=f"{label}_{k}b", state="on" if on else "off", **common))
    return found


def _said(
    rng: np.random.Generator,
    numbers: Numbers,
    bare: Oracle,
    world: World,
    as_of: date,
    size: Size,
) -> list[Item]:
    """What sources say in a world; items of all kinds, some after the cut-off."""
    names = list(bare.names)
    found: list[Item] = []
    kinds = ["report", "likelihood_ratio", "silence", "forecast", "observation", "origin"]
    kinds += ["count"] * size.counts
    kinds += ["dated", "wide"] * size.dated
    span = (as_of - START).days
    for k in range(int(rng.integers(1, 8))):
        event = names[int(rng.integers(len(names)))]
        published = START + timedelta(days=int(rng.integers(5, span + 20)))
        kind = str(rng.choice(kinds, p=_shares(kinds)))
        common: dict[str, Any] = {"id": f"i{k}", "event": event, "published": published}
        found += _item(rng, numbers, bare, world, kind, common)
    for k in range(int(rng.integers(1, 4)) if size.regimes else 0):
        found += _regime(rng, numbers, bare.network, f"g{k}", int(rng.integers(5, span + 5)))
    reports = [item for item in found if isinstance(item, Report)]
    if reports and rng.random() < 0.2:
        item = reports[0]
        late = item.published + timedelta(days=5)
        found.append(Retraction(id="back", event=item.event, published=late, retracts=(item.id,)))
    return found


def _shares(kinds: list[str]) -> list[float]:
    weights = [
        {"report": 4.0, "likelihood_ratio": 2.0, "count": 6.0, "dated": 9.0, "wide": 3.0}.get(
            kind, 1.0
        )
        for kind in kinds
    ]
    return [w / sum(weights) for w in weights]


def _item(
    rng: np.random.Generator,
    numbers: Numbers,
    bare: Oracle,
    world: World,
    kind: str,
    common: dict[str, Any],
) -> list[Item]:
    source = f"s{rng.integers(SOURCES)}"
    if kind in ("silence", "count"):
        return _watch(rng, numbers, bare.network, world, kind, source, common)
    if kind in ("wide", "dated"):
        several_rows = _wide if kind == "wide" else _dated
        return several_rows(rng, numbers, bare.network, world, source, common)
    if kind in ("report", "origin"):
        return _reports(rng, numbers, bare.network, world, kind, source, common)
    if kind == "forecast" and numbers.size.ranged:
        kind = "likelihood_ratio"  # what the network itself says is a mean over its numbers
    if kind == "likelihood_ratio":
        ratio = numbers.ratio("likelihood_ratio", common["id"], 0.2, 5)
        return [LikelihoodRatio(**common, likelihood_ratio=ratio)]
    if kind == "forecast":
        deadline = common["published"] + timedelta(days=int(rng.integers(5, 60)))
        q, b = (float(f"{x:.2f}") for x in rng.uniform(0.05, 0.95, 2))
        own = rng.random() < 0.6
        return [
            Forecast(
                **common,
                source=source,
                probability=q,
                base=None if own else b,
                speaks_of=min(deadline, HORIZON),
            )
        ]
    return _observation(rng, bare, world, common)


def _regime(
    rng: np.random.Generator, numbers: Numbers, network: Network, label: str, published: int
) -> list[Item]:
    """A change of pace from any date on, for good or for a while, known on some day."""
    moving = [event.id for event in network.events if event.kind != "fact"]
    event = moving[int(rng.integers(len(moving)))]
    begins = int(rng.integers(1, (HORIZON - START).days - 20))
    fields: dict[str, Any] = {"text": "a reason"}
    if rng.random() < 0.7:  # else from its publication on
        fields["speaks_of"] = START + timedelta(days=begins)
    else:
        begins = published
    if rng.random() < 0.4:
        fields["until"] = START + timedelta(days=begins + int(rng.integers(1, 120)))
    fields["published"] = START + timedelta(days=published)
    ratio = numbers.ratio("regime_ratio", label, 0.1, 8)
    return [Regime(id=label, event=event, hazard_ratio=ratio, **fields)]


def _observation(
    rng: np.random.Generator, bare: Oracle, world: World, common: dict[str, Any]
) -> list[Item]:
    """The state of a hidden event, or between which days it began."""
    event = bare.names[common["event"]]
    if event.public:
        return []
    changes = world.changes(event.name)
    if event.kind == "onset" and changes and rng.random() < 0.5:
        begun = START + timedelta(days=int(changes[0][0] * 365.25))
        first, last = (begun + timedelta(days=int(k)) for k in rng.integers(0, 9, 2) * (-1, 1))
        first, last = max(first, START), min(last, HORIZON)
        return [Observation(**{**common, "published": last}, onset=(first, last))]
    state = "on" if world.on(event.name, years(bare.network, common["published"])) else "off"
    return [Observation(**common, state=state)]


def _watch(
    rng: np.random.Generator,
    numbers: Numbers,
    network: Network,
    world: World,
    kind: str,
    source: str,
    common: dict[str, Any],
) -> list[Item]:
    """A silence, unless the world broke it, or a count, unless it is a large one."""
    event, published = common["event"], common["published"]
    first = max(published - timedelta(days=int(rng.integers(3, 60))), START)
    window = (years(network, first, edge="start"), years(network, published))
    fields = {"source": source, "watched_from": first, "watched_to": published}
    on = world.time_on(event, *window)
    if kind == "silence":
        rate = numbers.values["report_rate"][source]
        left = float(rng.exponential(1 / rate))
        if left > on:
            return [Silence(**common, **fields)]
        broken = START + timedelta(days=int(world.after(event, window[0], left) * 365.25) + 1)
        if not first < broken <= published or not world.on(event, years(network, broken)):
            return []
        return [
            Silence(
                **{**common, "published": broken}, **{**fields, "watched_to": broken}, claim="on"
            )
        ]
    rates = [numbers.values[f"count_rate_{x}"][source] for x in ("off", "on")]
    counted = int(rng.poisson(rates[0] * (window[1] - window[0] - on) + rates[1] * on))
    return [Count(**common, **fields, counted=counted)] if counted <= MOST_COUNTED else []


def _reports(
    rng: np.random.Generator,
    numbers: Numbers,
    network: Network,
    world: World,
    kind: str,
    source: str,
    common: dict[str, Any],
) -> list[Item]:
    """A report, with a copy now and then; or two of one hidden origin."""
    published = common["published"]
    ahead = timedelta(days=int(rng.integers(10, 60))) if rng.random() < 0.25 else timedelta(0)
    behind = timedelta(days=int(rng.integers(1, 5))) if rng.random() < 0.25 else timedelta(0)
    speaks = min(published + ahead, HORIZON) if ahead else max(published - behind, START)
    on = world.on(common["event"], years(network, speaks))
    prefix = "predictive_" if speaks > published else ""
    chance = numbers.values[prefix + ("hit_rate" if on else "false_alarm_rate")][source]
    claim = "on" if rng.random() < chance else "off"
    fields = {"speaks_of": speaks, "claim": claim, "credibility": float(rng.choice([1.0, 0.6]))}
    if kind == "origin":
        other = f"s{(int(source[1]) + 1) % SOURCES}"
        third = f"s{(int(source[1]) + 2) % SOURCES}"
        later = {**common, "id": common["id"] + "b", "published": published + timedelta(days=1)}
        later_claim = claim if rng.random() < 0.8 else "off"
        return [
            Report(**common, source=source, origin=other, check=0.4, **fields),
            Report(
                **later, source=third, origin=other, check=0.2, **{**fields, "claim": later_claim}
            ),
        ]
    first = Report(**common, source=source, **fields)
    if rng.random() < 0.3:
        copy = {**common, "id": common["id"] + "c", "published": published + timedelta(days=1)}
        other = f"s{(int(source[1]) + 1) % SOURCES}"
        if (speaks > copy["published"]) != (speaks > published):
            return [first]
        return [first, Report(**copy, source=other, derived_from=(first.id,), **fields)]
    return [first]


def _wide(
    rng: np.random.Generator,
    numbers: Numbers,
    network: Network,
    world: World,
    source: str,
    common: dict[str, Any],
) -> list[Item]:
    """A silence on some events, unless the world broke it."""
    published, ids = common["published"], [event.id for event in network.events]
    events = [str(e) for e in rng.permutation(ids)[: int(rng.integers(1, 4))]]
    first = max(published - timedelta(days=int(rng.integers(3, 60))), START)
    window = (years(network, first, edge="start"), years(network, published))
    on = sum(world.time_on(event, *window) for event in events)
    if rng.exponential(1 / numbers.values["report_rate"][source]) <= on:
        return []
    fields = {"source": source, "watched_from": first, "watched_to": published}
    return [Silence(**{**common, "event": events}, **fields)]


def _dated(
    rng: np.random.Generator,
    numbers: Numbers,
    network: Network,
    world: World,
    source: str,
    common: dict[str, Any],
) -> list[Item]:
    """A report of when an event began or will begin, with a copy, or of a hidden origin."""
    onsets = [event.id for event in network.events if event.kind == "onset"]
    if not onsets:
        return []
    event, published = str(rng.choice(onsets)), common["published"]
    middle = published + timedelta(days=int(rng.integers(-60, 40)))
    begun = world.changes(event)
    if begun and rng.random() < 0.5:
        middle = START + timedelta(days=int(begun[0][0] * 365.25))
    around = rng.integers(0, 25, 2).tolist()
    first, last = middle - timedelta(days=around[0]), middle + timedelta(days=around[1])
    first, last = (min(max(day, START), HORIZON) for day in (first, last))
    edges = years(network, first, edge="start"), years(network, last)
    within = world.on(event, edges[1]) and not world.on(event, edges[0])
    ahead = last > published
    chance = numbers.values["predictive_" * ahead + ("hit_rate" if within else "false_alarm_rate")][
        source
    ]
    fields = {
        "event": event,
        "onset": (first, last),
        "claim": "on" if rng.random() < chance else "off",
        "credibility": float(rng.choice([1.0, 0.6])),
    }
    one, other = {**common, **fields}, f"s{(int(source[1]) + 1) % SOURCES}"
    later = {**one, "id": common["id"] + "b", "published": published + timedelta(days=1)}
    later["claim"] = fields["claim"] if rng.random() < 0.8 else "off"
    way = rng.random()
    if way < 0.5 or (last > later["published"]) != ahead:
        return [Report(**one, source=source)]
    if way < 0.75:
        copy = Report(**later, source=other, derived_from=(common["id"],))
        return [Report(**one, source=source), copy]
    third = f"s{(int(source[1]) + 2) % SOURCES}"
    return [
        Report(**one, source=source, origin=other, check=0.4),
        Report(**later, source=third, origin=other, check=0.2),
    ]
