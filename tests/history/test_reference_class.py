from math import inf, nan

import numpy as np
import pytest

from forecast.errors import InputError
from forecast.history import ReferenceClass, Tally
from forecast.history._reference_class import mean_burst_size, of_counts
from forecast.network import Gamma
from tests.tolerances import COVERAGE, SAME_ALGEBRA

COUPS = ReferenceClass(
    "coups",
    [
        Tally("africa", 1990, 1999, 400, 12, 30),
        Tally("africa", 2000, 2009, 500, 6, 6),
        Tally("asia", 1990, 1999, 300, 3, 4),
    ],
    unit="state-years",
)


def test_the_prior_is_jeffreys_updated_by_the_counts() -> None:
    assert COUPS.prior() == Gamma(21.5, 1200.0)
    assert COUPS.select("asia").prior() == Gamma(3.5, 300.0)


def test_a_weight_takes_a_share_of_onsets_and_exposure_alike() -> None:
    assert COUPS.prior(weight=0.25) == Gamma(5.75, 300.0)
    narrow, wide = (COUPS.prior(weight=weight).interval(0.9) for weight in (1.0, 0.25))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_a_count_one_half_life_old_weighs_half() -> None:
    total = COUPS.select("africa").total(half_life=10, at=2015)
    recent, old = 0.5, 0.25  # the middles are 2005 and 1995
    assert total.onsets == pytest.approx(6 * 1 * recent + 12 * old, rel=SAME_ALGEBRA)
    assert total.exposure == pytest.approx(500 * recent + 400 * old, rel=SAME_ALGEBRA)


def test_without_a_half_life_old_counts_weigh_as_much_as_new_ones() -> None:
    assert COUPS.total(at=2200) == COUPS.total()
    assert COUPS.total().rate == 21 / 1200


def test_only_whole_counts_of_the_years_asked_for_are_selected() -> None:
    assert COUPS.select(before=2009).subclasses == ("africa", "asia")
    assert COUPS.select(before=2009).period == (1990, 1999)
    assert COUPS.select(since=1991).total().exposure == 500


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        ({"subclass": "afrika"}, "no subclass 'afrika'. Did you mean 'africa'"),
        ({"since": 2020}, r"counted nothing in those years. It counts 1990 to 2009"),
    ],
)
def test_what_was_not_counted_cannot_be_selected(ask: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        COUPS.select(**ask)


@pytest.mark.parametrize(
    ("tally", "message"),
    [
        (Tally("a", 1990, 1989, 1, 0), "years 1990 to 1989 are not in order"),
        (Tally("a", 1990, 1990, 0, 0), "exposure of 0 is not above 0"),
        (Tally("a", 1990, 1990, nan, 0), "exposure of nan is not above 0"),
        (Tally("a", 1990, 1990, inf, 0), "exposure of inf is not above 0"),
        (Tally("a", 1990, 1990, 1, -1), "-1 onsets are not possible"),
        (Tally("a", 1990, 1990, 1, 3, 2), "2 entrants are fewer than 3 onsets"),
        (Tally("", 1990, 1990, 1, 0), "needs the name of its subclass"),
    ],
)
def test_counts_that_cannot_be_are_refused(tally: Tally, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ReferenceClass("bad", [tally])


def test_every_fault_of_a_class_is_told_at_once() -> None:
    twice = [Tally("a", 1990, 1995, 1, 0), Tally("a", 1995, 1996, 0, 0)]
    with pytest.raises(InputError, match="counted twice in 1995") as caught:
        ReferenceClass("bad", twice)
    assert len(caught.value.faults) == 2
    with pytest.raises(InputError, match="at least one count"):
        ReferenceClass("empty", [])


@pytest.mark.parametrize("weight", [0.0, -0.1, 1.1, nan])
def test_a_weight_is_a_share(weight: float) -> None:
    with pytest.raises(InputError, match="a weight lies above 0 and up to 1"):
        COUPS.prior(weight=weight)


@pytest.mark.parametrize("half_life", [0.0, -1.0, nan, inf])
def test_a_half_life_is_a_time(half_life: float) -> None:
    with pytest.raises(InputError, match="a half-life is above 0 years"):
        COUPS.total(half_life=half_life)


def test_counts_by_chance_are_not_overdispersed_and_bursts_are(rng: np.random.Generator) -> None:
    steady = [[(int(y), 10.0) for y in rng.poisson(3.0, 4000)]]
    bursts = [[(int(y), 10.0) for y in rng.poisson(rng.gamma(0.5, 6.0, 4000))]]
    assert of_counts(steady) == pytest.approx(1.0, abs=0.1)
    assert of_counts(bursts) == pytest.approx(1 + 3.0 / 0.5, rel=0.15)  # 1 + mean/shape


def test_overdispersion_is_told_between_years_and_not_between_subclasses() -> None:
    even = [Tally("a", year, year, 10, 5) for year in range(2000, 2010)]
    rare = [Tally("b", year, year, 100, 1) for year in range(2000, 2010)]
    assert ReferenceClass("even", even + rare).dispersion() == 1.0


def test_one_period_says_nothing_of_bursts() -> None:
    assert ReferenceClass("one", [Tally("a", 2000, 2009, 10, 5)]).dispersion() == 1.0


def test_the_size_of_bursts_is_beta_geometric(rng: np.random.Generator) -> None:
    middle, low, high = COUPS.burst_size()
    stopping = rng.beta(21.5, 19.5, 200_000)  # 21 onsets, 40 entrants
    assert 1 / np.quantile(stopping, [0.5, 0.95, 0.05]) == pytest.approx(
        [middle, low, high], rel=0.005
    )
    assert mean_burst_size(10, 10, 0.9)[1] == pytest.approx(1.0, abs=0.001)


def test_a_class_without_entrants_has_no_bursts() -> None:
    with pytest.raises(InputError, match="counts no entrants"):
        ReferenceClass("one", [Tally("a", 2000, 2009, 10, 5)]).burst_size()


def test_the_table_has_a_row_a_subclass() -> None:
    table = COUPS.table()
    assert list(table.index) == ["africa", "asia"]
    assert table.loc["asia", "onsets"] == 3
    assert table.loc["africa", "lower"] < 18 / 900 < table.loc["africa", "upper"]


def test_jeffreys_intervals_cover_rates_that_simulated_counts_came_from(
    rng: np.random.Generator,
) -> None:
    """Over rates from a wide range; for any one rate the coverage swings by a few per cent."""
    rates = np.exp(rng.uniform(np.log(0.02), np.log(2.0), 4000))
    onsets = rng.poisson(rates * 20.0)
    ends = {int(k): Gamma(k + 0.5, 20.0).interval(0.9) for k in np.unique(onsets)}
    covered = [ends[k][0] <= rate <= ends[k][1] for k, rate in zip(onsets, rates, strict=True)]
    assert abs(np.mean(covered) - 0.9) < COVERAGE


def test_overdispersion_over_unequal_exposures_is_corrected_for_small_expectations() -> None:
    """By hand: m = 0.3 and 2.7, Pearson's 27, mean of (y - m)/m = 4."""
    assert of_counts([[(3, 1.0), (0, 9.0)]]) == pytest.approx(27 / (1 + 4), rel=SAME_ALGEBRA)
