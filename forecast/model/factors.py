"""What each item of evidence says of its event: P(item | off) and P(item | on).

For a report with own credibility w and chance v that its outlet checked for itself,

    P(claim | x) = v · [ w · P_s(claim | x) + (1 − w) · ½ ] + (1 − v) · (share of its origins
                   that make the same claim),

so an unchecked copy of its origin says nothing, and a contradiction of it is a failed check.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.evidence import Evidence, LikelihoodRatio, Report
from forecast.model.groups import PREDICTING, REPORTING, model_groups
from forecast.model.parameters import ParameterTable
from forecast.network import Fixed, Network

__all__ = ["Factor", "FactorTable", "build_factors", "items_in_force"]

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Factor:
    """How one item's chances follow from named parameters.

    Parameters
    ----------
    item
        Its id.
    hit, false_alarm
        (group, position) of P(says on | on) and P(says on | off); for a likelihood ratio, `hit`
        alone is its place.
    claim
        Whether it says on.
    credibility, check, copied
        w, v, and the share of its origins that make the same claim.
    """

    item: str
    hit: tuple[str, int]
    false_alarm: tuple[str, int] | None = None
    claim: bool = True
    credibility: float = 1.0
    check: float = 1.0
    copied: float = 0.0

    def chance_on(self, values: Mapping[str, Floats]) -> Floats:
        """Return P(says on | off) and P(says on | on) before copying, shape (draw, 2)."""
        hit = values[self.hit[0]][:, self.hit[1]]
        if self.false_alarm is None:
            return np.stack([1 / (1 + hit), hit / (1 + hit)], axis=1)
        false_alarm = values[self.false_alarm[0]][:, self.false_alarm[1]]
        both = np.stack([false_alarm, hit], axis=1)
        return self.credibility * both + (1 - self.credibility) / 2

    def evaluate(self, values: Mapping[str, Floats]) -> Floats:
        """Return P(item | off) and P(item | on), shape (draw, 2)."""
        on = self.chance_on(values)
        said = on if self.claim else 1 - on
        return self.check * said + (1 - self.check) * self.copied


@dataclass(frozen=True)
class FactorTable:
    """The factors of the items in force, in the order of the record."""

    factors: tuple[Factor, ...]

    def evaluate(self, values: Mapping[str, Floats], draws: int) -> Floats:
        """Return P(item | off) and P(item | on), shape (draw, item, 2)."""
        out = np.empty((draws, len(self.factors), 2))
        for i, factor in enumerate(self.factors):
            out[:, i] = factor.evaluate(values)
        return out


def items_in_force(seen: Evidence) -> list[Report | LikelihoodRatio]:
    """Return the soft items that can say anything: a sure likelihood ratio of one cannot."""
    return [item for item in seen if isinstance(item, Report | LikelihoodRatio) and not inert(item)]


def inert(item: Report | LikelihoodRatio) -> bool:
    """Return whether an item's chances are the same whatever is true."""
    if isinstance(item, Report):
        return item.credibility == 0 or (item.check == 0 and bool(item.derived_from))
    prior = item.likelihood_ratio.prior()
    return isinstance(prior, Fixed) and prior.value == 1


def build_factors(network: Network, seen: Evidence) -> FactorTable:
    """Return the factors of the seen items in force."""
    table = model_groups(network, seen)
    return FactorTable(tuple(_factor(network, seen, table, item) for item in items_in_force(seen)))


def _factor(
    network: Network, seen: Evidence, table: ParameterTable, item: Report | LikelihoodRatio
) -> Factor:
    if isinstance(item, LikelihoodRatio):
        return Factor(item.id, _place(table, "likelihood_ratio", item.id))
    names = PREDICTING if item.is_prediction else REPORTING
    hit, false_alarm = (_place(table, name, item.source) for name in names)
    origins = [seen.item(origin) for origin in item.derived_from]
    same = [isinstance(o, Report) and o.claim == item.claim for o in origins]
    return Factor(
        item.id,
        hit,
        false_alarm,
        claim=item.claim == "on",
        credibility=item.credibility,
        check=_check(network, item),
        copied=sum(same) / len(same) if same else 0.0,
    )


def _check(network: Network, item: Report) -> float:
    """Return the chance that the outlet checked for itself: the item's, source's or type's."""
    if not item.derived_from:
        return 1.0
    source = network.source(item.source)
    kind = next(t for t in network.source_types if t.id == source.type)
    stated = (item.check, source.check, kind.check)
    return next(float(check) for check in stated if check is not None)


def _place(table: ParameterTable, name: str, label: str) -> tuple[str, int]:
    group = table.group(name)
    assert group is not None, name  # noqa: S101 - built from the same evidence
    return name, group.labels.index(label)
