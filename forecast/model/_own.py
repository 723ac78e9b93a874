"""What a network itself says of its events: by all that is known and said, crowds left out.

This is what opinions are compared with: the network's own forecast as of when one was published,
and as of the cut-off. Where the exact filter applies, it is the mean over draws by importance
sampling; beyond it, that over courses of a run of the path sampler, which goes on until its error
is small or it has done its work. Both are fixed in seed, and how far they go follows from what they
find: the same network and record give the same numbers, whoever asks.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import NamedTuple, Protocol

import numpy as np
from scipy.special import ndtri

from forecast.engine._channels import Channels
from forecast.engine._components import AnyPlan
from forecast.engine._importance import importance_sample
from forecast.engine._likelihood import live_at, log_likelihoods, smoothed
from forecast.engine._problem import Floats, Parameters, Record, Structure
from forecast.engine._reach import bits_needed
from forecast.engine._relevance import Target, slices
from forecast.engine._sobol import scrambled_sobol
from forecast.engine.paths import ImpossibleRecord, Paths, make_sampler
from forecast.engine.paths._chain import Machine, build_moves
from forecast.engine.paths._futures import chances_ahead
from forecast.engine.paths._marks import NOTHING
from forecast.engine.paths._struck import run_on
from forecast.errors import ContradictionError
from forecast.model._integrated import aims_of
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
    def now(self) -> float:
        """The cut-off, in years from the start."""

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
"""Of the path sampler: rounds that go by first and that are kept at a time, and futures of each."""
PARTS, SIZE = 4, KEPT // 4
"""Of the rounds of a chain: from how that many parts of all chains differ follows the error; and
the rounds of which averages are kept."""
ENOUGH = 0.02
"""Standard error, in log-odds, with which a run ends: what it moves a forecast by is at most half a
percentage point."""
WORK, LONGEST = 2**17, 16_000
"""Rounds of a chain times events, and rounds, after which it ends at any rate."""


class Word(NamedTuple):
    """What a network says: a probability, and its Monte Carlo standard error."""

    chance: float
    error: float

    @property
    def log_odds_error(self) -> float:
        """The error of its log-odds, at most one: what is all but settled says next to nothing."""
        slope = self.chance * (1 - self.chance)
        return float(min(self.error / slope, 1.0)) if slope > 0 else 0.0


_LOCK = Lock()


def prior_points(dimensions: int) -> Floats:
    """Return standard-normal coordinates that cover the prior: scrambled Sobol points, fixed."""
    if dimensions == 0:
        return np.zeros((1, 0))
    points = scrambled_sobol(POINTS, dimensions, np.random.default_rng(child_seed(1, "base")))
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
        self._found: dict[tuple[Question, ...], dict[Question, Word]] = {}
        self._draws: tuple[Parameters, Floats] | None = None

    def words(self, asked: Sequence[Question]) -> "list[Word]":
        """Return what it says of each event's being on at its time; a half by what cannot be."""
        every = tuple(sorted(set(asked)))
        if every and every not in self._found:  # as asked together, so that the bits are the same
            try:
                exact = self._exact(every) if self._reaches(every) else None
                found = self._sampled(every) if exact is None else exact
            except (ContradictionError, ImpossibleRecord):  # whoever estimates will say so
                found = [Word(0.5, 0.0)] * len(every)
            self._found[every] = dict(zip(every, found, strict=True))
        return [self._found[every][one] for one in asked]

    def chances(self, asked: Sequence[Question]) -> list[float]:
        """Return the probability that each event is on at its time; a half by what cannot be."""
        return [word.chance for word in self.words(asked)]

    def _reaches(self, asked: Sequence[Question]) -> bool:
        """Return whether the exact filter holds the record and what is asked."""
        lowered = self._lowered
        if lowered.record.counted.any():
            return False
        structure, record = lowered.structure, lowered.record
        needed = [bits_needed(structure, record)]
        needed += [bits_needed(structure, record, (Target(t, (e,)),)) for e, t in asked]
        return max(needed) <= MOST_BITS

    def _exact(self, asked: Sequence[Question]) -> "list[Word] | None":
        """Return the answers by the filter; None where too few draws bear the weight."""
        theta, weights = self._weighted()
        if len(weights) > 1 and (weights**2).sum() * FEWEST_EFFECTIVE > 1:
            return None
        times = sorted({time for _, time in asked})
        targets = [Target(t, tuple(sorted({e for e, at in asked if at == t}))) for t in times]
        plans = self._lowered.plans(targets=tuple(targets))
        found = []
        for one in asked:
            by_draw = self._chance(plans, theta, one)
            mean = float(np.clip(by_draw @ weights, 0.0, 1.0))
            found.append(Word(mean, float(np.sqrt((weights**2) @ (by_draw - mean) ** 2))))
        return found

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

    def _sampled(self, asked: Sequence[Question]) -> "list[Word]":
        run, parts = _Run(self._lowered, asked), []
        most = min(LONGEST, max(KEPT, WORK // len(self._lowered.structure.kind)))
        kept, rounds = 0, KEPT
        while True:
            parts.append(run.on(rounds))
            kept += rounds
            found = np.concatenate(parts, axis=1)  # (chain, part, question)
            batches = found.reshape(CHAINS * PARTS, -1, len(asked)).mean(axis=1)
            mean = batches.mean(axis=0)
            error = batches.std(axis=0, ddof=1) / np.sqrt(len(batches))
            error = np.maximum(error, 1 / (CHAINS * kept))  # on in all rounds is no proof
            if kept >= most or (error <= ENOUGH * mean * (1 - mean)).all():
                return [Word(float(m), float(e)) for m, e in zip(mean, error, strict=True)]
            rounds = kept


class _Run:
    """A run of the path sampler that can go on."""

    def __init__(self, lowered: Asked, asked: Sequence[Question]) -> None:
        self._lowered, self._asked = lowered, asked
        self._sampler, table = make_sampler(lowered.structure, lowered.record), lowered.table
        sampler = self._sampler
        moves = build_moves(sampler.marks, lowered.channels, table.dimensions)
        self._machine = Machine(sampler.marks, sampler.blocks, lowered.channels, moves)
        self._stand: list[tuple[Floats, Paths]] = []
        for number in range(CHAINS):
            z = generator(1, "own", number).normal(size=table.dimensions)
            first = lowered.theta(table.from_z(z[None]))
            one = Parameters(*(np.ascontiguousarray(field[0]) for field in first))
            self._stand.append((z, sampler.initial(one, child_seed(1, "own paths", number))))
        self._done = 0

    def on(self, rounds: int) -> Floats:
        """Return what more rounds say, on average over each part of them: (chain, part, asked)."""
        with ThreadPoolExecutor(threads()) as pool:
            found = list(pool.map(lambda chain: self._chain(chain, rounds), range(CHAINS)))
        self._done += rounds
        return np.array(found)

    def _chain(self, number: int, kept: int) -> Floats:
        lowered, sampler = self._lowered, self._sampler
        rounds = 0 if self._done else SKIPPED, kept, FUTURES
        seed = child_seed(1, "own rounds", number, self._done)
        until = max(lowered.now, *(time for _, time in self._asked))
        found, courses, paths, stuck = run_on(
            self._machine, *self._stand[number], rounds, until, seed
        )
        if stuck != NOTHING:
            raise ImpossibleRecord(sampler.members(stuck))
        self._stand[number] = found[-1].copy(), paths
        theta = lowered.theta(lowered.table.from_z(found))
        if len(theta.base_rate) < kept:  # no number at all
            theta = Parameters(*(np.repeat(part, kept, axis=0) for part in theta))
        parts = np.arange(kept).reshape(-1, SIZE)
        told = np.empty((len(parts), len(self._asked)))
        for column, (event, time) in enumerate(self._asked):
            back = time < lowered.now
            aims = aims_of(lowered, [event])
            aims, start = ((aims[0], aims[1] * 0), 0.0) if back else (aims, lowered.now)
            when = np.array([time])
            for row, draws in enumerate(parts):
                chance = chances_ahead(sampler.marks, theta, courses, aims, start, when, draws, 1)
                told[row, column] = np.asarray(chance).mean()
        return told
