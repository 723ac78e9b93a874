"""The path step of the PyMC model."""

import numpy as np
import pymc as pm
import pytest
from arviz_stats.base import array_stats

from forecast.engine.paths import from_lists, make_sampler, path_log_likelihood, to_lists
from forecast.engine.problem import FACT, ONSET, STATE, Parameters
from forecast.estimate.fit import fit
from forecast.estimate.result import Settings
from forecast.model.lower import Lowered, lower
from forecast.model.path_step import PATHS, ROOM, build_path_model, decoded, encoded
from tests.estimate.every_kind import AS_OF, case_of_every_kind
from tests.tolerances import GRADIENT, LOG_PROBABILITY, MONTE_CARLO_Z


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return lower(*case_of_every_kind(9, counts=True), AS_OF)


def test_paths_come_back_from_their_vector() -> None:
    kind = np.array([ONSET, STATE, FACT])
    jumps = [[0.3], [0.1, 0.2, 0.7], []]
    vector = encoded(from_lists(kind, np.array([0, 1, 1]), jumps), kind)
    assert vector is not None
    back = decoded(vector, kind)
    assert to_lists(back) == jumps
    assert back.initial.tolist() == [0, 1, 1]


def test_paths_with_more_jumps_than_there_is_room_for_have_no_vector() -> None:
    kind, times = np.array([STATE]), np.linspace(0.1, 0.9, ROOM + 1).tolist()
    assert encoded(from_lists(kind, np.array([0]), [times]), kind) is None


def test_the_model_has_the_density_of_parameters_and_paths_and_its_gradient(
    lowered: Lowered, rng: np.random.Generator
) -> None:
    model, _ = build_path_model(lowered)
    point = model.initial_point()
    sampler = make_sampler(lowered.structure, lowered.record)
    stats = sampler.statistics(decoded(point[PATHS], lowered.structure.kind))
    logp = model.compile_logp()
    slope = model.compile_dlogp(vars=[model["z"]])
    dimensions = lowered.table.dimensions
    assert point["z"].shape == (dimensions,)
    order = rng.normal(size=dimensions)
    point["z"] = order
    value = logp(point)
    h = 1e-5
    up, down = ({**point, "z": order + sign * h * np.eye(dimensions)[0]} for sign in (1, -1))
    assert slope(point)[0] == pytest.approx((logp(up) - logp(down)) / (2 * h), rel=GRADIENT)
    # z = 0 is the median of every parameter, whatever their order in the model
    theta = lowered.theta(lowered.table.from_z(np.zeros((1, dimensions))))
    one = Parameters(*(np.ascontiguousarray(field[0]) for field in theta))
    point["z"] = np.zeros(dimensions)
    normals = -0.5 * dimensions * np.log(2 * np.pi)
    expected = path_log_likelihood(stats, one) + normals
    assert logp(point) == pytest.approx(expected, abs=LOG_PROBABILITY)
    assert np.isfinite(value)


@pytest.mark.slow
def test_it_agrees_with_the_exact_filter() -> None:
    lowered = lower(*case_of_every_kind(9), AS_OF)
    model, step = build_path_model(lowered, sweeps=2)
    with model:
        tree = pm.sample(
            draws=1500, tune=500, chains=2, cores=1, step=[step], random_seed=1,
            progressbar=False, quiet=True, compute_convergence_checks=False,
        )  # fmt: skip
    other = fit(lowered, Settings(method="importance"))
    assert other.gate.passed, str(other.gate)
    for name, at in lowered.table.varying().items():
        if not len(at):
            continue
        found = tree["posterior"][name].transpose("chain", "draw", ...).to_numpy()
        for k, column in enumerate(at):
            a, b = np.log(found[..., k]), np.log(other.values[name][..., column])
            size = float(array_stats.ess(a, method="mean"))
            error = np.sqrt(a.var() / size + b.var() / other.ess)
            assert abs(a.mean() - b.mean()) < MONTE_CARLO_Z * error, (name, column)
