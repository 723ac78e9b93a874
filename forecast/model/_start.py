"""The start of a network as arrays: which facts depend on which, and how their chances follow.

Each value of a fact is an event of the engine. It is asked after the values before it: its chance
is its weight's share of the weights that are left, and none where one before it is true.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from forecast.engine._channels import ODDS, SHARE, STATED
from forecast.engine._problem import Given, Start, start_of
from forecast.network import Network
from forecast.network._families import Family, Parent

type Place = tuple[str, str]
"""The name of a group of numbers, and a label in it."""


class Cell(NamedTuple):
    """How one chance of a fact that depends on others follows from stated numbers.

    Parameters
    ----------
    form
        `STATED`, `SHARE` or `ODDS`.
    place
        The number; the weight; or the chance with all parents off.
    parts
        The weights that the share is of; or the odds ratios that count.
    """

    form: int
    place: Place
    parts: tuple[Place, ...] = ()


def cells_of(network: Network) -> tuple[Cell, ...]:
    """Return how the chances that `joint_start` has rows for follow, in their order."""
    return tuple(
        Cell(cell.form, _named(network, cell.place), tuple(_named(network, p) for p in cell.parts))
        for family in network.families
        for place in range(len(family.nodes))
        for cell in _cells(family, place)
    )


def _named(network: Network, place: Place) -> Place:
    return place[0], network.number(*place)


def _cells(family: Family, place: int) -> list[Cell]:
    """Return the chances of one value of a fact, for each combination of its parents' values."""
    if family.links:
        states = product((False, True), repeat=len(family.links))
        base = ("initial_probability", family.event)
        return [
            Cell(
                ODDS,
                base,
                tuple(("odds_ratio", k) for k, on in zip(family.links, state, strict=True) if on),
            )
            for state in states
        ]
    found = []
    for row in family.row_of:
        places = [("chance", number.label) for number in family.rows[row]]
        several = len(family.nodes) > 1
        found.append(
            Cell(SHARE, places[place], tuple(places[place:]))
            if several
            else Cell(STATED, places[place])
        )
    return found


def joint_start(network: Network, index: Mapping[str, int]) -> Start | None:
    """Return what depends on what at the start; None where every event is alone.

    Parameters
    ----------
    network
        The network.
    index
        The place of each of the engine's events.
    """
    if not network.families:
        return None
    facts = np.arange(len(index), dtype=np.int64)
    joined = []
    for family in network.families:
        given, stride, rows = _strides(family.parents, index.__getitem__)
        own = [index[node] for node in family.nodes]
        facts[own] = own[0]
        for place, node in enumerate(own):
            before = own[:place]  # where one of them is true this is not: no such row
            joined.append(Given(node, rows, (*given, *before), (*stride, *[rows] * len(before))))
    return start_of(len(index), tuple(joined), facts)


def _strides(
    parents: Sequence[Parent], at: Callable[[str], int]
) -> tuple[list[int], list[int], int]:
    """Return the events that parents are made of, their strides, and the number of rows."""
    given, strides = [], []
    rows = prod(len(parent.values) for parent in parents)
    stride = rows
    for parent in parents:
        stride //= len(parent.values)
        for value, node in enumerate(parent.nodes):
            if node:
                given.append(at(node))
                strides.append(stride * value)
    return given, strides, rows


def joined_nodes(network: Network) -> frozenset[str]:
    """Return the nodes whose chances stand in a table, or are those of several values."""
    return frozenset(
        node for family in network.families if not family.links for node in family.nodes
    )
