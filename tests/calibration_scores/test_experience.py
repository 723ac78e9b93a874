"""A recalibration learned from answers: exact, shrunk to none, and each question counted once."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import dblquad
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import norm, qmc

from forecast.calibration import Adjustment, experience_of
from forecast.calibration._experience import FEWEST_OF_KIND, SHIFT_SD, STRETCH_SD
from forecast.errors import InputError
from tests.tolerances import MONTE_CARLO_Z

type Floats = NDArray[np.float64]

FINE = 1e-6  # of the quadrature on a grid: what is smooth and falls to nothing has no other error
ENDS = 0.01  # of interval ends, in units of the spread: linear interpolation between nodes


def forecaster(
    rng: np.random.Generator, number: int, shift: float = 0.0, stretch: float = 1.0
) -> tuple[Floats, Floats]:
    """Return forecasts whose log-odds have to be shifted and stretched, and answers."""
    odds = rng.normal(0, 1.5, number)
    return expit(odds), (rng.random(number) < expit(shift + stretch * odds)).astype(float)


def log_density(a: float, c: float, p: Floats, y: Floats) -> float:
    """Return what the grid holds, by the definition: the prior and a plain product."""
    q = expit(a + np.exp(c) * logit(p))
    prior = norm.logpdf(a, 0, 0.3) + norm.logpdf(c, 0, 0.25)
    return float(prior + (y * np.log(q) + (1 - y) * np.log1p(-q)).sum())


def test_means_are_those_of_adaptive_quadrature() -> None:
    p, y = forecaster(np.random.default_rng(1), 12, 0.4, 0.7)

    def integral(what: int) -> float:
        def integrand(c: float, a: float) -> float:
            return (1.0, a, c)[what] * np.exp(log_density(a, c, p, y))

        return float(dblquad(integrand, -2.4, 2.4, -2, 2, epsabs=1e-12, epsrel=1e-8)[0])

    total, shift, log_stretch = (integral(n) for n in range(3))
    found = experience_of(p, y).all
    assert found.shift.value == pytest.approx(shift / total, abs=FINE)
    assert np.log(found.stretch.value) == pytest.approx(log_stretch / total, abs=FINE)


def test_intervals_are_those_of_weighted_draws_of_the_prior() -> None:
    p, y = forecaster(np.random.default_rng(2), 20, -0.3, 1.4)
    z = norm.ppf(qmc.Sobol(2, seed=5).random(2**18))
    a, c = SHIFT_SD * z[:, 0], STRETCH_SD * z[:, 1]
    logits = a[:, None] + np.exp(c)[:, None] * logit(p)
    weight = np.exp(logits @ y - np.logaddexp(0, logits).sum(axis=1))
    found = experience_of(p, y).all
    asked = 0.03
    for values, span in (
        (a, found.shift),
        (c, [np.log(each) for each in found.stretch]),
        (a + np.exp(c) * logit(asked), [logit(each) for each in found.recalibrated(asked)]),
    ):
        order = np.argsort(values)
        levels = np.cumsum(weight[order]) / weight.sum()
        ends = np.interp([0.05, 0.95], levels, values[order])
        mean = (values * weight).sum() / weight.sum()
        spread = np.sqrt(((values - mean) ** 2 * weight).sum() / weight.sum())
        assert np.abs(ends - list(span)[1:]).max() < ENDS * spread


def test_with_many_answers_it_is_the_ordinary_logistic_regression() -> None:
    """The priors count as tens of answers: among 20,000, less than a fifth of an error."""
    p, y = forecaster(np.random.default_rng(3), 20_000, 0.3, 0.6)
    odds = logit(p)

    def loss(at: Floats) -> float:
        logits = at[0] + at[1] * odds
        return float(np.logaddexp(0, logits).sum() - y @ logits)

    best = minimize(loss, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
    found = experience_of(p, y).all
    error = (found.shift.upper - found.shift.lower) / (2 * norm.ppf(0.95))
    assert found.shift.value == pytest.approx(best.x[0], abs=0.2 * error)
    error = (found.stretch.upper - found.stretch.lower) / (2 * norm.ppf(0.95))
    assert found.stretch.value == pytest.approx(best.x[1], abs=0.2 * error)


def test_intervals_hold_shifts_and_stretches_drawn_from_the_prior_nine_times_in_ten() -> None:
    """With 40 answers, where prior and answers count about alike."""
    rng, worlds = np.random.default_rng(4), 300
    held = np.zeros(2)
    for _ in range(worlds):
        shift, stretch = rng.normal(0, SHIFT_SD), np.exp(rng.normal(0, STRETCH_SD))
        found = experience_of(*forecaster(rng, 40, shift, stretch)).all
        held += [
            found.shift.lower <= shift <= found.shift.upper,
            found.stretch.lower <= stretch <= found.stretch.upper,
        ]
    assert (np.abs(held / worlds - 0.9) < MONTE_CARLO_Z * np.sqrt(0.09 / worlds)).all()


def moved(found: Adjustment) -> float:
    """Return how far it moves log-odds at most, between 5% and 95%."""
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    return max(abs(logit(found.recalibrated(p).value) - logit(p)) for p in levels)


def test_no_answers_leave_all_as_it_is() -> None:
    found = experience_of([], [])
    assert (found.all.questions, found.all.clusters, found.by_kind) == (0, 0, {})
    for p in (0.0, 1e-300, 0.013, 0.5, 0.97, 1.0):
        assert found.all.recalibrated(p).value == p


@pytest.mark.parametrize(("answers", "most"), [(1, 0.1), (5, 0.22)])
def test_few_answers_of_a_calibrated_forecaster_move_little(answers: int, most: float) -> None:
    """In odds, by factors of 1.1 and 1.25 on average, at the worst of five levels."""
    rng = np.random.default_rng(5)
    found = [moved(experience_of(*forecaster(rng, answers)).all) for _ in range(100)]
    assert 0 < np.mean(found) < most


@pytest.mark.parametrize("stretch", [0.6, 1.6])
def test_500_answers_recover_a_known_stretch(stretch: float) -> None:
    found = experience_of(*forecaster(np.random.default_rng(6), 500, 0.0, stretch)).all
    assert found.stretch.lower < stretch < found.stretch.upper
    assert abs(np.log(found.stretch.value / stretch)) < 0.2
    assert abs(found.shift.value) < 0.25
    assert (found.stretch.upper < 1) == (stretch < 1)


def test_a_question_asked_on_300_nights_counts_once() -> None:
    once = experience_of([0.2], [1.0]).all
    nights = np.full(300, 0.2)
    many = experience_of(nights, np.ones(300), question=np.zeros(300), weight=nights * 0 + 1 / 300)
    assert many.all.questions == many.all.clusters == 1
    assert many.all.shift == pytest.approx(once.shift, abs=FINE)
    assert many.all.stretch == pytest.approx(once.stretch, abs=FINE)


def test_questions_of_one_cluster_count_once_together() -> None:
    p, y = forecaster(np.random.default_rng(7), 40, 0.5, 0.7)
    once = experience_of(p, y).all
    thrice = experience_of(np.tile(p, 3), np.tile(y, 3), cluster=np.tile(np.arange(40), 3)).all
    assert (thrice.questions, thrice.clusters) == (120, 40)
    assert thrice.shift == pytest.approx(once.shift, abs=FINE)


def test_an_early_yes_teaches_no_shift_to_a_calibrated_forecaster() -> None:
    """X comes by day 20 with probability 0.6, at a constant rate: days of a scheduled life."""
    rng, scheduled, number = np.random.default_rng(8), 20, 3000
    rate = -np.log(1 - 0.6) / scheduled
    said = -np.expm1(-rate * (scheduled - np.arange(scheduled)))  # on each day, if still open
    day = np.floor(rng.exponential(1 / rate, number))
    length = np.minimum(day + 1, scheduled).astype(int)
    p = np.concatenate([said[:n] for n in length])
    question = np.repeat(np.arange(number), length)
    y = np.repeat((day < scheduled).astype(float), length)

    def shift(weight: Floats) -> float:
        return experience_of(p, y, question=question, weight=weight).all.shift.value

    assert abs(shift(np.full(len(p), 1 / scheduled))) < 0.1
    assert shift(1 / np.repeat(length, length)) > 0.3  # by days that it was open: improper


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_answers_all_alike_shift_and_stay_finite(answer: float) -> None:
    p = np.linspace(0.05, 0.95, 50)
    found = experience_of(p, np.full(50, answer)).all
    assert (found.shift.value > 0) == (answer == 1)
    assert 2 * SHIFT_SD < abs(found.shift.value) < 5 * SHIFT_SD
    assert found.shift.lower < found.shift.value < found.shift.upper


def test_certainty_and_what_is_next_to_it_are_taken_and_kept() -> None:
    """Sure and wrong is a thousand to one and wrong, and no more."""
    p = np.array([0.0, 1.0, 5e-324, 1 - 1e-16, 0.0, 1.0])
    found = experience_of(p, [1.0, 0.0, 1.0, 0.0, 0.0, 1.0]).all
    clipped = experience_of(expit(np.clip(logit(p), -7, 7)), [1, 0, 1, 0, 0, 1]).all
    assert found.stretch == pytest.approx(clipped.stretch, abs=FINE)
    assert found.stretch.value < 0.85
    values = [found.recalibrated(each).value for each in (0.0, 5e-324, 1e-9, 0.5, 1 - 1e-9, 1.0)]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (0.0, 1.0)
    assert all(0 < each < 1 for each in values[1:-1])


def test_a_share_counts_as_so_much_of_a_yes() -> None:
    p = np.array([0.3, 0.3])
    shared = experience_of(p, [0.5, 0.5]).all
    assert shared.shift == pytest.approx(experience_of(p, [1.0, 0.0]).all.shift, abs=FINE)


def kinds(
    rng: np.random.Generator, number: int, stretches: dict[str, float]
) -> tuple[Floats, Floats, list[str]]:
    parts = {kind: forecaster(rng, number, 0.0, each) for kind, each in stretches.items()}
    return (
        np.concatenate([p for p, _ in parts.values()]),
        np.concatenate([y for _, y in parts.values()]),
        [kind for kind in parts for _ in range(number)],
    )


def test_kinds_with_answers_enough_have_their_own_adjustment() -> None:
    p, y, kind = kinds(np.random.default_rng(9), 400, {"onset": 0.6, "state": 1.3})
    found = experience_of(p, y, kind=kind)
    assert set(found.by_kind) == {"onset", "state"}
    assert found.of("onset").stretch.upper < 1 < found.of("state").stretch.lower
    assert (
        found.of("onset").stretch.value < found.all.stretch.value < found.of("state").stretch.value
    )
    assert found.of("fact") is found.all


def test_a_kind_with_few_answers_goes_by_all() -> None:
    p, y, kind = kinds(np.random.default_rng(10), FEWEST_OF_KIND - 1, {"onset": 0.6})
    assert experience_of(p, y, kind=kind).by_kind == {}
    clustered = experience_of(
        np.tile(p, 2), np.tile(y, 2), kind=kind * 2, cluster=np.tile(np.arange(len(p)), 2)
    )
    assert clustered.by_kind == {}


def test_a_kind_is_drawn_towards_what_the_others_teach() -> None:
    """With 30 answers of its own a kind lies between those and the 400 of another."""
    rng = np.random.default_rng(11)
    p, y = forecaster(rng, 400, 0.0, 0.5)
    q, x = forecaster(rng, FEWEST_OF_KIND, 0.0, 1.5)
    kind = ["onset"] * 400 + ["state"] * FEWEST_OF_KIND
    found = experience_of(np.r_[p, q], np.r_[y, x], kind=kind)
    alone, others = experience_of(q, x).all, experience_of(p, y).all
    pooled = found.of("state")
    assert others.stretch.value < pooled.stretch.value < alone.stretch.value
    assert (pooled.questions, pooled.clusters) == (FEWEST_OF_KIND, FEWEST_OF_KIND)
    same = found.of("onset").stretch
    assert np.log(same.value / others.stretch.value) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("p", "y", "more", "named"),
    [
        ([1.2], [1], {}, "p"),
        ([0.2], [1, 0], {}, "y"),
        ([0.2], [1.5], {}, "y"),
        ([0.2], [1], {"question": [1, 2]}, "question"),
        ([0.2], [1], {"cluster": [1, 2]}, "cluster"),
        ([0.2], [1], {"kind": ["a", "b"]}, "kind"),
        ([0.2], [1], {"weight": [-0.1]}, "weight"),
        ([0.2, 0.2], [1, 1], {"question": [1, 1]}, "weight"),
        (
            [0.2, 0.2],
            [1, 1],
            {"question": [1, 1], "cluster": [1, 2], "weight": [0.5, 0.5]},
            "cluster",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(
    p: list[float], y: list[float], more: dict[str, list[object]], named: str
) -> None:
    with pytest.raises(InputError) as refused:
        experience_of(p, y, **more)  # type: ignore[arg-type]
    assert refused.value.faults[0].field == named
