"""What an estimate is asked for, and what it gives: settings, and draws of every parameter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecast.engine._importance import Weighted
from forecast.engine.paths import Paths
from forecast.errors import InputError
from forecast.gate import Gate
from forecast.model._lower import Lowered
from forecast.model._parameters import ParameterTable

type Floats = NDArray[np.float64]
type Method = Literal["auto", "importance", "nuts", "paths"]

BATCHES = 32
"""Of the draws of all chains: long enough for a chain to forget where it was, as the gate asks."""

EFFECTIVE = ("ess", "ess_bulk")
"""Of the checks of a gate those that are the effective number of draws."""

METHODS: tuple[Method, ...] = ("auto", "importance", "nuts", "paths")


@dataclass(frozen=True)
class Settings:
    """How to estimate.

    Parameters
    ----------
    method
        ``"auto"`` takes importance sampling where that is cheap and passes the gate, else NUTS or
        the path sampler, whichever would cost less.
    draws
        Of importance sampling, a power of two; NUTS and the path sampler share it out over chains.
        With fewer than 512 the gate fails, which wants 400 effective ones: good for a first look,
        and refused where a run is to be published.
    seed
        Of everything random.
    tune
        Of NUTS.
    chains
        Of NUTS and of the path sampler.
    """

    method: Method = "auto"
    draws: int = 4096
    seed: int = 1
    tune: int = 1000
    chains: int = 4

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            msg = f"unknown method '{self.method}': choose auto, importance, nuts or paths"
            raise InputError(msg)
        whole = isinstance(self.draws, int | np.integer)
        if not whole or self.draws < 64 or self.draws & (self.draws - 1):  # noqa: PLR2004
            msg = f"draws must be a power of two from 64 on, such as 4096 (got {self.draws})"
            raise InputError(msg)
        if not isinstance(self.seed, int | np.integer) or self.seed < 0:
            msg = f"a seed is a whole number from 0 on, such as 1 (got {self.seed})"
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
        ``"importance"``, ``"nuts"`` or ``"paths"``.
    values
        Natural values by group, shape (chain, draw, label).
    log_likelihood
        By item in force and, last, of what is known for sure; shape (chain, draw, item + 1). None
        where it would take the exact filter longer than its worth, or is beyond it.
    gate
        The verdict.
    weighted
        The weighted draws before resampling, of importance sampling alone.
    ess
        Effective number of draws.
    note
        What a reader should know of how the method came to be chosen.
    stats
        Sampler statistics of NUTS and of the path sampler, shape (chain, draw).
    states
        Of all events at the cut-off, or where their sampled paths end before that; of the path
        sampler alone, shape (chain, draw, event).
    paths
        One set of paths for each draw, chain after chain, of the path sampler alone.
    batch
        Which batch each draw belongs to, shape (chain, draw). What batches say is independent, so
        that its spread is the error of what they say together: replicates of importance sampling,
        stretches of a chain. None: stretches.
    """

    lowered: Lowered
    settings: Settings
    method: str
    values: Mapping[str, Floats]
    log_likelihood: Floats | None
    gate: Gate
    ess: float
    weighted: Weighted | None = None
    note: str = ""
    stats: Mapping[str, Floats] = field(default_factory=dict)
    states: NDArray[np.int8] | None = None
    paths: tuple[Paths, ...] = ()
    batch: NDArray[np.intp] | None = None

    @property
    def batches(self) -> NDArray[np.intp]:
        """Which batch each draw belongs to, chains joined, shape (draw,)."""
        if self.batch is not None:
            return self.batch.reshape(-1)
        chains, draws = self.shape
        each = max(BATCHES // chains, 1)
        stretch = np.arange(draws) * each // draws
        return (np.arange(chains)[:, None] * each + stretch).reshape(-1)

    @property
    def shape(self) -> tuple[int, int]:
        """How many chains, and how many draws in each."""
        some = self.log_likelihood if self.states is None else self.states
        assert some is not None  # noqa: S101 - a method without the one has the other
        return some.shape[0], some.shape[1]

    def flat(self) -> dict[str, Floats]:
        """Return the values with chains joined, shape (draw, label)."""
        return {name: v.reshape(-1, v.shape[-1]) for name, v in self.values.items()}


def uncertain(table: ParameterTable, values: Mapping[str, Floats]) -> Floats:
    """Return the draws of every uncertain number, shape (number, chain, draw).

    What was stated as one number has one value in every draw: there is nothing to converge. A
    number that was stated as a range and has one value all the same is a chain that hangs.

    Parameters
    ----------
    table
        The numbers.
    values
        Natural values by group, shape (chain, draw, label).
    """
    found = [np.moveaxis(values[g][..., at], -1, 0) for g, at in table.varying().items() if len(at)]
    return np.concatenate(found) if found else np.zeros((0, 0, 0))


def effective(gate: Gate, draws: float) -> float:
    """Return how many independent draws an estimate is worth, by its gate; at most all of them."""
    found = next((check.value for check in gate.checks if check.name in EFFECTIVE), np.inf)
    return found if np.isfinite(found) else draws
