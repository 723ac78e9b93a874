"""Cross-validate the pools: ``python -m benchmarks.crowd`` rewrites docs/crowds.md.

Folds are of whole clusters; a fold's outcomes are left out, and its questions are pooled with what
was learned from the others. The results are kept in ``benchmarks/crowd_results.json``.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.crowd import METHODS, pool
from forecast.crowd._pools import FLOOR
from forecast.scoring import brier, gain, logarithmic

HERE = Path(__file__).resolve().parent
RESULT = HERE / "crowd_results.json"
PAGE = HERE.parent / "docs" / "crowds.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
SETS = {  # file, title, folds
    "forecastbench_superforecasters": ("ForecastBench, superforecasters", 10),
    "replication_surveys": ("Replication surveys", 10),
    "replicats": ("repliCATS", 25),
}
SEED = 1


def read(name: str) -> pd.DataFrame:
    """Return the forecasts of a set."""
    return pd.read_csv(HERE / "data" / f"{name}.csv.gz")


def held_out(forecasts: pd.DataFrame, folds: int) -> pd.DataFrame:
    """Return each question's pooled probabilities, made without its outcome: a column a method."""
    clusters = np.sort(forecasts["cluster"].unique())
    fold = np.random.default_rng(SEED).permutation(clusters.size) % folds
    of_row = forecasts["cluster"].map(dict(zip(clusters, fold, strict=True)))
    questions = forecasts.groupby("question")[["outcome", "cluster"]].first()
    for method in METHODS:
        parts = []
        for number in range(folds):
            left_out = forecasts["outcome"].where(of_row != number)
            pooled = pool(forecasts.assign(outcome=left_out), method, seed=SEED).table
            parts.append(pooled.loc[forecasts.loc[of_row == number, "question"].unique()])
        questions[method] = pd.concat(parts)["probability"]
    return questions


def compare(questions: pd.DataFrame) -> dict[str, Any]:
    """Return mean losses, and the Bayesian pool's gains with their intervals."""
    y, cluster = questions["outcome"], questions["cluster"]
    cut = questions[list(METHODS)].clip(FLOOR, 1 - FLOOR)
    result: dict[str, Any] = {"questions": len(questions), "clusters": int(cluster.nunique())}
    for rule, loss, said in (("brier", brier, questions), ("logarithmic", logarithmic, cut)):
        ours = loss(said["bayesian"], y)
        result[rule] = {}
        for method in METHODS:
            theirs = loss(said[method], y)
            found = gain(ours, theirs, cluster=cluster)
            numbers = (theirs.mean(), found.estimate, found.low, found.high)
            result[rule][method] = [round(float(number), 4) for number in numbers]
    return result


def table(results: dict[str, Any]) -> str:
    """Return the page's table."""
    lines = ["| | " + " | ".join(title for title, _ in SETS.values()) + " |", "|---|--:|--:|--:|"]
    counts = [f"{results[n]['questions']} in {results[n]['clusters']}" for n in SETS]
    lines.append("| questions, in clusters | " + " | ".join(counts) + " |")
    for rule in ("brier", "logarithmic"):
        for method in METHODS:
            of_sets = [results[name][rule] for name in SETS]
            cells = [
                _cell(
                    method,
                    found[method],
                    lowest=found[method][0] == min(map(_mean, found.values())),
                )
                for found in of_sets
            ]
            lines.append(f"| {rule}, `{method}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _mean(numbers: list[float]) -> float:
    return numbers[0]


def _cell(method: str, numbers: list[float], *, lowest: bool) -> str:
    loss, gained, low, high = numbers
    mean = f"**{loss:.4f}**" if lowest else f"{loss:.4f}"
    return mean if method == "bayesian" else f"{mean}<br>{gained:+.4f} [{low:+.4f}, {high:+.4f}]"


def shown() -> str:
    """Return the table that the page has."""
    return PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]


def main() -> None:
    """Run, keep the results, and rewrite the page."""
    results: dict[str, Any] = {"version": version("eventcast")}
    for name, (title, folds) in SETS.items():
        results[name] = compare(held_out(read(name), folds))
        print(title, results[name], flush=True)
    RESULT.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    head, tail = PAGE.read_text(encoding="utf-8").split(BEGIN)
    page = head + BEGIN + table(results) + END + tail.split(END)[1]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
