"""Simulation-based calibration: worlds drawn from the model, estimated as if they were real.

Talts, Betancourt, Simpson, Vehtari & Gelman (2018). Validating Bayesian inference algorithms with
simulation-based calibration. arXiv:1804.06788.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast.calibration import corp, rank_uniformity, simulation_ranks
from forecast.estimate._fit import fit
from forecast.estimate._result import Fit, Settings
from forecast.evidence import Evidence
from forecast.model._lower import Lowered, lower
from forecast.network import Network
from forecast.posterior import Posterior, simulate
from forecast.seeds import generator

RANKED_DRAWS = 99  # so that ranks take 100 values, 20 bins of 5
MOST_DRAWS = 65_536
BAND = 0.9  # of a posterior's central interval


@dataclass(frozen=True)
class Calibration:
    """Ranks of the true parameters, and forecasts with what came of them.

    Parameters
    ----------
    ranks
        By ``group[label]``, each shape (world,), from 0 to `RANKED_DRAWS`.
    covered
        By the same names: whether the central 90% interval of the posterior held the truth.
    forecasts, outcomes
        Shape (world, event, deadline).
    """

    ranks: dict[str, NDArray[np.int64]]
    covered: dict[str, NDArray[np.bool_]]
    forecasts: NDArray[np.float64]
    outcomes: NDArray[np.bool_]

    def rank_p_values(self) -> dict[str, float]:
        """The chi-square p-value of uniform ranks, parameter by parameter."""
        return {
            name: rank_uniformity(ranks, RANKED_DRAWS).bins_p_value
            for name, ranks in self.ranks.items()
        }

    def ecdf_p_values(self) -> dict[str, float]:
        """The p-value of the greatest distance of the ranks' distribution from uniform."""
        return {
            name: rank_uniformity(ranks, RANKED_DRAWS).distance_p_value
            for name, ranks in self.ranks.items()
        }

    def coverage_z(self) -> dict[str, float]:
        """How far the share of intervals that hold the truth lies from 90%, in standard errors."""
        return {
            name: float((held.mean() - BAND) / np.sqrt(BAND * (1 - BAND) / len(held)))
            for name, held in self.covered.items()
        }

    def forecast_z(self) -> NDArray[np.float64]:
        """Spiegelhalter's Z of the forecasts, event by event and deadline by deadline."""
        p, y = self.forecasts, self.outcomes
        error = ((y - p) * (1 - 2 * p)).sum(axis=0)
        scale = np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum(axis=0))
        return np.asarray(error / np.where(scale > 0, scale, 1.0))

    def miscalibration_p_values(self, resamples: int = 2000) -> NDArray[np.float64]:
        """The share of calibrated forecasters whose CORP miscalibration is as large, cell by cell.

        The sampling band of a cell (event, deadline) is that of outcomes drawn from the forecasts
        themselves: its worlds are independent.
        """
        rng = generator(7, "outcomes of calibrated forecasts")
        found = np.ones(self.forecasts.shape[1:])
        for cell in np.ndindex(*found.shape):
            p, y = self.forecasts[:, *cell], self.outcomes[:, *cell]
            if np.ptp(p) == 0:
                continue  # known, or known to be shut: nothing to calibrate
            ours = corp(p, y).miscalibration
            drawn = rng.random((resamples, len(p))) < p
            theirs = np.array([corp(p, one).miscalibration for one in drawn])
            found[cell] = (1 + (theirs >= ours).sum()) / (1 + resamples)
        return found


def together(parts: Sequence[Calibration]) -> Calibration:
    """Return what several runs found, as one."""
    return Calibration(
        {name: np.concatenate([part.ranks[name] for part in parts]) for name in parts[0].ranks},
        {name: np.concatenate([part.covered[name] for part in parts]) for name in parts[0].covered},
        np.concatenate([part.forecasts for part in parts]),
        np.concatenate([part.outcomes for part in parts]),
    )


def fit_until_it_passes(lowered: Lowered, settings: Settings) -> Fit:
    """Return a fit with as many draws as its gate asks for: few worlds are hard."""
    fitted = fit(lowered, settings)
    while not fitted.gate.passed and settings.draws < MOST_DRAWS:
        settings = replace(settings, draws=2 * settings.draws)
        fitted = fit(lowered, settings)
    return fitted


def calibrate(
    network: Network,
    template: Evidence,
    *,
    as_of: str,
    deadlines: Sequence[str],
    worlds: int,
    settings: Settings,
) -> Calibration:
    """Draw worlds, estimate each from what was published by `as_of`, and compare."""
    ranks: dict[str, list[int]] = {}
    covered: dict[str, list[bool]] = {}
    forecasts, outcomes = [], []
    for k, world in enumerate(
        simulate(network, worlds=worlds, seed=settings.seed, evidence=template)
    ):
        fitted = fit_until_it_passes(lower(network, world.evidence, as_of), settings)
        assert fitted.gate.passed, (k, str(fitted.gate))
        values = fitted.flat()
        draws = len(next(iter(values.values())))
        kept = generator(settings.seed, "ranks", k).choice(draws, RANKED_DRAWS, replace=False)
        for group in fitted.lowered.table.groups:
            for i in group.free:
                label = group.labels[i]
                if label not in world.parameters.get(group.name, {}):
                    continue
                truth = world.parameters[group.name][label]
                name, found = f"{group.name}[{label}]", values[group.name][:, i]
                rank = simulation_ranks([truth], found[kept][None, :])
                ranks.setdefault(name, []).append(int(rank[0]))
                low, high = np.quantile(found, [(1 - BAND) / 2, (1 + BAND) / 2])
                covered.setdefault(name, []).append(bool(low <= truth <= high))
        if not deadlines:
            continue
        table = Posterior(fitted).table(by=list(deadlines))
        forecasts.append(table.xs("mean", axis=1, level="statistic").to_numpy())
        outcomes.append([[world.on(e.id, day) for day in deadlines] for e in network.nodes])
    return Calibration(
        {name: np.array(found) for name, found in ranks.items()},
        {name: np.array(found) for name, found in covered.items()},
        np.array(forecasts),
        np.array(outcomes),
    )
