"""The kinds of item. A new kind is one file with its class, and one row here."""

from forecast.evidence.count import Count
from forecast.evidence.forecast_item import Forecast
from forecast.evidence.item import Item
from forecast.evidence.likelihood_ratio import LikelihoodRatio
from forecast.evidence.observation import Observation
from forecast.evidence.report import Report
from forecast.evidence.retraction import Retraction
from forecast.evidence.silence import Silence

__all__ = ["KINDS"]

KINDS: dict[str, type[Item]] = {
    "observation": Observation,
    "report": Report,
    "forecast": Forecast,
    "likelihood_ratio": LikelihoodRatio,
    "silence": Silence,
    "count": Count,
    "retraction": Retraction,
}
