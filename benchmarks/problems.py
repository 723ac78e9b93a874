"""The problems that are timed."""

import numpy as np

from forecast.engine._components import build_plans
from forecast.engine._likelihood import over_time
from forecast.engine._plan import Plan
from forecast.engine._problem import MULTIPLIES, ONSET, Parameters, Record, Structure

STEP = 1 / 52


def ring(events: int, steps: int) -> tuple[Structure, Record]:
    """Hidden onsets on a ring with chords, an item on each at the end: all live throughout."""
    links = [(i, (i + 1) % events) for i in range(events)]
    links += [(i, (i + 3) % events) for i in range(0, events, 3)]
    structure = Structure(
        kind=np.full(events, ONSET, dtype=np.int64),
        initially=np.zeros(events, dtype=np.int64),
        link_kind=np.full(len(links), MULTIPLIES, dtype=np.int64),
        link_parent=np.array([parent for parent, _ in links], dtype=np.int64),
        link_child=np.array([child for _, child in links], dtype=np.int64),
        windows=(None,) * events,
        horizon=steps * STEP,
    )
    nothing = np.zeros(0)
    record = Record(
        item_event=np.arange(events),
        item_time=np.full(events, steps * STEP),
        known_event=nothing.astype(np.int64),
        known_from=nothing,
        known_to=nothing,
        known_value=nothing.astype(np.int64),
    )
    return structure, record


def parameters(structure: Structure, record: Record, draws: int) -> Parameters:
    """Return random draws of the parameters of a problem."""
    rng = np.random.default_rng(1)
    n, links, items = len(structure.kind), len(structure.link_kind), len(record.item_event)
    return Parameters(
        base_rate=rng.gamma(1.0, 0.5, (draws, n)) + 0.05,
        off_rate=np.zeros((draws, n)),
        initial=np.zeros((draws, n)),
        effect=np.exp(rng.normal(0.5, 0.5, (draws, links))),
        factors=rng.uniform(0.05, 0.95, (draws, items, 2)),
    )


def plans_of(structure: Structure, record: Record) -> tuple[Plan, ...]:
    """Return the plans at weekly steps."""
    return over_time(build_plans(structure, record, max_step=STEP))
