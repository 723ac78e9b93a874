"""Reports that date an onset, and silences on several events: items with several rows."""

from itertools import product
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

import forecast as fc
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._problem import Floats
from forecast.model._build import build_from
from forecast.model._factors import by_item, row_places
from forecast.model._lower import Lowered, lower
from tests.model.every_kind import AS_OF, dated, said, watched, watched_network
from tests.model.frequencies import PYTHON, assert_drawn_as_often_as_probable
from tests.tolerances import GRADIENT, LOG_PROBABILITY, SAME_ALGEBRA

STEP = 1e-5
HIT, FALSE_ALARM, BELIEVED, CHECKED = 0.75, 0.15, 0.8, 0.3
MARCH = ("2024-03-01", "2024-03-31")


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return lower(watched_network(), dated(), AS_OF)


def sure_network() -> fc.Network:
    """The same network with nothing uncertain but events."""
    network = watched_network(
        hit_rate="75%", false_alarm_rate="15%", report_rate="60% within 2 months", spread=0.0
    )
    fields = {name: getattr(network, name) for name in type(network).model_fields}
    fields["events"] = [
        fc.Event(id="troops", kind="onset", public=False, rate="40% within 6 months"),
        fc.Event(id="regime", kind="onset", public=False, rate="30% within 6 months"),
    ]
    fields["links"] = [
        fc.Link(parent="regime", child="troops", kind="multiplies", hazard_ratio="x2")
    ]
    return fc.Network(**fields)


def chances(*items: Any) -> dict[str, Floats]:
    """Of each item that has two rows of one event: on the courses (0, 0), (0, 1), (1, 1)."""
    found = lower(sure_network(), fc.Evidence(items), AS_OF)
    factors = found.theta(found.table.from_z(np.zeros((1, 0)))).factors[0]
    return {
        name: np.array([factors[rows[0], a] * factors[rows[1], b] for a, b in COURSES])
        for name, rows in row_places(found.evidence).items()
    }


COURSES = ((0, 0), (0, 1), (1, 1))


def test_two_rows_are_the_hit_rate_within_the_days_and_the_false_alarm_rate_elsewhere() -> None:
    told = chances(
        said("yes", "daily", onset=MARCH),
        said("no", "daily", "off", onset=MARCH),
        said("half", "weekly", onset=MARCH, credibility=BELIEVED),
    )
    outside, inside = FALSE_ALARM, HIT
    expect = {
        "yes": (outside, inside),
        "no": (1 - outside, 1 - inside),
        "half": tuple(BELIEVED * p + (1 - BELIEVED) / 2 for p in (outside, inside)),
    }
    for name, (out, within) in expect.items():
        np.testing.assert_allclose(told[name], [out, within, out], rtol=SAME_ALGEBRA)


def test_a_copy_of_dated_days_adds_only_what_its_own_check_does() -> None:
    told = chances(
        said("first", "daily", onset=MARCH),
        said("same", "weekly", onset=MARCH, derived_from=("first",)),
        said("against", "agency", "off", onset=MARCH, derived_from=("first",)),
    )
    same = [CHECKED * p + 1 - CHECKED for p in (FALSE_ALARM, HIT, FALSE_ALARM)]
    against = [CHECKED * (1 - p) for p in (FALSE_ALARM, HIT, FALSE_ALARM)]
    np.testing.assert_allclose(told["same"], same, rtol=SAME_ALGEBRA)
    np.testing.assert_allclose(told["against"], against, rtol=SAME_ALGEBRA)


def test_a_hidden_origin_that_dates_an_onset_is_summed_out() -> None:
    own = {"onset": MARCH, "origin": "official"}
    told = chances(
        said("a", "daily", **own),
        said("b", "weekly", "off", published="2024-04-03", check=0.6, **own),
    )
    expected = []
    for p in (FALSE_ALARM, HIT, FALSE_ALARM):
        passed = [CHECKED * p + (1 - CHECKED) * c for c in (0, 1)]
        against = [0.6 * (1 - p) + 0.4 * (1 - c) for c in (0, 1)]
        expected.append((1 - p) * passed[0] * against[0] + p * passed[1] * against[1])
    np.testing.assert_allclose(told["a"] * told["b"], expected, rtol=SAME_ALGEBRA)


def test_reports_of_other_days_are_other_statements_of_an_origin() -> None:
    own = {"origin": "official"}
    record = fc.Evidence(
        [
            said("a", "daily", onset=MARCH, **own),
            said("b", "weekly", published="2024-04-03", onset="2024-03-05", **own),
            said("c", "agency", published="2024-04-04", **own),
            said("d", "weekly", published="2024-04-05", onset=MARCH, **own),
        ]
    )
    found = lower(sure_network(), record, AS_OF)
    groups = [[found.factors[i].item for i in told.members] for told in found.hidden]
    assert sorted(groups) == [["a", "d"], ["b"], ["c"]]


