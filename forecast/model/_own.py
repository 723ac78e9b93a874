"""What a network itself says of its events: by all that is known and said, crowds left out.

This is what opinions are compared with: the network's own forecast as of when one was published,
and as of the cut-off. Where the exact filter applies, it is the mean over draws by importance
sampling; beyond it, that over courses of a short run of the path sampler. Both are fixed in size
and seed: the same network and record give the same numbers, whoever asks.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Protocol

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from forecast.engine._channels import Channels
from forecast.engine._components import AnyPlan
from forecast.engine._importance import importance_sample
from forecast.engine._likelihood import live_at, log_likelihoods, smoothed
from forecast.engine._problem import Floats, Parameters, Record, Structure
from forecast.engine._relevance import Target, bits_needed, slices
from forecast.engine.paths import ImpossibleRecord, make_sampler
from forecast.engine.paths._chain import Machine, build_moves
from forecast.engine.paths._futures import chances_ahead
from forecast.engine.paths._marks import NOTHING
from forecast.engine.paths._struck import run_on
from forecast.errors import ContradictionError
from forecast.model._parameters import ParameterTable
from forecast.seeds import child_seed, generator
from forecast.threads import threads

type Question = tuple[int, float]
"""Whether an event, by its place, is on at a time, in years from the start."""


class Asked(Protocol):
    """A network and its record as arrays: `forecast.model._lower.Lowered`, as far as it is read."""

    @property
    def structure(self) -> Structure:
        """The network."""

    @property
    def record(self) -> Record:
        """What is known and said."""

    @property
    def table(self) -> ParameterTable:
        """The uncertain numbers."""

    @property
    def channels(self) -> Channels:
        """The map from standard normals to what every item says."""

    @property
    def identity(self) -> Hashable:
        """What this is worked out from."""

    def plans(self, *, targets: tuple[Target, ...] = ()) -> tuple[AnyPlan, ...]:
        """Return the plans of the likelihood, with targets to read off."""

    def theta(self, values: Mapping[str, Floats]) -> Parameters:
        """Return engine parameters for natural values by group."""


POINTS = 256
SMALLEST_UNIFORM = 1e-6
MOST_BITS = 12
"""Of events tied together, beyond which courses are sampled: more cells than draws pay for."""
CELLS, FEWEST, MOST = 2**21, 512, 4096
"""States times draws, and how few and how many draws at any rate."""
FEWEST_EFFECTIVE = 100
"""Draws, that the weights must leave: as good as the courses of a run of the path sampler."""
MOST_KEPT = 64
"""Estimates that are kept: explaining a forecast asks for many of the same."""
CHAINS, SKIPPED, KEPT, FUTURES = 4, 300, 500, 4
"""Of the path sampler: rounds that go by first and that are kept, and futures of each."""

_LOCK = Lock()


def prior_points(dimensions: int) -> Floats:
    """Return standard-normal coordinates that cover the prior: scrambled Sobol points, fixed."""
    if dimensions == 0:
        return np.zeros((1, 0))
    sampler = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(child_seed(1, "base")))
    points = sampler.random(POINTS)
    return np.asarray(ndtri(np.clip(points, SMALLEST_UNIFORM, 1 - SMALLEST_UNIFORM)))


_KEPT: "OrderedDict[Hashable, Own]" = OrderedDict()


def kept_own(lowered: Asked) -> "Own":
    """Return the network's own forecasts by a record without opinions, kept for who asks next."""
    key = lowered.identity
    with _LOCK:
        found = _KEPT.setdefault(key, Own(lowered))
        _KEPT.move_to_end(key)
        if len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    return found


