"""A probability: the mean over draws, their spread, and the numerical errors of both.

A draw of the parameters says P(event | parameters, evidence). Where that is exact, the spread over
draws is the interval. Where it is counted or averaged over simulated courses, each draw's figure
carries noise of its own, which is no part of the interval: the courses of a draw come in two
independent parts, whose covariance over draws is the variance of the chance itself, and figures are
drawn in towards their mean until they spread no further than that [1]_. What is left then has the
right variance and the shape of the noise as well: where most draws have no course with the event
they all say the same. The beta distribution of this mean and this variance is smooth, but knows of
no floor that a chance may have. So it is taken where most of the variance is noise, and the draws'
own shape, in which counts are not held to their grid, where little is; between the two they are
weighed, so that an interval moves smoothly from date to date. All are held to known truth in
`benchmarks/intervals.md`.

Draws come in batches that are independent of each other. So the error of whatever they say together
follows from how far the batches differ, be they quasi-random, weighed, resampled, simulated or
stretches of a chain; for the end of an interval, from how far they differ in the share of draws
that lies beyond it [2]_.

References
----------
.. [1] Sun, Apley & Staum (2011). Efficient nested simulation for estimating the variance of a
   conditional expectation. Operations Research 59.
.. [2] Woodruff (1952). Confidence intervals for medians and other position measures. JASA 47.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from forecast.errors import QueryError
from forecast.posterior._calendar import is_share

type Floats = NDArray[np.float64]
type Ints = NDArray[np.intp]

LEVEL = 0.9
TINY = 1e-12
HARDLY, MOSTLY = 0.4, 0.7
"""Share of the draws' variance that is noise: up to the one their own shape is taken, from the
other on a beta distribution's, and between them some of both."""
APART = 1e-9
"""By how much of themselves quantiles of a beta distribution are certain to be told apart."""


