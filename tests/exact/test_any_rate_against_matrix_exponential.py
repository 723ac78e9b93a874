"""Rates to 1,000 a year, windows of a day, sharp delays: what no week is fine enough for."""

import numpy as np
import pytest

import forecast as fc
from forecast.engine._components import build_plans
from forecast.engine._likelihood import (
    log_likelihood,
    log_likelihoods,
    passed,
    smoothed,
    value_and_gradient,
)
from forecast.engine._plan import MOST_ERROR
from forecast.engine._problem import (
    CAUSES,
    MULTIPLIES,
    ONSET,
    REQUIRES,
    STATE,
    Floats,
    Parameters,
    Record,
    Structure,
)
from forecast.engine._relevance import Target
from tests.exact.dense import dense_log_likelihood
from tests.exact.random_networks import HORIZON, random_problem, watched_problem
from tests.exact.slopes import wrong_slopes
from tests.tolerances import PROBABILITY, SAME_ALGEBRA, SERIES_SLOPE, SERIES_SLOPE_FLOOR

WEEK = 7 / 365.25
DAY = 1 / 365.25
STEPS_ALONE = np.inf
SERIES_ALONE = 0.0


def any_problem(seed: int, most: int = 5) -> tuple[Structure, Record, Parameters]:
    """A random problem whose rates are of all sizes; every third has windows of a day."""
    rng = np.random.default_rng(seed)
    structure, record, theta = (watched_problem if seed % 2 else random_problem)(rng, most)
    n, links = len(structure.kind), len(structure.link_kind)
    if seed % 3 == 0:
        windows = tuple(
            None if w is None else w._replace(edges=w.edges[0] + np.array([0.0, DAY]))
            for w in structure.windows
        )
        structure = structure._replace(windows=windows)
    multiplies = structure.link_kind == MULTIPLIES
    return (
        structure,
        record,
        theta._replace(
            base_rate=10 ** rng.uniform(-6, 3, n),
            off_rate=10 ** rng.uniform(-6, 3, n),
            effect=10 ** np.where(multiplies, rng.uniform(-1, 1, links), rng.uniform(-6, 3, links)),
        ),
    )


def stacked(theta: Parameters) -> Parameters:
    return Parameters(*(field[None] for field in theta))


def observed(record: Record, event: int, time: float) -> Record:
    """The record, and that an event was on at a time."""
    return record._replace(
        known_event=np.append(record.known_event, event),
        known_from=np.append(record.known_from, time),
        known_to=np.append(record.known_to, time),
        known_value=np.append(record.known_value, 1),
    )


def chances(
    structure: Structure, record: Record, theta: Parameters, time: float, most_error: float
) -> dict[int, float]:
    """P(event on at a time | record) of the events that are live there, by the filter."""
    targets = (Target(time, tuple(range(len(structure.kind)))),)
    found = {}
    for plan in build_plans(
        structure, record, max_step=WEEK, targets=targets, most_error=most_error
    ):
        cut = int(np.searchsorted(plan.cuts, time))
        if cut == len(plan.cuts) or plan.cuts[cut] != time or not plan.live_before(cut):
            continue
        states = smoothed(plan, stacked(theta), np.array([time]))[0][:, 0]
        for bit, event in enumerate(plan.live_before(cut)):
            found[event] = float(states[(np.arange(len(states)) >> bit) & 1 == 1].sum())
    return found


def wrong_by(seed: int, most_error: float) -> float:
    """The greatest error of a probability in the middle and at the end of a random problem."""
    structure, record, theta = any_problem(seed)
    whole = dense_log_likelihood(structure, record, theta)
    if not np.isfinite(whole):
        return 0.0
    worst = 0.0
    for time in (0.37 * HORIZON, HORIZON):
        for event, found in chances(structure, record, theta, time, most_error).items():
            exact = np.exp(
                dense_log_likelihood(structure, observed(record, event, time), theta) - whole
            )
            worst = max(worst, abs(found - exact))
    return worst


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_every_probability_is_right_whatever_the_rates(first: int) -> None:
    for seed in range(first, first + 20):
        assert wrong_by(seed, MOST_ERROR) < PROBABILITY, f"seed {seed}"


