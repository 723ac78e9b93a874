"""Networks with delayed links, as people state them, by the matrix exponential.

Nothing of the library's own way with delays is used: here a delayed link is one counter of the
phases it has passed, from 0 to its number of stages, and no event of the engine's.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.linalg import expm

from forecast.engine.structure import Floats
from forecast.network import Event, Link, Network

type Values = Mapping[str, Mapping[str, float]]
"""Natural values by group and label: ``values["delay"]["pact__causes__arms"]`` in years."""


class Told(NamedTuple):
    """What evidence says at a time: its chance were the event off, and on."""

    event: str
    time: float
    if_off: float
    if_on: float


class State(NamedTuple):
    """A joint state: what is on, and how far each delayed link has come."""

    on: tuple[bool, ...]
    phase: tuple[int, ...]


class Phases:
    """The Markov chain of events and phases at given values of all uncertain numbers."""

    def __init__(self, network: Network, values: Values) -> None:
        self.events = {event.id: place for place, event in enumerate(network.events)}
        self.network, self.values = network, values
        self.delayed = [link for link in network.links if link.delay is not None]
        self.states = [
            State(on, phase)
            for phase in product(*(range(link.stages + 1) for link in self.delayed))
            for on in product((False, True), repeat=len(network.events))
        ]
        self.index = {state: place for place, state in enumerate(self.states)}

    def log_likelihood(self, told: Sequence[Told]) -> float:
        """The log probability of all that is told, in order of time."""
        q, p, now, total = self.generator(), self.start(), 0.0, 0.0
        for item in sorted(told, key=lambda item: item.time):
            p = expm(q * (item.time - now)) @ p
            on = np.array([state.on[self.events[item.event]] for state in self.states])
            p = p * np.where(on, item.if_on, item.if_off)
            total, now = total + np.log(p.sum()), item.time
            p = p / p.sum()
        return float(total)

    def start(self) -> Floats:
        """The chances of the states at the start: no link has come anywhere."""
        p = np.array([float(not any(state.phase)) for state in self.states])
        for event, place in self.events.items():
            chance = self._initially(event)
            p *= [chance if state.on[place] else 1 - chance for state in self.states]
        return p

    def generator(self) -> Floats:
        """The generator, columns from, rows to."""
        q = np.zeros((len(self.states), len(self.states)))
        for state in self.states:
            for target, rate in self._moves(state):
                q[self.index[target], self.index[state]] += rate
                q[self.index[state], self.index[state]] -= rate
        return q

    def _moves(self, state: State) -> list[tuple[State, float]]:
        moves = []
        for event in self.network.events:
            place = self.events[event.id]
            flipped = (*state.on[:place], not state.on[place], *state.on[place + 1 :])
            moves.append((state._replace(on=flipped), self._rate(event, state)))
        for place, link in enumerate(self.delayed):
            passed = state.phase[place]
            begun = passed > 0 or state.on[self.events[link.parent]]
            if begun and passed < link.stages:
                on = (*state.phase[:place], passed + 1, *state.phase[place + 1 :])
                rate = link.stages / self.values["delay"][link.id]
                moves.append((state._replace(phase=on), rate))
        return moves

    def _rate(self, event: Event, state: State) -> float:
        """The rate at which an event turns over."""
        if event.kind == "fact":
            return 0.0
        if state.on[self.events[event.id]]:
            return self.values["off_rate"][event.id] if event.kind == "state" else 0.0
        into = [link for link in self.network.links if link.child == event.id]
        rate = self.values["base_rate"][event.id]
        for link in into:
            if link.kind == "causes" and self._acts(link, state):
                rate += self.values["extra_rate"][link.id]
        for link in into:
            acts = self._acts(link, state)
            if link.kind == "multiplies" and acts:
                rate *= self.values["hazard_ratio"][link.id]
            elif (link.kind == "requires" and not acts) or (link.kind == "prevents" and acts):
                rate = 0.0
        return rate

    def _acts(self, link: Link, state: State) -> bool:
        if link.delay is None:
            return state.on[self.events[link.parent]]
        return state.phase[self.delayed.index(link)] == link.stages

    def _initially(self, event: str) -> float:
        stated = self.network.event(event).initially
        if isinstance(stated, bool) or stated is None:
            return float(bool(stated))
        return self.values["initial_probability"][event]
