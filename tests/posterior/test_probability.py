"""The stated errors of a mean and of an interval's ends are those that repetition shows."""

import copy
import math
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta, norm

from forecast.errors import QueryError
from forecast.posterior._probability import Estimates, Probability, row, weighted_quantiles
from tests.tolerances import SAME_ALGEBRA

type Floats = NDArray[np.float64]

REPEATED = 200
HONEST = (0.8, 1.25)
"""Empirical spread over stated error; so many repetitions know the former to a twentieth."""

BATCHES = 32
TAILS = np.array([0.05, 0.95])
CLOSE = 0.015
"""Of a mean interval's end to the true one: courses on a grid of 1/128 leave as much."""


@dataclass(frozen=True)
class Chances:
    """Draws of a parameter on which a chance depends: its log-odds are normal."""

    middle: float
    spread: float

    def drawn(self, rng: np.random.Generator, number: int) -> Floats:
        return np.asarray(expit(self.middle + self.spread * rng.standard_normal(number)))

    def ends(self) -> Floats:
        """Return the true central 90% interval."""
        return np.asarray(expit(self.middle + self.spread * norm.ppf(TAILS)))


RARE, HALF, WIDE, NARROW = (
    Chances(-3, 0.6),
    Chances(0, 0.5),
    Chances(-0.5, 1.5),
    Chances(-1, 0.15),
)


def expit(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def batches(draws: int) -> NDArray[np.intp]:
    return np.arange(draws) * BATCHES // draws


def simulated(rng: np.random.Generator, chance: Floats, courses: int) -> Floats:
    """Return the shares of courses that agree, in two halves, shape (part, draw)."""
    half = courses // 2
    return np.stack([rng.binomial(half, chance) / half for _ in range(2)])


type Made = Callable[[np.random.Generator], Probability]


def exact(chances: Chances, draws: int = 1024) -> Made:
    return lambda rng: Probability.of(Estimates(chances.drawn(rng, draws)[None], batches(draws)))


def counted(chances: Chances, courses: int = 128, draws: int = 1024) -> Made:
    def made(rng: np.random.Generator) -> Probability:
        hits = simulated(rng, chances.drawn(rng, draws), courses)
        return Probability.of(Estimates(hits, batches(draws)))

    return made


def averaged(chances: Chances, courses: int = 128, draws: int = 1024) -> Made:
    """Return what courses that each know a chance of their own make of it: on no grid."""

    def made(rng: np.random.Generator) -> Probability:
        chance = chances.drawn(rng, draws)
        half = courses // 2
        hits = np.stack([rng.beta(chance * half, (1 - chance) * half) for _ in range(2)])
        return Probability.of(Estimates(hits, batches(draws)))

    return made


def weighed(chances: Chances, courses: int = 0, draws: int = 1024) -> Made:
    """Return draws that weigh as the cube of their chance."""

    def made(rng: np.random.Generator) -> Probability:
        chance = chances.drawn(rng, draws)
        parts = simulated(rng, chance, courses) if courses else chance[None]
        mass = np.stack([chance**3] * len(parts))
        return Probability.of(Estimates(parts * mass, batches(draws), mass))

    return made


def known(chance: float, courses: int = 64, draws: int = 1024, *, alike: bool) -> Made:
    """Return a chance that no parameter moves, of which this is known or not."""

    def made(rng: np.random.Generator) -> Probability:
        hits = simulated(rng, np.full(draws, chance), courses)
        return Probability.of(Estimates(hits, batches(draws), alike=alike))

    return made


def chained(draws: int = 4096, stretch: float = 0.9) -> Made:
    """Return draws along a chain, each near the one before it."""

    def made(rng: np.random.Generator) -> Probability:
        steps = rng.standard_normal(draws) * math.sqrt(1 - stretch**2)
        walk = np.empty(draws)
        walk[0] = rng.standard_normal()
        for n in range(1, draws):
            walk[n] = stretch * walk[n - 1] + steps[n]
        return Probability.of(Estimates(expit(0.5 * walk)[None], batches(draws)))

    return made


def repeated(made: Made, seed: int) -> tuple[Floats, Floats]:
    """Return mean, lower and upper end, and the error stated of each, shape (repetition, 3)."""
    rng = np.random.default_rng(seed)
    figures = [made(rng) for _ in range(REPEATED)]
    said = np.array([(p.mean, *p.interval()) for p in figures])
    errors = np.array([(p.mcse, *p.interval_mcse()) for p in figures])
    return said, errors


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(exact(RARE), id="rare"),
        pytest.param(exact(HALF), id="half"),
        pytest.param(exact(WIDE), id="wide"),
        pytest.param(exact(NARROW), id="narrow"),
        pytest.param(averaged(RARE), id="rare-averaged"),
        pytest.param(averaged(WIDE), id="wide-averaged"),
        pytest.param(counted(HALF), id="half-counted"),
        pytest.param(counted(NARROW), id="narrow-counted"),
        pytest.param(counted(HALF, courses=64), id="half-counted-less"),
        pytest.param(counted(RARE), id="rare-counted"),
        pytest.param(counted(WIDE, courses=28, draws=2048), id="wide-counted-few"),
        pytest.param(weighed(HALF), id="weighed"),
        pytest.param(weighed(HALF, courses=64), id="weighed-counted"),
        pytest.param(known(0.3, alike=True), id="fixed"),
        pytest.param(known(0.3, alike=False), id="fixed-unknown"),
        pytest.param(chained(), id="chained"),
    ],
)
def test_a_stated_error_is_how_far_repetitions_differ(made: Made) -> None:
    said, errors = repeated(made, seed=20)
    ratio = said.std(axis=0, ddof=1) / np.sqrt((errors**2).mean(axis=0))
    assert (ratio > HONEST[0]).all(), ratio
    assert (ratio < HONEST[1]).all(), ratio


