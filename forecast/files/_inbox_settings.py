"""What a workspace file says of the inbox: feeds to fetch, and hosts that may be private."""

import re
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from forecast.errors import Fault, did_you_mean
from forecast.files._news_layouts import LAYOUTS
from forecast.network._base import BadValueError, Model, bad, several
from forecast.time import SECONDS_PER_YEAR, parse_span


def _layout(value: str) -> str:
    if value not in LAYOUTS:
        raise bad(f"must be {', '.join(LAYOUTS[:-1])} or {LAYOUTS[-1]}", _near(value))
    return value


def _near(value: str) -> str:
    near = did_you_mean(value, LAYOUTS)
    return near if near.startswith("Did") else ""


HALF_AN_HOUR = 1800.0
SHORTEST = 60.0
"""Seconds: a feed that is asked more often than that is pestered."""
_SHORT_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)?\s*(minute|hour)s?\s*")
_SECONDS = {"minute": 60.0, "hour": 3600.0}
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", value)
        with_password = bool(parts.username or parts.password)
    except ValueError:
        sound, with_password = False, False
    if not sound:
        remedy = "Write one such as https://example.org/feed.xml; add files by forecast inbox add."
        raise bad("is no address of the web, http or https", remedy)
    if with_password:
        raise bad("holds a name or a password", "Write the address without them.")
    return value


def _every(value: object) -> object:
    """Return a span of time in seconds."""
    if isinstance(value, float):
        return value
    if not isinstance(value, str):
        raise bad("is no span of time", "Write it in quotes, such as '30 minutes'.")
    if match := _SHORT_SPAN.fullmatch(value):
        seconds = float(match[1] or 1) * _SECONDS[match[2]]
    else:
        try:
            seconds = parse_span(value) * SECONDS_PER_YEAR
        except ValueError:
            remedy = "Write for example '30 minutes', '2 hours' or '1 day'."
            raise bad("is no span of time", remedy) from None
    if seconds < SHORTEST:
        raise bad("is less than a minute", "Write '1 minute' or more.")
    return seconds


def _hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    faults = [
        Fault(
            "is no name of a host",
            "Write the name or the address alone, without http:// and port.",
            field=str(place),
            value=host,
        )
        for place, host in enumerate(value)
        if not _HOST.fullmatch(host.lower())
    ]
    if faults:
        raise BadValueError(faults)
    return tuple(host.lower() for host in value)


class Feed(Model):
    """A feed that ``forecast inbox fetch`` asks for news.

    Parameters
    ----------
    url
        Its address, http or https.
    name
        What it is called in messages; by default its address.
    layout
        As what it is read; by default what its content shows.
    outlet, language
        Of its entries, where they state none.
    every
        The least time between two requests, in seconds; in the file a span such as "30 minutes".
    """

    url: Annotated[str, AfterValidator(_address)]
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    layout: Annotated[str, AfterValidator(_layout)] | None = None
    outlet: str = ""
    language: str = ""
    every: Annotated[float, BeforeValidator(_every)] = HALF_AN_HOUR

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return self.name or self.url


def _distinct(value: tuple[Feed, ...]) -> tuple[Feed, ...]:
    faults = [*_repeated("url", [feed.url for feed in value])]
    faults += _repeated("name", [feed.label for feed in value if feed.name])
    if faults:
        raise BadValueError(faults)
    return value


def _repeated(field: str, values: Iterable[str]) -> Iterable[Fault]:
    seen: set[str] = set()
    for place, value in enumerate(values):
        if value in seen:
            problem = f"the {'address' if field == 'url' else field} is repeated"
            yield Fault(problem, "Name each feed once.", field=f"{place}.{field}", value=value)
        seen.add(value)


type Feeds = Annotated[tuple[Feed, ...], AfterValidator(_distinct), BeforeValidator(several(Feed))]
type Hosts = Annotated[tuple[str, ...], AfterValidator(_hosts)]
