"""The limit: what the filter must do, what this machine can do, and where the time goes.

Arithmetic and bytes are counted from the plan, not measured: one flip of a pair of states is a
product, a difference and a sum, and reads and writes two states (its chances stay in the cache
where draws are few). The machine's peak is measured by kernels compiled as the filter's are.
"""

from collections.abc import Callable

import numba
import numpy as np

from benchmarks.problems import parameters, plans_of, ring
from benchmarks.record import duration, keep, kept, stamp, table
from benchmarks.timing import least
from forecast.engine._batch import filter_block
from forecast.engine._likelihood import NO_START
from forecast.engine._packing import pack
from forecast.engine._plan import DIAGONAL, Plan

BLOCK, STEPS = 256, 40
RUNS = 15  # a peak is what can be had
SIZES = (4, 6, 8, 10, 12)
WIDE = 20_000_000
NOTHING = np.zeros(0, dtype=np.int64)


def work_of(plan: Plan) -> dict[str, float]:
    """Return the floating-point operations and the bytes of states of one likelihood.

    A sweep of a flip takes three operations a pair of states, and reads and writes both. A
    normalisation reads the states twice and writes them once; an item multiplies them.
    """
    flops = moved = 0.0
    for k in range(len(plan.steps)):
        first = int(plan.first_sweep[k])
        sweeps = plan.sweep[first : first + int(plan.sweeps[k])]
        states, diagonal = 2.0 ** int(plan.bits[k + 1]), int((sweeps == DIAGONAL).sum())
        flips = len(sweeps) - diagonal
        flops += flips * states / 2 * 3 + diagonal * states
        moved += flips * states * 16 + diagonal * states * 24
    for k in range(len(plan.cuts)):
        states = 2.0 ** int(plan.bits[k])
        passes = int(plan.first_item[k + 1] - plan.first_item[k])
        flops += passes * 3 * states + 2 * states
        moved += passes * states * 40 + states * 24
    return {"flops": flops, "bytes": moved}


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _lanes(a: np.ndarray, off: np.ndarray, on: np.ndarray, rounds: int) -> None:
    """Run the filter's inner loop on arrays that stay in the first cache."""
    for _ in range(rounds):
        for d in range(len(a)):
            flow = a[d] * off[d]
            off[d] -= flow
            on[d] += flow


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _triad(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    for i in range(len(a)):
        a[i] = b[i] + 3.0 * c[i]


def peaks() -> dict[str, float]:
    """Return what one core can do: arithmetic, the inner loop in cache, and memory."""
    rng = np.random.default_rng(1)
    n = 512
    square = rng.random((1024, 1024))
    product = least(lambda: square @ square, RUNS)
    a, off, on = (rng.random(n) * 1e-3 for _ in range(3))
    lanes = least(lambda: _lanes(a, off, on, 20_000), RUNS)
    wide = [rng.random(WIDE // 8) for _ in range(3)]
    triad = least(lambda: _triad(*wide), RUNS)
    return {
        "flops a second, matrix product": 2 * 1024**3 / product,
        "flops a second, inner loop in cache": 3 * n * 20_000 / lanes,
        "bytes a second, inner loop in cache": 40 * n * 20_000 / lanes,
        "bytes a second, memory": 24 * (WIDE // 8) / triad,
    }


def measured(events: int) -> dict[str, float]:
    """Return the counted work and the seconds of a likelihood, one core, a block of draws."""
    structure, record = ring(events, STEPS)
    (plan,) = (p for p in plans_of(structure, record) if p.bits.max() > 0)
    theta = parameters(structure, record, BLOCK)
    increments = np.zeros((len(record.item_event) + 1, BLOCK))

    def of(p: Plan) -> Callable[[], None]:
        packed = pack([p])

        def whole() -> None:
            increments[:] = 0.0
            filter_block(*packed, 0, theta, increments, NOTHING, 0, NO_START, 0, len(p.cuts))

        return whole

    # The same plan with its sweeps left out: chances, items and regrouping remain.
    still = plan._replace(sweeps=np.zeros_like(plan.sweeps))
    return {
        **work_of(plan),
        "seconds": least(of(plan), RUNS) / BLOCK,
        "rest": least(of(still), RUNS) / BLOCK,
        "held": 2.0**events * BLOCK * 8,
    }


def run() -> None:
    """Measure and keep."""
    keep("limit", {"peaks": peaks(), "filter": {str(n): measured(n) for n in SIZES}})


def page() -> str:
    """Return the tables of what was kept."""
    figures = kept("limit")
    if not figures:
        return ""
    peak: dict[str, float] = figures["peaks"]
    arithmetic = peak["flops a second, matrix product"]
    lanes = peak["flops a second, inner loop in cache"]
    rows: list[list[str]] = []
    for events, row in figures["filter"].items():
        rate = row["flops"] / row["seconds"]
        rows.append(
            [
                events,
                f"{row['flops'] / 1e3:,.0f}",
                f"{row['bytes'] / 1e3:,.0f}",
                f"{row['held'] / 1e3:,.0f}",
                duration(row["seconds"]),
                f"{rate / 1e9:.2f}",
                f"{rate / arithmetic:.0%}",
                f"{rate / lanes:.0%}",
                f"{row['rest'] / row['seconds']:.0%}",
            ]
        )
    head = ["active events", "kFLOP", "kB of states", "kB held by a block", "a likelihood"]
    head += ["GFLOP/s", "of arithmetic peak", "of inner loop's peak", "outside the sweeps"]
    return "\n".join(
        [
            "## The limit\n",
            stamp(figures["machine"], "limit") + "\n",
            f"One core, in blocks of {BLOCK} draws, a ring of hidden onsets over {STEPS} weekly "
            "steps. Peaks measured here, one core: "
            + ", ".join(f"{what} {value / 1e9:.1f} G" for what, value in peak.items())
            + ".\n",
            table(head, rows),
        ]
    )
