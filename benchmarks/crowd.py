"""Cross-validate the pools: ``python -m benchmarks.crowd`` rewrites docs/crowds.md.

Folds are of whole clusters; a fold's outcomes are left out, and its questions are pooled with what
was learned from the others. Markets and crowds are pooled forward in time instead: at each date,
the questions of that date, with what had resolved by then. The results, and how long a pool of
5,000 resolved questions takes, are kept in ``benchmarks/crowd_results.json``.
"""

import json
import time
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
SETS: dict[str, tuple[str, int | None]] = {  # file, title, folds (none: forward in time)
    "forecastbench_superforecasters": ("ForecastBench, superforecasters", 10),
    "replication_surveys": ("Replication surveys", 10),
    "replicats": ("repliCATS", 25),
    "market_crowd": ("ForecastBench, markets and crowds", None),
}
SEED = 1
FIRST_DATES = 3  # before them, too little had resolved
SIZES = ((20, 10), (50, 20), (200, 20), (1_000, 20))  # forecasters, answers a question
RESOLVED = 5_000


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
    return pd.DataFrame(questions)


def forward(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return the same, each date's questions pooled with what was known on that date."""
    dates = np.sort(forecasts["asked"].unique())[FIRST_DATES:]
    said = forecasts.drop(columns="asked")
    parts: list[pd.DataFrame] = []
    for at in dates:
        rows = forecasts[(forecasts["asked"] == at) & (forecasts["resolved"] > at)]
        now = rows.set_index("question")[["outcome"]].assign(cluster=rows["question"].to_numpy())
        for method in METHODS:
            pooled = pool(said, method, at=str(at), seed=SEED).table["probability"]
            now[method] = pooled.loc[now.index]
        parts.append(now.reset_index(drop=True))
    return pd.concat(parts, ignore_index=True)


def seconds() -> dict[str, float]:
    """Return the processor time of the Bayesian pool with many resolved questions, by size."""
    found = {}
    for people, per in SIZES:
        rows = simulated(people, per, RESOLVED)
        begin = time.process_time()
        pool(rows, seed=SEED)
        found[f"{people} forecasters, {per} to a question"] = round(time.process_time() - begin, 1)
    return found


def simulated(people: int, per: int, questions: int) -> pd.DataFrame:
    """Return resolved questions, answered by forecasters of different leanings."""
    rng = np.random.default_rng(SEED)
    truth = 1.2 * rng.normal(size=questions)
    question = np.repeat(np.arange(questions), per)
    who = np.argsort(rng.random((questions, people)), axis=1)[:, :per].ravel()
    lean = 0.5 * rng.normal(size=people)
    odds = 0.7 * truth[question] + lean[who] + 0.7 * rng.normal(size=question.size)
    y = (rng.random(questions) < 1 / (1 + np.exp(-truth))).astype(int)
    return pd.DataFrame(
        {
            "question": question,
            "forecaster": who,
            "probability": 1 / (1 + np.exp(-odds)),
            "outcome": y[question],
        }
    )


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
    heads = " | ".join(title for title, _ in SETS.values())
    lines = [f"| | {heads} |", "|---" + "|--:" * len(SETS) + "|"]
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
    lines += ["", f"| {RESOLVED:,} resolved questions | processor seconds |", "|---|--:|"]
    lines += [f"| {size} | {taken:.1f} |" for size, taken in results["seconds"].items()]
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
        forecasts = read(name)
        pooled = forward(forecasts) if folds is None else held_out(forecasts, folds)
        results[name] = compare(pooled)
        print(title, results[name], flush=True)
    results["seconds"] = seconds()
    RESULT.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    head, tail = PAGE.read_text(encoding="utf-8").split(BEGIN)
    page = head + BEGIN + table(results) + END + tail.split(END)[1]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
