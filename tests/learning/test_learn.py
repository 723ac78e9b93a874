"""What is learned, held to closed forms, quadrature and the engine's own likelihood."""

import pandas as pd
import pytest
from scipy import stats

import forecast as fc
from tests.learning.panels import network, spells, table

COUNTED = {"coup": {"kind": "repeated", "rate": "3 onsets in 20 years"}}


def repeated(counts: list[int], years: float) -> pd.DataFrame:
    """Return a table in which each unit has so many events, evenly over the years."""
    return table(
        [
            {"unit": f"u{k}", "event": "coup", "on": years * (i + 1) / (count + 1)}
            for k, count in enumerate(counts)
            for i in range(count)
        ]
    )


def test_one_rate_has_the_closed_posterior_of_counts() -> None:
    seen, units = repeated([2, 0, 5], 20.0), spells(3)
    scales = fc.Scales(unit_sd=0.0)
    learned = fc.learn(network(COUNTED, []), seen, units, scales=scales, draws=8000)
    exact = stats.gamma(3.5 + 7, scale=1 / (20.0 + 60.0))
    draws = learned.numbers()["base_rate", "coup"]
    assert stats.kstest(draws, exact.cdf).statistic < 0.02


def test_a_written_network_reads_back_equal(tmp_path) -> None:
    learned = fc.learn(network(COUNTED, []), repeated([2, 0, 5], 20.0), spells(3), source="test")
    for found in (learned.network, learned.network_of("u2"), learned.network_of(None)):
        fc.write_network(found, tmp_path / "found.yaml")
        assert fc.read_network(tmp_path / "found.yaml") == found
    assert "7 events of coup, in 2 of 3 units" in learned.network.event("coup").why


@pytest.mark.parametrize("unit", ["u0", "u9"])
def test_unit_rates_shrink_to_the_common_rate_as_the_gamma_says(unit: str) -> None:
    counts = [0, 0, 1, 1, 2, 2, 3, 4, 6, 12]
    learned = fc.learn(network(COUNTED, []), repeated(counts, 20.0), spells(10), draws=8000)
    rate = learned.rates(pd.DataFrame({"unit": [unit]})).sel(event="coup").to_numpy()[:, 0]
    base, sd = (learned.numbers()[name, "coup"] for name in ("base_rate", "unit_sd"))
    own = counts[int(unit[1:])]
    shrunk = base * (1 / sd**2 + own) / (1 / sd**2 + base * 20.0)  # mean given the draw
    assert rate.mean() == pytest.approx(shrunk.mean(), rel=0.02)
    assert min(own / 20.0, base.mean()) < rate.mean() < max(own / 20.0, base.mean())