@dataclass(frozen=True)
class Estimates:
    """What each draw of the parameters says of one chance.

    Parameters
    ----------
    hits
        How much of each draw agrees with what is asked, shape (part, draw). One part: it is exact.
        Two: they rest on simulated courses, and are independent given the draw.
    batch
        The batch of each draw, shape (draw,).
    mass
        How much of each draw there is, in which `hits` are contained: the weight of the draw where
        a condition weighs it, shape (part, draw). None: each part is a probability.
    alike
        Whether the parameters are the same in all draws, so that all spread is noise.
    floor
        What the error of the mean is at the least: where all simulated courses agree, how far they
        may still be wrong.
    """

    hits: Floats
    batch: Ints
    mass: Floats | None = None
    alike: bool = False
    floor: float = 0.0

    @cached_property
    def weights(self) -> Floats:
        """Of the draws, adding up to one, shape (draw,)."""
        if self.mass is None:
            return np.full(self.hits.shape[1], 1 / self.hits.shape[1])
        total = self.mass.sum(axis=0)
        return np.asarray(total / total.sum())

    @cached_property
    def raw(self) -> Floats:
        """What each draw says, with its noise, shape (draw,)."""
        if self.mass is None:
            return np.asarray(self.hits.mean(axis=0))
        total = self.mass.sum(axis=0)
        return np.divide(self.hits.sum(axis=0), total, out=np.zeros_like(total), where=total > 0)

    @cached_property
    def mean(self) -> float:
        """The mean over draws; rounding does not take it beyond what they all say."""
        said = self.raw[self.weights > 0]
        least, most = said.min(initial=1.0), said.max(initial=0.0)
        return float(np.clip(self.weights @ self.raw, least, most))

    @cached_property
    def values(self) -> Floats:
        """What each draw says, drawn in by as much as is noise, shape (draw,)."""
        return self._told(self._levels) if self._shaped else self._drawn_in(self.raw)

    def some(self, rows: Ints) -> Floats:
        """Return `values` of some draws; of the others they are not worked out for that."""
        if self.smoothed and "values" not in self.__dict__:
            return self._told(self._levels[rows])
        return self.values[rows]

    def quantiles(self, levels: Floats) -> Floats:
        """Return quantiles of `values`, all of the same weight."""
        if self.smoothed and "values" not in self.__dict__:
            found = self._quantiles_alone(levels)
            if found is not None:
                return found
        return np.asarray(np.quantile(self.values, levels))

    @cached_property
    def kept(self) -> float:
        """The share of the draws' deviations from the mean that is no noise."""
        if self.alike:
            return 0.0
        if self._exact:
            return 1.0
        total = self._variance
        return float(np.sqrt(np.clip(self._between / total, 0.0, 1.0))) if total > 0 else 1.0

    @cached_property
    def smoothed(self) -> float:
        """The weight of the beta distribution's shape against that of the draws themselves."""
        part = self._noisy if self._shaped else 0.0
        return part * part * (3 - 2 * part)

    @property
    def _shaped(self) -> bool:
        """Whether values go by the shape of what all draws say, which has noise in it."""
        return not (self._exact or self.alike or self._between <= 0)

    @property
    def _noisy(self) -> float:
        """How far the share of noise lies from `HARDLY` to `MOSTLY`."""
        return float(np.clip((1 - self.kept**2 - HARDLY) / (MOSTLY - HARDLY), 0.0, 1.0))

    def mcse(self) -> float:
        """Return the Monte Carlo standard error of the mean."""
        error = self._error(self.weights * (self.raw - self.mean))
        return float(np.hypot(error, self.floor))

    def quantile_mcse(self, level: float) -> float:
        """Return the Monte Carlo standard error of a quantile of `values`.

        Parameters
        ----------
        level
            Between 0 and 1.
        """
        away = self.weights * (self.raw - self.mean)
        if self.kept == 0.0 and self.alike:
            return float(np.hypot(self._error(away), self.floor))
        at, moved = self._raw_moved(level)
        moved = self.kept * moved
        if not self._exact:
            moved = moved + (1 - self.kept) * away + (at - self.mean) * self._kept_moved
        if self.smoothed:
            anew = self._beta(np.array([level]), self.mean, self._between)[0]
            apart = float(self._drawn_in(np.array(at)) - anew)
            moved = moved + self.smoothed * (self._beta_moved(level, away) - moved)
            steep = 6 * self._noisy * (1 - self._noisy) / (MOSTLY - HARDLY)
            moved = moved + apart * steep * 2 * self.kept * self._kept_moved
        return float(np.hypot(self._error(moved), self.floor))

    @property
    def _exact(self) -> bool:
        return len(self.hits) == 1

    def _drawn_in(self, raw: Floats) -> Floats:
        """Return figures, as draws say them, drawn in towards their mean."""
        if self.kept == 1.0:
            return np.clip(raw, 0.0, 1.0)
        return np.clip(self.mean + self.kept * (raw - self.mean), 0.0, 1.0)

    def _told(self, levels: Floats) -> Floats:
        """Return the values of draws that have these levels among all of them."""
        drawn_in = self._drawn_in(np.interp(levels, *self._shape))
        if self.smoothed == 0.0:
            return drawn_in
        anew = self._beta(levels, self.mean, self._between)
        return np.asarray(drawn_in + self.smoothed * (anew - drawn_in))

    @cached_property
    def _shape(self) -> tuple[Floats, Floats]:
        """Return the middle level of the draws that say the same, and what they say, by size.

        Between them counts are not held to their grid.
        """
        told, which, many = np.unique(self.raw, return_inverse=True, return_counts=True)
        if self.mass is None:
            return (np.cumsum(many) - many / 2) / len(self.raw), told
        there = np.bincount(which, self.weights)
        told, there = told[there > 0], there[there > 0]
        return np.cumsum(there) - there / 2, told

    def _raw_moved(self, level: float) -> tuple[float, Floats]:
        """Return a quantile of what the draws say, and how each of them moves it."""

        def quantiles(*levels: float) -> Floats:
            if self._shaped:
                return np.interp(levels, *self._shape)
            return weighted_quantiles(self.raw, self.weights, np.array(levels))

        at = float(quantiles(level)[0])
        below = (self.raw <= at).astype(np.float64)
        if self._shaped:  # between two figures that many say, it is the middle of each that counts
            told = self._shape[1]
            next_one = min(int(np.searchsorted(told, at, side="right")), len(told) - 1)
            sides = told[next_one - 1], told[next_one]
            share = (at - sides[0]) / (sides[1] - sides[0])
            lower, upper = (0.5 - np.sign(self.raw - side) / 2 for side in sides)
            below = lower + share * (upper - lower)
        beyond = self.weights * (below - level)
        width = max(self._error(beyond), 0.5 / len(self.raw))
        start, end = max(level - width, 0.0), min(level + width, 1.0)
        low, high = quantiles(start, end)
        return at, -(high - low) / (end - start) * beyond

    @cached_property
    def _levels(self) -> Floats:
        """Return the level of each draw, from its rank, shape (draw,)."""
        order, levels = np.argsort(self.raw, kind="stable"), np.empty(len(self.raw))
        if self.mass is None:
            levels[order] = (np.arange(len(order)) + 0.5) / len(order)
        else:
            there = self.weights[order]
            levels[order] = np.cumsum(there) - there / 2
        return levels

    def _quantiles_alone(self, levels: Floats) -> Floats | None:
        """Return quantiles of `values` from those next to them, or None where that may not do.

        A draw's value rises with its rank. So do the computed values, and the n-th of them by size
        is that of rank n, where neighbours are further apart than they may err.
        """
        last = len(self.raw) - 1
        places = levels * last
        low = np.floor(places).astype(np.intp)
        near = np.clip(low[:, None] + np.arange(-1, 3), 0, last)  # (level, neighbour)
        told = self._told((near + 0.5) / (last + 1))
        apart = np.diff(told, axis=1) > APART * told[:, 1:]
        if not (apart | (np.diff(near, axis=1) == 0)).all():
            return None
        share, below, above = places - low, told[:, 1], told[:, 2]
        step = above - below
        nearer = share < 0.5  # noqa: PLR2004 - as NumPy has it, to the last bit
        return np.where(nearer, below + step * share, above - step * (1 - share))

    @staticmethod
    def _beta(levels: Floats, mean: float, variance: float) -> Floats:
        """Return quantiles of the beta distribution with a mean and a variance."""
        mean = min(max(mean, TINY), 1.0 - TINY)
        number = mean * (1 - mean) / min(max(variance, TINY**2), 0.999 * mean * (1 - mean)) - 1
        return np.asarray(betaincinv(mean * number, (1 - mean) * number, levels))

    def _beta_moved(self, level: float, away: Floats) -> Floats:
        """Return how each draw moves a quantile of that beta, by its mean and its variance."""
        products, weight = self._products
        spread = (products - self._between * weight) / max(weight.sum(), TINY)
        at, moved = np.array([level]), np.zeros_like(self.raw)
        step = min(self._error(away), 0.9 * self.mean, 0.9 * (1 - self.mean))
        if step > 0:
            high, low = (self._beta(at, self.mean + by, self._between)[0] for by in (step, -step))
            moved += (high - low) / (2 * step) * away
        error = self._error(spread)
        if error > 0:
            sides = (self._between + error, max(self._between - error, 1e-6 * self._between))
            high, low = (self._beta(at, self.mean, side)[0] for side in sides)
            moved += (high - low) / (2 * error) * spread
        return moved

    @cached_property
    def _variance(self) -> float:
        return float(self.weights @ (self.raw - self.mean) ** 2)

    @cached_property
    def _products(self) -> tuple[Floats, Floats]:
        """Return what each draw adds to the variance between draws, and the weight of that."""
        mass = np.ones_like(self.hits) if self.mass is None else self.mass
        total = mass.sum(axis=0)
        scale = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
        away = self.hits - self.mean * mass
        weight = mass[0] * mass[1] * scale
        return away[0] * away[1] * scale, weight

    @cached_property
    def _between(self) -> float:
        """The variance of the chance itself, without noise: the covariance of the two parts."""
        products, weight = self._products
        return float(products.sum() / weight.sum()) if weight.sum() > 0 else 0.0

    @cached_property
    def _kept_moved(self) -> Floats:
        """How each draw moves `kept`, to first order, shape (draw,)."""
        total = self._variance
        if total <= 0:
            return np.zeros_like(self.raw)
        products, weight = self._products
        between = (products - self._between * weight) / max(weight.sum(), TINY)
        own = self.weights * ((self.raw - self.mean) ** 2 - total)
        error = self._error(between)
        if error == 0:
            return np.zeros_like(self.raw)
        sides = np.clip((self._between + np.array([-error, error])) / total, 0.0, 1.0)
        slope = float(np.sqrt(sides[1]) - np.sqrt(sides[0])) / (2 * error)
        return np.asarray(slope * between - self.kept / (2 * total) * own)

    def _error(self, influence: Floats) -> float:
        """Return the standard error of a sum over draws, from the batches' parts of it."""
        shares = np.bincount(self.batch, self.weights)
        parts = np.bincount(self.batch, influence)
        there = int((shares > 0).sum())
        if there < 2:  # noqa: PLR2004
            return 0.0
        parts = parts - shares * parts.sum()
        return float(np.sqrt(there / (there - 1) * (parts**2).sum()))


