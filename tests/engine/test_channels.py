"""The one map from standard normals to what items say, against its specification."""

from dataclasses import replace

import numpy as np
import pytest

from forecast.engine._channels import (
    COUNT,
    SETTLED,
    SILENCE,
    heard_over,
    parameters_at,
    values_at,
)
from forecast.engine._lines import ODDS_TABLE, TABLE
from forecast.engine._problem import Parameters
from forecast.engine._pullback import pull_parameters, pull_values
from forecast.engine.paths import make_sampler
from forecast.engine.paths._chain import build_moves
from forecast.evidence import Count, Evidence, Observation, Report, Silence
from forecast.model._factors import Factor, saying
from forecast.model._lower import Lowered, lower
from tests.estimate.every_kind import AS_OF, case_of_every_kind
from tests.model.every_kind import AS_OF as WATCHED_AS_OF
from tests.model.every_kind import dated, watched_network
from tests.model.networks import AS_OF as VARIED_AS_OF
from tests.model.networks import varied_evidence, varied_network
from tests.networks import demo_network
from tests.reference.cases import random_case
from tests.reference.numbers import Size
from tests.reference.stated import compiled, item_chances, rates, says_on, stated_numbers
from tests.tolerances import BETWEEN_NODES, SAME_ALGEBRA

STEP = 1e-5


def cases() -> list[Lowered]:
    found = [lower(varied_network(), varied_evidence(), VARIED_AS_OF)]
    for seed in range(24):
        network, evidence = case_of_every_kind(seed, counts=True)
        found.append(lower(network, evidence, AS_OF))
    for seed in range(8):
        case = random_case(seed, Size(8, 1e-2, 5, ranged=True, bare=0, forms=True))
        found.append(lower(case.network, case.evidence, case.as_of))
    return found


def broken_and_settled() -> Lowered:
    """A silence that a word broke, and a count over a time in which all is known."""
    network, _ = case_of_every_kind(0)
    event = next(event.id for event in network.events if event.kind == "onset")
    common = {"event": event, "published": "2024-03-01"}
    items = [
        Silence(
            id="broken", source="s0", claim="on",
            watched_from="2024-02-01", watched_to="2024-02-20", **common,
        ),
        Count(
            id="settled", source="s1", counted=7,
            watched_from="2024-02-25", watched_to="2024-02-28", **common,
        ),
        Observation(id="seen", event=event, published="2024-02-22", state="on"),
    ]  # fmt: skip
    return lower(network, Evidence(items), AS_OF)


def heard_from_one() -> Lowered:
    """Three reports that share a hidden origin, one of them against the other two."""
    common = {"event": "troops", "origin": "kcna"}
    items = [
        Report(id="a", source="reuters", published="2024-03-01", claim="on", **common),
        Report(id="b", source="afp", published="2024-03-02", claim="off", check=0.4, **common),
        Report(id="c", source="reuters", published="2024-03-03", claim="on", check=0.7, **common),
    ]
    return lower(demo_network(), Evidence(items), "2024-06-30")


def dated_and_wide() -> Lowered:
    """Reports that date an onset, copied and of a hidden origin, and a silence on two events."""
    return lower(watched_network(), dated(), WATCHED_AS_OF)


EVERY = [*cases(), broken_and_settled(), heard_from_one(), dated_and_wide()]


def close(found: Parameters, expected: Parameters, tolerance: float) -> None:
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance)


@pytest.mark.parametrize("lowered", EVERY)
def test_it_gives_the_parameters_of_the_specification(
    lowered: Lowered, rng: np.random.Generator
) -> None:
    z = 2.0 * rng.normal(size=(20, lowered.table.dimensions))
    values = stated_numbers(lowered.table, z)
    expected = rates(lowered, values)
    found = lowered.table.from_z(z)
    assert list(found) == list(values)
    for name, value in found.items():
        np.testing.assert_allclose(value, values[name], rtol=SAME_ALGEBRA)
    close(lowered.theta(found), expected, SAME_ALGEBRA)
    tolerance = BETWEEN_NODES if (lowered.channels.form >= TABLE).any() else SAME_ALGEBRA
    for draw in range(len(z)):
        one = compiled(lowered.channels, z[draw], len(lowered.events), len(lowered.links))[1]
        close(one, Parameters(*(field[draw] for field in expected)), tolerance)


@pytest.mark.parametrize("lowered", EVERY)
def test_items_are_drawn_with_the_chances_of_the_specification(
    lowered: Lowered, rng: np.random.Generator
) -> None:
    values = lowered.table.from_z(rng.normal(size=(5, lowered.table.dimensions)))
    heard = heard_over(lowered.channels, lowered.table.flat(values))
    for i, factor in enumerate(lowered.factors):
        np.testing.assert_allclose(heard[:, i], says_on(factor, values), rtol=SAME_ALGEBRA)
    for j, told in enumerate(lowered.hidden, start=len(lowered.factors)):
        for x, (name, place) in enumerate((told.false_alarm, told.hit)):
            np.testing.assert_array_equal(heard[:, j, x], values[name][:, place])


