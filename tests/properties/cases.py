"""Random records of every kind of item, sound by construction, from a seed."""

from datetime import date, timedelta
from typing import Any

import numpy as np

import forecast as fc
from forecast.evidence import Item
from forecast.model._lower import Lowered
from tests.model.every_kind import watched_network

START, DAYS = date(2024, 1, 1), 300
HIDDEN = ("troops", "regime")
PRESS = ("daily", "weekly", "agency")
NETWORK = watched_network()


def day(number: int) -> date:
    return START + timedelta(days=int(number))


def random_items(rng: np.random.Generator, most: int = 8) -> list[Item]:
    """Items by publication; many are recorded later, copy, retract, or share a hidden origin."""
    found: list[Item] = []
    published = np.sort(rng.integers(20, DAYS, size=int(rng.integers(1, most + 1))))
    for k, when in enumerate(published.tolist()):
        late = int(rng.integers(0, 60)) if rng.random() < 0.4 else 0
        common = {
            "id": f"i{k}",
            "event": HIDDEN[int(rng.integers(2))],
            "published": day(when),
            "recorded": day(max([when + late, *(_recorded(i) for i in found)])) if late else None,
        }
        if common["recorded"] is None and any(_recorded(i) > when for i in found):
            common["recorded"] = day(max(_recorded(i) for i in found))
        before = [item for item in found if item.published_instant.date() <= day(when)]
        if before and rng.random() < 0.2:
            common["retracts"] = (before[int(rng.integers(len(before)))].id,)
            if rng.random() < 0.5:
                found.append(fc.Retraction(**common))
                continue
        found.append(_random_item(rng, when, before, common))
    return found


def _recorded(item: Item) -> int:
    return (item.recorded_instant.date() - START).days - 1  # a day ends as the next begins


def _random_item(
    rng: np.random.Generator, when: int, before: list[Item], common: dict[str, Any]
) -> Item:
    kind = rng.choice(["report", "ratio", "forecast", "silence", "count", "observation"])
    source = PRESS[int(rng.integers(len(PRESS)))]
    if kind == "ratio":
        return fc.LikelihoodRatio(**common, likelihood_ratio="x2 [1.2, 4]")
    if kind == "forecast":
        deadline, chance = day(when + 30), float(rng.uniform(0.1, 0.9))
        return fc.Forecast(
            **common, source=source, speaks_of=deadline, probability=chance, base=0.3
        )
    if kind == "observation" and not any(isinstance(i, fc.Observation) for i in before):
        return fc.Observation(**{**common, "event": "treaty", "onset": day(when - 1)})
    if kind in {"silence", "count"}:
        window = {"watched_from": day(when - int(rng.integers(1, 20))), "watched_to": day(when)}
        counts = [i for i in before if isinstance(i, fc.Count) and i.event == common["event"]]
        apart = all(i.watched_to < window["watched_from"] for i in counts)  # a series counts once
        if kind == "count" and apart:
            return fc.Count(**common, **window, source="trains", counted=int(rng.integers(9)))
        return fc.Silence(
            **common, **window, source="satellite", claim="on" if rng.random() < 0.3 else None
        )
    return _random_report(rng, when, before, {**common, "source": source})


def _random_report(
    rng: np.random.Generator, when: int, before: list[Item], fields: dict[str, Any]
) -> fc.Report:
    claim = "on" if rng.random() < 0.6 else "off"
    ahead = day(when + 40) if rng.random() < 0.2 else None
    origins = [
        item.id
        for item in before
        if isinstance(item, fc.Report)
        and item.event == fields["event"]
        and item.is_prediction == (ahead is not None)
    ]
    draw = rng.random()
    if origins and draw < 0.5:
        fields["derived_from"] = (origins[int(rng.integers(len(origins)))],)
    elif draw > 0.7:
        fields["origin"] = "official"
    return fc.Report(**fields, claim=claim, speaks_of=ahead)


def same(one: Lowered, other: Lowered) -> bool:
    """Return whether two lowered records are the same numbers: parameters, factors and arrays."""
    return (
        one.table == other.table
        and one.factors == other.factors
        and all(
            np.array_equal(np.asarray(left), np.asarray(right))
            for left, right in zip(one.record, other.record, strict=True)
        )
    )
