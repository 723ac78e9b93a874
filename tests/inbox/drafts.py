"""Drafts and a small network for tests of proposals."""

from datetime import UTC, datetime

import forecast as fc
from forecast.inbox._draft import Draft, draft_id
from forecast.inbox._names import Names
from forecast.inbox._reading import Reading, of_draft

NOON = datetime(2024, 10, 16, 12, tzinfo=UTC)  # a Wednesday
RECEIVED = datetime(2024, 10, 30, tzinfo=UTC)


def network() -> fc.Network:
    wire = fc.SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%")
    ministry = fc.SourceType(id="ministry", hit_rate="60%", false_alarm_rate="10%")
    event = {"kind": "onset", "public": False, "rate": "20% within 1 year"}
    return fc.Network(
        name="strait",
        start="2024-01-01",
        horizon="2025-12-31",
        events=[
            fc.Event(
                id="blockade",
                title="Warships close the strait of Ormen",
                resolution="On from the day on which no freighter may pass the strait of Ormen.",
                **event,
            ),
            fc.Event(
                id="ceasefire",
                title="A ceasefire is signed in Karsk",
                resolution="On from the day on which both sides sign a ceasefire in Karsk.",
                **event,
            ),
        ],
        source_types=[wire, ministry],
        sources=[
            fc.Source(id="wire_one", title="Wire One", type="wire", domains=["wireone.example"],
                      aliases=["W1", "Провід"]),
            fc.Source(id="wire_two", title="Wire Two", type="wire", domains=["wiretwo.example"]),
            fc.Source(id="ministry", title="Ormen's defence ministry", type="ministry",
                      domains=["mod.example"],
                      aliases=["defence ministry", "General Abel", "국방부"]),
            fc.Source(id="ministry_on_karsk", title="Ormen's ministry, about Karsk",
                      type="ministry", domains=["mod.example"], aliases=["General Abel"]),
        ],
    )  # fmt: skip


NAMES = Names([network()])


def draft(
    title: str = "", text: str = "", url: str = "", at: datetime | None = NOON, **more: str
) -> Draft:
    said = {"title": title, "text": text, "url": url}
    return Draft(draft_id("feed", said | {"published_as": str(at)}), RECEIVED, "feed", "rss",
                 published=at, **said, **more)  # fmt: skip


def read(
    title: str = "", text: str = "", url: str = "", at: datetime | None = NOON, **more: str
) -> Reading:
    return of_draft(draft(title, text, url, at, **more), NAMES)


def report(event: str, text: str, url: str = "") -> fc.Report:
    """Return a report of Wire One that is on file as ``e1``."""
    return fc.Report(
        id="e1",
        event=event,
        source="wire_one",
        claim="on",
        published="2024-10-16",
        citation=url,
        text=text,
    )
