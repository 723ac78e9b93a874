"""The kinds of item. A new kind is one file with its class, and one row here."""

from forecast.evidence.item import Item
from forecast.evidence.likelihood_ratio import LikelihoodRatio
from forecast.evidence.observation import Observation
from forecast.evidence.report import Report

__all__ = ["KINDS"]

KINDS: dict[str, type[Item]] = {
    "observation": Observation,
    "report": Report,
    "likelihood_ratio": LikelihoodRatio,
}
