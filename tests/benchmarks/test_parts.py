"""The parts that call kernels directly still can: no type checker sees a kernel's arguments."""

import numpy as np
import pytest

from benchmarks import learn, limit, mixing, nearest, sweeps
from benchmarks.sweeps import Case


def test_the_limit_counts_and_times_a_likelihood() -> None:
    few, more = limit.measured(3), limit.measured(4)
    for found in (few, more):
        assert all(np.isfinite(value) and value >= 0 for value in found.values())
    assert more["flops"] > 2 * few["flops"]  # twice the states, and a flip more


def test_a_sweep_is_timed() -> None:
    assert sweeps.seconds_a_sweep(1_000, Case("a few", 0.2, 2)) > 0


def test_mixing_follows_the_events_that_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "SWEEPS", 50)
    problems = dict(mixing.problems())
    assert len(problems) == 5
    ring = next(problem for name, problem in problems.items() if "ring" in name)
    found = mixing.measured(ring, 2)
    assert found["events"] == 20
    assert found["median"] >= found["slowest"] > 0


def test_learning_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "UNITS", 20)
    monkeypatch.setattr(learn, "YEARS", 20)
    found = learn.measured("covariates")
    assert found["seconds"] > 0
    assert found["numbers"] == 27


def test_the_nearest_peer_is_told_by_problem_in_both_precisions() -> None:
    page = nearest.page()
    for name in ("8 events, 12 items", "8 events, 40 items"):
        rows = [line for line in page.splitlines() if line.startswith(f"| {name} ")]
        assert [row.split(" | ")[1] for row in rows] == ["eventcast", "jax", "jax in 32 bits"]
        assert all(float(row.split(" | ")[3]) > 1 for row in rows[1:])
