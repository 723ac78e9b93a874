"""Simulation-based calibration: worlds drawn from the model, estimated as if they were real.

Talts, Betancourt, Simpson, Vehtari & Gelman (2018). Validating Bayesian inference algorithms with
simulation-based calibration. arXiv:1804.06788.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from forecast.estimate.fit import fit
from forecast.estimate.result import Settings
from forecast.evidence import Evidence
from forecast.model.lower import lower
from forecast.network import Network
from forecast.posterior import Posterior, simulate
from forecast.seeds import generator

RANKED_DRAWS = 99  # so that ranks take 100 values, 20 bins of 5


@dataclass(frozen=True)
class Calibration:
    """Ranks of the true parameters, and forecasts with what came of them.

    Parameters
    ----------
    ranks
        By ``group[label]``, each shape (world,), from 0 to `RANKED_DRAWS`.
    forecasts, outcomes
        Shape (world, event, deadline).
    """

    ranks: dict[str, NDArray[np.int64]]
    forecasts: NDArray[np.float64]
    outcomes: NDArray[np.bool_]

    def rank_p_values(self) -> dict[str, float]:
        """The chi-square p-value of uniform ranks, parameter by parameter."""
        bins = 20
        found = {}
        for name, ranks in self.ranks.items():
            counts = np.bincount(ranks * bins // (RANKED_DRAWS + 1), minlength=bins)
            found[name] = float(stats.chisquare(counts).pvalue)
        return found

    def forecast_z(self) -> NDArray[np.float64]:
        """Spiegelhalter's Z of the forecasts, event by event and deadline by deadline."""
        p, y = self.forecasts, self.outcomes
        error = ((y - p) * (1 - 2 * p)).sum(axis=0)
        scale = np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum(axis=0))
        return np.asarray(error / np.where(scale > 0, scale, 1.0))


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
    forecasts, outcomes = [], []
    for k, world in enumerate(
        simulate(network, worlds=worlds, seed=settings.seed, evidence=template)
    ):
        fitted = fit(lower(network, world.evidence, as_of), settings)
        assert fitted.gate.passed, (k, str(fitted.gate))
        values = fitted.flat()
        draws = len(fitted.log_likelihood[0]) * len(fitted.log_likelihood)
        kept = generator(settings.seed, "ranks", k).choice(draws, RANKED_DRAWS, replace=False)
        for group in fitted.lowered.table.groups:
            for i in group.free:
                label = group.labels[i]
                if label not in world.parameters.get(group.name, {}):
                    continue
                truth = world.parameters[group.name][label]
                rank = int((values[group.name][kept, i] < truth).sum())
                ranks.setdefault(f"{group.name}[{label}]", []).append(rank)
        table = Posterior(fitted).table(by=list(deadlines))
        forecasts.append(table.xs("mean", axis=1, level="statistic").to_numpy())
        outcomes.append([[world.on(e.id, day) for day in deadlines] for e in network.events])
    return Calibration(
        {name: np.array(found) for name, found in ranks.items()},
        np.array(forecasts),
        np.array(outcomes),
    )
