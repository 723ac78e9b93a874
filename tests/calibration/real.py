"""Calibration at real size, world by world.

``python -m tests.calibration.real [WORLDS [MINUTES]]`` does so many worlds, in so much time. Each
is estimated as a user would, by ``auto``; every fourth also night after night: the pass in the
order of publication is kept on a shelf as of a month before, and goes on from there. A world takes
minutes, so each is kept as it is done, in ``sbc_real_worlds.jsonl``, and what is there is not done
again: 1,200 worlds are planned. World k depends on its number alone. ``sbc_real_result.json`` says
what the worlds so far come to.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.calibration import simulation_ranks
from forecast.estimate._result import Settings
from forecast.model._lower import Lowered, lower
from forecast.posterior import Posterior, simulate
from forecast.posterior._shelf import kept_passage
from forecast.seeds import generator
from forecast.time import parse_instant, years_between
from tests.calibration import generator_real as real
from tests.calibration.sbc import BAND, RANKED_DRAWS, Calibration, fit_until_it_passes
from tests.commit import commit

WORLDS = Path(__file__).with_name("sbc_real_worlds.jsonl")
RESULT = Path(__file__).with_name("sbc_real_result.json")
PLANNED = 1200
DRAWS = 1024
DIGITS = 5
SEED = 100_000
"""World k has the seed after this one by k, and no other form of simulation has it."""

NIGHTS = (real.NIGHT_BEFORE, real.AS_OF)
HOW = ("auto", "night before", "carried on")
"""Three forecasts of each world: of `AS_OF` by the library's choice; by the pass, as of the night
before; and by the pass as of `AS_OF`, carried on from there."""

NIGHTS_EVERY = 4
"""Worlds that have the second and the third: a pass takes longer than all the rest."""

type Floats = NDArray[np.float64]
type World = dict[str, Any]


def parameters() -> list[str]:
    """Return the names of all uncertain numbers, the same for every world."""
    return names_of(lower(real.network(), real.template(), real.AS_OF))


def names_of(lowered: Lowered) -> list[str]:
    groups = lowered.table.groups
    return [f"{group.name}[{group.labels[i]}]" for group in groups for i in group.free]


def world(number: int, draws: int = DRAWS) -> World:
    """Draw a world and estimate it; return its ranks, and its forecasts with what came of them."""
    network, seed = real.network(), SEED + number
    begun = time.process_time()
    (drawn,) = simulate(network, worlds=1, seed=seed, evidence=real.template())
    lowered = lower(network, drawn.evidence, real.AS_OF)
    fitted = fit_until_it_passes(lowered, Settings(method="auto", draws=draws, seed=seed))
    values = fitted.flat()
    kept = generator(seed, "ranks").choice(len(values["base_rate"]), RANKED_DRAWS, replace=False)
    ranks, covered = {}, {}
    for group in lowered.table.groups:
        for i in group.free:
            name, found = f"{group.name}[{group.labels[i]}]", values[group.name][:, i]
            truth = drawn.parameters[group.name][group.labels[i]]
            ranks[name] = int(simulation_ranks([truth], found[kept][None, :])[0])
            low, high = np.quantile(found, [(1 - BAND) / 2, (1 + BAND) / 2])
            covered[name] = int(low <= truth <= high)
    table = Posterior(fitted).table(by=list(real.DEADLINES))
    forecasts = [table.xs("mean", axis=1, level="statistic").to_numpy()]
    if number % NIGHTS_EVERY == 0:
        forecasts += nights(network, drawn.evidence, seed)
    return {
        "world": number,
        "commit": commit(),
        "method": fitted.method,
        "draws": fitted.settings.draws,
        "passed": fitted.gate.passed,
        "seconds": round(time.process_time() - begun, 1),
        "ranks": ranks,
        "covered": covered,
        "forecasts": np.round(forecasts, DIGITS).tolist(),
        "outcomes": [[int(drawn.on(e.id, day)) for day in real.DEADLINES] for e in network.nodes],
    }


def nights(network: Any, evidence: Any, seed: int) -> Iterator[Floats]:
    """Yield what the pass says on one night and, carried on from its shelf, on a later one."""
    days = (parse_instant(day) for day in real.DEADLINES)
    times = np.array([years_between(network.start_instant, day) for day in days])
    with tempfile.TemporaryDirectory() as folder:
        for night in NIGHTS:
            lowered = lower(network, evidence, night)
            found = kept_passage(lowered, times, seed, Path(folder) / "night.npz")
            yield found.last.chance


def packed(found: World, names: Sequence[str]) -> str:
    """Return a world as a line of the file: parameters in their order."""
    assert list(found["ranks"]) == list(names), "a world has other parameters than the template"
    lists = {each: [found[each][name] for name in names] for each in ("ranks", "covered")}
    return json.dumps({**found, **lists}, separators=(",", ":"))


def read(file: Path, names: Sequence[str]) -> list[World]:
    """Return the worlds of a file, by number."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    found = [json.loads(line) for line in lines]
    assert all(len(each["ranks"]) == len(names) for each in found), f"{file}: of other parameters"
    return sorted(found, key=lambda each: int(each["world"]))


