"""The chance of each item of evidence, if its event is off and if it is on.

For a report with own credibility w and chance v that its outlet checked for itself,

    P(claim | x) = v · [ w · P_s(claim | x) + (1 − w) · ½ ] + (1 − v) · (share of its origins
                   that make the same claim),

so an unchecked copy of its origin says nothing, and a contradiction of it is a failed check.

A likelihood ratio counts as a virtual claim: it says on with P = LR / (1 + LR) while the event is
on and 1 / (1 + LR) while it is off. So does a forecast, whose ratio is (odds(q) / odds(b)) ^ κ.

Reports i of a hidden origin share what it said, c, which is summed out,

    P(claims | x) = Σ_c P_origin(c | x) Π_i ( v_i · P_i(claim_i | x) + (1 − v_i) · 1[claim_i = c] ),

and the factor of each is its chance given those of the group before it.

A silence tells of a window and not of a moment. Its two chances are those of being silent all
through the window if the event was off, or on, all the time: 1 and exp(−r · window). If a word
ended it, both are multiplied by r, the density of the word.

A count too tells of a window: its two numbers are those expected, r0 · window and r1 · window. Its
chance does not factor over time, unless the share of the window that the event was on is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln

__all__ = ["LEAST_LOG_CHANCE", "Factor", "FactorTable", "HiddenClaim"]

type Floats = NDArray[np.float64]
type Place = tuple[str, int]

LEAST_LOG_CHANCE = -700.0
"""Of silences and counts: what is next to impossible is not to become impossible by rounding."""


@dataclass(frozen=True)
class Factor:
    """How one item's chances follow from named parameters.

    Parameters
    ----------
    item
        Its id.
    hit, false_alarm
        (group, position) of P(says on | on) and P(says on | off). For a likelihood ratio, `hit`
        alone is its place; for a forecast, the place of its source's weight κ.
    shift
        log(odds(q) / odds(b)) of a forecast; None for other items.
    window
        Of a silence or a count, in years. The `hit` of a silence is the place of its source's
        reporting rate; that of a count the place of the rate while on, and `false_alarm` that of
        the rate while off.
    claim
        Whether it says on.
    broken
        Whether a word ended the silence.
    counted
        How many a count counted; None for other items.
    share
        The share of a count's window that the event was on, where it is known for sure.
    credibility, check, copied
        w, v, and the share of its origins that make the same claim.
    """

    item: str
    hit: Place
    false_alarm: Place | None = None
    shift: float | None = None
    window: float | None = None
    claim: bool = True
    credibility: float = 1.0
    check: float = 1.0
    copied: float = 0.0
    broken: bool = False
    counted: int | None = None
    share: float | None = None

    def chance_on(self, values: Mapping[str, Floats]) -> Floats:
        """Return P(says on | off) and P(says on | on) before copying, shape (draw, 2).

        Of a silence, the chances of being silent; of a count, the numbers expected.
        """
        hit = values[self.hit[0]][:, self.hit[1]]
        if self.window is not None and self.counted is None:
            silent = np.exp(np.maximum(-hit * self.window, LEAST_LOG_CHANCE))
            both = np.stack([np.ones(len(hit)), silent], axis=1)
            return both * hit[:, None] if self.broken else both
        if self.false_alarm is None:
            log_ratio = np.log(hit) if self.shift is None else self.shift * hit
            return np.stack([expit(-log_ratio), expit(log_ratio)], axis=1)
        false_alarm = values[self.false_alarm[0]][:, self.false_alarm[1]]
        both = np.stack([false_alarm, hit], axis=1)
        if self.window is not None:
            return both * self.window
        return self.credibility * both + (1 - self.credibility) / 2

    def evaluate(self, values: Mapping[str, Floats]) -> Floats:
        """Return P(item | off) and P(item | on), shape (draw, 2)."""
        on = self.chance_on(values)
        if self.counted is not None:
            return on if self.share is None else self._settled(on)
        said = on if self.claim else 1 - on
        return self.check * said + (1 - self.check) * self.copied

    def _settled(self, expected: Floats) -> Floats:
        """Return the chance of a count whose event is known all through its window, twice."""
        assert self.counted is not None  # noqa: S101 - asked of counts alone
        assert self.share is not None  # noqa: S101 - asked of settled ones alone
        mean = expected @ np.array([1 - self.share, self.share])
        log_chance = self.counted * np.log(mean) - mean - gammaln(self.counted + 1)
        chance = np.exp(np.maximum(log_chance, LEAST_LOG_CHANCE))
        return np.stack([chance, chance], axis=1)


@dataclass(frozen=True)
class HiddenClaim:
    """A statement of a hidden origin that several reports pass on.

    Parameters
    ----------
    origin
        Its own chances, as if it were an item that says on; of no item's id.
    members
        Positions of the factors of the reports, in order.
    """

    origin: Factor
    members: tuple[int, ...]


@dataclass(frozen=True)
class FactorTable:
    """The factors of the items in force, in the order of the record.

    Parameters
    ----------
    factors
        One for each item; `Factor.evaluate` alone is right for what passes on no hidden claim.
    hidden
        The statements of hidden origins behind some of them.
    """

    factors: tuple[Factor, ...]
    hidden: tuple[HiddenClaim, ...] = ()

    def evaluate(self, values: Mapping[str, Floats], draws: int) -> Floats:
        """Return P(item | off) and P(item | on), shape (draw, item, 2)."""
        out = np.empty((draws, len(self.factors), 2))
        for i, factor in enumerate(self.factors):
            out[:, i] = factor.evaluate(values)
        for statement in self.hidden:
            self._sum_out(statement, values, out)
        return out

    def _sum_out(self, statement: HiddenClaim, values: Mapping[str, Floats], out: Floats) -> None:
        """Put the chances of the reports of one statement, each given those before it."""
        on = statement.origin.chance_on(values)
        weights = np.stack([1 - on, on])  # (claim, draw, 2): P(c and the reports so far | x)
        before = weights.sum(axis=0)
        for i in statement.members:
            factor = self.factors[i]
            said = factor.chance_on(values) if factor.claim else 1 - factor.chance_on(values)
            passed = np.array([not factor.claim, factor.claim], dtype=float)[:, None, None]
            weights *= factor.check * said + (1 - factor.check) * passed
            total = weights.sum(axis=0)
            out[:, i] = np.divide(total, before, out=np.zeros_like(total), where=before > 0)
            before = total
