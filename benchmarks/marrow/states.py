"""The ten joint states of a patient, and the way from one to another.

Alive: bit 0 of a state's number says that platelets have recovered, bit 1 that there was an adverse
event, bit 2 that there was a relapse. The last two are death in remission and death after relapse.
Recovery and adverse events are recorded until relapse.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.marrow.data import Floats, Histories, Ints, Patients

BITS = {"platelets": 1, "adverse": 2, "relapse": 4}
ALIVE, REMISSION_DEATH, RELAPSED_DEATH, STATES = 8, 8, 9, 10
EVENTS = ("platelets", "adverse", "relapse", "death", "death_after_relapse")
"""Of death there are two kinds: in remission, and after relapse."""
OUTCOMES = ("relapse", "death")
"""What is asked: relapse, and death from any cause."""
DAYS, HORIZONS = (30, 100, 365), (365, 730)
"""The days on which forecasts are made, and how many days they reach."""
TERMS = 12


class Move(NamedTuple):
    """An event that may come in a state, and the state that it leads to."""

    event: str
    before: int
    after: int


def _moves() -> tuple[Move, ...]:
    found = []
    for state in range(ALIVE):
        relapsed = bool(state & BITS["relapse"])
        for event, bit in BITS.items():
            if not relapsed and not state & bit:
                found.append(Move(event, state, state | bit))
        if relapsed:
            found.append(Move("death_after_relapse", state, RELAPSED_DEATH))
        else:
            found.append(Move("death", state, REMISSION_DEATH))
    return tuple(found)


MOVES = _moves()


def states_of(histories: Histories) -> Ints:
    """Return the state of each patient, all of them alive, at the end of what is known."""
    came = [bit * np.isfinite(histories.onset[event]) for event, bit in BITS.items()]
    return np.sum(came, axis=0).astype(np.int64)


def onset_of(patients: Patients, event: str) -> Floats:
    """Return the day on which one of `EVENTS` came, infinite where it did not, shape (patient,)."""
    onset = patients.histories.onset
    if event not in {"death", "death_after_relapse"}:
        return onset[event]
    relapsed = np.isfinite(onset["relapse"])
    return np.where(relapsed == (event == "death_after_relapse"), onset["death"], np.inf)


def chances(transition: Floats, state: Ints) -> Floats:
    """Return the chance of each outcome.

    Parameters
    ----------
    transition
        The chance of each state at the horizon, by the state now, shape (patient, state, state).
    state
        The state now, shape (patient,).

    Returns
    -------
    array
        Shape (patient, outcome). Of the relapsed the chance of a relapse says nothing.
    """
    there = transition[np.arange(len(state)), state]  # (patient, state)
    relapse = there[:, BITS["relapse"] : ALIVE].sum(axis=1) + there[:, RELAPSED_DEATH]
    return np.stack([relapse, there[:, ALIVE:].sum(axis=1)], axis=1)


def generator(rates: Mapping[str, Floats]) -> Floats:
    """Return the matrix of rates between states, or of their increments, shape (…, state, state).

    Parameters
    ----------
    rates
        By event, its rate in each state of the living, shape (…, 8).
    """
    shape = next(iter(rates.values())).shape[:-1]
    found = np.zeros((*shape, STATES, STATES))
    for event, before, after in MOVES:
        found[..., before, after] += rates[event][..., before]
        found[..., before, before] -= rates[event][..., before]
    return found


def exponentials(matrices: Floats) -> Floats:
    """Return the exponentials of many matrices, by scaling, Taylor's series and squaring."""
    norm = float(np.abs(matrices).sum(axis=-1).max())
    halvings = max(0, int(np.ceil(np.log2(max(norm, 1e-300)))) + 1)
    small = matrices / 2.0**halvings
    found = term = np.broadcast_to(np.eye(matrices.shape[-1]), matrices.shape)
    for k in range(1, TERMS + 1):
        term = term @ small / k
        found = found + term
    for _ in range(halvings):
        found = found @ found
    return np.asarray(found)


def walk(
    step: Callable[[float, float], Floats], day: int, edges: Sequence[float] = ()
) -> dict[int, Floats]:
    """Return the transition from a day to each horizon after it, shape (…, state, state).

    Parameters
    ----------
    step
        The transition over the days after the first and up to the second.
    day
        Of the forecast.
    edges
        Days on which rates change, which no step goes over.
    """
    ends = [day + ahead for ahead in HORIZONS]
    cuts = sorted({day, *ends, *(edge for edge in edges if day < edge < ends[-1])})
    found: dict[int, Floats] = {}
    reached: Floats | None = None
    for start, stop in pairwise(cuts):
        moved = step(start, stop)
        reached = moved if reached is None else reached @ moved
        if stop in ends:
            found[HORIZONS[ends.index(int(stop))]] = reached
    return found


def patterns(covariates: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return the different rows of covariates, and which of them each patient has."""
    rows, of = np.unique(covariates, axis=0, return_inverse=True)
    return rows, of.ravel()
