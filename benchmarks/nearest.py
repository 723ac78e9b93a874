"""The nearest peer: the same algorithm in JAX, turn by turn with eventcast.

Each turn runs eventcast and its peer in 64 and in 32 bits one after the other, each in a process of
its own, on each problem; ratios are of processor time within a turn, and their median is told.
"""

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.compare import SEED, in_process, ratio
from benchmarks.peers.problems import problem
from benchmarks.peers.stated import stated
from benchmarks.peers.statement import write
from benchmarks.record import duration, keep, kept, stamp, table
from forecast.model._lower import lower

NAMES = ("8 events, 12 items", "8 events, 40 items", "first network")
PEERS = ("jax", "jax in 32 bits")
TURNS = 3
TARGET = 3.0
HOW = " ".join((__doc__ or "").partition("\n\n")[2].split())


def run() -> None:
    """Let them run in turn, and keep what came of it."""
    found: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            file = Path(folder) / "statement.npz"
            network, evidence, as_of, event, by = problem(name)
            write(stated(lower(network, evidence, as_of), event, by), file)
            found[name] = []
            for _ in range(TURNS):
                turn = {peer: in_process(peer, name, file) for peer in ("eventcast", *PEERS)}
                found[name].append(turn)
                print(name, turn, flush=True)
    keep("nearest", {"turns": found, "seed": SEED})


def page() -> str:
    """Return the table of what was kept."""
    figures = kept("nearest")
    if not figures:
        return ""
    rows = []
    for name, turns in figures["turns"].items():
        rows.append([name, *_row(turns, "eventcast")])
        rows += [[name, *_row(turns, peer)] for peer in PEERS]
    head = ["problem", "by", "processors", "ratio", "compiling", "effective"]
    return "\n".join(
        [
            "## The nearest peer\n",
            stamp(figures["machine"], "nearest") + "\n",
            f"{HOW} To 400 effective draws of one forecast, compiled; the target is {TARGET:.0f} "
            "times in 64 bits.\n",
            table([*head, "forecast", "\\|z\\|"], rows),
        ]
    )


def _row(turns: list[dict[str, Any]], peer: str) -> list[str]:
    last = turns[-1][peer]
    if "failed" in last:
        return [peer, last["failed"], *[""] * 5]
    ours = turns[-1]["eventcast"]
    plain = median(ratio(turn[peer], turn["eventcast"]) for turn in turns)
    away = abs(last["mean"] - ours["mean"]) / (last["mcse"] ** 2 + ours["mcse"] ** 2) ** 0.5
    own = peer == "eventcast"
    return [
        peer,
        duration(median(turn[peer]["wanted"]["processor"] for turn in turns)),
        "" if own else f"{plain:.3g}",
        duration(median(turn[peer]["compiling"]["processor"] for turn in turns)),
        f"{last['ess']:,.0f} of {last['draws']:,}",
        f"{last['mean']:.4f} ± {last['mcse']:.4f}",
        "" if own else f"{away:.1f}",
    ]