class Own:
    """The network's own forecasts by a record, worked out as they are asked for.

    Parameters
    ----------
    lowered
        The network and the record, without any opinion.
    """

    def __init__(self, lowered: Asked) -> None:
        self._lowered = lowered
        self._found: dict[tuple[Question, ...], dict[Question, float]] = {}
        self._draws: tuple[Parameters, Floats] | None = None

    def chances(self, asked: Sequence[Question]) -> list[float]:
        """Return the probability that each event is on at its time; a half by what cannot be."""
        every = tuple(sorted(set(asked)))
        if every and every not in self._found:  # as asked together, so that the bits are the same
            try:
                exact = self._exact(every) if self._reaches(every) else None
                found = self._sampled(every) if exact is None else exact
            except (ContradictionError, ImpossibleRecord):  # whoever estimates will say so
                found = [0.5] * len(every)
            self._found[every] = dict(zip(every, found, strict=True))
        return [self._found[every][one] for one in asked]

    def _reaches(self, asked: Sequence[Question]) -> bool:
        """Return whether the exact filter holds the record and what is asked."""
        lowered = self._lowered
        if lowered.record.counted.any():
            return False
        structure, record = lowered.structure, lowered.record
        needed = [bits_needed(structure, record)]
        needed += [bits_needed(structure, record, (Target(t, (e,)),)) for e, t in asked]
        return max(needed) <= MOST_BITS

    def _exact(self, asked: Sequence[Question]) -> list[float] | None:
        """Return the answers by the filter; None where too few draws bear the weight."""
        theta, weights = self._weighted()
        if len(weights) > 1 and (weights**2).sum() * FEWEST_EFFECTIVE > 1:
            return None
        times = sorted({time for _, time in asked})
        targets = [Target(t, tuple(sorted({e for e, at in asked if at == t}))) for t in times]
        plans = self._lowered.plans(targets=tuple(targets))
        return [
            float(np.clip(self._chance(plans, theta, one) @ weights, 0.0, 1.0)) for one in asked
        ]

    def _weighted(self) -> tuple[Parameters, Floats]:
        """Return draws of the parameters, and their weights."""
        if self._draws is None:
            lowered, plans = self._lowered, self._lowered.plans()
            table = lowered.table
            bits = max((int(plan.bits.max()) for plan in plans), default=0)
            number = max(FEWEST, min(MOST, CELLS >> bits))

            def log_likelihood(z: Floats) -> Floats:
                theta = lowered.theta(table.from_z(z))
                return np.asarray(log_likelihoods(plans, theta).sum(axis=1))

            seed = child_seed(1, "own")
            if table.dimensions:
                found = importance_sample(log_likelihood, table.dimensions, draws=number, seed=seed)
                z, weights = found.z, found.weights
            else:
                z, weights = np.zeros((1, 0)), np.ones(1)
            self._draws = lowered.theta(table.from_z(z)), weights
        return self._draws

    def _chance(self, plans: tuple[AnyPlan, ...], theta: Parameters, asked: Question) -> Floats:
        """Return the chance of an event at a time, shape (draw,)."""
        event, time = asked
        for plan in plans:
            live = live_at(plan, time)
            if event in live:
                states = smoothed(plan, theta, np.array([time]))[0]  # (state, draw)
                on = (np.arange(len(states)) >> live.index(event)) & 1 == 1
                return np.asarray(states[on].sum(axis=0))
        structure, record = self._lowered.structure, self._lowered.record
        whole = slices(structure, record, (Target(time, (event,)),))
        cut = int(np.searchsorted(whole.cuts, time))
        known = whole.old_status(cut, event, int(structure.initially[event]))
        return np.full(len(theta.base_rate), float(known))

    def _sampled(self, asked: Sequence[Question]) -> list[float]:
        lowered = self._lowered
        sampler, table = make_sampler(lowered.structure, lowered.record), lowered.table
        moves = build_moves(sampler.marks, lowered.channels, table.dimensions)
        machine = Machine(sampler.marks, sampler.blocks, lowered.channels, moves)
        events, times = (sorted({one[k] for one in asked}) for k in (0, 1))
        aims = np.array(events, dtype=np.int64), np.zeros(len(events), dtype=np.int64)

        def chain(number: int) -> Floats:
            z = generator(1, "own", number).normal(size=table.dimensions)
            first = lowered.theta(table.from_z(z[None]))
            one = Parameters(*(np.ascontiguousarray(field[0]) for field in first))
            paths = sampler.initial(one, child_seed(1, "own paths", number))
            rounds, until = (SKIPPED, KEPT, FUTURES), lowered.structure.horizon
            seed = child_seed(1, "own rounds", number)
            kept, courses, _, stuck = run_on(machine, z, paths, rounds, until, seed)
            if stuck != NOTHING:
                raise ImpossibleRecord(sampler.members(stuck))
            theta = lowered.theta(table.from_z(kept))
            if len(theta.base_rate) < KEPT:  # no number at all
                theta = Parameters(*(np.repeat(part, KEPT, axis=0) for part in theta))
            draws, when = np.arange(KEPT), np.array(times)
            found = chances_ahead(sampler.marks, theta, courses, aims, 0.0, when, draws, 1)
            return np.asarray(found).reshape(KEPT, len(events), len(times)).mean(axis=0)

        with ThreadPoolExecutor(threads()) as pool:
            mean = np.mean(list(pool.map(chain, range(CHAINS))), axis=0)  # (event, time)
        return [float(mean[events.index(e), times.index(t)]) for e, t in asked]
