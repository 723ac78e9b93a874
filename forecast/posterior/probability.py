"""A probability: the mean over draws, their spread, and the numerical error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.errors import QueryError
from forecast.posterior.arguments import is_share
from forecast.posterior.outlook import Chances

__all__ = ["LEVEL", "Probability", "probability_of", "row", "weighted_quantiles"]

type Floats = NDArray[np.float64]

LEVEL = 0.9


@dataclass(frozen=True)
class Probability:
    """The probability of an event, and how sure the estimate is of it.

    The mean is the forecast. The interval says how far the uncertain rates and links could move
    it; it is not a range for the outcome, which is yes or no.

    Parameters
    ----------
    draws
        P(event | parameters, evidence) for each posterior draw, shape (draw,).
    mcse
        Monte Carlo standard error of the mean.
    weights
        Of the draws, adding up to one, where a condition weighs them; None: they weigh the same.
    note
        What a reader should know of how far to trust it; empty where there is nothing to say.

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

    @property
    def mean(self) -> float:
        """The forecast: the mean over draws."""
        if self.weights is None:
            return float(self.draws.mean())
        return float(self.weights @ self.draws)

    def interval(self, level: float = 0.9) -> tuple[float, float]:
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
        if not is_share(level):
            msg = f"an interval's level lies between 0 and 1, such as 0.9 (got {level!r})"
            raise QueryError(msg)
        tails = np.array([(1 - level) / 2, (1 + level) / 2])
        if self.weights is None:
            low, high = np.quantile(self.draws, tails)
        else:
            low, high = weighted_quantiles(self.draws, self.weights, tails)
        return float(low), float(high)

    def __float__(self) -> float:
        return self.mean

    def __repr__(self) -> str:
        low, high = self.interval()
        tail = f"; {self.note}" if self.note else ""
        return f"Probability({self.mean:.4f}, central 90% [{low:.4f}, {high:.4f}]{tail})"


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


def probability_of(chances: Chances, event: int, time: int, effective: float) -> Probability:
    """Return one of many chances as a probability.

    Parameters
    ----------
    chances
        Of events at times, draw by draw.
    event, time
        Positions.
    effective
        How many independent draws there are.
    """
    draws = chances.mean[:, event, time]
    numeric = draws.var() / effective + chances.variance[:, event, time].mean() / len(draws)
    return Probability(draws, float(np.sqrt(numeric)))


def row(p: Probability) -> dict[str, float]:
    """Return a probability as a row of a table."""
    lower, upper = p.interval(LEVEL)
    return {"mean": p.mean, "lower": lower, "upper": upper, "mcse": p.mcse}