@pytest.mark.parametrize("chances", [RARE, HALF, NARROW])
def test_the_noise_of_courses_is_no_part_of_an_interval(chances: Chances) -> None:
    """For the narrow one the courses' own spread is twice that of the chance."""
    said, _ = repeated(counted(chances), seed=21)
    assert said[:, 1:].mean(axis=0) == pytest.approx(chances.ends(), abs=CLOSE)


def test_a_chance_that_nothing_moves_is_a_point_with_the_error_of_its_courses() -> None:
    rng = np.random.default_rng(22)
    p = known(0.3, alike=True)(rng)
    assert p.interval() == pytest.approx((p.mean, p.mean), abs=1e-12)
    assert p.interval_mcse() == (p.mcse, p.mcse)
    expected = math.sqrt(0.3 * 0.7 / (1024 * 64))
    assert p.mcse == pytest.approx(expected, rel=0.4)  # from 32 batches: known to an eighth


def test_draws_in_batches_of_their_own_have_the_textbook_error() -> None:
    values = HALF.drawn(np.random.default_rng(23), 500)
    p = Probability.of(Estimates(values[None], np.arange(500)))
    assert p.mean == pytest.approx(values.mean(), rel=1e-12)
    assert p.mcse == pytest.approx(values.std(ddof=1) / math.sqrt(500), rel=1e-9)
    assert p.interval() == pytest.approx(tuple(np.quantile(values, TAILS)), rel=1e-12)


def test_weighed_draws_in_batches_of_their_own_have_the_error_of_a_ratio() -> None:
    rng = np.random.default_rng(24)
    chance, mass = HALF.drawn(rng, 500), rng.random(500)
    p = Probability.of(Estimates((chance * mass)[None], np.arange(500), mass[None]))
    weights = mass / mass.sum()
    mean = weights @ chance
    assert p.mean == pytest.approx(mean, rel=1e-12)
    squares = (weights**2 * (chance - mean) ** 2).sum()
    assert p.mcse == pytest.approx(math.sqrt(500 / 499 * squares), rel=1e-9)


def test_an_ends_error_is_that_of_the_share_beyond_it_over_the_density_there() -> None:
    """Uniform draws: the density is 1, so that the error is the root of l (1 - l) / S."""
    draws = 200_000
    values = np.random.default_rng(25).permutation((np.arange(draws) + 0.5) / draws)
    p = Probability.of(Estimates(values[None], np.arange(draws)))
    expected = math.sqrt(0.05 * 0.95 / draws)
    assert p.interval_mcse() == pytest.approx((expected, expected), rel=0.02)
    wider = math.sqrt(0.25 * 0.75 / draws)
    assert p.interval_mcse(0.5) == pytest.approx((wider, wider), rel=0.02)


