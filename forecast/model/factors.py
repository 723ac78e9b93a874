"""How each item of evidence in force gets its chances: which parameters, which fixed numbers."""

from collections.abc import Mapping

from scipy.special import logit

from forecast.evidence import (
    Count,
    Evidence,
    Forecast,
    LikelihoodRatio,
    Report,
    Silence,
    statements,
)
from forecast.model.chances import Factor, FactorTable, HiddenClaim
from forecast.model.groups import PREDICTING, REPORTING, model_groups
from forecast.model.parameters import ParameterTable
from forecast.network import Fixed, Network
from forecast.network.prior_of import COUNT_RATES
from forecast.network.source import credibility_of
from forecast.time import years_between

__all__ = [
    "Factor",
    "FactorTable",
    "HiddenClaim",
    "SoftItem",
    "build_factors",
    "items_in_force",
]

type SoftItem = Report | LikelihoodRatio | Forecast | Silence | Count

LEAST_BASE = 1e-6
"""Of a base probability: beyond it all is settled, and a forecast says nothing."""


def items_in_force(seen: Evidence) -> list[SoftItem]:
    """Return the soft items that can say anything: a sure likelihood ratio of one cannot."""
    return [
        item
        for item in seen
        if isinstance(item, Report | LikelihoodRatio | Forecast | Silence | Count)
        and not inert(item)
    ]


def inert(item: SoftItem) -> bool:
    """Return whether an item's chances are the same whatever is true."""
    if isinstance(item, Silence | Count):
        return False
    if isinstance(item, Forecast):
        return item.base == item.probability
    if isinstance(item, Report):
        if item.origin is not None:
            return False
        return item.credibility == 0 or (item.check == 0 and bool(item.derived_from))
    prior = item.likelihood_ratio.prior()
    return isinstance(prior, Fixed) and prior.value == 1


def build_factors(
    network: Network, seen: Evidence, bases: Mapping[str, float], shares: Mapping[str, float]
) -> FactorTable:
    """Return the factors of the seen items in force.

    Parameters
    ----------
    network
        The network.
    seen
        What is seen of the record.
    bases
        The base probability of each forecast, by id.
    shares
        The share of its window that the event was on, for each count where that is known, by id.
    """
    table, items = model_groups(network, seen), items_in_force(seen)
    index = {item.id: i for i, item in enumerate(items)}
    return FactorTable(
        tuple(_factor(network, seen, table, item, {**bases, **shares}) for item in items),
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
    numbers: Mapping[str, float],
) -> Factor:
    if isinstance(item, LikelihoodRatio):
        return Factor(item.id, _place(table, "likelihood_ratio", item.id))
    if isinstance(item, Silence):
        rate, window = _place(table, "report_rate", item.source), years_between(*item.window)
        return Factor(item.id, rate, window=window, broken=item.claim is not None)
    if isinstance(item, Count):
        off, on = (_place(table, name, item.source) for name in COUNT_RATES)
        return Factor(
            item.id,
            on,
            off,
            window=years_between(*item.window),
            counted=item.counted,
            share=numbers.get(item.id),
        )
    if isinstance(item, Forecast):
        base = numbers[item.id]
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
