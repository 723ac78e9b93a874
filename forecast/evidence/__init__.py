"""READ: the kinds of item, the record of them, and what they make certain."""

from forecast.evidence.count import Count
from forecast.evidence.forecast_item import Forecast
from forecast.evidence.item import Clock, Item, Place
from forecast.evidence.kinds import KINDS
from forecast.evidence.known import held_history, known_history
from forecast.evidence.likelihood_ratio import LikelihoodRatio
from forecast.evidence.moment import Moment, finish
from forecast.evidence.observation import Observation
from forecast.evidence.record import Evidence
from forecast.evidence.relations import spoken_of, statements
from forecast.evidence.report import Report
from forecast.evidence.resolutions import Resolution, Resolutions, resolution_faults
from forecast.evidence.retraction import Retraction
from forecast.evidence.silence import Silence
from forecast.evidence.timeline import Held, Known
from forecast.evidence.watched import Watched

__all__ = [
    "KINDS",
    "Clock",
    "Count",
    "Evidence",
    "Forecast",
    "Held",
    "Item",
    "Known",
    "LikelihoodRatio",
    "Moment",
    "Observation",
    "Place",
    "Report",
    "Resolution",
    "Resolutions",
    "Retraction",
    "Silence",
    "Watched",
    "finish",
    "held_history",
    "known_history",
    "resolution_faults",
    "spoken_of",
    "statements",
]
