"""Paths as arrays: their likelihood and its gradient, first paths, blocks, and bookkeeping."""

import itertools

import numpy as np
import pytest

from forecast.engine._problem import (
    CAUSES,
    FACT,
    MULTIPLIES,
    ONSET,
    PREVENTS,
    REQUIRES,
    STATE,
    UNCERTAIN,
    Parameters,
    Record,
    Structure,
    Windows,
)
from forecast.engine.paths import (
    ImpossibleRecord,
    Paths,
    PathSampler,
    make_sampler,
    path_log_likelihood,
    path_log_likelihood_and_gradient,
    states_at,
    to_lists,
)
from forecast.engine.paths._blocks import blocks, uncertain_events
from tests.exact.carried_on import carried_on
from tests.exact.random_networks import HORIZON, random_problem, watched_problem
from tests.tolerances import GRADIENT, LOG_PROBABILITY

type Span = tuple[int, float, float, int]


def record_of(*spans: Span, items: tuple[tuple[int, float], ...] = ()) -> Record:
    columns = list(zip(*spans, strict=True)) or [(), (), (), ()]
    return Record(
        item_event=np.array([event for event, _ in items], dtype=np.int64),
        item_time=np.array([time for _, time in items], dtype=np.float64),
        known_event=np.array(columns[0], dtype=np.int64),
        known_from=np.array(columns[1], dtype=np.float64),
        known_to=np.array(columns[2], dtype=np.float64),
        known_value=np.array(columns[3], dtype=np.int64),
    )


def structure_of(
    kind: list[int],
    *links: tuple[int, int, int],
    windows: tuple[Windows | None, ...] | None = None,
) -> Structure:
    return Structure(
        kind=np.array(kind),
        initially=np.array([UNCERTAIN if k == FACT else 0 for k in kind]),
        link_kind=np.array([link[0] for link in links], dtype=np.int64),
        link_parent=np.array([link[1] for link in links], dtype=np.int64),
        link_child=np.array([link[2] for link in links], dtype=np.int64),
        windows=windows or (None,) * len(kind),
        horizon=HORIZON,
    )


def ones(structure: Structure, record: Record) -> Parameters:
    n = len(structure.kind)
    return Parameters(
        np.ones(n),
        np.ones(n),
        np.full(n, 0.5),
        np.full(len(structure.link_kind), 2.0),
        np.full((len(record.item_event), 2), 0.5),
    )


def on_rate(structure: Structure, theta: Parameters, event: int, x: np.ndarray, t: float) -> float:
    rate, factor = theta.base_rate[event], structure.weight(event, t)
    for link in np.flatnonzero(structure.link_child == event):
        kind, on = structure.link_kind[link], x[structure.link_parent[link]]
        if kind == CAUSES and on:
            rate += theta.effect[link]
        elif kind == MULTIPLIES and on:
            factor *= theta.effect[link]
        elif (kind == REQUIRES and not on) or (kind == PREVENTS and on):
            factor = 0.0
    return float(rate * factor)


def by_force(
    structure: Structure, record: Record, theta: Parameters, paths: Paths, end: np.ndarray
) -> float:
    """The log density, from the definition: one event and one stretch of time after another."""
    jumps = to_lists(paths)
    edges = {0.0, *end[end >= 0], *(t for times in jumps for t in times)}
    for windows in structure.windows:
        edges |= set() if windows is None else {t for t in windows.edges.tolist() if t > 0}
    cuts = sorted(edges)
    total = 0.0
    for event in np.flatnonzero(end >= 0):
        if structure.initially[event] == UNCERTAIN:
            on = theta.initial[event]
            total += np.log(on if paths.initial[event] else 1 - on)
        if structure.kind[event] == FACT:
            continue
        for start, stop in itertools.pairwise(cuts):
            if stop > end[event]:
                break
            x = states_at(paths, start)
            rate = on_rate(structure, theta, event, x, (start + stop) / 2)
            if x[event]:
                rate = theta.off_rate[event] if structure.kind[event] == STATE else 0.0
            total -= rate * (stop - start)
            if stop in jumps[event]:
                total += np.log(rate)
    for item, event in enumerate(record.item_event):
        first, last = record.first_time[item], record.item_time[item]
        if first == last:
            total += np.log(theta.factors[item, states_at(paths, last)[event]])
            continue
        turns = [first, *(t for t in jumps[event] if first < t < last), last]
        for start, stop in itertools.pairwise(turns):
            share = (stop - start) / (last - first)
            total += share * np.log(theta.factors[item, states_at(paths, start)[event]])
    return float(total)


def some_paths(seed: int) -> tuple[Structure, Record, Parameters, PathSampler, Paths]:
    structure, record, theta = watched_problem(np.random.default_rng(seed))
    sampler = make_sampler(structure, record, 3)
    paths = sampler.initial(theta, seed)
    for i in range(3):
        paths = sampler.sweep(theta, paths, i)
    return structure, record, theta, sampler, paths


