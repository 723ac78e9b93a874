"""The page on recalibration says what the data say: much for the bold, else nothing."""

import numpy as np

from benchmarks.recalibration import PAGE, by_forecaster

SURE = 3.0  # standard errors: of four figures, by chance one time in a hundred


def row(title: str, learned: str, found: np.ndarray) -> str:
    mean, error = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(len(found))
    cells = [f"{m:+.4f} ± {e:.4f}" for m, e in zip(mean, error, strict=True)]
    return f"| {title} | {learned} | {len(found)} | {' | '.join(cells)} |"


def test_the_bold_gain_out_of_sample_by_both_scores() -> None:
    found = by_forecaster("replication_surveys", 20)
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (found.mean(axis=0) > SURE * error).all()
    assert row("replication surveys", "20 clusters", found) in PAGE.read_text(encoding="utf-8")


def test_the_calibrated_neither_gain_nor_lose() -> None:
    found = by_forecaster("forecastbench_superforecasters", 20)
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0)) < SURE * error).all()
    assert (np.abs(found.mean(axis=0)) < [0.001, 0.003]).all()
    title = "ForecastBench, superforecasters"
    assert row(title, "20 clusters", found) in PAGE.read_text(encoding="utf-8")
