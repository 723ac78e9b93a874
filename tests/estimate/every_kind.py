"""Random networks with every kind of event, link and item, and evidence from their worlds."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from forecast.evidence import Count, Evidence, Forecast, Item, LikelihoodRatio, Report, Silence
from forecast.network import Event, Link, Network, Source, SourceType, Window
from forecast.posterior import simulate

START, AS_OF, END = date(2024, 1, 1), date(2024, 6, 30), date(2024, 12, 31)
NEWS_BEGINS = 20  # days after the start

WIRE = SourceType(
    id="wire",
    hit_rate="80% [60%, 92%]",
    false_alarm_rate="10% [3%, 25%]",
    forecast_weight="60% [30%, 85%]",
    report_rate="4 per year [1, 12]",
    count_rate_off="10 per year [5, 20]",
    count_rate_on="30 per year [15, 60]",
    spread=0.5,
    check=0.2,
)
SURE = SourceType(id="sure", hit_rate="90% [80%, 96%]", false_alarm_rate="5%", spread=0.3)


def network_of_every_kind(rng: np.random.Generator, n: int) -> Network:
    """Events of all kinds with links of all kinds, cycles, delays and windows among them."""
    kinds = ["onset", *rng.choice(["onset", "onset", "state", "fact"], size=n - 1)]
    events = [_event(rng, f"e{i}", str(kind)) for i, kind in enumerate(kinds)]
    links: dict[tuple[int, int], Link] = {}
    for _ in range(n + 1):
        parent, child = (int(k) for k in rng.choice(n, 2, replace=False))
        gated = any(
            kinds_of.kind in {"requires", "prevents"} and b == child
            for (_, b), kinds_of in links.items()
        )
        if kinds[child] != "fact" and (parent, child) not in links:
            links[parent, child] = _link(rng, f"e{parent}", f"e{child}", may_gate=not gated)
    return Network(
        name="every_kind",
        start=START,
        horizon=END,
        events=events,
        links=list(links.values()),
        source_types=[WIRE, SURE],
        sources=[
            *(Source(id=f"s{k}", title="", type="wire") for k in range(3)),
            Source(id="officials", title="", type="sure"),
        ],
    )


def _event(rng: np.random.Generator, name: str, kind: str) -> Event:
    p = int(rng.integers(15, 50))
    rate = f"{p}% [{p // 3}%, {min(2 * p, 90)}%] within 6 months"
    if kind == "fact":
        return Event(id=name, kind="fact", initially=f"{p}% [{p // 3}%, 70%]")
    if kind == "state":
        start: Any = "30% [10%, 60%]" if rng.random() < 0.5 else bool(rng.random() < 0.5)
        return Event(id=name, kind="state", public=False, rate=rate, off_rate=rate, initially=start)
    calendar: dict[str, Any] = {
        "windows": [Window(start="2024-02-01", end="2024-05-31", weight=2.0)],
        "outside_windows": 0.5,
    }
    return Event(
        id=name,
        kind="onset",
        public=bool(rng.random() < 0.3),
        rate=rate if rng.random() < 0.8 else {"onsets": 3, "years": 6},
        **(calendar if rng.random() < 0.3 else {}),  # type: ignore[arg-type]
    )


def _link(rng: np.random.Generator, parent: str, child: str, *, may_gate: bool) -> Link:
    ends = {"parent": parent, "child": child}
    kind = rng.choice(["multiplies", "causes", "gate"], p=[0.45, 0.35, 0.2])
    if kind == "gate" and may_gate:
        return Link(**ends, kind=str(rng.choice(["requires", "prevents"])))  # type: ignore[arg-type]
    if kind == "causes":
        return Link(**ends, kind="causes", extra_rate="0.5 per year [0.1, 2]")
    delay = "1 month [0.5 months, 2 months]" if rng.random() < 0.3 else None
    return Link(**ends, kind="multiplies", hazard_ratio="x3 [1, 6]", delay=delay)


def template_of_every_kind(
    rng: np.random.Generator, network: Network, items: int, *, counts: bool
) -> Evidence:
    """Items of every kind, before what they say is drawn."""
    found: list[Item] = []
    for k in range(items):
        day = START + timedelta(days=int(rng.integers(NEWS_BEGINS, 175)))
        event = network.events[int(rng.integers(len(network.events)))]
        source = f"s{rng.integers(3)}"
        common: dict[str, Any] = {"id": f"i{k}", "event": event.id, "published": day}
        watch = {"watched_from": day - timedelta(days=15), "watched_to": day - timedelta(days=1)}
        kind = rng.choice(
            ["report", "derived", "origin", "prediction", "ratio", "forecast", "silence", "count"],
            p=[0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
        )
        before = [i for i in found if i.event == event.id and getattr(i, "source", "") == source]
        said = any(isinstance(i, Forecast) and i.published == day for i in before)
        counted = any(
            isinstance(i, Count) and abs(i.watched_to - watch["watched_to"]) < timedelta(days=15)
            for i in before
        )
        if kind == "ratio":
            found.append(LikelihoodRatio(**common, likelihood_ratio="x2 [1.2, 4]"))
        elif kind == "forecast" and not said:  # a source says one thing at a time
            ahead = day + timedelta(days=90)
            found.append(
                Forecast(**common, source=source, speaks_of=ahead, probability=0.6, base=0.3)
            )
        elif kind == "silence":
            found.append(Silence(**common, source=source, **watch))
        elif kind == "count" and counts and not counted:  # and counts no day twice
            found.append(Count(**common, source=source, **watch, counted=1))
        elif kind == "prediction":
            ahead = day + timedelta(days=60)
            found.append(Report(**common, source=source, claim="on", speaks_of=ahead))
        else:
            heard = _heard(str(kind), day, found)
            found.append(Report(**{**common, "source": source, "claim": "on", **heard}))
    return Evidence(found)


def _heard(kind: str, published: date, before: list[Item]) -> dict[str, Any]:
    """From whom a report has it: a hidden origin, an earlier report or a copy of one, or nobody."""
    if kind == "origin":
        return {"origin": "officials"}
    earlier = [
        item
        for item in before
        if isinstance(item, Report)
        and item.published_instant.date() <= published  # its day ends with a midnight
        and item.speaks_of is None
    ]
    if kind == "report" or not earlier:
        return {}
    return {"event": earlier[-1].event, "derived_from": [earlier[-1].id], "check": 0.3}


def case_of_every_kind(
    seed: int, most: int = 8, items: int = 10, *, counts: bool = False
) -> tuple[Network, Evidence]:
    """Return a random network, and the evidence that one of its worlds leaves."""
    rng = np.random.default_rng(seed)
    network = network_of_every_kind(rng, int(rng.integers(2, most + 1)))
    template = template_of_every_kind(rng, network, items, counts=counts)
    return network, simulate(network, worlds=1, seed=seed, evidence=template)[0].evidence
