"""Parameters, paths and evidence drawn in turn keep their joint prior, as they must.

References
----------
Geweke (2004). Getting it right: joint distribution tests of posterior simulators. JASA 99.
"""

import numpy as np
import pytest

from forecast.engine._channels import COUNT, RATIO, REPORT, Channels
from forecast.engine._problem import Floats, Ints
from forecast.engine.paths import from_lists, make_sampler
from forecast.engine.paths._chain import Machine, advance, build_moves
from forecast.engine.paths._likelihood import Stats
from forecast.engine.paths._marks import NOTHING
from forecast.evidence import Evidence, Forecast, Silence
from forecast.model._lower import Lowered, lower
from tests.estimate.every_kind import AS_OF, network_of_every_kind, template_of_every_kind
from tests.exact.carried_on import carried_on
from tests.reference.stated import compiled
from tests.tolerances import MONTE_CARLO_Z

BATCHES = 40
ROUNDS = 4000


def unseen(seed: int) -> Lowered:
    """A random network of which nothing is known for sure, and items of every drawable kind.

    What a forecast is worth is no chance that it is said: it shifts what the network itself says.
    """
    rng = np.random.default_rng(seed)
    network = network_of_every_kind(rng, 4)
    events = [event.model_copy(update={"public": False}) for event in network.events]
    network = network.model_copy(update={"events": tuple(events)})
    items = template_of_every_kind(rng, network, 14, counts=True)
    return lower(
        network, Evidence([i for i in items if not isinstance(i, Silence | Forecast)]), AS_OF
    )


def said(
    channels: Channels, stats: Stats, values: Floats, factors: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """What the items say in a world: whether each says on, and how many each counts.

    `factors` are those of items that all say on, and pass on no hidden claim.
    """
    items = np.arange(len(channels.item_form))
    x = stats.item_on.astype(np.int64)
    claims = (rng.random(len(items)) < factors[items, x]).astype(np.int64)
    for s in range(len(channels.origin_hit)):
        for_x = (channels.origin_false[s], channels.origin_hit[s])
        members = channels.member[channels.first_member[s] : channels.first_member[s + 1]]
        hidden = rng.random() < values[for_x[x[members[0]]]]
        for i in members:
            w, own = (
                channels.item_credibility[i],
                (channels.item_false[i], channels.item_hit[i])[x[i]],
            )
            chance = w * values[own] + (1 - w) / 2
            checked = rng.random() < channels.item_check[i]
            claims[i] = rng.random() < chance if checked else hidden
    counts = channels.item_form == COUNT
    mean = (1 - stats.item_on) * factors[:, 0] + stats.item_on * factors[:, 1]
    number = np.where(counts, rng.poisson(np.where(counts, mean, 1.0)), NOTHING)
    return np.where(counts, 1, claims), number.astype(np.int64)


def beyond_expectation(stats: Stats, claims: Ints, counts: Ints, factors: Floats) -> Floats:
    """What each item says, less what it is expected to say: of mean zero, whatever the rest is."""
    on = stats.item_on
    expected = (1 - on) * factors[:, 0] + on * factors[:, 1]
    counted = counts != NOTHING
    return np.where(counted, (counts - expected) / np.sqrt(expected), claims - expected)


def largest_z(found: Floats) -> float:
    """How far the mean of any column is from zero, in standard errors by batch means."""
    means = found.reshape(BATCHES, -1, found.shape[1]).mean(axis=1)
    return float(np.abs(means.mean(axis=0) / means.std(axis=0, ddof=1)).max() * np.sqrt(BATCHES))


@pytest.mark.parametrize("seed", range(3))
def test_parameters_paths_and_evidence_drawn_in_turn_keep_the_prior(seed: int) -> None:
    lowered, rng = unseen(seed), np.random.default_rng(seed)
    channels, sampler = lowered.channels, make_sampler(lowered.structure, lowered.record)
    assert {REPORT, RATIO, COUNT} >= set(channels.item_form.tolist())
    d, size = lowered.table.dimensions, (len(lowered.events), len(lowered.links))
    moves = build_moves(sampler.marks, channels, d)
    on = np.ones(len(channels.item_form), dtype=np.int64)
    plain = channels._replace(
        item_on=on, origin_hit=on[:0], origin_false=on[:0], item_check=on.astype(float)
    )
    z = rng.normal(size=d)
    values, theta = compiled(plain, z, *size)
    blank = from_lists(lowered.structure.kind, np.zeros(size[0], dtype=np.int64), [[]] * size[0])
    nothing = make_sampler(lowered.structure, lowered.record.with_items([]))
    paths = carried_on(nothing, theta, blank, lowered.structure.horizon, seed)
    found, residuals = np.empty((ROUNDS, d)), np.empty((ROUNDS, len(on)))
    for i in range(ROUNDS):
        values, theta = compiled(plain, z, *size)
        stats = sampler.statistics(paths)
        claims, counts = said(channels, stats, values, theta.factors, rng)
        machine = Machine(
            sampler.marks._replace(item_count=counts),
            sampler.blocks,
            channels._replace(item_on=claims),
            moves,
        )
        z, paths, stuck = advance(machine, z, paths, 1, int(rng.integers(2**31)))
        assert stuck == NOTHING
        found[i] = z
        values, theta = compiled(plain, z, *size)
        residuals[i] = beyond_expectation(sampler.statistics(paths), claims, counts, theta.factors)
    items = [i for i in range(len(on)) if i not in channels.member]
    told = np.zeros((d, len(on)))  # which standard normals bear on which items
    for k in range(len(moves.first_normal) - 1):
        normals = moves.normal[moves.first_normal[k] : moves.first_normal[k + 1]]
        if len(normals) == 1:
            told[normals[0], moves.term[moves.first_term[k] : moves.first_term[k + 1]]] = 1.0
    told[:, channels.member] = 0.0
    assert largest_z(found) < MONTE_CARLO_Z
    assert largest_z(found**2 - 1.0) < MONTE_CARLO_Z
    assert largest_z(residuals[:, items]) < MONTE_CARLO_Z
    assert largest_z((found * (residuals @ told.T))[:, told.any(axis=1)]) < MONTE_CARLO_Z