def test_days_to_come_are_told_with_the_predictive_rates() -> None:
    soon = said("soon", "daily", onset=("2024-03-20", "2024-08-01"))
    assert [name for name, _ in soon.reads()] == [
        "predictive_hit_rate",
        "predictive_false_alarm_rate",
    ]
    assert [name for name, _ in said("past", "daily", onset=MARCH).reads()] == [
        "hit_rate",
        "false_alarm_rate",
    ]


def test_a_certain_denial_leaves_the_days_next_to_impossible_and_the_rest_as_it_is() -> None:
    network = sure_network()
    fields = {name: getattr(network, name) for name in type(network).model_fields}
    denied = said("no", "daily", "off", onset=MARCH)
    found = lower(fc.Network(**fields), fc.Evidence([denied]), AS_OF)
    channels = found.channels
    values = {name: value.copy() for name, value in found.table.from_z(np.zeros((1, 0))).items()}
    values["hit_rate"][:] = 1.0
    factors = found.theta(values, channels).factors[0]
    told = [factors[0, a] * factors[1, b] for a, b in COURSES]
    assert told[1] < 1e-90
    assert [told[0], told[2]] == pytest.approx([1 - FALSE_ALARM] * 2, rel=SAME_ALGEBRA)


def test_the_model_has_one_entry_an_item_and_the_likelihood_of_the_arrays(
    lowered: Lowered,
) -> None:
    model = build_from(lowered, lowered.plans())
    ids = [item.id for item in lowered.evidence]
    assert list(model.coords["item"])[:-1] == ids
    assert len(lowered.factors) == len(ids) + 8  # seven that date, and one silence on two events
    density = model.compile_logp(vars=model.observed_RVs, mode=PYTHON)
    slope = model.compile_dlogp(mode=PYTHON)
    both = model.compile_logp(mode=PYTHON)
    rng = np.random.default_rng(5)
    for z in rng.normal(size=(5, lowered.table.dimensions)):
        theta = lowered.theta(lowered.table.from_z(z[None]))
        told = log_likelihoods(lowered.plans(), theta)
        whole = by_item(lowered.evidence, told)
        assert whole.shape == (1, len(ids) + 1)
        assert density({"z": z}) == pytest.approx(told.sum(), rel=SAME_ALGEBRA)
        assert whole.sum() == pytest.approx(told.sum(), rel=SAME_ALGEBRA)
        way = rng.normal(size=len(z))
        ends = [both({"z": z + side * STEP * way}) for side in (1, -1)]
        numeric = (ends[0] - ends[1]) / (2 * STEP)
        assert slope({"z": z}) @ way == pytest.approx(numeric, rel=GRADIENT, abs=GRADIENT)


def small() -> fc.Evidence:
    own = {"onset": MARCH, "origin": "official"}
    return fc.Evidence(
        [
            watched(fc.Silence, "wide", "2024-02-01", "2024-03-31", event=["regime", "troops"]),
            said("d1", "daily", published="2024-04-10", onset=MARCH),
            said("d2", "agency", published="2024-04-12", onset=MARCH, derived_from=("d1",)),
            said("h1", "daily", published="2024-05-01", **own),
            said("h2", "weekly", published="2024-05-03", check=0.5, **own),
        ]
    )


@pytest.fixture(scope="module")
def certain() -> tuple[pm.Model, Floats, Floats]:
    """A model without parameters, every vector that its evidence can be, and its probability."""
    found = lower(sure_network(), small(), AS_OF)
    assert found.table.dimensions == 0
    model, value = build_from(found, found.plans()), pt.lvector()
    density = model.compile_fn(
        pm.logp(model["evidence"], value), inputs=[value], point_fn=False, mode=PYTHON
    )
    vectors = np.array(list(product((0, 1), repeat=len(model.coords["item"]) - 1)))
    vectors = np.concatenate([vectors, np.ones((len(vectors), 1), dtype=np.int64)], axis=1)
    return model, vectors, np.exp([density(vector) for vector in vectors])


def test_the_probabilities_of_all_that_could_be_said_sum_to_one(
    certain: tuple[pm.Model, Floats, Floats],
) -> None:
    _, vectors, probabilities = certain
    assert probabilities.sum() == pytest.approx(1, abs=LOG_PROBABILITY)
    assert 0.05 < probabilities[vectors[:, 0] == 0].sum() < 0.9


def test_what_is_drawn_is_as_frequent_as_it_is_probable(
    certain: tuple[pm.Model, Floats, Floats],
) -> None:
    assert_drawn_as_often_as_probable(*certain)
