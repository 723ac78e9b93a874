"""Workspaces with an inbox, for tests."""

from datetime import UTC, datetime
from pathlib import Path

from forecast.inbox._draft import Draft, draft_id
from forecast.workspace._filed import inbox_of
from tests.workspace.samples import write_workspace

JUNE = datetime(2024, 6, 20, 9, 30, tzinfo=UTC)
ROW = {"event": "troops", "source": "gazette", "claim": "on"}


def a_draft(
    title: str,
    text: str = "",
    url: str = "",
    published: datetime | None = JUNE,
    published_as: str = "",
) -> Draft:
    said = {"title": title, "text": text, "url": url}
    return Draft(
        draft_id("feed.xml", said),
        datetime(2024, 6, 20, 12, tzinfo=UTC),
        "feed.xml",
        "rss",
        published=published,
        published_as=published_as,
        outlet="The Gazette",
        **said,
    )


def with_drafts(folder: Path, *drafts: Draft, files: dict[str, str] | None = None) -> Path:
    write_workspace(folder, files)
    inbox_of(folder).add(drafts)
    return folder
