"""A random network asked of the library and of the oracle: every probability side by side."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

import forecast as fc
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._problem import Parameters
from tests.reference.cases import HORIZON, Case
from tests.reference.clock import years
from tests.reference.oracle import Oracle

__all__ = [
    "ERRORS",
    "WITHIN",
    "Compared",
    "averaged",
    "compared",
    "draw_by_draw",
    "oracle_of",
]

WITHIN, ERRORS = 1e-3, 4.0
"""How far a probability may lie from the oracle's: absolutely, or in errors that are stated."""
PROBABILITIES = {
    "initial_probability",
    "hit_rate",
    "false_alarm_rate",
    "predictive_hit_rate",
    "predictive_false_alarm_rate",
    "forecast_weight",
}
DRAWS, POINTS = 3, 1000  # of ranged numbers: looked at one by one; and averaged over
WIDTH = 1.6448536269514722  # standard deviations from the median to an end of a stated range
LIKELY = 0.02  # least probability of what is supposed
MOST_RACING = 1500  # joint states of which it is kept who came first


@dataclass(frozen=True)
class Compared:
    """One probability, by the library and by the oracle."""

    question: str
    found: float
    error: float
    exact: float

    @property
    def off(self) -> float:
        """By how much the library is off."""
        return abs(self.found - self.exact)

    @property
    def right(self) -> bool:
        """Whether it is within bounds, and is a number at all."""
        return bool(self.off <= max(WITHIN, ERRORS * self.error))


def oracle_of(case: Case, **more: Any) -> Oracle:
    """The oracle of a case, its numbers being those that are stated."""
    return Oracle(case.network, case.evidence, case.as_of, case.values, **more)


