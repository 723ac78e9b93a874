"""SCORE: calibration, how often it happened when it was said to: numbers in, numbers out."""

from forecast.calibration._bins import Murphy, expected_calibration_error, murphy
from forecast.calibration._corp import Band, Corp, Curve, confidence_band, consistency_band, corp
from forecast.calibration._discrimination import Roc, expected_brier, roc, sharpness
from forecast.calibration._experience import Adjustment, Experience, experience_of
from forecast.calibration._recalibration import (
    Recalibration,
    Spiegelhalter,
    recalibration_test,
    spiegelhalter,
)
from forecast.calibration._simulation import Uniformity, rank_uniformity, simulation_ranks

__all__ = [
    "Adjustment",
    "Band",
    "Corp",
    "Curve",
    "Experience",
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
    "experience_of",
    "murphy",
    "rank_uniformity",
    "recalibration_test",
    "roc",
    "sharpness",
    "simulation_ranks",
    "spiegelhalter",
]
