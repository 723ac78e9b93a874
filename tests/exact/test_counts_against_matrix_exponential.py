"""Paths given counts, against the matrix exponential of joint states and a counter."""

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import poisson

from forecast.engine._problem import Floats, Parameters, Record, Structure
from forecast.engine.paths import (
    make_sampler,
    path_log_likelihood,
    path_log_likelihood_and_gradient,
    states_at,
)
from tests.exact.carried_on import carried_on
from tests.exact.dense import generator
from tests.exact.random_networks import HORIZON, random_parameters, random_record, random_structure
from tests.exact.test_paths_against_matrix_exponential import largest_z
from tests.tolerances import GRADIENT, LOG_PROBABILITY, MONTE_CARLO_Z

TIMES = (0.2, 0.45, 0.7, HORIZON)
FIRST, LAST = 0.2, 0.7  # the window


def counting_problem(
    seed: int, number: int, ratio: float
) -> tuple[Structure, Record, Parameters, int]:
    """A random network without windows or known spans, and a count on one of its events."""
    rng = np.random.default_rng(seed)
    structure = random_structure(rng, int(rng.integers(1, 4)))
    structure = structure._replace(windows=(None,) * len(structure.kind))
    record = random_record(rng, structure)
    event = int(rng.integers(len(structure.kind)))
    nothing = np.zeros(0, dtype=np.int64)
    record = record._replace(
        item_event=np.array([event]), item_time=np.array([LAST]), item_from=np.array([FIRST]),
        tally=np.array([number]), known_event=nothing, known_from=np.zeros(0),
        known_to=np.zeros(0), known_value=nothing,
    )  # fmt: skip
    theta = random_parameters(rng, structure, record)
    expected = np.array([number / ratio, number * ratio]) + 0.2
    theta = theta._replace(factors=expected[None])
    return structure, record, theta, event


def on_given_count(structure: Structure, theta: Parameters, event: int, number: int) -> Floats:
    """P(event on at t | the number counted), shape (time, event)."""
    n = len(structure.kind)
    states = np.arange(2**n)
    q = generator(structure, theta, 0.5).T  # from row to column
    rate = theta.factors[0][(states >> event) & 1] / (LAST - FIRST)
    size = 2**n

    def counter(length: float) -> Floats:
        """P(state, number more | state) over part of the window, shape (from, number, to)."""
        big = np.kron(np.eye(number + 1), q - np.diag(rate))
        big += np.kron(np.eye(number + 1, k=1), np.diag(rate))
        return expm(big * length)[:size].reshape(size, number + 1, size)

    start = np.ones(size)
    for e in range(n):
        on = theta.initial[e] if structure.initially[e] < 0 else float(structure.initially[e])
        start *= np.where((states >> e) & 1, on, 1 - on)
    before = start @ expm(q * FIRST)
    out = np.empty((len(TIMES), n))
    whole = np.einsum("s,skt->kt", before, counter(LAST - FIRST))[number]
    for k, time in enumerate(TIMES):
        if time <= FIRST:
            joint = before * counter(LAST - FIRST)[:, number].sum(axis=1)
        elif time < LAST:
            first = np.einsum("s,skt->kt", before, counter(time - FIRST))  # (number, state)
            rest = counter(LAST - time).sum(axis=2)  # (state, number)
            joint = sum(first[j] * rest[:, number - j] for j in range(number + 1))  # type: ignore[assignment]
        else:
            joint = whole @ expm(q * (time - LAST))
        joint = joint / joint.sum()
        out[k] = [joint[(states >> e) & 1 == 1].sum() for e in range(n)]
    return out


@pytest.mark.parametrize(("number", "ratio"), [(0, 1.5), (3, 2.0), (12, 1.5), (12, 3.0)])
@pytest.mark.parametrize("seed", range(4))
def test_marginals_given_a_count_agree(seed: int, number: int, ratio: float) -> None:
    structure, record, theta, event = counting_problem(seed, number, ratio)
    sampler = make_sampler(structure, record, 1 + seed % 3)
    paths = sampler.initial(theta, seed)
    states = np.empty((3000, len(TIMES), len(structure.kind)))
    for i in range(len(states)):
        paths = sampler.sweep(theta, paths, 2 * i + 1)
        whole = carried_on(sampler, theta, paths, HORIZON, 2 * i)
        states[i] = [states_at(whole, time) for time in TIMES]
    assert largest_z(states, on_given_count(structure, theta, event, number)) < MONTE_CARLO_Z


@pytest.mark.parametrize("seed", range(6))
def test_a_count_is_poisson_by_the_share_of_its_window(seed: int) -> None:
    structure, record, theta, event = counting_problem(seed, 5, 2.0)
    sampler = make_sampler(structure, record)
    paths = sampler.sweep(theta, sampler.initial(theta, seed), seed)
    stats = sampler.statistics(paths)
    without = stats._replace(item_on=np.zeros(0), item_count=np.zeros(0, dtype=np.int64))
    moments = np.linspace(FIRST, LAST, 1001)
    on = np.mean([states_at(paths, float(time))[event] for time in moments])
    assert abs(stats.item_on[0] - on) < (1 + paths.jumps[event]) / 1000
    mean = (1 - stats.item_on[0]) * theta.factors[0, 0] + stats.item_on[0] * theta.factors[0, 1]
    nothing = theta._replace(factors=np.zeros((0, 2)))
    gain = path_log_likelihood(stats, theta) - path_log_likelihood(without, nothing)
    assert gain == pytest.approx(poisson.logpmf(5, mean), abs=LOG_PROBABILITY)
    slope = Parameters(*(np.zeros_like(field) for field in theta))
    path_log_likelihood_and_gradient(stats, theta, slope)
    h = 1e-5
    for x in range(2):
        up, down = theta.factors.copy(), theta.factors.copy()
        up[0, x] += h
        down[0, x] -= h
        rise = path_log_likelihood(stats, theta._replace(factors=up)) - path_log_likelihood(
            stats, theta._replace(factors=down)
        )
        assert slope.factors[0, x] == pytest.approx(rise / (2 * h), rel=GRADIENT, abs=GRADIENT)
