"""News into a workspace's inbox: files and feeds, whole or not at all, and politely."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from forecast.errors import ForecastError, InputError
from forecast.inbox._fetch import Limits
from forecast.inbox._fetched import FETCHED, FIRST_WAIT, LONGEST_WAIT, WEEK, Fetched, read_fetched
from forecast.inbox._store import DRAFTS, Inbox
from forecast.workspace import _inbox_in as job
from forecast.workspace._inbox_in import Fetching, add, fetch_feeds
from tests.inbox.servers import HOST, Behaviour, answer, dripping, serving, silent
from tests.workspace.samples import WORKSPACE

SAMPLES = Path("tests/data/inbox").resolve()
LIMITS = Limits(connect=1, read=0.3, whole=0.6, packed=100_000, unpacked=300_000, redirects=2)
HOUR = 3600.0


def rss(*titles: str) -> bytes:
    items = "".join(f"<item><title>{title}</title></item>" for title in titles)
    return f'<rss version="2.0"><channel><title>c</title>{items}</channel></rss>'.encode()


def workspace(folder: Path, *feeds: str, private: str = HOST) -> Path:
    """Write a workspace that names feeds."""
    tables = "".join(f'\n[[inbox.feeds]]\nurl = "{feed}"\n' for feed in feeds)
    text = f'{WORKSPACE}\n[inbox]\nprivate_hosts = ["{private}"]\n{tables}'
    (folder / "forecast.toml").write_text(text, encoding="utf-8")
    return folder


def fetched(folder: Path, *, at_once: bool = True) -> Fetching:
    return fetch_feeds(folder, at_once=at_once, limits=LIMITS)


def titles(folder: Path) -> list[str]:
    return [draft.title for draft in Inbox(folder / "inbox").drafts()]


def test_every_sample_becomes_drafts_and_none_twice(tmp_path: Path) -> None:
    workspace(tmp_path)
    files = [str(path) for path in sorted(SAMPLES.iterdir()) if path.suffix and path.is_file()]
    files = [path for path in files if not path.endswith("README.md")]
    added = add(tmp_path, files)
    assert [each.name for each in added] == [Path(path).name for path in files]
    assert all(len(each.new) == each.entries for each in added)
    again = add(tmp_path, files)
    assert all(each.new == () for each in again)
    assert len(Inbox(tmp_path / "inbox").waiting()) == sum(each.entries for each in added)


def test_the_standard_input_and_the_layout_can_be_named(tmp_path: Path) -> None:
    workspace(tmp_path)
    (added,) = add(tmp_path, ["-"], "text", b"Heard on the quay")
    assert (added.name, added.layout) == ("standard input", "text")
    assert titles(tmp_path) == ["Heard on the quay"]


def test_all_faults_are_told_in_one_go_and_nothing_is_added(tmp_path: Path) -> None:
    workspace(tmp_path)
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4")
    sources = [str(SAMPLES / "rss.xml"), str(tmp_path / "bad.pdf"), "no.csv", "file:///etc/passwd"]
    with pytest.raises(InputError) as caught:
        add(tmp_path, sources)
    assert [fault.file for fault in caught.value.faults] == sources[1:]
    assert not (tmp_path / "inbox").exists()


def test_an_address_is_fetched_by_the_rules_of_feeds(tmp_path: Path) -> None:
    workspace(tmp_path, private="named.example")
    with serving(answer(rss("A"))) as server:
        with pytest.raises(ForecastError, match=r"private network.*\nNothing was added"):
            add(tmp_path, [server.url, str(SAMPLES / "rss.xml")], limits=LIMITS)
        assert server.requests == []
        assert not (tmp_path / "inbox").exists()
        workspace(tmp_path)
        (added,) = add(tmp_path, [server.url], limits=LIMITS)
    assert (added.name, added.layout, titles(tmp_path)) == (server.url, "rss", ["A"])


def test_a_disk_that_is_full_leaves_the_inbox_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace(tmp_path)
    add(tmp_path, [str(SAMPLES / "rss.xml")])
    before = (tmp_path / "inbox" / DRAFTS).read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ForecastError, match="the inbox cannot be written: No space left"):
        add(tmp_path, [str(SAMPLES / "atom.xml")])
    assert (tmp_path / "inbox" / DRAFTS).read_bytes() == before


def test_a_feed_is_asked_whether_it_has_changed_and_only_news_is_added(tmp_path: Path) -> None:
    news = [
        answer(rss("A"), etag='"1"', last_modified="Mon, 01 Jul 2024 10:00:00 GMT"),
        answer(b"", "304 Not Modified"),
        answer(rss("A", "B"), etag='"2"'),
    ]
    with serving(*news) as server:
        workspace(tmp_path, server.url)
        first, second, third = (fetched(tmp_path) for _ in news)
    assert [draft.title for draft in first.added[0].new] == ["A"]
    assert (second.added, second.unchanged) == ((), (server.url,))
    assert [draft.title for draft in third.added[0].new] == ["B"]
    assert titles(tmp_path) == ["A", "B"]
    asked = server.headers_of(2)
    assert (asked["if-none-match"], asked["if-modified-since"]) == (
        '"1"',
        "Mon, 01 Jul 2024 10:00:00 GMT",
    )
    assert read_fetched(tmp_path / "inbox")[server.url].etag == '"2"'
    assert {draft.via for draft in Inbox(tmp_path / "inbox").drafts()} == {server.url}


def test_a_feed_is_left_alone_until_its_time_has_come(tmp_path: Path) -> None:
    with serving(answer(rss("A"))) as server:
        workspace(tmp_path, server.url)
        fetched(tmp_path, at_once=False)
        later = fetched(tmp_path, at_once=False)
        assert len(server.requests) == 1
        assert later == Fetching((), (), (server.url,), ())
        assert len(fetched(tmp_path).added) == 1
        assert len(server.requests) == 2


def test_what_a_feed_lacks_the_workspace_file_states(tmp_path: Path) -> None:
    with serving(answer(b"title,url\nA,https://a.example/1\n")) as server:
        workspace(tmp_path)
        text = (tmp_path / "forecast.toml").read_text(encoding="utf-8")
        feed = f'[[inbox.feeds]]\nurl = "{server.url}"\nname = "the list"\noutlet = "The Paper"\n'
        extra = 'language = "en"\nlayout = "table"\nevery = "2 hours"\n'
        (tmp_path / "forecast.toml").write_text(f"{text}\n{feed}{extra}", encoding="utf-8")
        done = fetched(tmp_path)
    (draft,) = done.added[0].new
    assert (done.added[0].name, draft.outlet, draft.language) == ("the list", "The Paper", "en")


BROKEN: dict[str, tuple[Behaviour, str]] = {
    "slow": (dripping(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1000), "took longer than 0.6 seconds"),
    "silent": (silent, "does not answer in time"),
    "cut off": (answer(rss("X"), length=9999), "broke off before its end"),
    "no feed": (answer(b"%PDF-1.7"), "is a PDF"),
    "entities": (answer(b'<!DOCTYPE x [<!ENTITY a "b">]><rss/>'), "declares <!DOCTYPE"),
    "file": (answer(b"", "302 Found", location="file:///etc/passwd"), "no address of the web"),
    "private": (answer(b"", "302 Found", location="http://10.0.0.1/"), "private network"),
    "fails": (answer(b"", "500 Broken"), "answered by 500 Broken"),
    "empty": (answer(b""), "is empty"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_feed_that_fails_is_told_and_does_not_stop_the_next(tmp_path: Path, name: str) -> None:
    behaviour, told = BROKEN[name]
    with serving(behaviour) as bad, serving(answer(rss("A"))) as good:
        workspace(tmp_path, bad.url, good.url)
        done = fetched(tmp_path)
    (fault,) = done.failures
    assert told in str(fault)
    assert "It is asked again after" in str(fault)
    assert fault.file == bad.url
    assert titles(tmp_path) == ["A"]
    remembered = read_fetched(tmp_path / "inbox")
    assert (remembered[bad.url].failures, remembered[bad.url].etag) == (1, "")
    assert remembered[good.url].failures == 0


def test_a_feed_that_changes_its_mind_is_not_believed(tmp_path: Path) -> None:
    sorry = b"<html><body><h1>Down for maintenance</h1></body></html>"
    with serving(answer(rss("A")), answer(sorry), answer(rss("B"))) as server:
        workspace(tmp_path, server.url)
        done = [fetched(tmp_path) for _ in range(3)]
    assert "was read as rss before, and is page now" in str(done[1].failures[0])
    assert titles(tmp_path) == ["A", "B"]


def test_waits_grow_after_failures_and_a_success_ends_them(tmp_path: Path) -> None:
    broken = answer(b"", "500 Broken")
    waits = []
    with serving(broken, broken, broken, answer(rss("A"))) as server:
        workspace(tmp_path, server.url)
        for _ in range(3):
            fetched(tmp_path)
            after = read_fetched(tmp_path / "inbox")[server.url].after
            assert after is not None
            waits.append((after - datetime.now(UTC)).total_seconds())
            assert fetched(tmp_path, at_once=False).waiting == (server.url,)
        fetched(tmp_path)
    assert waits == pytest.approx([FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT], abs=5)
    last = read_fetched(tmp_path / "inbox")[server.url]
    assert (last.failures, last.after, last.problem) == (0, None, "")


def test_the_longest_wait_is_a_day_and_a_server_may_ask_for_a_week() -> None:
    now = datetime(2024, 7, 1, tzinfo=UTC)
    often = Fetched(failures=50)
    for wait, gone, seconds in (
        (0, False, LONGEST_WAIT),
        (3 * LONGEST_WAIT, False, 3 * LONGEST_WAIT),
        (1e12, False, WEEK),
        (0, True, WEEK),
    ):
        after = often.failed(now, "", wait, gone=gone).after
        assert after == now + timedelta(seconds=seconds)


def test_a_feed_whose_settings_were_mended_is_asked_at_once(tmp_path: Path) -> None:
    with serving(answer(rss("A"))) as server:
        workspace(tmp_path, server.url, private="other.example")
        (fault,) = fetched(tmp_path, at_once=False).failures
        assert "private_hosts" in fault.remedy
        (held,) = fetched(tmp_path, at_once=False).held
        assert held.file == server.url
        assert "UTC, as it failed: leads into a private network" in held.problem
        workspace(tmp_path, server.url)
        assert fetched(tmp_path, at_once=False).failures == ()
    assert titles(tmp_path) == ["A"]


def test_a_clock_that_was_set_back_holds_no_feed_up() -> None:
    now = datetime(2024, 7, 1, tzinfo=UTC)
    assert Fetched(at=now + timedelta(days=300)).due(now, HOUR)
    assert Fetched(after=now + timedelta(days=300)).due(now, HOUR)
    assert not Fetched(after=now + timedelta(days=3)).due(now, HOUR)
    assert not Fetched(at=now - timedelta(minutes=59)).due(now, HOUR)


def test_a_server_that_is_busy_is_asked_when_it_says(tmp_path: Path) -> None:
    with serving(answer(b"", "429 Too Many Requests", retry_after="7200")) as server:
        workspace(tmp_path, server.url)
        fetched(tmp_path)
    after = read_fetched(tmp_path / "inbox")[server.url].after
    assert after is not None
    assert (after - datetime.now(UTC)).total_seconds() == pytest.approx(7200, abs=5)


def test_a_feed_that_is_gone_is_left_alone_for_a_week(tmp_path: Path) -> None:
    with serving(answer(b"", "410 Gone")) as server:
        workspace(tmp_path, server.url)
        (fault,) = fetched(tmp_path).failures
    assert "is gone for good (410). Remove it from forecast.toml" in str(fault)
    after = read_fetched(tmp_path / "inbox")[server.url].after
    assert after is not None
    assert (after - datetime.now(UTC)).total_seconds() == pytest.approx(WEEK, abs=5)


def test_a_feed_that_has_moved_for_good_is_read_and_told(tmp_path: Path) -> None:
    moved = answer(b"", "301 Moved Permanently", location="/new")
    with serving(moved, answer(rss("A"))) as server:
        workspace(tmp_path, server.url)
        (told,) = fetched(tmp_path).moved
    new = f"http://{HOST}:{server.port}/new"
    assert str(told) == (
        f'{server.url}: has moved for good. Write url = "{new}" for it in forecast.toml.'
    )
    assert titles(tmp_path) == ["A"]


def test_what_a_feed_said_is_kept_before_it_is_remembered_that_it_said_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off in between, the next run asks for the same again, and knows it."""

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with serving(answer(rss("A"), etag='"1"')) as server:
        workspace(tmp_path, server.url)
        with monkeypatch.context() as patch:
            patch.setattr(job, "_remember", cut_off)
            with pytest.raises(KeyboardInterrupt):
                fetched(tmp_path)
        assert (titles(tmp_path), read_fetched(tmp_path / "inbox")) == (["A"], {})
        again = fetched(tmp_path)
    assert again.added[0].new == ()
    assert titles(tmp_path) == ["A"]


