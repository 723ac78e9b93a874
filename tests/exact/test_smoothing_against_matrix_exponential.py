"""Smoothed chances against a ratio of two likelihoods by matrix exponentials."""

import numpy as np
import pytest

from forecast.engine._components import build_plans
from forecast.engine._likelihood import smoothed
from forecast.engine._problem import Parameters, Record, Structure
from forecast.engine._relevance import Target, slices
from tests.exact.dense import dense_log_likelihood
from tests.exact.random_networks import HORIZON, random_problem
from tests.tolerances import FINE_GRID


def dense_chance(structure, record, theta, event, time):  # type: ignore[no-untyped-def]
    """P(event on at time | record), by adding a sure item that says so."""
    said = record._replace(
        item_event=np.append(record.item_event, event),
        item_time=np.append(record.item_time, time),
        item_from=np.append(record.first_time, time),
    )
    on = theta._replace(factors=np.vstack([theta.factors.reshape(-1, 2), [[0.0, 1.0]]]))
    with np.errstate(divide="ignore"):
        return np.exp(
            dense_log_likelihood(structure, said, on)
            - dense_log_likelihood(structure, record, theta)
        )


@pytest.mark.parametrize("seed", range(60))
def test_the_chance_of_an_event_given_evidence_before_and_after(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    check_chances(*random_problem(rng, most=5), rng)


def check_chances(
    structure: Structure, record: Record, theta: Parameters, rng: np.random.Generator
) -> None:
    """Compare the chances of a random event at two random times."""
    times = np.sort(rng.uniform(0, HORIZON * 1.2, 2))
    event = int(rng.integers(len(structure.kind)))
    targets = tuple(Target(float(time), (event,)) for time in times)
    plans = build_plans(structure, record, max_step=1 / 2000, targets=targets)
    draw = Parameters(*(field[None] for field in theta))
    for time in times:
        expected = dense_chance(structure, record, theta, event, time)
        assert chance(structure, record, plans, draw, targets, event, time) == pytest.approx(
            expected, abs=FINE_GRID
        )


def chance(structure, record, plans, draw, targets, event, time):  # type: ignore[no-untyped-def]
    for plan in plans:
        at = int(np.searchsorted(plan.cuts, time))
        if at < len(plan.cuts) and plan.cuts[at] == time and event in plan.live_before(at):
            states = smoothed(plan, draw, np.array([time]))[0][:, 0]
            bit = plan.live_before(at).index(event)
            return states[(np.arange(len(states)) >> bit) & 1 == 1].sum()
    whole = slices(structure, record, targets)
    cut = int(np.searchsorted(whole.cuts, time))
    return whole.old_status(cut, event, int(structure.initially[event]))
