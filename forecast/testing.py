"""Assertions for other people's test suites: calibrated, skilled, and blind to the future.

Each says how often it errs. They raise AssertionError, with what was found and why, where the claim
fails, and InputError where the input is none. Equal input gives an equal verdict: random draws are
seeded.
"""

from collections.abc import Callable, Iterable
from math import ceil

import numpy as np
from numpy.typing import ArrayLike

from forecast.calibration.recalibration import Recalibration, recalibration_test
from forecast.calibration.spiegelhalter import spiegelhalter
from forecast.errors import Fault, InputError
from forecast.scoring.binary import Rule, rule_named
from forecast.scoring.checks import Floats, cluster_codes, fraction, vectors
from forecast.scoring.clusters import cluster_sums, tail_above_zero
from forecast.scoring.skill import losses

__all__ = ["assert_calibrated", "assert_no_lookahead", "assert_skill"]

FEWEST_QUESTIONS = 30
MOST_SHOWN = 3


def assert_calibrated(
    p: ArrayLike,
    y: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    error_rate: float = 0.01,
    seed: int = 1,
) -> None:
    """Assert that nothing speaks against the calibration of forecasts.

    Calibrated forecasts fail at `error_rate`: exactly so for independent questions, and, with
    clusters, as found by simulation (docs/calibration.md). Passing is no proof: it needs enough
    questions for a fault to show.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    cluster
        The cluster of each forecast: those of one question, or of linked questions, share one.
        Leave it out only where all questions are independent.
    error_rate
        How often calibrated forecasts may fail.
    seed
        Of the test's draws.

    Raises
    ------
    AssertionError
        If the forecasts are not calibrated.
    InputError
        If the input holds no probabilities and outcomes of one length, or too few clusters.

    See Also
    --------
    forecast.calibration.recalibration_test : The test, and what it looks for.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.tile([0.1, 0.3, 0.7, 0.9], 100)
    >>> assert_calibrated(p, np.random.default_rng(1).random(400) < p)
    """
    fraction(error_rate, "error_rate")
    found = recalibration_test(p, y, cluster=cluster, resamples=_resamples(error_rate), seed=seed)
    if found.p_value <= error_rate:
        raise AssertionError(_uncalibrated(*vectors(p, y), found, error_rate))


def assert_skill(
    p: ArrayLike,
    y: ArrayLike,
    reference: ArrayLike,
    *,
    rule: Rule = "brier",
    cluster: ArrayLike | None = None,
    error_rate: float = 0.01,
    seed: int = 1,
) -> None:
    """Assert that forecasts are shown to be better than a reference.

    Forecasts no better than the reference pass at `error_rate` or less, give or take half of it
    (docs/calibration.md gives the rates found by simulation). Good forecasts can fail: too few
    questions show nothing.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    reference
        The reference's probabilities, shape (forecast,), or one number such as a base rate
        known beforehand. A base rate counted over these same outcomes knows too much.
    rule
        The loss: ``"brier"``, ``"logarithmic"`` or ``"spherical"``.
    cluster
        The cluster of each forecast; without it questions are independent.
    error_rate
        How often forecasts without skill may pass.
    seed
        Of the test's draws.

    Raises
    ------
    AssertionError
        If the forecasts were not shown to be better.
    InputError
        If the input does not fit together, a loss is infinite, or there are fewer than 30
        questions or clusters.

    Notes
    -----
    A one-sided test on the mean gain over clusters: the larger p-value of Student's t and of the
    studentised bootstrap [1]_, which allows for gains that are skewed.

    References
    ----------
    .. [1] Davison, A. C. & Hinkley, D. V. (1997). Bootstrap Methods and their Application.
       Cambridge University Press. Section 4.4.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.tile([0.1, 0.3, 0.7, 0.9], 100)
    >>> assert_skill(p, np.random.default_rng(1).random(400) < p, 0.5)
    """
    fraction(error_rate, "error_rate")
    loss = rule_named(rule)
    forecasts, happened = vectors(p, y)
    ours = loss(forecasts, happened)
    ours, theirs = losses(ours, np.broadcast_to(loss(reference, happened), ours.shape))
    codes = cluster_codes(cluster, ours.size)
    count = int(codes.max()) + 1
    if count < FEWEST_QUESTIONS:
        problem = f"skill cannot be shown on fewer than {FEWEST_QUESTIONS} questions or clusters"
        raise InputError(Fault(problem, "Gather more questions.", value=str(count)))
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        problem = "a loss is infinite: probability 0 was given to what then happened"
        raise InputError(Fault(problem, 'Use rule="brier".', field="p"))
    sums = cluster_sums(theirs - ours, codes)
    tail = tail_above_zero(sums, _resamples(error_rate), np.random.default_rng(seed))
    if tail > error_rate:
        raise AssertionError(
            f"not shown to be better than the reference: mean {rule} loss {ours.mean():.4f} "
            f"against {theirs.mean():.4f} over {_of(ours.size, count)}, p-value {tail:.3g}, "
            f"needed {error_rate:g} or less"
        )


