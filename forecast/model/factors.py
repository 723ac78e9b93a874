"""What each item of evidence says of its event: P(item | off) and P(item | on).

For a report with own credibility w and chance v that its outlet checked for itself,

    P(claim | x) = v · [ w · P_s(claim | x) + (1 − w) · ½ ] + (1 − v) · (share of its origins
                   that make the same claim),

so an unchecked copy of its origin says nothing, and a contradiction of it is a failed check.

A likelihood ratio counts as a virtual claim: it says on with P = LR / (1 + LR) while the event is
on and 1 / (1 + LR) while it is off. So does a forecast, whose ratio is (odds(q) / odds(b)) ^ κ.

Reports i of a hidden origin share what it said, c, which is summed out,

    P(claims | x) = Σ_c P_origin(c | x) Π_i ( v_i · P_i(claim_i | x) + (1 − v_i) · 1[claim_i = c] ),

and the factor of each is its chance given those of the group before it.

A silence tells of a window and not of a moment. Its two chances are those of being silent all
through the window if the event was off, or on, all the time: 1 and exp(−r · window).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from forecast.evidence import (
    Evidence,
    Forecast,
    LikelihoodRatio,
    Report,
    Silence,
    statements,
)
from forecast.model.groups import PREDICTING, REPORTING, model_groups
from forecast.model.parameters import ParameterTable
from forecast.network import Fixed, Network
from forecast.network.grade import credibility_of
from forecast.time import years_between

__all__ = [
    "Factor",
    "FactorTable",
    "HiddenClaim",
    "SoftItem",
    "build_factors",
    "items_in_force",
]

type Floats = NDArray[np.float64]
type SoftItem = Report | LikelihoodRatio | Forecast | Silence

LEAST_LOG_CHANCE = -700.0
"""Of a silence: what is next to impossible is not to become impossible by rounding."""

LEAST_BASE = 1e-6
"""Of a base probability: beyond it all is settled, and a forecast says nothing."""


@dataclass(frozen=True)
class Factor:
    """How one item's chances follow from named parameters.

    Parameters
    ----------
    item
        Its id.
    hit, false_alarm
        (group, position) of P(says on | on) and P(says on | off). For a likelihood ratio, `hit`
        alone is its place; for a forecast, the place of its source's weight κ.
    shift
        log(odds(q) / odds(b)) of a forecast; None for other items.
    window
        Of a silence, whose `hit` is the place of its source's reporting rate, in years.
    claim
        Whether it says on.
    credibility, check, copied
        w, v, and the share of its origins that make the same claim.
    """

    item: str
    hit: tuple[str, int]
    false_alarm: tuple[str, int] | None = None
    shift: float | None = None
    window: float | None = None
    claim: bool = True
    credibility: float = 1.0
    check: float = 1.0
    copied: float = 0.0

    def chance_on(self, values: Mapping[str, Floats]) -> Floats:
        """Return P(says on | off) and P(says on | on) before copying, shape (draw, 2)."""
        hit = values[self.hit[0]][:, self.hit[1]]
        if self.window is not None:
            silent = np.exp(np.maximum(-hit * self.window, LEAST_LOG_CHANCE))
            return np.stack([np.ones(len(hit)), silent], axis=1)
        if self.false_alarm is None:
            log_ratio = np.log(hit) if self.shift is None else self.shift * hit
            return np.stack([expit(-log_ratio), expit(log_ratio)], axis=1)
        false_alarm = values[self.false_alarm[0]][:, self.false_alarm[1]]
        both = np.stack([false_alarm, hit], axis=1)
        return self.credibility * both + (1 - self.credibility) / 2

    def evaluate(self, values: Mapping[str, Floats]) -> Floats:
        """Return P(item | off) and P(item | on), shape (draw, 2)."""
        on = self.chance_on(values)
        said = on if self.claim else 1 - on
        return self.check * said + (1 - self.check) * self.copied


@dataclass(frozen=True)
class HiddenClaim:
    """A statement of a hidden origin that several reports pass on.

    Parameters
    ----------
    origin
        Its own chances, as if it were an item that says on; of no item's id.
    members
        Positions of the factors of the reports, in order.
    """

    origin: Factor
    members: tuple[int, ...]


@dataclass(frozen=True)
class FactorTable:
    """The factors of the items in force, in the order of the record.

    Parameters
    ----------
    factors
        One for each item; `Factor.evaluate` alone is right for what passes on no hidden claim.
    hidden
        The statements of hidden origins behind some of them.
    """

    factors: tuple[Factor, ...]
    hidden: tuple[HiddenClaim, ...] = ()

    def evaluate(self, values: Mapping[str, Floats], draws: int) -> Floats:
        """Return P(item | off) and P(item | on), shape (draw, item, 2)."""
        out = np.empty((draws, len(self.factors), 2))
        for i, factor in enumerate(self.factors):
            out[:, i] = factor.evaluate(values)
        for statement in self.hidden:
            self._sum_out(statement, values, out)
        return out

    def _sum_out(self, statement: HiddenClaim, values: Mapping[str, Floats], out: Floats) -> None:
        """Put the chances of the reports of one statement, each given those before it."""
        on = statement.origin.chance_on(values)
        weights = np.stack([1 - on, on])  # (claim, draw, 2): P(c and the reports so far | x)
        before = weights.sum(axis=0)
        for i in statement.members:
            factor = self.factors[i]
            said = factor.chance_on(values) if factor.claim else 1 - factor.chance_on(values)
            passed = np.array([not factor.claim, factor.claim], dtype=float)[:, None, None]
            weights *= factor.check * said + (1 - factor.check) * passed
            total = weights.sum(axis=0)
            out[:, i] = np.divide(total, before, out=np.zeros_like(total), where=before > 0)
            before = total


def items_in_force(seen: Evidence) -> list[SoftItem]:
    """Return the soft items that can say anything: a sure likelihood ratio of one cannot."""
    return [
        item
        for item in seen
        if isinstance(item, Report | LikelihoodRatio | Forecast | Silence) and not inert(item)
    ]


def inert(item: SoftItem) -> bool:
    """Return whether an item's chances are the same whatever is true."""
    if isinstance(item, Silence):
        return False
    if isinstance(item, Forecast):
        return item.base == item.probability
    if isinstance(item, Report):
        if item.origin is not None:
            return False
        return item.credibility == 0 or (item.check == 0 and bool(item.derived_from))
    prior = item.likelihood_ratio.prior()
    return isinstance(prior, Fixed) and prior.value == 1


