"""What callers hand in, whatever a type checker would have said of it."""

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

__all__ = ["is_count", "is_share", "shares"]


def is_share(value: object) -> bool:
    """Return whether something is a number strictly between 0 and 1."""
    return isinstance(value, Real) and 0 < float(value) < 1


def is_count(value: object) -> bool:
    """Return whether something is a whole number of at least 1."""
    return isinstance(value, Integral) and int(value) >= 1


def shares(value: Any) -> list[float] | None:
    """Return one number between 0 and 1 or several as a list, or None where it is neither."""
    each = list(value) if isinstance(value, Iterable) else [value]
    return [float(one) for one in each] if each and all(map(is_share, each)) else None
