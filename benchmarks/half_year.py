"""Time the reasons and the questions of half a year of news; write ``half_year.md``.

Run from the repository: ``python -m benchmarks.half_year``. The first network as of 2024-12-31, by
the path sampler. Each thing is asked once, in the order in which a reader would, after a run of the
same on the first two weeks of news has compiled and loaded what there is: with as many draws, since
with fewer the exact filter would answer some, and other code stay unused.
"""

import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import forecast as fc
from forecast.estimate._netcdf import as_netcdf

ROOT = Path(__file__).resolve().parent.parent
AS_OF, BY, SOON, NIGHT = "2024-12-31", "2025-12-31", "2025-01-31", "2024-12-10"
EVENT, NEXT = "dprk_troops_donetsk", "rok_lethal_exports"
ABOUT = ("dprk_troops_donetsk", "rok_lethal_exports", "nato_rok_pact", "russia_miltech_dprk",
         "rok_law_amendment", "dprk_combat_ukraine_territory", "rok_personnel_ukraine",
         "japan_nato_integration", "bloc_confrontation", "rok_request_nato")  # fmt: skip
SOURCES = ("nis", "isw", "yonhap", "pentagon")

type Asked = Callable[[], object]


def timed(ask: Asked) -> tuple[float, float]:
    """Return seconds on the clock, and of processors, that something took."""
    begin, busy = time.perf_counter(), time.process_time()
    ask()
    return time.perf_counter() - begin, time.process_time() - busy


def asked(post: fc.Posterior) -> dict[str, tuple[float | None, Asked]]:
    """Return what is asked, in order, with the most that it should take, in seconds."""
    return {
        "the table: courses of all draws to the horizon": (None, lambda: post.table(by=[BY])),
        "left out, all items, all events": (
            8.0, lambda: post.explain(EVENT, by=BY, order="left_out")),
        "in order, all events": (30.0, lambda: post.explain_all(by=BY)),
        "the next event's reasons": (
            1.0, lambda: post.explain(NEXT, by=BY)),
        "a conditional": (
            0.5, lambda: post.probability(NEXT, by=BY, given={"dprk_troops_donetsk": "on"})),
        "an intervention": (
            0.5, lambda: post.probability(NEXT, by=BY, do={"dprk_troops_donetsk": "on"})),
        "had it happened by 1 November": (
            None, lambda: post.probability("dprk_troops_russia", by="2024-11-01")),
        "value of information, 50 candidates": (
            10.0, lambda: post.value_of_information(
                NEXT, by=BY, at=SOON, events=ABOUT, sources=SOURCES)),
        "what it leans on, each number at its 5% and 95%": (
            None, lambda: post.sensitivity(NEXT, by=BY)),
    }  # fmt: skip


def main() -> None:
    """Ask, and write the page."""
    network, evidence = (
        fc.read_network(ROOT / "priors" / "nato_rok.yaml"),
        fc.read_evidence(ROOT / "evidence"),
    )
    few = fc.update(network, evidence, as_of="2024-06-25", method="paths")
    for _, ask in asked(few).values():
        ask()
    rows, shelf = [], Path(tempfile.mkdtemp()) / "pass.npz"
    posts: list[fc.Posterior] = []
    estimate = timed(lambda: posts.append(fc.update(network, evidence, as_of=AS_OF)))
    took: dict[str, tuple[float | None, tuple[float, float]]] = {"the estimate": (None, estimate)}
    post = posts[0]
    took |= {name: (most, timed(ask)) for name, (most, ask) in asked(post).items()}
    before = fc.update(network, evidence, as_of=NIGHT)
    replace(before, shelf=shelf).explain_all(by=BY, events=[EVENT])
    tonight = replace(post, shelf=shelf)
    tonight.table(by=[BY])
    whole = took["in order, all events"][1][1]
    night = timed(lambda: tonight.explain_all(by=BY))
    for name, (most, (clock, used)) in took.items():
        goal = "" if most is None else f"{most:g}"
        rows.append(f"| {name} | {clock:.2g} | {used:.2g} | {goal} |")
        print(rows[-1], flush=True)
    new = len(post.evidence) - len(before.evidence)
    page = f"""\
# Half a year of news

eventcast {version("eventcast")}, {platform.platform()}, 2 cores, {datetime.now(UTC).date()}.
Made by `python -m benchmarks.half_year`. What is compiled and loaded at its first use was before
these were timed.

The first network as of {AS_OF}: {len(network.events)} events, {len(post.evidence)} items, by the
path sampler. Load at the end {os.getloadavg()[0]:.0f}: above 2, others were at work, and clocks ran
longer than processors.

| what | clock, s | processors, s | target, s |
|---|---:|---:|---:|
{chr(10).join(rows)}

A night with {new} items more, with the pass of the night before on its shelf: {night[1]:.2g} s of
processors, {night[1] / whole:.0%} of the whole pass. The run's file has
{len(as_netcdf(post.saved_groups())) / 1e6:.1f} MB.
"""
    (ROOT / "benchmarks" / "half_year.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
