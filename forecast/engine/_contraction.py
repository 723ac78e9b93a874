"""Products of many factors, summed pair by pair, and the same run backwards.

A factor is an array over draws and the values of a few variables. In which order factors are
multiplied decides how large the arrays on the way become; opt_einsum finds a good one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from opt_einsum import contract_path, get_symbol

from forecast.engine._problem import Floats, Ints
from forecast.errors import Fault, InputError

DRAW = -1  # the label of the first dimension of every array
MOST_NUMBERS = 2**24
"""In one array on the way; draws are taken in blocks that keep to it."""

type Labels = tuple[int, ...]
type Factor = tuple[Labels, Floats]
"""Variables, and an array over draws (or one for all) and their values."""


@dataclass(frozen=True)
class Tree:
    """In which order factors are multiplied and summed, pair by pair."""

    path: tuple[tuple[int, ...], ...]
    kept: Labels
    largest: int

    def run(self, factors: Sequence[Factor]) -> tuple[Factor, list[list[int]], list[Factor]]:
        """Return the result; of each step which factors it takes; and all factors on the way."""
        every, open_, steps = list(factors), list(range(len(factors))), []
        for places in self.path:
            taken = [open_[place] for place in places]
            open_ = [number for place, number in enumerate(open_) if place not in places]
            left = {v for number in open_ for v in every[number][0]} | set(self.kept)
            labels = dict.fromkeys(v for number in taken for v in every[number][0] if v in left)
            every.append(multiplied([every[number] for number in taken], tuple(labels)))
            steps.append(taken)
            open_.append(len(every) - 1)
        return multiplied([every[open_[0]]], self.kept), steps, every

    def slopes(self, factors: Sequence[Factor]) -> list[Factor]:
        """Return the slopes of the total sum by the numbers of each factor."""
        _, steps, every = self.run(factors)
        slope: dict[int, Factor] = {len(every) - 1: ((), np.ones((1,)))}
        for made, taken in zip(range(len(every) - 1, -1, -1), reversed(steps), strict=False):
            for number in taken:
                labels, array = every[number]
                others = [every[other] for other in taken if other != number]
                shape = (labels, np.ones((1, *array.shape[1:])))  # where only it has a variable
                slope[number] = multiplied([slope[made], *others, shape], labels)
        return [slope[number] for number in range(len(factors))]

    def draw(
        self,
        factors: Sequence[Factor],
        owner: Ints,
        given: Mapping[int, Ints],
        rng: np.random.Generator,
    ) -> dict[int, Ints]:
        """Return values of all variables, drawn in proportion to the product of the factors.

        What was summed out last is drawn first, given what is left of the product then.

        Parameters
        ----------
        factors
            As for `run`.
        owner
            The draw of the parameters behind each of the draws to be made, shape (sample,).
        given
            The values of the variables that are kept, shape (sample,) each.
        rng
            Source of randomness.
        """
        _, steps, every = self.run(factors)
        found = dict(given)
        for made, taken in zip(range(len(every) - 1, -1, -1), reversed(steps), strict=False):
            left = every[made][0]
            size = {
                v: n
                for number in taken
                for v, n in zip(every[number][0], every[number][1].shape[1:], strict=True)
                if v not in left
            }
            weights = np.ones((len(owner), *size.values()))
            for number in taken if size else ():
                weights = weights * _picked(every[number], owner, found, tuple(size))
            heights = weights.reshape(len(owner), -1).cumsum(axis=1)
            if size:
                level = rng.uniform(size=len(owner)) * heights[:, -1]
                place = np.minimum((heights <= level[:, None]).sum(axis=1), heights.shape[1] - 1)
                found |= zip(size, np.unravel_index(place, tuple(size.values())), strict=True)
        return found


def _picked(factor: Factor, owner: Ints, found: Mapping[int, Ints], left: Labels) -> Floats:
    """Return a factor at the values found, over the variables that are left, (sample, …)."""
    labels, array = factor
    known = [v for v in labels if v not in left]
    over = [v for v in left if v in labels]
    axes = [0, *(1 + labels.index(v) for v in (*known, *over))]
    draws = owner if len(array) > 1 else np.zeros_like(owner)
    picked = array.transpose(axes)[(draws, *(found[v] for v in known))]
    sizes = dict(zip(over, picked.shape[1:], strict=True))
    return np.asarray(picked.reshape(len(owner), *(sizes.get(v, 1) for v in left)))


def multiplied(factors: Sequence[Factor], labels: Labels) -> Factor:
    """Return the product of factors, summed over all variables but some."""
    names = {DRAW: 0}
    for used, _ in factors:
        for label in used:
            names.setdefault(label, len(names))
    terms: list[Any] = []
    for used, array in factors:
        terms += [array, [0, *(names[label] for label in used)]]
    return labels, np.einsum(*terms, [0, *(names[label] for label in labels)])


def shares(mass: Floats, axis: int) -> Floats:
    """Return masses divided by their sum."""
    total = mass.sum(axis=axis, keepdims=True)
    return np.asarray(np.divide(mass, total, out=np.zeros_like(mass), where=total > 0))


def tree_of(labels: Sequence[Labels], size: Mapping[int, int], kept: Labels) -> Tree:
    """Return a good order in which to multiply factors over these variables and sum them.

    Raises
    ------
    InputError
        If whatever the order some product is over too many values.
    """
    if not labels:
        return Tree((), kept, 1)
    symbol = {
        v: get_symbol(i) for i, v in enumerate(dict.fromkeys(v for row in labels for v in row))
    }
    terms = ",".join("".join(symbol[v] for v in row) for row in labels)
    shapes = [tuple(size[v] for v in row) for row in labels]
    wanted = "".join(symbol[v] for v in kept)
    path, info = contract_path(f"{terms}->{wanted}", *shapes, shapes=True, optimize="auto")
    largest = max(int(info.largest_intermediate), *(prod(shape) for shape in shapes))
    if largest > MOST_NUMBERS:
        raise InputError(
            Fault(
                f"{len(shapes)} facts are linked so closely that summing them out takes tables of "
                f"{largest:,} numbers, and at most {MOST_NUMBERS:,} are taken",
                "Let facts depend on fewer others, with a fact in between that sums some of them "
                "up.",
                field="events",
            )
        )
    return Tree(tuple(tuple(step) for step in path), kept, largest)
