"""The gate passes a figure at its limit and fails one beyond it, and what is not finite."""

import math

import pytest

from forecast.estimate.gate import (
    LEAST_BFMI,
    LEAST_ESS,
    LEAST_FORECAST_ESS,
    MOST_END_MCSE,
    MOST_MCSE,
    MOST_RHAT,
    Gate,
    forecasts_gate,
    importance_gate,
    khat_limit,
    nuts_gate,
    paths_gate,
)

KHAT = khat_limit(4096)


@pytest.mark.parametrize(
    ("at_the_limits", "beyond"),
    [
        (
            importance_gate(KHAT, LEAST_ESS, 4096),
            (importance_gate(KHAT + 1e-9, 1e6, 4096), importance_gate(0.1, LEAST_ESS - 1e-6, 4096)),
        ),
        (
            nuts_gate(MOST_RHAT, LEAST_ESS, LEAST_ESS, 0, LEAST_BFMI),
            (
                nuts_gate(MOST_RHAT + 1e-9, 1e6, 1e6, 0, 1.0),
                nuts_gate(1.0, LEAST_ESS - 1e-6, 1e6, 0, 1.0),
                nuts_gate(1.0, 1e6, LEAST_ESS - 1e-6, 0, 1.0),
                nuts_gate(1.0, 1e6, 1e6, 1, 1.0),
                nuts_gate(1.0, 1e6, 1e6, 0, LEAST_BFMI - 1e-9),
            ),
        ),
        (
            paths_gate(MOST_RHAT, LEAST_ESS, LEAST_ESS),
            (
                paths_gate(MOST_RHAT + 1e-9, 1e6, 1e6),
                paths_gate(1.0, LEAST_ESS - 1e-6, 1e6),
                paths_gate(1.0, 1e6, math.nan),
            ),
        ),
        (
            forecasts_gate(MOST_MCSE, MOST_END_MCSE, (MOST_RHAT, LEAST_FORECAST_ESS)),
            (
                forecasts_gate(MOST_MCSE + 1e-9, 0.0),
                forecasts_gate(0.0, MOST_END_MCSE + 1e-9),
                forecasts_gate(0.0, 0.0, (MOST_RHAT + 1e-9, 1e6)),
                forecasts_gate(0.0, 0.0, (1.0, LEAST_FORECAST_ESS - 1e-6)),
            ),
        ),
    ],
    ids=["importance", "nuts", "paths", "forecasts"],
)
def test_a_figure_at_its_limit_passes_and_one_beyond_fails(
    at_the_limits: Gate, beyond: tuple[Gate, ...]
) -> None:
    assert at_the_limits.passed
    for gate in beyond:
        assert sum(not check.passed for check in gate.checks) == 1
        assert not gate.passed


def test_checks_of_forecasts_are_told_from_those_of_parameters() -> None:
    gate = importance_gate(0.1, 1e6, 4096) + forecasts_gate(0.0, 0.0)
    assert [check.of_forecasts for check in gate.checks] == [False, False, True, True]
