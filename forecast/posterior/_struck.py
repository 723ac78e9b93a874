"""What each item of a path-sampled run does: the forecast with it struck out, for all events.

A draw's courses, weighed by one over the chance of an item along each, are draws without it [1]_. A
cluster has the product of its members' chances; where reports share a hidden origin the chances of
those that are left change too. This holds where the weights leave enough draws, and where enough of
these lie in the state that the item speaks against, of which the weights can know no more than the
draws that are there. Else, and for what makes something certain, the forecast is estimated anew.

References
----------
.. [1] Gelfand, Dey & Chang (1992). Model determination using predictive distributions. Bayesian
   Statistics 4.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, logsumexp

from forecast.engine._importance import pareto_smooth
from forecast.engine.paths._futures import chances_ahead
from forecast.engine.paths._struck import item_terms, shares_on
from forecast.model._factors import openings
from forecast.model._integrated import aims_of
from forecast.model._lower import Lowered
from forecast.model._opinions import known_for_sure
from forecast.posterior._along import Along, least_error
from forecast.posterior._anew import Anew, estimated_anew, without
from forecast.posterior._courses import courses_of
from forecast.posterior._draws import Draws, rows_of
from forecast.posterior._levels import LEAST
from forecast.posterior._parts import sees, soft_places
from forecast.threads import threads

type Floats = NDArray[np.float64]

FEWEST = 0.1
"""Of the draws: the least share that the weights may leave (400 of 4,096)."""
FEWEST_EFFECTIVE, ALWAYS = 50.0, 0.5
"""So many must be left, as independent draws go, unless this share of all is."""
RARER = 10.0
"""Independent draws in the state that an item speaks against, from which on they tell of it."""
NEGLIGIBLE = 0.05
"""Where there are fewer, the most that they could weigh without the item: no more than the error of
estimating anew."""
UNSEEN = 3.0  # draws of which none is found with a chance of one in twenty
TYPICAL = 256  # draws that tell how far an item takes the two states apart
LARGEST = 700.0  # logarithm of a ratio
FLAT = 1e-12


@dataclass(frozen=True)
class LeftOut:
    """What the forecasts of all events at a time owe to sets of items.

    Parameters
    ----------
    place
        Which row each set of items is.
    moved, error
        The log-odds with the set less those without it, and the Monte Carlo error of that, shape
        (set, event); not a number where the event is settled.
    khat, effective
        Of the draws' weights, shape (set,); not a number where it was estimated anew.
    estimated
        Whether it was, shape (set,).
    """

    place: dict[frozenset[str], int]
    moved: Floats
    error: Floats
    khat: Floats
    effective: Floats
    estimated: NDArray[np.bool_]


def left_out_of(draws: Draws, sets: Sequence[frozenset[str]], time: float) -> LeftOut:
    """Return what sets of items do to all forecasts at a time; the same is worked out once.

    Parameters
    ----------
    draws
        By whatever method.
    sets
        Items that are struck out together, by id.
    time
        In years from the start.

    Raises
    ------
    QueryError
        If the paths without some items cannot be redrawn.
    """
    wanted = tuple(dict.fromkeys(sets))
    if not wanted:
        none = np.zeros((0, len(_public(draws.lowered))))
        return LeftOut({}, none, none, np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.bool_))
    key = ("left out", time, wanted)
    if key not in draws.memo:
        draws.memo[key] = _left_out(draws, wanted, time)
    found: LeftOut = draws.memo[key]
    return found


def _left_out(draws: Draws, sets: tuple[frozenset[str], ...], time: float) -> LeftOut:
    lowered, along = draws.lowered, courses_of(draws)
    events = np.flatnonzero(
        [not known_for_sure(lowered.structure, lowered.record, e, time) for e in _public(lowered)]
    ).tolist()
    strikes = [_Strike.of(lowered, ids) for ids in sets]
    reached = _Reached.of(draws, along, strikes, events, time)
    khat, plain = reached.judged()
    share = plain / len(draws.batch)
    pull, rarer = _against(draws, strikes, reached.on)
    ratio = np.exp(np.minimum(pull, LARGEST))
    holds = _enough(share, draws.effective)
    holds &= (rarer >= RARER) | ((rarer + UNSEEN) * ratio / draws.effective <= NEGLIGIBLE)
    anew = np.array([strike.sure for strike in strikes], dtype=np.bool_) | ~holds
    chosen = np.flatnonzero(anew).tolist()
    samples: dict[frozenset[str], Anew] = draws.memo.setdefault("anew", {})
    missing = [sets[k] for k in chosen if sets[k] not in samples]
    samples.update(zip(missing, estimated_anew(draws, missing, events, time), strict=True))
    floor = np.array([least_error(lowered, event, along) for event in events])
    whole, reweighed = reached.whole(floor), reached.without(floor)
    unseen = np.where(rarer < RARER, np.sqrt(rarer + 1) / draws.effective, 0.0)
    spread = reached.spread()
    doubt = np.hypot(floor, unseen[:, None] * spread)  # (set, event)
    shape = len(sets), len(_public(lowered))
    moved, error = np.full(shape, np.nan), np.full(shape, np.nan)
    for k, ids in enumerate(sets):
        if anew[k]:
            rows = len(samples[ids].theta.base_rate)
            own_floor = np.where(floor > 0, np.maximum(floor, 1 / rows), 0.0)
            level = _anew_level(samples[ids], draws, events, time, own_floor)
            # Of what is next to certain a few courses may show no spread: all draws know it.
            doubtful = spread / np.sqrt(rows) / np.maximum(whole.slope, level.slope)
            least = np.hypot(floor / whole.slope, np.maximum(own_floor / level.slope, doubtful))
        else:  # weights within such a ratio cannot move any log-odds by more than its logarithm
            level = reweighed[k]
            least = np.minimum(ratio[k] * doubt[k] / level.slope, pull[k])
        moved[k, events], error[k, events] = _difference(whole, level, least)
    return LeftOut(
        {ids: k for k, ids in enumerate(sets)},
        moved,
        error,
        np.where(anew, np.nan, khat),
        np.where(anew, np.nan, share * draws.effective),
        anew,
    )


def _public(lowered: Lowered) -> range:
    """Return the events of the network, without stages of delays."""
    return range(len(lowered.network.nodes))


@dataclass(frozen=True)
class _Strike:
    """A set of items to strike out.

    Parameters
    ----------
    ids
        Of the items.
    plain
        Places of the rows of the soft ones that nothing ties to others.
    hidden
        Places of those that a hidden origin, or a crowd, ties to others.
    told
        Places of the rows of all that are so tied.
    sure
        Whether what is known for sure hangs on the set, or how events come about.
    """

    ids: frozenset[str]
    plain: list[int]
    hidden: list[int]
    told: list[int]
    sure: bool

    @classmethod
    def of(cls, lowered: Lowered, ids: frozenset[str]) -> "_Strike":
        places = soft_places(lowered)
        struck = sorted(row for name in ids for row in places.get(name, ()))
        groups = [rows for rows in lowered.tied if rows & set(struck)]
        names = {lowered.factors[i].item for members in groups for i in members}
        told = sorted(row for name in names for row in places[name])
        hidden = [i for i in struck if i in told]
        sure = any(pace.item.id in ids for pace in lowered.regimes)
        if not sure and any(sees(lowered.evidence.item(name)) for name in ids):
            record = without(lowered, ids)[0]
            sure = record.known != lowered.record.known or record.held != lowered.record.held
        return cls(ids, [i for i in struck if i not in told], hidden, told, sure)

    @property
    def left(self) -> list[int]:
        """Places of what is left of all that is so tied."""
        return [i for i in self.told if i not in self.hidden]

    def log_weights(
        self, lowered: Lowered, some: dict[str, Floats], on: Floats, terms: Floats
    ) -> Floats:
        """Return the log likelihood of each row without the set, less that with it.

        Parameters
        ----------
        lowered
            The network and its record.
        some
            Natural values of the draws, each of which has as many rows as any other.
        on, terms
            The share of its time that each item's event is on, and what it adds: (row, item).
        """
        found = -terms[:, self.plain].sum(axis=1)
        if self.hidden:
            factors = _factors_without(lowered, some, self.hidden)[:, self.left]
            left = item_terms(
                np.ascontiguousarray(on[:, self.left]),
                np.full(len(self.left), -1),
                np.ascontiguousarray(factors),
            )
            found += left.sum(axis=1) - terms[:, self.told].sum(axis=1)
        return np.asarray(found)


def _factors_without(lowered: Lowered, some: dict[str, Floats], struck: Sequence[int]) -> Floats:
    """Return the factors of all rows, shape (draw, row, 2), with some struck out."""
    return lowered.without_rows(struck).theta(some).factors


class _Sums(NamedTuple):
    """What one batch of draws adds, for every set of items and every event."""

    top: Floats  # (set,) the largest logarithm of a weight, by which all were divided
    weight: Floats  # (set,)
    chance: Floats  # (set, event) weighed
    plain: Floats  # (event,) with all items
    square: Floats  # (event,)
    rows: int
    by_draw: Floats  # (draw, set) logarithms of the weights of its rows together
    on: Floats  # (item,) draws in which its event is on


class _Level(NamedTuple):
    """Forecasts, and what each batch of draws adds to their errors."""

    log_odds: Floats  # (event,)
    parts: Floats  # (batch, event) of the log-odds
    slope: Floats  # (event,) of a probability by its log-odds


def _level(p: Floats, parts: Floats, floor: Floats) -> _Level:
    """Return forecasts from probabilities, and what batches add to them."""
    least = np.maximum(floor, LEAST)
    clipped = np.clip(p, least, 1 - least)
    slope = clipped * (1 - clipped)
    return _Level(logit(clipped), parts / slope, slope)


def _difference(whole: _Level, level: _Level, least: Floats) -> tuple[Floats, Floats]:
    """Return by how much log-odds differ, and the error of that.

    Parameters
    ----------
    whole, level
        Forecasts from the same batches, which are independent of each other.
    least
        Error that does not show in the batches, shape (event,).
    """
    parts = whole.parts - level.parts
    error = np.sqrt(len(parts) / max(len(parts) - 1, 1) * (parts**2).sum(axis=0))
    return whole.log_odds - level.log_odds, np.hypot(error, least)


@dataclass(frozen=True)
class _Reached:
    """All batches, weighed for all sets."""

    batches: list[_Sums]

    @classmethod
    def of(
        cls,
        draws: Draws,
        along: Along,
        strikes: Sequence[_Strike],
        events: Sequence[int],
        time: float,
    ) -> "_Reached":
        lowered, marks, futures = draws.lowered, along.sampler.marks, along.futures
        aims, size = aims_of(lowered, events), along.each // along.sweeps

        def one(batch: int) -> _Sums:
            rows = np.flatnonzero(draws.batch == batch)
            courses = rows[:, None] * along.each + np.arange(0, along.each, size)
            on = shares_on(marks, futures, courses.ravel())
            own = rows_of(draws.theta, rows)
            terms = item_terms(on, marks.item_count, own.factors)
            at = np.array([time])
            chance = chances_ahead(
                marks, draws.theta, futures, aims, lowered.now, at, rows, along.sweeps
            ).reshape(-1, len(events))
            some = {name: value[rows] for name, value in draws.natural.items()}
            logs = [strike.log_weights(lowered, some, on, terms) for strike in strikes]
            log_weights = np.array(logs).reshape(len(strikes), len(on))
            top = log_weights.max(axis=1)
            weights = np.exp(log_weights - top[:, None])
            by_draw = logsumexp(log_weights.reshape(len(strikes), len(rows), -1), axis=2).T
            return _Sums(
                top,
                weights.sum(axis=1),
                weights @ chance,
                chance.sum(axis=0),
                (chance**2).sum(axis=0),
                len(on),
                by_draw,
                (on > 0.5).sum(axis=0) / along.sweeps,  # noqa: PLR2004
            )

        with ThreadPoolExecutor(threads()) as pool:
            return cls(list(pool.map(one, np.unique(draws.batch).tolist())))

    @property
    def on(self) -> Floats:
        """Draws in which the event of each item is on at the item's time, shape (item,)."""
        return np.asarray(sum(batch.on for batch in self.batches))

    def judged(self) -> tuple[Floats, Floats]:
        """Return Pareto k and effective number of the draws' weights for every set."""
        logs = np.concatenate([batch.by_draw for batch in self.batches])  # (draw, set)
        weights = np.exp(logs - logs.max(axis=0))
        effective = weights.sum(axis=0) ** 2 / (weights**2).sum(axis=0)
        khat = [
            -np.inf
            if np.ptp(one) < FLAT
            else pareto_smooth(np.maximum(one - one.max(), -LARGEST))[1]
            for one in logs.T
        ]
        return np.array(khat), effective

    def spread(self) -> Floats:
        """Return the standard deviation of events' chances over courses, shape (event,)."""
        rows = sum(batch.rows for batch in self.batches)
        mean = np.array([batch.plain for batch in self.batches]).sum(axis=0) / rows
        square = np.array([batch.square for batch in self.batches]).sum(axis=0) / rows
        return np.asarray(np.sqrt(np.maximum(square - mean**2, 0.0)))

    def whole(self, floor: Floats) -> _Level:
        """Return the forecasts on all items."""
        rows = np.array([batch.rows for batch in self.batches])
        plain = np.array([batch.plain for batch in self.batches])  # (batch, event)
        p = plain.sum(axis=0) / rows.sum()
        return _level(p, (plain - p * rows[:, None]) / rows.sum(), floor)

    def without(self, floor: Floats) -> list[_Level]:
        """Return the forecasts without each set."""
        top = np.array([batch.top for batch in self.batches])  # (batch, set)
        scale = np.exp(top - top.max(axis=0))
        weight = scale * np.array([batch.weight for batch in self.batches])
        chance = scale[:, :, None] * np.array([batch.chance for batch in self.batches])
        total = weight.sum(axis=0)[:, None]  # (set, 1)
        p = chance.sum(axis=0) / total
        parts = (chance - p * weight[:, :, None]) / total  # (batch, set, event)
        return [_level(p[k], parts[:, k], floor) for k in range(len(p))]


