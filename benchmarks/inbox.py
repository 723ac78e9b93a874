"""Measure what the inbox proposes, and how fast; write ``inbox.md``.

Run from the repository: ``python -m benchmarks.inbox``. A recorded week of news with a key that was
written before the rules, and the timelines of 2024 without their coding. The first four days of the
week and June 2024 were looked at when rules were made; the rest is held out.
"""

import csv
import platform
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import forecast as fc
from forecast.evidence import Evidence, Item
from forecast.inbox._draft import Draft, draft_id
from forecast.inbox._propose import propose
from forecast.network import RatioBelief
from tests.inbox import recorded
from tests.inbox.recorded import HELD_OUT, ROOT, Count, Entry, network, week

TIMELINES = ("2024-06.csv", "2024-H2.csv")
MANY = 2_000
TIMELINE_HEAD = """\
| rows | event first | one of three | usual | source first | one of three | original found | \
repeats proposed |
|---|---:|---:|---:|---:|---:|---:|---:|"""


def share(right: int, of: int) -> str:
    return f"{right} of {of} ({right / of:.2f})" if of else "none"


def two(count: Count) -> str:
    """Return precision and recall as cells of a table."""
    return f"{share(count.right, count.proposed)} | {share(count.right, count.there)}"


def week_rows(entries: Sequence[Entry], label: str) -> list[str]:
    """Return the rows of the table of kin, sources and claims for some of the week's entries."""
    made = recorded.proposals()
    counted = {
        "copies": recorded.copies(entries, made),
        "shared origins": recorded.origins(entries, made),
        "corrections": recorded.corrections(entries, made),
        "source": recorded.guesses(entries, made, "source"),
        "source, one of three": recorded.guesses(entries, made, "source", 3),
        "on or off": recorded.guesses(entries, made, "claim"),
    }
    return [f"| {what} | {label} | {two(count)} |" for what, count in counted.items()]


def event_rows(entries: Sequence[Entry], label: str) -> list[str]:
    """Return the rows of the table of events: first, one of three, and rightly none."""
    told = []
    for how, made in (
        ("with what was on file before the week", recorded.proposals()),
        ("and each day decided before the next", recorded.day_by_day()),
    ):
        first, three = (recorded.guesses(entries, made, "event", k) for k in (1, 3))
        none = recorded.rightly_none(entries, made, "event")
        told.append(
            f"| {how} | {label} | {share(first.right, first.there)} | "
            f"{share(three.right, three.there)} | {share(*none)} |"
        )
    return told


@dataclass
class Timeline:
    """How often proposals for the rows of a timeline are what is on file."""

    rows: int = 0
    event: int = 0
    event_of_three: int = 0
    usual_event: int = 0
    with_source: int = 0
    source: int = 0
    source_of_three: int = 0
    derived: int = 0
    derived_found: int = 0
    kin_proposed: int = 0


