"""The order of sweeps within an interval."""

from itertools import product

from forecast.engine.plan import DIAGONAL, schedule


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
