"""Checked input of scores: numbers, probabilities, outcomes, clusters, shapes that fit together."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecast.decimals import as_written
from forecast.errors import Fault, InputError

type Floats = NDArray[np.float64]
type Ints = NDArray[np.intp]

SUM_TOLERANCE = 1e-9
"""How far the probabilities of all categories may miss 1 by rounding."""


def floats(values: ArrayLike, name: str) -> Floats:
    """Return values as an array of numbers, NaN where one is missing."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(Fault("these are not numbers", field=name, value=str(error))) from None


def numbers(values: ArrayLike, name: str) -> Floats:
    """Return values as an array of numbers, none of them NaN."""
    array = floats(values, name)
    if np.isnan(array).any():
        raise InputError(
            Fault(
                "holds a missing value (NaN)",
                "Leave out questions that were annulled or are still open.",
                field=name,
            )
        )
    return array


def probabilities(values: ArrayLike, name: str = "p") -> Floats:
    """Return values as probabilities."""
    array = numbers(values, name)
    _require(
        array,
        (array >= 0) & (array <= 1),
        "a probability lies between 0 and 1",
        name,
        "Write 30% as 0.3.",
    )
    return array


def reference_for(reference: ArrayLike, shape: tuple[int], each: str) -> Floats:
    """Return a reference's probabilities, given one by one or as one number, in a shape."""
    given = probabilities(reference, "reference")
    if given.shape not in {(), shape}:
        raise InputError(
            Fault(
                f"the reference is one number, or one for each {each}",
                field="reference",
                value=f"shape {given.shape} for {shape[0]} {each}s",
            )
        )
    return np.broadcast_to(given, shape)


def outcomes(values: ArrayLike, name: str = "y") -> Floats:
    """Return values as outcomes: 1 for what happened, 0 for what did not."""
    array = numbers(values, name)
    remedy = "Write 1 or True for yes, 0 or False for no; leave out annulled questions."
    _require(array, (array == 0) | (array == 1), "an outcome is 0 or 1", name, remedy)
    return array


def pairs(p: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return probabilities and outcomes of shapes that broadcast together."""
    forecasts, happened = probabilities(p), outcomes(y)
    _broadcast(forecasts.shape, happened.shape)
    return forecasts, happened


def vectors(p: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return probabilities and outcomes as two vectors of one length, at least one long."""
    forecasts, happened = probabilities(p), outcomes(y)
    if forecasts.ndim != 1 or forecasts.shape != happened.shape:
        raise InputError(
            Fault(
                "p and y are two vectors of one length",
                "Give one probability and one outcome for each forecast.",
                value=f"shapes {forecasts.shape} and {happened.shape}",
            )
        )
    if forecasts.size == 0:
        raise InputError(Fault("there are no forecasts", field="p"))
    return forecasts, happened


def written_vectors(p: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return probabilities rounded to 12 decimals, and outcomes; as `vectors`.

    For whatever compares forecasts with each other or with a threshold.
    """
    forecasts, happened = vectors(p, y)
    return as_written(forecasts), happened


def category_pairs(p: ArrayLike, y: ArrayLike) -> tuple[Floats, Ints]:
    """Return probabilities (…, category) and the index of the category that came true (…)."""
    forecasts = probabilities(p)
    if forecasts.ndim == 0 or forecasts.shape[-1] < 2:  # noqa: PLR2004
        raise InputError(
            Fault(
                "the last axis of p holds the probabilities of two categories or more",
                field="p",
                value=f"shape {forecasts.shape}",
            )
        )
    sums = forecasts.sum(axis=-1)
    problem = "the probabilities of all categories sum to 1"
    _require(sums, np.abs(sums - 1) <= SUM_TOLERANCE, problem, "p", "Divide them by their sum.")
    index = numbers(y, "y")
    last = forecasts.shape[-1] - 1
    good = (index == np.floor(index)) & (index >= 0) & (index <= last)
    problem = f"an outcome is the index of a category, 0 to {last}"
    _require(index, good, problem, "y", "Count categories from 0.")
    _broadcast(forecasts.shape[:-1], index.shape)
    shape = np.broadcast_shapes(forecasts.shape[:-1], index.shape)
    return (
        np.broadcast_to(forecasts, (*shape, last + 1)),
        np.broadcast_to(index.astype(np.intp), shape),
    )


def cluster_codes(cluster: ArrayLike | Sequence[object] | None, length: int) -> Ints:
    """Return clusters as numbers 0, 1, …; a row without one is a cluster of its own.

    A row without one has None, NaN, pandas' NA, or a blank text.
    """
    if cluster is None:
        return np.arange(length)
    labels = _labels(cluster)
    if labels.shape != (length,):
        raise InputError(
            Fault(
                "cluster names one cluster for each forecast",
                "Forecasts of one question, or of linked questions, share a cluster.",
                field="cluster",
                value=f"shape {labels.shape} for {length} forecasts",
            )
        )
    if labels.dtype.kind in "biu":  # whole numbers: none is missing
        return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.intp)
    names = labels.tolist()
    unusable = next((name for name in names if not isinstance(name, Hashable)), None)
    if unusable is not None:
        problem = "a cluster has a name or a number"
        raise InputError(Fault(problem, field="cluster", value=str(unusable)))
    own = np.array([_missing(name) for name in names], dtype=bool)
    try:
        known = sorted({name for name in names if not _missing(name)})
    except TypeError:  # numbers and texts have no common order: compare them as texts
        names = [str(name) for name in names]
        known = sorted({name for name, alone in zip(names, own, strict=True) if not alone})
    numbered = {name: number for number, name in enumerate(known)}
    codes = np.array([numbered.get(name, -1) for name in names], dtype=np.intp)
    codes[own] = len(known) + np.arange(own.sum())
    return codes


def _labels(cluster: ArrayLike | Sequence[object]) -> NDArray[np.generic]:
    """Return labels as an array, without turning any into text."""
    if hasattr(cluster, "dtype") or not isinstance(cluster, Sequence) or isinstance(cluster, str):
        return np.asarray(cluster)
    labels = np.empty(len(cluster), dtype=object)
    labels[:] = cluster
    return labels


def _missing(label: object) -> bool:
    if label is None or (isinstance(label, str) and not label.strip()):
        return True
    try:
        return bool(label != label)  # noqa: PLR0124  NaN and NaT are not themselves
    except TypeError:  # pandas' NA neither is nor is not
        return True


def fraction(value: float, name: str) -> float:
    """Return a level or an error rate, above 0 and below 1."""
    if not 0 < value < 1:
        problem = "must lie above 0 and below 1"
        raise InputError(Fault(problem, field=name, value=str(value)))
    return float(value)


def _require(array: Floats, good: NDArray[np.bool_], problem: str, name: str, remedy: str) -> None:
    if not good.all():
        first = np.atleast_1d(array)[~np.atleast_1d(good)][0]
        raise InputError(Fault(problem, remedy, field=name, value=f"{first:g}"))


def _broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    try:
        np.broadcast_shapes(first, second)
    except ValueError:
        raise InputError(
            Fault(
                "p and y do not fit together",
                "Give one outcome for each forecast.",
                value=f"shapes {first} and {second}",
            )
        ) from None
