"""Courses of events in their two forms, and the chances that are read off them."""

import numpy as np
import pytest

from forecast.engine._course import (
    Courses,
    chosen,
    from_lists,
    joined,
    spliced,
    states_at,
    to_lists,
)
from forecast.engine._problem import CAUSES, FACT, ONSET, STATE, Parameters, Structure, Windows
from forecast.engine._simulate import simulate_courses, wiring
from forecast.engine.paths import make_sampler
from forecast.engine.paths._futures import chances_ahead, sample_futures
from tests.engine.test_paths import ones, record_of, structure_of
from tests.tolerances import SAME_ALGEBRA

TWO = Courses(
    initial=np.array([[0, 1, 0], [1, 0, 0]]),
    first=np.array([0, 3, 4]),
    time=np.array([0.2, 0.5, 0.7, 0.4]),
    event=np.array([0, 1, 1, 2]),
)


def test_an_event_is_on_from_its_jump_on() -> None:
    assert TWO.on(0, 0.199).tolist() == [False, True]
    assert TWO.on(0, 0.2).tolist() == [True, True]
    assert TWO.on(1, 0.5).tolist() == [False, False]
    assert TWO.on(1, 0.7).tolist() == [True, False]
    assert TWO.on(2, 0.4).tolist() == [False, True]


def test_an_onset_is_the_first_jump_of_what_begins_off() -> None:
    assert TWO.onset(0).tolist() == [0.2, -np.inf]
    assert TWO.onset(2).tolist() == [np.inf, 0.4]


def test_states_are_those_of_all_events_together() -> None:
    for time in (0.0, 0.2, 0.45, 0.5, 0.7):
        expected = np.stack([TWO.on(event, time) for event in range(3)], axis=1)
        assert TWO.states(time).tolist() == expected.astype(int).tolist()


def test_courses_are_taken_by_row_once_or_several_times() -> None:
    found = chosen(TWO, np.array([1, 0, 1]))
    assert found.first.tolist() == [0, 1, 4, 5]
    assert found.time.tolist() == [0.4, 0.2, 0.5, 0.7, 0.4]
    assert found.event.tolist() == [2, 0, 1, 1, 2]
    assert found.initial.tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0]]


def test_spliced_courses_are_one_before_a_time_and_another_after_it() -> None:
    """Event 2 of the first course and event 0 of the second turn as the others take over."""
    after = Courses(
        initial=np.array([[1, 0, 1], [0, 0, 1]]),
        first=np.array([0, 1, 2]),
        time=np.array([0.8, 0.9]),
        event=np.array([1, 1]),
    )
    found = spliced(TWO, after, 0.6)
    assert found.first.tolist() == [0, 4, 7]
    for time in (0.0, 0.2, 0.45, 0.5, 0.59):
        assert found.states(time).tolist() == TWO.states(time).tolist()
    for time in (0.6, 0.8, 0.85, 0.95):
        assert found.states(time).tolist() == after.states(time).tolist()
    assert found.onset(2).tolist() == [0.6, 0.4]
    assert (np.diff(found.time)[[0, 1, 2, 4, 5]] >= 0).all()


def test_joined_courses_are_those_that_were_joined() -> None:
    whole = joined([TWO, TWO])
    for event in range(3):
        for time in (0.2, 0.45, 0.7):
            assert whole.on(event, time).tolist() == 2 * TWO.on(event, time).tolist()
        assert whole.onset(event).tolist() == 2 * TWO.onset(event).tolist()


def test_paths_go_from_lists_to_lists_and_say_what_is_on() -> None:
    jumps = [[0.2, 0.5, 0.6], [], [0.3]]
    paths = from_lists(np.array([STATE, FACT, ONSET]), np.array([0, 1, 0]), jumps)
    assert to_lists(paths) == jumps
    assert states_at(paths, 0.2).tolist() == [1, 1, 0]
    assert states_at(paths, 0.5).tolist() == [0, 1, 1]
    assert states_at(paths, 0.9).tolist() == [1, 1, 1]


def of_draws(theta: Parameters, draws: int) -> Parameters:
    return Parameters(*(np.stack([field] * draws) for field in theta))