def test_what_is_kept_of_the_spread_is_the_covariance_of_the_halves() -> None:
    rng = np.random.default_rng(26)
    halves = simulated(rng, HALF.drawn(rng, 1024), 64)
    found = Estimates(halves, batches(1024))
    mean = halves.mean()
    between = ((halves[0] - mean) * (halves[1] - mean)).mean()
    assert found.values.var() == pytest.approx(between, rel=0.01)  # of two shapes that each have it
    assert found.values.var() < 0.9 * halves.mean(axis=0).var()
    assert found.values.mean() == pytest.approx(
        found.mean, rel=1e-3
    )  # told by quantiles at even levels


def test_halves_that_agree_in_nothing_leave_no_spread() -> None:
    halves = np.array([[0.2, 0.8] * 32, [0.8, 0.2] * 32])
    p = Probability.of(Estimates(halves, batches(64)))
    assert p.interval() == pytest.approx((0.5, 0.5), abs=1e-12)


def test_one_batch_says_nothing_of_an_error() -> None:
    values = HALF.drawn(np.random.default_rng(27), 64)
    p = Probability.of(Estimates(values[None], np.zeros(64, np.intp)))
    assert p.mcse == 0.0
    assert p.interval_mcse() == (0.0, 0.0)


def test_batches_without_weight_do_not_count() -> None:
    chance = HALF.drawn(np.random.default_rng(28), 64)
    mass = np.repeat([1.0, 0.0], 32)
    some = Estimates((chance * mass)[None], batches(64), mass[None])
    alone = Estimates(chance[None, :32], batches(64)[:32])
    assert some.mcse() == pytest.approx(alone.mcse(), rel=1e-9)
    assert some.mean == pytest.approx(alone.mean, rel=1e-12)


def test_courses_that_all_agree_may_still_be_wrong() -> None:
    """The least error stands in for what no batch can show, and adds where one can."""
    none = np.zeros((2, 64))
    p = Probability.of(Estimates(none, batches(64), floor=0.0004))
    assert (p.mean, p.mcse, *p.interval_mcse()) == (0.0, 0.0004, 0.0004, 0.0004)
    values = HALF.drawn(np.random.default_rng(29), 64)[None]
    bare, floored = (Estimates(values, batches(64), floor=floor) for floor in (0.0, 0.01))
    assert floored.mcse() == pytest.approx(math.hypot(bare.mcse(), 0.01), rel=1e-12)
    ends = [estimate.quantile_mcse(0.95) for estimate in (bare, floored)]
    assert ends[1] == pytest.approx(math.hypot(ends[0], 0.01), rel=1e-12)


def test_what_is_certain_has_no_error() -> None:
    p = Probability.of(Estimates(np.ones((1, 64)), batches(64), alike=True))
    assert (p.mean, p.mcse, *p.interval(), *p.interval_mcse()) == (1.0, 0.0, 1.0, 1.0, 0.0, 0.0)


def test_figures_drawn_in_stay_within_0_and_1() -> None:
    rng = np.random.default_rng(30)
    p = counted(Chances(-4, 1.5), courses=16, draws=512)(rng)
    assert p.draws.min() >= 0
    assert p.draws.max() <= 1
    assert 0 <= p.interval()[0] <= p.mean <= p.interval()[1] <= 1


def test_without_knowing_what_draws_rest_on_the_errors_of_the_ends_are_not_known() -> None:
    p = Probability(np.linspace(0, 1, 11), mcse=0.01)
    assert all(math.isnan(told) for told in p.interval_mcse())
    told = row(p)
    assert list(told) == ["mean", "lower", "upper", "mcse", "lower_mcse", "upper_mcse"]
    assert told["mcse"] == 0.01


def test_a_row_has_the_errors_of_its_ends() -> None:
    p = exact(HALF)(np.random.default_rng(31))
    told = row(p)
    assert (told["lower"], told["upper"]) == p.interval()
    assert (told["lower_mcse"], told["upper_mcse"]) == p.interval_mcse()


