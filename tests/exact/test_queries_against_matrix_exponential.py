"""Conditions, interventions and orders against dense propagation over all joint states."""

import numpy as np
import pytest
from scipy.linalg import expm

from forecast.engine._problem import ONSET, Floats, Parameters
from forecast.engine._relevance import Target
from forecast.posterior._conditions import Imposed, intervened, path_of
from forecast.posterior._exact import Case, Point, bits_of_sweep, plan_sweep
from forecast.posterior._given import raced
from tests.exact.dense import allowed, dense_log_likelihood, generator
from tests.exact.random_networks import HORIZON, random_problem
from tests.tolerances import FINE_GRID, LOG_PROBABILITY

STEP = 1 / 2000
NOBODY, FIRST, SECOND = 0, 1, 2


def draw_of(theta: Parameters) -> Parameters:
    return Parameters(*(field[None] for field in theta))


def with_points(record, theta, points):  # type: ignore[no-untyped-def]
    """The record with sure items that say what the points say."""
    more = [[0.0, 1.0] if point.on else [1.0, 0.0] for point in points]
    told = record._replace(
        item_event=np.append(record.item_event, [p.event for p in points]).astype(np.int64),
        item_time=np.append(record.item_time, [p.time for p in points]),
        item_from=np.append(record.first_time, [p.time for p in points]),
    )
    return told, theta._replace(factors=np.vstack([theta.factors.reshape(-1, 2), *more]))


def dense_chance(structure, record, theta, points) -> float:  # type: ignore[no-untyped-def]
    """P(points | record), as a ratio of two likelihoods."""
    with np.errstate(divide="ignore"):
        both = dense_log_likelihood(structure, *with_points(record, theta, points))
    return float(np.exp(both - dense_log_likelihood(structure, record, theta)))


@pytest.mark.parametrize("seed", range(30))
def test_a_condition_is_the_ratio_of_two_likelihoods(seed: int) -> None:
    rng = np.random.default_rng(7000 + seed)
    structure, record, theta = random_problem(rng, most=5)
    n = len(structure.kind)
    times = np.sort(rng.uniform(0, HORIZON * 1.2, 3))
    points = [Point(int(rng.integers(n)), float(t), bool(rng.integers(2))) for t in times[:2]]
    event = int(rng.integers(n))
    sweep = plan_sweep(
        Case(structure, record, 0.0), points, [Target(times[2], (event,))], times, step=STEP
    )
    theta_one = draw_of(theta)
    reading = sweep.read(theta_one)
    log_chance = reading.log_likelihood - sweep.log_likelihood(theta_one, [False, False])
    given = dense_chance(structure, record, theta, points)
    assert np.exp(log_chance[0]) == pytest.approx(given, abs=FINE_GRID)
    if given > LOG_PROBABILITY:
        both = dense_chance(structure, record, theta, [*points, Point(event, times[2], on=True)])
        found = reading.chance(event, times[2])[0]
        assert found == pytest.approx(both / given, abs=FINE_GRID / given)


@pytest.mark.parametrize("seed", range(60))
def test_the_bits_of_a_sweep_are_told_before_it_is_planned(seed: int) -> None:
    rng = np.random.default_rng(9000 + seed)
    structure, record, _ = random_problem(rng, most=7)
    n = len(structure.kind)
    times = np.sort(rng.uniform(0, HORIZON * 1.2, 3))
    points = [
        Point(int(rng.integers(n)), float(t), bool(rng.integers(2)))
        for t in times[: int(rng.integers(3))]
    ]
    asked = [Target(float(times[2]), tuple(rng.permutation(n)[:2].tolist()))]
    case = Case(structure, record, 0.0)
    for every in (False, True):
        sweep = plan_sweep(case, points, asked, times, every=every, step=1.0)
        assert bits_of_sweep(case, points, asked, times, every=every) == sweep.bits


@pytest.mark.parametrize("seed", range(15))
def test_a_joint_is_the_likelihood_of_every_combination(seed: int) -> None:
    rng = np.random.default_rng(8000 + seed)
    structure, record, theta = random_problem(rng, most=5)
    n, time = len(structure.kind), float(rng.uniform(0, HORIZON))
    events = rng.permutation(n)[: min(n, 3)].tolist()
    sweep = plan_sweep(
        Case(structure, record, 0.0), [], [Target(time, tuple(events))], np.array([time]), step=STEP
    )
    cells = sweep.read(draw_of(theta)).joint(events, time)[:, 0]
    for cell, found in enumerate(cells):
        points = [Point(e, time, bool((cell >> bit) & 1)) for bit, e in enumerate(events)]
        assert found == pytest.approx(dense_chance(structure, record, theta, points), abs=FINE_GRID)