def test_steps_of_a_week_alone_would_not_be() -> None:
    assert max(wrong_by(seed, STEPS_ALONE) for seed in range(20, 40)) > 20 * PROBABILITY


@pytest.mark.parametrize("first", range(0, 160, 40))
def test_every_log_likelihood_is_right_whatever_the_rates(first: int) -> None:
    for seed in range(first, first + 40):
        structure, record, theta = any_problem(seed)
        dense = dense_log_likelihood(structure, record, theta)
        plans = build_plans(structure, record, max_step=WEEK)
        found = log_likelihood(plans, theta)
        if np.isfinite(dense):
            assert found == pytest.approx(dense, rel=PROBABILITY, abs=PROBABILITY), f"seed {seed}"
        else:
            assert found == dense
        batch = Parameters(*(np.stack([field] * 3) for field in theta))
        together = log_likelihoods(plans, batch).sum(axis=1)
        np.testing.assert_allclose(together, found, rtol=SAME_ALGEBRA, atol=SAME_ALGEBRA)


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_the_gradient_of_the_series_equals_central_differences(first: int) -> None:
    for seed in range(first, first + 20):
        structure, record, theta = any_problem(seed, most=4)
        plans = build_plans(structure, record, max_step=WEEK, most_error=SERIES_ALONE)
        value, gradient = value_and_gradient(plans, theta)
        if np.isfinite(value):
            wrong = wrong_slopes(plans, theta, gradient, SERIES_SLOPE, SERIES_SLOPE_FLOOR)
            assert list(wrong) == [], f"seed {seed}"


def test_a_draw_is_the_same_whatever_draws_it_is_with() -> None:
    """Slow and fast draws of one batch pass in different ways; none of it may show."""
    structure, record, theta = any_problem(4)
    rng = np.random.default_rng(0)
    scale = 10 ** rng.uniform(-4, 1, 300)
    many = Parameters(
        theta.base_rate * scale[:, None],
        theta.off_rate * scale[:, None],
        *(np.stack([field] * len(scale)) for field in theta[2:]),
    )
    plans = build_plans(structure, record, max_step=WEEK)
    together = log_likelihoods(plans, many)
    for rows in (slice(0, 1), slice(17, 18), slice(40, 140)):
        some = Parameters(*(np.ascontiguousarray(field[rows]) for field in many))
        np.testing.assert_array_equal(log_likelihoods(plans, some), together[rows])


NOTHING = np.zeros(0)
NO_RECORD = Record(
    NOTHING.astype(np.int64),
    NOTHING,
    NOTHING.astype(np.int64),
    NOTHING,
    NOTHING,
    NOTHING.astype(np.int64),
)


def chain(kinds: list[int], links: list[tuple[int, int, int]]) -> Structure:
    return Structure(
        kind=np.array(kinds, dtype=np.int64),
        initially=np.zeros(len(kinds), dtype=np.int64),
        link_kind=np.array([kind for kind, _, _ in links], dtype=np.int64),
        link_parent=np.array([parent for _, parent, _ in links], dtype=np.int64),
        link_child=np.array([child for _, _, child in links], dtype=np.int64),
        windows=(None,) * len(kinds),
        horizon=1.0,
    )


def exact_chance(
    structure: Structure, record: Record, theta: Parameters, event: int, time: float
) -> float:
    """P(event on at a time | record) by matrix exponentials."""
    said = observed(record, event, time)
    whole = dense_log_likelihood(structure, record, theta)
    return float(np.exp(dense_log_likelihood(structure, said, theta) - whole))


def told_of_the_first(factors: Floats) -> tuple[Record, Floats]:
    """A report on event 0, a month in."""
    record = NO_RECORD._replace(item_event=np.array([0]), item_time=np.array([32 * DAY]))
    return record, factors


