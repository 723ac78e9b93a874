"""The path sampler, parameters fixed, against the matrix exponential over all joint states."""

import numpy as np
import pytest

from forecast.engine._problem import (
    CAUSES,
    ONSET,
    PREVENTS,
    REQUIRES,
    STATE,
    UNCERTAIN,
    Floats,
    Ints,
    Parameters,
    Record,
    Structure,
)
from forecast.engine.paths import PathSampler, from_lists, make_sampler, states_at
from tests.exact.carried_on import carried_on
from tests.exact.dense import dense_log_likelihood
from tests.exact.random_networks import HORIZON, random_problem, watched_problem
from tests.tolerances import MONTE_CARLO_Z

TIMES = (0.0, 0.35, 0.7, HORIZON)
BATCHES = 40


def on_given_all(structure: Structure, record: Record, theta: Parameters) -> Floats:
    """P(event on at t | evidence), as a ratio of likelihoods, shape (time, event)."""
    base = dense_log_likelihood(structure, record, theta)
    out = np.empty((len(TIMES), len(structure.kind)))
    for k, time in enumerate(TIMES):
        for event in range(len(structure.kind)):
            observed = record._replace(
                known_event=np.append(record.known_event, event),
                known_from=np.append(record.known_from, time),
                known_to=np.append(record.known_to, time),
                known_value=np.append(record.known_value, 1),
            )
            out[k, event] = np.exp(dense_log_likelihood(structure, observed, theta) - base)
    return out


def sampled(sampler: PathSampler, theta: Parameters, sweeps: int, seed: int = 0) -> Floats:
    """States at `TIMES`, shape (sweep, time, event)."""
    paths = sampler.initial(theta, seed)
    out = np.empty((sweeps, len(TIMES), len(sampler.marks.graph.kind)))
    for i in range(sweeps):
        paths = sampler.sweep(theta, paths, 2 * (seed + i) + 1)
        whole = carried_on(sampler, theta, paths, HORIZON, 2 * (seed + i))
        out[i] = [states_at(whole, time) for time in TIMES]
    return out


def largest_z(states: Floats, exact: Floats) -> float:
    """The largest |difference| in standard errors by batch means, or by chance if larger."""
    means = states.reshape(BATCHES, -1, *states.shape[1:]).mean(axis=1)
    error = means.std(axis=0, ddof=1) / np.sqrt(BATCHES)
    spread = np.clip(exact * (1 - exact), 1 / len(states), None) / len(states)
    return float(np.max(np.abs(means.mean(axis=0) - exact) / np.maximum(error, np.sqrt(spread))))


def possible_problem(seed: int, *, gates: bool = True) -> tuple[Structure, Record, Parameters]:
    """The first random problem of a seed whose evidence is possible; without gates, if so asked."""
    rng = np.random.default_rng(seed)
    while True:
        structure, record, theta = (watched_problem if seed % 2 else random_problem)(rng)
        gated = bool(np.isin(structure.link_kind, [REQUIRES, PREVENTS]).any())
        possible = np.isfinite(dense_log_likelihood(structure, record, theta))
        if possible and (gates or not gated):
            return structure, record, theta


@pytest.mark.parametrize("size", [1, 2, 6])
@pytest.mark.parametrize("seed", range(32))
def test_marginals_given_evidence_agree_with_the_matrix_exponential(seed: int, size: int) -> None:
    """Events alone only where there are no gates, behind which they may be all but stuck."""
    structure, record, theta = possible_problem(seed, gates=size > 1)
    states = sampled(make_sampler(structure, record, size), theta, 800)
    assert largest_z(states, on_given_all(structure, record, theta)) < MONTE_CARLO_Z


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_marginals_agree_on_many_networks(seed: int) -> None:
    structure, record, theta = possible_problem(seed)
    states = sampled(make_sampler(structure, record, 3 + seed % 4), theta, 4000)
    assert largest_z(states, on_given_all(structure, record, theta)) < MONTE_CARLO_Z


def network(
    kind: list[int],
    links: list[tuple[int, int, int]],
    spans: list[tuple[int, float, float, int]] | None = None,
    items: list[tuple[int, float]] | None = None,
) -> tuple[Structure, Record]:
    n = len(kind)
    structure = Structure(
        kind=np.array(kind),
        initially=np.array([UNCERTAIN if k not in (ONSET, STATE) else 0 for k in kind]),
        link_kind=np.array([link[0] for link in links], dtype=np.int64),
        link_parent=np.array([link[1] for link in links], dtype=np.int64),
        link_child=np.array([link[2] for link in links], dtype=np.int64),
        windows=(None,) * n,
        horizon=HORIZON,
    )
    columns = list(zip(*(spans or []), strict=True)) or [(), (), (), ()]
    record = Record(
        item_event=np.array([item[0] for item in items or []], dtype=np.int64),
        item_time=np.array([item[1] for item in items or []], dtype=np.float64),
        known_event=np.array(columns[0], dtype=np.int64),
        known_from=np.array(columns[1], dtype=np.float64),
        known_to=np.array(columns[2], dtype=np.float64),
        known_value=np.array(columns[3], dtype=np.int64),
    )
    return structure, record


def numbers(structure: Structure, record: Record, *, effect: float = 3.0) -> Parameters:
    n = len(structure.kind)
    return Parameters(
        base_rate=np.full(n, 1.0),
        off_rate=np.full(n, 2.0),
        initial=np.full(n, 0.4),
        effect=np.full(len(structure.link_kind), effect),
        factors=np.tile([0.6, 0.3], (len(record.item_event), 1)),
    )


