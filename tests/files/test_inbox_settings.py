"""What forecast.toml says of the inbox: feeds and hosts, every fault with its line."""

from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.files._workspace_file import Workspace, read_workspace

HEAD = '[workspace]\nnetworks = ["priors/a.yaml"]\n'
FEED = '[[inbox.feeds]]\nurl = "https://a.example/feed"\n'


def read(folder: Path, text: str) -> Workspace:
    file = folder / "forecast.toml"
    file.write_text(HEAD + text, encoding="utf-8")
    return read_workspace(file)


def test_without_a_word_there_are_no_feeds_and_the_folder_is_inbox(tmp_path: Path) -> None:
    workspace = read(tmp_path, "")
    assert (workspace.feeds, workspace.private_hosts) == ((), ())
    assert workspace.inbox_path == tmp_path / "inbox"
    assert workspace.output_path == tmp_path / "posteriors"


def test_all_of_it(tmp_path: Path) -> None:
    inbox = '[inbox]\nfolder = "news"\nprivate_hosts = ["Wiki.Internal", "10.0.0.7", "::1"]\n'
    more = 'name = "A"\nlayout = "atom"\noutlet = "Paper"\nlanguage = "en"\nevery = "1.5 hours"\n'
    workspace = read(tmp_path, f"{inbox}{FEED}{more}")
    assert workspace.inbox_path == tmp_path / "news"
    assert workspace.private_hosts == ("wiki.internal", "10.0.0.7", "::1")
    (feed,) = workspace.feeds
    assert (feed.label, feed.layout, feed.outlet, feed.language) == ("A", "atom", "Paper", "en")
    assert feed.every == 5400.0


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("minute", 60),
        ("45 minutes", 2700),
        ("hour", 3600),
        ("1 day", 86_400),
        ("2 weeks", 1_209_600),
    ],
)
def test_spans_are_written_as_people_say_them(tmp_path: Path, words: str, seconds: int) -> None:
    (feed,) = read(tmp_path, f'{FEED}every = "{words}"\n').feeds
    assert feed.every == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FEED.replace("https:", "file:"), r":4: inbox\.feeds \(entry 1\)\.url: is no address"),
        (FEED.replace("https://", ""), r":4: .*is no address of the web"),
        (FEED.replace("a.example", "u:p@a.example"), r":4: .*holds a name or a password"),
        (FEED.replace("a.example", "a b"), r":4: .*is no address of the web"),
        (f'{FEED}every = "30 seconds"\n', r":5: .*\.every: is no span of time .*'30 minutes'"),
        (f'{FEED}every = "0.5 minutes"\n', r":5: .*\.every: is less than a minute"),
        (f"{FEED}every = 5\n", r":5: .*\.every: is no span of time"),
        (f'{FEED}layout = "rs"\n', r":5: .*\.layout: must be rss, atom.* Did you mean 'rss'\?"),
        (f"{FEED}outlet = 3\n", r":5: .*\.outlet: must be text"),
        (f'{FEED}nam = "x"\n', r":5: .*\.nam: is not a field of a feed.* Did you mean 'name'\?"),
        ('[[inbox.feeds]]\nname = "x"\n', r":3: inbox\.feeds \(entry 1\)\.url: is missing"),
        (FEED + FEED, r":6: inbox\.feeds \(entry 2\)\.url: the address is repeated"),
        ('[inbox]\nfeeds = "x"\n', r":4: inbox\.feeds: must be a list.* \[\[inbox\.feeds\]\] and"),
        ("[inbox]\nfeeds = 3\n", r":4: inbox\.feeds: must be a list.* \[\[inbox\.feeds\]\] and"),
        ("[inbox]\nfeeds = [3]\n", r":4: .*\(entry 1\): must be a table .*\[\[inbox\.feeds\]\]"),
        (f'{FEED}name = ""\n', r":5: .*\.name: is empty\. Write it, or leave the line out\."),
        (f'{FEED}name = "{"x" * 101}"\n', r":5: .*\.name: has more than 100 characters"),
        ('[inbox]\nfolder = "../x"\n', r":4: inbox\.folder: leaves the folder"),
        (
            '[inbox]\nprivate_hosts = "x"\n',
            r":4: inbox\.private_hosts: must be a list .*Write private_hosts = \[\"x\"\]\.",
        ),
        (
            '[inbox]\nprivate_hosts = ["a", "http://b/"]\n',
            r":4: inbox\.private_hosts \(entry 2\): is no name of a host",
        ),
        ('[inbox]\nfeed = "x"\n', r":4: inbox\.feed: unknown key\. Did you mean 'feeds'\?"),
    ],
)
def test_faults_say_where_and_what_to_write(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read(tmp_path, text)


def test_no_message_shows_a_password(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, FEED.replace("a.example", "ann:secret@a.example"))
    assert "secret" not in str(caught.value)


def test_all_faults_of_all_feeds_are_told_in_one_go(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, f'{FEED}every = "x"\n[[inbox.feeds]]\nurl = "ftp://x"\nlayout = "y"\n')
    assert [fault.line for fault in caught.value.faults] == [5, 7, 8]
