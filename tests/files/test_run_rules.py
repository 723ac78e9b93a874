"""Rules for what a run is asked, held against what the estimate needs."""

import tomllib

import pytest

import forecast as fc
from forecast.files._run_rules import (
    FEWEST_DRAWS,
    MOST_DRAWS,
    WHY_FEWEST,
    alert_rules,
    draws_fault,
)
from forecast.gate import LEAST_ESS


def test_the_fewest_draws_are_the_least_power_of_two_that_the_gate_can_pass() -> None:
    assert FEWEST_DRAWS // 2 < LEAST_ESS <= FEWEST_DRAWS
    assert f"{LEAST_ESS:.0f} effective draws" in WHY_FEWEST


@pytest.mark.parametrize("draws", [FEWEST_DRAWS, 4096, MOST_DRAWS])
def test_draws_that_can_pass_are_taken(draws: int) -> None:
    assert draws_fault(draws) is None


@pytest.mark.parametrize("draws", [-1, 0, 64, 256, 511])
def test_too_few_are_told_the_least_number_that_can_pass(draws: int) -> None:
    fault = draws_fault(draws)
    assert fault is not None
    assert fault.remedy.startswith("Write 512, the least that can pass the convergence checks")


def test_in_python_fewer_are_a_first_look_whose_gate_says_so() -> None:
    pact = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
    network = fc.Network(name="n", start="2024-01-01", horizon="2024-12-31", events=[pact])
    for draws, passed in ((256, False), (512, True)):
        post = fc.update(network, fc.Evidence(), as_of="2024-01-02", draws=draws)
        assert post.gate.passed == passed


def test_a_name_with_dots_needs_no_quotes() -> None:
    text = """
    pact = { above = 0.2 }
    troops.above = 0.1
    troops.confirmed = { above = 0.3 }
    raid.2.confirmed = { moves = 0.1 }
    "vote.left" = { below = 0.4 }
    """
    rules = alert_rules(tomllib.loads(text))
    assert list(rules) == ["pact", "troops.confirmed", "troops", "raid.2.confirmed", "vote.left"]
    assert (rules["troops"].above, rules["troops.confirmed"].above) == (0.1, 0.3)
