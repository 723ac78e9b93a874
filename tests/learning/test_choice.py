"""Facts and decisions: chances learned by counting, held to sums over a grid."""

import numpy as np
import pytest

import forecast as fc
from forecast.network._prior import half_width
from tests.learning.panels import network, spells, table

GRID = np.linspace(-8.0, 8.0, 4001)
CLOSE = 0.015
"""Of a mean over 8,000 draws, relative."""


def posterior_mean(mu: float, sigma: float, log_likelihood, back) -> float:
    """Return the mean of a number whose line is normal, by the trapezoid rule."""
    line = mu + sigma * GRID
    weight = np.exp(log_likelihood(line) - 0.5 * GRID**2)
    return float((weight * back(line)).sum() / weight.sum())


def expit(x):
    return 1 / (1 + np.exp(-x))


def logits(middle: float, low: float, high: float) -> tuple[float, float]:
    line = [float(np.log(p / (1 - p))) for p in (middle, low, high)]
    return line[0], (line[2] - line[1]) / (2 * half_width(0.9))


def test_a_fact_has_the_posterior_of_its_counts() -> None:
    stated = network({"aim": {"kind": "fact", "initially": "30% [10%, 60%]"}}, [])
    rows = [{"unit": f"u{k}", "event": "aim", "value": k < 3} for k in range(12)]
    learned = fc.learn(stated, table(rows), spells(12), draws=8000)
    draws = learned.numbers()["initial_probability", "aim"]
    exact = posterior_mean(
        *logits(0.3, 0.1, 0.6), lambda x: 3 * np.log(expit(x)) + 9 * np.log(expit(-x)), expit
    )
    assert draws.mean() == pytest.approx(exact, rel=CLOSE)
    assert learned.network.event("aim").initially.prior().median() == pytest.approx(
        float(np.median(draws)), rel=0.03
    )


def test_rows_of_a_table_are_learned_from_the_units_that_they_are_about(tmp_path) -> None:
    stated = network(
        {
            "aim": {"kind": "fact", "outcomes": {"deter": "60% [40%, 78%]", "coerce": "the rest"}},
            "clause": {
                "kind": "fact",
                "given": ["aim"],
                "table": [
                    {"when": {"aim": "deter"}, "initially": "20% [8%, 40%]"},
                    {"when": {"aim": "coerce"}, "initially": "60% [35%, 82%]"},
                ],
            },
        },
        [],
    )
    rows = [
        {"unit": f"u{k}", "event": "aim", "value": "deter" if k < 8 else "coerce"}
        for k in range(20)
    ]
    rows += [{"unit": f"u{k}", "event": "clause", "value": str(k % 4 == 0)} for k in range(20)]
    learned = fc.learn(stated, table(rows), spells(20), draws=8000)
    draws = learned.numbers()["chance", "clause | aim=deter"]
    exact = posterior_mean(
        *logits(0.2, 0.08, 0.4), lambda x: 2 * np.log(expit(x)) + 6 * np.log(expit(-x)), expit
    )
    assert draws.mean() == pytest.approx(exact, rel=CLOSE)
    fc.write_network(learned.network, tmp_path / "found.yaml")
    assert fc.read_network(tmp_path / "found.yaml") == learned.network
    row = learned.network.event("clause").table[0]
    assert row.initially.prior().median() == pytest.approx(float(np.median(draws)), rel=0.03)


def test_the_odds_of_a_decision_follow_from_what_was_on_when_it_fell() -> None:
    stated = network(
        {
            "pact": {"kind": "onset", "rate": "0.2 per year [0.1, 0.4]"},
            "vote": {
                "kind": "decision",
                "on": "2024-11-05",
                "outcomes": {"yes": "40%", "no": "60%"},
            },
        },
        [
            {
                "parent": "pact",
                "child": "vote.yes",
                "kind": "multiplies",
                "odds_ratio": "x2 [0.5, 8]",
            }
        ],
    )
    rows = [{"unit": f"u{k}", "event": "pact", "on": 3.0} for k in range(10)]
    rows += [
        {"unit": f"u{k}", "event": "vote", "on": 5.0, "value": "yes" if k % 5 < 3 else "no"}
        for k in range(20)
    ]
    learned = fc.learn(stated, table(rows), spells(20), draws=8000)
    draws = learned.numbers()["odds_ratio", "pact__multiplies__vote_yes"]

    def log_likelihood(line):
        odds = np.exp(line) * 0.4 / 0.6
        return 6 * np.log(odds / (1 + odds)) + 4 * np.log(1 / (1 + odds))

    exact = posterior_mean(
        float(np.log(2)), float(np.log(16)) / (2 * half_width(0.9)), log_likelihood, np.exp
    )
    assert draws.mean() == pytest.approx(exact, rel=CLOSE)
