from dataclasses import replace
from itertools import product

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
import xarray as xr
from scipy import stats

import forecast as fc
from forecast.engine._likelihood import log_likelihood, log_likelihoods
from forecast.engine._problem import Floats, Parameters
from forecast.model._build import build_from
from forecast.model._lower import Lowered, lower
from tests.model.frequencies import PYTHON, assert_drawn_as_often_as_probable
from tests.model.networks import (
    AS_OF,
    certain_evidence,
    certain_network,
    varied_evidence,
    varied_network,
)
from tests.tolerances import BETWEEN_NODES, LOG_PROBABILITY, MONTE_CARLO_Z, SAME_ALGEBRA

RECORD = "nothing_else_happened"


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return lower(varied_network(), varied_evidence(), AS_OF)


@pytest.fixture(scope="module")
def model(lowered: Lowered) -> pm.Model:
    return build_from(lowered, lowered.plans())


def points(lowered: Lowered, number: int) -> tuple[Floats, dict[str, Floats]]:
    z = np.random.default_rng(5).normal(size=(number, lowered.table.dimensions))
    return z, lowered.table.from_z(z)


def at_natural_values(model: pm.Model, lowered: Lowered, values: dict[str, Floats]) -> dict:  # type: ignore[type-arg]
    """A point of the model's sampler at natural values, shape (1, label)."""
    assert [variable.name for variable in model.value_vars] == ["z"]
    return {"z": lowered.table.to_z(values)[0]}


def uncertain(lowered: Lowered, values: dict[str, Floats]) -> dict[str, Floats]:
    """The values without those that are fixed, which are no variables of the model."""
    varying = lowered.table.varying()
    return {
        name: numbers[..., varying[name]] for name, numbers in values.items() if len(varying[name])
    }


def one(theta: Parameters) -> Parameters:
    return Parameters(*(field[0] for field in theta))


def test_every_group_is_a_variable_with_its_own_labels(model: pm.Model, lowered: Lowered) -> None:
    assert {group.name for group in lowered.table.groups} >= {
        "base_rate", "off_rate", "initial_probability", "hazard_ratio", "extra_rate", "delay",
        "type_hit_rate", "hit_rate", "predictive_hit_rate", "forecast_weight", "likelihood_ratio",
    }  # fmt: skip
    labels = lowered.table.uncertain_labels()
    for group in lowered.table.groups:
        if group.name in labels:
            (dim,) = model.named_vars_to_dims[group.name]
            assert dim in (group.dim, f"{group.name}_{group.dim}")
            assert list(model.coords[dim]) == labels[group.name]
        else:
            assert group.name not in model.named_vars  # all of it is fixed


def test_items_stand_along_their_dimension_with_the_record_last(model: pm.Model) -> None:
    assert model.named_vars_to_dims["evidence"] == ("item",)
    *items, last = model.coords["item"]
    assert set(items) == {"r1", "r2", "r3", "r4", "r5", "bet", "lr"}
    assert last == RECORD


def test_the_evidence_is_observed_and_no_potential(model: pm.Model) -> None:
    assert [variable.name for variable in model.observed_RVs] == ["evidence"]
    assert not model.potentials


def test_the_joint_density_is_that_of_the_table_and_the_engine(
    model: pm.Model, lowered: Lowered
) -> None:
    density = model.compile_logp(jacobian=False, mode=PYTHON)
    z, values = points(lowered, 5)
    likelihoods = log_likelihoods(lowered.plans(), lowered.theta(values)).sum(axis=1)
    for k in range(len(z)):
        row = {name: v[k : k + 1] for name, v in values.items()}
        prior = stats.norm.logpdf(z[k]).sum()
        found = density(at_natural_values(model, lowered, row))
        assert found == pytest.approx(prior + likelihoods[k], rel=BETWEEN_NODES)


def test_natural_values_follow_from_latent_ones(model: pm.Model, lowered: Lowered) -> None:
    _, every = points(lowered, 1)
    names, values = list(lowered.table.uncertain_labels()), uncertain(lowered, every)
    natural = model.replace_rvs_by_values([model[name] for name in names])
    forward = model.compile_fn(natural, inputs=model.value_vars, mode=PYTHON)
    for name, found in zip(names, forward(at_natural_values(model, lowered, every)), strict=True):
        np.testing.assert_allclose(found, values[name][0], rtol=BETWEEN_NODES)


def test_drawn_parameters_have_the_quantiles_of_the_table(
    model: pm.Model, lowered: Lowered
) -> None:
    names = list(lowered.table.uncertain_labels())
    drawn = pm.draw([model[name] for name in names], draws=2000, random_seed=3, mode=PYTHON)
    reference = uncertain(lowered, points(lowered, 40_000)[1])
    for name, found in zip(names, drawn, strict=True):
        for column in range(found.shape[1]):
            for level in (0.1, 0.5, 0.9):
                limit = np.quantile(reference[name][:, column], level)
                share = float((found[:, column] <= limit).mean())
                error = np.sqrt(level * (1 - level) * (1 / len(found) + 1 / 40_000))
                assert abs(share - level) <= MONTE_CARLO_Z * error, (name, column, level)


