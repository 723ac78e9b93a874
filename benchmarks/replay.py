"""Replay June to December 2024: ``python -m benchmarks.replay`` rewrites docs/backtest.md.

Every two weeks, with what was published by then, on this repository's own network and evidence. The
result is kept in ``benchmarks/replay_results.json`` with the digest of what it was made from;
finished estimates are kept in ``backtests/``, so that a run that was stopped goes on.
"""

import hashlib
import json
import platform
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from forecast.backtest import FORECASTERS, Backtest, every, replay
from forecast.evidence import Evidence, Resolutions
from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network
from forecast.files._resolutions_file import read_resolutions
from forecast.network import Network
from forecast.workspace._work import spawned

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "replay_results.json"
PAGE = ROOT / "docs" / "backtest.md"
DATES = every("2024-06-14", "2024-12-27", days=14)
DRAWS, SEED = 4096, 1


def inputs() -> tuple[Network, Evidence, Resolutions]:
    """Return the network, the evidence and the resolutions of this repository."""
    return (
        read_network(ROOT / "priors" / "nato_rok.yaml"),
        read_evidence(ROOT / "evidence"),
        read_resolutions(ROOT / "evidence"),
    )


def digest(network: Network, evidence: Evidence, resolutions: Resolutions) -> str:
    """Return the SHA-256 of all that the result follows from, comments and free text aside."""
    stated = {
        "network": network.model_dump(mode="json"),
        "evidence": [item.model_dump(mode="json") for item in evidence],
        "resolutions": [
            each.model_dump(mode="json", include={"id", "event", "deadline", "outcome", "resolved"})
            | {"cluster": each.together}
            for each in resolutions.scored
        ],
        "dates": [day.isoformat() for day in DATES],
        "draws": DRAWS,
        "seed": SEED,
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def document(found: Backtest, made_from: str) -> dict[str, Any]:
    """Return what is kept of a replay."""
    said: dict[str, dict[str, list[Any]]] = {}
    for row in found.forecasts.to_dict(orient="records"):
        question = said.setdefault(str(row["question"]), {})
        if row["as_of"] not in question.setdefault("as_of", []):
            question["as_of"].append(row["as_of"])
        question.setdefault(str(row["forecaster"]), []).append(round(row["probability"], 9))
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    ours = found.forecasts[found.forecasts["forecaster"] == "forecast"]
    return {
        "version": version("eventcast"),
        "commit": commit.stdout.strip(),
        "platform": f"{platform.machine()} {platform.system()}, Python {platform.python_version()}",
        "inputs": made_from,
        "dates": [day.isoformat() for day in DATES],
        "draws": DRAWS,
        "seed": SEED,
        "methods": ours.drop_duplicates("as_of").set_index("as_of")["method"].to_dict(),
        "clusters": int(found.questions["cluster"].nunique()),
        "even_clusters": found.even_clusters,
        "questions": found.questions.reset_index().to_dict(orient="records"),
        "scores": found.scores.reset_index().to_dict(orient="records"),
        "losses": found.losses.reset_index().to_dict(orient="records"),
        "said": said,
        "left_out": dict(found.left_out),
    }


def scores(kept: dict[str, Any]) -> str:
    """Return the page's table of scores."""
    lines = [
        "| forecaster | Brier loss | gain over it, 90% | log loss | gain over it, 90% |",
        "|---|--:|--:|--:|--:|",
    ]
    by = {(row["rule"], row["forecaster"]): row for row in kept["scores"]}
    for name in FORECASTERS:
        cells = [cell for rule in ("brier", "logarithmic") for cell in _score(by[rule, name])]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _score(row: dict[str, Any]) -> tuple[str, str]:
    loss = f"{row['loss']:.4f}"
    if row["forecaster"] == "forecast":
        return loss, ""
    return loss, f"{row['gain']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}]"


def questions(kept: dict[str, Any]) -> str:
    """Return the page's table of questions."""
    brier = {row["question"]: row for row in kept["losses"] if row["rule"] == "brier"}
    lines = [
        "| | event | by | came | days open | prior | first | last | copies apart, last "
        "| gain over prior | over copies apart |",
        "|---|---|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in kept["questions"]:
        name = row["question"]
        loss, said = brier[name], kept["said"][name]
        copies = said["copies_independent"][-1]
        cells = (
            name,
            f"`{row['event']}`",
            row["by"],
            "yes" if row["outcome"] else "no",
            f"{row['open']} of {row['scheduled']}",
            *(f"{p:.1%}" for p in (said["prior"][0], row["first"], row["last"], copies)),
            *(f"{loss[of] - loss['forecast']:+.4f}" for of in ("prior", "copies_independent")),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def left_out(_: dict[str, Any]) -> str:
    """Return the page's table of questions that are not scored, from the file itself."""
    lines = ["| question | about | left out because |", "|---|---|---|"]
    lines += [
        f"| {each.id}: {each.question} | `{each.event}` | {each.left_out} |"
        for each in sorted(inputs()[2], key=lambda each: each.id)
        if each.left_out
    ]
    return "\n".join(lines) + "\n"


TABLES: dict[str, Callable[[dict[str, Any]], str]] = {
    "scores": scores,
    "questions": questions,
    "left out": left_out,
}


def shown(name: str) -> str:
    """Return a table that the page has."""
    text = PAGE.read_text(encoding="utf-8")
    return text.split(f"<!-- {name}: begin -->\n")[1].split(f"<!-- {name}: end -->")[0]


def rewrite(kept: dict[str, Any]) -> None:
    """Write the page's tables."""
    page = PAGE.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        head, tail = page.split(begin)
        page = head + begin + table(kept) + end + tail.split(end)[1]
    PAGE.write_text(page, encoding="utf-8")


def main() -> None:
    """Replay, keep the result, and rewrite the page."""
    network, evidence, resolutions = inputs()
    with spawned(2) as executor:
        found = replay(
            network,
            evidence,
            resolutions,
            dates=DATES,
            draws=DRAWS,
            seed=SEED,
            executor=executor,
            force=True,
            folder=ROOT / "backtests" / network.name,
            tell=lambda done, total, doing: print(f"{done}/{total} {doing}", flush=True),
        )
    kept = document(found, digest(network, evidence, resolutions))
    RESULT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    rewrite(kept)


if __name__ == "__main__":
    main()
