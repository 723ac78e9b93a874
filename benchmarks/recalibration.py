"""What a recalibration learned from answers is worth: ``python -m benchmarks.recalibration``.

It writes ``recalibration.md``. Each forecaster of the benchmarks' data is recalibrated by some of
their own answered questions, and scored on their others. Markets and crowds are recalibrated
forward in time: at each date by what had resolved by then.
"""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import forecast.calibration._experience as experience
from forecast.calibration import Adjustment, experience_of
from forecast.scoring import brier, logarithmic

HERE = Path(__file__).resolve().parent
PAGE = HERE / "recalibration.md"
SETS = {
    "forecastbench_superforecasters": "ForecastBench, superforecasters",
    "replication_surveys": "replication surveys",
    "replicats": "repliCATS",
}
SIZES = (5, 20, 50)
LEFT = 10  # clusters at the least, to be scored on
FEWEST = 10  # resolved questions of a crowd, before it is recalibrated
FLOOR = 0.001  # of a probability that is scored: else one certainty would outweigh all
PRIORS = ((experience.SHIFT_SD, experience.STRETCH_SD), (0.5, 0.35))
SEED = 1

type Floats = NDArray[np.float64]


def gains(adjustment: Adjustment, p: Floats, y: Floats) -> Floats:
    """Return by how much recalibration lowers the Brier and the log score, shape (question, 2)."""
    new = np.array([adjustment.recalibrated(each).value for each in p])
    raw, new = (np.clip(each, FLOOR, 1 - FLOOR) for each in (p, new))
    return np.stack([rule(raw, y) - rule(new, y) for rule in (brier, logarithmic)], axis=1)


def by_forecaster(name: str, size: int) -> Floats:
    """Return each forecaster's mean gains on questions of which nothing was learned.

    `size` clusters teach; shape (forecaster, 2).
    """
    found = []
    for _, own in read(name).groupby("forecaster"):
        clusters = np.random.default_rng(SEED).permutation(np.sort(own["cluster"].unique()))
        if len(clusters) < size + LEFT:
            continue
        seen = own["cluster"].isin(clusters[:size])
        learned = experience_of(
            own.loc[seen, "probability"], own.loc[seen, "outcome"], cluster=own.loc[seen, "cluster"]
        )
        rest = own[~seen]
        gained = gains(learned.all, rest["probability"].to_numpy(), rest["outcome"].to_numpy(float))
        found.append(gained.mean(axis=0))
    return np.array(found)


def forward(crowd: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the mean gains of a crowd, and their standard errors by question."""
    parts = []
    for at, now in crowd.groupby("time"):
        known = crowd[crowd["resolved"] <= at]
        if known["question"].nunique() < FEWEST:
            continue
        weight = 1 / known.groupby("question")["question"].transform("size")
        learned = experience_of(
            known["probability"], known["outcome"], question=known["question"], weight=weight
        )
        gained = gains(learned.all, now["probability"].to_numpy(), now["outcome"].to_numpy(float))
        parts.append(pd.DataFrame(gained, index=now["question"].to_numpy()))
    whole = pd.concat(parts)
    mean = whole.mean()
    away = (whole - mean).groupby(level=0).sum()
    return mean.to_numpy(), np.sqrt((away**2).sum().to_numpy()) / len(whole)


def read(name: str) -> pd.DataFrame:
    """Return the forecasts of a set, with plain text."""
    return pd.read_csv(HERE / "data" / f"{name}.csv.gz").astype(
        {"forecaster": object, "question": object}
    )


def rows() -> Iterator[tuple[str, str, int, Floats, Floats]]:
    """Yield each line: who, learned from what, how many forecasters, gains and their errors."""
    for name, title in SETS.items():
        for size in SIZES:
            found = by_forecaster(name, size)
            if len(found) > 1:
                error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
                yield title, f"{size} clusters", len(found), found.mean(axis=0), error
    for platform, crowd in read("market_crowd").groupby("forecaster"):
        mean, error = forward(crowd)
        yield f"ForecastBench, {platform}", "what had resolved", 1, mean, error


def table(priors: tuple[float, float]) -> str:
    """Return the table under priors of the shift and of the log of the stretch."""
    lines = [
        "| forecasters | learned from | number | Brier | log |",
        "|---|---|--:|--:|--:|",
    ]
    with patch.multiple(experience, SHIFT_SD=priors[0], STRETCH_SD=priors[1]):
        for title, learned, number, mean, error in rows():
            cells = [f"{m:+.4f} ± {e:.4f}" for m, e in zip(mean, error, strict=True)]
            lines.append(f"| {title} | {learned} | {number} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    (ours, wide) = PRIORS
    page = f"""\
# What recalibration by one's own answers is worth

eventcast {version("eventcast")}. Made by `python -m benchmarks.recalibration`.

Each forecaster of [the data](data/README.md) is recalibrated by some of their own answered
questions and scored on their others. The columns say by how much recalibration lowers the mean
score, with one standard error over forecasters (of markets and crowds, over questions): above 0,
it helps. Markets and crowds go forward in time: at each date, by what had resolved by then.
Probabilities are scored from {FLOOR:.1%} to {1 - FLOOR:.1%}.

## With the priors as they are

Shift {ours[0]:g}, log of the stretch {ours[1]:g}.

{table(ours)}

Who is far off gains much, and soon: the researchers of the replication surveys. Who is calibrated,
as the superforecasters are, gains nothing and loses next to nothing. Of the markets and crowds none
gains more than chance may do, and INFER loses a little on few questions.

## With wider priors

Shift {wide[0]:g}, log of the stretch {wide[1]:g}. The replication surveys would gain more, and
calibrated forecasters would lose about three times as much by their first answers.

{table(wide)}
"""
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
