"""A workspace of many networks that share their sources: ``python -m benchmarks.many DIR N``.

Each network has ten events, some public and some hidden, links of every kind, and fifty items of
evidence that a simulated world of its own left behind (`forecast.simulate`).
"""

import csv
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

import forecast as fc
from forecast.evidence import Item, LikelihoodRatio, Observation, Report

START, HORIZON, AS_OF = date(2024, 1, 1), date(2024, 12, 31), date(2024, 6, 30)
DEADLINES = (date(2024, 9, 30), date(2024, 12, 31))
EVENTS, ITEMS, SOURCES = 10, 50, 40
SPEAKING = 6
"""How many of the shared sources write about one network."""
KINDS = ("public",) * 5 + ("hidden",) * 3 + ("state", "fact")
COLUMNS = ["id", "published", "kind", "event", "source", "claim", "speaks_of", "state"]
COLUMNS += ["onset_from", "onset_to", "likelihood_ratio"]
TYPES = {
    "wire": {"hit_rate": "80% [60%, 92%]", "false_alarm_rate": "10% [3%, 25%]", "spread": 0.5},
    "local": {"hit_rate": "60% [35%, 80%]", "false_alarm_rate": "20% [8%, 40%]", "spread": 0.7},
}


def sources() -> dict[str, dict[str, str]]:
    """Return the sources that all networks share."""
    return {f"s{k}": {"title": f"Source {k}", "type": list(TYPES)[k % 2]} for k in range(SOURCES)}


def network_fields(number: int) -> dict[str, Any]:
    """Return a network as its file states it."""
    rng = np.random.default_rng([1, number])
    names = [f"n{number}_e{k}" for k in range(EVENTS)]
    events = {name: _event(rng, kind) for name, kind in zip(names, KINDS, strict=True)}
    pairs = [(k, k + 1) for k in range(EVENTS - 2)]  # a chain, so that news travels
    pairs += [(int(a), int(b)) for a, b in rng.integers(EVENTS - 1, size=(4, 2)) if a != b]
    pairs.append((EVENTS - 1, int(rng.integers(EVENTS - 1))))  # the fact bears on something
    links = [_link(rng, names[a], names[b]) for a, b in dict.fromkeys(pairs)]
    return {
        "name": f"n{number}",
        "start": START.isoformat(),
        "horizon": HORIZON.isoformat(),
        "events": events,
        "links": links,
    }


def _event(rng: np.random.Generator, kind: str) -> dict[str, Any]:
    p = int(rng.integers(8, 40))
    rate = f"{p}% [{p // 3}%, {min(2 * p, 80)}%] within 6 months"
    if kind == "fact":
        return {"kind": "fact", "initially": f"{p}% [{p // 3}%, 70%]"}
    if kind == "state":
        return {"kind": "state", "public": False, "rate": rate, "off_rate": rate}
    return {"kind": "onset", "public": kind == "public", "rate": rate}


def _link(rng: np.random.Generator, parent: str, child: str) -> dict[str, str]:
    if rng.random() < 0.7:
        return {"parent": parent, "child": child, "kind": "multiplies", "hazard_ratio": "x2 [1, 4]"}
    strength = "0.4 per year [0.1, 1.5]"
    return {"parent": parent, "child": child, "kind": "causes", "extra_rate": strength}


def template(network: fc.Network, number: int, items: int = ITEMS) -> fc.Evidence:
    """Return items with their times and sources, before a world says what they say."""
    rng = np.random.default_rng([2, number])
    speaking = rng.choice(SOURCES, SPEAKING, replace=False)
    found: list[Item] = []
    for k in range(items):
        event = network.events[int(rng.integers(EVENTS))].id
        day = START + timedelta(days=int(rng.integers(5, (AS_OF - START).days)))
        common: dict[str, Any] = {"id": f"{network.name}_i{k}", "event": event, "published": day}
        if rng.random() < 0.2:
            found.append(LikelihoodRatio(**common | {"likelihood_ratio": "x2 [1.2, 4]"}))
        else:
            ahead = day + timedelta(days=60) if rng.random() < 0.2 else None
            source = f"s{rng.choice(speaking)}"
            found.append(Report(**common, source=source, claim="on", speaks_of=ahead))
    return fc.Evidence(found)


def row(item: Item) -> dict[str, str]:
    """Return an item as a row of the evidence file."""
    fields = {"id": item.id, "published": item.published.isoformat(), "event": item.event}
    fields["kind"] = item.kind
    if isinstance(item, Observation) and item.onset is not None:
        return fields | dict(
            zip(("onset_from", "onset_to"), (d.isoformat() for d in item.onset), strict=True)
        )
    if isinstance(item, Observation):
        return fields | {"state": str(item.state)}
    if isinstance(item, Report):
        ahead = {} if item.speaks_of is None else {"speaks_of": item.speaks_of.isoformat()}
        return fields | {"source": item.source, "claim": item.claim} | ahead
    assert isinstance(item, LikelihoodRatio)
    return fields | {"likelihood_ratio": str(item.likelihood_ratio)}


def write_workspace(folder: Path, networks: int) -> dict[str, int]:
    """Write the workspace; return how much is in it."""
    (folder / "priors").mkdir(parents=True)
    (folder / "evidence").mkdir()
    _write_yaml(folder / "priors" / "sources.yaml", {"types": TYPES, "sources": sources()})
    counts = {"networks": networks, "events": 0, "links": 0, "items": 0}
    for number in range(networks):
        file = folder / "priors" / f"n{number}.yaml"
        _write_yaml(file, network_fields(number))
        network = fc.read_network(file)
        world = fc.simulate(network, worlds=1, seed=number, evidence=template(network, number))[0]
        items = world.evidence.as_of(AS_OF)
        with (folder / "evidence" / f"n{number}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS)
            writer.writeheader()
            writer.writerows(row(item) for item in items)
        counts["events"] += len(network.events)
        counts["links"] += len(network.links)
        counts["items"] += len(items)
    files = ", ".join(f'"priors/n{number}.yaml"' for number in range(networks))
    days = ", ".join(f'"{day}"' for day in DEADLINES)
    text = f"[workspace]\nnetworks = [{files}]\n\n[forecast]\ndeadlines = [{days}]\n"
    text += f'as_of = "{AS_OF}"\n'
    (folder / "forecast.toml").write_text(text, encoding="utf-8")
    return counts


def _write_yaml(path: Path, fields: dict[str, Any]) -> None:
    """Write a mapping of mappings with each entry on a line: JSON is YAML."""
    lines = []
    for key, value in fields.items():
        if isinstance(value, dict):
            lines += [f"{key}:", *(f"  {name}: {json.dumps(body)}" for name, body in value.items())]
        elif isinstance(value, list):
            lines += [f"{key}:", *(f"  - {json.dumps(body)}" for body in value)]
        else:
            lines.append(f"{key}: {value}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    print(write_workspace(Path(sys.argv[1]), int(sys.argv[2])))
