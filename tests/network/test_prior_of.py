"""The prior of each number of a network."""

from math import log

import numpy as np
import pytest

from forecast.errors import InputError
from forecast.network import (
    Event,
    Fixed,
    Gamma,
    Link,
    LogNormal,
    Network,
    delay_prior,
    initial_prior,
    link_prior,
    off_rate_prior,
    rate_prior,
)
from tests.tolerances import SAME_ALGEBRA

BASE = -log(0.9) / 0.5


def network(*links: Link) -> Network:
    return Network(
        name="asia",
        start="2024-06-01",
        horizon="2025-05-31",
        events=[
            Event(id="pact", kind="onset", rate="4 onsets in 61 dyad-years"),
            Event(id="embargo", kind="onset", rate="10% [3%, 25%] within 6 months"),
            Event(id="talks", kind="state", rate="2 per year", off_rate="once in 3 months"),
            Event(id="clause", kind="fact", initially="1:9"),
        ],
        links=links,
    )


def link(kind: str, **fields: object) -> Link:
    return Link(parent="pact", child="embargo", kind=kind, **fields)


def test_rates_and_starts() -> None:
    asia = network()
    assert rate_prior(asia, asia.event("pact")) == Gamma(4.5, 61.0)
    assert off_rate_prior(asia, asia.event("talks")) == Fixed(4.0)
    assert initial_prior(asia.event("clause")) == Fixed(0.1)
    assert initial_prior(asia.event("talks")) == Fixed(0.0)


def test_a_fact_has_no_rate() -> None:
    asia = network()
    with pytest.raises(InputError, match="'clause' is a fact, which has no rate"):
        rate_prior(asia, asia.event("clause"))
    with pytest.raises(InputError, match="'pact' is of kind onset, which has no off_rate"):
        off_rate_prior(asia, asia.event("pact"))


def test_a_gate_has_no_strength() -> None:
    one = link("requires")
    assert link_prior(network(one), one) is None


def test_a_stated_strength_is_its_prior() -> None:
    one = link("causes", extra_rate="0.3 per year")
    two = link("multiplies", hazard_ratio="x3")
    assert link_prior(network(one), one) == Fixed(0.3)
    assert link_prior(network(two), two) == Fixed(3.0)


def test_a_condition_becomes_a_hazard_ratio_over_the_base_rate() -> None:
    one = link("multiplies", hazard_ratio="if on: 40% [20%, 60%] within 6 months")
    prior = link_prior(network(one), one)
    assert isinstance(prior, LogNormal)
    np.testing.assert_allclose(prior.median(), -log(0.6) / 0.5 / BASE, rtol=SAME_ALGEBRA)
    spread = log(log(0.4) / log(0.8)) / (2 * 1.6448536269514722)
    np.testing.assert_allclose(prior.sigma, spread, rtol=SAME_ALGEBRA)


def test_a_condition_in_counts_becomes_a_gamma_ratio() -> None:
    one = link("multiplies", hazard_ratio="if on: 4 onsets in 5 years")
    prior = link_prior(network(one), one)
    assert isinstance(prior, Gamma)
    assert prior.shape == 4.5
    np.testing.assert_allclose(prior.rate, 5.0 * BASE, rtol=SAME_ALGEBRA)


def test_a_condition_becomes_an_extra_rate_above_the_base_rate() -> None:
    one = link("causes", extra_rate="if on: 40% within 6 months")
    prior = link_prior(network(one), one)
    assert prior is not None
    np.testing.assert_allclose(prior.median() + BASE, -log(0.6) / 0.5, rtol=SAME_ALGEBRA)


def test_a_ratio_below_one_may_be_stated_as_a_condition() -> None:
    one = link("multiplies", hazard_ratio="if on: 5% within 6 months")
    prior = link_prior(network(one), one)
    assert prior is not None
    assert prior.median() < 1


def test_a_delay_is_in_years() -> None:
    one = link("requires", delay="3 months [1 month, 6 months]")
    prior = delay_prior(one)
    assert prior is not None
    np.testing.assert_allclose(prior.median(), 0.25, rtol=SAME_ALGEBRA)
    assert delay_prior(link("requires")) is None
