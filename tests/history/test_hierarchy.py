"""Pooled rates. Each fit here runs NUTS once, on a few counts."""

import numpy as np
import pytest

from forecast.errors import GateError, InputError
from forecast.history import ReferenceClass, Tally
from forecast.history._hierarchy import build, fit_rates, model_data
from forecast.history._rate_fit import Pooling, RateFit
from forecast.network import RateBelief, UnknownNameError
from tests.history.quadrature import pooled_means
from tests.tolerances import MONTE_CARLO_Z

ONSETS, EXPOSURE = (0, 2, 5, 9, 30), (20.0, 15.0, 40.0, 25.0, 60.0)
STEADY = ReferenceClass(
    "steady",
    [
        Tally(f"s{place}", 2000, 2009, years, k)
        for place, (k, years) in enumerate(zip(ONSETS, EXPOSURE, strict=True))
    ],
)
PLAIN = Pooling(burst_sd=0, trend_sd=0)


@pytest.fixture(scope="module")
def plain() -> RateFit:
    return fit_rates(STEADY, PLAIN, draws=8000, seed=2)


@pytest.fixture(scope="module")
def bursting() -> RateFit:
    """Rates that double each ten years, with bad and good years."""
    rng = np.random.default_rng(7)
    tallies = []
    for name, rate in (("a", 0.2), ("b", 0.6)):
        for year in range(1960, 2020):
            mean = 10 * rate * 2 ** ((year + 0.5 - 1990) / 10)
            tallies.append(
                Tally(name, year, year, 10, int(rng.poisson(rng.gamma(1.5, mean / 1.5))))
            )
    return fit_rates(ReferenceClass("bursting", tallies), seed=3)


def test_pooled_rates_agree_with_quadrature(plain: RateFit) -> None:
    mean, sd = pooled_means(ONSETS, EXPOSURE, PLAIN)
    error = sd / np.sqrt(400)  # the gate asks for 400 effective draws at least
    assert np.abs((plain.log_rates.mean(axis=0) - mean) / error).max() < MONTE_CARLO_Z
    assert plain.log_rates.std(axis=0) == pytest.approx(sd, rel=0.1)


def test_a_subclass_without_an_onset_borrows_from_the_others(plain: RateFit) -> None:
    alone = STEADY.select("s0").prior()
    pooled = plain.prior("s0")
    assert alone.interval(0.9)[0] < pooled.interval(0.9)[0]
    assert pooled.median() < plain.prior(None).median()


def test_a_new_case_is_less_certain_than_any_that_was_counted(plain: RateFit) -> None:
    new = np.log(plain.rate_draws(None)).std()
    assert new > max(np.log(plain.rate_draws(name)).std() for name in ("s1", "s2", "s3", "s4"))
    assert plain.weight(None) < 0.2 < plain.weight("s4")


def test_the_weight_says_how_many_onsets_a_fit_is_worth(plain: RateFit) -> None:
    weighed = STEADY.select("s4").prior(weight=plain.weight("s4"))
    logs = np.log(weighed.from_z(np.random.default_rng(1).normal(size=100_000)))
    assert logs.std() == pytest.approx(np.log(plain.rate_draws("s4")).std(), rel=0.02)


def test_a_fit_speaks_the_language_of_network_files(plain: RateFit) -> None:
    belief = RateBelief.parse(plain.belief("s4"))
    stated = belief.prior(None)
    assert stated.median() == pytest.approx(np.median(plain.rate_draws("s4")), rel=0.05)
    assert stated.interval(0.9) == pytest.approx(plain.prior("s4").interval(0.9), rel=0.02)


def test_the_table_gives_chances_within_a_span(plain: RateFit) -> None:
    table = plain.table(within="6 months")
    assert list(table.index) == ["s0", "s1", "s2", "s3", "s4", "(a new one)"]
    expected = np.mean(-np.expm1(-0.5 * plain.rate_draws("s3")))
    assert table.loc["s3", "chance within 6 months"] == pytest.approx(expected)


def test_an_unknown_subclass_is_told_with_the_nearest(plain: RateFit) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown subclass 's44'\. Did you mean 's4'"):
        plain.rate_draws("s44")


def test_a_trend_and_bursts_are_found(bursting: RateFit) -> None:
    trend, burst = bursting.draws("trend"), bursting.draws("burst")
    assert abs(trend.mean() - np.log(2)) < 3 * trend.std()
    assert abs(burst.mean() - 1.5**-0.5) < 3 * burst.std()
    truth = np.log([0.2 * 8, 0.6 * 8])  # at the end of 2019, three doublings after 1990
    z = (bursting.log_rates.mean(axis=0) - truth) / bursting.log_rates.std(axis=0)
    assert np.abs(z).max() < 3


def test_a_model_that_fits_passes_its_predictive_checks(bursting: RateFit) -> None:
    checks = bursting.checks()
    assert set(checks.index) == {
        "onsets", "empty", "fullest", "dispersion", "late", "subclass spread",
    }  # fmt: skip
    assert checks["p"].between(0.02, 0.98).all()


def test_a_model_without_bursts_or_trend_is_found_out(bursting: RateFit) -> None:
    checks = fit_rates(bursting.counts, PLAIN, seed=4).checks()
    assert checks.loc["dispersion", "p"] < 0.01
    assert checks.loc["late", "p"] < 0.01


def test_a_discount_takes_information_from_old_counts() -> None:
    """The log likelihood of each count is multiplied by its weight."""
    full = model_data(STEADY)
    half = {**full, "weight": np.full(len(ONSETS), 0.5)}
    alike = Pooling(spread_sd=0, burst_sd=0, trend_sd=0)
    one, two = (build(data, STEADY.subclasses, alike) for data in (full, half))
    point = one.initial_point()
    observed = [m.compile_logp(vars=m["onsets"])(point) for m in (one, two)]
    assert observed[1] == pytest.approx(0.5 * observed[0])


def test_model_data_discount_by_half_life() -> None:
    data = model_data(STEADY, half_life=5, at=2015)
    assert data["weight"] == pytest.approx([0.25] * 5)
    assert float(data["ahead"]) == pytest.approx(1.0)
    assert data["decades"] == pytest.approx([0.0] * 5)


@pytest.mark.parametrize("scale", [{"centre_sd": 0.0}, {"spread_sd": -1.0}, {"burst_sd": np.nan}])
def test_a_scale_is_no_negative_number(scale: dict[str, float]) -> None:
    with pytest.raises(InputError, match=f"the scale {next(iter(scale))} is a number of 0 or more"):
        Pooling(**scale)


@pytest.mark.parametrize("draws", [-1, 0, 3, 15])
def test_too_few_draws_are_refused_before_sampling(draws: int) -> None:
    with pytest.raises(InputError, match=f"{draws} draws over 4 chains are too few"):
        fit_rates(STEADY, PLAIN, draws=draws)


def test_a_sampler_that_did_not_converge_is_refused() -> None:
    with pytest.raises(
        GateError, match=r"did not converge on the rates of 'steady': .* more draws"
    ):
        fit_rates(STEADY, PLAIN, draws=80)
