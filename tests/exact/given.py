"""Random problems with an event whose course is given from outside, and that acts on others."""

import numpy as np

from forecast.engine._problem import FACT, MULTIPLIES, STATE, Parameters, Record, Structure
from tests.exact.random_networks import (
    HORIZON,
    random_parameters,
    random_record,
    random_structure,
    watched,
)


def with_given(rng: np.random.Generator, structure: Structure) -> Structure:
    """The structure with one such event more, which multiplies the rate of all that have one."""
    n = len(structure.kind)
    children = np.flatnonzero(structure.kind != FACT)
    times = np.sort(rng.uniform(0, HORIZON, int(rng.integers(1, 4))))
    return structure._replace(
        kind=np.append(structure.kind, STATE),
        initially=np.append(structure.initially, rng.integers(2)),
        link_kind=np.append(structure.link_kind, np.full(len(children), MULTIPLIES)),
        link_parent=np.append(structure.link_parent, np.full(len(children), n)),
        link_child=np.append(structure.link_child, children),
        windows=(*structure.windows, None),
        given=(*[None] * n, times),
    )


def given_problem(rng: np.random.Generator, most: int = 5) -> tuple[Structure, Record, Parameters]:
    """A random problem with it."""
    plain = random_structure(rng, int(rng.integers(1, most + 1)))
    record = random_record(rng, plain)
    if rng.random() < 0.5:
        record = watched(rng, plain, record)
    structure = with_given(rng, plain)
    return structure, record, random_parameters(rng, structure, record)
