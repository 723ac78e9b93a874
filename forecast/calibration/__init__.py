"""SCORE: calibration, how often it happened when it was said to: numbers in, numbers out."""

from forecast.calibration.bands import Band, confidence_band, consistency_band
from forecast.calibration.corp import Corp, Curve, corp
from forecast.calibration.ece import expected_calibration_error
from forecast.calibration.murphy import Murphy, murphy
from forecast.calibration.recalibration import Recalibration, recalibration_test
from forecast.calibration.roc import Roc, roc
from forecast.calibration.sharpness import expected_brier, sharpness
from forecast.calibration.simulation import Uniformity, rank_uniformity, simulation_ranks
from forecast.calibration.spiegelhalter import Spiegelhalter, spiegelhalter

__all__ = [
    "Band",
    "Corp",
    "Curve",
    "Murphy",
    "Recalibration",
    "Roc",
    "Spiegelhalter",
    "Uniformity",
    "confidence_band",
    "consistency_band",
    "corp",
    "expected_brier",
    "expected_calibration_error",
    "murphy",
    "rank_uniformity",
    "recalibration_test",
    "roc",
    "sharpness",
    "simulation_ranks",
    "spiegelhalter",
]
