"""A hundred headlines reviewed by a script: what the tool itself takes of the half hour.

``python -m benchmarks.review`` copies the library's own workspace, lays a hundred drafts into its
inbox, and presses the keys that a person would: an event, a source, on, accept; every fourth draft
is skipped. It prints the time of opening, of a screen, and of each decision with its check of the
whole workspace and its write, and fails if a decision takes a second.
"""

import io
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.console import Console

from forecast.cli.inbox_review import Review
from forecast.inbox._draft import Draft, draft_id
from forecast.workspace._filed import inbox_of
from forecast.workspace._start import start_example
from forecast.workspace._waiting import pile

COUNT = 100
LONGEST = 1.0
"""Seconds that a decision may take."""
SKIPPED = 4
"""Every so many drafts one is skipped."""
FIRST = datetime(2024, 7, 2, 9, tzinfo=UTC)
TEXT = "The agency quoted an official who asked not to be named. " * 40


def headlines() -> list[Draft]:
    """Return a hundred drafts, an hour apart."""
    drafts = []
    for number in range(COUNT):
        title = f"Delegation number {number} arrives for talks, agency says"
        url = f"https://example.org/2024/07/{number}"
        at = FIRST + timedelta(hours=number)
        name = draft_id("feed.xml", {"title": title, "url": url})
        drafts.append(Draft(name, at, "feed.xml", "rss", title, TEXT, url, published=at))
    return drafts


def timed(work: Callable[[], None]) -> float:
    """Return the seconds that something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Review a hundred drafts, and print what it took."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "workspace"
        start_example(folder)
        inbox_of(folder).add(headlines())
        began = time.perf_counter()
        waiting = pile(folder)
        opened = time.perf_counter() - began
        console = Console(
            file=io.StringIO(), width=80, height=24, force_terminal=True, highlight=False
        )
        review = Review(folder, "script", waiting, console, lambda: "q", lambda _, present: present)
        screens, decisions = [], []
        strokes = 0
        while review.at < COUNT:
            number = review.at
            screens.append(timed(review.show))
            for key in "s" if number % SKIPPED == 0 else "1woaa":
                if review.at == number:
                    took = timed(partial(review.press, key))
                    strokes += 1
                    if key in "as":
                        decisions.append(took)
            if review.at == number:
                sys.exit(f"not decided: {review.told}")
        print(review.summary())
        print(f"opening the inbox, with all proposals: {opened:.2f} s")
        print(f"a screen: {median(screens):.4f} s, at most {max(screens):.4f} s")
        print(f"a decision: {median(decisions):.2f} s, at most {max(decisions):.2f} s")
        total = opened + sum(screens) + sum(decisions)
        print(f"all of {COUNT}: {total:.1f} s in {strokes} keys")
        if max(decisions) > LONGEST:
            sys.exit(f"a decision took more than {LONGEST:g} s")


if __name__ == "__main__":
    main()