def assert_no_lookahead[Items](
    forecast: Callable[[Items, str], ArrayLike],
    items: Items,
    as_of: Iterable[str],
    *,
    cut: Callable[[Items, str], Items] | None = None,
) -> None:
    """Assert that forecasts as of a date do not change with what was published after it.

    Each forecast is made three times: twice from all items, and once from those alone that were
    there by its date. All three must agree to the bit. There is never a false alarm, and what it
    says goes for these items and dates.

    Parameters
    ----------
    forecast
        From items and a date to a number, an array or a table of numbers.
    items
        A `forecast.Evidence`, or anything else with a length that `cut` takes.
    as_of
        Dates, of which at least one has later items.
    cut
        From items and a date to the items that were there by then; ``items.as_of(date)``
        unless given.

    Raises
    ------
    AssertionError
        If later items change a forecast, or the same items do not give the same forecast twice.
    InputError
        If no item is later than any of the dates, so that nothing was tested.

    Examples
    --------
    >>> prices = [("2024-01-01", 0.2), ("2024-01-05", 0.4), ("2024-01-09", 0.9)]
    >>> by = lambda rows, day: [row for row in rows if row[0] <= day]
    >>> honest = lambda rows, day: by(rows, day)[-1][1]
    >>> assert_no_lookahead(honest, prices, ["2024-01-06"], cut=by)
    >>> assert_no_lookahead(lambda rows, day: rows[-1][1], prices, ["2024-01-06"], cut=by)
    Traceback (most recent call last):
    AssertionError: what was published after 2024-01-06 changes the forecast, by up to 0.5
    """
    take = cut if cut is not None else _as_of
    later = 0
    for day in as_of:
        seen = take(items, day)
        later += _length(items) - _length(seen)
        first, again, blind = (_array(forecast(x, day)) for x in (items, items, seen))
        if not _same(first, again):
            raise AssertionError(
                f"two forecasts as of {day} from the same items differ: give the forecast a seed"
            )
        if not _same(first, blind):
            raise AssertionError(
                f"what was published after {day} changes the forecast{_by(first, blind)}"
            )
    if later == 0:
        raise InputError(
            Fault(
                "no item is later than any of the dates, so nothing was tested",
                "Give dates before the last item.",
                field="as_of",
            )
        )


def _resamples(error_rate: float) -> int:
    """Return how many draws tell an error rate: ten of them lie beyond it, on average."""
    return max(1_000, ceil(10 / error_rate)) - 1


def _uncalibrated(p: Floats, y: Floats, found: Recalibration, error_rate: float) -> str:
    head = (
        f"not calibrated: p-value {found.p_value:.3g} over {_of(found.forecasts, found.clusters)}, "
        f"at an error rate of {error_rate:g}"
    )
    impossible = np.flatnonzero(((p == 0) & (y == 1)) | ((p == 1) & (y == 0)))
    if impossible.size:
        rows = ", ".join(str(row) for row in impossible[:MOST_SHOWN])
        return f"{head}; {impossible.size} said to be certain did not come so (rows {rows})"
    means = f"{p.mean():.1%} were said to happen, {y.mean():.1%} did"
    try:
        z = spiegelhalter(p, y).z
    except InputError:
        return f"{head}; {means}"
    bold = "too bold" if z > 0 else "too timid"
    return f"{head}; {means}; Spiegelhalter's Z is {z:+.1f} (forecasts {bold})"


def _of(forecasts: int, clusters: int) -> str:
    return f"{forecasts} forecasts" + (f" in {clusters} clusters" if clusters < forecasts else "")


def _as_of[Items](items: Items, day: str) -> Items:
    seen: Items = items.as_of(day)  # type: ignore[attr-defined]
    return seen


def _length(items: object) -> int:
    return len(items)  # type: ignore[arg-type]


def _array(result: ArrayLike) -> Floats:
    return np.asarray(result, dtype=np.float64)


def _same(first: Floats, second: Floats) -> bool:
    return np.array_equal(first, second, equal_nan=True)


def _by(first: Floats, second: Floats) -> str:
    if first.shape != second.shape:
        return f": its shape is {first.shape} with it and {second.shape} without"
    return f", by up to {np.nanmax(np.abs(first - second)):.3g}"
