"""Evidence from other worlds: a course of events drawn, and what the items say of it."""

import numpy as np

from forecast.engine._channels import COUNT, OPENS, SILENCE, heard_over, parameters_at
from forecast.engine._problem import Floats, Ints, Parameters
from forecast.engine._simulate import simulate_course, wiring
from forecast.engine._start import drawn_start
from forecast.model._factors import openings, row_places, rows_in_force
from forecast.model._lower import Lowered
from forecast.time import years_between


class Drawn:
    """Draws of all evidence: what each item says, then 1 if what is known for sure holds, else 0.

    Parameters
    ----------
    lowered
        The network, and its record.
    """

    def __init__(self, lowered: Lowered) -> None:
        self.lowered, self._wires = lowered, wiring(lowered.structure)
        record, start = lowered.record, lowered.network.start_instant
        borne = rows_in_force(lowered.evidence)
        heads = [told.members[0] for told in lowered.hidden]
        rows = np.array([*range(len(borne)), *heads], dtype=np.intp)
        # Of a count the window too where it is settled.
        first = np.array([years_between(start, row.begin) for _, row in borne])
        self._items = list(row_places(lowered.evidence).values())
        self._event, self._last = record.item_event[rows], record.item_time[rows]
        self._first = first[rows]
        self._order = _origins_first([factor.repeats for factor in lowered.factors])
        finite = record.known_to[np.isfinite(record.known_to)]
        ends = [to for _, _, to, _ in record.held]
        self._end = max([0.0, *self._last, *record.known_from, *finite, *ends])

    def one(self, values: Floats, rng: np.random.Generator) -> Ints:
        """Return one draw, given the stated numbers, shape (value,)."""
        channels = self.lowered.channels
        theta = parameters_at(channels, values, *self.lowered.size)
        shares, holds = self._world(theta, rng)
        said = self._claims(heard_over(channels, values[None])[0], shares, rng)
        by_item = [said[rows].min() for rows in self._items]  # a silence is kept on all its events
        return np.array([*by_item, holds], dtype=np.int64)

    def _claims(self, heard: Floats, shares: Floats, rng: np.random.Generator) -> Ints:
        """Return what each row of the record says in a world, shape (row,).

        Parameters
        ----------
        heard
            P(says on | off) and P(says on | on) of items and hidden statements, (row, 2); of
            silences and counts as `heard_over` gives them.
        shares
            The share of the time each speaks of that its event is on, shape (row,): 0 or 1 for a
            moment, and for the days of a dated onset.
        rng
            Source of randomness.
        """
        factors = self.lowered.factors
        said = np.zeros(len(factors), dtype=np.int64)
        hidden: dict[int, int] = {}
        for j, told in enumerate(self.lowered.hidden, start=len(factors)):
            claim = int(rng.uniform() < heard[j, int(shares[j])])
            hidden |= dict.fromkeys(told.members, claim)
        for i in self._order:
            factor, (off, on) = factors[i], heard[i]
            if factor.form == OPENS:
                said[i] = 1  # the row after it tells
                continue
            if factor.form >= COUNT:
                said[i] = rng.poisson(off + (on - off) * shares[i])
                continue
            if factor.form == SILENCE:
                said[i] = rng.uniform() < (on / off) ** shares[i]
                continue
            chance = heard[i, int(shares[i])]
            if rng.uniform() >= factor.check:
                on_before = said[list(factor.repeats)].sum() + factor.settled[1]
                whole = len(factor.repeats) + sum(factor.settled)
                chance = hidden[i] if i in hidden else on_before / whole
            said[i] = rng.uniform() < chance
        return said

    def _world(self, theta: Parameters, rng: np.random.Generator) -> tuple[Floats, bool]:
        """Return the share of the time each row's event is on, and if the record holds."""
        structure, record = self.lowered.structure, self.lowered.record
        u = rng.uniform(size=len(structure.kind))
        start = drawn_start(structure, theta.initial, u)
        seed = int(rng.integers(2**32))
        _, _, times, jumped = simulate_course(self._wires, theta, start, 0.0, self._end, seed)

        def jumps(event: int, first: float, last: float) -> Floats:
            return np.asarray(times[(jumped == event) & (times > first) & (times <= last)])

        def on(event: int, time: float) -> bool:
            return bool((start[event] + len(jumps(event, -np.inf, time))) % 2)

        def share(event: int, first: float, last: float) -> float:
            if first == last:
                return float(on(event, last))
            edges = np.array([first, *jumps(event, first, last), last])
            spells = np.diff(edges)[int(not on(event, first)) :: 2]
            return float(spells.sum() / (last - first))

        rows = zip(self._event.tolist(), self._first, self._last, strict=True)
        shares = np.array([share(*row) for row in rows])
        opening = openings(self.lowered.factors)
        within = {i + 1: shares[i + 1] - shares[i] for i in opening}
        for j, told in enumerate(self.lowered.hidden, start=len(self.lowered.factors)):
            if told.members[0] in within:
                within[j] = within[told.members[0]]
        shares[list(within)] = list(within.values())
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
        return shares, holds


def _origins_first(origins: list[tuple[int, ...]]) -> list[int]:
    """Return the items, each after those that it may repeat."""
    found: list[int] = []
    left = list(range(len(origins)))
    while left:
        ready = [i for i in left if not set(origins[i]) & set(left)]
        found += ready
        left = [i for i in left if i not in ready]
    return found
