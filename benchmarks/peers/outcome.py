"""What a peer's run comes to."""

import resource
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["WANTED", "Outcome", "Spent", "Watch", "peak_memory", "typical"]

WANTED = 400
"""Effective draws."""

RUNS = 9
"""Of which the medians are told."""


class Spent(NamedTuple):
    """Time that went by, and that of all processors together."""

    wall: float
    processor: float

    def __add__(self, other: object) -> "Spent":
        assert isinstance(other, Spent)
        return Spent(*(a + b for a, b in zip(self, other, strict=True)))

    def times(self, factor: float) -> "Spent":
        """Return the same at another length."""
        return Spent(*(factor * each for each in self))

    def less(self, other: "Spent") -> "Spent":
        """Return what is left, never less than nothing."""
        return Spent(*(max(a - b, 0.0) for a, b in zip(self, other, strict=True)))


class Watch:
    """A stop watch; children count once they have ended."""

    def __init__(self) -> None:
        self._last = self._now()

    @staticmethod
    def _now() -> Spent:
        used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return Spent(time.perf_counter(), sum(u.ru_utime + u.ru_stime for u in used))

    def lap(self) -> Spent:
        """End a lap and return what it took."""
        now = self._now()
        spent, self._last = now.less(self._last), now
        return spent


class Outcome(NamedTuple):
    """A forecast by one peer, and what it took.

    `wanted` is what 400 effective draws of the forecast take when everything is compiled: warm-up,
    and as much sampling as that needs at the pace of this run. It is an extrapolation where `ess`
    is below 400. Times of all processors together are told beside those on the clock, since a
    machine that others use as well lengthens only the latter.
    """

    peer: str
    mean: float
    mcse: float
    ess: float
    draws: int
    compiling: Spent
    warming: Spent
    sampling: Spent
    wanted: Spent
    bytes: int
    note: str

    @classmethod
    def of(cls, peer: str, chances: NDArray[np.float64], *, note: str, **times: Spent) -> Self:
        """Return the outcome of draws of a forecast, shape (chain, draw)."""
        held = peak_memory()  # before ArviZ is imported, which is none of the peer's doing
        from arviz_stats.base import array_stats  # noqa: PLC0415

        ess = float(array_stats.ess(chances, chain_axis=0, draw_axis=1, method="bulk"))
        mcse = float(chances.std() / np.sqrt(ess))
        return cls(
            peer=peer,
            mean=float(chances.mean()),
            mcse=mcse,
            ess=ess,
            draws=chances.size,
            wanted=times["warming"] + times["sampling"].times(WANTED / ess),
            bytes=held,
            note=note,
            **times,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, times too."""
        fields = self._asdict()
        return {k: v._asdict() if isinstance(v, Spent) else v for k, v in fields.items()}


def typical(work: Callable[[], object]) -> Spent:
    """Return what work takes: medians over several runs."""
    laps, watch = [], Watch()
    for _ in range(RUNS):
        work()
        laps.append(watch.lap())
    return Spent(*(float(np.median(each)) for each in zip(*laps, strict=True)))


def peak_memory() -> int:
    """Return the most bytes that this process, or a child of it, has held."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(w).ru_maxrss for w in who) * 1024
