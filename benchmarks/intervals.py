"""Ways to take the noise of simulated courses out of an interval, against known truth.

``python -m benchmarks.intervals`` writes benchmarks/intervals.md. Each of 4,096 draws has a chance
of its own, known here, and says it with the noise of K courses, in two halves: by counting them, or
as the mean of smooth conditional chances, as for an onset that is integrated out. Figures are the
root mean square error of the two ends of the central 90% interval over repetitions, the ends of the
draws' own true chances being the truth; so what is left is what the noise does.

Given a condition that only some courses of a draw meet, its chance is read off these: 32 courses a
draw, of which the condition holds in most ("often", and the likelier the larger the chance) or in
few ("seldom", "rare"), with log-odds that differ by draw. The truth is weighed by how likely each
draw makes the condition.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecast.posterior._probability import Estimates, Probability, weighted_quantiles
from tests.commit import commit

type Floats = NDArray[np.float64]

RESULT = Path(__file__).with_name("intervals.md")
DRAWS, REPETITIONS = 4096, 20
COURSES = (16, 32, 64)
TAILS = (0.05, 0.95)
SHAPE = 1.5  # of the gamma factor by which a course's hazard differs from its draw's


def library(halves: Floats) -> Floats:
    """Draws drawn in, and the matched beta where noise has taken their shape: the library's."""
    return Estimates(halves, np.zeros(halves.shape[1], dtype=np.intp)).values


def drawn_in(halves: Floats) -> Floats:
    """Draws drawn in by as much as the covariance of the halves says is noise."""
    mean, whole = raw(halves).mean(), raw(halves)
    between = ((halves[0] - mean) * (halves[1] - mean)).mean()
    kept = np.sqrt(np.clip(between / whole.var(), 0, 1))
    return np.asarray(np.clip(mean + kept * (whole - mean), 0, 1))


def raw(halves: Floats) -> Floats:
    """Draws as they are."""
    return np.asarray(halves.mean(axis=0))


def on_arcsines(halves: Floats) -> Floats:
    """Draw in arcsines of square roots, where counts are equally noisy."""
    whole, first, second = (np.arcsin(np.sqrt(x)) for x in (raw(halves), *halves))
    between = ((first - first.mean()) * (second - second.mean())).mean()
    kept = np.sqrt(np.clip(between / whole.var(), 0, 1))
    moved = whole.mean() + kept * (whole - whole.mean())
    return np.asarray(np.sin(np.clip(moved, 0, np.pi / 2)) ** 2)


def extrapolated(halves: Floats) -> Floats:
    """Order statistics carried on from half as many courses and all of them to no noise at all."""
    whole, coarse = np.sort(raw(halves)), np.sort(halves, axis=1).mean(axis=0)
    return np.clip(2 * whole - coarse, 0, 1)


def matched_beta(halves: Floats) -> Floats:
    """Quantiles of a beta distribution with the mean and the variance without noise."""
    from scipy.stats import beta  # noqa: PLC0415  it takes half a second

    mean = raw(halves).mean()
    between = max(((halves[0] - mean) * (halves[1] - mean)).mean(), 1e-9)
    size = mean * (1 - mean) / between - 1
    levels = (np.arange(halves.shape[1]) + 0.5) / halves.shape[1]
    return np.asarray(beta.ppf(levels, mean * size, (1 - mean) * size))


WAYS: dict[str, Callable[[Floats], Floats]] = {
    "library": library,
    "raw": raw,
    "drawn in": drawn_in,
    "on arcsines": on_arcsines,
    "extrapolated": extrapolated,
    "matched beta": matched_beta,
}


def logistic(centre: float, spread: float) -> Callable[[np.random.Generator], Floats]:
    """Chances whose log-odds are normal."""
    return lambda rng: 1 / (1 + np.exp(-(centre + spread * rng.standard_normal(DRAWS))))


def floored(floor: float, centre: float, spread: float) -> Callable[[np.random.Generator], Floats]:
    """Chances above a floor, as of what may come by itself or more surely by an unknown fact."""
    return lambda rng: floor + (1 - floor) * logistic(centre, spread)(rng)


def two(share: float, low: float, high: float) -> Callable[[np.random.Generator], Floats]:
    """Chances of two kinds, as of what an unknown fact all but decides."""
    return lambda rng: np.where(
        rng.random(DRAWS) < share, logistic(high, 0.3)(rng), logistic(low, 0.3)(rng)
    )


