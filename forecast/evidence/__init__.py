"""READ: the kinds of item, the record of them, and what they make certain."""

from forecast.evidence._count import Count
from forecast.evidence._forecast_item import Forecast
from forecast.evidence._item import Clock, Item, Place
from forecast.evidence._kinds import KINDS
from forecast.evidence._known import held_history, known_history
from forecast.evidence._likelihood_ratio import LikelihoodRatio
from forecast.evidence._moment import Moment, finish
from forecast.evidence._observation import Observation
from forecast.evidence._questions import Question, Questions, question_faults
from forecast.evidence._record import Evidence
from forecast.evidence._regime import Regime
from forecast.evidence._relations import borne, spoken_of, statements
from forecast.evidence._report import Report
from forecast.evidence._resolutions import Resolution, Resolutions, resolution_faults
from forecast.evidence._retraction import Retraction
from forecast.evidence._silence import Silence
from forecast.evidence._timeline import Held, Known
from forecast.evidence._watched import Watched

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
    "Question",
    "Questions",
    "Regime",
    "Report",
    "Resolution",
    "Resolutions",
    "Retraction",
    "Silence",
    "Watched",
    "borne",
    "finish",
    "held_history",
    "known_history",
    "question_faults",
    "resolution_faults",
    "spoken_of",
    "statements",
]