def rows_of(name: str) -> list[dict[str, str]]:
    with (ROOT / "evidence" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def timeline(name: str) -> Timeline:
    """Propose for each row of a timeline, from its text, citation and day of publication alone.

    On file is what was published before it, and what stands above it of the same day.
    """
    items = {item.id: item for item in fc.read_evidence(ROOT / "evidence")}
    ordered = [row["id"] for each in TIMELINES for row in rows_of(each) if row["id"] in items]
    ordered.sort(key=lambda each: items[each].published_instant)
    found = Timeline()
    for row in (row for row in rows_of(name) if row["id"] in items):
        before = [items[each] for each in ordered[: ordered.index(row["id"])]]
        count_row(found, row, items[row["id"]], before)
    return found


def count_row(found: Timeline, row: dict[str, str], item: Item, before: Sequence[Item]) -> None:
    said = {"text": row["text"], "url": row["citation"].split(",")[0]}
    at = item.published_instant
    draft = drafted("timeline", at, said)
    (made,) = propose([draft], network(), Evidence(before))
    event, events = item.event.split(".")[0], [guess.value for guess in made.events]
    found.rows += 1
    found.event += events[:1] == [event]
    found.event_of_three += event in events
    usual = Counter(each.event.split(".")[0] for each in before).most_common(1)
    found.usual_event += bool(usual) and usual[0][0] == event
    if row["source"]:
        sources = [guess.value for guess in made.sources]
        found.with_source += 1
        found.source += sources[:1] == [row["source"]]
        found.source_of_three += row["source"] in sources[:3]
    if row["kind"] == "report":
        originals = row["derived_from"].split(";") if row["derived_from"] else []
        found.derived += bool(originals)
        found.derived_found += any(kin.value in originals for kin in made.kin)
        found.kin_proposed += bool(made.kin)


def timeline_row(name: str, label: str) -> str:
    t = timeline(name)
    return (
        f"| {label} | {share(t.event, t.rows)} | {share(t.event_of_three, t.rows)} | "
        f"{share(t.usual_event, t.rows)} | {share(t.source, t.with_source)} | "
        f"{share(t.source_of_three, t.with_source)} | {share(t.derived_found, t.derived)} | "
        f"{t.kin_proposed} |"
    )


def drafted(via: str, at: datetime, said: dict[str, str]) -> Draft:
    title, text, url = (said.get(name, "") for name in ("title", "text", "url"))
    return Draft(draft_id(via, said), at, via, "rss", title, text, url, published=at)


def many(size: int, apart: timedelta) -> tuple[list[Draft], Evidence]:
    """Return drafts and items made of the week's, some of whose words were changed at random."""
    generator, entries = random.Random(1), week()  # noqa: S311  # no secret
    words = sorted({word for entry in entries for word in entry.draft.text.split()})

    def changed(text: str) -> str:
        return re.sub(
            r"\S+", lambda w: generator.choice(words) if generator.random() < 0.4 else w[0], text
        )

    start = datetime(2024, 7, 1, tzinfo=UTC)
    drafts, items, ratio = [], [], RatioBelief.parse("x1.1 [0.9, 1.3]")
    for number in range(size):
        entry = entries[number % len(entries)]
        said = {"title": changed(entry.draft.title), "text": changed(entry.draft.text),
                "url": f"https://news-{number % 97}.example/{number}"}  # fmt: skip
        at = start + apart * number
        drafts.append(drafted("many", at, said))
        items.append(
            fc.LikelihoodRatio(
                id=f"m{number}", event=network().events[number % len(network().events)].id,
                published=at.date(), likelihood_ratio=ratio, text=changed(entry.draft.title),
                citation=f"https://old-{number % 89}.example/{number}",
            )
        )  # fmt: skip
    return drafts, Evidence(items)


def seconds(apart: timedelta) -> float:
    """Return how long it takes to propose for many drafts, so far apart."""
    drafts, evidence = many(MANY, apart)
    begin = time.perf_counter()
    propose(drafts, network(), evidence)
    return time.perf_counter() - begin


def main() -> None:
    """Measure, and write the page."""
    early = [entry for entry in week() if entry.day < HELD_OUT]
    late = [entry for entry in week() if entry.day >= HELD_OUT]
    parts = ((early, "14 to 17 October"), (late, "18 to 20 October, held out"))
    kin = [row for entries, label in parts for row in week_rows(entries, label)]
    events = [row for entries, label in parts for row in event_rows(entries, label)]
    took, dense = (seconds(timedelta(minutes=apart)) for apart in (130, 2))
    page = f"""\
# What the inbox proposes, and how good it is

eventcast {version("eventcast")}, {platform.platform()}, 2 cores, {datetime.now(UTC).date()}.
Made by `python -m benchmarks.inbox`.

## A recorded week

{len(week())} entries in 22 feeds, with texts written for it, and a
[key](../tests/data/inbox/week/README.md) that was written and committed before the rules. The
first four days were looked at when rules were made, the last three were not.

| what | days | of what was proposed, right | of what there was, found |
|---|---|---:|---:|
{chr(10).join(kin)}

| events | days | first right | one of three right | rightly none |
|---|---|---:|---:|---:|
{chr(10).join(events)}

One hand wrote feeds, key and rules. Real feeds copy in more ways, so expect less of them.

## The timelines of 2024 without their coding

Each row of `evidence/` as a draft that has its text, citation and day of publication, with what was
published before it on file. "Usual" is the share if the event with most items so far were proposed
each time. June was looked at when rules were made.

{TIMELINE_HEAD}
{timeline_row(TIMELINES[0], "June 2024")}
{timeline_row(TIMELINES[1], "July to December 2024, held out")}

A row's text is one line in a coder's words, so that nothing of an article's wording is left by
which a copy is known.

## Speed

{MANY:,} drafts over half a year, with {MANY:,} items on file: {took:.1f} s. The same drafts
within three days, in which each may repeat any other: {dense:.1f} s. One core.
"""
    (ROOT / "benchmarks" / "inbox.md").write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
