"""The chances of what the items say, in PyTensor: as `forecast.model.chances` has them in NumPy."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pytensor.tensor as pt

from forecast.model.chances import LEAST_LOG_CHANCE
from forecast.model.claims import COUNT, SILENCE, Claims

__all__ = ["said_factors"]

type Tensor = Any


def said_factors(
    claims: Claims, value: Tensor, rows: Tensor, *, silent: Collection[int] = ()
) -> Tensor:
    """Return P(item | off) and P(item | on) of what is said, shape (item, 2).

    Parameters
    ----------
    claims
        The items.
    value
        What each says, shape (item,): a broken silence (0) has the chance 1 here.
    rows
        P(says on | off) and P(says on | on) of what was checked, of items and hidden statements,
        shape (row, 2); of silences and counts as `Factor.chance_on` gives them.
    silent
        Silences that count as kept, whatever `value` has.
    """
    n = len(claims.items)
    own, on = rows[:n], value[:, None]
    said = on * own + (1 - on) * (1 - own)
    if (claims.form == SILENCE).any():
        kept = on + np.isin(np.arange(n), list(silent))[:, None]
        silence = pt.where(pt.gt(kept, 0), own, own[:, :1])
        said = pt.where((claims.form == SILENCE)[:, None], silence, said)
    if (claims.form == COUNT).any():
        said = pt.where((claims.form == COUNT)[:, None], _counted(claims, value, own), said)
    if claims.copies:
        said = _copied(claims, value, said)
    return _passed_on(claims, value, said, rows[n:]) if claims.members else said


def _counted(claims: Claims, value: Tensor, expected: Tensor) -> Tensor:
    """Return the chance of each count, whose event is known all through its window; (item, 1)."""
    weights = np.stack([1 - claims.share, claims.share], axis=1)
    mean = (expected * weights).sum(axis=1)
    mean = pt.where(claims.form == COUNT, mean, 1.0)
    number = pt.where(claims.form == COUNT, value, 0)
    log_chance = number * pt.log(mean) - mean - pt.gammaln(number + 1.0)
    return pt.exp(pt.maximum(log_chance, LEAST_LOG_CHANCE))[:, None]


def _copied(claims: Claims, value: Tensor, said: Tensor) -> Tensor:
    """Return the chances of items that may repeat others."""
    repeats_on = claims.origins @ value + claims.settled[:, 1]
    repeats_off = claims.origins @ (1 - value) + claims.settled[:, 0]
    repeated = value * repeats_on + (1 - value) * repeats_off
    check = claims.check[:, None]
    copies = check * said + (1 - check) * repeated[:, None]
    some = claims.origins.any(axis=1) | claims.settled.any(axis=1)
    return copies if some.all() else pt.where(some[:, None], copies, said)


def _passed_on(claims: Claims, value: Tensor, said: Tensor, origins: Tensor) -> Tensor:
    """Return the same, with what hidden origins said summed out.

    The k-th members of all statements are one expression: the time to compile grows with the
    longest statement, and not with their number.
    """
    order = sorted(range(len(claims.members)), key=lambda j: -len(claims.members[j]))
    groups = [claims.members[j] for j in order]
    on = origins[np.array(order)]
    weights = pt.stack([1 - on, on])  # (claim, statement, 2): P(c and the reports so far | x)
    before = weights.sum(axis=0)
    for k in range(len(groups[0])):
        places = np.array([group[k] for group in groups if len(group) > k])
        size = len(places)
        claim = value[places][:, None]
        check = claims.check[places][:, None]
        repeats = pt.stack([1 - claim, claim])
        weights = weights[:, :size] * (check * said[places] + (1 - check) * repeats)
        total, given = weights.sum(axis=0), before[:size]
        possible = pt.gt(given, 0)
        said = said[places].set(pt.where(possible, total / pt.where(possible, given, 1.0), 0.0))
        before = total
    return said
