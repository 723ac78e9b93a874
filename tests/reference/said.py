"""What items say and what is certain, read from the items as people state them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from forecast.evidence import (
    Forecast,
    Item,
    LikelihoodRatio,
    Observation,
    Report,
    Silence,
)
from forecast.network import Network
from tests.reference.clock import years
from tests.reference.parts import named

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Certain", "Dated", "certain", "dated", "multipliers", "standing", "time_of"]

SETTLED = 1e-6  # of a base: nearer to 0 or 1 than this a forecast says nothing

type Values = Mapping[str, Mapping[str, float]]


def time_of(network: Network, item: Item) -> float:
    """The time that an item tells of, in years; of a dated onset the end of its last day."""
    if isinstance(item, Report) and item.onset is not None:
        return years(network, item.onset[1])
    return years(network, item.published if item.speaks_of is None else item.speaks_of)


def standing(seen: Sequence[Item]) -> list[Item]:
    """Those of the items seen that none of them takes back."""
    gone = {name for item in seen for name in item.retracts}
    return [item for item in seen if item.id not in gone]


@dataclass(frozen=True)
class Certain:
    """What is known for sure: states at times, and over which stretches nothing turned how."""

    points: list[tuple[str, float, bool]]
    bound: list[tuple[str, float, float, frozenset[int]]]  # event, from, to, what it may turn to

    @property
    def edges(self) -> set[float]:
        """The times at which what is certain changes."""
        return {t for _, t, _ in self.points} | {t for _, *ends, _ in self.bound for t in ends}

    def may_turn(self, event: str, start: float, end: float) -> frozenset[int]:
        """What an event may turn to within an interval."""
        for name, first, last, may in self.bound:
            if name == event and first <= start and end <= last:
                return may
        return frozenset((0, 1))


def certain(network: Network, items: Iterable[Item], now: float) -> Certain:
    """What observations say, and that every change of a public event would have been seen."""
    points: list[tuple[str, float, bool]] = []
    for item in items:
        if isinstance(item, Silence) and item.claim is not None:
            points.append((item.event, years(network, item.watched_to), True))
        elif isinstance(item, Observation) and item.onset is not None:
            first, last = item.onset
            points.append((item.event, years(network, first, edge="start"), False))
            points.append((item.event, years(network, last), True))
        elif isinstance(item, Observation):
            points.append((item.event, time_of(network, item), item.state == "on"))
    bound = []
    for chain in public(network):
        seen = sorted((when, value) for name, when, value in points if name in chain)
        came = [k for name, _, on in points for k, one in enumerate(chain, 1) if name == one and on]
        event = next(one for one in network.events if chain[0] in {x.name for x in named(one)})
        if isinstance(event.initially, bool) and chain[0] == event.id:
            seen = [(0.0, event.initially), *seen]
            came.append(int(event.initially))
        if event.kind != "state":
            points += [(name, now, False) for name in chain[max(came, default=0) :][:1]]
            continue
        stretches = [*zip(seen, [*seen[1:], (now, None)], strict=True)] if seen else []
        for (since, before), (until, then) in stretches:
            changed = then is not None and then != before
            bound.append((event.id, since, until, frozenset({int(then)} if changed else ())))
        until, found = seen[0] if seen else (now, None)
        may = frozenset(() if found is None else {int(found)})
        bound.append((event.id, 0.0, until, may))
    return Certain(points, [one for one in bound if one[2] > one[1]])


def public(network: Network) -> list[list[str]]:
    """What is known at once: names that come one after the other."""
    chains: dict[str, list[str]] = {}
    for event in network.events:
        for one in named(event):
            if one.public:
                chains.setdefault(one.part, []).append(one.name)
    return list(chains.values())


def multipliers(  # a case for each kind
    network: Network,
    items: Sequence[Item],
    seen: Sequence[Item],
    values: Values,
    own: Callable[[str, float, object], float],
) -> list[tuple[str, float, tuple[float, float]]]:
    """For what is said of a moment: the event, the time, and its chance if off and if on."""
    found = opined(network, [i for i in items if isinstance(i, Forecast)], values, own)
    by_id = {item.id: item for item in seen}
    statements: dict[tuple[object, ...], list[Report]] = {}
    for item in items:
        if isinstance(item, Report) and item.onset is not None:
            continue  # no matter of a moment: see `dated`
        if isinstance(item, LikelihoodRatio):
            ratio = values["likelihood_ratio"][item.id]
            both = (1 / (1 + ratio), ratio / (1 + ratio))
        elif isinstance(item, Report) and item.origin is not None:
            key = (item.origin, item.event, predicts(item, network))
            statements.setdefault(key, []).append(item)
            continue
        elif isinstance(item, Report):
            both = report_chance(network, item, by_id, values)
        elif isinstance(item, Silence) and item.claim is not None:
            rate = values["report_rate"][item.source]
            both = (rate, rate)
        else:
            continue
        found.append((item.event, time_of(network, item), both))
    for (origin, event, ahead), group in statements.items():
        first = min(group, key=lambda item: (str(item.published), item.id))
        off, on = (
            statement_chance(network, group, str(origin), x, values, ahead=bool(ahead))
            for x in (0, 1)
        )
        found.append((str(event), time_of(network, first), (off, on)))
    return found


def opined(  # noqa: PLR0912  # a case for each kind
    network: Network,
    items: Sequence[Forecast],
    values: Values,
    own: Callable[[str, float, object], float],
) -> list[tuple[str, float, tuple[float, float]]]:
    """What sources think of events: event, time, and a chance if off and if on.

    `own` is the network's own probability of an event at a time, as of a day (None: the cut-off).
    """
    own = cache(own)
    newest: dict[tuple[str, str], datetime] = {}
    for item in items:
        pair = item.source, item.event
        newest[pair] = max(newest.get(pair, item.published_instant), item.published_instant)
    found = []
    for event in dict.fromkeys(item.event for item in items):
        said: dict[str, dict[float, tuple[Forecast, float]]] = {}
        for item in items:
            if item.event == event and item.published_instant == newest[item.source, event]:
                time = time_of(network, item)
                then = own(event, time, item.published) if item.base is None else float(item.base)
                if SETTLED < then < 1 - SETTLED:
                    moved = line(item.probability) - line(then)
                    said.setdefault(item.source, {})[time] = (item, moved)
        known = {t for curve in said.values() for t in curve if own(event, t, None) in (0.0, 1.0)}
        times = sorted({t for curve in said.values() for t in curve} - known)
        still = {s: curve for s, curve in said.items() if set(curve) - known}
        for source, curve in said.items():  # of what is known already: of a fixed weight, no matter
            found += [(event, t, (1.0, np.exp(curve[t][1]))) for t in set(curve) & known]
            assert source in values["forecast_weight"]
        weight = shared_weights(network, list(still), values)
        if not times:
            continue
        stated = next(one for one in network.events if event in {x.name for x in named(one)})
        if stated.kind == "state":
            for source, curve in still.items():
                for t in set(curve) - known:
                    move = weight[source] * curve[t][1] / len(curve)
                    found.append((event, t, (1.0, float(np.exp(move)))))
            continue
        if stated.kind == "fact":
            for source, curve in still.items():
                mean = float(np.mean([moved for _, moved in curve.values()]))
                found.append((event, times[0], (1.0, float(np.exp(weight[source] * mean)))))
            continue
        before = after = 0.0
        worth = []
        for t in times:
            b = own(event, t, None)
            shift = sum(weight[s] * implied(event, curve, t, own) for s, curve in still.items())
            p = max(1 / (1 + np.exp(-line(b) - shift)), after)
            worth.append((p - after) / (b - before))
            before, after = b, p
        worth.append((1 - after) / (1 - before))
        for t, here, later in zip(times, worth, worth[1:], strict=False):
            found.append((event, t, (1.0, here / later)))
    return found


def line(p: float) -> float:
    """Log-odds."""
    p = min(max(p, SETTLED), 1 - SETTLED)
    return float(np.log(p / (1 - p)))


def shared_weights(network: Network, sources: Sequence[str], values: Values) -> dict[str, float]:
    """How much of its surprise is taken over from each of some sources."""
    kappa = {source: values["forecast_weight"][source] for source in sources}
    sharing = [s for s in sources if not network.source(s).independent]
    known = 1 - np.prod([1 - kappa[s] for s in sharing])
    whole = sum(kappa[s] for s in sharing)
    return {s: k * float(known / whole) if s in sharing else k for s, k in kappa.items()}


def implied(
    event: str,
    curve: Mapping[float, tuple[Forecast, float]],
    time: float,
    own: Callable[[str, float, object], float],
) -> float:
    """The surprise at any time of a source that spoke of some: in proportion in between."""
    if time in curve:
        return curve[time][1]
    day = next(iter(curve.values()))[0].published
    then = {t: own(event, t, day) for t in (time, *curve)}
    moved = {t: 1 / (1 + np.exp(-line(then[t]) - curve[t][1])) for t in curve}
    low = max((t for t in curve if t < time), default=None)
    high = min((t for t in curve if t > time), default=None)
    a, said_a = (0.0, 0.0) if low is None else (then[low], moved[low])
    b, said_b = (1.0, 1.0) if high is None else (then[high], moved[high])
    q = said_a + (said_b - said_a) * (then[time] - a) / (b - a)
    return line(float(q)) - line(then[time])


@dataclass(frozen=True)
class Dated:
    """That an onset lay between two times: its chance to be said if so, and on any other course."""

    event: str
    first: float
    last: float
    inside: float
    outside: float


def dated(
    network: Network, items: Sequence[Item], seen: Sequence[Item], values: Values
) -> list[Dated]:
    """The reports that date an onset; those of one hidden origin and the same days are one."""
    by_id = {item.id: item for item in seen}
    told = [item for item in items if isinstance(item, Report) and item.onset is not None]
    groups: dict[tuple[object, ...], list[Report]] = {}
    for item in told:
        key = (item.origin, item.event, item.onset, predicts(item, network))
        groups.setdefault(key if item.origin is not None else (item.id,), []).append(item)
    found = []
    for group in groups.values():
        one, ahead = group[0], predicts(group[0], network)
        if one.origin is None:
            outside, inside = report_chance(network, one, by_id, values)
        else:
            outside, inside = (
                statement_chance(network, group, one.origin, x, values, ahead=ahead) for x in (0, 1)
            )
        assert one.onset is not None
        first = years(network, one.onset[0], edge="start")
        found.append(Dated(one.event, first, time_of(network, one), inside, outside))
    return found


def report_chance(
    network: Network, item: Report, by_id: Mapping[str, Item], values: Values
) -> tuple[float, float]:
    """v · P_own(claim | x) + (1 − v) · (the share of its origins that claim the same), x = 0, 1."""
    copied = [by_id[name] for name in item.derived_from if name in by_id]
    same = [isinstance(o, Report) and o.claim == item.claim for o in copied]
    v = checked(network, item)
    share = float(np.mean(same)) if same else 0.0
    own = claim_chance(network, item, values)
    return v * own[0] + (1 - v) * share, v * own[1] + (1 - v) * share


def predicts(item: Report, network: Network) -> bool:
    """Whether a report tells of a time after its publication."""
    return time_of(network, item) > years(network, item.published)


def says_on(source: str, values: Values, x: int, *, ahead: bool) -> float:
    """P(the source says on | the event's state)."""
    name = ("predictive_" if ahead else "") + ("hit_rate" if x else "false_alarm_rate")
    return values[name][source]


def claim_chance(network: Network, item: Report, values: Values) -> tuple[float, float]:
    """w · P_source(claim | x) + (1 − w) / 2, if off and if on."""
    both = []
    for x in (0, 1):
        on = says_on(item.source, values, x, ahead=predicts(item, network))
        said = on if item.claim == "on" else 1 - on
        both.append(item.credibility * said + (1 - item.credibility) / 2)
    return both[0], both[1]


def checked(network: Network, item: Report) -> float:
    """v: the chance that the outlet checked for itself."""
    if not item.derived_from and item.origin is None:
        return 1.0
    source = next(one for one in network.sources if one.id == item.source)
    kind = next(one for one in network.source_types if one.id == source.type)
    stated = (item.check, source.check, kind.check)
    return next(float(v) for v in stated if v is not None)


def statement_chance(
    network: Network, group: Sequence[Report], origin: str, x: int, values: Values, *, ahead: bool
) -> float:
    """Σ_c P_origin(c | x) Π_i ( v_i P_i(claim_i | x) + (1 − v_i) 1[claim_i = c] )."""
    total = 0.0
    for c in ("on", "off"):
        on = says_on(origin, values, x, ahead=ahead)
        product = on if c == "on" else 1 - on
        for item in group:
            v = checked(network, item)
            own = claim_chance(network, item, values)[x]
            product *= v * own + (1 - v) * (item.claim == c)
        total += product
    return total
