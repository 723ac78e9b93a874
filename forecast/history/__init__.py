"""COUNT: history as base rates: reference classes, pooled rates, hazard ratios, elicitation.

It stands between what people state and the files: descriptions of counts are plain objects that a
file is read into. What estimates (PyMC) is imported when it is first called, so that reading a
network stays fast.
"""

from forecast.history._reference_class import ReferenceClass, Tally, Total

__all__ = ["ReferenceClass", "Tally", "Total"]