def excluding_causes() -> tuple[Structure, Record, Parameters]:
    """Two onsets that exclude each other, one of which must have caused what was seen."""
    structure, record = network(
        [ONSET] * 3,
        [(PREVENTS, 0, 1), (PREVENTS, 1, 0), (CAUSES, 0, 2), (CAUSES, 1, 2)],
        [(2, 0.0, 0.4, 0), (2, 0.6, np.inf, 1)],
        [(0, 0.9), (1, 0.2)],
    )
    theta = numbers(structure, record, effect=4.0)
    theta.base_rate[2] = 1e-9
    return structure, record, theta


def test_causes_that_exclude_each_other_are_exchanged_within_a_block() -> None:
    structure, record, theta = excluding_causes()
    states = sampled(make_sampler(structure, record), theta, 4000)
    assert largest_z(states, on_given_all(structure, record, theta)) < MONTE_CARLO_Z


def test_causes_that_exclude_each_other_are_stuck_alone() -> None:
    """So that blocks are needed, and the test above shows something."""
    structure, record, theta = excluding_causes()
    states = sampled(make_sampler(structure, record, 1), theta, 400)
    assert len(np.unique(states[:, -1, 0])) == 1


def test_a_ladder_of_requirements_below_a_sure_event_is_climbed() -> None:
    rungs = 5
    structure, record = network(
        [ONSET] * rungs,
        [(REQUIRES, rung, rung + 1) for rung in range(rungs - 1)],
        [(rungs - 1, 0.0, 0.5, 0), (rungs - 1, 0.9, np.inf, 1)],
        [(1, 0.3), (2, 0.6)],
    )
    theta = numbers(structure, record)
    exact = on_given_all(structure, record, theta)
    for size in (1, 3, 5):
        states = sampled(make_sampler(structure, record, size), theta, 4000)
        assert largest_z(states, exact) < MONTE_CARLO_Z


def test_one_onset_by_itself_is_drawn_independently() -> None:
    structure, record = network([ONSET], [], [(0, 0.0, 0.1, 0)], [(0, 0.3), (0, 0.5), (0, 0.8)])
    theta = numbers(structure, record)
    states = sampled(make_sampler(structure, record), theta, 4000)
    x = states[:, 2, 0]
    lag_one = np.corrcoef(x[:-1], x[1:])[0, 1]
    assert abs(lag_one) * np.sqrt(len(x)) < MONTE_CARLO_Z
    assert largest_z(states, on_given_all(structure, record, theta)) < MONTE_CARLO_Z


def test_one_block_that_holds_all_events_forgets_its_start_in_a_few_sweeps() -> None:
    """Draws are independent but for the grid of jumps, which the new path takes from the old."""
    structure, record = network(
        [ONSET, STATE, ONSET],
        [(CAUSES, 0, 1), (CAUSES, 1, 2), (CAUSES, 2, 0)],
        items=[(0, 0.4), (1, 0.6), (2, 0.9)],
    )
    theta = numbers(structure, record)
    sampler = make_sampler(structure, record, 3)
    exact = on_given_all(structure, record, theta)
    starts: list[list[list[float]]] = [[[], [], []], [[0.01], [0.02], [0.03]]]
    for jumps in starts:
        states = np.empty((2000, len(TIMES), 3))
        for i in range(len(states)):
            paths = from_lists(structure.kind, np.zeros(3, dtype=np.int64), jumps)
            for again in range(8):
                paths = sampler.sweep(theta, paths, 8 * i + again)
            whole = carried_on(sampler, theta, paths, HORIZON, 10**6 + i)
            states[i] = [states_at(whole, time) for time in TIMES]
        assert largest_z(states, exact) < MONTE_CARLO_Z


@pytest.mark.parametrize("seed", range(6))
def test_evidence_and_paths_drawn_in_turn_keep_the_prior(seed: int) -> None:
    """Geweke's joint-distribution test: items given paths, paths given items, again and again."""
    rng = np.random.default_rng(seed)
    structure, record, theta = random_problem(rng, most=5)
    empty: Ints = np.zeros(0, dtype=np.int64)
    record = record._replace(
        known_event=empty, known_from=np.zeros(0), known_to=np.zeros(0), known_value=empty
    )
    nothing = record.with_items([])
    says_on = rng.uniform(0.1, 0.9, (len(record.item_event), 2))  # given off, given on
    sampler = make_sampler(structure, record, 1 + seed % 3)
    prior = make_sampler(structure, nothing)
    blank = from_lists(structure.kind, np.zeros(len(structure.kind), dtype=np.int64),
                       [[] for _ in structure.kind])  # fmt: skip
    paths = carried_on(prior, theta, blank, HORIZON, seed)
    states = np.empty((4000, len(TIMES), len(structure.kind)))
    for i in range(len(states)):
        x = sampler.statistics(paths).item_on.astype(np.int64)
        claim = rng.random(len(x)) < says_on[np.arange(len(x)), x]
        said = theta._replace(factors=np.where(claim[:, None], says_on, 1 - says_on))
        paths = sampler.sweep(said, paths, 2 * i)
        whole = carried_on(sampler, said, paths, HORIZON, 2 * i + 1)
        states[i] = [states_at(whole, time) for time in TIMES]
    exact = on_given_all(structure, nothing, theta._replace(factors=np.zeros((0, 2))))
    assert largest_z(states, exact) < MONTE_CARLO_Z