def turned_round(factors: tuple[Factor, ...], rng: np.random.Generator) -> tuple[Factor, ...]:
    """The same items, each of which may say something else."""
    found = []
    for factor in factors:
        if factor.form == SETTLED:
            found.append(replace(factor, said=factor.said + int(rng.integers(3))))
        elif factor.form == COUNT:
            found.append(factor)
        else:
            found.append(replace(factor, said=int(rng.integers(2))))
    return tuple(found)


@pytest.mark.parametrize("lowered", EVERY)
def test_other_claims_have_the_chances_that_they_would_have(
    lowered: Lowered, rng: np.random.Generator
) -> None:
    values = lowered.table.from_z(rng.normal(size=(3, lowered.table.dimensions)))
    for _ in range(5):
        other = replace(lowered, factors=turned_round(lowered.factors, rng))
        said = np.array([factor.said for factor in other.factors], dtype=np.int64)
        found = lowered.theta(values, saying(lowered.channels, said)).factors
        kept = [factor.said for factor in other.factors]
        unbroken = tuple(
            replace(f, said=1, number=f.number * s) if f.form == SILENCE else f
            for f, s in zip(other.factors, kept, strict=True)
        )
        expected = item_chances(replace(lowered, factors=unbroken), values)
        np.testing.assert_allclose(found, expected, rtol=SAME_ALGEBRA)


@pytest.mark.parametrize("lowered", EVERY)
def test_slopes_are_those_of_finite_differences(lowered: Lowered, rng: np.random.Generator) -> None:
    c, size = lowered.channels, (len(lowered.events), len(lowered.links))
    along = Parameters(
        *(
            rng.normal(size=f.shape)
            for f in parameters_at(c, values_at(c, np.zeros(lowered.table.dimensions)), *size)
        )
    )

    def total(z: np.ndarray) -> float:
        values = values_at(c, z)
        theta = parameters_at(c, values, *size)
        return sum(float((a * f).sum()) for a, f in zip(along, theta, strict=True))

    for _ in range(3):
        z = rng.normal(size=lowered.table.dimensions)
        values = values_at(c, z)
        slope = pull_values(c, z, pull_parameters(c, values, along))
        for k in range(len(z)):
            step = np.zeros(len(z))
            step[k] = STEP
            numeric = (total(z + step) - total(z - step)) / (2 * STEP)
            scale = abs(total(z))
            np.testing.assert_allclose(slope[k], numeric, rtol=1e-5, atol=1e-8 * (1 + scale))


def test_the_cases_hold_every_form() -> None:
    every = [lowered.channels for lowered in EVERY]
    forms = set(np.concatenate([r.form for r in every]).tolist())
    assert forms | {ODDS_TABLE} == set(range(6))  # that one: tests/model/test_stated_beliefs.py
    assert set(np.concatenate([r.item_form for r in every]).tolist()) == set(range(7))
    assert max(np.diff(r.first_member).max(initial=0) for r in every) == 3


@pytest.mark.parametrize("lowered", [*cases()[:8], dated_and_wide()])
def test_a_move_changes_no_other_part_of_the_parameters(
    lowered: Lowered, rng: np.random.Generator
) -> None:
    channels, sampler = lowered.channels, make_sampler(lowered.structure, lowered.record)
    moves = build_moves(sampler.marks, channels, lowered.table.dimensions)
    size = (len(lowered.events), len(lowered.links))
    z = rng.normal(size=lowered.table.dimensions)
    before = compiled(channels, z, *size)[1]
    moved = set()
    for k in range(len(moves.first_normal) - 1):
        normals = moves.normal[moves.first_normal[k] : moves.first_normal[k + 1]]
        moved |= set(normals.tolist())
        other = z.copy()
        other[normals] += 1.0
        after = compiled(channels, other, *size)[1]
        terms = moves.term[moves.first_term[k] : moves.first_term[k + 1]]
        events = moves.event[moves.first_event[k] : moves.first_event[k + 1]]
        changed = (after.factors != before.factors).any(axis=1)
        assert set(np.flatnonzero(changed).tolist()) <= set(terms.tolist())
        rates = (after.base_rate != before.base_rate) | (after.off_rate != before.off_rate)
        rates |= after.initial != before.initial
        rates[lowered.structure.link_child[after.effect != before.effect]] = True
        matter = sampler.marks.end >= 0
        assert set(np.flatnonzero(rates & matter).tolist()) <= set(events.tolist())
    assert moved == set(range(lowered.table.dimensions))