def build_factors(network: Network, seen: Evidence, bases: Mapping[str, float]) -> FactorTable:
    """Return the factors of the seen items in force.

    Parameters
    ----------
    network
        The network.
    seen
        What is seen of the record.
    bases
        The base probability of each forecast, by id.
    """
    table, items = model_groups(network, seen), items_in_force(seen)
    index = {item.id: i for i, item in enumerate(items)}
    return FactorTable(
        tuple(_factor(network, seen, table, item, bases) for item in items),
        tuple(
            HiddenClaim(_origin(table, group[0]), tuple(index[item.id] for item in group))
            for group in statements(items)
        ),
    )


def _origin(table: ParameterTable, first: Report) -> Factor:
    assert first.origin is not None, first.id  # noqa: S101 - it passes on a statement
    names = PREDICTING if first.is_prediction else REPORTING
    hit, false_alarm = (_place(table, name, first.origin) for name in names)
    return Factor("", hit, false_alarm)


def _factor(
    network: Network,
    seen: Evidence,
    table: ParameterTable,
    item: SoftItem,
    bases: Mapping[str, float],
) -> Factor:
    if isinstance(item, LikelihoodRatio):
        return Factor(item.id, _place(table, "likelihood_ratio", item.id))
    if isinstance(item, Silence):
        window = years_between(*item.window)
        return Factor(item.id, _place(table, "report_rate", item.source), window=window)
    if isinstance(item, Forecast):
        base = bases[item.id]
        settled = not LEAST_BASE < base < 1 - LEAST_BASE
        shift = 0.0 if settled else float(logit(item.probability) - logit(base))
        return Factor(item.id, _place(table, "forecast_weight", item.source), shift=shift)
    names = PREDICTING if item.is_prediction else REPORTING
    hit, false_alarm = (_place(table, name, item.source) for name in names)
    origins = [seen.item(origin) for origin in item.derived_from]
    same = [isinstance(o, Report) and o.claim == item.claim for o in origins]
    return Factor(
        item.id,
        hit,
        false_alarm,
        claim=item.claim == "on",
        credibility=_credibility(seen, item),
        check=_check(network, item),
        copied=sum(same) / len(same) if same else 0.0,
    )


def _credibility(seen: Evidence, item: Report) -> float:
    """Return w: as stated, or what the digit of the item's grade stands for."""
    if item.grade is None:
        return item.credibility
    return credibility_of(item.grade, confirmed_here=_confirmed(seen, item))


def _confirmed(seen: Evidence, item: Report) -> bool:
    """Return whether another report, neither a copy of this nor copied by it, claims the same."""
    return any(
        other.id != item.id
        and isinstance(other, Report)
        and (other.event, other.claim) == (item.event, item.claim)
        and item.id not in _repeated(seen, other)
        and other.id not in _repeated(seen, item)
        for other in seen
    )


def _repeated(seen: Evidence, item: Report) -> set[str]:
    """Return the items that one repeats, over any number of steps."""
    found: set[str] = set()
    left = list(item.derived_from)
    while left:
        name = left.pop()
        origin = seen.item(name)
        if name not in found and isinstance(origin, Report):
            found.add(name)
            left += origin.derived_from
    return found


def _check(network: Network, item: Report) -> float:
    """Return the chance that the outlet checked for itself: the item's, source's or type's."""
    if not item.derived_from and item.origin is None:
        return 1.0
    source = network.source(item.source)
    kind = next(t for t in network.source_types if t.id == source.type)
    stated = (item.check, source.check, kind.check)
    return next(float(check) for check in stated if check is not None)


def _place(table: ParameterTable, name: str, label: str) -> tuple[str, int]:
    group = table.group(name)
    assert group is not None, name  # noqa: S101 - built from the same evidence
    return name, group.labels.index(label)
