"""Likelihoods and smoothed states for many draws: the kernels over blocks, threads over blocks."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from forecast.engine._batch import choices, filter_block
from forecast.engine._choice import FOUND, TOTAL
from forecast.engine._components import AnyPlan, JoinedPlan
from forecast.engine._elimination import FactPlan
from forecast.engine._filter import log_likelihood_and_gradient
from forecast.engine._packing import pack
from forecast.engine._plan import ITSELF, STAYS_OFF, WATCHED, Plan
from forecast.engine._problem import Floats, Ints, Parameters
from forecast.threads import threads

NOTHING_KEPT = np.zeros(0, dtype=np.int64)
NO_START = np.zeros((0, 0))
MOST_HELD = 2**26  # chances of joint states that are held for other plans: half a gigabyte
ALL_CUTS = np.iinfo(np.int64).max
TERM = 1.5  # work of a term of the series on all states, in steps
MOST_DRAWS, FEWEST_DRAWS = 256, 64  # in a block: long inner loops matter more than cache


def _blocks(draws: int) -> list[slice]:
    share = -(-draws // (2 * threads()))
    most = max(FEWEST_DRAWS, min(MOST_DRAWS, share))
    return [slice(i, min(i + most, draws)) for i in range(0, draws, most)]


def _each[A, B](work: Callable[[A], B], parts: Sequence[A]) -> list[B]:
    workers = min(threads(), len(parts))
    if workers <= 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, parts))


type Columns = tuple[NDArray[np.intp], ...]
"""Which columns of each field of the parameters are read."""


def _columns(plan: Plan) -> Columns:
    """Return what a plan reads of the parameters: of a large network one component is little."""
    links = plan.reference_link[plan.reference_link != ITSELF]
    watched = plan.hazard_kind == WATCHED
    events, items = plan.hazard_event[~watched], [plan.item, plan.hazard_event[watched]]
    spans = zip(plan.initial_first.tolist(), plan.initial_rows.tolist(), strict=True)
    starts = [np.arange(first, first + rows) for first, rows in spans]
    initial = np.concatenate([*starts, plan.initial_event, plan.sure_event])
    every = (events, events, initial, links, np.concatenate(items))
    return tuple(np.unique(column.astype(np.intp)) for column in every)


def _part(theta: Parameters, block: NDArray[np.intp], columns: Columns | None = None) -> Parameters:
    """Return some of the draws; what is not among `columns` is not a number."""
    if columns is None:
        return Parameters(*(np.ascontiguousarray(field[block]) for field in theta))
    found = []
    for field, read in zip(theta, columns, strict=True):
        part = np.full((len(block), *field.shape[1:]), np.nan)
        part[:, read] = field[block[:, None], read]
        found.append(part)
    return Parameters(*found)


def _order(plans: Sequence[Plan], theta: Parameters) -> NDArray[np.intp]:
    """Return the draws so that those which pass the same intervals by the series come together.

    A block is then of one kind, for the most part; what is found of a draw does not depend on it.
    """
    packed = pack(plans)

    def passes(number: int) -> Floats:
        plan = plans[number]
        marks, _ = passing(packed, number, plan, theta)
        return np.asarray(2.0 ** plan.bits[1 : len(plan.steps) + 1] @ marks)

    marked = np.zeros(len(theta.base_rate))
    for found in _each(passes, range(len(plans))):
        marked += found
    return np.argsort(marked, kind="stable")


def passing(
    packed: tuple[Ints, Floats], number: int, plan: Plan, theta: Parameters
) -> tuple[Ints, Floats]:
    """Return which draws pass which intervals by the series, and what `bounds` finds of them."""
    found = np.empty((len(plan.steps), FOUND, len(theta.base_rate)))
    return choices(*packed, number, theta, found), found


def live_at(plan: AnyPlan, time: float) -> list[int]:
    """Return the events whose joint states `swept` gives at a time: none if it is no cut."""
    if isinstance(plan, FactPlan):
        return plan.live_at(time)
    if isinstance(plan, JoinedPlan):
        plan = plan.plan
    cut = int(np.searchsorted(plan.cuts, time))
    there = cut < len(plan.cuts) and plan.cuts[cut] == time
    return plan.live_before(cut) if there else []


def over_time(plans: Sequence[AnyPlan]) -> tuple[Plan, ...]:
    """Return the plans by themselves of components in which anything may change."""
    own = (plan.plan if isinstance(plan, JoinedPlan) else plan for plan in plans)
    return tuple(plan for plan in own if isinstance(plan, Plan))


def has_slopes(plans: Sequence[AnyPlan]) -> bool:
    """Return whether all of a likelihood is by the filter alone, which has slopes."""
    return all(isinstance(plan, Plan) for plan in plans)


def _filtered(
    plans: Sequence[Plan],
    theta: Parameters,
    keep: Ints,
    last: int,
    start: Floats = NO_START,
    begin: int = 0,
    end: int = ALL_CUTS,
) -> tuple[Floats, Floats]:
    """Return the log increments of all plans, (item + 1, draw), and the states that one is to keep.

    They are kept at the cuts in `keep`, smoothed by evidence up to the `last`: see `filter_block`.
    One plan may have a `start` of its own, shape (state, draw), and be filtered from one cut, or up
    to one.
    """
    draws, items = theta.factors.shape[:2]
    increments = np.zeros((items + 1, draws))
    kept = np.empty((sum(2 ** int(plans[0].bits[k]) for k in keep), draws))
    if not plans:
        return increments, kept
    packed, order = pack(plans), _order(plans, theta)
    columns = _columns(plans[0]) if len(plans) == 1 else None

    def work(block: slice) -> None:
        chosen = order[block]
        part = _part(theta, chosen, columns)
        own_start = np.ascontiguousarray(start[:, chosen]) if start.size else start
        own = np.zeros((items + 1, len(chosen)))
        for number, plan in enumerate(plans):
            kept[:, chosen] = filter_block(
                *packed, number, part, own, keep, last, own_start, begin, min(end, len(plan.cuts))
            )
            rows = np.append(np.unique(plan.item), items)
            increments[rows[:, None], chosen] += own[rows]
            own[rows] = 0.0

    _each(work, _blocks(draws))
    return increments, kept


def log_likelihoods(plans: Sequence[AnyPlan], theta: Parameters) -> Floats:
    """Return the log predictive probability of each item, draw by draw.

    Parameters
    ----------
    plans
        The components of a likelihood.
    theta
        Parameters with a leading draw dimension.

    Returns
    -------
    ndarray
        Shape (draw, item + 1); the last column is what is known for sure, that nothing else has
        happened included. The sum over columns is the log likelihood; -inf marks the impossible.
    """
    whole = [plan for plan in plans if isinstance(plan, Plan)]
    increments = _filtered(whole, theta, NOTHING_KEPT, 0)[0]
    for plan in plans:
        if isinstance(plan, JoinedPlan):
            increments += _filtered([plan.plan], theta, NOTHING_KEPT, 0, plan.start(theta))[0]
        if not isinstance(plan, Plan):
            facts = plan.facts if isinstance(plan, JoinedPlan) else plan
            increments += facts.log_increments(theta)
    return np.ascontiguousarray(increments.T)


def log_likelihood(plans: Sequence[AnyPlan], theta: Parameters) -> float:
    """Return the log likelihood at one value of the parameters."""
    return value_and_gradient(plans, theta)[0]


def value_and_gradient(plans: Sequence[AnyPlan], theta: Parameters) -> tuple[float, Parameters]:
    """Return the log likelihood at one value of the parameters, and its gradient.

    Where the evidence is impossible the value is -inf and the gradient is zero. Facts alone have
    slopes by the filter: build the plans without elimination.
    """
    moving = over_time(plans)
    if not has_slopes(plans):
        msg = "plans of facts alone have no slopes: build them with eliminate=False"
        raise TypeError(msg)
    slope = Parameters(*(np.zeros_like(field) for field in theta))
    value = float(log_likelihood_and_gradient(*pack(moving), theta, slope))
    if not np.isfinite(value):
        return -np.inf, Parameters(*(np.zeros_like(field) for field in theta))
    return value, slope


def last_evidence(plan: Plan) -> int:
    """Return the last cut at which a plan holds evidence."""
    last = 0
    for k in range(len(plan.cuts)):
        states = plan.remap[plan.first_state[k] : plan.first_state[k] + 2 ** int(plan.bits[k])]
        if plan.first_item[k + 1] > plan.first_item[k] or (states < 0).any():
            last = k
        if k < len(plan.steps):
            kinds = plan.hazard_kind[plan.first_hazard[k] : plan.first_hazard[k + 1]]
            if (kinds >= STAYS_OFF).any():
                last = k + 1
    return last


def smoothed(plan: AnyPlan, theta: Parameters, times: Floats) -> list[Floats]:
    """Return the distribution over joint states at each time, given all evidence of a plan.

    Parameters
    ----------
    plan
        A component built with targets at these times.
    theta
        Parameters with a leading draw dimension.
    times
        Rising times that are cuts of the plan.

    Returns
    -------
    list of ndarray
        For each time, shape (state, draw): bit b of a state is live event b of that cut.
    """
    return swept(plan, theta, times)[0]


class Past:
    """What is filtered up to a time, once for all plans that are alike until then.

    Parameters
    ----------
    time
        In years from the start: nothing before it is asked of the plans. They are of one structure
        and one record, and are asked for the same parameters.
    """

    def __init__(self, time: float) -> None:
        self.time = time
        self._found: dict[tuple[bytes, ...], tuple[Floats, Floats]] = {}

    def cut(self, plan: Plan) -> int:
        """Return the cut up to which a plan is filtered."""
        return int(np.searchsorted(plan.cuts, self.time, side="right")) - 1

    def of(self, plan: Plan, theta: Parameters) -> tuple[Floats, Floats]:
        """Return the log increments up to the cut, and the states there before what is seen at it.

        Their shapes are (item + 1, draw) and (state, draw).
        """
        cut = self.cut(plan)
        hazards, items = plan.first_hazard[cut], plan.first_item[cut]
        until = {
            cut: ("steps", "tolerance", "sweeps"),
            cut + 1: ("cuts", "bits"),
            plan.first_live[cut + 1]: ("live",),
            hazards: ("hazard_kind", "hazard_event", "hazard_bit", "hazard_weight"),
            items: ("item", "item_bit"),
        }
        fields = [(name, number) for number, names in until.items() for name in names]
        alike = tuple(getattr(plan, name)[:number].tobytes() for name, number in fields)
        if alike not in self._found:
            if sum(states.size for _, states in self._found.values()) > MOST_HELD:
                self._found.clear()
            keep = np.array([cut], dtype=np.int64)
            self._found[alike] = _filtered([plan], theta, keep, 0, end=cut)
        return self._found[alike]


def swept(
    plan: AnyPlan, theta: Parameters, times: Floats, past: Past | None = None
) -> tuple[list[Floats], Floats]:
    """Return the same as `smoothed`, and the log likelihood of the plan's evidence, shape (draw,).

    Where the evidence is impossible the log likelihood is -inf, and the states mean nothing. What
    is filtered of the `past` may serve several plans.
    """
    if isinstance(plan, FactPlan):
        states = [plan.joint(theta, plan.live_at(time)) for time in times.tolist()]
        return states, plan.log_likelihood(theta)
    start, log_chance = NO_START, np.zeros(len(theta.factors))
    if isinstance(plan, JoinedPlan):
        start, log_chance = plan.start(theta), plan.facts.log_likelihood(theta)
        plan = plan.plan
    keep = np.searchsorted(plan.cuts, times).astype(np.int64)
    begin, before = 0, np.zeros(1)
    if past is not None and start is NO_START and past.cut(plan) > 0:
        begin, (before, start) = past.cut(plan), past.of(plan, theta)
    increments, kept = _filtered([plan], theta, keep, last_evidence(plan), start, begin)
    edges = np.cumsum([0, *(2 ** int(plan.bits[k]) for k in keep)])
    log_chance = log_chance + increments.sum(axis=0) + before.sum(axis=0)
    return [kept[a:b] for a, b in pairwise(edges)], log_chance


def fact_chances(
    plans: Sequence[AnyPlan], theta: Parameters, events: Collection[int]
) -> dict[int, Floats]:
    """Return the chances of facts that depend on each other, given all evidence, (draw,) each.

    Parameters
    ----------
    plans
        Of the whole record, with nothing asked: what is asked would be live.
    theta
        Parameters with a leading draw dimension.
    events
        The facts; those that none of the plans holds are left out.
    """
    found: dict[int, Floats] = {}
    for plan in plans:
        if isinstance(plan, Plan):
            continue
        facts = plan.facts if isinstance(plan, JoinedPlan) else plan
        mine, weights = sorted(set(events) & set(facts.place)), None
        if isinstance(plan, JoinedPlan) and mine:
            weights = plan.weights(theta, swept(plan, theta, np.zeros(1))[0][0])
        found |= facts.chances(theta, mine, weights) if mine else {}
    return found


@dataclass(frozen=True)
class Passed:
    """How the filter passes its intervals, on average over draws.

    Parameters
    ----------
    work
        Products of a state and a hazard that one likelihood takes.
    intervals
        Between cuts, those in which something unknown can change.
    by_series
        Those of them that most draws pass by the series.
    longest
        The most terms that the series takes in one of these.
    fastest
        The highest sum of rates in an interval, per year.
    """

    work: float
    intervals: int
    by_series: int
    longest: int
    fastest: float

    def __str__(self) -> str:
        """Return the same in words."""
        told = f"{self.intervals} intervals"
        if not self.by_series:
            return f"{told}, by steps of at most a week"
        return (
            f"{told}, {self.by_series} of them by a series of up to {self.longest:,} terms: "
            f"rates add up to {self.fastest:,.0f} a year"
        )


def passed(every: Sequence[AnyPlan], theta: Parameters) -> Passed:
    """Return how plans pass their intervals at some draws (a leading draw dimension)."""
    plans = over_time(every)
    packed = pack(plans)
    work, intervals, by_series, longest, fastest = 0.0, 0, 0, 0.0, 0.0
    for number, plan in enumerate(plans):
        marks, found = passing(packed, number, plan, theta)
        k = len(plan.steps)
        hazards, states = np.diff(plan.first_hazard)[:k], 2.0 ** plan.bits[1 : k + 1]
        mean = np.maximum(found[:, TOTAL], 0.0) * np.diff(plan.cuts)[:, None]  # words add chance
        terms = mean + 5 * np.sqrt(mean) + 4 + plan.depth[:, None]
        passes = np.where(marks == 1, TERM * terms, plan.steps[:, None])
        work += float((states * hazards * passes.mean(axis=1)).sum())
        most = marks.mean(axis=1) > 1 / 2
        intervals += int((plan.bits[1 : k + 1] > 0).sum())
        by_series += int(most.sum())
        longest = max(longest, float(np.where(marks == 1, terms, 0.0)[most].max(initial=0.0)))
        fastest = max(fastest, float(found[most, TOTAL].max(initial=0.0)))
    return Passed(work, intervals, by_series, int(longest), fastest)
