"""Evidence from other worlds: a course of events drawn, and what the items say of it."""

import numpy as np
from numpy.typing import NDArray

from forecast.engine.problem import Floats, Ints, Parameters
from forecast.engine.simulate import Wiring, simulate_course
from forecast.model.claims import COUNT, SILENCE, Claims
from forecast.model.lower import Lowered

__all__ = ["draw_claims", "draw_world"]


def draw_claims(claims: Claims, rows: Floats, shares: Floats, rng: np.random.Generator) -> Ints:
    """Return what each item says in a world, shape (item,).

    Parameters
    ----------
    claims
        The items.
    rows
        P(says on | off) and P(says on | on) of items and hidden statements, shape (row, 2); of
        silences and counts as `Factor.chance_on` gives them.
    shares
        The share of the time each speaks of that its event is on, shape (row,): 0 or 1 for a
        moment.
    rng
        Source of randomness.
    """
    said = np.zeros(len(claims.items), dtype=np.int64)
    hidden: dict[int, int] = {}
    for j, members in enumerate(claims.members, start=len(said)):
        claim = int(rng.uniform() < rows[j, int(shares[j])])
        hidden |= dict.fromkeys(members, claim)
    for i in claims.order:
        off, on = rows[i]
        if claims.form[i] == COUNT:
            said[i] = rng.poisson(off + (on - off) * shares[i])
            continue
        if claims.form[i] == SILENCE:
            said[i] = rng.uniform() < (on / off) ** shares[i]
            continue
        chance = rows[i, int(shares[i])]
        if rng.uniform() >= claims.check[i]:
            copied = claims.settled[i, 1] + claims.origins[i] @ said
            chance = hidden.get(i, copied)
        said[i] = rng.uniform() < chance
    return said


def draw_world(
    lowered: Lowered,
    wires: Wiring,
    claims: Claims,
    theta: Parameters,
    rng: np.random.Generator,
) -> tuple[Floats, bool]:
    """Return the share of its time that each row's event is on, and whether the record holds.

    Parameters
    ----------
    lowered, wires
        The network, and what is known for sure.
    claims
        Of what the items and hidden statements speak.
    theta
        One value of the parameters.
    rng
        Source of randomness.
    """
    structure, record = lowered.structure, lowered.record
    chance = np.where(structure.initially < 0, theta.initial, structure.initially)
    start = (rng.uniform(size=len(chance)) < chance).astype(np.int64)
    finite = record.known_to[np.isfinite(record.known_to)]
    ends = [to for _, _, to, _ in record.held]
    end = max([0.0, *claims.last, *record.known_from, *finite, *ends])
    seed = int(rng.integers(2**32))
    _, _, times, jumped = simulate_course(wires, theta, start, 0.0, end, seed)

    def jumps(event: int, first: float, last: float) -> NDArray[np.float64]:
        return np.asarray(times[(jumped == event) & (times > first) & (times <= last)])

    def on(event: int, time: float) -> bool:
        return bool((start[event] + len(jumps(event, -np.inf, time))) % 2)

    def share(event: int, first: float, last: float) -> float:
        if first == last:
            return float(on(event, last))
        edges = np.array([first, *jumps(event, first, last), last])
        spells = np.diff(edges)[int(not on(event, first)) :: 2]
        return float(spells.sum() / (last - first))

    shares = [
        share(*row) for row in zip(claims.event.tolist(), claims.first, claims.last, strict=True)
    ]
    spans = zip(
        record.known_event, record.known_from, record.known_to, record.known_value, strict=True
    )
    holds = all(
        on(event, first) == value and len(jumps(event, first, last)) == 0
        for event, first, last, value in spans
    )
    for event, first, last, turns in record.held:
        changes = len(jumps(event, first, last))
        once = changes == 1 and on(event, last) == turns
        holds &= changes == 0 or once
    return np.array(shares), holds
