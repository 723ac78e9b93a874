"""The PyMC model states every kind of item as the arrays do: silences, hidden origins, counts."""

from itertools import product

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest

import forecast as fc
from forecast.engine._components import build_plans
from forecast.engine._likelihood import log_likelihood, log_likelihoods, value_and_gradient
from forecast.engine._problem import Floats, Parameters
from forecast.errors import InputError
from forecast.model._build import build_from
from forecast.model._lower import Lowered, lower
from tests.model.every_kind import AS_OF, every_kind, said, watched, watched_network
from tests.model.frequencies import PYTHON, assert_drawn_as_often_as_probable
from tests.tolerances import GRADIENT, LOG_PROBABILITY, MONTE_CARLO_Z, SAME_ALGEBRA

STEP = 1e-5


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return lower(watched_network(), every_kind(), AS_OF)


@pytest.fixture(scope="module")
def model(lowered: Lowered) -> pm.Model:
    return build_from(lowered, lowered.plans())


def points(lowered: Lowered, number: int) -> tuple[Floats, dict[str, Floats]]:
    z = np.random.default_rng(5).normal(size=(number, lowered.table.dimensions))
    return z, lowered.table.from_z(z)


def sampled(model: pm.Model, lowered: Lowered, values: dict[str, Floats]) -> Floats:
    assert [v.name for v in model.value_vars] == ["z"]
    return lowered.table.to_z(values)


def test_the_likelihood_is_that_of_the_arrays(model: pm.Model, lowered: Lowered) -> None:
    density = model.compile_logp(vars=model.observed_RVs, mode=PYTHON)
    _, values = points(lowered, 20)
    expected = log_likelihoods(lowered.plans(), lowered.theta(values)).sum(axis=1)
    found = [density({"z": z}) for z in sampled(model, lowered, values)]
    np.testing.assert_allclose(found, expected, rtol=SAME_ALGEBRA)


def test_its_gradient_is_that_of_finite_differences(model: pm.Model, lowered: Lowered) -> None:
    density = model.compile_logp(vars=model.observed_RVs, mode=PYTHON)
    slope = model.compile_dlogp(mode=PYTHON)
    prior = model.compile_logp(vars=model.free_RVs, mode=PYTHON)
    rng = np.random.default_rng(3)
    for z in sampled(model, lowered, points(lowered, 5)[1]):
        way = rng.normal(size=len(z))
        ends = [density({"z": p}) + prior({"z": p}) for p in (z + STEP * way, z - STEP * way)]
        numeric = (ends[0] - ends[1]) / (2 * STEP)
        assert slope({"z": z}) @ way == pytest.approx(numeric, rel=GRADIENT, abs=GRADIENT)


def test_a_kept_silence_counts_its_time_and_a_broken_one_its_word_as_well(lowered: Lowered) -> None:
    values = lowered.table.from_z(np.zeros((1, lowered.table.dimensions)))
    factors = lowered.theta(values).factors[0]
    rate = -np.log(0.4) * 6
    names = [factor.item for factor in lowered.factors]
    quiet, broken = (factors[names.index(name)] for name in ("quiet", "broken"))
    assert quiet == pytest.approx([1, np.exp(-rate * 61 / 365.25)], rel=LOG_PROBABILITY)
    assert broken == pytest.approx([rate, rate * np.exp(-rate * 51 / 365.25)], rel=LOG_PROBABILITY)


def small() -> tuple[fc.Network, fc.Evidence]:
    """Nothing uncertain but events: two silences, a hidden statement of two, a copy."""
    network = watched_network(
        hit_rate="75%",
        false_alarm_rate="15%",
        report_rate="60% within 2 months",
    )
    own = {"type": "press", "hit_rate": "75%", "false_alarm_rate": "15%"}
    fields = {name: getattr(network, name) for name in type(network).model_fields}
    events = [
        fc.Event(id="troops", kind="onset", public=False, rate="40% within 6 months"),
        fc.Event(id="treaty", kind="onset", rate="20% within 6 months"),
    ]
    links = [fc.Link(parent="troops", child="treaty", kind="multiplies", hazard_ratio="x3")]
    items = [
        watched(fc.Silence, "quiet", "2024-02-01", "2024-03-31"),
        watched(fc.Silence, "calm", "2024-03-01", "2024-06-15", source="daily"),
        said("h1", "daily", published="2024-05-01", origin="official"),
        said("h2", "weekly", published="2024-05-03", origin="official", check=0.5),
        said("c1", "agency", published="2024-05-09", derived_from=("h1",)),
    ]
    sources = [fc.Source(id=source.id, **own) for source in network.sources]
    fields |= {"events": events, "links": links, "sources": sources}
    return fc.Network(**fields), fc.Evidence(items)


