"""The Python on the page about reviewing runs as it stands there."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forecast.evidence import Report
from forecast.files._evidence_file import read_evidence
from forecast.inbox._draft import Draft
from forecast.workspace._filed import inbox_of
from forecast.workspace._start import start_workspace
from tests.contract.repository import ROOT

PAGE = (ROOT / "docs" / "inbox-review.md").read_text(encoding="utf-8")


def test_the_pages_python_accepts_one_draft_and_skips_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    start_workspace(Path("tram"))
    now = datetime.now(UTC)
    published = now - timedelta(days=1)
    inbox = inbox_of(Path("tram"))
    inbox.add(
        Draft(name, now, "feed.xml", "rss", title=title, published=published)
        for name, title in (("d1", "Diggers at the depot"), ("d2", "The team wins"))
    )
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(block, "docs/inbox-review.md", "exec"), {})  # noqa: S102  our own page
    (item,) = read_evidence("tram/evidence/inbox.csv")
    assert isinstance(item, Report)
    assert (item.draft, item.event, item.accepted_by) == ("d1", "works_begin", "ann")
    assert [(each.draft, each.outcome) for each in inbox.decisions()] == [
        ("d1", "accepted"),
        ("d2", "skipped"),
    ]
    assert inbox.waiting() == []
