"""The path sampler as an estimate: chains of paths and parameters, run until the gate passes."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.engine._components import AnyPlan
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._problem import Parameters
from forecast.engine.paths import ImpossibleRecord, Paths, PathSampler, make_sampler, states_at
from forecast.engine.paths._chain import Machine, advance, build_moves
from forecast.engine.paths._marks import NOTHING
from forecast.errors import ContradictionError
from forecast.estimate._conflict import contradiction
from forecast.estimate._cost import THIN, WARM_UP, worth_telling
from forecast.estimate._result import Fit, Settings, effective, uncertain
from forecast.gate import Gate, chains_gate, worst
from forecast.model._factors import by_item
from forecast.model._lower import Lowered
from forecast.seeds import child_seed, generator
from forecast.threads import threads

type Floats = NDArray[np.float64]

MOST_THIN = 64  # rounds between draws: the run doubles until the gate passes or they are so many


@dataclass(frozen=True)
class _Chain:
    """Where a chain stands, and the draws that it has kept."""

    z: Floats  # (dimension,)
    paths: Paths
    kept: tuple[tuple[Floats, Paths], ...] = ()


@dataclass(frozen=True)
class _Judged:
    """Draws, and the verdict on them."""

    values: Mapping[str, Floats]
    states: NDArray[np.int8]
    gate: Gate
    ess: float


def fit_by_paths(
    lowered: Lowered, plans: tuple[AnyPlan, ...] | None, settings: Settings, note: str = ""
) -> Fit:
    """Return draws of the posterior, each with a path of every event.

    Parameters
    ----------
    lowered
        What to fit.
    plans
        Of its likelihood, where the exact filter can tell the items' probabilities; else None.
    settings
        `draws` is the number over all chains, after warming up.
    note
        Why this method was chosen.

    Raises
    ------
    ContradictionError
        If no paths agree with the evidence.
    """
    try:
        sampler = make_sampler(lowered.structure, lowered.record)
        chains = [_started(lowered, sampler, settings, c) for c in range(settings.chains)]
    except ImpossibleRecord as error:
        raise contradiction(lowered) from error
    moves = build_moves(sampler.marks, lowered.channels, lowered.table.dimensions)
    machine = Machine(sampler.marks, sampler.blocks, lowered.channels, moves)
    try:
        chains, thin, judged = _until_it_passes(lowered, machine, chains, settings)
    except ImpossibleRecord as error:
        names = ", ".join(f"'{lowered.events[event]}'" for event in error.events)
        msg = f"the paths of {names} cannot be redrawn: their chance is too small for a computer"
        raise ContradictionError(msg) from error
    return Fit(
        lowered=lowered,
        settings=settings,
        method="paths",
        values=judged.values,
        log_likelihood=_log_likelihood(lowered, plans, judged.values, settings.draws),
        gate=judged.gate,
        ess=judged.ess,
        note=note,
        stats={"rounds_apart": np.full(judged.states.shape[:2], float(thin))},
        states=judged.states,
        paths=tuple(paths for chain in chains for _, paths in chain.kept),
    )


def _until_it_passes(
    lowered: Lowered, machine: Machine, chains: list[_Chain], settings: Settings
) -> tuple[list[_Chain], int, _Judged]:
    """Run chains, for twice as long each time, until the gate passes or enough is enough.

    Half of the draws are dropped each time, every other one, so that their number stays.
    """
    each, thin = settings.draws // settings.chains, THIN
    chains = [_Chain(c.z, c.paths) for c in _run(machine, chains, settings, (0, 1, WARM_UP))]
    begun, fresh = 1, each
    while True:
        chains = _run(machine, chains, settings, (begun, fresh, thin))
        values, states = _values(lowered, chains), _states(lowered, chains)
        judged = _Judged(values, states, *_judge(lowered, values, states))
        if judged.gate.passed or thin >= MOST_THIN:
            return chains, thin, judged
        begun, fresh, thin = begun + fresh, each // 2, 2 * thin
        chains = [_Chain(c.z, c.paths, c.kept[1::2]) for c in chains]


def _started(lowered: Lowered, sampler: PathSampler, settings: Settings, chain: int) -> _Chain:
    """Return a chain at a draw of the parameters from the prior, with paths that are possible."""
    rng = generator(settings.seed, "chain", chain)
    z = rng.normal(size=lowered.table.dimensions)
    theta = lowered.theta(lowered.table.from_z(z[None]))
    one = Parameters(*(np.ascontiguousarray(field[0]) for field in theta))
    return _Chain(z, sampler.initial(one, child_seed(settings.seed, "first paths", chain)))


def _run(
    machine: Machine, chains: list[_Chain], settings: Settings, plan: tuple[int, int, int]
) -> list[_Chain]:
    """Let every chain keep more draws.

    Each draw has a seed of its own, so that what threads there are makes no difference. `plan`
    holds the number of the first, how many, and how many rounds lie before each.
    """
    first, number, rounds = plan

    def run(chain: int) -> _Chain:
        z, paths, kept = chains[chain].z, chains[chain].paths, list(chains[chain].kept)
        for draw in range(first, first + number):
            seed = child_seed(settings.seed, "rounds", chain, draw)
            z, paths, stuck = advance(machine, z, paths, rounds, seed)
            if stuck != NOTHING:
                blocks = PathSampler(machine.marks, machine.blocks)
                raise ImpossibleRecord(blocks.members(stuck))
            kept.append((z, paths))
        return _Chain(z, paths, tuple(kept))

    with ThreadPoolExecutor(min(len(chains), threads())) as pool:
        return list(pool.map(run, range(len(chains))))


def _values(lowered: Lowered, chains: list[_Chain]) -> dict[str, Floats]:
    """Return natural values by group, shape (chain, draw, label)."""
    z = np.array([[z for z, _ in chain.kept] for chain in chains])  # (chain, draw, dimension)
    flat = lowered.table.from_z(z.reshape(z.shape[0] * z.shape[1], z.shape[2]))
    return {name: value.reshape(*z.shape[:2], -1) for name, value in flat.items()}


def _states(lowered: Lowered, chains: list[_Chain]) -> NDArray[np.int8]:
    """Return the states of all events at the cut-off, shape (chain, draw, event)."""
    kept = [[states_at(paths, lowered.now) for _, paths in chain.kept] for chain in chains]
    return np.array(kept, dtype=np.int8)


def _judge(
    lowered: Lowered, values: Mapping[str, Floats], states: NDArray[np.int8]
) -> tuple[Gate, float]:
    """Return the verdict on the worst parameter and the worst state, and the smallest size."""
    unsure = (states.min(axis=(0, 1)) < states.max(axis=(0, 1))).nonzero()[0]
    on = np.moveaxis(states[..., unsure], -1, 0).astype(np.float64)
    numbers = worst(uncertain(lowered.table, values))
    either = worst(on, tails=False)
    gate = chains_gate(max(numbers[0], either[0]), min(numbers[1], either[1]), numbers[2])
    return gate, effective(gate, states[..., 0].size)


def _log_likelihood(
    lowered: Lowered,
    plans: tuple[AnyPlan, ...] | None,
    values: Mapping[str, Floats],
    draws: int,
) -> Floats | None:
    """Return the items' log probabilities, events summed out; None where that is out of reach.

    Their probabilities given the paths are at hand, but those are not what a leave-one-out check
    takes them for: a path has seen the item that would be left out.
    """
    if plans is None or not values or not worth_telling(lowered, plans, draws):
        return None
    shape = next(iter(values.values())).shape[:2]
    theta = lowered.theta({name: v.reshape(-1, v.shape[-1]) for name, v in values.items()})
    return by_item(lowered.evidence, log_likelihoods(plans, theta)).reshape(*shape, -1)
