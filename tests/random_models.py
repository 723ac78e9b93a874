"""Random networks as people would state them, with evidence drawn from one of their worlds."""

from datetime import date, timedelta

import numpy as np

from forecast.evidence import Evidence, LikelihoodRatio, Report
from forecast.network import Event, Link, Network, Source
from forecast.posterior import simulate
from tests.networks import WIRE

START = date(2024, 1, 1)
AS_OF = date(2024, 6, 30)


def random_network(rng: np.random.Generator, n: int) -> Network:
    """Events of all kinds with random links, cycles and delays among them."""
    events, kinds = [], rng.choice(["onset", "onset", "state", "fact"], size=n)
    kinds[0] = "onset"
    for i, kind in enumerate(kinds):
        p = int(rng.integers(10, 50))
        rate = f"{p}% [{p // 3}%, {min(2 * p, 90)}%] within 6 months"
        if kind == "fact":
            events.append(Event(id=f"e{i}", kind="fact", initially=f"{p}% [{p // 3}%, 70%]"))
        elif kind == "state":
            events.append(Event(id=f"e{i}", kind="state", public=False, rate=rate, off_rate=rate))
        else:
            public = bool(rng.random() < 0.4)
            events.append(Event(id=f"e{i}", kind="onset", public=public, rate=rate))
    links: dict[tuple[int, int], Link] = {}
    for _ in range(n):
        parent, child = (int(k) for k in rng.choice(n, 2, replace=False))
        if kinds[child] == "fact" or (parent, child) in links:
            continue
        common = {"parent": f"e{parent}", "child": f"e{child}"}
        if rng.random() < 0.5:
            delay = "1 month [0.5 months, 2 months]" if rng.random() < 0.3 else None
            links[parent, child] = Link(
                **common, kind="multiplies", hazard_ratio="x3 [1, 6]", delay=delay
            )
        else:
            links[parent, child] = Link(**common, kind="causes", extra_rate="0.5 per year [0.1, 2]")
    return Network(
        name="random",
        start=START,
        horizon="2024-12-31",
        events=events,
        links=list(links.values()),
        source_types=[WIRE],
        sources=[Source(id=f"s{k}", title="", type="wire") for k in range(3)],
    )


def random_template(rng: np.random.Generator, network: Network, items: int) -> Evidence:
    """Reports, copies, predictions and likelihood ratios, before what they say is drawn."""
    found: list[Report | LikelihoodRatio] = []
    for k in range(items):
        published = START + timedelta(days=int(rng.integers(20, 170)))
        event = network.events[int(rng.integers(len(network.events)))].id
        common = {"id": f"i{k}", "event": event, "published": published}
        if rng.random() < 0.2:
            found.append(LikelihoodRatio(**common, likelihood_ratio="x2 [1.2, 4]"))
            continue
        ahead = timedelta(days=60) if rng.random() < 0.3 else timedelta(0)
        found.append(
            Report(
                **common,
                source=f"s{rng.integers(3)}",
                claim="on",
                speaks_of=published + ahead if ahead else None,
            )
        )
    return Evidence(found)


def random_case(seed: int, most: int = 4, items: int = 8) -> tuple[Network, Evidence]:
    """A random network and the evidence that one of its worlds leaves."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, int(rng.integers(2, most + 1)))
    template = random_template(rng, network, items)
    return network, simulate(network, worlds=1, seed=seed, evidence=template)[0].evidence
