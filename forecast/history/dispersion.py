"""How far counts spread beyond chance: between years, and within bursts of entrants."""

from collections.abc import Sequence
from math import inf

__all__ = ["burst_size", "of_counts"]

LEAST = 1.0


def of_counts(groups: Sequence[Sequence[tuple[int, float]]]) -> float:
    """Return the overdispersion of counts around one steady rate for each group.

        φ = [Σ (y − m)²/m] / (n − s) / (1 + mean((y − m)/m))

    over n counts y with expectations m in s groups: Pearson's statistic, with Fletcher's correction
    for small expectations [1]_. At least 1: fewer bursts than chance gives are chance.

    Parameters
    ----------
    groups
        Onsets and exposure of each period, by group. Groups without an onset, or of one period, say
        nothing of bursts and are left out.

    References
    ----------
    .. [1] Fletcher, D. J. (2012). Estimating overdispersion when fitting a generalized linear model
       to sparse data. Biometrika 99(1), 230-237.

    Examples
    --------
    >>> of_counts([[(0, 10.0), (8, 10.0), (0, 10.0), (0, 10.0)]])
    8.0
    """
    pearson, skew, number, used = 0.0, 0.0, 0, 0
    for group in groups:
        onsets = sum(count for count, _ in group)
        rate = onsets / sum(exposure for _, exposure in group)
        if onsets == 0 or len(group) == 1:
            continue
        used += 1
        for count, exposure in group:
            expected = rate * exposure
            pearson += (count - expected) ** 2 / expected
            skew += (count - expected) / expected
            number += 1
    if number == used:
        return LEAST
    return max(LEAST, pearson / (number - used) / (1 + skew / number))


def burst_size(onsets: int, entrants: int, level: float) -> tuple[float, float, float]:
    """Return the mean number of entrants of one onset: median and central interval.

    Sizes are geometric from 1 on with stopping chance θ, θ ~ Beta(½, ½) before the counts: with n
    onsets and N entrants θ ~ Beta(n + ½, N − n + ½), and the mean is 1/θ. Bursts are far from
    geometric where a few are huge: the interval is then too narrow.

    Parameters
    ----------
    onsets, entrants
        n and N.
    level
        Of the interval.

    Examples
    --------
    >>> [round(size, 1) for size in burst_size(12, 62, 0.9)]
    [5.1, 3.5, 8.2]
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - takes longer than reading the class

    tail = (1 - level) / 2
    stopping = [
        float(betaincinv(onsets + 0.5, entrants - onsets + 0.5, q)) for q in (0.5, 1 - tail, tail)
    ]
    middle, low, high = (1 / chance if chance else inf for chance in stopping)
    return middle, low, high
