"""A named hidden origin: its statement is summed out, exactly, and reports of it weigh together."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.evidence import Evidence, Report
from forecast.model._lower import lower
from forecast.network import Event, Network, Source
from forecast.posterior import simulate, update
from forecast.seeds import generator
from tests.networks import WIRE
from tests.tolerances import LOG_PROBABILITY, MONTE_CARLO_Z, SAME_ALGEBRA

OUTLETS = 5


def town() -> Network:
    names = ["official", *(f"s{k}" for k in range(OUTLETS))]
    return Network(
        name="town",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[Event(id="e", kind="onset", public=False, rate="20% within 3 months")],
        source_types=[WIRE],
        sources=[Source(id=name, type="wire") for name in names],
    )


def heard(k: int, claim: str = "on", **fields: Any) -> Report:
    given = {"event": "e", "published": "2024-03-01", "source": f"s{k}", "origin": "official"}
    return Report(id=f"r{k}", claim=claim, **{**given, **fields})


def evaluated(items: Sequence[Report]) -> tuple[np.ndarray, dict[str, np.ndarray], list[str]]:
    lowered = lower(town(), Evidence(items), "2024-03-01")
    names = lowered.table.names()  # each number the same whatever else is in the table
    z = [generator(1, name).uniform(-1.5, 1.5, size=3) for name in names]
    values = lowered.table.from_z(np.stack(z, axis=1))
    group = lowered.table.group("hit_rate")
    assert group is not None
    return lowered.theta(values).factors, values, list(group.labels)


@pytest.mark.parametrize("claims", list(product(["on", "off"], repeat=3)))
def test_the_joint_chance_is_a_sum_over_what_the_origin_may_have_said(
    claims: tuple[str, ...],
) -> None:
    checks = (0.1, 0.4, 1.0)
    factors, values, labels = evaluated(
        [heard(k, claim, check=v) for k, (claim, v) in enumerate(zip(claims, checks, strict=True))]
    )
    for x, rate in enumerate(("false_alarm_rate", "hit_rate")):
        p = dict(zip(labels, values[rate].T, strict=True))
        expected = np.zeros(3)
        for c in ("on", "off"):
            term = p["official"] if c == "on" else 1 - p["official"]
            for k, (claim, v) in enumerate(zip(claims, checks, strict=True)):
                own = p[f"s{k}"] if claim == "on" else 1 - p[f"s{k}"]
                term = term * (v * own + (1 - v) * (claim == c))
            expected += term
        np.testing.assert_allclose(factors[:, :, x].prod(axis=1), expected, rtol=SAME_ALGEBRA)


def test_reports_that_checked_nothing_weigh_as_much_as_their_origin_alone() -> None:
    factors, values, labels = evaluated([heard(k, check=0) for k in range(OUTLETS)])
    origin = labels.index("official")
    said = [values[rate][:, origin] for rate in ("false_alarm_rate", "hit_rate")]
    np.testing.assert_allclose(factors.prod(axis=1), np.stack(said, axis=1), rtol=SAME_ALGEBRA)


def test_reports_that_all_checked_for_themselves_are_independent() -> None:
    factors, values, labels = evaluated([heard(k, check=1) for k in range(2)])
    for x, rate in enumerate(("false_alarm_rate", "hit_rate")):
        own = [values[rate][:, labels.index(f"s{k}")] for k in range(2)]
        np.testing.assert_allclose(factors[:, :, x], np.stack(own, axis=1), rtol=SAME_ALGEBRA)


def test_one_who_denies_what_the_others_heard_has_checked() -> None:
    """The denial is either the outlet's own, or the others' word is."""
    alone, _, _ = evaluated([heard(0), heard(1)])
    denied, _, _ = evaluated([heard(0), heard(1), heard(2, "off", check=0.5)])
    np.testing.assert_allclose(denied[:, :2], alone, rtol=SAME_ALGEBRA)
    assert (denied[:, 2, 0] > denied[:, 2, 1]).all()


def test_contradictory_words_of_outlets_that_never_check_are_impossible() -> None:
    factors, _, _ = evaluated([heard(0, "on", check=0), heard(1, "off", check=0), heard(2)])
    assert (factors[:, 1] == 0).all()
    assert np.isfinite(factors).all()


def ratio(items: Sequence[Report]) -> np.ndarray:
    factors, _, _ = evaluated(items)
    joint = factors.prod(axis=1)
    return np.asarray(joint[:, 1] / joint[:, 0])


@settings(max_examples=30)
@given(checks=st.lists(st.floats(0, 1), min_size=1, max_size=OUTLETS))
def test_reports_of_one_origin_never_weigh_more_than_all_of_them_apart(
    checks: list[float],
) -> None:
    together = ratio([heard(k, check=v) for k, v in enumerate(checks)])
    apart = ratio([heard(0, check=0)])
    for k in range(len(checks)):
        apart = apart * ratio([heard(k, check=1)])
    assert (together >= 1).all()
    assert (together <= apart * (1 + SAME_ALGEBRA)).all()


@settings(max_examples=30)
@given(check=st.floats(0, 1), claim=st.sampled_from(["on", "off"]))
def test_a_copy_never_weighs_more_than_a_report_of_its_own(check: float, claim: str) -> None:
    first = Report(id="a", event="e", published="2024-03-01", source="s0", claim=claim)
    second = Report(id="b", event="e", published="2024-03-01", source="s1", claim=claim)
    added = np.log(ratio([first, copy_of("b", "a", 1, claim, check=check)]) / ratio([first]))
    most = np.log(ratio([first, second]) / ratio([first]))
    assert (np.abs(added) <= np.abs(most) + SAME_ALGEBRA).all()


def test_the_origin_is_learned_about_as_a_source() -> None:
    post = update(town(), Evidence([heard(0), heard(1)]), as_of="2024-03-01")
    table = post.sources()
    assert table["items"]["official", "hit_rate"] == 2
    assert post.probability("e", by="2024-03-01").mean > 0.2


def test_simulated_reports_agree_as_often_as_the_model_says() -> None:
    template = Evidence([heard(k, check=0.2) for k in range(3)])
    worlds = simulate(town(), worlds=4000, seed=5, evidence=template)
    claims = np.array([[w.evidence.item(f"r{k}").claim == "on" for k in range(3)] for w in worlds])  # type: ignore[attr-defined]
    on = np.array([w.on("e", "2024-03-01") for w in worlds])
    lowered = lower(town(), template, "2024-03-01")
    z = np.random.default_rng(2).normal(size=(20000, lowered.table.dimensions))
    chance = lowered.theta(lowered.table.from_z(z)).factors.prod(axis=1).mean(axis=0)
    for x in (0, 1):
        p, n = claims[on == x].all(axis=1).mean(), (on == x).sum()
        assert abs(p - chance[x]) < MONTE_CARLO_Z * np.sqrt(chance[x] * (1 - chance[x]) / n)


def copy_of(name: str, origin: str, k: int, claim: str = "on", **fields: Any) -> Report:
    return Report(
        id=name, event="e", published="2024-03-01", source=f"s{k}", claim=claim,
        derived_from=[origin], **fields,
    )  # fmt: skip


def test_a_copy_through_any_number_of_hands_says_what_its_own_checks_add() -> None:
    first = Report(id="a", event="e", published="2024-03-01", source="s0", claim="on")
    chain = [first, copy_of("b", "a", 1, check=0), copy_of("c", "b", 2, check=0)]
    np.testing.assert_allclose(ratio(chain), ratio([first]), rtol=LOG_PROBABILITY)
    checked = [*chain, copy_of("d", "c", 3, check=0.5)]
    assert (ratio(checked) > ratio([first])).all()


def test_a_copy_that_contradicts_its_origin_is_a_failed_check() -> None:
    first = Report(id="a", event="e", published="2024-03-01", source="s0", claim="on")
    denial = Report(id="b", event="e", published="2024-03-01", source="s1", claim="off")
    copied = copy_of("b", "a", 1, "off", check=0.3)
    np.testing.assert_allclose(ratio([first, copied]), ratio([first, denial]), rtol=SAME_ALGEBRA)


def test_a_copy_of_a_retracted_item_keeps_what_its_own_check_was_worth() -> None:
    first = Report(id="a", event="e", published="2024-02-01", source="s0", claim="on")
    gone = Report(
        id="x", event="e", published="2024-02-20", source="s2", claim="off", retracts=["a"]
    )
    copied = copy_of("b", "a", 1, check=0.3)
    with_origin, _, _ = evaluated([first, copied])
    without, _, _ = evaluated([first, copied, gone])
    assert with_origin.shape[1] == without.shape[1] == 2
    lowered = lower(town(), Evidence([first, copied, gone]), "2024-03-01")
    (kept,) = (i for i, f in enumerate(lowered.factors) if f.item == "b")
    assert (lowered.factors[kept].check, lowered.channels.item_copied[kept]) == (0.3, 1.0)
