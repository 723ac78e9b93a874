"""The recorded week of news with its key, and how proposals for it are counted."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]
from bs4 import BeautifulSoup

import forecast as fc
from forecast.evidence import Evidence, Item
from forecast.inbox._draft import Draft, draft_id
from forecast.inbox._proposal import Guess, Proposal
from forecast.inbox._propose import propose
from forecast.inbox._store import Decision

ROOT = Path(__file__).parents[2]
WEEK = ROOT / "tests" / "data" / "inbox" / "week"
RECEIVED = datetime(2024, 10, 21, tzinfo=UTC)
HELD_OUT = date(2024, 10, 18)
"""From this day on the week is measured, and no rule was changed for it."""
TAKEN = ("derived_from", "duplicate")


@dataclass(frozen=True)
class Entry:
    """An entry of the week, with what the key says of it."""

    draft: Draft
    name: str
    day: date
    outlet: str
    source: tuple[str, ...]
    relation: str
    of: tuple[str, ...]
    events: tuple[str, ...]
    claim: str


def _text(markup: str) -> str:
    return str(BeautifulSoup(markup, "html.parser").get_text(" ")).strip()


def _moment(parsed: Any) -> datetime | None:
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (TypeError, ValueError):  # not stated, or no date
        return None


@cache
def week() -> tuple[Entry, ...]:
    """Return the entries of the recorded week, in the order of files and feeds."""
    with (WEEK / "key.csv").open(encoding="utf-8", newline="") as file:
        key = {(row["feed"], row["guid"]): row for row in csv.DictReader(file)}
    found = []
    for path in sorted(WEEK.glob("*.xml")):
        feed = feedparser.parse(path.read_bytes())
        for entry in feed.entries:
            content = entry.get("content") or [{"value": entry.get("summary", "")}]
            stated = {
                "title": _text(entry.get("title", "")),
                "text": _text(content[0]["value"]),
                "url": entry.get("link", ""),
                "published_as": dict.get(entry, "published") or dict.get(entry, "updated") or "",
            }
            parsed = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
            draft = Draft(
                draft_id(path.name, stated),
                RECEIVED,
                path.name,
                "rss",
                outlet=feed.feed.get("title", ""),
                byline=entry.get("author", ""),
                language=feed.feed.get("language", ""),
                published=_moment(parsed),
                **stated,
            )
            found.append(_entry(draft, key[path.name, entry.id]))
    return tuple(found)


def _entry(draft: Draft, row: Mapping[str, str]) -> Entry:
    several = {
        name: tuple(filter(None, row[name].split(";"))) for name in ("source", "of", "events")
    }
    day = date.fromisoformat(row["day"])
    return Entry(draft, row["entry"], day, row["outlet"], relation=row["relation"],
                 claim=row["claim"], **several)  # fmt: skip


@cache
def network() -> fc.Network:
    """Return the first network."""
    return fc.read_network(ROOT / "priors" / "nato_rok.yaml")


@cache
def on_file() -> Evidence:
    """Return what was on file before the week."""
    return fc.read_evidence(ROOT / "evidence").as_of("2024-10-13")


@cache
def proposals() -> Mapping[str, Proposal]:
    """Return what is proposed for the week's entries, by their names in the key."""
    entries = week()
    made = propose([entry.draft for entry in entries], network(), on_file())
    return {entry.name: found for entry, found in zip(entries, made, strict=True)}


def day_by_day() -> Mapping[str, Proposal]:
    """Return what is proposed if each day is decided by the key before the next comes."""
    made: dict[str, Proposal] = {}
    items = list(on_file())
    decisions: list[Decision] = []
    seen: list[Draft] = []
    for day in sorted({entry.day for entry in week()}):
        todays = [entry for entry in week() if entry.day == day]
        found = propose(
            [entry.draft for entry in todays],
            network(),
            Evidence(items),
            filed=decisions,
            others=seen,
        )
        made |= {entry.name: proposal for entry, proposal in zip(todays, found, strict=True)}
        for entry in todays:
            became = _filed(entry)
            items += became
            outcome = "accepted" if became else "skipped"
            decisions.append(
                Decision(
                    entry.draft.id, outcome, "key", RECEIVED, tuple(item.id for item in became)
                )
            )
            seen.append(entry.draft)
    return made


