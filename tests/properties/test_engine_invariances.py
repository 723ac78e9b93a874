"""What must not matter does not: names, order, irrelevant events, extra cut times."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forecast.engine._components import build_plans
from forecast.engine._likelihood import log_likelihood
from forecast.engine._problem import ONSET, Parameters, Record, Structure
from tests.exact.random_networks import HORIZON, random_problem
from tests.tolerances import FINE_GRID, LOG_PROBABILITY

FINE, WEEK = 1 / 2000, 1 / 52
seeds = st.integers(0, 2**32 - 1)


def value(structure: Structure, record: Record, theta: Parameters, step: float = WEEK) -> float:
    return log_likelihood(build_plans(structure, record, max_step=step), theta)


@settings(max_examples=60)
@given(seed=seeds)
def test_the_order_of_evidence_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure, record, theta = random_problem(rng)
    order = rng.permutation(len(record.item_event))
    moved = record.with_items(order)
    again = value(structure, moved, theta._replace(factors=theta.factors[order]))
    assert again == pytest.approx(value(structure, record, theta), abs=LOG_PROBABILITY)


@settings(max_examples=60)
@given(seed=seeds)
def test_renaming_events_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure, record, theta = random_problem(rng)
    n = len(structure.kind)
    new = rng.permutation(n)  # event i becomes new[i]
    old = np.argsort(new)
    renamed = structure._replace(
        kind=structure.kind[old],
        initially=structure.initially[old],
        link_parent=new[structure.link_parent],
        link_child=new[structure.link_child],
        windows=tuple(structure.windows[i] for i in old),
    )
    told = record._replace(item_event=new[record.item_event], known_event=new[record.known_event])
    turned = theta._replace(
        base_rate=theta.base_rate[old], off_rate=theta.off_rate[old], initial=theta.initial[old]
    )
    # The order of events is the order of splitting, so they agree to the grid, not to the bit.
    again = value(renamed, told, turned, FINE)
    assert again == pytest.approx(value(structure, record, theta, FINE), abs=10 * FINE_GRID)


@settings(max_examples=60)
@given(seed=seeds)
def test_an_event_that_nothing_depends_on_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure, record, theta = random_problem(rng)
    n = len(structure.kind)
    parent = int(rng.integers(n))
    wider = structure._replace(
        kind=np.append(structure.kind, ONSET),
        initially=np.append(structure.initially, 0),
        link_kind=np.append(structure.link_kind, int(rng.integers(4))),
        link_parent=np.append(structure.link_parent, parent),
        link_child=np.append(structure.link_child, n),
        windows=(*structure.windows, None),
    )
    more = Parameters(
        np.append(theta.base_rate, 3.0),
        np.append(theta.off_rate, 0.0),
        np.append(theta.initial, 0.5),
        np.append(theta.effect, 2.0),
        theta.factors,
    )
    again = value(wider, record, more)
    assert again == pytest.approx(value(structure, record, theta), abs=LOG_PROBABILITY)


@settings(max_examples=60)
@given(seed=seeds)
def test_an_extra_cut_time_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure, record, theta = random_problem(rng)
    event = int(rng.integers(len(structure.kind)))
    cut = record._replace(
        item_event=np.append(record.item_event, event),
        item_time=np.append(record.item_time, time := rng.uniform(0, HORIZON)),
        item_from=np.append(record.first_time, time),
    )
    silent = theta._replace(factors=np.vstack([theta.factors, [[1.0, 1.0]]]))
    again = value(structure, cut, silent, FINE)
    assert again == pytest.approx(value(structure, record, theta, FINE), abs=10 * FINE_GRID)


@settings(max_examples=40)
@given(seed=seeds)
def test_a_finer_grid_changes_nothing_that_the_coarse_one_had_right(seed: int) -> None:
    structure, record, theta = random_problem(np.random.default_rng(seed), most=3)
    steps = [value(structure, record, theta, step) for step in (1 / 500, 1 / 1000, 1 / 2000)]
    assume(np.isfinite(steps).all())
    assert abs(steps[2] - steps[1]) <= abs(steps[1] - steps[0]) + LOG_PROBABILITY
