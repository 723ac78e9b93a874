"""Time the questions that a posterior of the first network is asked; write ``queries.md``.

Run from the repository: ``python -m benchmarks.queries``. One update as of 2024-07-01 with the June
evidence; every question is asked once beforehand, of another event, so that what there was to
compile is compiled. The figures are of questions asked for the first time: nothing is remembered.
With a date as argument, the posterior is as of then, and nothing is written.
"""

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import forecast as fc

ROOT = Path(__file__).resolve().parent.parent
AS_OF, BY, AT = "2024-07-01", "2025-12-31", "2024-10-01"
EVENTS = ("rok_lethal_exports", "dprk_troops_donetsk", "dprk_combat_ukraine_territory")
WARM = "dprk_troops_kursk"
SOURCES = ("nis", "isw", "yonhap", "pentagon")
ABOUT = (
    "dprk_troops_russia", "dprk_troops_donetsk", "dprk_combat_ukraine_territory",
    "dprk_troops_kursk", "russia_miltech_dprk", "rok_lethal_exports", "rok_personnel_ukraine",
    "rok_law_amendment", "nato_rok_pact", "dprk_russia_treaty_in_force",
)  # fmt: skip

type Question = Callable[[str], object]


def questions(post: fc.Posterior, at: str) -> dict[str, tuple[float | None, Question]]:
    """Return each question, its target in seconds, and what asks it of an event."""
    cause = "dprk_troops_russia"
    return {
        "a probability": (
            None, lambda event: post.probability(event, by=BY)),
        "a conditional, an onset on a day": (
            0.2, lambda event: post.probability(event, by=BY, given={"nato_rok_pact": at})),
        "a conditional, on at the deadline": (
            0.2, lambda event: post.probability(event, by=BY, given={"rok_law_amendment": "on"})),
        "after an intervention": (
            0.2, lambda event: post.probability(event, by=BY, do={"nato_rok_pact": at})),
        "who comes first": (None, lambda event: post.before(event, "nato_rok_pact", by=BY)),
        "a joint of three": (
            None, lambda event: post.joint([event, cause, "nato_rok_pact"], by=BY)),
        f"an explanation over {len(post.evidence)} items": (
            2.0, lambda event: post.explain(event, by=BY)),
        "a tornado over all parameters": (None, lambda event: post.sensitivity(event, by=BY)),
        "value of information, 50 candidates": (
            5.0, lambda event: post.value_of_information(
                event, by=BY, at=at, events=ABOUT, sources=SOURCES)),
        "value of information, every source and event": (
            None, lambda event: post.value_of_information(event, by=BY, at=at)),
        "ten scenarios": (None, lambda _: post.scenarios(by=BY, n=10)),
    }  # fmt: skip


def main() -> None:
    """Ask, and write the page."""
    as_of, at = (sys.argv[1], "2025-03-01") if len(sys.argv) > 1 else (AS_OF, AT)
    network = fc.read_network(ROOT / "priors" / "nato_rok.yaml")
    post = fc.update(network, fc.read_evidence(ROOT / "evidence"), as_of=as_of)
    rows = []
    for name, (target, ask) in questions(post, at).items():
        ask(WARM)
        took, used = [], []
        for event in EVENTS:
            begin, busy = time.perf_counter(), time.process_time()
            ask(event)
            took.append(time.perf_counter() - begin)
            used.append(time.process_time() - busy)
        goal = "" if target is None else f"{target:g}"
        clock, processor = statistics.median(took), statistics.median(used)
        rows.append(f"| {name} | {clock:.2g} | {max(took):.2g} | {processor:.2g} | {goal} |")
        print(rows[-1], flush=True)
    load = os.getloadavg()[0]
    page = f"""\
# Questions

eventcast {version("eventcast")}, {platform.platform()}, 2 cores, {datetime.now(UTC).date()}.
Made by `python -m benchmarks.queries`.

The first network as of {as_of}, {len(post.evidence)} items seen, estimated by {post.method}; a
process that has compiled what there was to compile. Each question is asked of {len(EVENTS)} events
(`{"`, `".join(EVENTS)}`), by {BY}.

Load at the end {load:.0f}: above 2, others were at work, and clocks ran longer than processors.

| question | median, s | most, s | processor, median, s | target, s |
|---|---:|---:|---:|---:|
{chr(10).join(rows)}
"""
    if as_of == AS_OF:
        (ROOT / "benchmarks" / "queries.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
