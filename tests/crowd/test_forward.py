import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from forecast.crowd import pool
from forecast.crowd._forward import SHARES, _blocks, _heights
from forecast.scoring import logarithmic
from tests.tolerances import SAME_ALGEBRA


def drifting(
    seed: int, leans: tuple[float, float], questions: int = 400, turns: int = 1
) -> pd.DataFrame:
    """Forecasters lean by one amount on half of the questions, by another on the other half."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=questions)
    part = np.arange(questions) * (turns + 1) // questions
    lean = np.where(part % 2 == 0, *leans)
    said = expit(truth + lean + 0.3 * rng.normal(size=(5, questions)))
    table = pd.DataFrame(said.T).rename(columns=str).assign(question=range(questions))
    y = (rng.random(questions) < expit(truth)).astype(float)
    return table.assign(outcome=y, resolved=np.arange(questions, dtype=float))


def test_a_shift_that_carries_over_is_applied() -> None:
    found = pool(drifting(1, (1.0, 1.0)), at=300.0)
    assert found.carried > 0.8
    assert found.forecasters["shift"].mean() < -0.1


def test_a_shift_that_turns_round_and_round_is_not_applied() -> None:
    assert pool(drifting(2, (1.2, -1.2), turns=7)).carried < 0.3


@pytest.mark.parametrize("seed", range(3))
def test_a_shift_that_does_not_carry_over_does_not_hurt(seed: int) -> None:
    """Forward in time: no worse than without the check, nor than without anything learned."""
    table = drifting(seed, (1.2, -1.2))
    later = table["question"] > 280
    y = table["outcome"][later]
    judged = pool(table, at=280.0).table["probability"][later]
    untimed = table.assign(outcome=table["outcome"].where(~later)).drop(columns="resolved")
    unjudged = pool(untimed).table["probability"][later]
    plain = pool(untimed, "geometric_mean_of_odds").table["probability"][later]
    losses = [logarithmic(p, y).mean() for p in (judged, unjudged, plain)]
    assert losses[0] < losses[1]
    assert losses[0] < losses[2] + 0.02


def test_without_an_order_nothing_is_judged() -> None:
    table = drifting(3, (1.0, 1.0), 60)
    assert pool(table.drop(columns="resolved")).carried == 1
    assert pool(table.assign(resolved=7.0)).carried == 1


def test_where_there_is_nothing_to_tell_half_is_applied() -> None:
    table = drifting(4, (0.0, 0.0), 12)
    assert pool(table).carried == pytest.approx(0.5, abs=0.1)


def test_questions_that_resolved_together_are_judged_together() -> None:
    blocks = _blocks(np.array([3.0, 1.0, 1.0, 1.0, 2.0, 3.0, 9.0, 1.0]))
    assert blocks is not None
    assert blocks[1] == blocks[2] == blocks[3] == blocks[7] == 0
    assert blocks[0] == blocks[5]
    assert blocks[4] < blocks[0] < blocks[6]


def test_likelihoods_are_bernoullis_at_the_shifted_log_odds() -> None:
    """Without spread there is no integral: by hand."""
    y, centre, shift = np.array([1.0, 0.0]), np.array([0.7, 0.2]), np.array([0.5, -0.4])
    found = _heights(y, centre, np.zeros(2), shift)
    for share, height in zip(SHARES, found, strict=True):
        p = expit(centre - (1 - share) * shift)
        assert height == pytest.approx(np.log(p[0]) + np.log(1 - p[1]), rel=SAME_ALGEBRA)
