"""Flat priors: wide ones in place of those that a network states."""

from dataclasses import replace
from math import log

from forecast.model._parameters import Against, Group, ParameterTable, Pooled
from forecast.network import Fixed, LogitNormal, LogNormal, Prior

RATE_SD, RATIO_SD, DELAY_SD, ODDS_SD = 5.0, 3.0, 2.0, 1.7
"""Of logarithms; of log-odds the one at which a probability is nearly uniform."""


def flat_table(table: ParameterTable, years: float) -> ParameterTable:
    """Return a table with wide priors: of a rate around one event in all the time at risk.

    Parameters
    ----------
    table
        Of the network.
    years
        The time at risk.
    """
    wide: dict[str, Prior] = {
        "base_rate": LogNormal(-log(years), RATE_SD),
        "off_rate": LogNormal(-log(years), RATE_SD),
        "extra_rate": LogNormal(-log(years), RATE_SD),
        "hazard_ratio": LogNormal(0.0, RATIO_SD),
        "odds_ratio": LogNormal(0.0, RATIO_SD),
        "outcome_weight": LogNormal(0.0, RATIO_SD),
        "delay": LogNormal(0.0, DELAY_SD),
        "initial_probability": LogitNormal(0.0, ODDS_SD),
        "chance": LogitNormal(0.0, ODDS_SD),
    }

    def of(group: Group) -> Group:
        if group.name not in wide:
            return group
        priors: list[Prior | Pooled | Against] = [
            prior if isinstance(prior, Fixed) and prior.value in {0, 1} else wide[group.name]
            for prior in group.priors
        ]
        return replace(group, priors=tuple(priors))

    return ParameterTable(tuple(of(group) for group in table.groups))
