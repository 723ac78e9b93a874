"""Likelihood ratios: an analyst's own weighing."""

from typing import Literal

from forecast.evidence.item import Item
from forecast.network.belief import RatioBelief

__all__ = ["LikelihoodRatio"]


class LikelihoodRatio(Item):
    """How much likelier the news is if the event is on at the time it speaks of than if it is off.

    Parameters
    ----------
    likelihood_ratio
        With its range, such as ``"x2 [1.2, 4]"``.
    """

    kind: Literal["likelihood_ratio"] = "likelihood_ratio"
    likelihood_ratio: RatioBelief