def propagate(case, theta, imposed, flagged=None):  # type: ignore[no-untyped-def]
    """The weight of every joint state (and of who of a pair came first) after all evidence.

    From `case.now` on an imposed event has no rates, and the state that it is given. The record's
    items are those that count. `flagged` is a pair of events whose order is kept.
    """
    structure, record, now = case.structure, case.record, case.now
    n, flags = len(structure.kind), 3 if flagged else 1
    states = np.arange(2**n)
    p = np.ones(2**n)
    for i in range(n):
        on = theta.initial[i] if structure.initially[i] < 0 else float(structure.initially[i])
        p *= np.where((states >> i) & 1, on, 1 - on)
    whole = np.zeros((flags, 2**n))
    whole[NOBODY] = p
    held = {one.event: path_of(one, now) for one in imposed}
    edges = {0.0, now, *record.item_time, *record.known_from}
    edges |= {t for t in record.known_to if np.isfinite(t)}
    edges |= {start for path in held.values() for start, _, _ in path}
    last = max(edges)
    for windows in structure.windows:
        edges |= set() if windows is None else {float(t) for t in windows.edges if 0 < t < last}
    cuts = sorted(float(t) for t in edges)
    for k, cut in enumerate(cuts):
        for event, time, g in zip(record.item_event, record.item_time, theta.factors, strict=True):
            if time == cut:
                whole = whole * g[(states >> event) & 1]
        whole = whole * allowed(record, cut, cut, states)
        for event, path in held.items():
            for start, _, value in path:
                if start == cut:
                    whole = set_state(whole, event, value)
        if k + 1 < len(cuts):
            free = [e for e in range(n) if e not in held or cut < now]
            q = flagged_generator(case, theta, (cut + cuts[k + 1]) / 2, free, flagged)
            inside = np.tile(allowed(record, cut, cuts[k + 1], states), flags)
            q = q * inside[:, None] * inside[None, :] + np.diag(np.diag(q) * (1 - inside))
            whole = (expm(q * (cuts[k + 1] - cut)) @ (whole.ravel() * inside)).reshape(flags, -1)
    return whole


def set_state(whole: Floats, event: int, value: int) -> Floats:
    moved = np.zeros_like(whole)
    for state in range(whole.shape[1]):
        moved[:, (state & ~(1 << event)) | (value << event)] += whole[:, state]
    return moved


def flagged_generator(case, theta, time, free, flagged):  # type: ignore[no-untyped-def]
    structure = case.structure
    size = 2 ** len(structure.kind)
    q = generator(structure, theta, time)
    flags = 3 if flagged else 1
    whole = np.zeros((flags * size, flags * size))
    for state in range(size):
        for event in free:
            rate, to = q[state ^ (1 << event), state], state ^ (1 << event)
            for flag in range(flags):
                new = flag
                if flagged and flag == NOBODY and event in flagged and (to >> event) & 1:
                    new = FIRST if event == flagged[0] else SECOND
                whole[new * size + to, flag * size + state] += rate
                whole[flag * size + state, flag * size + state] -= rate
    return whole


@pytest.mark.parametrize("seed", range(40))
def test_an_intervention_cuts_an_event_from_its_causes_from_now_on(seed: int) -> None:
    rng = np.random.default_rng(9000 + seed)
    structure, record, theta = random_problem(rng, most=5)
    while len(structure.kind) < 2:
        structure, record, theta = random_problem(rng, most=5)
    n, now = len(structure.kind), float(rng.uniform(0, 0.6 * HORIZON))
    time = float(rng.uniform(now, HORIZON))
    imposed = [
        Imposed(int(event), float(rng.choice([now, rng.uniform(now, HORIZON), np.inf])))
        for event in sorted(rng.permutation(n)[: int(rng.integers(1, min(n - 1, 2) + 1))])
    ]
    event = int(rng.choice([e for e in range(n) if e not in {one.event for one in imposed}]))
    case = intervened(Case(structure, record, now), imposed)
    sweep = plan_sweep(case, [], [Target(time, (event,))], np.array([time]), step=STEP)
    found = sweep.read(draw_of(theta)).chance(event, time)[0]
    heard = [i for i in range(len(record.item_event)) if i not in case.unheard]
    known = np.isin(record.known_event, [one.event for one in imposed])
    before = known & (record.known_from <= now)
    spans = record._replace(
        known_event=record.known_event[~known | before],
        known_from=record.known_from[~known | before],
        known_to=np.where(known, np.minimum(record.known_to, now), record.known_to)[
            ~known | before
        ],
        known_value=record.known_value[~known | before],
    ).with_items(heard)
    weights = []
    for points in ([], [Point(event, time, on=True)]):
        told, factors = with_points(spans, theta._replace(factors=theta.factors[heard]), points)
        plain = Case(structure, told, now)
        weights.append(propagate(plain, factors, imposed).sum())
    assert found == pytest.approx(weights[1] / weights[0], abs=FINE_GRID)


@pytest.mark.parametrize("seed", range(25))
def test_who_comes_first_is_told_by_a_chain_that_remembers_it(seed: int) -> None:
    rng = np.random.default_rng(9500 + seed)
    structure, record, theta = random_problem(rng, most=4)
    onsets = np.flatnonzero(structure.kind == ONSET)
    while len(onsets) < 2:
        structure, record, theta = random_problem(rng, most=4)
        onsets = np.flatnonzero(structure.kind == ONSET)
    pair = tuple(int(e) for e in rng.permutation(onsets)[:2])
    time = float(rng.uniform(0, HORIZON))
    point = Point(pair[0], time, on=True)
    case, one = Case(structure, record, 0.0), draw_of(theta)
    asked = [Target(time, pair)]
    race = plan_sweep(raced(case, pair), [point], asked, np.array([time]), every=True, step=STEP)
    plain = plan_sweep(case, [point], asked, np.array([time]), every=True, step=STEP)
    gated = one._replace(effect=np.append(one.effect, np.ones((1, 1)), axis=1))
    found = np.exp(race.log_likelihood(gated) - plain.log_likelihood(one, [False]))[0]
    told, factors = with_points(record, theta, [point])
    came_first = propagate(case._replace(record=told), factors, [], pair)[FIRST].sum()
    expected = came_first / propagate(case, theta, []).sum()
    assert found == pytest.approx(expected, abs=FINE_GRID)
