"""The gate that every estimate by draws passes: what is at a limit passes, what is beyond fails."""

import json

import numpy as np
import pytest

from forecast.engine._importance import pareto_smooth
from forecast.gate import (
    Check,
    Gate,
    at_least,
    at_most,
    chains_gate,
    forecasts_gate,
    importance_gate,
    khat_limit,
    nuts_gate,
    worst,
)
from forecast.workspace._run import gate_document, gate_of

SHAPE = (4, 500)


def failed(gate: Gate) -> list[str]:
    return [check.name for check in gate.checks if not check.passed]


@pytest.fixture
def numbers() -> np.ndarray:
    """Three numbers, drawn independently by four chains: (number, chain, draw)."""
    return np.random.default_rng(1).normal(size=(3, *SHAPE))


def stats(diverging: int = 0) -> dict[str, np.ndarray]:
    """Statistics of a run that explores energies well; the first draws of a chain diverge."""
    marks = np.zeros(SHAPE)
    marks[0, :diverging] = 1
    return {"diverging": marks, "energy": np.random.default_rng(2).normal(size=SHAPE)}


def test_a_figure_at_its_limit_passes_and_one_beyond_it_fails() -> None:
    assert at_most("a", 2, 2) == Check("a", 2.0, 2, passed=True)
    assert at_least("a", 2, 2) == Check("a", 2.0, 2, passed=True)
    assert not at_most("a", np.nextafter(2, 3), 2).passed
    assert not at_least("a", np.nextafter(2, 1), 2).passed


def test_what_is_no_number_fails() -> None:
    assert not at_most("a", np.nan, 2).passed
    assert not at_least("a", np.nan, 2).passed


def test_every_check_has_a_limit_of_its_own() -> None:
    assert not failed(chains_gate(1.01, 400, 400))
    assert failed(chains_gate(1.011, 400, 400)) == ["rhat"]
    assert failed(chains_gate(1.01, 399, 400)) == ["ess_bulk"]
    assert failed(chains_gate(1.01, 400, 399)) == ["ess_tail"]
    assert not failed(importance_gate(0.7, 400, 10**6))
    assert failed(importance_gate(0.71, 399, 10**6)) == ["khat", "ess"]
    assert not failed(forecasts_gate(0.025, 0.1, (1.01, 200)))
    bad = forecasts_gate(0.0251, 0.101, (1.011, 199))
    assert failed(bad) == [check.name for check in bad.checks]


def test_fewer_draws_allow_a_smaller_pareto_k() -> None:
    assert khat_limit(100) == pytest.approx(0.5)
    assert khat_limit(10**6) == 0.7


def test_nuts_is_judged_by_its_worst_number(numbers: np.ndarray) -> None:
    assert not failed(nuts_gate(numbers, stats()))
    numbers[1, 0] += 1
    gate = nuts_gate(numbers, stats())
    assert "rhat" in failed(gate)
    assert [check.name for check in gate.checks] == [
        *("rhat", "ess_bulk", "ess_tail", "divergences", "bfmi")
    ]


def test_as_many_draws_may_diverge_as_are_allowed(numbers: np.ndarray) -> None:
    assert failed(nuts_gate(numbers, stats(1))) == ["divergences"]
    assert not failed(nuts_gate(numbers, stats(10), allowed=0.005))
    assert failed(nuts_gate(numbers, stats(11), allowed=0.005)) == ["divergences"]


def test_energies_that_creep_fail(numbers: np.ndarray) -> None:
    creeping = {**stats(), "energy": np.cumsum(stats()["energy"], axis=1)}
    assert failed(nuts_gate(numbers, creeping)) == ["bfmi"]


def test_where_nothing_is_uncertain_all_is_as_well_as_can_be() -> None:
    assert worst(np.zeros((0, *SHAPE))) == (1.0, np.inf, np.inf)
    assert not failed(nuts_gate(np.zeros((0, *SHAPE)), {"diverging": np.zeros(SHAPE)}))


def test_a_chain_that_hangs_fails(numbers: np.ndarray) -> None:
    numbers[2] = 0.5
    assert failed(nuts_gate(numbers, stats())) == ["rhat", "ess_bulk", "ess_tail"]


def test_checks_of_forecasts_are_told_from_those_of_parameters() -> None:
    gate = importance_gate(0.1, 1e6, 4096) + forecasts_gate(0.0, 0.0)
    assert [check.of_forecasts for check in gate.checks] == [False, False, True, True]


EQUAL = np.zeros(512)
FEW_LARGE = np.where(np.arange(512) < 4, 50.0, 0.0)
"""Log weights: fewer large ones than a tail can be fitted to."""


@pytest.mark.parametrize(
    ("log_weights", "told"),
    [
        (EQUAL, "khat none, as the largest weights are alike and so have no heavy tail ("),
        (FEW_LARGE, "khat not finite ("),
    ],
)
def test_a_khat_that_is_not_finite_says_in_words_whether_that_is_fine(
    log_weights: np.ndarray, told: str
) -> None:
    smoothed, khat = pareto_smooth(log_weights)
    assert not np.isfinite(khat)
    effective = 1 / np.exp(2 * smoothed).sum()
    gate = importance_gate(khat, effective, len(log_weights))
    check = gate.checks[0]
    assert str(check).startswith(told)
    # It is fine where no draw counts for more than another, which the weights show by themselves.
    assert check.passed == (effective > 500)
    assert str(check).endswith("ok" if check.passed else "FAILED")
    kept = gate_of(json.loads(json.dumps(gate_document(gate))))
    assert str(kept.checks[0]) == str(check)


def test_chains_of_which_nothing_is_uncertain_say_so() -> None:
    told = str(chains_gate(*worst(np.zeros((0, 4, 100)))))
    assert "inf" not in told
    assert "ess_bulk none, as nothing that was sampled is uncertain (limit 400) ok" in told
    assert "ess_tail none, as nothing that was sampled has tails (limit 400) ok" in told