@pytest.mark.parametrize("level", [0, 1, 90, float("nan"), "0.9"])
def test_a_level_lies_between_0_and_1(level: object) -> None:
    p = exact(HALF)(np.random.default_rng(32))
    with pytest.raises(QueryError, match="an interval's level lies between 0 and 1"):
        p.interval_mcse(level)  # type: ignore[arg-type]


def test_equal_weights_give_plain_quantiles_and_no_weight_counts_for_nothing() -> None:
    rng = np.random.default_rng(33)
    values, levels = rng.random(101), np.array([0.0, 0.05, 0.5, 0.95, 1.0])
    plain = weighted_quantiles(values, np.full(101, 1 / 101), levels)
    assert plain == pytest.approx(np.quantile(values, levels), rel=1e-12)
    more, none = np.append(values, [5.0, -5.0]), np.append(np.full(101, 1 / 101), [0.0, 0.0])
    assert weighted_quantiles(more, none, levels) == pytest.approx(plain, rel=1e-12)


def test_weighted_quantiles_are_the_same_from_either_end() -> None:
    rng = np.random.default_rng(4)
    values, weights = rng.normal(size=9), rng.dirichlet(np.ones(9))
    levels = np.array([0.05, 0.3, 0.5, 0.95])
    below = weighted_quantiles(values, weights, levels)
    above = weighted_quantiles(-values, weights, 1 - levels)
    np.testing.assert_allclose(below, -above, rtol=SAME_ALGEBRA)


@pytest.mark.parametrize(("mean", "deviation"), [(0.006, 0.004), (0.03, 0.02), (0.97, 0.02)])
def test_a_rare_chance_has_its_interval_though_most_draws_have_no_course_with_it(
    mean: float, deviation: float
) -> None:
    """Each draw has 32 courses, so that more than a tail of the draws agree on 0, or on 1."""
    number = mean * (1 - mean) / deviation**2 - 1
    chances = beta(mean * number, (1 - mean) * number)
    rng, off = np.random.default_rng(22), []
    for _ in range(40):
        hits = simulated(rng, chances.rvs(4096, random_state=rng), 32)
        p = Probability.of(Estimates(hits, batches(4096)))
        low, high = p.interval()
        assert low < p.mean < high
        off.append([low - chances.ppf(0.05), high - chances.ppf(0.95), *p.interval_mcse()])
    lower, upper, lower_error, upper_error = np.array(off).T
    assert abs(lower.mean()) < deviation / 10
    assert abs(upper.mean()) < deviation / 10
    for ends, errors in ((lower, lower_error), (upper, upper_error)):
        ratio = ends.std(ddof=1) / np.sqrt((errors**2).mean())
        assert HONEST[0] / 2 < ratio < 1.5 * HONEST[1]


@pytest.mark.parametrize(("rate", "spread"), [(0.1, 0.6), (0.3, 0.9), (1.0, 1.2)])
def test_an_interval_moves_from_month_to_month_as_the_truth_does(
    rate: float, spread: float
) -> None:
    """Though at first most draws have no course with the event, and later nearly all have some."""
    rng, months = np.random.default_rng(34), np.arange(1, 37) / 12
    rates = rate * np.exp(spread * rng.standard_normal(4096))
    begins = rng.exponential(1 / rates, (2, 16, 4096))
    ends, true = [], []
    for month in months:
        p = Probability.of(Estimates((begins <= month).mean(axis=1), batches(4096)))
        ends.append(p.interval())
        true.append(np.quantile(-np.expm1(-rates * month), TAILS))
    found, steps = np.array(ends), np.diff(np.array(ends) - np.array(true), axis=0)
    assert np.abs(found - true).max() < 0.025  # of 32 courses each
    assert np.abs(steps).max() < 0.01
    assert (np.diff(found, axis=0) > 0).all()


