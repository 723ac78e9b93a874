"""How often `assert_skill` passes forecasters who are no better than the reference, rare and not.

Every case is at the edge: the expected mean gain is nought, or below it where the truth is the
reference itself. Every forecaster is compared by the Brier and by the logarithmic score.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from forecast.errors import InputError
from forecast.scoring._losses import Rule, rule_named
from forecast.testing import assert_skill

type Floats = NDArray[np.float64]
type Case = tuple[Floats, Floats, Floats, NDArray[np.intp] | None]
"""Forecasts, reference and true chances, and which questions come together."""

RULES: tuple[Rule, ...] = ("brier", "logarithmic")


def even_chance(p: Floats, reference: Floats, rule: Rule) -> Floats:
    """Return the chances at which neither forecast is better on any question."""
    loss = rule_named(rule)
    if_no, if_yes = (loss(reference, y) - loss(p, y) for y in (0.0, 1.0))
    apart = if_no - if_yes
    return np.where(apart == 0, p, if_no / np.where(apart == 0, 1, apart))


def constant(said: float, reference: float, truth: float | None, n: int) -> Callable[..., Case]:
    """One forecast and one reference for all; None for the truth at which they are even."""

    def case(_: np.random.Generator, rule: Rule) -> Case:
        p, standard = np.full(n, said), np.full(n, reference)
        chance = even_chance(p, standard, rule) if truth is None else np.full(n, truth)
        return p, standard, chance, None

    return case


def mixed(n: int) -> Callable[..., Case]:
    """Forecasts of all sizes, as far from the truth as the reference."""

    def case(rng: np.random.Generator, rule: Rule) -> Case:
        p = rng.beta(0.5, 1.5, n).clip(0.002, 0.998)
        reference = (p + 0.15 * rng.normal(size=n)).clip(0.005, 0.995)
        return p, reference, even_chance(p, reference, rule), None

    return case


def good_and_bad(n: int) -> Callable[..., Case]:
    """Better on open questions; too sure of what seldom happens, by as much."""

    def case(_: np.random.Generator, rule: Rule) -> Case:
        half = n // 2
        p = np.repeat([0.6, 0.005], [half, n - half])
        reference = np.repeat([0.5, 0.1], [half, n - half])
        chance = np.repeat([0.58, 0.0], [half, n - half])
        loss = rule_named(rule)
        if_no, if_yes = (loss(reference, y) - loss(p, y) for y in (0.0, 1.0))
        won = (if_no + chance * (if_yes - if_no))[:half].sum()
        lost = -won - if_no[half:].sum()
        chance[half:] = lost / (if_yes - if_no)[half:].sum()
        return p, reference, chance, None

    return case


def together(clusters: int, each: int, said: float, reference: float) -> Callable[..., Case]:
    """Questions that all come or all do not, cluster by cluster, at the even chance."""

    def case(_: np.random.Generator, rule: Rule) -> Case:
        p, standard = np.full(clusters * each, said), np.full(clusters * each, reference)
        return (
            p,
            standard,
            even_chance(p, standard, rule),
            np.repeat(np.arange(clusters), each),
        )

    return case


CASES: dict[str, Callable[..., Case]] = {
    **{
        f"{said:.1%} against {reference:.0%}, truth {truth or 'even'}, {n}": constant(
            said, reference, truth, n
        )
        for said, reference in ((0.001, 0.02), (0.01, 0.05), (0.05, 0.3), (0.98, 0.9), (0.4, 0.5))
        for truth in (reference, None)
        for n in (30, 40, 100, 400)
    },
    **{f"mixed, {n}": mixed(n) for n in (30, 100, 400)},
    **{f"better on some and worse on others, {n}": good_and_bad(n) for n in (40, 100, 400)},
    "clusters of 3, 0.1% against 2%, 40": together(40, 3, 0.001, 0.02),
    "clusters of 3, 5% against 30%, 40": together(40, 3, 0.05, 0.3),
    "clusters of 5, 40% against 50%, 60": together(60, 5, 0.4, 0.5),
}


def pass_rate(
    name: str, rule: Rule, forecasters: int, *, error_rate: float, seed: int = 4
) -> float:
    """Return the share of forecasters who pass."""
    rng, passed = np.random.default_rng(seed), 0
    for _ in range(forecasters):
        p, reference, chance, cluster = CASES[name](rng, rule)
        tossed = rng.random(p.size if cluster is None else int(cluster.max()) + 1)
        y = (tossed if cluster is None else tossed[cluster]) < chance
        try:
            assert_skill(p, y, reference, rule=rule, cluster=cluster, error_rate=error_rate)
            passed += 1
        except (AssertionError, InputError):
            pass
    return passed / forecasters
