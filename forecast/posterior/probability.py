"""A probability: the mean over draws, their spread, and the numerical error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.errors import QueryError

__all__ = ["Probability"]


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

    Examples
    --------
    >>> import numpy as np
    >>> p = Probability(np.array([0.1, 0.2, 0.3]), mcse=0.01)
    >>> round(p.mean, 3), float(p) == p.mean
    (0.2, True)
    """

    draws: NDArray[np.float64]
    mcse: float

    @property
    def mean(self) -> float:
        """The forecast: the mean over draws."""
        return float(self.draws.mean())

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
        if not 0 < level < 1:
            msg = f"an interval's level lies between 0 and 1, such as 0.9 (got {level})"
            raise QueryError(msg)
        low, high = np.quantile(self.draws, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def __float__(self) -> float:
        return self.mean

    def __repr__(self) -> str:
        low, high = self.interval()
        return f"Probability({self.mean:.4f}, central 90% [{low:.4f}, {high:.4f}])"
