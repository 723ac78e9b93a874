"""From a lowered network and a question to the arrays that peers are given."""

from itertools import pairwise

import numpy as np

from benchmarks.peers.statement import Statement
from forecast.engine._channels import RATIO, REPORT
from forecast.engine._likelihood import over_time
from forecast.engine._plan import WATCHED, Plan
from forecast.engine._problem import CAUSES, MULTIPLIES, ONSET, PREVENTS, REQUIRES
from forecast.engine._relevance import Target
from forecast.model._lower import Lowered
from forecast.time import parse_instant, years_between

__all__ = ["stated"]

NEAR = 1e-9


def stated(lowered: Lowered, event: str, by: str) -> Statement:
    """Return the statement of the component that a question is about.

    Raises
    ------
    ValueError
        If the component holds more than onsets, or items other than reports and likelihood ratios.
    """
    time = years_between(lowered.network.start_instant, parse_instant(by))
    asked = lowered.events.index(event)
    plans = over_time(lowered.plans(targets=(Target(time, (asked,)),)))
    plan = next(p for p in plans if asked in p.live)
    live = sorted({int(e) for e in plan.live})
    moved = {
        int(e)
        for e, kind in zip(plan.hazard_event, plan.hazard_kind, strict=True)
        if kind != WATCHED
    }
    events = [*live, *sorted(moved - set(live))]
    if any(lowered.structure.kind[e] != ONSET for e in events):
        msg = "a peer's model holds onsets alone"
        raise ValueError(msg)
    edges = _edges(plan)
    links, paths = _links(lowered, plan, events, edges)
    values = _Values(lowered)
    base, over = zip(*(values.base(e) for e in events), strict=True)
    effects = [values.effect(link) for link in links]
    items = sorted({int(i) for i in plan.item})
    recipe = values.recipe
    if any(recipe.item_form[i] not in (REPORT, RATIO) for i in items):
        msg = "a peer's evidence holds reports and likelihood ratios alone"
        raise ValueError(msg)
    hits = [values.use(int(recipe.item_hit[i])) for i in items]
    false = [values.use(int(recipe.item_false[i])) for i in items]
    at = [int(np.argmin(np.abs(edges - lowered.record.item_time[i]))) for i in items]
    known, known_at = _known(lowered, live, edges)
    place = {e: k for k, e in enumerate(events)}
    return Statement(
        live=np.array(len(live)),
        **values.arrays(),
        base=np.array(base),
        over=np.array(over),
        link_kind=lowered.structure.link_kind[links],
        link_parent=np.array(paths),
        link_child=np.array([place[int(lowered.structure.link_child[k])] for k in links]),
        link_effect=np.array(effects),
        step=np.diff(edges),
        weight=_weights(lowered, events, len(live), edges),
        known=known,
        known_at=known_at,
        item_step=np.array(at),
        item_event=np.array([place[int(lowered.record.item_event[i])] for i in items]),
        item_hit=np.array(hits),
        item_false=np.array(false),
        item_on=recipe.item_on[items],
        item_credibility=recipe.item_credibility[items],
        item_check=recipe.item_check[items],
        item_copied=recipe.item_copied[items],
        asked=np.array(place[asked]),
    )


def _edges(plan: Plan) -> np.ndarray:
    """Return where the steps of a plan begin and end."""
    edges = [0.0]
    for k in range(len(plan.steps)):
        edges += np.linspace(plan.cuts[k], plan.cuts[k + 1], int(plan.steps[k]) + 1)[1:].tolist()
    return np.array(edges)


def _status(lowered: Lowered, event: int, start: float, end: float) -> int:
    """Return the value that an event is known to have throughout a span, or -1."""
    r = lowered.record
    inside = (r.known_event == event) & (r.known_from <= start + NEAR) & (r.known_to >= end - NEAR)
    return int(r.known_value[inside][0]) if inside.any() else -1


def _known(lowered: Lowered, live: list[int], edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    spans = [[_status(lowered, e, a, b) for a, b in pairwise(edges)] for e in live]
    points = [[_status(lowered, e, t, t) for t in edges] for e in live]
    return np.array(spans), np.array(points)


def _links(
    lowered: Lowered, plan: Plan, events: list[int], edges: np.ndarray
) -> tuple[list[int], list[int]]:
    """Return the links into the events that are ever in force, and the place of each parent.

    A parent outside is one that is known: on all the time (-1), or off all the time, and then its
    link is left out where it does nothing.
    """
    s, live = lowered.structure, sorted({int(e) for e in plan.live})
    chosen, parents = [], []
    for link in range(len(s.link_kind)):
        parent, child = int(s.link_parent[link]), int(s.link_child[link])
        if child not in events:
            continue
        if parent in live:
            chosen.append(link)
            parents.append(live.index(parent))
            continue
        last = edges[-1] if child in live else lowered.now
        off = _status(lowered, parent, 0.0, min(last, lowered.now)) == 0
        on = s.initially[parent] == 1 or _status(lowered, parent, 0.0, last) == 1
        if on and s.link_kind[link] in (CAUSES, MULTIPLIES, PREVENTS):
            chosen.append(link)
            parents.append(-1)
        elif not on and not off:
            msg = f"a parent outside is known neither off nor on: {lowered.events[parent]}"
            raise ValueError(msg)
        elif off and s.link_kind[link] == REQUIRES:
            chosen.append(link)
            parents.append(-2)
    return chosen, parents


def _weights(lowered: Lowered, events: list[int], live: int, edges: np.ndarray) -> np.ndarray:
    middles = (edges[:-1] + edges[1:]) / 2
    weight = np.array([[lowered.structure.weight(e, float(t)) for t in middles] for e in events])
    for k, event in enumerate(events[live:], start=live):
        weight[k] *= [_status(lowered, event, a, b) == 0 for a, b in pairwise(edges)]
    return weight


class _Values:
    """The natural values that are used, in an order in which a type comes before its sources."""

    def __init__(self, lowered: Lowered) -> None:
        self.recipe = lowered.channels
        self.used: list[int] = []
        r = self.recipe
        owner = np.repeat(np.arange(len(r.form)), np.diff(r.first_use))
        self.uses = {
            (int(f), int(at)): (int(v), float(over))
            for f, at, v, over in zip(r.use_field, r.use_at, owner, r.use_over, strict=True)
        }

    def use(self, value: int) -> int:
        """Return the place of a value among those that are used."""
        if value < 0:
            return -1
        if value not in self.used:
            if self.recipe.form[value] == 3:  # pooled
                self.use(int(self.recipe.around[value]))
            self.used.append(value)
        return self.used.index(value)

    def base(self, event: int) -> tuple[int, float]:
        value, over = self.uses[0, event]
        return self.use(value), over

    def effect(self, link: int) -> int:
        found = self.uses.get((3, link))
        return -1 if found is None else self.use(found[0])

    def arrays(self) -> dict[str, np.ndarray]:
        r, used = self.recipe, self.used
        free = r.form[used] != 0
        around = [self.use(int(r.around[v])) if r.form[v] == 3 else int(r.around[v]) for v in used]
        return {
            "form": r.form[used],
            "centre": r.centre[used],
            "spread": r.spread[used],
            "normal": np.where(free, np.cumsum(free) - 1, -1),
            "origin": r.normal[used][free],
            "around": np.array(around),
            "node": r.node,
            "table": r.table[:, :, 0],
        }
