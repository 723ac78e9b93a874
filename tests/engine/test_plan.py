"""The order of sweeps within an interval, and the tables of chances that hazards share."""

from itertools import product

import numpy as np
import pytest

from forecast.engine import _specification as specification
from forecast.engine._components import build_plans
from forecast.engine._likelihood import log_likelihood
from forecast.engine._plan import DIAGONAL, schedule
from forecast.engine._problem import CAUSES, ONSET, Windows
from tests.engine.test_paths import ones, record_of, structure_of
from tests.tolerances import LOG_PROBABILITY


def halves(sweeps: tuple[int, ...]) -> list[int]:
    """Return the flips as a run of half steps, with the survivals between."""
    return [
        half
        for sweep in sweeps
        for half in ([DIAGONAL] if sweep == DIAGONAL else [sweep // 2] * (1 + sweep % 2))
    ]


def test_a_schedule_is_a_run_of_symmetric_steps() -> None:
    for flips, steps, diagonal in product(range(4), range(1, 4), (False, True)):
        there = list(range(flips))
        step = [*there, *([DIAGONAL] if diagonal else []), *reversed(there)]
        assert halves(schedule(flips, steps, diagonal=diagonal)) == step * steps


def test_halves_of_one_flip_that_meet_are_one_whole() -> None:
    for flips, steps in product(range(1, 4), range(1, 4)):
        assert len(schedule(flips, steps, diagonal=True)) == 2 * flips * steps + 1
        if flips > 1:
            assert len(schedule(flips, steps, diagonal=False)) == (2 * flips - 2) * steps + 1
    assert schedule(1, 3, diagonal=False) == (1, 1, 1)


def test_intervals_of_one_length_and_other_weights_have_tables_of_their_own() -> None:
    """Four seasons of one length, two of them alike."""
    seasons = Windows(np.array([0.25, 0.5, 0.75]), np.array([1.0, 2.0, 0.5, 1.0]))
    structure = structure_of([ONSET, ONSET], (CAUSES, 0, 1), windows=(None, seasons))
    record = record_of(items=((0, 1.0), (1, 1.0)))
    theta = ones(structure, record)._replace(factors=np.array([[0.3, 0.8], [0.2, 0.9]]))
    plans = build_plans(structure, record, max_step=1 / 48, most_error=np.inf)
    assert len(plans[1].table_hazard) == 1 + 3
    expected = specification.log_likelihood(structure, record, theta, 1 / 48)
    assert log_likelihood(plans, theta) == pytest.approx(expected, abs=LOG_PROBABILITY)
