"""Coverage of pooled rates: truths drawn from the model, counts from truths, intervals fitted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.history import ReferenceClass, Tally
from forecast.history._hierarchy import build, model_data
from forecast.history._rate_fit import Pooling
from forecast.seeds import child_seed, generator

SUBCLASSES, PERIODS = 6, 5
POOLING = Pooling()
CHAINS, DRAWS, TUNE = 2, 500, 500
LEVEL = 0.9


@dataclass(frozen=True)
class Coverage:
    """Whether each interval held its truth, shape (data set, subclass), and for a new subclass."""

    covered: NDArray[np.bool_]
    new: NDArray[np.bool_]

    @property
    def share(self) -> float:
        return float(self.covered.mean())

    @property
    def error(self) -> float:
        """Standard error of the share: intervals of one data set are not independent."""
        return float(self.covered.mean(axis=1).std(ddof=1) / np.sqrt(len(self.covered)))


def counted(onsets: NDArray[np.int64], exposure: NDArray[np.float64]) -> ReferenceClass:
    return ReferenceClass(
        "simulated",
        [
            Tally(f"s{s}", 1970 + 10 * p, 1979 + 10 * p, float(exposure[s, p]), int(onsets[s, p]))
            for s in range(SUBCLASSES)
            for p in range(PERIODS)
        ],
    )


def simulate_coverage(datasets: int, seed: int) -> Coverage:
    """Return coverage over data sets; one compiled model serves them all."""
    import nutpie  # noqa: PLC0415 - compiled for this alone

    rng = generator(seed, "design")
    exposure = np.round(np.exp(rng.uniform(np.log(5), np.log(40), (SUBCLASSES, PERIODS))), 1)
    empty = counted(np.zeros((SUBCLASSES, PERIODS), dtype=np.int64), exposure)
    data = model_data(empty)
    compiled = nutpie.compile_pymc_model(build(data, empty.subclasses, POOLING))
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    covered, new = [], []
    for number in range(datasets):
        rng = generator(seed, "data set", number)
        centre = rng.normal(-np.log(exposure.sum()), POOLING.centre_sd)
        spread, burst = np.abs(rng.normal(size=2)) * (POOLING.spread_sd, POOLING.burst_sd)
        trend = rng.normal(0.0, POOLING.trend_sd)
        middle = rng.normal(centre, spread, SUBCLASSES + 1)  # the last one is new
        mean = data["exposure"] * np.exp(middle[data["subclass_of"]] + trend * data["decades"])
        shape = 1 / (burst**2 + 1e-6)
        onsets = rng.poisson(rng.gamma(shape, mean / shape)).astype(np.int64)
        tree = nutpie.sample(
            compiled.with_data(onsets_counted=onsets),
            draws=DRAWS,
            tune=TUNE,
            chains=CHAINS,
            seed=child_seed(seed, "nuts", number),
            target_accept=0.9,
            save_warmup=False,
            progress_bar=False,
        )
        posterior = tree["posterior"]
        rates = posterior["log_rate"].to_numpy().reshape(-1, SUBCLASSES)
        truth = middle + trend * float(data["ahead"])
        low, high = np.quantile(rates, tails, axis=0)
        covered.append((low <= truth[:-1]) & (truth[:-1] <= high))
        flat = {k: posterior[k].to_numpy().ravel() for k in ("log_centre", "spread", "trend")}
        another = flat["log_centre"] + flat["trend"] * float(data["ahead"])
        another += flat["spread"] * rng.normal(size=another.size)
        low, high = np.quantile(another, tails)
        new.append(low <= truth[-1] <= high)
    return Coverage(np.array(covered), np.array(new))