def _enough(share: Floats, effective: float) -> NDArray[np.bool_]:
    """Return whether weights that leave such shares of the draws leave enough."""
    return (share >= FEWEST) & ((share * effective >= FEWEST_EFFECTIVE) | (share >= ALWAYS))


def _against(draws: Draws, strikes: Sequence[_Strike], on: Floats) -> tuple[Floats, Floats]:
    """Return how far sets of items take states apart, and the independent draws against them.

    Parameters
    ----------
    draws
        All draws.
    strikes
        The sets.
    on
        Draws in which the event of each item is on at the item's time, shape (item,).

    Returns
    -------
    tuple of ndarray
        Log-odds; and the number of draws in the state that the set speaks against, of that of its
        items where there are fewest; shape (set,).
    """
    lowered, total = draws.lowered, len(draws.batch)
    rows = np.linspace(0, total - 1, min(TYPICAL, total)).astype(np.intp)
    some = {name: value[rows] for name, value in draws.natural.items()}
    count = _counts(lowered)
    opening = openings(lowered.factors)
    within = on.copy()  # of a dated onset: the draws in which it lies within its days
    within[[i + 1 for i in opening]] -= on[opening]
    rise = _rises(rows_of(draws.theta, rows).factors, count, opening)
    apart, rarer = np.zeros(len(strikes)), np.zeros(len(strikes))
    for k, strike in enumerate(strikes):
        pull = {i: rise[i] for i in strike.plain}
        apart[k] = np.abs(rise[strike.plain]).sum()
        if strike.hidden:
            left = _rises(_factors_without(lowered, some, strike.hidden), count, opening)[
                strike.left
            ]
            together = rise[strike.told].sum() - left.sum()
            pull |= dict.fromkeys([i for i in strike.hidden if i not in opening], together)
            apart[k] += abs(together)
        against = [total - within[i] if up > 0 else within[i] for i, up in pull.items() if up != 0]
        rarer[k] = min(against, default=total) * draws.effective / total
    return apart, rarer


