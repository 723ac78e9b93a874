"""Coverage of what is learned: numbers drawn from the priors, histories from the numbers.

The panels are drawn by a simulator of the test's own, event by event: no rate of the library's is
used. Numbers come from what the network states and from the scales; so the central intervals of the
posterior must hold the numbers that the histories came from as often as they say.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

import forecast as fc
from forecast.seeds import child_seed, generator
from tests.learning.panels import network, spells, table

LEVEL = 0.9
Z = 1.6448536269514722
UNITS, YEARS = 50, 25.0
SCALES = fc.Scales(unit_sd=0.7, covariate_sd=0.5, group_sd=0.4, drift_sd=0.3)
PERIODS = (8.0, 16.0)
NAMES = ("to 8", "8 to 16", "from 16")
GROUPS = 6
PRIORS = {
    ("base_rate", "war"): (0.06, 1.5),
    ("off_rate", "war"): (0.5, 1.5),
    ("base_rate", "coup"): (0.05, 1.6),
    ("base_rate", "coup.2"): (0.1, 1.6),
    ("base_rate", "pact"): (0.04, 1.5),
    ("base_rate", "pact.confirmed"): (np.log(2) / 1.0, 2.0),
    ("base_rate", "treaty"): (np.log(2) / 5.0, 1.8),
    ("hazard_ratio", "war__multiplies__coup"): (2.0, 2.0),
    ("hazard_ratio", "coup__multiplies__war"): (2.0, 2.0),
    ("delay", "coup__multiplies__war"): (2.0, 1.8),
    ("extra_rate", "war__causes__pact"): (0.15, 2.0),
}
"""Median, and what it is multiplied and divided by at the ends of its 90% interval."""
EVER = (0.6, 1.0)
"""The middle, and the distance of the ends in log-odds."""


def _ends(median: float, factor: float, digits: str = ".6g") -> str:
    return f"{median:{digits}} [{median / factor:{digits}}, {median * factor:{digits}}]"


def _rate(key: tuple[str, str]) -> str:
    median, factor = PRIORS[key]
    low, high = median / factor, median * factor
    return f"{median:.6g} per year [{low:.6g}, {high:.6g}]"


def _half(key: tuple[str, str], lead: str) -> str:
    median, factor = PRIORS[key]
    half = np.log(2) / median
    return f"{lead}{half:.6f} years [{half / factor:.6f}, {half * factor:.6f}]"


def _expit(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def stated(*, delay: bool) -> fc.Network:
    """Return the network whose beliefs are the priors, with a delay on one of its links or not."""
    middle = float(np.log(EVER[0] / (1 - EVER[0])))
    ever = [_expit(middle + shift) for shift in (0.0, -EVER[1], EVER[1])]
    events: dict[str, dict[str, Any]] = {
        "war": {
            "kind": "state",
            "rate": _rate(("base_rate", "war")),
            "off_rate": _rate(("off_rate", "war")),
        },
        "coup": {
            "kind": "repeated",
            "rate": _rate(("base_rate", "coup")),
            "rate_after": _rate(("base_rate", "coup.2")),
            "up_to": 3,
        },
        "pact": {
            "kind": "onset",
            "rate": _rate(("base_rate", "pact")),
            "known": _half(("base_rate", "pact.confirmed"), "within "),
        },
        "treaty": {
            "kind": "onset",
            "ever": f"{ever[0]:.8f} [{ever[1]:.8f}, {ever[2]:.8f}]",
            "pace": _half(("base_rate", "treaty"), "half of it within "),
        },
    }
    names = ("war__multiplies__coup", "coup__multiplies__war")
    ratio = {name: "x" + _ends(*PRIORS["hazard_ratio", name]) for name in names}
    middle, factor = PRIORS["delay", "coup__multiplies__war"]
    text = f"{middle} years [{middle / factor:.6f}, {middle * factor:.6f}]"
    links: list[Mapping[str, Any]] = [
        {"parent": "war", "child": "coup", "kind": "multiplies",
         "hazard_ratio": ratio["war__multiplies__coup"]},
        {"parent": "coup", "child": "war", "kind": "multiplies",
         "hazard_ratio": ratio["coup__multiplies__war"], **({"delay": text} if delay else {})},
        {"parent": "war", "child": "pact", "kind": "causes",
         "extra_rate": _rate(("extra_rate", "war__causes__pact"))},
        {"parent": "pact", "child": "treaty", "kind": "requires"},
    ]  # fmt: skip
    return network(events, links)


@dataclass
class World:
    """The numbers of a panel, and its tables."""

    truth: dict[tuple[str, str], float]
    ratios: dict[tuple[str, str], float]
    histories: pd.DataFrame
    units: pd.DataFrame


ON = ("war", "coup", "pact", "treaty")


def drawn(rng: np.random.Generator, *, delay: bool) -> World:  # noqa: PLR0915 - one story
    """Return a panel: its numbers from the priors, its histories from the numbers.

    Parameters
    ----------
    rng
        What numbers and histories are drawn by.
    delay
        Whether one link acts with a delay; else there are groups, and a drift.
    """
    truth = {key: m * f ** (rng.normal() / Z) for key, (m, f) in PRIORS.items()}
    middle = float(np.log(EVER[0] / (1 - EVER[0])))
    truth["initial_probability", "treaty.ever"] = _expit(middle + EVER[1] * rng.normal() / Z)
    units = spells(UNITS, 0.0, YEARS)
    units["start"] = np.where(rng.uniform(size=UNITS) < 0.3, rng.uniform(0.0, 10.0, UNITS), 0.0)
    units["stop"] = np.where(rng.uniform(size=UNITS) < 0.3, rng.uniform(12.0, YEARS, UNITS), YEARS)
    units["origin"] = units["start"]
    units["rich"] = rng.normal(size=UNITS)
    units["region"] = rng.choice([f"g{k}" for k in range(GROUPS)], UNITS)
    years = (units["stop"] - units["start"]).to_numpy()
    rich = units["rich"].to_numpy()
    mean = years @ rich / years.sum()
    sd = np.sqrt(years @ (rich - mean) ** 2 / years.sum())
    beta, unit_sd, ratio = {}, {}, {}
    log_period: dict[str, list[float]] = {}
    at = _reference(units)
    regions = sorted(set(units["region"]))
    for event in ON:
        beta[event] = rng.normal() * SCALES.covariate_sd / sd
        truth["covariate_ratio", f"{event}, rich"] = float(np.exp(beta[event]))
        unit_sd[event] = abs(rng.normal()) * SCALES.unit_sd
        truth["unit_sd", event] = unit_sd[event]
        shape = 1 / max(unit_sd[event] ** 2, 1e-8)
        effect = dict.fromkeys(regions, 0.0)
        if event != "treaty" and not delay:
            group_sd = abs(rng.normal()) * SCALES.group_sd
            effect = {g: float(rng.normal() * group_sd) for g in regions}
            truth["group_sd", event] = group_sd
            truth |= {("group_ratio", f"{event}, {g}"): float(np.exp(effect[g])) for g in regions}
        own = rng.gamma(shape, 1 / shape, UNITS)
        ratio[event] = own * np.exp([effect[g] for g in units["region"]])
        step_sd = abs(rng.normal()) * SCALES.drift_sd * (not delay)
        walk = np.cumsum([0.0, *(rng.normal(size=2) * step_sd)])
        walk -= walk[at]
        truth["drift_sd", event] = step_sd
        log_period[event] = list(walk)
        truth |= {
            ("period_ratio", f"{event}, {name}"): float(np.exp(step))
            for name, step in zip(NAMES, walk, strict=True)
        }
    rows = []
    for k in range(UNITS):
        rates = {e: ratio[e][k] * np.exp(beta[e] * (rich[k] - mean)) for e in ON}
        rows += _course(
            f"u{k}",
            truth,
            rates,
            log_period,
            float(units["start"][k]),
            float(units["stop"][k]),
            rng,
            delay=delay,
        )
    ratios = {(e, f"u{k}"): float(ratio[e][k]) for e in ON for k in range(UNITS)}
    return World(truth, ratios, table(rows), units)


def _reference(units: pd.DataFrame) -> int:
    """Return the period with most time at risk, whose rates base rates are."""
    bounds = [0.0, *PERIODS, np.inf]
    seen = [
        np.maximum(np.minimum(units["stop"], b) - np.maximum(units["start"], a), 0).sum()
        for a, b in pairwise(bounds)
    ]
    return int(np.argmax(seen))


def _course(  # noqa: PLR0912, PLR0915 - a table of what may happen
    name: str,
    truth: Mapping[tuple[str, str], float],
    own: Mapping[str, float],
    log_period: Mapping[str, list[float]],
    start: float,
    stop: float,
    rng: np.random.Generator,
    *,
    delay: bool,
) -> list[dict[str, Any]]:
    """Return rows of one unit."""
    rows: list[dict[str, Any]] = []
    war = coup = pact = treaty = known = 0
    passed, begun, ever = 0, False, rng.uniform() < truth["initial_probability", "treaty.ever"]
    since, time = 0.0, start
    pace = 1 / max(delay * truth["delay", "coup__multiplies__war"], 1e-9)
    while True:
        period = sum(time >= edge for edge in PERIODS)
        drift = {e: np.exp(log_period[e][period]) for e in ON}
        rates = {}
        if war:
            rates["peace"] = truth["off_rate", "war"]
        else:
            ratio = truth["hazard_ratio", "coup__multiplies__war"] if passed else 1.0
            rates["war"] = truth["base_rate", "war"] * ratio * own["war"] * drift["war"]
        first = "coup" if coup == 0 else "coup.2"
        ratio = truth["hazard_ratio", "war__multiplies__coup"] if war else 1.0
        rates["coup"] = truth["base_rate", first] * ratio * own["coup"] * drift["coup"]
        if not pact:
            extra = truth["extra_rate", "war__causes__pact"] * war
            rates["pact"] = (truth["base_rate", "pact"] + extra) * own["pact"] * drift["pact"]
        if pact and not known:
            rates["known"] = truth["base_rate", "pact.confirmed"]
        if pact and ever and not treaty:
            rates["treaty"] = truth["base_rate", "treaty"] * own["treaty"] * drift["treaty"]
        if begun and not passed:
            rates["passes"] = pace
        total = sum(rates.values())
        wait = rng.exponential(1 / total)
        edge = next((edge for edge in PERIODS if edge > time), np.inf)
        if time + wait > min(edge, stop):
            if edge > stop:
                break
            time = edge
            continue
        time += wait
        names = list(rates)
        what = names[rng.choice(len(names), p=np.array([*rates.values()]) / total)]
        if what == "passes":
            passed += 1
        elif what == "war":
            war, since = 1, time
        elif what == "peace":
            war = 0
            rows.append({"unit": name, "event": "war", "on": since, "off": time})
        elif what == "coup":
            coup, begun = coup + 1, True
            rows.append({"unit": name, "event": "coup", "on": time})
        elif what == "pact":
            pact = 1
            rows.append({"unit": name, "event": "pact", "on": time})
        elif what == "known":
            known = 1
            rows.append({"unit": name, "event": "pact.confirmed", "on": time})
        else:
            treaty = 1
            rows.append({"unit": name, "event": "treaty", "on": time})
    if war:
        rows.append({"unit": name, "event": "war", "on": since})
    return rows


def covered(number: int, seed: int, draws: int = 2000) -> dict[str, list[bool]]:
    """Return whether each interval of a panel held its number, by the name of the number.

    Every second panel has a delay, the others groups and a drift.
    """
    rng, delay = generator(seed, "panel", number), number % 2 == 1
    world = drawn(rng, delay=delay)
    learned = fc.learn(
        stated(delay=delay),
        world.histories,
        world.units,
        covariates=["rich"],
        group=None if delay else "region",
        drift=None if delay else list(PERIODS),
        scales=SCALES,
        draws=draws,
        seed=child_seed(seed, "learn", number),
    )
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    held = defaultdict(list)
    for (name, label), values in learned.numbers().items():
        low, high = np.quantile(values, tails)
        held[name].append(bool(low <= world.truth[name, label] <= high))
    whose = [f"u{k}" for k in range(0, UNITS, 10)]
    groups = learned.panel.group if learned.panel.groups else None
    for fitted in learned.processes:
        if fitted.process.role != "on":
            continue
        event = fitted.process.event.id
        places = [learned.panel.units.index(name) for name in whose]
        of = [(k, None if groups is None else int(groups[k])) for k in places]
        own = np.array([world.ratios[event, name] for name in whose])
        low, high = np.quantile(fitted.unit_ratios(of), tails, axis=0)
        held["ratio of a unit"] += ((low <= own) & (own <= high)).tolist()
    return dict(held)
