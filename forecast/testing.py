"""Assertions for other people's test suites: calibrated, skilled, and blind to the future.

Each states how often it errs. They raise AssertionError, with what was found and why, if the claim
fails, and InputError for invalid input. Random draws are seeded, so equal input gives an equal
verdict.
"""

from collections.abc import Callable, Iterable
from math import ceil

import numpy as np
from numpy.typing import ArrayLike

from forecast.calibration._recalibration import Recalibration, recalibration_test, spiegelhalter
from forecast.decimals import reaches, same
from forecast.errors import Fault, InputError
from forecast.scoring._clusters import cluster_sums
from forecast.scoring._inputs import (
    Floats,
    Ints,
    cluster_codes,
    fraction,
    reference_for,
    vectors,
    written_vectors,
)
from forecast.scoring._losses import Rule, rule_named
from forecast.scoring._skill import chance_by_cluster, chance_of_independent

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
    """Assert that there is no evidence against the calibration of forecasts.

    Calibrated forecasts fail at `error_rate`: exactly for independent questions, and with clusters
    at that rate or less, as found by simulation (docs/calibration.md). Passing is no proof: with
    few questions a fault may not show.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    cluster
        The cluster of each forecast: those of one question, or of linked questions, share one.
        Leave it out only if all questions are independent.
    error_rate
        How often calibrated forecasts may fail.
    seed
        Of the test's draws.

    Raises
    ------
    AssertionError
        If the forecasts are not calibrated.
    InputError
        If `p` and `y` are not probabilities and outcomes of one length, or there are too few
        clusters.

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
    if reaches(error_rate, found.p_value):
        raise AssertionError(_uncalibrated(*written_vectors(p, y), found, error_rate))


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
    """Assert that forecasts are demonstrably better than a reference.

    Forecasts that are no better than the reference in expected mean loss pass at `error_rate` or
    less, however few questions there are and however rarely they come true. Good forecasts can
    fail if there are too few questions.

    Parameters
    ----------
    p, y
        Probabilities and outcomes, shape (forecast,).
    reference
        The reference's probabilities, shape (forecast,), or one number such as a base rate known
        beforehand. Do not use a base rate counted over these same outcomes.
    rule
        The loss: ``"brier"``, ``"logarithmic"`` or ``"spherical"``.
    cluster
        The cluster of each forecast; without it questions are independent. A question without a
        cluster (None, NaN, empty) is a cluster of its own.
    error_rate
        How often forecasts without skill may pass.
    seed
        Of the test's draws.

    Raises
    ------
    AssertionError
        If the forecasts were not shown to be better, or no outcomes of so few questions could
        have shown it.
    InputError
        If the input does not fit together, a loss could be infinite, or there are fewer than 30
        questions or clusters.

    Notes
    -----
    What a question can gain or lose is known before it resolves, so a rare loss that has not
    happened yet counts for what it would cost. `forecast.scoring._skill` explains the test, and
    docs/calibration.md says how often it errs and how many questions it needs: about half as many
    again as a t-test if they are independent, two or three times as many with clusters, which may
    be dependent in any way.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.tile([0.1, 0.3, 0.7, 0.9], 100)
    >>> assert_skill(p, np.random.default_rng(1).random(400) < p, 0.5)
    """
    fraction(error_rate, "error_rate")
    forecasts, happened = vectors(p, y)
    standard = reference_for(reference, forecasts.shape, "forecast")
    codes = cluster_codes(cluster, forecasts.size)
    count = int(codes.max()) + 1
    if count < FEWEST_QUESTIONS:
        problem = f"skill cannot be shown on fewer than {FEWEST_QUESTIONS} questions or clusters"
        raise InputError(Fault(problem, "Gather more questions.", value=str(count)))
    if_no, if_yes = _gains(forecasts, standard, rule)
    worst, best = np.minimum(if_no, if_yes), np.maximum(if_no, if_yes)
    gains = np.where(happened == 1, if_yes, if_no)
    tail = _chance(gains, worst, best, codes, seed)
    if not reaches(error_rate, tail):
        ours, theirs = (rule_named(rule)(said, happened).mean() for said in (forecasts, standard))
        least = _chance(best, worst, best, codes, seed)
        never = (
            "" if reaches(error_rate, least) else f"; no outcomes could give less than {least:.3g}"
        )
        raise AssertionError(
            f"not shown to be better than the reference: mean {rule} loss {ours:.4f} "
            f"against {theirs:.4f} over {_of(gains.size, count)}, p-value {tail:.3g}, "
            f"needed {error_rate:g} or less{never}"
        )


def assert_no_lookahead[Items](
    forecast: Callable[[Items, str], ArrayLike],
    items: Items,
    as_of: Iterable[str],
    *,
    cut: Callable[[Items, str], Items] | None = None,
) -> None:
    """Assert that forecasts as of a date do not depend on what was published after it.

    Each forecast is made three times: twice from all items, and once from those that were there by
    its date. All three must agree to the bit. There are no false alarms, and the result holds for
    these items and dates.

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


def _gains(p: Floats, reference: Floats, rule: Rule) -> tuple[Floats, Floats]:
    """Return what each question gains if it does not happen, and if it does."""
    loss, alike = rule_named(rule), same(p, reference)
    with np.errstate(invalid="ignore"):  # both losses may be infinite
        if_no, if_yes = (np.where(alike, 0.0, loss(reference, y) - loss(p, y)) for y in (0.0, 1.0))
    if not (np.isfinite(if_no).all() and np.isfinite(if_yes).all()):
        problem = "a loss is or could be infinite: a probability is 0 or 1"
        raise InputError(Fault(problem, 'Use rule="brier".', field="p"))
    return if_no, if_yes


def _chance(gains: Floats, worst: Floats, best: Floats, codes: Ints, seed: int) -> float:
    """Return a bound on the chance of such gains for forecasts that are no better."""
    if np.bincount(codes).max() == 1:
        return chance_of_independent(gains, worst, best, seed)
    gains, worst, best = (cluster_sums(values, codes) for values in (gains, worst, best))
    return chance_by_cluster(gains, worst, best, seed)


def _resamples(error_rate: float) -> int:
    """Return enough draws for an error rate: ten of them lie beyond it, on average."""
    return max(1_000, ceil(10 / error_rate)) - 1


def _uncalibrated(p: Floats, y: Floats, found: Recalibration, error_rate: float) -> str:
    head = (
        f"not calibrated: p-value {found.p_value:.3g} over {_of(found.forecasts, found.clusters)}, "
        f"at an error rate of {error_rate:g}"
    )
    impossible = np.flatnonzero(((p == 0) & (y == 1)) | ((p == 1) & (y == 0)))
    if impossible.size:
        rows = ", ".join(str(row) for row in impossible[:MOST_SHOWN])
        return f"{head}; {impossible.size} forecast as certain did not happen (rows {rows})"
    means = f"{p.mean():.1%} were forecast to happen, {y.mean():.1%} did"
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
