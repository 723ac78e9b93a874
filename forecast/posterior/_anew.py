"""Estimates without a part of the record: the path sampler carried on from where a run stood.

What is struck out stays in its place and says nothing, so that numbers and items keep their places.
A draw of the whole run is then a possible one of what is left, since less is asked of it, and a few
rounds of the chain take it to where it belongs.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.engine._channels import COUNT, NOTHING, SETTLED, SILENCE, Channels
from forecast.engine._course import Courses, Paths, as_given, chosen, joined, path_of
from forecast.engine._problem import Parameters, Record
from forecast.engine.paths import ImpossibleRecord, PathSampler, make_sampler
from forecast.engine.paths._chain import Machine, build_moves
from forecast.engine.paths._futures import chances_ahead
from forecast.engine.paths._marks import Marks
from forecast.engine.paths._struck import run_on
from forecast.errors import QueryError
from forecast.model._factors import rows_in_force
from forecast.model._integrated import aims_of
from forecast.model._lower import Lowered
from forecast.model._recorded import known_share
from forecast.model._regimes import without as without_regimes
from forecast.posterior._courses import courses_of
from forecast.posterior._draws import Draws, rows_of
from forecast.posterior._parts import part_of, sees, soft_places
from forecast.seeds import child_seed
from forecast.threads import threads
from forecast.time import years_between

type Floats = NDArray[np.float64]

FEWEST, MOST, WORK = 32, 512, 640
"""How few and how many chains, in multiples of the fewest; in between, chains times events."""
SKIPPED, KEPT, FUTURES = 12, 28, 2
"""Rounds of each chain that go by first, that are kept, and the futures of each of those."""
LONGER = 4  # times as many rounds at most, where forecasts still drift
DRIFT, LEAST_DRIFT = 4.0, 0.02
"""Errors, and probability, by which the halves of what is kept may differ."""


@dataclass(frozen=True)
class Anew:
    """Draws and courses of what is left of a record.

    Parameters
    ----------
    marks
        The network and what is left of its record.
    theta
        Parameters of every chain and round, shape (chain * round, …).
    courses
        Those of a chain and round one after the other.
    rounds
        How many of each chain.
    batch
        The batch of the draw at which each chain began, shape (chain,).
    """

    marks: Marks
    theta: Parameters
    courses: Courses
    rounds: int
    batch: NDArray[np.intp]

    def chances(self, lowered: Lowered, events: Sequence[int], time: float) -> Floats:
        """Return the chances of events at a time, shape (chain, round, event)."""
        everyone = np.arange(len(self.theta.base_rate))
        found: Floats = chances_ahead(
            self.marks,
            self.theta,
            self.courses,
            aims_of(lowered, events),
            lowered.now,
            np.array([time]),
            everyone,
            1,
        )
        return found.reshape(len(self.batch), self.rounds, len(events))


def without(lowered: Lowered, ids: Collection[str]) -> tuple[Record, Channels]:
    """Return what is left of a record without some items, and the map to what its items say.

    Counts whose event's state is no longer known for sure tell of it again.
    """
    left = {item.id for item in lowered.evidence} - set(ids)
    part = part_of(lowered, left, lowered.now).case.record
    sure = {name: getattr(part, name) for name in Record._fields if name.startswith("known_")}
    sure |= {name: getattr(part, name) for name in Record._fields if name.startswith("held_")}
    record, places = lowered.record._replace(**sure), soft_places(lowered)
    struck = sorted(row for name in ids for row in places.get(name, ()))
    begun = record.first_time.copy()
    tally = np.full(len(begun), -1) if record.tally is None else record.tally.copy()
    c = lowered.without_rows(struck).channels
    form, number, counted = c.item_form.copy(), c.item_number.copy(), c.item_counted.copy()
    says, check = c.item_on.copy(), c.item_check.copy()
    form[struck], number[struck], counted[struck] = SILENCE, 0.0, 0.0  # of no time: it says nothing
    says[struck], check[struck] = 1, 1.0
    begun[struck], tally[struck] = record.item_time[struck], -1
    for i in np.flatnonzero(form == SETTLED).tolist():
        _, row = rows_in_force(lowered.evidence)[i]
        begun[i] = years_between(lowered.network.start_instant, row.begin)
        if known_share(lowered.structure, record._replace(item_from=begun), i) is None:
            form[i], tally[i] = COUNT, int(counted[i])
        else:
            begun[i] = record.item_time[i]
    c = c._replace(
        item_form=form,
        item_number=number,
        item_counted=counted,
        item_on=says,
        item_check=check,
    )
    return record._replace(item_from=begun, tally=tally.astype(np.int64)), c


def unsettles(lowered: Lowered, ids: Collection[str]) -> bool:
    """Return whether counts whose event's state is known for sure are so no more without items."""
    settled = SETTLED in lowered.channels.item_form
    seen = any(sees(lowered.evidence.item(name)) for name in ids)
    return settled and seen and bool(without(lowered, ids)[0].counted.any())


