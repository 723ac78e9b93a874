"""Candidate links: Bayes factors held to quadrature, and to panels with a link and without."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp

import forecast as fc
from forecast.errors import InputError
from tests.learning.panels import network, simulate_unit, spells, table

EVENTS = {
    "war": {"kind": "state", "rate": "0.1 per year [0.05, 0.2]", "off_rate": "0.5 per year"},
    "coup": {"kind": "repeated", "rate": "0.1 per year [0.04, 0.25]"},
    "riot": {"kind": "repeated", "rate": "0.1 per year [0.04, 0.25]"},
}
ALIKE = fc.Scales(unit_sd=0.0)
Z90 = 1.6448536269514722


def panel(ratio: float, units: int = 40, years: float = 20.0) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    on = {
        "war": lambda _: 0.1,
        "coup": lambda state: 0.1 * (ratio if state["war"] else 1.0),
        "riot": lambda _: 0.1,
    }
    rows = []
    for k in range(units):
        rows += simulate_unit(f"u{k}", on, {"war": 0.5}, set(), (0.0, years), rng)
    return table(rows)


def test_a_bayes_factor_is_that_of_a_sum_over_rate_and_ratio() -> None:
    seen, stated = panel(2.0), network(EVENTS, [])
    scored = fc.candidate_links(
        stated, seen, spells(40), pairs=[("war", "coup")], scales=ALIKE, draws=4000
    )
    war = seen[seen["event"] == "war"]
    stop = war["off"].fillna(20.0)
    while_on = float((stop - war["on"]).sum())
    coups = seen[seen["event"] == "coup"]
    count = sum(
        bool(((war["unit"] == unit) & (war["on"] < on) & (stop >= on)).any())
        for unit, on in zip(coups["unit"], coups["on"], strict=True)
    )
    z = np.linspace(-7.0, 7.0, 1201)
    log_rate = np.log(0.1) + np.log(2.5) / Z90 * z
    log_ratio = np.log(5.0) / Z90 * z
    log_prior = -0.5 * z**2 - logsumexp(-0.5 * z**2)
    without = len(coups) * log_rate - np.exp(log_rate) * 800.0
    plain = logsumexp(without + log_prior)
    more = np.exp(log_rate)[:, None] * while_on * np.expm1(log_ratio)
    both = without[:, None] + count * log_ratio - more
    linked = logsumexp(both + log_prior[:, None] + log_prior)
    row = scored.iloc[0]
    assert np.log(row["bayes factor"]) == pytest.approx(linked - plain, abs=4 * row["error"] + 0.01)
    odds = row["bayes factor"] * 0.1 / 0.9
    assert row["inclusion"] == pytest.approx(odds / (1 + odds))


def test_a_link_that_is_there_is_found_and_others_are_not() -> None:
    scored = fc.candidate_links(network(EVENTS, []), panel(4.0), spells(40), scales=ALIKE)
    assert (scored["parent"][0], scored["child"][0]) == ("war", "coup")
    assert scored["inclusion"][0] > 0.95
    assert (scored["inclusion"][1:] < 0.5).all()
    assert len(scored) == 6


def test_every_fault_of_the_pairs_is_told() -> None:
    stated = network(
        EVENTS, [{"parent": "war", "child": "coup", "kind": "multiplies", "hazard_ratio": "x2"}]
    )
    with pytest.raises(InputError) as caught:
        fc.candidate_links(
            stated, panel(1.0), spells(40), pairs=[("war", "coup"), ("wra", "coup"), ("war", "x")]
        )
    text = str(caught.value)
    assert "linked already" in text
    assert "Did you mean 'war'" in text
    assert "is no onset, state or repeated event" in text
