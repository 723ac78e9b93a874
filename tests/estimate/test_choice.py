"""The choice between methods: it follows what each costs, and no answer hangs on it."""

import numpy as np
import pytest

from benchmarks.costs import Case, problem
from forecast.engine.paths import make_sampler
from forecast.engine.paths._chain import build_moves
from forecast.estimate import _cost as cost
from forecast.estimate._choice import CHEAP, FEW, foreseen, surely_filtered, tied_events
from forecast.estimate._cost import estimated_costs, reachable_plans
from forecast.estimate._fit import fit
from forecast.estimate._result import Settings
from forecast.posterior import Posterior

DAYS = ("2025-03-31", "2025-12-31")
STATED_ERRORS = 4.0
LEAN = 0.01
"""Beyond its stated error, what the noise of few courses a draw may leave in an interval's end."""


def estimated(case: Case) -> cost.Costs:
    lowered = problem(case)
    return estimated_costs(lowered, reachable_plans(lowered), Settings())


def test_many_items_on_few_events_are_left_to_importance_sampling() -> None:
    for items in (1000, 3000):
        costs = estimated(Case(10, items))
        assert costs.importance < costs.paths < costs.nuts


@pytest.mark.parametrize("case", [Case(FEW, 10), Case(FEW, 3000), Case(FEW, 1000, 60)], ids=str)
def test_few_events_tied_together_are_always_left_to_importance_sampling(case: Case) -> None:
    lowered = problem(case)
    assert len(tied_events(lowered)) == FEW
    assert surely_filtered(lowered)
    assert foreseen(lowered, Settings()).why_paths == ""
    costs = estimated(case)
    assert costs.importance < max(CHEAP, costs.paths) / 2


def test_few_items_on_many_events_are_left_to_the_path_sampler() -> None:
    costs = estimated(Case(14, 20))
    assert costs.paths < costs.importance / 2 < costs.nuts


def test_more_items_never_cost_less() -> None:
    costs = [estimated(Case(6, items)) for items in (10, 100, 1000)]
    for method in ("importance", "nuts", "paths"):
        assert (np.diff([getattr(each, method) for each in costs]) > 0).all()


@pytest.mark.parametrize("case", [Case(3, 20), Case(6, 40, 7), Case(5, 20, ranged=False)], ids=str)
def test_the_items_that_a_round_weighs_are_counted_as_the_sampler_moves(case: Case) -> None:
    lowered = problem(case)
    sampler = make_sampler(lowered.structure, lowered.record)
    moves = build_moves(sampler.marks, lowered.channels, lowered.table.dimensions)
    assert cost._terms(lowered) == moves.first_term[-1]


@pytest.fixture(scope="module")
def within() -> Posterior:
    return Posterior(fit(problem(Case(5, 20)), Settings(method="auto")))


def test_just_past_the_filters_reach_the_same_question_has_the_same_answer(
    within: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost, "MOST_FILTER_BITS", 4)
    past = Posterior(fit(problem(Case(5, 20)), Settings(method="auto")))
    assert (within.fitted.method, past.fitted.method) == ("importance", "paths")
    for event in ("e00", "e02", "e04"):
        for day in DAYS:
            one, two = within.probability(event, by=day), past.probability(event, by=day)
            assert abs(one.mean - two.mean) < STATED_ERRORS * np.hypot(one.mcse, two.mcse)
            ends = zip(one.interval(), two.interval(), strict=True)
            errors = zip(one.interval_mcse(), two.interval_mcse(), strict=True)
            for (a, b), pair in zip(ends, errors, strict=True):
                assert abs(a - b) < LEAN + STATED_ERRORS * np.hypot(*pair)
