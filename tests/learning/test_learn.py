"""What is learned, held to closed forms, quadrature and the engine's own likelihood."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from scipy.special import gammaln
from sklearn.linear_model import PoissonRegressor

import forecast as fc
from forecast.learning._learn import processes_of, read_processes
from forecast.learning._panel import read_panel
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


def on_process(stated: fc.Network, seen: pd.DataFrame, units: pd.DataFrame, **settings):
    return next(p for p in read_processes(stated, seen, units, **settings) if p.role == "on")


def test_the_spread_of_units_is_summed_out_as_by_quadrature() -> None:
    counts = [0, 1, 4]
    process = on_process(network(COUNTED, []), repeated(counts, 20.0), spells(3))
    z = np.array([[0.3, 0.7]])
    numbers = process.numbers(z)
    rate, sd = dict(numbers.values)["base_rate"][0, 0], float(np.sqrt(numbers.variance[0]))
    exact = 0.0
    for count in counts:
        gamma = stats.gamma(1 / sd**2, scale=sd**2)

        def integrand(u: float, count: int = count, gamma=gamma) -> float:
            mean = rate * gamma.ppf(u)
            return float(np.exp(count * np.log(mean) - mean * 20.0))

        exact += np.log(integrate.quad(integrand, 0, 1, epsabs=1e-13)[0])
    assert process(z)[0] == pytest.approx(exact, abs=1e-6)


def test_the_effect_of_a_group_is_summed_out_as_by_quadrature() -> None:
    counts = [0, 1, 4, 2]
    units = spells(4, region=["a", "a", "b", "b"])
    panel = read_panel(
        network(COUNTED, []), repeated(counts, 20.0), units, covariates=(), group="region",
        unit="1 year",
    )  # fmt: skip
    process = next(p for p in processes_of(network(COUNTED, []), panel) if p.role == "on")
    z = np.array([[0.3, -0.2, 0.8]])
    numbers = process.numbers(z)
    rate, v, s = dict(numbers.values)["base_rate"][0, 0], numbers.variance[0], numbers.group_sd[0]
    exact = 0.0
    for pair in ([0, 1], [4, 2]):

        def integrand(b: float, pair=pair) -> float:
            mean = rate * np.exp(b) * 20.0
            log = sum(
                stats.nbinom.logpmf(n, 1 / v, 1 / (1 + v * mean)) + gammaln(n + 1) - n * np.log(20)
                for n in pair
            )
            return float(np.exp(log + stats.norm.logpdf(b, 0, s)))

        exact += np.log(integrate.quad(integrand, -6 * s, 6 * s, epsabs=1e-14)[0])
    assert process(z)[0] == pytest.approx(exact, abs=1e-5)


ONSET = {"coup": {"kind": "onset", "rate": "0.1 per year [0.03, 0.3]"}}


def test_a_unit_that_enters_late_is_known_not_to_have_had_it_before() -> None:
    seen = table([{"unit": "u0", "event": "coup", "on": 14.0}])
    late = on_process(network(ONSET, []), seen, spells(2, start=6.0))
    whole = on_process(network(ONSET, []), seen, spells(2))
    none = on_process(network(ONSET, []), table([]), spells(2, stop=6.0))
    z = np.random.default_rng(1).normal(size=(5, 2))
    assert late(z) == pytest.approx(whole(z) - none(z))


def test_whether_it_ever_comes_is_less_likely_the_longer_it_has_not() -> None:
    stated = network(
        {"truce": {"kind": "onset", "ever": "50% [20%, 80%]", "pace": "half of it within 2 years"}},
        [],
    )
    units = pd.DataFrame({"unit": ["a", "b"], "start": 0.0, "stop": [1.0, 12.0]})
    learned = fc.learn(stated, table([]), units, scales=fc.Scales(unit_sd=0.0))
    ever = learned.numbers()["initial_probability", "truce.ever"]
    left = ever * 2.0 ** (-np.array([[1.0], [12.0]]) / 2.0)
    expected = (left / (left + 1 - ever)).mean(axis=1) * (1 - 2**-0.5)
    found = learned.probability("truce", within="1 year")["mean"].to_numpy()
    assert found == pytest.approx(expected, rel=1e-6)


def test_ratios_of_covariates_are_those_of_poisson_regression() -> None:
    rng = np.random.default_rng(2)
    units = spells(400, rich=rng.normal(size=400), old=rng.integers(0, 2, 400))
    rate = 0.1 * np.exp(0.5 * units["rich"] - 0.7 * units["old"])
    counts = rng.poisson(rate * 20.0)
    learned = fc.learn(
        network(COUNTED, []),
        repeated(counts.tolist(), 20.0),
        units,
        covariates=["rich", "old"],
        priors="flat",
        scales=fc.Scales(unit_sd=0.0, covariate_sd=20.0),
        draws=8000,
    )
    regression = PoissonRegressor(alpha=0.0, tol=1e-8, max_iter=1000)
    regression.fit(units[["rich", "old"]], counts)
    numbers = learned.numbers()
    for name, estimate in zip(["rich", "old"], regression.coef_, strict=True):
        draws = np.log(numbers["covariate_ratio", f"coup, {name}"])
        assert abs(draws.mean() - estimate) < 0.1 * draws.std()


def test_rates_in_stated_circumstances_follow_from_the_numbers() -> None:
    stated = network(
        {"war": {"kind": "state", "rate": "0.1 per year [0.03, 0.3]", "off_rate": "1 per year"},
         **ONSET},
        [{"parent": "war", "child": "coup", "kind": "multiplies", "hazard_ratio": "x3 [1, 9]"}],
    )  # fmt: skip
    seen = table(
        [
            {"unit": "u0", "event": "war", "on": 3.0, "off": 4.0},
            {"unit": "u0", "event": "coup", "on": 3.5},
            {"unit": "u1", "event": "war", "on": 18.0},
        ]
    )
    learned = fc.learn(stated, seen, spells(2), scales=fc.Scales(unit_sd=0.0))
    numbers = learned.numbers()
    base, ratio = numbers["base_rate", "coup"], numbers["hazard_ratio", "war__multiplies__coup"]
    rows = pd.DataFrame({"war": [True, False]}, index=["on", "off"])
    rates = learned.rates(rows).sel(event="coup").to_numpy()
    assert rates == pytest.approx(np.stack([base * ratio, base], axis=1))
    at_end = learned.rates().sel(event="coup").to_numpy()
    assert at_end == pytest.approx(np.stack([base, base * ratio], axis=1))
    chance = learned.probability("coup", rows, within="6 months")["mean"].to_numpy()
    assert chance == pytest.approx(-np.expm1(-0.5 * rates).mean(axis=0))


def test_the_tree_has_the_draws_of_the_table() -> None:
    learned = fc.learn(network(COUNTED, []), repeated([2, 0, 5], 20.0), spells(3))
    tree = learned.data_tree
    rate = tree["posterior"]["base_rate"].sel(base_rate_of="coup")
    assert float(rate.median()) == pytest.approx(learned.table()["median"]["base_rate", "coup"])
    assert tree["observed_data"]["events"].to_numpy().tolist() == [7]
    assert "coup: khat" in tree.attrs["gate"]


def test_a_drift_finds_a_change_and_the_rate_is_that_of_the_last_period() -> None:
    rows = [
        {"unit": f"u{k}", "event": "coup", "on": str(year)}
        for k in range(40)
        for year in (range(1960, 1980, 4) if k % 2 else range(1980, 2000, 20))
    ]
    units = pd.DataFrame({"unit": [f"u{k}" for k in range(40)], "start": 1960, "stop": 1999})
    learned = fc.learn(
        network(COUNTED, []), table(rows), units, drift="20 years", priors="flat",
        scales=fc.Scales(unit_sd=0.0, drift_sd=2.0),
    )  # fmt: skip
    found = learned.table()["median"]
    assert found["base_rate", "coup"] == pytest.approx(20 / 800, rel=0.15)
    assert found["period_ratio", "coup, to 1980-01-01"] == pytest.approx(5.0, rel=0.25)
    past = learned.rates(pd.DataFrame({"unit": ["u0"]}), at="1970").to_numpy().mean()
    assert past == pytest.approx(100 / 800, rel=0.15)
