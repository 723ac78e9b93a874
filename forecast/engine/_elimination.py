"""Facts alone: their joint distribution at the start, with each fact summed out in its turn.

A component of facts never changes, so its likelihood is that of a Bayesian network: the sum over
all its facts of the product of their chances, of what every item says of them, and of what is
known of them. Variable elimination [1]_ takes that sum pair by pair of factors, in an order in
which no product on the way is over many facts at once: its work grows with the width of the graph
and not with the number of facts.

The same products run backwards are the slopes of the sum by all that goes into it, and these give
the chances of each fact's values given everything else: one pass each way gives all of them.

References
----------
.. [1] Zhang & Poole (1994). A simple approach to Bayesian network computations. Canadian AI.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np

from forecast.engine._contraction import MOST_NUMBERS, Factor, Labels, Tree, shares, tree_of
from forecast.engine._problem import Floats, Ints, Parameters, Record, Start, Structure
from forecast.engine._relevance import Slices, Target

EVERY = slice(None)


@dataclass(frozen=True)
class Variable:
    """One fact: its values, and where the chances of each stand.

    Parameters
    ----------
    states
        For each of its values the states of its events.
    labels
        What it depends on, and last itself.
    row
        For each of its events and each combination of their values the place of the event's chance
        among `Parameters.initial`; shape (event, …).
    on
        Whether the event is on there, or -1 where there is no such row: then it is off.
    """

    states: tuple[dict[int, int], ...]
    labels: Labels
    row: Ints
    on: Ints

    def chances(self, initial: Floats) -> Floats:
        """Return the chance of each combination, shape (draw, …); one draw where none varies."""
        used = initial[:, np.unique(self.row)]
        chance = (initial[:1] if (used == used[:1]).all() else initial)[:, self.row]
        return np.asarray(
            np.where(self.on == 1, chance, 1 - chance).prod(axis=1, where=self.on >= 0)
        )


@dataclass(frozen=True)
class FactPlan:
    """A component of facts alone, and what is told and asked of it.

    It stands among the plans of a likelihood in the place of a `Plan`.

    Parameters
    ----------
    variables
        Its facts, by the first of their events.
    known
        Events whose state is known for sure, and the state.
    items, item_event
        The items on its events in the order in which they are taken, and those events.
    targets
        Events whose joint state is asked for at a time.
    """

    variables: Mapping[int, Variable]
    known: tuple[tuple[int, int], ...]
    items: tuple[int, ...]
    item_event: tuple[int, ...]
    targets: tuple[Target, ...]
    _trees: dict[tuple[Labels, Labels, Labels], Tree] = field(default_factory=dict)

    @cached_property
    def place(self) -> dict[int, int]:
        """The variable of each event."""
        return {e: v for v, one in self.variables.items() for e in one.states[0]}

    @property
    def item(self) -> Ints:
        """The items on its events."""
        return np.array(self.items, dtype=np.int64)

    @property
    def bits(self) -> Ints:
        """How many events are live at once: none."""
        return np.zeros(1, dtype=np.int64)

    @property
    def reads(self) -> Ints:
        """The places among `Parameters.initial` that it reads."""
        return np.unique(np.concatenate([one.row.ravel() for one in self.variables.values()]))

    def live_at(self, time: float) -> list[int]:
        """Return the events that are asked for at a time."""
        asked = {e for target in self.targets if target.time == time for e in target.events}
        return sorted(asked & set(self.place))

    def log_increments(self, theta: Parameters) -> Floats:
        """Return the log predictive probability of each item given those before it.

        Last comes that of what is known: shape (item + 1, draw), 0 for items on other events.
        """
        found = np.zeros((theta.factors.shape[1] + 1, len(theta.factors)))
        before = found[-1] = self._log_sum(theta, 0)
        for number, item in enumerate(self.items, start=1):
            after = self._log_sum(theta, number)
            possible = np.isfinite(before)
            found[item] = np.where(possible, after - np.where(possible, before, 0.0), -np.inf)
            before = after
        return found

    def log_likelihood(self, theta: Parameters) -> Floats:
        """Return the log of the chance of all that is told, shape (draw,)."""
        return self._log_sum(theta, len(self.items))

    def joint(self, theta: Parameters, events: Sequence[int]) -> Floats:
        """Return the chance of events' joint states given all that is told, shape (state, draw).

        Bit b of a state is event b. Where the evidence is impossible they mean nothing.
        """
        kept = tuple(sorted({self.place[event] for event in events}))
        if not kept:
            return np.ones((1, len(theta.factors)))
        mass = self._summed(theta, kept)  # (draw, *kept)
        states = np.zeros((2 ** len(events), len(mass)))
        cells = mass.reshape(len(mass), -1)
        every = product(*(self.variables[v].states for v in kept))
        for cell, parts in enumerate(every):
            on = {event: state for part in parts for event, state in part.items()}
            states[sum(on[event] << bit for bit, event in enumerate(events))] += cells[:, cell]
        return shares(states, axis=0)

    def chances(
        self, theta: Parameters, events: Iterable[int], weights: Factor | None = None
    ) -> dict[int, Floats]:
        """Return the chance that each of many events is on given all that is told, (draw,) each.

        Parameters
        ----------
        theta
            Parameters with a leading draw dimension.
        events
            Any of its events.
        weights
            How likely what is told of other events is for each combination of some facts' values.
        """
        found = {event: np.empty(len(theta.factors)) for event in events}
        for block in self._blocks(theta, (), found, weights):
            part, told, _ = self._part(theta, block, len(self.items))
            for event in found:
                v = self.place[event]
                told.setdefault(v, np.ones((1, len(self.variables[v].states))))
            tree, factors = self._made(part, told, (), weights, block)
            slopes = dict(zip(told, tree.slopes(factors)[-len(told) :], strict=True))
            for event, chance in found.items():
                v = self.place[event]
                value = shares(told[v] * slopes[v][1], axis=1)
                on = np.array([states[event] for states in self.variables[v].states])
                chance[block] = value @ on
        return found

    def drawn(
        self,
        theta: Parameters,
        owner: Ints,
        given: Mapping[int, Ints],
        rng: np.random.Generator,
    ) -> dict[int, Ints]:
        """Return states of all its events, drawn given all that is told, shape (sample,) each.

        Parameters
        ----------
        theta
            Parameters with a leading draw dimension.
        owner
            The draw behind each sample, shape (sample,).
        given
            The states of all events of the facts whose values are given, shape (sample,) each.
        rng
            Source of randomness.
        """
        kept = tuple(sorted({self.place[event] for event in given}))
        values = {v: self._values(v, given) for v in kept}
        states = {event: np.zeros(len(owner), dtype=np.int64) for event in self.place}
        for block in self._blocks(theta, kept, self.place):
            part, told, _ = self._part(theta, block, len(self.items))
            for v, one in self.variables.items():
                told.setdefault(v, np.ones((1, len(one.states))))
            tree, factors = self._made(part, told, kept)
            rows = np.flatnonzero((owner >= block.start) & (owner < block.stop))
            mine = {v: value[rows] for v, value in values.items()}
            found = tree.draw(factors, owner[rows] - block.start, mine, rng)
            for v, one in self.variables.items():
                for event in one.states[0]:
                    on = np.array([state[event] for state in one.states])
                    states[event][rows] = on[found[v]]
        return states

    def _values(self, v: int, given: Mapping[int, Ints]) -> Ints:
        """Return the value of a fact whose events' states are given."""
        events = list(self.variables[v].states[0])
        if len(events) == 1:
            return given[events[0]]
        return np.argmax([given[event] for event in events], axis=0)

    def _log_sum(self, theta: Parameters, items: int) -> Floats:
        found = np.empty(len(theta.factors))
        for block in self._blocks(theta, ()):
            part, told, scale = self._part(theta, block, items)
            if not told:
                found[block] = 0.0
                continue
            tree, factors = self._made(part, told, ())
            with np.errstate(divide="ignore"):
                found[block] = np.log(tree.run(factors)[0][1]) + scale
        return found

    def _summed(self, theta: Parameters, kept: Labels) -> Floats:
        """Return the mass of the values of some facts and of all that is told, (draw, …)."""
        shape = [len(self.variables[v].states) for v in kept]
        found = np.empty((len(theta.factors), *shape))
        for block in self._blocks(theta, kept):
            part, told, _ = self._part(theta, block, len(self.items))
            tree, factors = self._made(part, told, kept)
            found[block] = tree.run(factors)[0][1]
        return found

    def _part(
        self, theta: Parameters, block: slice, items: int
    ) -> tuple[Floats, dict[int, Floats], Floats]:
        """Return a block of draws: the chances at the start, what is told, and the log scale."""
        told, scale = self._told(theta.factors[block], items)
        return theta.initial[block], told, scale

    def _told(self, factors: Floats, items: int) -> tuple[dict[int, Floats], Floats]:
        """Return what is told of each fact's values, at most 1, and the log of what that leaves."""
        told: dict[int, Floats] = {}
        scale = np.zeros(len(factors))
        spoken = [(e, factors[:, i, :]) for i, e in zip(self.items, self.item_event, strict=True)]
        sure = [(event, np.eye(2)[None, state]) for event, state in self.known]
        for event, says in [*sure, *spoken[:items]]:
            v = self.place[event]
            states = [one[event] for one in self.variables[v].states]
            told[v] = told.get(v, np.ones((1, 1))) * says[:, states]
            most = told[v].max(axis=1)
            most = np.where(most > 0, most, 1.0)
            told[v] = told[v] / most[:, None]
            scale = scale + np.log(most)
        return told, scale

    def _made(
        self,
        initial: Floats,
        told: Mapping[int, Floats],
        kept: Labels,
        weights: Factor | None = None,
        block: slice = EVERY,
    ) -> tuple[Tree, list[Factor]]:
        """Return how to sum, and the factors: chances of facts that matter, and what is told."""
        over = () if weights is None else weights[0]
        needed = self._ancestors({*told, *kept, *over})
        factors = [(self.variables[v].labels, self.variables[v].chances(initial)) for v in needed]
        if weights is not None:
            factors.append((over, weights[1][block]))
        factors += [((v,), says) for v, says in told.items()]
        return self._tree(tuple(told), kept, over), factors

    def _ancestors(self, wanted: Iterable[int]) -> list[int]:
        """Return facts and all that they depend on; what depends on them sums to 1."""
        found, left = set[int](), list(wanted)
        while left:
            v = left.pop()
            if v not in found:
                found.add(v)
                left += self.variables[v].labels[:-1]
        return sorted(found)

    def _tree(self, told: Labels, kept: Labels, over: Labels = ()) -> Tree:
        if (told, kept, over) in self._trees:
            return self._trees[told, kept, over]
        size = {v: len(one.states) for v, one in self.variables.items()}
        labels = [self.variables[v].labels for v in self._ancestors({*told, *kept, *over})]
        labels += [over] if over else []
        labels += [(v,) for v in told]
        tree = tree_of(labels, size, kept)
        self._trees[told, kept, over] = tree
        return tree

    def _blocks(
        self,
        theta: Parameters,
        kept: Labels,
        asked: Iterable[int] = (),
        weights: Factor | None = None,
    ) -> list[slice]:
        """Return blocks of draws, so that no array on the way is too large."""
        events = [*(event for event, _ in self.known), *self.item_event, *asked]
        told = tuple(dict.fromkeys(self.place[event] for event in events))
        tree = self._tree(told, kept, weights[0] if weights is not None else ())
        draws, most = len(theta.factors), max(1, MOST_NUMBERS // max(1, tree.largest))
        return [slice(i, min(i + most, draws)) for i in range(0, draws, most)]


def fact_plan(
    structure: Structure,
    record: Record,
    group: frozenset[int],
    targets: Sequence[Target],
) -> FactPlan:
    """Return the plan of a component of facts alone.

    Parameters
    ----------
    structure, record
        The network; what is known and said.
    group
        The component's events.
    targets
        What is asked.
    """
    start = structure.start
    assert start is not None  # noqa: S101 - else no component is one of facts alone
    items = [i for i, event in enumerate(record.item_event.tolist()) if event in group]
    ordered = sorted(items, key=lambda i: (record.item_time[i], i))
    known = {
        (event, value)
        for (event, first, _, value), found in zip(record.known, record.found, strict=True)
        if found and event in group
    }
    facts = {
        v: np.flatnonzero(start.fact == v).tolist()
        for v in np.unique(start.fact[sorted(group)]).tolist()
    }
    states = {v: _states(events) for v, events in facts.items()}
    return FactPlan(
        {v: _variable(start, v, states) for v in facts},
        tuple(sorted(known)),
        tuple(ordered),
        tuple(int(record.item_event[i]) for i in ordered),
        tuple(targets),
    )


def _states(events: Sequence[int]) -> tuple[dict[int, int], ...]:
    """Return the states of a fact's events, for each of its values."""
    if len(events) == 1:
        return ({events[0]: 0}, {events[0]: 1})
    return tuple({event: int(event == on) for event in events} for on in events)


def _variable(start: Start, v: int, states: Mapping[int, tuple[dict[int, int], ...]]) -> Variable:
    events = list(states[v][0])
    above = {int(start.fact[e]) for event in events for e in start.givens(event)} - {v}
    labels = (*sorted(above), v)
    shape = tuple(len(states[label]) for label in labels)
    row, on = np.zeros((2, len(events), *shape), dtype=np.int64)
    for values in product(*(range(n) for n in shape)):
        here: dict[int, int] = {}
        for label, value in zip(labels, values, strict=True):
            here |= states[label][value]
        for k, event in enumerate(events):
            first, last = start.first_given[event], start.first_given[event + 1]
            at = sum(
                int(stride) * here[int(e)]
                for e, stride in zip(start.given[first:last], start.stride[first:last], strict=True)
            )
            there = at < start.rows[event]
            row[k, *values] = start.first[event] + (at if there else 0)
            on[k, *values] = here[event] if there else -1
    return Variable(states[v], labels, row, on)


def free_of(whole: Slices, targets: Sequence[Target]) -> list[Target]:
    """Return targets without the events whose state is imposed as their time is reached."""
    found = []
    for target in targets:
        cut = int(np.searchsorted(whole.cuts, target.time))
        imposed = whole.imposed[cut - 1] if cut else frozenset()
        found.append(Target(target.time, tuple(e for e in target.events if e not in imposed)))
    return found
