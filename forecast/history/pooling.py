"""How far the rates of a reference class may differ: scales of priors, as one object."""

from dataclasses import dataclass
from math import isfinite

from forecast.errors import Fault, InputError

__all__ = ["Pooling"]


@dataclass(frozen=True)
class Pooling:
    """How far things may differ, as scales of priors; a scale of 0 leaves the part out.

    Parameters
    ----------
    centre_sd
        Normal, of the log of the centre's rate.
    spread_sd
        Half-normal, of the spread of log rates between subclasses; plays no part in a class of one.
    burst_sd
        Half-normal, of the relative spread of the rate from period to period (overdispersion).
    trend_sd
        Normal, of the change of log rates in ten years.
    """

    centre_sd: float = 4.0
    spread_sd: float = 1.0
    burst_sd: float = 1.0
    trend_sd: float = 0.25

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (isfinite(value) and value >= 0) or (name == "centre_sd" and value == 0):
                raise InputError(
                    Fault(
                        f"the scale {name} of a pooling is a number of 0 or more, not {value}",
                        "centre_sd must be above 0.",
                    )
                )
