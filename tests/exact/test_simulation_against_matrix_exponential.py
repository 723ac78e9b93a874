from itertools import pairwise

import numpy as np
import pytest
from scipy.linalg import expm

from forecast.engine._problem import ONSET, Parameters, Record, Structure
from forecast.engine._simulate import (
    NOT_HELD,
    PathQuestion,
    forecast_along_paths,
    simulate_course,
    wiring,
)
from tests.exact.dense import changed, dense_log_likelihood, generator
from tests.exact.random_networks import HORIZON, random_parameters, random_structure
from tests.tolerances import MONTE_CARLO_Z

PATHS = 4000


def empty() -> Record:
    none = np.zeros(0, dtype=np.int64)
    return Record(none, np.zeros(0), none, np.zeros(0), np.zeros(0), none)


def dense_marginals(structure: Structure, theta: Parameters, time: float) -> np.ndarray:
    n = len(structure.kind)
    states = np.arange(2**n)
    p = np.ones(2**n)
    for i in range(n):
        on = theta.initial[i] if structure.initially[i] < 0 else float(structure.initially[i])
        p *= np.where((states >> i) & 1, on, 1 - on)
    edges = {0.0, time}
    for windows in structure.windows:
        if windows is not None:
            edges |= {float(t) for t in windows.edges if 0 < t < time}
    edges |= {float(t) for times in structure.courses_given.values() for t in times if t < time}
    cuts = sorted(edges)
    for start, end in pairwise(cuts):
        p = p[changed(structure, start, states)]
        p = expm(generator(structure, theta, (start + end) / 2) * (end - start)) @ p
    return np.array([p[(states >> i) & 1 == 1].sum() for i in range(n)])


def starts(structure: Structure, theta: Parameters, rng: np.random.Generator) -> np.ndarray:
    chance = np.where(structure.initially < 0, theta.initial, structure.initially)
    return (rng.uniform(size=(PATHS, len(chance))) < chance).astype(np.int64)


@pytest.mark.parametrize("seed", range(20))
def test_simulated_states_have_the_marginals_of_the_generator(seed: int) -> None:
    rng = np.random.default_rng(seed)
    structure = random_structure(rng, int(rng.integers(2, 6)))
    theta = random_parameters(rng, structure, empty())
    ends = starts(structure, theta, rng)
    w = wiring(structure)
    for path in range(PATHS):
        course = simulate_course(w, theta, ends[path], 0.0, HORIZON, seed * PATHS + path)
        ends[path] = (ends[path] + np.bincount(course.event, minlength=len(ends[path]))) % 2
    expected = dense_marginals(structure, theta, HORIZON)
    error = np.sqrt(expected * (1 - expected) / PATHS)
    close = np.abs(ends.mean(axis=0) - expected) <= MONTE_CARLO_Z * np.maximum(error, 1e-9)
    assert close.all(), (ends.mean(axis=0), expected)


@pytest.mark.parametrize("seed", range(20))
def test_an_onset_integrated_out_along_paths_has_its_exact_chance(seed: int) -> None:
    """Held off while the others run, on cycles as well, and weighed by a later item on another."""
    rng = np.random.default_rng(100 + seed)
    structure = random_structure(rng, 4)
    onsets = np.flatnonzero(structure.kind == ONSET)
    if len(onsets) == 0:
        structure = structure._replace(kind=np.where(np.arange(4) == 0, ONSET, structure.kind))
        structure = structure._replace(
            initially=np.where(np.arange(4) == 0, 0, structure.initially)
        )
        onsets = np.array([0])
    event = int(onsets[0])
    theta = random_parameters(rng, structure, empty())
    states = starts(structure, theta, rng)[:, None, :].repeat(2, axis=1)
    times = np.array([0.3, HORIZON])
    nothing = np.zeros(0, dtype=np.int64)
    question = PathQuestion(
        target=np.array([event]),
        integrated=np.array([1]),
        held=event,
        times=times,
        item_event=nothing,
        item_time=np.zeros(0),
        item=nothing,
    )
    draws = Parameters(*(np.repeat(field[None], PATHS, axis=0) for field in theta))
    halves, _ = forecast_along_paths(
        wiring(structure), question, draws, states, np.ones(PATHS), 0.0, seed
    )
    mean = halves.mean(axis=0)
    for t, time in enumerate(times):
        expected = dense_marginals(structure, theta, float(time))[event]
        error = mean[:, 0, t].std() / np.sqrt(PATHS)
        assert abs(mean[:, 0, t].mean() - expected) <= MONTE_CARLO_Z * error + 1e-12
    assert question.held != NOT_HELD


def test_future_items_weigh_paths_as_they_weigh_the_likelihood() -> None:
    rng = np.random.default_rng(7)
    structure = random_structure(np.random.default_rng(3), 3)
    structure = structure._replace(
        kind=np.zeros(3, dtype=np.int64),
        initially=np.zeros(3, dtype=np.int64),
        windows=(None,) * 3,
    )
    record = empty()._replace(item_event=np.array([0]), item_time=np.array([0.8]))
    theta = random_parameters(rng, structure, record)
    told = np.exp(dense_log_likelihood(structure, record, theta))
    states = np.zeros((PATHS, 4, 3), dtype=np.int64)
    question = PathQuestion(
        target=np.array([0, 1]),
        integrated=np.array([0, 0]),
        held=NOT_HELD,
        times=np.array([0.5]),
        item_event=record.item_event,
        item_time=record.item_time,
        item=np.array([0]),
    )
    draws = Parameters(*(np.repeat(field[None], PATHS, axis=0) for field in theta))
    halves, _ = forecast_along_paths(
        wiring(structure), question, draws, states, np.full(PATHS, told), 0.0, 11
    )
    mean = halves.mean(axis=0)
    for target in (0, 1):
        both = record._replace(item_event=np.array([0, target]), item_time=np.array([0.8, 0.5]))
        sure = theta._replace(factors=np.vstack([theta.factors, [[0.0, 1.0]]]))
        expected = np.exp(dense_log_likelihood(structure, both, sure)) / told
        error = mean[:, target, 0].std() / np.sqrt(PATHS)
        assert abs(mean[:, target, 0].mean() - expected) <= MONTE_CARLO_Z * error
