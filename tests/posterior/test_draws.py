"""Means alone, which take less work than chances with their spread."""

import numpy as np
import pytest

from forecast.evidence import Evidence
from forecast.network import Event, Link, Network
from forecast.posterior import _along as along
from forecast.posterior import prior, update
from tests.networks import demo_evidence, demo_network
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA

DAYS = ["2024-06-30", "2024-12-31"]
DRAWS = 256
STEPS = 1e-5
"""By how much sweeps of weekly steps differ that are cut at other times."""


def web(size: int = 12) -> Network:
    """So many onsets in a ring: more than the exact filter takes for a forecast."""
    events = [
        Event(id=f"e{i}", kind="onset", rate="20% [8%, 40%] within 6 months") for i in range(size)
    ]
    links = [
        Link(parent=f"e{i}", child=f"e{(i + 1) % size}", kind="multiplies", hazard_ratio="x3")
        for i in range(size)
    ]
    return Network(name="web", start="2024-01-01", horizon=DAYS[-1], events=events, links=links)


def means_and_chances(network: Network) -> tuple[np.ndarray, np.ndarray]:
    draws = prior(network, draws=DRAWS)._draws
    names, days = [event.id for event in network.nodes], draws.calendar.deadlines(DAYS)
    return draws.means(names, days), draws.chances(names, days).forecasts()["mean"]


def test_where_the_filter_reaches_they_are_those_of_the_chances() -> None:
    means, chances = means_and_chances(demo_network())
    np.testing.assert_allclose(means, chances, rtol=0, atol=STEPS)


def test_draws_that_were_taken_more_than_once_count_as_often() -> None:
    post = update(demo_network(), demo_evidence(), as_of="2024-04-01", draws=DRAWS)
    draws = post._draws
    names, days = [event.id for event in post.network.nodes], draws.calendar.deadlines(DAYS)
    assert len(draws.distinct[0].base_rate) < len(draws.distinct[1])
    means, chances = draws.means(names, days), draws.chances(names, days).forecasts()["mean"]
    np.testing.assert_allclose(means, chances, rtol=0, atol=STEPS)


def test_beyond_it_they_differ_by_what_is_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    simulate = along.simulated_chances

    def watched(*args: object, **options: object) -> object:
        asked.append(options)
        return simulate(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("forecast.posterior._outlook.simulated_chances", watched)
    means, chances = means_and_chances(web())
    assert [each["spread"] for each in asked] == [False, True]
    error = np.sqrt(chances * (1 - chances) / along.COURSES)  # at the most: onsets are integrated
    assert (np.abs(means - chances) < MONTE_CARLO_Z * np.sqrt(2) * error).all()


def test_the_table_of_an_update_compares_with_the_priors_means() -> None:
    network = web(3)
    post = update(network, Evidence([]), as_of="2024-03-01", draws=DRAWS)
    assert post.reference is not None
    own = post.reference.table(by=DAYS)
    table = post.table(by=DAYS)
    for day in DAYS:
        np.testing.assert_allclose(table[day]["prior"], own[day]["mean"], rtol=0, atol=STEPS)
        change = table[day]["mean"] - table[day]["prior"]
        np.testing.assert_allclose(table[day]["change"], change, rtol=0, atol=SAME_ALGEBRA)