CHANCES = {
    "rare": logistic(-3.0, 0.6),
    "even": logistic(0.0, 0.5),
    "wide": logistic(-0.5, 1.5),
    "narrow": logistic(-1.0, 0.15),
    "floored": floored(0.14, -2.2, 1.0),
    "two kinds": two(0.2, -3.0, 2.2),
}


def said(chance: Floats, courses: int, rng: np.random.Generator, *, smooth: bool) -> Floats:
    """Return what the two halves of the courses say, shape (half, draw)."""
    half = courses // 2
    if not smooth:
        return np.stack([rng.binomial(half, chance) / half for _ in range(2)])
    hazard = SHAPE * ((1 - chance) ** (-1 / SHAPE) - 1)  # so that the mean over courses is right
    factor = rng.gamma(SHAPE, 1 / SHAPE, (2, half, DRAWS))
    return np.asarray(-np.expm1(-hazard * factor).mean(axis=1))


def errors(kind: str, courses: int, *, smooth: bool) -> dict[str, float]:
    """Root mean square error of both ends by each way."""
    rng = np.random.default_rng(1)
    squares = dict.fromkeys(WAYS, 0.0)
    for _ in range(REPETITIONS):
        chance = CHANCES[kind](rng)
        truth = np.quantile(chance, TAILS)
        halves = said(chance, courses, rng, smooth=smooth)
        for name, way in WAYS.items():
            squares[name] += ((np.quantile(way(halves), TAILS) - truth) ** 2).mean()
    return {name: float(np.sqrt(square / REPETITIONS)) for name, square in squares.items()}


CONDITIONS = {"often": (0.5, 0.5, 0.5), "seldom": (-2.0, 1.0, 0.5), "rare": (-3.0, 1.0, 0.0)}
"""Log-odds of a condition: their middle, their spread, and their correlation with the chance."""
WAYS_GIVEN: dict[str, Callable[[Estimates], Floats]] = {
    "library": lambda all_of: np.array(Probability.of(all_of).interval()),
    "raw": lambda all_of: weighted_quantiles(all_of.raw, all_of.weights, np.array(TAILS)),
    "drawn in": lambda all_of: weighted_quantiles(
        np.clip(all_of.mean + all_of.kept * (all_of.raw - all_of.mean), 0, 1),
        all_of.weights,
        np.array(TAILS),
    ),
}


def errors_given(kind: str, condition: str, courses: int = 32) -> dict[str, float]:
    """Root mean square error of both ends, given a condition, by each way."""
    rng = np.random.default_rng(2)
    centre, spread, correlation = CONDITIONS[condition]
    squares = dict.fromkeys(WAYS_GIVEN, 0.0)
    for _ in range(REPETITIONS):
        chance, half = CHANCES[kind](rng), courses // 2
        odds = np.log(chance / (1 - chance))
        alike = correlation * (odds - odds.mean()) / odds.std()
        own = np.sqrt(1 - correlation**2) * rng.standard_normal(DRAWS)
        met = 1 / (1 + np.exp(-(centre + spread * (alike + own))))
        mass = rng.binomial(half, met, (2, DRAWS))
        hits = rng.binomial(mass, chance)
        batch = np.arange(DRAWS) * 32 // DRAWS
        all_of = Estimates(hits / half, batch, mass / half)
        truth = weighted_quantiles(chance, met / met.sum(), np.array(TAILS))
        for name, way in WAYS_GIVEN.items():
            squares[name] += ((way(all_of) - truth) ** 2).mean()
    return {name: float(np.sqrt(square / REPETITIONS)) for name, square in squares.items()}


def main() -> None:
    """Write the page."""
    assert __doc__
    title, how = __doc__.split("\n\n", 1)
    lines = [f"# {title.rstrip('.')}", "", how.strip(), ""]
    lines += [f"Found with {commit()}.", ""]
    lines.append("| chances | courses | K | " + " | ".join(WAYS) + " |")
    lines.append("|---|---|--:|" + "--:|" * len(WAYS))
    for smooth in (False, True):
        for kind in CHANCES:
            for courses in COURSES:
                found = errors(kind, courses, smooth=smooth)
                cells = [kind, "smooth" if smooth else "counted", str(courses)]
                cells += [f"{found[name]:.4f}" for name in WAYS]
                lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "Given a condition:", ""]
    lines.append("| chances | condition | " + " | ".join(WAYS_GIVEN) + " |")
    lines.append("|---|---|" + "--:|" * len(WAYS_GIVEN))
    for condition in CONDITIONS:
        for kind in CHANCES:
            given = errors_given(kind, condition)
            cells = [kind, condition, *(f"{given[name]:.4f}" for name in WAYS_GIVEN)]
            lines.append("| " + " | ".join(cells) + " |")
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