def with_claims(evidence: fc.Evidence, claims: dict[str, str]) -> fc.Evidence:
    return fc.Evidence(
        [
            item.model_copy(update={"claim": claims[item.id]}) if item.id in claims else item
            for item in evidence
        ]
    )


def test_other_claims_have_the_likelihood_that_they_would_have_as_evidence(
    model: pm.Model, lowered: Lowered
) -> None:
    _, values = points(lowered, 1)
    value = pt.lvector()
    conditional = pm.logp(model["evidence"], value)
    given = uncertain(lowered, values)
    inputs = [model[name] for name in given]
    density = model.compile_fn(
        conditional,
        inputs=[value, *inputs],
        point_fn=False,
        on_unused_input="ignore",
        mode=PYTHON,
    )
    items = list(model.coords["item"])
    reports = ["r1", "r2", "r3", "r4", "r5"]
    for said in product(("on", "off"), repeat=len(reports)):
        claims = dict(zip(reports, said, strict=True))
        other = lower(varied_network(), with_claims(varied_evidence(), claims), AS_OF)
        other = replace(other, opinions=lowered.opinions)
        other.__dict__["own"] = lowered.own  # the network's own word is not said over again
        expected = log_likelihood(other.plans(), one(other.theta(values)))
        vector = np.array([int(claims.get(item, "on") == "on") for item in items])
        found = density(vector, *(numbers[0] for numbers in given.values()))
        assert found == pytest.approx(expected, abs=LOG_PROBABILITY)


@pytest.fixture(scope="module")
def certain() -> tuple[pm.Model, Floats, Floats]:
    """A model without parameters, every vector that its evidence can be, and its probability."""
    lowered = lower(certain_network(), certain_evidence(), AS_OF)
    model = build_from(lowered, lowered.plans())
    value = pt.lvector()
    density = model.compile_fn(
        pm.logp(model["evidence"], value), inputs=[value], point_fn=False, mode=PYTHON
    )
    length = len(model.coords["item"])
    vectors = np.array(list(product((0, 1), repeat=length)))
    return model, vectors, np.exp([density(vector) for vector in vectors])


def test_the_probabilities_of_all_evidence_sum_to_one(
    certain: tuple[pm.Model, Floats, Floats],
) -> None:
    _, _, probabilities = certain
    assert probabilities.sum() == pytest.approx(1, abs=LOG_PROBABILITY)


def test_drawn_evidence_is_as_frequent_as_it_is_probable(
    certain: tuple[pm.Model, Floats, Floats],
) -> None:
    assert_drawn_as_often_as_probable(*certain)


def test_a_model_without_items_still_knows_that_nothing_happened() -> None:
    lowered = lower(certain_network(), fc.Evidence([]), AS_OF)
    model = build_from(lowered, lowered.plans())
    assert list(model.coords["item"]) == [RECORD]
    expected = log_likelihood(
        lowered.plans(), one(lowered.theta(lowered.table.from_z(np.zeros((1, 0)))))
    )
    assert expected < 0
    assert model.compile_logp(mode=PYTHON)({}) == pytest.approx(expected, rel=SAME_ALGEBRA)


def test_posterior_predictive_draws_keep_the_posterior_of_a_tree(
    model: pm.Model, lowered: Lowered
) -> None:
    _, values = points(lowered, 20)
    variables = {
        name: (("chain", "draw", model.named_vars_to_dims[name][0]), numbers[None])
        for name, numbers in uncertain(lowered, values).items()
    }
    variables["z"] = (("chain", "draw", "parameter"), lowered.table.to_z(values)[None])
    coords = {d: list(labels) for d, labels in model.coords.items() if d != "item"}
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(variables, coords=coords)})
    predicted = pm.sample_posterior_predictive(
        tree,
        model=model,
        var_names=["evidence", "base_rate", "hit_rate"],
        random_seed=1,
        progressbar=False,
        compile_kwargs={"mode": PYTHON},
    )["posterior_predictive"]
    assert predicted["evidence"].shape == (1, 20, len(model.coords["item"]))
    for name in ("base_rate", "hit_rate"):
        wanted = uncertain(lowered, values)[name]
        np.testing.assert_allclose(predicted[name].values[0], wanted, rtol=BETWEEN_NODES)


def test_prior_predictive_sampling_gives_claims(model: pm.Model) -> None:
    prior = pm.sample_prior_predictive(50, model=model, random_seed=1)["prior_predictive"]
    claims = prior["evidence"].sel(item=["r1", "r5", "lr"]).values
    assert set(np.unique(claims)) == {0, 1}


def test_compiled_draws_of_evidence_are_those_of_python(
    certain: tuple[pm.Model, Floats, Floats],
) -> None:
    evidence = certain[0]["evidence"]
    compiled, plain = (
        pm.draw(evidence, draws=20, random_seed=7, mode=mode) for mode in ("NUMBA", PYTHON)
    )
    np.testing.assert_array_equal(compiled, plain)
