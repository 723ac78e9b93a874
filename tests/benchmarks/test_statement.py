"""What peers are told is the library's own model: the matrix exponential on it says the same."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.dense import likelihood
from benchmarks.peers.problems import problem
from benchmarks.peers.pymc_discrete import allowed
from benchmarks.peers.stated import stated
from benchmarks.peers.statement import read, write
from forecast.engine._likelihood import swept
from forecast.engine._relevance import Target
from forecast.model._lower import lower
from forecast.time import parse_instant, years_between
from tests.tolerances import STEP_GRID


def test_the_matrix_exponential_on_a_statement_agrees_with_the_filter(tmp_path: Path) -> None:
    network, evidence, as_of, event, by = problem("4 events, 12 items")
    lowered = lower(network, evidence, as_of)
    statement = stated(lowered, event, by)
    write(statement, tmp_path / "s.npz")
    statement = read(tmp_path / "s.npz")
    assert statement.dimensions == lowered.table.dimensions
    z = np.random.default_rng(3).normal(size=(3, lowered.table.dimensions))
    time = years_between(network.start_instant, parse_instant(by))
    asked = lowered.events.index(event)
    plans = lowered.plans(targets=(Target(time, (asked,)),))
    plan = next(p for p in plans if asked in p.live)
    (states,), log_likelihood = swept(
        plan, lowered.theta(lowered.table.from_z(z)), np.array([time])
    )
    bit = plan.live_before(len(plan.cuts) - 1).index(asked)
    on = (np.arange(len(states)) >> bit) & 1 == 1
    for k in range(3):
        found, chance = likelihood(statement, z[k][statement.origin])
        assert found == pytest.approx(log_likelihood[k], abs=STEP_GRID)
        assert chance == pytest.approx(states[on, k].sum(), abs=STEP_GRID)


def test_an_onset_may_fall_where_nothing_that_is_known_rules_it_out() -> None:
    network, evidence, as_of, event, _ = problem("first network")
    statement = stated(lower(network, evidence, as_of), event, "2024-12-31")
    possible = allowed(statement, len(statement.step))
    assert possible.any(axis=1).all()
    known_off = (statement.known[:, 0] == 0).nonzero()[0]
    assert len(known_off)
    assert not possible[known_off, 0].any()