def deadlines(case: Case) -> list[date]:
    """The cut-off, a date on the way, and the horizon."""
    return [case.as_of, case.as_of + (HORIZON - case.as_of) // 2, HORIZON]


def compared(case: Case, post: fc.Posterior, seed: int) -> Iterator[Compared]:
    """Every kind of question about a network whose numbers are fixed."""
    rng = np.random.default_rng(seed)
    oracle = oracle_of(case)
    ids = list(oracle.names)
    days = deadlines(case)
    times = [years(case.network, day) for day in days]
    exact = oracle.chances(times)
    table = post.table(by=days)
    for k, day in enumerate(days):
        shown = table.columns.get_level_values(0).unique()[k]
        for row, event in enumerate(ids):
            cell = table.loc[event, shown]
            yield Compared(f"{event} by {day}", cell["mean"], cell["mcse"], exact[row, k])
    several = [str(e) for e in rng.permutation(ids)[:3]]
    joint = post.joint(several, by=days[1])
    cells = oracle.joint(several, times[1])
    for _, cell in joint.iterrows():
        number = sum(int(cell[event]) << b for b, event in enumerate(several))
        question = f"joint of {several}, {number}, by {days[1]}"
        yield Compared(question, cell["mean"], cell["mcse"], cells[number])
    yield from _races(case, post, rng)
    yield from _supposed(case, post, rng, exact)


def _races(case: Case, post: fc.Posterior, rng: np.random.Generator) -> Iterator[Compared]:
    starts = {e.id for e in case.network.events if e.initially is not False}
    names = oracle_of(case).names
    onsets = [x.name for x in names.values() if x.kind == "onset" and x.name not in starts]
    if len(onsets) < 2:
        return
    a, b = (str(e) for e in rng.permutation(onsets)[:2])
    oracle = oracle_of(case, race=(a, b))
    if np.prod(oracle.shape) > MOST_RACING:
        return
    found = post.before(a, b, by=HORIZON)
    exact = oracle.came_first(years(case.network, HORIZON))
    yield Compared(f"{a} before {b} by {HORIZON}", found.mean, found.mcse, exact)


def _supposed(
    case: Case, post: fc.Posterior, rng: np.random.Generator, exact: NDArray[np.float64]
) -> Iterator[Compared]:
    """One condition and one intervention, on another event than is asked for."""
    names = oracle_of(case).names
    ids = list(names)
    if len(ids) < 2:
        return
    asked, other = (str(e) for e in rng.permutation(ids)[:2])
    middle, end = deadlines(case)[1:]
    chance = float(exact[ids.index(other), 1])
    on = bool(rng.random() < 0.5)
    on = on if (chance if on else 1 - chance) > LIKELY else not on
    time = years(case.network, middle)
    given = oracle_of(case, given=((other, time, on),))
    word = "on" if on else "off"
    found = post.probability(asked, by=end, given={other: (on, middle)})
    at = ids.index(asked)
    yield Compared(
        f"{asked} by {end} given {other} {word} on {middle}",
        found.mean,
        found.mcse,
        given.chances([years(case.network, end)])[at, 0],
    )
    now = years(case.network, case.as_of)
    ways: list[tuple[str | date, float]] = [("on", now), ("off", np.inf), (middle, time)]
    often = not names[other].exactly and oracle_of(case).kept[names[other].part].size > 2
    what, when = ways[int(rng.integers(2 if often else 3))]
    done = oracle_of(case, do={other: when})
    found = post.probability(asked, by=end, do={other: what})
    yield Compared(
        f"{asked} by {end} do {other} {what}",
        found.mean,
        found.mcse,
        done.chances([years(case.network, end)])[at, 0],
    )


def draw_by_draw(case: Case, post: fc.Posterior, seed: int) -> Iterator[Compared]:
    """Chances given the numbers, at some of the draws of ranged numbers, and log likelihoods."""
    rng = np.random.default_rng(seed)
    draws, lowered = post._draws, post.fitted.lowered
    middle = deadlines(case)[1]
    times = [years(case.network, middle)]
    found = {name: post.probability(name, by=middle) for name in oracle_of(case).names}
    places = rng.permutation(len(draws.batch))[:DRAWS]
    # Beyond the exact filter, one draw's chance is a few courses' word for it: two halves of them.
    counted = bool(lowered.record.counted.any())
    logs = []
    for d in places.tolist():
        values = {
            group.name: {
                label: float(draws.natural[group.name][d, k])
                for k, label in enumerate(group.labels)
            }
            for group in lowered.table.groups
        }
        oracle = replace(oracle_of(case), values=values)
        exact = oracle.chances(times)
        if not counted:
            for row, event in enumerate(found):
                estimates = found[event].estimates
                if estimates is not None and len(estimates.hits) > 1:
                    continue
                p = float(found[event].draws[d])
                yield Compared(f"{event} by {middle} at draw {d}", p, 0.0, float(exact[row, 0]))
        logs.append(oracle.log_likelihood())
    if counted:
        return
    theta = Parameters(*(part[places] for part in draws.theta))
    ours = log_likelihoods(lowered.plans(), theta).sum(axis=1)
    for k, d in enumerate(places.tolist()):
        # Its weight against the first; as a share it is a probability like another.
        share = [1 / (1 + np.exp(-(each[k] - each[0]))) for each in (ours, logs)]
        yield Compared(f"weight of draw {d}", float(share[0]), 0.0, float(share[1]))


def averaged(case: Case, post: fc.Posterior, seed: int) -> Iterator[Compared]:
    """Forecasts over ranged numbers, by importance sampling from the oracle's own priors."""
    rng = np.random.default_rng(seed)
    times = [years(case.network, day) for day in deadlines(case)[1:]]
    logs, chances = [], []
    for _ in range(POINTS):
        oracle = replace(oracle_of(case), values=drawn_from_priors(case, rng))
        log, states = oracle.sweep(times)
        logs.append(log)
        chances.append([[states[t][oracle.on(name)].sum() for t in times] for name in oracle.names])
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    mean = np.tensordot(weights, chances, 1)
    spread = np.sqrt(np.tensordot(weights**2, (np.array(chances) - mean) ** 2, 1))
    for row, name in enumerate(oracle_of(case).names):
        for k, day in enumerate(deadlines(case)[1:]):
            found = post.probability(name, by=day)
            error = float(np.hypot(found.mcse, spread[row, k]))
            yield Compared(f"{name} by {day}", found.mean, error, float(mean[row, k]))


def drawn_from_priors(case: Case, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Values of all numbers: from half to double in rates and ratios, in odds of probabilities."""
    values: dict[str, dict[str, float]] = {}
    for name, stated in case.values.items():
        for label, x in stated.items():
            factor = np.exp(np.log(2) / WIDTH * rng.normal())
            odds = x / (1 - x) * factor if name in PROBABILITIES else 0.0
            drawn = odds / (1 + odds) if name in PROBABILITIES else x * factor
            values.setdefault(name, {})[label] = float(drawn)
    return values