UNDRAWN = ("mcse", "weights", "note", "estimates")
"""What a `Probability` has besides its draws."""


@dataclass(frozen=True)
class Probability:
    """The probability of an event, and how sure the estimate is of it.

    The mean is the forecast. The interval says how far the uncertain rates and links could move
    it; it is not a range for the outcome, which is yes or no.

    Parameters
    ----------
    draws
        P(event | parameters, evidence) for each posterior draw, shape (draw,). Where it rests on
        simulated courses, their noise is taken out of the spread.
    mcse
        Monte Carlo standard error of the mean.
    weights
        Of the draws, adding up to one, where a condition weighs them; None: they weigh the same.
    note
        What a reader should know of how far to trust it; empty where there is nothing to say.
    estimates
        What the draws rest on; None where nothing is known of that, and with it nothing of the
        errors of an interval's ends.

    Examples
    --------
    >>> import numpy as np
    >>> p = Probability(np.array([0.1, 0.2, 0.3]), mcse=0.01)
    >>> round(p.mean, 3), float(p) == p.mean
    (0.2, True)
    """

    draws: Floats
    mcse: float
    weights: Floats | None = None
    note: str = ""
    estimates: Estimates | None = None

    @classmethod
    def of(cls, estimates: Estimates, note: str = "") -> "Probability":
        """Return the probability that estimates make.

        Parameters
        ----------
        estimates
            What each draw says.
        note
            What a reader should know of how far to trust it.
        """
        weights = None if estimates.mass is None else estimates.weights
        if weights is not None:
            return cls(estimates.values, estimates.mcse(), weights, note, estimates)
        made = cls.__new__(cls)  # without draws: see __getattr__
        for name, value in zip(UNDRAWN, (estimates.mcse(), weights, note, estimates), strict=True):
            object.__setattr__(made, name, value)
        return made

    if not TYPE_CHECKING:  # it would let any misspelt name pass

        def __getattr__(self, name: str) -> Floats:
            """Return the draws when they are first asked for: most forecasts are told without."""
            if name != "draws" or self.__dict__.get("estimates") is None:
                msg = f"'{type(self).__name__}' object has no attribute '{name}'"
                raise AttributeError(msg)
            draws: Floats = self.__dict__["estimates"].values
            object.__setattr__(self, "draws", draws)
            return draws

    def some(self, rows: Ints) -> Floats:
        """Return what some of the draws say, shape (row,)."""
        return self.draws[rows] if self.estimates is None else self.estimates.some(rows)

    @property
    def mean(self) -> float:
        """The forecast: the mean over draws."""
        if self.estimates is not None:
            return min(max(self.estimates.mean, 0.0), 1.0)
        if self.weights is None:
            return float(self.draws.mean())
        return float(self.weights @ self.draws)

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the central interval over draws.

        Parameters
        ----------
        level
            Its probability, between 0 and 1.

        Raises
        ------
        QueryError
            If the level is not between 0 and 1.
        """
        tails = _tails(level)
        if self.weights is None and self.estimates is not None:
            low, high = self.estimates.quantiles(tails)
        elif self.weights is None:
            low, high = np.quantile(self.draws, tails)
        else:
            low, high = weighted_quantiles(self.draws, self.weights, tails)
        return float(low), float(high)

    def interval_mcse(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the Monte Carlo standard errors of the lower and the upper end of an interval.

        Parameters
        ----------
        level
            The interval's probability, between 0 and 1.

        Returns
        -------
        tuple of float
            Not a number where it is not known what the draws rest on.

        Raises
        ------
        QueryError
            If the level is not between 0 and 1.
        """
        low, high = _tails(level).tolist()
        if self.estimates is None:
            return float("nan"), float("nan")
        return self.estimates.quantile_mcse(low), self.estimates.quantile_mcse(high)

    def __float__(self) -> float:
        return self.mean

    def __repr__(self) -> str:
        low, high = self.interval()
        tail = f"; {self.note}" if self.note else ""
        return f"Probability({self.mean:.4f}, central 90% [{low:.4f}, {high:.4f}]{tail})"