@pytest.mark.parametrize("seed", range(40))
def test_likelihood_given_paths_agrees_with_its_definition(seed: int) -> None:
    structure, record, theta, sampler, paths = some_paths(seed)
    expected = by_force(structure, record, theta, paths, sampler.marks.end)
    got = path_log_likelihood(sampler.statistics(paths), theta)
    assert got == pytest.approx(expected, abs=LOG_PROBABILITY)


@pytest.mark.parametrize("seed", range(20))
def test_gradient_given_paths_agrees_with_finite_differences(seed: int) -> None:
    *_, theta, sampler, paths = some_paths(seed)
    stats = sampler.statistics(paths)
    slope = Parameters(*(np.zeros_like(field) for field in theta))
    value = path_log_likelihood_and_gradient(stats, theta, slope)
    assert value == path_log_likelihood(stats, theta)
    for name in Parameters._fields:
        for index in np.ndindex(getattr(theta, name).shape):
            both = []
            for step in (1e-5, -1e-5):
                moved = getattr(theta, name).copy()
                moved[index] += step
                both.append(path_log_likelihood(stats, theta._replace(**{name: moved})))
            assert getattr(slope, name)[index] == pytest.approx(
                (both[0] - both[1]) / 2e-5, rel=GRADIENT, abs=GRADIENT
            )


def test_the_statistics_do_not_grow_with_time() -> None:
    structure = structure_of([STATE, ONSET], (CAUSES, 0, 1))
    record = record_of((1, 0.0, 1.0, 0))
    sampler = make_sampler(structure, record)
    theta = ones(structure, record)._replace(base_rate=np.array([80.0, 1.0]))
    theta.off_rate[:] = 80.0
    paths = sampler.sweep(theta, sampler.initial(theta, 0), 1)
    assert paths.jumps[0] > 30
    assert len(sampler.statistics(paths).row_event) == 3  # the state; the onset with it on, and off


@pytest.mark.parametrize("seed", range(30))
def test_no_sweep_leaves_what_is_known(seed: int) -> None:
    _, record, theta, sampler, paths = some_paths(seed)
    for i in range(20):
        paths = sampler.sweep(theta, paths, i)
        assert not sampler.statistics(paths).broken.any()
        for event, start, stop, value in zip(
            record.known_event, record.known_from, record.known_to, record.known_value, strict=True
        ):
            assert states_at(paths, start)[event] == value
            assert states_at(paths, min(stop, HORIZON))[event] == value


def test_paths_against_what_is_known_have_no_likelihood() -> None:
    structure = structure_of([ONSET, ONSET], (REQUIRES, 0, 1))
    record = record_of((1, 0.0, 0.5, 0), (1, 0.6, np.inf, 1))
    sampler = make_sampler(structure, record)
    theta = ones(structure, record)
    paths = sampler.initial(theta, 0)
    assert np.isfinite(path_log_likelihood(sampler.statistics(paths), theta))
    never = paths._replace(jumps=np.zeros(2, dtype=np.int64))
    assert sampler.statistics(never).broken.tolist() == [0, 1]
    assert path_log_likelihood(sampler.statistics(never), theta) == -np.inf
    without = paths._replace(jumps=np.array([0, 1]))  # it starts though what it requires does not
    assert path_log_likelihood(sampler.statistics(without), theta) == -np.inf


def test_the_same_seed_gives_the_same_paths_and_leaves_the_old_ones_alone() -> None:
    *_, theta, sampler, paths = some_paths(3)
    before = [field.copy() for field in paths]
    one, two = sampler.sweep(theta, paths, 5), sampler.sweep(theta, paths, 5)
    assert to_lists(one) == to_lists(two)
    assert all(np.array_equal(a, b) for a, b in zip(paths, before, strict=True))


def test_events_that_bear_no_evidence_and_influence_none_wait() -> None:
    structure = structure_of([ONSET] * 4, (CAUSES, 0, 1), (CAUSES, 1, 2))
    sampler = make_sampler(structure, record_of(items=((1, 0.7),)))
    assert sampler.marks.end.tolist() == [0.7, 0.7, -1.0, -1.0]
    assert uncertain_events(sampler.marks) == [0, 1]


def test_a_far_item_does_not_lengthen_paths_that_it_does_not_depend_on() -> None:
    structure = structure_of([ONSET] * 3, (CAUSES, 0, 1))
    sampler = make_sampler(structure, record_of(items=((1, 0.3), (2, 0.9))))
    assert sampler.marks.end.tolist() == [0.3, 0.3, 0.9]