@pytest.fixture(scope="module")
def certain() -> tuple[pm.Model, Floats, Floats]:
    """A model without parameters, every vector that its evidence can be, and its probability."""
    network, evidence = small()
    lowered = lower(network, evidence, AS_OF)
    assert lowered.table.dimensions == 0
    model = build_from(lowered, lowered.plans())
    value = pt.lvector()
    density = model.compile_fn(
        pm.logp(model["evidence"], value), inputs=[value], point_fn=False, mode=PYTHON
    )
    vectors = np.array(list(product((0, 1), repeat=len(model.coords["item"]))))
    return model, vectors, np.exp([density(vector) for vector in vectors])


def test_the_probabilities_of_all_evidence_sum_to_one(
    certain: tuple[pm.Model, Floats, Floats],
) -> None:
    _, vectors, probabilities = certain
    assert probabilities.sum() == pytest.approx(1, abs=LOG_PROBABILITY)
    broken = vectors[:, :2].min(axis=1) == 0
    assert 0.1 < probabilities[broken].sum() < 0.9


def test_drawn_evidence_is_as_frequent_as_it_is_probable(
    certain: tuple[pm.Model, Floats, Floats],
) -> None:
    assert_drawn_as_often_as_probable(*certain)


def test_a_silence_observed_as_broken_is_one_less_its_chance_to_be_kept() -> None:
    network, evidence = small()
    chances = []
    for kept in (1, 0):
        lowered = lower(network, evidence, AS_OF)
        model = build_from(lowered, lowered.plans())
        value = model.rvs_to_values[model["evidence"]].data.copy()
        value[0] = kept
        logp = pm.logp(model["evidence"], pt.constant(value))
        chances.append(float(np.exp(pytensor.function([], logp, mode=PYTHON)())))
    theta = Parameters(*(f[0] for f in lowered.theta(lowered.table.from_z(np.zeros((1, 0))))))
    theta.factors[0] = 1.0  # kept or broken
    whole = np.exp(log_likelihood(lowered.plans(), theta))
    assert min(chances) > whole / 100
    assert sum(chances) == pytest.approx(whole, rel=SAME_ALGEBRA)


def test_drawn_counts_have_the_mean_that_the_share_of_the_time_gives(
    model: pm.Model,
) -> None:
    drawn = pm.draw(
        [model["evidence"], model["count_rate_off"], model["count_rate_on"]],
        draws=1500,
        random_seed=2,
        mode=PYTHON,
    )
    place = list(model.coords["item"]).index("few")
    length = 60 / 365.25
    number = drawn[0][:, place]
    off, on = (rate[:, 0] * length for rate in drawn[1:])
    excess = number - off
    assert excess.mean() > -MONTE_CARLO_Z * excess.std() / np.sqrt(len(excess))
    assert number.mean() < on.mean()  # the treaty is seldom on so early
    assert set(np.unique(drawn[0][:, list(model.coords["item"]).index("quiet")])) == {0, 1}


def test_counts_of_a_time_that_is_not_known_are_refused_by_name() -> None:
    open_count = watched(fc.Count, "trains", "2024-03-01", "2024-04-30", source="trains", counted=9)
    with pytest.raises(InputError, match=r"'trains'.*method=\"paths\""):
        fc.build_model(watched_network(), fc.Evidence([open_count]), as_of=AS_OF)


def test_evidence_of_another_world_is_refused_where_counts_are_settled(
    model: pm.Model,
) -> None:
    with pytest.raises(InputError, match="'few', 'many'"):
        pm.logp(model["evidence"], pt.lvector())


def test_a_word_that_adds_chance_weighs_the_same_without_a_step(lowered: Lowered) -> None:
    """The word that ended a silence counts with a density, which may be above one."""
    _, values = points(lowered, 6)
    theta = lowered.theta(values)
    assert (theta.factors > 1).any()
    structure, record = lowered.structure, lowered.record
    series = build_plans(structure, record, max_step=1 / 52, most_error=0.0)
    steps = build_plans(structure, record, max_step=1 / 5000, most_error=np.inf)
    found = log_likelihoods(series, theta).sum(axis=1)
    np.testing.assert_allclose(found, log_likelihoods(steps, theta).sum(axis=1), atol=1e-6)
    rng = np.random.default_rng(2)
    for draw in range(3):
        one = Parameters(*(np.ascontiguousarray(field[draw]) for field in theta))
        value, slope = value_and_gradient(series, one)
        assert value == pytest.approx(found[draw], rel=SAME_ALGEBRA)
        way = rng.uniform(0.5, 1, size=one.factors.shape)
        ends = [
            log_likelihood(series, one._replace(factors=one.factors * (1 + side * way)))
            for side in (STEP, -STEP)
        ]
        along = (slope.factors * one.factors * way).sum()
        assert (ends[0] - ends[1]) / (2 * STEP) == pytest.approx(along, rel=1e-5)
