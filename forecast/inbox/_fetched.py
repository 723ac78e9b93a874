"""What is remembered of feeds between two fetches: when to ask again, and what to ask by."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.files._limits import most
from forecast.files._text_file import file_bytes, replacing
from forecast.inbox._fetch import Known

FETCHED = "fetched.json"
MOST_BYTES = most("inbox", "bytes of a file")
FIRST_WAIT = 300.0
"""Seconds after a first failure; twice as long after each further one."""
LONGEST_WAIT = 86_400.0
WEEK = 604_800.0
"""The longest that a server's own wish to be left alone is heeded, and how long a feed that is gone
is left alone."""


@dataclass(frozen=True)
class Fetched:
    """What is remembered of one feed.

    Parameters
    ----------
    etag, last_modified
        What its last answer said of itself.
    layout
        As what it was read.
    at
        When it last answered.
    failures
        How often in a row it has failed.
    after
        Not to be asked before.
    problem
        Why it failed last.
    settings
        A digest of its settings when it failed last.
    """

    etag: str = ""
    last_modified: str = ""
    layout: str = ""
    at: datetime | None = None
    failures: int = 0
    after: datetime | None = None
    problem: str = ""
    settings: str = ""

    @property
    def known(self) -> Known:
        """What to ask by."""
        return Known(self.etag, self.last_modified)

    def due(self, now: datetime, every: float, settings: str = "") -> bool:
        """Return whether it may be asked now; a clock that was set back holds nothing up.

        Nor does a failure under other settings: what is set now may have mended it.
        """
        if self.failures and self.settings and settings and self.settings != settings:
            return True
        if self.after is not None and now < self.after:
            return self.after - now > timedelta(seconds=WEEK)
        return self.at is None or not timedelta(0) <= now - self.at < timedelta(seconds=every)

    def answered(self, now: datetime, known: Known, layout: str) -> "Fetched":
        """Return what to remember after an answer that was read."""
        return Fetched(known.etag, known.last_modified, layout or self.layout, now)

    def failed(
        self, now: datetime, problem: str, wait: float, settings: str = "", *, gone: bool
    ) -> "Fetched":
        """Return what to remember after a failure; the server may ask for a longer wait."""
        doubled = FIRST_WAIT * 2.0 ** min(self.failures, 20)
        seconds = max(min(doubled, LONGEST_WAIT), min(wait, WEEK), WEEK if gone else 0.0)
        after = now + timedelta(seconds=seconds)
        failures = self.failures + 1
        return replace(self, failures=failures, after=after, problem=problem, settings=settings)


def read_fetched(folder: Path) -> dict[str, Fetched]:
    """Return what is remembered of feeds, by address.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    path = folder / FETCHED
    if not path.exists():
        return {}
    try:
        stated = json.loads(file_bytes(path, MOST_BYTES))
        return {str(url): _fetched(told) for url, told in stated.items()}
    except (ValueError, TypeError, AttributeError, RecursionError, OSError) as error:
        remedy = "Remove the file; all feeds are then asked as if for the first time."
        raise InputError(Fault("cannot be read", remedy, file=str(path))) from error


def _fetched(told: Mapping[str, object]) -> Fetched:
    values = dict(told)
    for name in ("at", "after"):
        if values.get(name):
            values[name] = datetime.fromisoformat(str(values[name]))
    return Fetched(**values)  # type: ignore[arg-type]  # what is wrong with it is told above


def write_fetched(folder: Path, fetched: Mapping[str, Fetched]) -> None:
    """Replace what is remembered of feeds, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    told = {
        url: {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(each).items()
            if value
        }
        for url, each in sorted(fetched.items())
    }
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    with replacing(folder / FETCHED) as temporary:
        temporary.write_text(text, encoding="utf-8")