@pytest.mark.parametrize(("days", "stages"), [(14, 8), (30, 8), (2, 1), (1, 5)])
def test_a_sharp_delay(days: int, stages: int) -> None:
    """A report on the cause; the effect a fortnight later."""
    last = stages + 1
    links = [(REQUIRES, i, i + 1) for i in range(stages)] + [(CAUSES, stages, last)]
    structure = chain([ONSET] * (stages + 2), links)
    record, factors = told_of_the_first(np.array([[0.1, 0.8]]))
    theta = Parameters(
        base_rate=np.array([12.0, *[stages / (days * DAY)] * stages, 0.05]),
        off_rate=np.zeros(stages + 2),
        initial=np.zeros(stages + 2),
        effect=np.array([1.0] * stages + [12.0]),
        factors=factors,
    )
    time = 46 * DAY
    exact = exact_chance(structure, record, theta, last, time)
    found = chances(structure, record, theta, time, MOST_ERROR)[last]
    assert found == pytest.approx(exact, abs=PROBABILITY)
    coarse = chances(structure, record, theta, time, STEPS_ALONE)[last]
    assert abs(coarse - exact) > 5 * PROBABILITY


def test_a_cause_that_soon_ends() -> None:
    structure = chain([STATE, ONSET], [(CAUSES, 0, 1)])
    record, factors = told_of_the_first(np.array([[0.5, 0.5]]))
    theta = Parameters(
        base_rate=np.array([12.0, 0.001]),
        off_rate=np.array([400.0, 0.0]),
        initial=np.zeros(2),
        effect=np.array([3.0]),
        factors=factors,
    )
    time = 46 * DAY
    exact = exact_chance(structure, record, theta, 1, time)
    found = chances(structure, record, theta, time, MOST_ERROR)[1]
    assert found == pytest.approx(exact, abs=PROBABILITY / 10)


def on_one_day(link: str, rate: str) -> fc.Network:
    day = [{"start": "2024-11-05", "end": "2024-11-05", "weight": 1}]
    events = [
        fc.Event.model_validate({"id": name, "kind": "onset", "rate": rate, "windows": day})
        for name in ("left", "right")
    ]
    links = [fc.Link.model_validate({"parent": "left", "child": "right", "kind": link})]
    if link == "prevents":
        links.append(fc.Link(parent="right", child="left", kind="prevents"))
    return fc.Network(
        name="n", start="2024-11-01", horizon="2024-12-31", events=events, links=links
    )


def test_of_two_that_exclude_each_other_on_one_day_neither_comes_first() -> None:
    post = fc.update(
        on_one_day("prevents", "95% within 1 day"), fc.Evidence([]), as_of="2024-11-02", draws=64
    )
    exact = (1 - 0.05**2) / 2
    for event in ("left", "right"):
        found = float(post.probability(event, by="2024-12-31"))
        assert found == pytest.approx(exact, abs=PROBABILITY)


def test_of_two_of_uncertain_rates_both_intervals_hold_one_half() -> None:
    network = on_one_day("prevents", "95% [80%, 99%] within 1 day")
    post = fc.update(network, fc.Evidence([]), as_of="2024-11-02", draws=1024)
    for event in ("left", "right"):
        lower, upper = post.probability(event, by="2024-12-31").interval()
        assert lower < 0.5 < upper


def test_one_that_requires_another_on_one_day() -> None:
    network = on_one_day("requires", "95% within 1 day")
    post = fc.update(network, fc.Evidence([]), as_of="2024-11-02", draws=64)
    rate = -np.log(0.05)
    exact = 1 - 0.05 * (1 + rate)
    assert exact == pytest.approx(0.800, abs=5e-4)
    assert float(post.probability("right", by="2024-12-31")) == pytest.approx(
        exact, abs=PROBABILITY
    )


def test_slow_networks_keep_their_weeks() -> None:
    structure, record, theta = random_problem(np.random.default_rng(3), 4)
    slow = theta._replace(
        base_rate=0.1 * np.ones_like(theta.base_rate), off_rate=0.1 * np.ones_like(theta.off_rate)
    )
    plans = build_plans(structure, record, max_step=WEEK)
    assert passed(plans, stacked(slow)).by_series == 0
    fast = theta._replace(base_rate=1000 * np.ones_like(theta.base_rate))
    assert passed(plans, stacked(fast)).by_series > 0
