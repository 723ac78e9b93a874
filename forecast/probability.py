"""Probabilities for readers: with no more digits than are known."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

FINE = 0.002  # a decimal is shown only where the Monte Carlo error is smaller than this
PRIOR, TIME, NOISE = "(prior)", "(time alone)", "(Monte Carlo error)"
"""The steps of an explanation that are no item: its tables, pictures and pages name them alike."""
FIXED = "fixed"
"""In place of an interval, where no number that bears on a probability is uncertain."""
CLEAR = 2.0
"""Standard errors that an effect must come to: less may be sampling error alone."""
ROUNDING = 1e-9
"""How far a mean of thousands of probabilities may lie outside 0 to 1 by rounding alone."""


def share(value: float) -> float:
    """Take rounding off a probability; what is further off is left, for the ledger to refuse."""
    near = min(1.0, max(0.0, value))
    return near if abs(value - near) <= ROUNDING else value


def percent(probability: float, mcse: float | None = None) -> str:
    """Return a probability as a percentage with the known digits, never rounded to certainty.

    Parameters
    ----------
    probability
        The probability.
    mcse
        Its Monte Carlo standard error, if it has one.

    Examples
    --------
    >>> percent(0.004), percent(0.0321), percent(0.47), percent(0.962), percent(0.998), percent(1.0)
    ('<1%', '3.2%', '47%', '96.2%', '>99%', '100%')
    """
    if probability in (0.0, 1.0):
        return f"{probability:.0%}"
    from forecast.decimals import reaches  # noqa: PLC0415  NumPy, of which a help text has no need

    if not reaches(probability, 0.01):  # one per cent
        return "<1%"
    if not reaches(0.99, probability):
        return ">99%"
    near_an_end = not reaches(min(probability, 1 - probability), 0.0995)  # it rounds below 10%
    fine = mcse is None or mcse < FINE
    return f"{probability:.1%}" if near_an_end and fine else f"{probability:.0%}"


def points(change: float | None, mcse: float | None = None) -> str:
    """Return a change in percentage points, with its sign and the digits that are known.

    Parameters
    ----------
    change
        A difference of probabilities, if there is one.
    mcse
        The Monte Carlo standard error of the probability, if it has one.

    Examples
    --------
    >>> points(0.034), points(0.034, mcse=0.01), points(-0.0004), points(None)
    ('+3.4', '+3', '0.0', '')
    """
    if change is None:
        return ""
    decimals = 1 if mcse is None or mcse < FINE else 0
    rounded = round(100 * change, decimals)
    return f"{rounded:+.{decimals}f}" if rounded else f"{0:.{decimals}f}"


def within_error(effect: float, mcse: float | None) -> bool:
    """Return whether an effect is too small for its Monte Carlo error to be told from none.

    Parameters
    ----------
    effect
        Whatever is 0 where there is no effect.
    mcse
        Its Monte Carlo standard error, if it has one; what is not known counts as none.

    Examples
    --------
    >>> within_error(-0.3, 0.2), within_error(-0.3, 0.15), within_error(0.0, None)
    (True, False, False)
    """
    from forecast.decimals import reaches  # noqa: PLC0415  NumPy, of which a help text has no need

    return mcse is not None and not reaches(abs(effect), CLEAR * mcse)


def recalibration_words(learned: Mapping[str, Any]) -> str:
    """Return what answered questions teach, in a sentence for each adjustment of log-odds.

    Parameters
    ----------
    learned
        As a run's record has it: ``all``, and ``by_kind`` where kinds have their own.

    Examples
    --------
    >>> told = {"shift": (-0.12, -0.5, 0.3), "stretch": (0.8, 0.6, 1.1)}
    >>> recalibration_words({"all": {**told, "questions": 9, "clusters": 1}, "by_kind": {}})[-76:]
    'log-odds shifted by -0.12 [-0.50, +0.30] and stretched by 0.80 [0.60, 1.10].'
    """
    parts = {"": learned["all"], **learned["by_kind"]}
    return " ".join(
        f"{f'Events of kind {kind}' if kind else 'recalibrated'}: by {_counted(each)}, log-odds "
        f"shifted by {_bracketed(each['shift'], '+.2f')} and stretched by "
        f"{_bracketed(each['stretch'], '.2f')}."
        for kind, each in parts.items()
    )


def _counted(each: Mapping[str, Any]) -> str:
    questions, clusters = each["questions"], each["clusters"]
    return (
        f"{questions} answered question{'' if questions == 1 else 's'} "
        f"({clusters} cluster{'' if clusters == 1 else 's'})"
    )


def _bracketed(span_: Sequence[float], form: str) -> str:
    value, lower, upper = (format(each, form) for each in span_)
    return f"{value} [{lower}, {upper}]"


def error(mcse: float | None) -> str:
    """Return a Monte Carlo standard error in percentage points; empty if unknown.

    Examples
    --------
    >>> error(0.0312), error(0.0007), error(0.00002), error(0.0), error(None)
    ('±3.1', '±0.1', '±<0.1', '±0.0', '')
    """
    if mcse is None or math.isnan(mcse):
        return ""
    if 0 < mcse < 0.0005:  # noqa: PLR2004  it would round to nothing
        return "±<0.1"
    return f"±{100 * mcse:.1f}"


def errors(lower: float | None, upper: float | None) -> str:
    """Return the errors of both ends of an interval; empty if unknown.

    Examples
    --------
    >>> errors(0.003, 0.0112), errors(None, None)
    ('±0.3, ±1.1', '')
    """
    return ", ".join(filter(None, (error(lower), error(upper))))


def span(lower: float | None, upper: float | None, mcse: float | None = None) -> str:
    """Return an interval of probabilities; empty if there is none, as for a certainty.

    One without width is that of a probability on which no uncertain number bears, if that has no
    Monte Carlo error: of a rare event, simulated courses may be too few to tell a width.

    Examples
    --------
    >>> span(0.062, 0.49), span(0.001, 0.002), span(0.63, 0.63), span(1.0, 1.0), span(None, None)
    ('6.2–49%', '<1%', 'fixed', '', '')
    >>> span(0.63, 0.63, mcse=0.0), span(0.002, 0.002, mcse=0.001)
    ('fixed', '<1%')
    """
    if lower is None or upper is None or (lower == upper and lower in {0.0, 1.0}):
        return ""
    from forecast.decimals import same  # noqa: PLC0415  as above

    if same(lower, upper) and same(mcse or 0.0, 0.0):
        return FIXED
    low, high = percent(lower), percent(upper)
    return high if low == high else f"{low.removesuffix('%')}–{high}"
