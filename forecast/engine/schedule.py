"""The sweeps of the filter: in which order a step takes the transitions of its live events.

A step applies every transition over half its length, then the chance that known events stay as
they are over all of it, then the transitions again in reverse order: symmetric Strang splitting.
"""

__all__ = ["DIAGONAL", "schedule"]

DIAGONAL = -1


def schedule(flips: int, steps: int, *, diagonal: bool) -> tuple[int, ...]:
    """Return the sweeps of an interval: 2 * flip + (1 if over a whole step), or `DIAGONAL`.

    Neighbouring half steps of the same flip are merged into whole ones.

    Parameters
    ----------
    flips
        How many live events can change.
    steps
        Of the interval.
    diagonal
        Whether there are survivals, to multiply in halfway through each step.
    """
    there = [2 * flip for flip in range(flips)]  # each over half a step
    step = [*there, *([DIAGONAL] if diagonal else []), *reversed(there)]
    sweeps: list[int] = []
    for half in step * steps:
        if half != DIAGONAL and sweeps and sweeps[-1] == half:
            sweeps[-1] += 1
        else:
            sweeps.append(half)
    return tuple(sweeps)