@pytest.mark.parametrize("courses", [32, 64])
def test_an_interval_keeps_to_a_floor_that_all_chances_have(courses: int) -> None:
    """As of what comes by itself as well as through an unknown fact."""
    rng = np.random.default_rng(35)
    chance = 0.14 + 0.86 * expit(-2.2 + rng.standard_normal(4096))
    factor = rng.gamma(1.5, 1 / 1.5, (2, courses // 2, 4096))  # courses that know a chance each
    hazard = 1.5 * ((1 - chance) ** (-1 / 1.5) - 1)
    hits = -np.expm1(-hazard * factor).mean(axis=1)
    low, high = Probability.of(Estimates(hits, batches(4096))).interval()
    truth = np.quantile(chance, TAILS)
    assert low == pytest.approx(truth[0], abs=0.01)
    assert high == pytest.approx(truth[1], abs=0.01)


@pytest.mark.parametrize(("kind", "close"), [(HALF, 0.015), (WIDE, 0.025), (RARE, 0.02)])
def test_the_noise_of_few_courses_given_a_condition_is_no_part_of_an_interval(
    kind: Chances, close: float
) -> None:
    """As after the path sampler: of 32 courses a draw's condition is met in some four."""
    rng = np.random.default_rng(36)
    chance, met = kind.drawn(rng, 4096), expit(-2 + rng.standard_normal(4096))
    mass = rng.binomial(16, met, (2, 4096))
    hits = rng.binomial(mass, chance)
    found = Probability.of(Estimates(hits / 16, batches(4096), mass / 16)).interval()
    truth = weighted_quantiles(chance, met / met.sum(), TAILS)
    assert np.array(found) == pytest.approx(truth, abs=close)


def test_a_condition_that_is_always_met_changes_nothing() -> None:
    rng = np.random.default_rng(37)
    for courses in (16, 32, 128):
        hits = simulated(rng, HALF.drawn(rng, 1024), courses)
        plain, given = (Estimates(hits, batches(1024), mass) for mass in (None, np.ones_like(hits)))
        assert given.values == pytest.approx(plain.values, abs=1e-12)
        assert given.mcse() == pytest.approx(plain.mcse(), rel=1e-9)
        for level in TAILS:
            assert given.quantile_mcse(level) == pytest.approx(plain.quantile_mcse(level), rel=1e-6)


def counted_anew(rng: np.random.Generator, mean: float, draws: int) -> Estimates:
    """Return estimates of which most draws agree, so that they are spread as a beta is."""
    chance = expit(np.log(mean / (1 - mean)) + rng.standard_normal(draws))
    return Estimates(simulated(rng, chance, 128), batches(draws))


@pytest.mark.parametrize("mean", [1e-4, 0.003, 0.02, 0.99, 0.9999])
@pytest.mark.parametrize("draws", [64, 1000, 4096])
def test_ends_and_some_draws_without_the_others_are_what_all_of_them_give(
    mean: float, draws: int
) -> None:
    rng = np.random.default_rng([draws, round(1e4 * mean)])
    some, used, smooth = np.arange(0, draws, 7), 0, 0
    for _ in range(20):
        estimates = counted_anew(rng, mean, draws)
        p = Probability.of(estimates)
        ends, told = p.interval(), p.some(some)
        smooth += estimates.smoothed > 0
        used += "draws" not in p.__dict__ and "values" not in estimates.__dict__
        whole = Probability(p.draws, p.mcse)
        assert ends == whole.interval()
        np.testing.assert_array_equal(told, whole.some(some))
        assert p.interval() == ends
    assert used or not smooth or mean > 0.5  # near one, neighbours are too close to be told


def test_quantiles_too_close_to_be_told_apart_are_those_of_all_draws() -> None:
    told = [counted_anew(np.random.default_rng(seed), 0.9999, 4096) for seed in range(20)]
    told = [one for one in told if one._shaped]
    assert told
    assert any(one._quantiles_alone(TAILS) is None for one in told)


def test_a_probability_has_no_other_attributes_and_can_be_copied() -> None:
    p = Probability.of(counted_anew(np.random.default_rng(1), 0.02, 512))
    with pytest.raises(AttributeError, match="no attribute 'drawz'"):
        p.drawz  # noqa: B018
    again = pickle.loads(pickle.dumps(p))  # noqa: S301 - our own
    np.testing.assert_array_equal(copy.copy(p).draws, again.draws)
    assert replace(p, note="x").interval() == p.interval()
