"""The kinds of item. A new kind is one file with its class, and one row here."""

from forecast.evidence._count import Count
from forecast.evidence._forecast_item import Forecast
from forecast.evidence._item import Item
from forecast.evidence._likelihood_ratio import LikelihoodRatio
from forecast.evidence._observation import Observation
from forecast.evidence._regime import Regime
from forecast.evidence._report import Report
from forecast.evidence._retraction import Retraction
from forecast.evidence._silence import Silence

KINDS: dict[str, type[Item]] = {
    "observation": Observation,
    "report": Report,
    "forecast": Forecast,
    "likelihood_ratio": LikelihoodRatio,
    "silence": Silence,
    "count": Count,
    "regime": Regime,
    "retraction": Retraction,
}
