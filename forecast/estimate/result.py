"""What an estimate is asked for, and what it gives: settings, and draws of every parameter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecast.errors import InputError
from forecast.estimate.gate import Gate
from forecast.estimate.importance import Weighted
from forecast.model.lower import Lowered

__all__ = ["Fit", "Method", "Settings"]

type Floats = NDArray[np.float64]
type Method = Literal["auto", "importance", "nuts"]


@dataclass(frozen=True)
class Settings:
    """How to estimate.

    Parameters
    ----------
    method
        ``"auto"`` takes importance sampling where it passes the gate, else NUTS.
    draws
        Of importance sampling, a power of two; NUTS takes a quarter of it in each chain.
    seed
        Of everything random.
    tune, chains
        Of NUTS.
    """

    method: Method = "auto"
    draws: int = 4096
    seed: int = 1
    tune: int = 1000
    chains: int = 4

    def __post_init__(self) -> None:
        if self.method not in ("auto", "importance", "nuts"):
            msg = f"unknown method '{self.method}': choose auto, importance or nuts"
            raise InputError(msg)
        if self.draws < 64 or self.draws & (self.draws - 1):  # noqa: PLR2004
            msg = f"draws must be a power of two from 64 on, such as 4096 (got {self.draws})"
            raise InputError(msg)


@dataclass(frozen=True)
class Fit:
    """Equally weighted draws of every parameter, and how they were made.

    Parameters
    ----------
    lowered
        What was fitted.
    settings
        How it was asked for.
    method
        ``"importance"`` or ``"nuts"``.
    values
        Natural values by group, shape (chain, draw, label).
    log_likelihood
        By item in force and, last, of what is known for sure; shape (chain, draw, item + 1).
    gate
        The verdict.
    weighted
        The weighted draws before resampling, of importance sampling alone.
    ess
        Effective number of draws.
    note
        What a reader should know of how the method came to be chosen.
    stats
        Sampler statistics of NUTS, shape (chain, draw).
    """

    lowered: Lowered
    settings: Settings
    method: str
    values: Mapping[str, Floats]
    log_likelihood: Floats
    gate: Gate
    ess: float
    weighted: Weighted | None = None
    note: str = ""
    stats: Mapping[str, Floats] = field(default_factory=dict)

    def flat(self) -> dict[str, Floats]:
        """Return the values with chains joined, shape (draw, label)."""
        return {name: v.reshape(-1, v.shape[-1]) for name, v in self.values.items()}