KILLED = """
import os, sys
from pathlib import Path
from forecast.files import _text_file
from forecast.inbox import _fetched
def die(*_):
    os._exit(9)
_text_file.os.replace = die
Path.replace = die
from forecast.workspace._inbox_in import fetch_feeds
fetch_feeds(Path(sys.argv[1]), at_once=True)
"""


def test_a_job_that_is_killed_while_it_writes_leaves_no_half_of_anything(tmp_path: Path) -> None:
    with serving(answer(rss("A"), etag='"1"'), answer(rss("A", "B"), etag='"2"')) as server:
        workspace(tmp_path, server.url)
        fetched(tmp_path)
        before = (tmp_path / "inbox" / FETCHED).read_bytes()
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60
        )
        assert done.returncode == 9
        assert (tmp_path / "inbox" / FETCHED).read_bytes() == before
        assert titles(tmp_path) == ["A", "B"]
        assert fetched(tmp_path).added[0].new == ()


def at_once(folder: Path) -> Callable[[], None]:
    def run() -> None:
        fetched(folder)

    return run


def test_two_jobs_at_a_time_add_each_entry_once(tmp_path: Path) -> None:
    with serving(answer(rss(*"ABCDEFGH"))) as server:
        workspace(tmp_path, server.url)
        jobs = [Thread(target=at_once(tmp_path)) for _ in range(4)]
        for each in jobs:
            each.start()
        for each in jobs:
            each.join(30)
    assert sorted(titles(tmp_path)) == list("ABCDEFGH")


def test_what_is_remembered_must_be_readable(tmp_path: Path) -> None:
    workspace(tmp_path, "https://a.example/feed")
    (tmp_path / "inbox").mkdir()
    for text in ("[", '{"https://a.example/feed": {"at": "noon"}}', '{"x": {"y": 1}}'):
        (tmp_path / "inbox" / FETCHED).write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="Remove the file; all feeds are then asked"):
            fetched(tmp_path)


def test_a_workspace_without_feeds_says_how_to_name_them(tmp_path: Path) -> None:
    workspace(tmp_path)
    with pytest.raises(InputError, match=r"names no feeds\. Write \[\[inbox\.feeds\]\]"):
        fetched(tmp_path)


def test_what_is_remembered_can_be_read_by_people(tmp_path: Path) -> None:
    with serving(answer(rss("A"), etag='"1"')) as server:
        workspace(tmp_path, server.url)
        fetched(tmp_path)
    told = json.loads((tmp_path / "inbox" / FETCHED).read_text(encoding="utf-8"))
    assert set(told[server.url]) == {"etag", "layout", "at"}
