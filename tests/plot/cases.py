"""Fixed data for pictures that need no posterior."""

import numpy as np

from forecast.network import Event, Link, Network

WORLDS, DRAWS = 400, 99


def forecasts() -> tuple[np.ndarray, np.ndarray]:
    """Overconfident forecasts, and what came of them."""
    rng = np.random.default_rng(1)
    said = rng.beta(0.6, 1.2, size=300)
    return said, rng.random(300) < 0.15 + 0.7 * said


def ranks() -> dict[str, np.ndarray]:
    """Even ranks, and those of one posterior that is too low."""
    rng = np.random.default_rng(2)
    found = {f"base_rate[{name}]": rng.integers(0, DRAWS + 1, WORLDS) for name in "abcdef"}
    found["hit_rate[afp]"] = (rng.beta(1.3, 1, WORLDS) * (DRAWS + 1)).astype(int)
    return found


def tangle(count: int, links: int, seed: int) -> Network:
    """A random network with cycles, events of all kinds, links of all kinds, and long titles."""
    rng = np.random.default_rng(seed)
    kinds = ["onset", "onset", "state"]
    words = ["treaty", "troops", "arms", "sanctions", "summit", "embargo", "of", "the", "in", "by"]
    events = []
    for i in range(count):
        kind = kinds[i % 3]
        rates = {"rate": "20% within 1 year"}
        if kind == "state":
            rates["off_rate"] = "once in 2 years"
        title = " ".join(rng.choice(words, size=int(rng.integers(2, 9))))
        events.append(Event(id=f"e{i}", title=f"{i} {title}", kind=kind, **rates))
    pairs = dict.fromkeys(
        (int(a), int((a + rng.integers(1, 12) * rng.choice([1, 1, 1, -1])) % count))
        for a in rng.integers(0, count, size=links)
    )
    forms = [
        {"kind": "multiplies", "hazard_ratio": "x3"},
        {"kind": "multiplies", "hazard_ratio": "x0.4"},
        {"kind": "causes", "extra_rate": "1 per year"},
        {"kind": "multiplies", "hazard_ratio": "x1.5"},
    ]
    found = [
        Link(parent=f"e{a}", child=f"e{b}", **forms[place % 4])
        for place, (a, b) in enumerate(pairs)
        if a != b
    ]
    return Network(
        name="tangle",
        title=f"A tangle of {count} events",
        start="2024-01-01",
        horizon="2024-12-31",
        events=events,
        links=found,
    )