def with_forecasts(worlds: Sequence[World], how: str) -> list[World]:
    """Return the worlds that were forecast in one of the ways."""
    return [each for each in worlds if len(each["forecasts"]) > HOW.index(how)]


def calibration(worlds: Sequence[World], names: Sequence[str], how: str) -> Calibration:
    """Return what worlds come to, with the forecasts of one of the ways."""
    worlds = with_forecasts(worlds, how)
    ranks = np.array([each["ranks"] for each in worlds])  # (world, parameter)
    covered = np.array([each["covered"] for each in worlds], dtype=bool)
    forecasts = np.array([each["forecasts"][HOW.index(how)] for each in worlds])
    return Calibration(
        {name: ranks[:, n] for n, name in enumerate(names)},
        {name: covered[:, n] for n, name in enumerate(names)},
        forecasts,
        np.array([each["outcomes"] for each in worlds], dtype=bool),
    )


def drift_z(worlds: Sequence[World]) -> Floats:
    """Return how far the pass lies from ``auto`` on average, in standard errors; (event, deadline).

    Both are of the same worlds and the same record, so that it sees far smaller errors than what
    came of the forecasts does.
    """
    both = with_forecasts(worlds, "carried on")
    if not both:
        return np.zeros(0)
    pairs = np.array([each["forecasts"] for each in both])
    return _mean_over_error(pairs[:, HOW.index("carried on")] - pairs[:, HOW.index("auto")])


def excess_z(worlds: Sequence[World], how: str) -> float:
    """Return how many more events came than were forecast, all cells together, in standard errors.

    Those of one world hang together, so that the error is that between worlds.
    """
    worlds = with_forecasts(worlds, how)
    said = np.array([each["forecasts"][HOW.index(how)] for each in worlds])
    came = np.array([each["outcomes"] for each in worlds])
    return float(_mean_over_error((came - said).sum(axis=(1, 2))))


def _mean_over_error(values: Floats) -> Floats:
    """Return means over worlds in standard errors; of fewer than two worlds, nothing is known."""
    if len(values) < 2:
        return np.zeros(values.shape[1:])
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return np.asarray(values.mean(axis=0) / np.where(error > 0, error, 1.0))


def rounded(numbers: dict[str, float]) -> dict[str, float]:
    return {name: round(float(number), 4) for name, number in sorted(numbers.items())}


def result(worlds: Sequence[World], names: Sequence[str]) -> dict[str, Any]:
    """Return what is kept of the worlds so far; p-values of ranks need a hundred."""
    ours = calibration(worlds, names, "auto")
    ways = [how for how in HOW if with_forecasts(worlds, how)]
    enough = len(worlds) >= RANKED_DRAWS + 1
    return {
        "commits": sorted({each["commit"] for each in worlds}),
        "worlds": len(worlds),
        "planned": PLANNED,
        "worlds_carried_on": len(with_forecasts(worlds, "carried on")),
        "methods": sorted({each["method"] for each in worlds}),
        "gates_failed": [each["world"] for each in worlds if not each["passed"]],
        "processor_seconds_a_world": round(float(np.mean([w["seconds"] for w in worlds])), 1),
        "rank_p_values": rounded(ours.rank_p_values()) if enough else {},
        "ecdf_p_values": rounded(ours.ecdf_p_values()) if enough else {},
        "rank_mean_z": rounded(mean_z(ours)),
        "interval_coverage": rounded({k: v.mean() for k, v in ours.covered.items()}),
        "coverage_z": rounded(ours.coverage_z()),
        "forecast_z": {
            how: np.round(calibration(worlds, names, how).forecast_z(), 3).tolist() for how in ways
        },
        "excess_z": {how: round(excess_z(worlds, how), 3) for how in ways},
        "drift_of_the_pass_z": np.round(drift_z(worlds), 3).tolist(),
    }


def mean_z(found: Calibration) -> dict[str, float]:
    """Return how far the mean rank of each parameter lies from that of uniform ranks."""
    number = RANKED_DRAWS + 1
    error = np.sqrt((number**2 - 1) / 12 / len(found.forecasts))
    return {name: float((r.mean() - RANKED_DRAWS / 2) / error) for name, r in found.ranks.items()}


def main(planned: int = PLANNED, minutes: float = np.inf) -> None:
    """Do the worlds that are not there yet, and say what all come to."""
    names, until = parameters(), time.monotonic() + 60 * minutes
    done = {each["world"] for each in read(WORLDS, names)}
    for number in range(planned):
        if number in done or time.monotonic() > until:
            continue
        found = world(number)
        with WORLDS.open("a", encoding="utf-8") as file:
            file.write(packed(found, names) + "\n")
        sys.stdout.write(f"{number}: {found['method']}, {found['seconds']} s\n")
        sys.stdout.flush()
    worlds = read(WORLDS, names)
    RESULT.write_text(json.dumps(result(worlds, names), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
