"""Facts that depend on facts: filter, elimination and slopes against dense references."""

import numpy as np
import pytest

from forecast.engine._components import JoinedPlan, build_plans
from forecast.engine._elimination import FactPlan, fact_plan
from forecast.engine._likelihood import (
    fact_chances,
    live_at,
    log_likelihood,
    log_likelihoods,
    swept,
    value_and_gradient,
)
from forecast.engine._problem import Floats, Ints, Parameters, Record, Structure
from forecast.engine._relevance import Target, nets_of
from forecast.engine._specification import log_likelihood as specified
from forecast.engine._start import drawn_start
from forecast.engine.paths import from_lists, make_sampler
from forecast.engine.paths._likelihood import path_log_likelihood
from tests.exact.dense import dense_log_likelihood, started
from tests.exact.joint_starts import joint_problem
from tests.exact.slopes import wrong_slopes
from tests.exact.test_paths_against_matrix_exponential import (
    TIMES,
    largest_z,
    on_given_all,
    sampled,
)
from tests.tolerances import MONTE_CARLO_Z

STEP = 1 / 2000
FINE = 2e-5


def one(theta: Parameters) -> Parameters:
    return Parameters(*(field[None] for field in theta))


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_the_filter_agrees_with_the_matrix_exponential(first: int) -> None:
    for seed in range(first, first + 20):
        structure, record, theta = joint_problem(np.random.default_rng(seed), static=seed % 4 == 0)
        dense = dense_log_likelihood(structure, record, theta)
        plans = build_plans(structure, record, max_step=STEP, eliminate=False)
        assert log_likelihood(plans, theta) == pytest.approx(dense, abs=FINE), seed
        for built in (plans, build_plans(structure, record, max_step=STEP)):
            found = log_likelihoods(built, one(theta)).sum()
            assert found == pytest.approx(dense, abs=FINE), seed
        assert specified(structure, record, theta, STEP) == pytest.approx(dense, abs=FINE), seed


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_smoothed_chances_agree_with_the_matrix_exponential(first: int) -> None:
    joined = 0
    for seed in range(first, first + 20):
        structure, record, theta = possible(seed)
        exact = on_given_all(structure, record, theta)
        for event in range(len(structure.kind)):
            asked = [Target(time, (event,)) for time in TIMES]
            for plan in build_plans(structure, record, max_step=STEP, targets=asked):
                joined += isinstance(plan, JoinedPlan)
                times = [time for time in TIMES if event in live_at(plan, time)]
                states, _ = swept(plan, one(theta), np.array(times))
                for time, chances in zip(times, states, strict=True):
                    bit = live_at(plan, time).index(event)
                    on = chances[(np.arange(len(chances)) >> bit) & 1 == 1].sum()
                    assert on == pytest.approx(exact[TIMES.index(time), event], abs=FINE), seed
    assert joined > 5


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_slopes_equal_central_differences(first: int) -> None:
    for seed in range(first, first + 20):
        structure, record, theta = joint_problem(np.random.default_rng(seed), most=5)
        plans = build_plans(structure, record, max_step=1 / 50, eliminate=False)
        _, gradient = value_and_gradient(plans, theta)
        assert list(wrong_slopes(plans, theta, gradient)) == [], seed


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_elimination_agrees_with_the_filter_and_with_enumeration(first: int) -> None:
    for seed in range(first, first + 20):
        rng = np.random.default_rng(seed)
        structure, record, theta = joint_problem(rng, static=True)
        several = many(rng, theta, 3)
        plans = build_plans(structure, record, max_step=STEP)
        told_of = len(record.item_event) + len(record.known_event) > 0
        assert any(isinstance(plan, FactPlan) for plan in plans) == told_of
        found = log_likelihoods(plans, several).sum(axis=1)
        for d in range(3):
            own = Parameters(*(field[d] for field in several))
            dense = dense_log_likelihood(structure, record, own)
            assert found[d] == pytest.approx(dense, abs=1e-9), seed


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_chances_and_joint_chances_agree_with_enumeration(first: int) -> None:
    for seed in range(first, first + 20):
        rng = np.random.default_rng(seed)
        structure, record, theta = joint_problem(rng, static=True)
        mass = told(structure, record, theta)
        if mass.sum() == 0:
            continue
        events = tuple(np.flatnonzero(structure.start.tied).tolist())
        target = Target(0.5, events)
        states = np.arange(len(mass))
        for plan in build_plans(structure, record, max_step=STEP, targets=[target]):
            if not isinstance(plan, FactPlan):
                continue
            live = plan.live_at(0.5)
            if not live:
                continue
            for event, chance in plan.chances(one(theta), live).items():
                on = mass[(states >> event) & 1 == 1].sum() / mass.sum()
                assert chance == pytest.approx([on], abs=1e-9), seed
            pair = rng.choice(live, size=min(2, len(live)), replace=False).tolist()
            joint = plan.joint(one(theta), pair)[:, 0]
            mine = sum(((states >> event) & 1) << bit for bit, event in enumerate(pair))
            wanted = np.bincount(mine, mass, 2 ** len(pair)) / mass.sum()
            assert joint == pytest.approx(wanted, abs=1e-9), seed


def many(rng: np.random.Generator, theta: Parameters, draws: int) -> Parameters:
    """Draws that differ in some of the chances at the start and in what items say."""
    initial = np.repeat(theta.initial[None], draws, axis=0)
    some = (rng.random(initial.shape[1]) < 0.5) & (theta.initial < 1)
    initial[:, some] = rng.uniform(0.1, 0.9, (draws, some.sum()))
    whole = Parameters(*(np.repeat(field[None], draws, axis=0) for field in theta))
    factors = rng.uniform(0.05, 0.95, whole.factors.shape)
    return whole._replace(initial=initial, factors=factors)