def test_what_changes_from_outside_changes_the_rates_of_its_children() -> None:
    """The effect starts at a rate of 0 until its cause is forced on, and at once thereafter."""
    structure = structure_of([STATE, ONSET], (CAUSES, 0, 1))
    theta = ones(structure, record_of())._replace(base_rate=np.zeros(2), effect=np.array([1e6]))
    first = 2 * np.arange(7)  # two changes in each of six courses
    forced = first, np.tile([0.3, 0.6], 6), np.zeros(12, dtype=np.int64)
    states = np.zeros((2, 3, 2), dtype=np.int64)
    courses = simulate_courses(
        wiring(structure, [1]), of_draws(theta, 2), states, (0.0, 1.0), forced, 1, (0, 6)
    )
    assert courses.on(0, 0.45).all()
    assert not courses.on(0, 0.6).any()
    np.testing.assert_allclose(courses.onset(1), 0.3, atol=1e-3)


def test_each_draw_has_its_own_parameters() -> None:
    structure = structure_of([ONSET])
    theta = of_draws(ones(structure, record_of()), 2)._replace(base_rate=np.array([[0.0], [1e6]]))
    states = np.zeros((2, 2, 1), dtype=np.int64)
    nothing = np.zeros(5, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64)
    courses = simulate_courses(wiring(structure), theta, states, (0.0, 1.0), nothing, 1, (0, 4))
    assert courses.on(0, 1.0).tolist() == [False, False, True, True]


def futures(structure: Structure, theta: Parameters) -> tuple[Courses, np.ndarray]:
    """Futures of two draws, and the chance of the last event at two times, integrated out."""
    record = record_of(items=((0, 0.2),))
    sampler = make_sampler(structure, record)
    both, starts = of_draws(theta, 2), [sampler.initial(theta, 1)] * 2
    found = sample_futures(sampler, both, starts, (2, 2), 1.0, [1, 2])
    event = len(structure.kind) - 1
    aims = np.array([event]), np.ones(1, dtype=np.int64)
    times = np.array([0.45, 0.9])
    chances = chances_ahead(sampler.marks, both, found, aims, 0.0, times, np.arange(2), 2).swapaxes(
        0, 1
    )
    return found, chances


def test_futures_are_in_order_of_time_and_one_after_the_other() -> None:
    structure = structure_of([STATE, STATE, STATE], (CAUSES, 0, 1), (CAUSES, 1, 2))
    theta = ones(structure, record_of(items=((0, 0.2),)))
    theta.base_rate[:], theta.off_rate[:] = 20.0, 20.0
    found, _ = futures(structure, theta)
    assert found.first[0] == 0
    assert found.first[-1] == len(found.time) > 100
    assert (found.time[found.event == 0] > 0.2).sum() > 30  # beyond the last that is told of it
    for a, b in zip(found.first[:-1], found.first[1:], strict=True):
        assert (np.diff(found.time[a:b]) > 0).all()


def test_a_chance_ahead_integrates_the_calendar_and_the_parents() -> None:
    """Exact along each course: the rate is 0, then doubled, and is higher while its cause is on."""
    calendar = Windows(np.array([0.3, 0.6]), np.array([0.0, 2.0, 1.0]))
    structure = structure_of([STATE, ONSET, ONSET], (CAUSES, 0, 2), windows=(None, None, calendar))
    theta = ones(structure, record_of(items=((0, 0.2),)))._replace(effect=np.array([0.8]))
    theta.base_rate[0], theta.off_rate[0] = 6.0, 6.0
    found, chances = futures(structure, theta)
    fine = np.linspace(0.0, 0.9, 90_001)
    middle = (fine[:-1] + fine[1:]) / 2
    weight = np.array([0.0, 2.0, 1.0])[np.searchsorted([0.3, 0.6], middle)]
    on = np.array([found.on(0, time) for time in middle[::9]]).repeat(9, axis=0)
    hazard = np.cumsum(weight[:, None] * (1.0 + 0.8 * on) * np.diff(fine)[:, None], axis=0)
    expected = 1 - np.exp(-hazard[[44_999, 89_999]])  # (time, course)
    expected = expected.reshape(2, 2, 2, 2).mean(axis=3).transpose(2, 1, 0)
    assert chances[:, :, 0] == pytest.approx(expected, abs=1e-3)


def test_without_uncertain_parents_a_chance_ahead_is_a_formula() -> None:
    calendar = Windows(np.array([0.3, 0.6]), np.array([0.0, 2.0, 1.0]))
    structure = structure_of([ONSET, ONSET], windows=(None, calendar))
    theta = ones(structure, record_of(items=((0, 0.2),)))
    _, chances = futures(structure, theta)
    expected = [1 - np.exp(-2 * 0.15), 1 - np.exp(-2 * 0.3 - 0.3)]
    np.testing.assert_allclose(
        chances[:, :, 0], np.broadcast_to(expected, (2, 2, 2)), rtol=SAME_ALGEBRA
    )
