"""How the exact chances of events are shared out among sweeps, and what these share."""

from itertools import chain

import numpy as np
import pytest

from forecast import Posterior, read_evidence, read_network
from forecast.engine import _likelihood as likelihood
from forecast.engine._reach import tied_over_time
from forecast.engine._relevance import slices
from forecast.posterior import _outlook as outlook
from forecast.posterior import update
from tests.contract.repository import ROOT
from tests.tolerances import SAME_ALGEBRA


@pytest.fixture(scope="module")
def june() -> Posterior:
    """The first network, when rumours of some weeks tie twelve of its events."""
    network = read_network(ROOT / "priors" / "nato_rok.yaml")
    evidence = read_evidence(ROOT / "evidence")
    return update(network, evidence, as_of="2024-06-25", draws=64, method="importance")


def test_the_past_is_filtered_once_and_chances_are_the_same(
    june: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowered, theta = june.fitted.lowered, june._draws.theta
    times = np.array([lowered.now + 0.25, lowered.now + 1.0])
    events = list(range(len(lowered.events)))
    groups, _ = outlook._groups(lowered, events, times, sampled=False, noisy=())
    chosen = list(chain(*groups))
    heads: list[int] = []
    filtered = likelihood._filtered

    def watched(plans, *arguments, **options):  # type: ignore[no-untyped-def]
        if "end" in options:
            heads.append(plans[0].bits[: options["end"] + 1].max())
        return filtered(plans, *arguments, **options)

    monkeypatch.setattr(likelihood, "_filtered", watched)
    shared = outlook.outlook(lowered, theta, chosen, times, seed=1)
    assert len(groups) > 3
    assert sum(bits > outlook.EXACT_BITS for bits in heads) == 1
    once = len(heads)
    monkeypatch.setattr(outlook, "Past", lambda _: None)
    apart = outlook.outlook(lowered, theta, chosen, times, seed=1)
    assert len(heads) == once
    for one, other in zip(shared, apart, strict=True):
        np.testing.assert_allclose(one, other, rtol=SAME_ALGEBRA, atol=SAME_ALGEBRA)


def test_many_events_tied_for_some_weeks_are_not_followed_through_the_years_ahead(
    june: Posterior,
) -> None:
    lowered = june.fitted.lowered
    structure, record, now = lowered.structure, lowered.record, lowered.now
    times, events = np.array([now + 0.25, now + 1.5]), list(range(len(lowered.events)))
    groups, far = outlook._groups(lowered, events, times, sampled=False, noisy=())
    assert far
    for group in groups:
        sliced = slices(structure, record, outlook._targets(group, times))
        tied = tied_over_time(structure, sliced)
        assert (
            tied[:-1][sliced.cuts[:-1] < now].max() > outlook.EXACT_BITS
        )  # the record asks for it
        assert tied[1:][sliced.cuts[:-1] >= now].max() <= outlook.EXACT_BITS


@pytest.mark.parametrize("possible", [True, False])
def test_a_shared_past_counts_once_in_the_log_likelihood(june: Posterior, possible: bool) -> None:
    lowered, theta = june.fitted.lowered, june._draws.theta
    if not possible:
        theta = theta._replace(factors=np.zeros_like(theta.factors))
    times, events = np.array([lowered.now + 0.25]), [lowered.events.index("dprk_troops_russia")]
    sweep = outlook.plan_sweep(outlook.case_of(lowered), [], outlook._targets(events, times), times)
    assert any(plan.item.size for plan in sweep.plans)
    apart, shared = (
        np.sum([log_chance for log_chance, _ in sweep.by_plan(theta, past=past)], axis=0)
        for past in (None, likelihood.Past(lowered.now))
    )
    assert np.isfinite(apart).all() == possible
    np.testing.assert_allclose(shared, apart, rtol=SAME_ALGEBRA)