def estimated_anew(
    draws: Draws, sets: Sequence[frozenset[str]], events: Sequence[int], time: float
) -> list[Anew]:
    """Return draws and courses of what is left without each of some sets of items.

    Parameters
    ----------
    draws
        Those of the whole record.
    sets
        Items to strike out, by id.
    events, time
        What is asked of each: as long as it drifts, the chains are carried on.

    Raises
    ------
    QueryError
        If the paths without some item cannot be redrawn.
    """
    runs = [_Run(draws, ids) for ids in sets]
    rounds = SKIPPED, KEPT
    left = runs
    while left:
        _carry_on(left, rounds)
        rounds = rounds[1], 2 * rounds[1]
        if rounds[1] > LONGER * KEPT:
            break
        left = [run for run in left if run.drifts(events, time)]
    return [run.anew() for run in runs]


class _Run:
    """Chains without some items, as they are carried on."""

    def __init__(self, draws: Draws, ids: frozenset[str]) -> None:
        lowered, along, total = draws.lowered, courses_of(draws), len(draws.batch)
        chains = int(np.clip(WORK // len(lowered.events), FEWEST, MOST)) // FEWEST * FEWEST
        chains = min(chains, total)
        rows = (np.arange(chains) * total + total // 2) // chains  # as many of each batch
        record, channels = without(lowered, ids)
        left = without_regimes(lowered.structure, lowered.regimes, ids)
        sampler = make_sampler(left, record)
        moves = build_moves(sampler.marks, channels, lowered.table.dimensions)
        some = {name: value[rows] for name, value in draws.natural.items()}
        z = lowered.table.to_z(some) if lowered.table.dimensions else np.zeros((chains, 0))
        self.lowered, self.ids, self.batch = lowered, ids, draws.batch[rows]
        self.machine = Machine(sampler.marks, sampler.blocks, channels, moves)
        self.seeds = [child_seed(draws.seed, "without", *sorted(ids), row) for row in rows.tolist()]
        theta, kind = rows_of(draws.theta, rows), sampler.marks.graph.kind
        courses = as_given(left, chosen(along.futures, rows * along.each))
        starts = [path_of(kind, courses, k) for k in range(chains)]
        self.chains = [
            (z[k], _possible(sampler, paths, rows_of(theta, np.array([k])), self.seeds[k]))
            for k, paths in enumerate(starts)
        ]
        self.kept: list[tuple[Floats, Courses]] = []
        self.rounds = 0

    def drifts(self, events: Sequence[int], time: float) -> bool:
        """Return whether the halves of what was kept differ by more than their errors."""
        chances = self.anew().chances(self.lowered, events, time)
        half = self.rounds // 2
        moved = chances[:, half:].mean(axis=1) - chances[:, :half].mean(axis=1)  # (chain, event)
        error = moved.std(axis=0, ddof=1) / np.sqrt(len(moved))
        mean = np.abs(moved.mean(axis=0))
        return bool(((mean > DRIFT * error) & (mean > LEAST_DRIFT)).any())

    def anew(self) -> Anew:
        """Return what was kept."""
        z = np.concatenate([found for found, _ in self.kept])
        lowered = self.lowered
        theta = lowered.theta(lowered.table.from_z(z))
        if len(theta.base_rate) < len(z):  # no number at all
            theta = Parameters(*(np.repeat(part, len(z), axis=0) for part in theta))
        courses = joined([found for _, found in self.kept])
        return Anew(self.machine.marks, theta, courses, self.rounds, self.batch)


def _possible(sampler: PathSampler, paths: Paths, theta: Parameters, seed: int) -> Paths:
    """Return paths to start from: those of the whole run, or others where they are impossible."""
    if not sampler.statistics(paths).broken.any():
        return paths
    return sampler.initial(Parameters(*(np.ascontiguousarray(part[0]) for part in theta)), seed)


def _carry_on(runs: Sequence[_Run], rounds: tuple[int, int]) -> None:
    """Carry on all chains of some runs."""
    skipped, kept = rounds

    def one(task: tuple[_Run, int]) -> tuple[Floats, Courses, Paths, int]:
        run, chain = task
        z, paths = run.chains[chain]
        seed = child_seed(run.seeds[chain], kept)
        found: tuple[Floats, Courses, Paths, int] = run_on(
            run.machine, z, paths, (skipped, kept, FUTURES), run.lowered.structure.horizon, seed
        )
        return found

    tasks = [(run, chain) for run in runs for chain in range(len(run.chains))]
    with ThreadPoolExecutor(threads()) as pool:
        results = iter(list(pool.map(one, tasks)))
    for run in runs:
        found = [next(results) for _ in run.chains]
        stuck = [block for *_, block in found if block != NOTHING]
        if stuck:
            sampler = PathSampler(run.machine.marks, run.machine.blocks)
            raise _beyond(run, ImpossibleRecord(sampler.members(stuck[0])))
        run.chains = [(z[-1], paths) for z, _, paths, _ in found]
        run.kept, run.rounds = [(z, courses) for z, courses, _, _ in found], kept


def _beyond(run: _Run, error: ImpossibleRecord) -> QueryError:
    names = ", ".join(f"'{run.lowered.events[event]}'" for event in error.events)
    listed = ", ".join(f"'{name}'" for name in sorted(run.ids))
    return QueryError(
        f"the forecast without {listed} cannot be told: without it the paths of {names} cannot be "
        "redrawn, since their chance is too small for a computer. Update without it, and compare"
    )