def _rises(factors: Floats, count: NDArray[np.int64], opening: Sequence[int]) -> Floats:
    """Return how much likelier each row is with its event on than off, in logarithms: (row,).

    Of a dated onset the last row tells how much likelier it is with the onset within its days, and
    the first, in `opening`, no more.
    """
    shape = factors.shape[:2]
    ends = [item_terms(np.full(shape, on), count, factors) for on in (0.0, 1.0)]
    lowest = [np.maximum(end, -LARGEST) for end in ends]  # impossible: far enough
    found = np.asarray((lowest[1] - lowest[0]).mean(axis=0))
    found[list(opening)] = 0.0
    return found


def _counts(lowered: Lowered) -> NDArray[np.int64]:
    tally = lowered.record.tally
    return np.full(len(lowered.record.item_time), -1) if tally is None else tally


def _anew_level(
    sample: Anew, draws: Draws, events: Sequence[int], time: float, floor: Floats
) -> _Level:
    """Return the forecasts of chains of their own, by the batches at which these began."""
    by_chain = sample.chances(draws.lowered, events, time).mean(axis=1)  # (chain, event)
    p = by_chain.mean(axis=0)
    batches = np.unique(draws.batch)
    where = np.searchsorted(batches, sample.batch)
    parts = np.zeros((len(batches), len(events)))
    np.add.at(parts, where, (by_chain - p) / len(by_chain))
    return _level(p, parts, floor)
