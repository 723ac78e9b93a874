"""Draws of a process's numbers: importance sampling around the mode, judged by the gate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from forecast.engine._importance import Weighted, importance_sample, resample
from forecast.engine._sobol import scrambled_sobol
from forecast.errors import GateError
from forecast.gate import Gate
from forecast.learning._choice import Choice
from forecast.learning._process import LEAST_VARIANCE, Numbers, Process
from forecast.learning._ridge import Draws, sample_along
from forecast.learning._risk import SUFFIX
from forecast.seeds import child_seed, generator

type Floats = NDArray[np.float64]

FEWEST = 2048
"""Proposals of the first attempt, and of each fit along a scale; of later ones 4 and 16 times."""
PRIOR_DRAWS = 1024
GRID, REACH = 81, 6.0


@dataclass(frozen=True)
class Fitted:
    """A process, and draws of its posterior.

    Parameters
    ----------
    process
        The process.
    z
        Equally weighted draws of its standard normals, shape (draw, dimension).
    gate
        The verdict on them.
    seed
        Of what is drawn from them.
    log_evidence
        The log of the mean likelihood under the prior.
    error
        Its Monte Carlo error.
    """

    process: Process | Choice
    z: Floats
    gate: Gate
    seed: int
    log_evidence: float
    error: float

    @property
    def name(self) -> str:
        """What the process is called."""
        return f"{self.process.event.id}{SUFFIX[self.process.role]}"

    @property
    def rated(self) -> Process:
        """The process, which is one of rates."""
        assert isinstance(self.process, Process)  # noqa: S101 - callers ask for those alone
        return self.process

    @cached_property
    def numbers(self) -> Numbers:
        """The numbers of each draw."""
        return self.process.numbers(self.z)

    @cached_property
    def prior(self) -> Numbers:
        """Numbers drawn from the prior."""
        size = self.z.shape[1]
        rng = generator(self.seed, "prior", self.name)
        points = scrambled_sobol(PRIOR_DRAWS, max(size, 1), rng)
        z = ndtri(np.clip(points, 1e-9, 1 - 1e-9))[:, :size]
        own = self.process.as_prior(z) if isinstance(self.process, Process) else z
        return self.process.numbers(own)

    def stated(self, *, before: bool = False) -> Iterator[tuple[tuple[str, str], Floats]]:
        """Yield the network's own numbers: name, what it is of, draws of the posterior or prior."""
        numbers, table = self.prior if before else self.numbers, self.process.lowered.table
        for column in self.process.layout.stated:
            name, place = table.free[column]
            label = table.known_group(name).labels[place]
            yield (name, label), numbers.values[name][:, place]

    @cached_property
    def group_effects(self) -> Floats:
        """Draws of each group's log ratio, shape (draw, group): its posterior given the draw."""
        process, numbers = self.rated, self.numbers
        if not process.layout.groups:
            return np.zeros((len(self.z), max(process.group_count, 1)))
        expected = process.expected(self.z)
        before = None if process.risk.before is None else process.expected(self.z, before=True)
        mode, sd = process.group_fit(numbers, expected)
        steps = np.linspace(-REACH, REACH, GRID)
        height = np.stack(
            [process.group_height(numbers, expected, before, mode + sd * step) for step in steps]
        )  # (step, draw, group)
        density = np.exp(height - height.max(axis=0))
        below = np.cumsum((density[1:] + density[:-1]) / 2, axis=0)
        below = np.concatenate([np.zeros((1, *mode.shape)), below / below[-1]])
        u = generator(self.seed, "groups", self.name).uniform(size=mode.shape)
        place = np.clip((below <= u).sum(axis=0) - 1, 0, GRID - 2)
        low = np.take_along_axis(below, place[None], axis=0)[0]
        high = np.take_along_axis(below, place[None] + 1, axis=0)[0]
        inside = np.divide(u - low, high - low, out=np.zeros_like(u), where=high > low)
        return np.asarray(mode + sd * (steps[place] + inside * (steps[1] - steps[0])))

    def unit_ratios(self, whose: Sequence[tuple[int | None, int | None]]) -> Floats:
        """Return draws of units' ratios to the common rate, those of groups included.

        Parameters
        ----------
        whose
            The unit and the group of each, as indices; None for a new one.

        Returns
        -------
        ndarray
            Shape (draw, one of `whose`). The same unit has the same draws whenever it is asked.
        """
        different = list(dict.fromkeys(whose))
        process, numbers, draws = self.rated, self.numbers, len(self.z)
        known = [unit for unit, _ in different if unit is not None]
        expected = dict(zip(known, self._expected(known).T, strict=True))
        found = {}
        for unit, group in different:
            effect = np.ones(draws)
            if process.layout.groups and group is not None:
                effect = np.exp(self.group_effects[:, group])
            elif process.layout.groups:
                rng = generator(self.seed, "new group", self.name)
                effect = np.exp(numbers.group_sd * rng.normal(size=draws))
            found[unit, group] = effect
            if not process.layout.units:
                continue
            shape = 1 / np.maximum(numbers.variance, LEAST_VARIANCE)
            rate, events = shape, 0.0
            if unit is not None:
                rate = shape + expected[unit] * effect
                events = float(process.risk.unit_events[unit])
            rng = generator(self.seed, "unit", self.name, "new" if unit is None else unit)
            found[unit, group] = effect * rng.gamma(shape + events, 1 / rate)
        return np.stack([found[each] for each in whose], axis=1)

    def still_to_come(self, whose: Sequence[tuple[int | None, int | None]]) -> Floats:
        """Return the chance that it ever comes to those to whom it has not, (draw, one of whose).

        One where it comes in the end, and where it has come.
        """
        process, numbers = self.rated, self.numbers
        chance = process.chance(numbers)
        if chance is None:
            return np.ones((len(self.z), len(whose)))
        found = np.repeat(chance[:, None], len(whose), axis=1)
        known = [k for k, (unit, _) in enumerate(whose) if unit is not None]
        units = [unit for unit, _ in whose if unit is not None]
        if not units:
            return found
        mean = process.expected(self.z, units) + process.expected(self.z, units, before=True)
        v = np.maximum(numbers.variance, LEAST_VARIANCE)[:, None]
        unseen = np.exp(-np.log1p(v * mean) / v) if process.layout.units else np.exp(-mean)
        sure = chance[:, None] * unseen
        came = process.risk.unit_events[units] > 0
        found[:, known] = np.where(came, 1.0, sure / (sure + 1 - chance[:, None]))
        return found

    def _expected(self, units: Sequence[int]) -> Floats:
        """Return the events that units should have had at ratio 1, shape (draw, unit)."""
        process = self.rated
        if not units or not process.layout.units:
            return np.zeros((len(self.z), len(units)))
        return process.expected(self.z, units) + process.expected(self.z, units, before=True)