def _tails(level: float) -> Floats:
    """Return the two levels that leave out the same share on either side.

    Raises
    ------
    QueryError
        If the level is not between 0 and 1.
    """
    if not is_share(level):
        msg = f"an interval's level lies between 0 and 1, such as 0.9 (got {level!r})"
        raise QueryError(msg)
    return np.array([(1 - level) / 2, (1 + level) / 2])


def weighted_quantiles(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """Return quantiles of weighted values, linear between them; all equal weights give NumPy's."""
    used = weights > 0
    order = np.argsort(values[used], kind="stable")
    sorted_values, share = values[used][order], weights[used][order]
    if len(sorted_values) == 1:
        return np.full(len(levels), sorted_values[0])
    middle = np.cumsum(share) - share / 2
    places = (middle - middle[0]) / (middle[-1] - middle[0])
    return np.asarray(np.interp(levels, places, sorted_values))


def row(p: Probability) -> dict[str, float]:
    """Return a probability as a row of a table."""
    (lower, upper), (lower_mcse, upper_mcse) = p.interval(LEVEL), p.interval_mcse(LEVEL)
    return {
        "mean": p.mean,
        "lower": lower,
        "upper": upper,
        "mcse": p.mcse,
        "lower_mcse": lower_mcse,
        "upper_mcse": upper_mcse,
    }
