"""The components of a likelihood: one plan for each, over time, of facts alone, or of both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np

from forecast.engine._contraction import Factor
from forecast.engine._elimination import FactPlan, fact_plan, free_of
from forecast.engine._plan import MOST_ERROR, Plan, assemble
from forecast.engine._problem import Floats, Ints, Parameters, Record, Structure
from forecast.engine._relevance import Target, components, is_static, linked, nets_of, slices

BY_FACTS = -1  # among owners of items: those on facts that depend on each other


@dataclass(frozen=True)
class JoinedPlan:
    """A component over time whose start is the joint of facts, most of which are summed out of it.

    Parameters
    ----------
    plan
        Of all that is live; its own chances at the start are not read of facts.
    facts
        The facts, and all that is told of them.
    """

    plan: Plan
    facts: FactPlan

    @property
    def bits(self) -> Ints:
        """How many events are live before each cut."""
        return self.plan.bits

    @property
    def item(self) -> Ints:
        """The items on its events."""
        return np.append(self.plan.item, self.facts.item)

    def start(self, theta: Parameters) -> Floats:
        """Return the chances of the joint states at first, given what is told of facts."""
        live = self.plan.live_before(0)
        facts = [event for event in live if event in self.facts.place]
        states = np.arange(2 ** len(live))
        mine = sum(((states >> live.index(event)) & 1) << bit for bit, event in enumerate(facts))
        found = self.facts.joint(theta, facts)[mine]  # (state, draw)
        for bit, event in enumerate(live):
            if event not in self.facts.place:
                value = int(self.plan.initial_value[bit])
                chance = theta.initial[:, event] if value < 0 else np.full(found.shape[1], value)
                found = found * np.where((states[:, None] >> bit) & 1, chance, 1 - chance)
        return np.ascontiguousarray(found)

    def weights(self, theta: Parameters, posterior: Floats) -> Factor:
        """Return how likely what is told of all else is, for the values of the facts live at first.

        Parameters
        ----------
        theta
            Parameters with a leading draw dimension.
        posterior
            The chances of the joint states at first, given all that is told, shape (state, draw).
        """
        live = self.plan.live_before(0)
        facts = [event for event in live if event in self.facts.place]
        states = np.arange(2 ** len(live))
        mine = sum(((states >> live.index(event)) & 1) << bit for bit, event in enumerate(facts))
        after = np.zeros((2 ** len(facts), posterior.shape[1]))
        np.add.at(after, np.broadcast_to(mine, len(states)), posterior)
        before = self.facts.joint(theta, facts)
        ratio = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
        over = tuple(sorted({self.facts.place[event] for event in facts}))
        shape = [len(self.facts.variables[v].states) for v in over]
        cells = []
        for parts in product(*(self.facts.variables[v].states for v in over)):
            on = {event: state for part in parts for event, state in part.items()}
            cells.append(ratio[sum(on[event] << bit for bit, event in enumerate(facts))])
        return over, np.stack(cells, axis=1).reshape(-1, *shape)


type AnyPlan = Plan | FactPlan | JoinedPlan


def joined(structure: Structure) -> tuple[frozenset[int], ...]:
    """Return the sets of events that links, or chances at the start, join however far round."""
    links = zip(structure.link_parent.tolist(), structure.link_child.tolist(), strict=True)
    nets = (pair for net in nets_of(structure) for pair in pairwise(net))
    return linked(range(len(structure.kind)), (*links, *nets))


def build_plans(
    structure: Structure,
    record: Record,
    *,
    max_step: float,
    targets: Sequence[Target] = (),
    most_error: float = MOST_ERROR,
    eliminate: bool = True,
) -> tuple[AnyPlan, ...]:
    """Return one plan for each component, whose log likelihoods add up; first the known ones' plan.

    Parameters
    ----------
    structure, record
        The network; what is known and said.
    max_step
        Longest step of the filter, in years.
    targets
        Times and events that a forecast will read off: they and their ancestors become live.
    most_error
        What all steps may add to the error of a probability: where a draw's rates would have it
        more, an interval is passed by a series that has no step. Infinite: by steps alone.
    eliminate
        Whether components of facts alone are summed out fact by fact, whatever their size.
    """
    whole = slices(structure, record, targets, eliminate=eliminate)
    groups, nets = components(structure, whole), nets_of(structure) if eliminate else ()
    facts = {event for net in nets for event in net}
    member = {event: index for index, group in enumerate(groups, start=1) for event in group}
    watched = record.watched

    def owner(event: int, time: float) -> int:
        if event in facts:
            return BY_FACTS
        live = whole.old_live(int(np.searchsorted(whole.cuts, time)))
        return member.get(event, 0) if event in live else 0

    moments = zip(record.item_event.tolist(), record.item_time.tolist(), strict=True)
    owners = [owner(event, time) for event, time in moments]
    plans: list[AnyPlan] = []
    for index, group in enumerate((frozenset[int](), *groups)):
        items = [i for i, owner in enumerate(owners) if owner == index and not watched[i]]
        if index == 0:
            nobody = replace(whole, live=((),) * len(whole.live), before=())  # sure survivals
            plans.append(assemble(structure, record, nobody, items, max_step, most_error))
            continue
        mine = [Target(t.time, tuple(e for e in t.events if e in group)) for t in targets]
        own = frozenset(event for net in nets if group & set(net) for event in net)
        plan = fact_plan(structure, record, own, free_of(whole, mine)) if own else None
        if plan is not None and is_static(structure, whole, group):
            plans.append(plan)
            continue
        windows = [
            i
            for i in np.flatnonzero(watched).tolist()
            if record.item_event[i] in group and owners[i] != BY_FACTS
        ]
        sub = record.with_items([*items, *windows])
        sliced = slices(structure, sub, mine, group, eliminate=eliminate)
        moving = assemble(structure, record, sliced, items, max_step, most_error)
        plans.append(moving if plan is None else JoinedPlan(moving, plan))
    alone = [frozenset(net) for net in nets if not any(group & set(net) for group in groups)]
    plans += [fact_plan(structure, record, net, ()) for net in alone if _told(record, net)]
    return tuple(plans)


def _told(record: Record, facts: frozenset[int]) -> bool:
    """Return whether anything is known or said of some facts."""
    return not facts.isdisjoint([*record.item_event.tolist(), *record.known_event.tolist()])