def told(structure: Structure, record: Record, theta: Parameters) -> Floats:
    """The mass of each joint state, with all that is told of facts."""
    mass, states = started(structure, theta), np.arange(2 ** len(structure.kind))
    for event, says in zip(record.item_event, theta.factors, strict=True):
        mass = mass * says[(states >> event) & 1]
    for event, _, _, value in record.known:
        mass = mass * ((states >> event) & 1 == value)
    return mass


def possible(seed: int) -> tuple[Structure, Record, Parameters]:
    """The first problem of a seed whose evidence is possible."""
    rng = np.random.default_rng(seed)
    while True:
        structure, record, theta = joint_problem(rng, most=5, static=seed % 4 == 0)
        if np.isfinite(dense_log_likelihood(structure, record, theta)):
            return structure, record, theta


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("seed", range(24))
def test_the_path_sampler_agrees_with_the_matrix_exponential(seed: int, size: int) -> None:
    structure, record, theta = possible(seed)
    states = sampled(make_sampler(structure, record, size), theta, 800)
    assert largest_z(states, on_given_all(structure, record, theta)) < MONTE_CARLO_Z


@pytest.mark.parametrize("seed", range(24))
def test_the_likelihood_given_paths_has_the_chances_at_the_start(seed: int) -> None:
    """With all paths but the start alike, likelihoods differ as the chances of the starts do."""
    structure, record, theta = possible(seed)
    nothing = record._replace(
        **{name: getattr(record, name)[:0] for name in SPANS}, item_from=None
    ).with_items([])
    events = np.flatnonzero(structure.start.tied)
    sampler = make_sampler(structure, told_at_last(nothing, events))
    states, mass = np.arange(2 ** len(structure.kind)), started(structure, theta)
    whole = theta._replace(factors=np.ones((len(events), 2)))
    for state in np.flatnonzero(mass)[:40]:
        initial = (state >> np.arange(len(structure.kind))) & 1
        paths = from_lists(structure.kind, initial, [[] for _ in initial])
        stats = sampler.statistics(paths)
        here = np.all([((states >> e) & 1) == initial[e] for e in events], axis=0)
        assert path_log_likelihood(stats, whole) == pytest.approx(np.log(mass[here].sum()))


SPANS = ("known_event", "known_from", "known_to", "known_value")


def told_at_last(record: Record, events: Ints) -> Record:
    """The record with an item on each event, which says nothing."""
    return record._replace(
        item_event=events, item_time=np.full(len(events), 0.5), item_from=None, tally=None
    )


@pytest.mark.parametrize("seed", range(8))
def test_worlds_start_as_often_as_the_joint_start_says(seed: int) -> None:
    structure, _, theta = joint_problem(np.random.default_rng(seed))
    rng, number = np.random.default_rng(seed), 20_000
    bits = 1 << np.arange(len(structure.kind))
    found = np.array(
        [
            drawn_start(structure, theta.initial, rng.uniform(size=len(bits))) @ bits
            for _ in range(number)
        ]
    )
    wanted = started(structure, theta)
    share = np.bincount(found, minlength=len(wanted)) / number
    error = np.sqrt(np.maximum(wanted * (1 - wanted), 1 / number) / number)
    assert (share[wanted == 0] == 0).all()
    assert (np.abs(share - wanted) / error).max() < MONTE_CARLO_Z


@pytest.mark.parametrize("seed", range(12))
def test_drawn_facts_are_as_frequent_as_enumeration_says(seed: int) -> None:
    """Also with the values of some facts given, which are drawn first and held."""
    rng = np.random.default_rng(seed)
    structure, record, theta = joint_problem(rng, static=True)
    start, mass = structure.start, told(structure, record, theta)
    assert start is not None
    if mass.sum() == 0:
        return
    states, number = np.arange(len(mass)), 20_000
    for net in nets_of(structure):
        plan = fact_plan(structure, record, frozenset(net), ())
        first = start.values_of(int(net[0]))
        bits = {event: (states >> event) & 1 for event in net}
        cells = sum(bits[event] << bit for bit, event in enumerate(net))
        wanted = np.bincount(cells, mass, 2 ** len(net)) / mass.sum()
        before = rng.choice(len(mass), size=number, p=mass / mass.sum())
        for given in ({}, {event: bits[event][before] for event in first}):
            owner = np.zeros(number, dtype=np.int64)
            drawn = plan.drawn(one(theta), owner, given, rng)
            found = sum(drawn[event] << bit for bit, event in enumerate(net))
            share = np.bincount(found, minlength=len(wanted)) / number
            error = np.sqrt(np.maximum(wanted * (1 - wanted), 1 / number) / number)
            assert (share[wanted == 0] == 0).all()
            assert (np.abs(share - wanted) / error).max() < MONTE_CARLO_Z
            assert all((drawn[event] == value).all() for event, value in given.items())


@pytest.mark.parametrize("seed", range(24))
def test_facts_of_mixed_components_have_the_chances_of_enumeration(seed: int) -> None:
    structure, record, theta = possible(seed)
    exact = on_given_all(structure, record, theta)[0]
    facts = np.flatnonzero(structure.start.tied).tolist()
    plans = build_plans(structure, record, max_step=STEP)
    found = fact_chances(plans, one(theta), facts)
    for event, chance in found.items():
        assert chance[0] == pytest.approx(exact[event], abs=FINE)
