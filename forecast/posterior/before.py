"""Which of two onsets comes first.

Until either has happened, a network in which b prevents a has the same course as the network
itself, and from then on a course in which a came first is not touched. So
P(a before b, a by T, evidence) is the likelihood of "a is on at T" and the evidence there.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from forecast.engine.problem import ONSET, PREVENTS, Structure
from forecast.engine.relevance import Target
from forecast.errors import QueryError
from forecast.posterior.draws import Draws
from forecast.posterior.exact import Case, Point, case_of, plan_sweep
from forecast.posterior.given import counted, grid_of, reach
from forecast.posterior.probability import Estimates, Probability
from forecast.posterior.worlds import simulated_worlds

__all__ = ["probability_before", "raced"]


def probability_before(draws: Draws, pair: tuple[int, int], by: datetime) -> Probability:
    """Return the probability that one onset has happened by a time, and before another.

    Parameters
    ----------
    draws
        The draws.
    pair
        The first and the second event.
    by
        The time.

    Raises
    ------
    QueryError
        If either is no onset, or both are the same.
    """
    first, second = pair
    _check(draws, pair)
    case, time = case_of(draws.lowered), draws.calendar.years(by)
    point, grid = Point(first, time, on=True), grid_of(draws, [time])
    everyone = [Target(time, (first, second))]
    race = plan_sweep(raced(case, pair), [point], everyone, grid, every=True)
    plain = plan_sweep(case, [point], everyone, grid, every=True)
    found = reach(draws, race)
    if found is None:
        worlds = simulated_worlds(draws)
        earlier = worlds.onset(first) < worlds.onset(second)
        return counted(draws, worlds, earlier & worlds.on(first, time))
    theta, where, batch = found
    extra = np.ones((len(theta.effect), 1))
    with_gate = theta._replace(effect=np.concatenate([theta.effect, extra], axis=1))
    log_ratio = race.log_likelihood(with_gate) - plain.log_likelihood(theta, [False])
    chance = np.clip(np.exp(log_ratio), 0.0, 1.0)[where]
    return Probability.of(Estimates(chance[None], batch))


def _check(draws: Draws, pair: Sequence[int]) -> None:
    events, kinds = draws.lowered.events, draws.lowered.structure.kind
    for event in pair:
        if kinds[event] != ONSET:
            kind = draws.lowered.network.events[event].kind
            msg = (
                f"'{events[event]}' is a {kind}, and only onsets have a time that comes before "
                "another: ask for two onsets"
            )
            raise QueryError(msg)
    if pair[0] == pair[1]:
        msg = f"'{events[pair[0]]}' cannot come before itself: ask for two events"
        raise QueryError(msg)


def raced(case: Case, pair: tuple[int, int]) -> Case:
    """Return the case with a gate more: the second event prevents the first."""
    structure: Structure = case.structure
    return case._replace(
        structure=structure._replace(
            link_kind=np.append(structure.link_kind, PREVENTS),
            link_parent=np.append(structure.link_parent, pair[1]),
            link_child=np.append(structure.link_child, pair[0]),
        )
    )
