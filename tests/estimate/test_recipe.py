"""The parameters as compiled code makes them, against NumPy's."""

import numpy as np
import pytest

from forecast.engine.paths import make_sampler
from forecast.engine.paths.chain import build_moves
from forecast.engine.paths.recipe import ODDS_TABLE, TABLE, natural_values
from forecast.evidence import Count, Evidence, Observation, Silence
from forecast.model.lower import Lowered, lower
from forecast.model.recipe import build_recipe
from tests.estimate.every_kind import AS_OF, case_of_every_kind
from tests.model.networks import AS_OF as VARIED_AS_OF
from tests.model.networks import varied_evidence, varied_network
from tests.tolerances import BETWEEN_NODES, SAME_ALGEBRA


def cases() -> list[Lowered]:
    found = [lower(varied_network(), varied_evidence(), VARIED_AS_OF)]
    for seed in range(24):
        network, evidence = case_of_every_kind(seed, counts=True)
        found.append(lower(network, evidence, AS_OF))
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


@pytest.mark.parametrize("lowered", [*cases(), broken_and_settled()])
def test_it_gives_the_same_parameters(lowered: Lowered, rng: np.random.Generator) -> None:
    recipe = build_recipe(lowered)
    z = 2.0 * rng.normal(size=(20, lowered.table.dimensions))
    expected = lowered.theta(lowered.table.from_z(z))
    tolerance = BETWEEN_NODES if (recipe.form == TABLE).any() else SAME_ALGEBRA
    for draw in range(len(z)):
        _, theta = natural_values(recipe, z[draw], len(lowered.events), len(lowered.links))
        for one, other in zip(theta, expected, strict=True):
            np.testing.assert_allclose(one, other[draw], rtol=tolerance)


def test_the_cases_hold_every_form() -> None:
    recipes = [build_recipe(lowered) for lowered in [*cases(), broken_and_settled()]]
    forms = set(np.concatenate([r.form for r in recipes]).tolist())
    assert forms | {ODDS_TABLE} == set(range(6))  # that one: tests/model/test_stated_beliefs.py
    assert set(np.concatenate([r.item_form for r in recipes]).tolist()) == set(range(6))
    assert any(len(r.origin_hit) for r in recipes)


@pytest.mark.parametrize("lowered", cases()[:8])
def test_a_move_changes_no_other_part_of_the_parameters(
    lowered: Lowered, rng: np.random.Generator
) -> None:
    recipe, sampler = build_recipe(lowered), make_sampler(lowered.structure, lowered.record)
    moves = build_moves(sampler.marks, recipe, lowered.table.dimensions)
    size = (len(lowered.events), len(lowered.links))
    z = rng.normal(size=lowered.table.dimensions)
    before = natural_values(recipe, z, *size)[1]
    moved = set()
    for k in range(len(moves.first_normal) - 1):
        normals = moves.normal[moves.first_normal[k] : moves.first_normal[k + 1]]
        moved |= set(normals.tolist())
        other = z.copy()
        other[normals] += 1.0
        after = natural_values(recipe, other, *size)[1]
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