def _filed(entry: Entry) -> list[Item]:
    """Return the items that an entry would become: one for each of its events, if it is no copy."""
    if entry.relation in ("copy_of", "duplicate_of"):
        return []
    text, what = entry.draft.title or entry.draft.text, {"published": entry.day}
    return [
        fc.LikelihoodRatio(
            id=f"{entry.name}_{place}", event=event, likelihood_ratio="x1.1 [0.9, 1.3]", text=text,
            citation=entry.draft.url, **what,
        )
        for place, event in enumerate(entry.events)
        if event != "none"
    ]  # fmt: skip


@dataclass
class Count:
    """How many were proposed, how many of these were right, and how many there were to find."""

    right: int = 0
    proposed: int = 0
    there: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.proposed if self.proposed else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.there if self.there else 1.0

    def add(self, name: str, *, proposed: bool, right: bool, there: bool) -> None:
        self.proposed += proposed
        self.there += there
        self.right += right
        if proposed and not right:
            self.wrong.append(name)
        if there and not right:
            self.missed.append(name)


def copies(entries: Iterable[Entry], made: Mapping[str, Proposal]) -> Count:
    """Count proposals of what an entry takes over: right if they name the original, or its text."""
    by_draft = {entry.draft.id: entry for entry in week()}
    by_name = {entry.name: entry for entry in week()}
    count = Count()
    for entry in entries:
        kin = [each for each in made[entry.name].kin if each.relation in TAKEN]
        wanted = entry.of if entry.relation in ("copy_of", "duplicate_of") else ()
        texts = {by_name[name].draft.text for name in wanted}
        # An item is named after the entry that it was made of.
        named = [by_draft.get(each.value) or by_name.get(each.value.split("_")[0]) for each in kin]
        right = bool(named) and named[0] is not None and named[0].draft.text in texts
        count.add(entry.name, proposed=bool(kin), right=right, there=bool(wanted))
    return count


def families() -> Mapping[str, str]:
    """Return by entry the first of those that the key ties together."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while name in above:
            name = above[name]
        return name

    for entry in week():
        for other in entry.of[:1]:
            if top(entry.name) != top(other):
                above[top(entry.name)] = top(other)
    return {entry.name: top(entry.name) for entry in week()}


def origins(entries: Iterable[Entry], made: Mapping[str, Proposal]) -> Count:
    """Count proposals of a shared origin: right if the other is of one family with the entry."""
    names, family = {entry.draft.id: entry.name for entry in week()}, families()
    count = Count()
    for entry in entries:
        kin = [
            each for each in made[entry.name].kin if each.relation == "origin" and not each.on_file
        ]
        right = bool(kin) and family[names[kin[0].value]] == family[entry.name]
        there = entry.relation == "same_origin_as" or (right and entry.relation != "none")
        count.add(entry.name, proposed=bool(kin), right=right, there=there or right)
    return count


def corrections(entries: Iterable[Entry], made: Mapping[str, Proposal]) -> Count:
    """Count proposals of what an entry corrects."""
    names = {entry.draft.id: entry.name for entry in week()}
    count = Count()
    for entry in entries:
        kin = [each for each in made[entry.name].kin if each.relation == "corrects"]
        wanted = entry.of if entry.relation == "corrects" else ()
        right = bool(kin) and names[kin[0].value] in wanted
        count.add(entry.name, proposed=bool(kin), right=right, there=bool(wanted))
    return count


type Ranked = Callable[[Proposal], Sequence[Guess]]


def guesses(
    entries: Iterable[Entry], made: Mapping[str, Proposal], what: str, first: int = 1
) -> Count:
    """Count entries of which one of the first guesses is in the key, of those where anyone is."""
    count = Count()
    for entry in entries:
        found = [guess.value for guess in getattr(made[entry.name], f"{what}s")[:first]]
        wanted = {
            "source": entry.source, "event": entry.events,
            "claim": (entry.claim,) if entry.claim else ("none",),
        }[what]  # fmt: skip
        there = "none" not in wanted
        right = any(value in wanted for value in found)
        count.add(
            entry.name,
            proposed=bool(found) and (there or len(wanted) == 1),
            right=right,
            there=there,
        )
    return count


def rightly_none(
    entries: Iterable[Entry], made: Mapping[str, Proposal], what: str
) -> tuple[int, int]:
    """Return how many entries with nothing to guess got no guess, and how many there are."""
    nothing = [e for e in entries if (e.events if what == "event" else e.source) == ("none",)]
    return sum(not getattr(made[e.name], f"{what}s") for e in nothing), len(nothing)
