"""Random networks whose facts depend on each other at the start, some with several values."""

import numpy as np

from forecast.engine._problem import FACT, UNCERTAIN, Given, Parameters, Record, Structure, start_of
from tests.exact.random_networks import random_parameters, random_record, random_structure


def joint_problem(
    rng: np.random.Generator, most: int = 6, *, static: bool = False
) -> tuple[Structure, Record, Parameters]:
    """Three facts or more that depend on each other; unless `static`, other events beside them."""
    n = int(rng.integers(4, most + 1))
    structure = random_structure(rng, n)
    facts = np.sort(rng.choice(n, size=n if static else int(rng.integers(3, n)), replace=False))
    kind, initially = structure.kind.copy(), structure.initially.copy()
    kind[facts], initially[facts] = FACT, UNCERTAIN
    kept = kind[structure.link_child] != FACT
    structure = structure._replace(
        kind=kind,
        initially=initially,
        link_kind=structure.link_kind[kept],
        link_parent=structure.link_parent[kept],
        link_child=structure.link_child[kept],
        windows=tuple(None if kind[i] == FACT else w for i, w in enumerate(structure.windows)),
    )
    joined, fact = tables(rng, n, rng.permutation(facts).tolist())
    structure = structure._replace(start=start_of(n, joined, fact))
    record = random_record(rng, structure)
    first: dict[int, int] = {}  # of a fact's values one is seen at most, and is true
    for i, (event, value) in enumerate(zip(record.known_event, record.known_value, strict=True)):
        if kind[event] == FACT and value == 1:
            first.setdefault(int(fact[event]), i)
    keep = [
        kind[event] != FACT or value == 0 or first[int(fact[event])] == i
        for i, (event, value) in enumerate(zip(record.known_event, record.known_value, strict=True))
    ]
    record = record._replace(
        known_event=record.known_event[keep],
        known_from=record.known_from[keep],
        known_to=record.known_to[keep],
        known_value=record.known_value[keep],
    )
    theta = random_parameters(rng, structure, record)
    cells = sum(one.rows for one in joined)
    rows = rng.uniform(0.1, 0.9, cells)
    at = 0
    for one in joined:  # the last value of a fact is true where none before it is
        mine = np.flatnonzero(fact == fact[one.event])
        if len(mine) > 1 and one.event == mine[-1]:
            rows[at : at + one.rows] = 1.0
        at += one.rows
    return structure, record, theta._replace(initial=np.append(theta.initial, rows))


def tables(
    rng: np.random.Generator, n: int, facts: list[int]
) -> tuple[tuple[Given, ...], np.ndarray]:
    """Rows for facts in the order given, now and then two or three as the values of one."""
    fact, joined = np.arange(n), []
    variables: list[list[int]] = []
    left = list(facts)
    while left:
        size = int(rng.choice([1, 1, 2, 3])) if len(left) > 2 else 1
        own, left = sorted(left[:size]), left[size:]
        fact[own] = own[0]
        chosen = [v for v in variables if rng.random() < 0.6][:3]
        given: list[int] = []
        strides: list[int] = []
        rows = 1
        for variable in chosen:
            for value, node in enumerate(variable):
                given.append(node)
                strides.append(rows * (value + 1 if len(variable) == 1 else value))
            rows *= max(2, len(variable))
        for place, node in enumerate(own):
            before = own[:place]
            joined.append(Given(node, rows, (*given, *before), (*strides, *[rows] * len(before))))
        variables.append(own)
    return tuple(joined), fact