def test_completed_paths_keep_what_was_sampled() -> None:
    _, record, theta, sampler, paths = some_paths(3)
    whole = carried_on(sampler, theta, paths, HORIZON, 1)
    for event, end in enumerate(sampler.marks.end):
        if end >= 0:
            kept = [t for t in to_lists(whole)[event] if t < end]
            assert kept == [t for t in to_lists(paths)[event] if t < end]
    assert len(record.item_event) >= 0


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("size", [1, 3, 8])
def test_every_layer_holds_every_uncertain_event_and_every_link_lies_in_a_block(
    seed: int, size: int
) -> None:
    structure, record, _ = random_problem(np.random.default_rng(seed))
    problem = make_sampler(structure, record).marks
    free = set(uncertain_events(problem))
    layers = blocks(problem, size, 3)
    for layer in layers:
        assert {event for block in layer for event in block} == free
        assert all(len(block) <= max(size, 1) for block in layer)
    if size > 1:
        together = {
            (a, b) for layer in layers for block in layer for a in block for b in block if a != b
        }
        for parent, child in zip(structure.link_parent, structure.link_child, strict=True):
            if {int(parent), int(child)} <= free and problem.end[child] >= 0:
                assert (parent, child) in together


def test_events_that_no_link_joins_are_redrawn_alone() -> None:
    structure = structure_of([ONSET, STATE, FACT])
    sampler = make_sampler(structure, record_of(items=((0, 0.2), (1, 0.3), (2, 0.4))))
    assert sampler.blocks.size.tolist() == [1, 1, 1]


def test_a_first_path_is_found_up_a_long_ladder_of_requirements() -> None:
    rungs = 30
    structure = structure_of(
        [ONSET] * rungs, *((REQUIRES, rung, rung + 1) for rung in range(rungs - 1))
    )
    record = record_of((rungs - 1, 0.0, 0.9, 0), (rungs - 1, 0.95, np.inf, 1))
    sampler = make_sampler(structure, record)
    theta = ones(structure, record)
    paths = sampler.initial(theta, 1)
    assert not sampler.statistics(paths).broken.any()
    assert np.all(np.diff(paths.time[paths.first[:-1]]) > 0)


def test_a_first_path_is_found_through_windows_and_preventing_events() -> None:
    open_late = Windows(np.array([0.7, 0.8]), np.array([0.0, 1.0, 0.0]))
    structure = structure_of(
        [STATE, ONSET, FACT], (PREVENTS, 0, 1), (REQUIRES, 2, 1), windows=(None, open_late, None)
    )
    record = record_of((0, 0.3, 0.7, 1), (0, 0.82, 0.9, 1), (1, 0.9, np.inf, 1))
    sampler = make_sampler(structure, record)
    paths = sampler.initial(ones(structure, record), 1)
    assert 0.7 < to_lists(paths)[1][0] < 0.8
    assert states_at(paths, to_lists(paths)[1][0])[0] == 0
    assert paths.initial[2] == 1


IMPOSSIBLE: dict[str, tuple[Structure, Record, tuple[int, ...]]] = {
    "two states at once": (
        structure_of([STATE]), record_of((0, 0.1, 0.5, 1), (0, 0.5, 0.8, 0)), (0,)),
    "an onset that ends": (
        structure_of([ONSET]), record_of((0, 0.1, 0.5, 1), (0, 0.6, 0.8, 0)), (0,)),
    "a fact that changes": (
        structure_of([FACT]), record_of((0, 0.1, 0.1, 1), (0, 0.6, 0.8, 0)), (0,)),
    "a closed calendar": (
        structure_of([ONSET], windows=(Windows(np.array([0.5]), np.array([0.0, 1.0])),)),
        record_of((0, 0.4, np.inf, 1)), (0,)),
    "a closed gate": (
        structure_of([ONSET, ONSET], (REQUIRES, 0, 1)),
        record_of((0, 0.0, 0.8, 0), (1, 0.7, np.inf, 1)), (1,)),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_record_names_its_events(name: str) -> None:
    structure, record, events = IMPOSSIBLE[name]
    with pytest.raises(ImpossibleRecord, match="agrees with what is known") as caught:
        make_sampler(structure, record).initial(ones(structure, record), 0)
    assert caught.value.events == events


def test_an_item_that_cannot_be_said_of_one_state_settles_the_other() -> None:
    structure = structure_of([ONSET, FACT], (REQUIRES, 1, 0))
    record = record_of(items=((0, 0.5),))
    sampler = make_sampler(structure, record)
    theta = ones(structure, record)
    theta.factors[0] = [0.0, 0.7]
    paths = sampler.initial(theta, 0)
    for i in range(50):
        paths = sampler.sweep(theta, paths, i)
        assert states_at(paths, 0.5).tolist() == [1, 1]


def test_a_state_that_comes_and_goes_often_outgrows_its_room() -> None:
    structure = structure_of([STATE, STATE], (CAUSES, 0, 1))
    record = record_of(items=((0, 1.0), (1, 1.0)))
    sampler = make_sampler(structure, record)
    theta = ones(structure, record)._replace(base_rate=np.full(2, 300.0))
    theta.off_rate[:] = 300.0
    paths = sampler.sweep(theta, sampler.initial(theta, 0), 1)
    for i in range(5):
        paths = sampler.sweep(theta, paths, i)
    assert np.all(np.abs(paths.jumps - 300) < 90)
    for times in to_lists(paths):
        assert np.all(np.diff(times) > 0)