def fit_process(process: Process | Choice, *, draws: int, seed: int) -> Fitted:
    """Return draws of a process's posterior.

    Raises
    ------
    GateError
        If importance sampling fails its gate.
    """
    name = f"{process.event.id}{SUFFIX[process.role]}"
    own, size = child_seed(seed, "learn", name), process.layout.size
    for attempt in (1, 4, 16):
        proposals = 1 << max(int(np.ceil(np.log2(max(FEWEST, draws)))), 1)
        number, scale = proposals * attempt, process.layout.scale
        if scale is None and attempt > 1:
            scale = process.layout.spread
        found: Weighted | Draws
        if scale is None:
            found = importance_sample(process, size, draws=number, seed=own)
        else:
            found = sample_along(process, size, scale, draws=number, seed=own)
        if found.gate.passed:
            chosen = resample(found.weights, draws, own)
            chosen = generator(own, "order").permutation(chosen)
            error = float(np.sqrt(max(1 / found.ess - 1 / number, 0.0)))
            return Fitted(process, found.z[chosen], found.gate, own, found.log_evidence, error)
    msg = (
        f"the posterior of '{name}' could not be drawn from: {found.gate}. Try another seed, "
        "narrow the network's priors or the scales, or leave the drift, groups or covariates out."
    )
    raise GateError(msg)
