"""One request for news: polite, bounded in time and size, and never led into a private network."""

import re
import socket
import ssl
import threading
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPException
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import urljoin

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, parse_url

from forecast.errors import Fault, ForecastError
from forecast.inbox._addresses import Found, RefusedError, addresses_of

BLOCK = 16_384
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/json;q=0.9, "
    "application/xml;q=0.9, text/html;q=0.8, text/*;q=0.7, */*;q=0.5"
)
MOVED = {301: True, 302: False, 303: False, 307: False, 308: True}
"""Redirections, and whether each is for good."""
OK, UNCHANGED, GONE = 200, 304, 410
LONGEST_VALIDATOR = 500
"""Characters of an ETag or a date that are sent back; a longer one is dropped."""
_VALIDATOR = re.compile(r"[\x21-\x7e][\x20-\x7e]*")


@dataclass(frozen=True)
class Limits:
    """How much one request may take.

    Parameters
    ----------
    connect, read
        Seconds to wait for a connection, and for the next bytes.
    whole
        Seconds for all of it, redirections included.
    packed, unpacked
        Bytes as they are sent, and once unpacked.
    redirects
        How often it may be sent elsewhere.
    """

    connect: float = 10.0
    read: float = 20.0
    whole: float = 90.0
    packed: int = 16_000_000
    unpacked: int = 64_000_000
    redirects: int = 5


LIMITS = Limits()


@dataclass(frozen=True)
class Known:
    """What an earlier answer said of itself, to be asked whether it has changed."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back.

    Parameters
    ----------
    body
        The bytes, unpacked; None if nothing has changed.
    content_type
        What the server calls it.
    address
        Where it came from in the end.
    moved_to
        Where it has moved for good; empty if it has not.
    known
        What to send next time.
    """

    body: bytes | None
    content_type: str
    address: str
    moved_to: str
    known: Known


class FetchError(ForecastError):
    """News that could not be fetched.

    Attributes
    ----------
    fault : Fault
        Why.
    wait : float
        Seconds for which the server asks not to be asked again; 0 if it says nothing.
    gone : bool
        Whether it says that the feed is gone for good.
    """

    def __init__(self, fault: Fault, *, wait: float = 0.0, gone: bool = False) -> None:
        self.fault, self.wait, self.gone = fault, wait, gone
        super().__init__(str(fault))


def fetch(
    url: str, known: Known | None = None, *, private: Collection[str] = (), limits: Limits = LIMITS
) -> Answer:
    """Ask for one address.

    No cookie is kept or sent, no proxy used, and no password. Each address that it is sent on to is
    checked like the first one, and connected to as it was checked. A private host sends on to
    private hosts that are named; a public one never does.

    Parameters
    ----------
    url
        An http or https address.
    known
        What the answer before said of itself.
    private
        Hosts that may be in a private network.
    limits
        How much it may take.

    Raises
    ------
    FetchError
        If it cannot be had within the limits, or is not to be asked for.
    """
    visit = _Visit(url, private, limits)
    try:
        with visit.watched():
            return visit.answer(known or Known())
    except RefusedError as error:
        raise FetchError(replace(error.fault, file=url)) from error
    except (HTTPError, HTTPException, OSError, ValueError, zlib.error) as error:
        if visit.late:
            raise FetchError(_late(url, limits)) from error
        raise FetchError(_broken(url, error)) from error


class _Checked:
    """A connection to an address that was looked up and checked before."""

    found: Found
    opened: list[socket.socket]
    seconds: float

    def _new_conn(self) -> socket.socket:
        problem: OSError = OSError("no address")
        for family, place in self.found:
            opened = socket.socket(family, socket.SOCK_STREAM)
            try:
                opened.settimeout(self.seconds)
                opened.connect(place)
            except OSError as error:
                opened.close()
                problem = error
                continue
            # A second handle, to hang up by whatever the first is wrapped into meanwhile.
            self.opened.append(opened.dup())
            return opened
        raise problem


class _Plain(_Checked, HTTPConnection):
    pass


class _Secure(_Checked, HTTPSConnection):
    pass


@dataclass
class _Visit:
    """One request and where it is sent on to."""

    url: str
    private: Collection[str]
    limits: Limits
    late: bool = False
    opened: list[socket.socket] = field(default_factory=list)
    until: float = field(default_factory=monotonic)

    SCHEMES: ClassVar[Mapping[str, tuple[type[_Plain | _Secure], int]]] = {
        "http": (_Plain, 80),
        "https": (_Secure, 443),
    }

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Hang up when the whole time is over, wherever the other side has got to."""
        self.until = monotonic() + self.limits.whole
        timer = threading.Timer(self.limits.whole, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            for each in self.opened:
                each.close()

    def _hang_up(self) -> None:
        self.late = True
        for each in list(self.opened):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def answer(self, known: Known) -> Answer:
        """Return the answer, after being sent on as often as is allowed."""
        url, moved_to, for_good = self.url, "", True
        allowed = {_bare(host) for host in self.private}
        for _ in range(self.limits.redirects + 1):
            place = self._place(url)
            with self._asked(place, known, allowed) as response:
                if response.status not in MOVED:
                    return self._answer(response, url, moved_to, known)
                for_good = for_good and MOVED[response.status]
                onward = urljoin(url, response.headers.get("location", ""))
            if _bare(place.host or "") not in allowed:
                allowed = set()
            url = self._onward(place, onward)
            moved_to = url if for_good else moved_to
        problem = f"is sent on more than {self.limits.redirects} times"
        raise FetchError(Fault(problem, "Check the address in a browser.", file=self.url))

    def _place(self, url: str) -> Url:
        try:
            place = parse_url(url)
        except LocationParseError:
            place = Url()
        if place.scheme not in self.SCHEMES or not place.host or place.auth:
            remedy = "Only http and https are fetched, without a name or a password."
            raise FetchError(Fault("is no address to fetch", remedy, file=self.url, value=url))
        return place

    def _onward(self, place: Url, onward: str) -> str:
        """Return where it is sent on to, unless that is no place to go."""
        scheme = onward.partition(":")[0].lower()
        if scheme not in self.SCHEMES:
            problem = "is sent on to what is no address of the web"
            raise FetchError(Fault(problem, "It was not followed.", file=self.url, value=onward))
        if place.scheme == "https" and scheme == "http":
            problem = "is sent on from https to http, where anyone could change what it says"
            remedy = "It was not followed. If that is meant, name that address."
            raise FetchError(Fault(problem, remedy, file=self.url, value=onward))
        return onward

    @contextmanager
    def _asked(self, place: Url, known: Known, allowed: set[str]) -> Iterator[BaseHTTPResponse]:
        """Connect, ask, and give the answer whose body is still to come."""
        kind, usual = self.SCHEMES[place.scheme or ""]
        host, port = _bare(place.host or ""), place.port or usual
        left = self._left()
        found = addresses_of(host, port, private=allowed, seconds=min(left, self.limits.connect))
        options: dict[str, Any] = {"timeout": min(self._left(), self.limits.read)}
        if kind is _Secure:
            options["ssl_context"] = _tls()
        connection = kind(host, port, **options)
        connection.found, connection.opened = found, self.opened
        connection.seconds = min(self._left(), self.limits.connect)
        try:
            connection.request(
                "GET",
                place.request_uri,
                headers=_headers(known),
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            try:
                yield response
            finally:
                response.close()
        finally:
            connection.close()

    def _answer(self, response: BaseHTTPResponse, url: str, moved_to: str, known: Known) -> Answer:
        told = response.headers
        if response.status == UNCHANGED and known != Known():
            return Answer(None, "", url, moved_to, known)
        if response.status != OK:
            raise self._refusal(response)
        stated = told.get("content-length", "")
        expected = int(stated) if stated.isdecimal() and len(stated) < 20 else None  # noqa: PLR2004
        if expected is not None and expected > self.limits.packed:
            raise FetchError(self._too_large(self.limits.packed, "says that it has"))
        body = b"".join(self._unpacked(response, expected))
        fresh = Known(_validator(told.get("etag", "")), _validator(told.get("last-modified", "")))
        return Answer(body, told.get("content-type", ""), url, moved_to, fresh)

    def _unpacked(self, response: BaseHTTPResponse, expected: int | None) -> Iterator[bytes]:
        """Yield the body as it comes, unpacked, and stop at what is too much."""
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            problem = f"is packed as '{encoding[:40]}', which was not asked for"
            raise FetchError(Fault(problem, "Try again later.", file=self.url))
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in encoding else None
        packed = unpacked = 0
        for block in self._blocks(response):
            packed += len(block)
            if packed > self.limits.packed:
                raise FetchError(self._too_large(self.limits.packed, "has more than"))
            rest = block
            while rest:
                if unpacker is None:
                    plain, rest = rest, b""
                else:
                    plain = unpacker.decompress(rest, BLOCK)
                    rest = unpacker.unconsumed_tail
                    if not plain and unpacker.eof:
                        break
                unpacked += len(plain)
                if unpacked > self.limits.unpacked:
                    raise FetchError(self._too_large(self.limits.unpacked, "unpacks to more than"))
                yield plain
        whole = expected is None or packed >= expected
        if not whole or (unpacker is not None and not unpacker.eof and packed):
            raise FetchError(Fault("broke off before its end", "Try again later.", file=self.url))

    def _blocks(self, response: BaseHTTPResponse) -> Iterator[bytes]:
        while True:
            self._left()
            block = response.read1(BLOCK)
            if not block:
                break
            yield block
        self._left()

    def _left(self) -> float:
        """Return the seconds that are left, or end the visit."""
        left = self.until - monotonic()
        if left <= 0 or self.late:
            raise FetchError(_late(self.url, self.limits))
        return left

    def _too_large(self, most: int, how: str) -> Fault:
        size = f"{most / 1e6:,.0f} MB" if most >= 1_000_000 else f"{most:,} bytes"  # noqa: PLR2004
        problem = f"{how} {size}"
        if how.startswith("says"):
            problem = f"says that it has more than {size}"
        return Fault(problem, "That is more than news has; nothing of it was kept.", file=self.url)

    def _refusal(self, response: BaseHTTPResponse) -> FetchError:
        status = response.status
        if status == GONE:
            remedy = "Remove it from forecast.toml; it is not asked again for a week."
            return FetchError(Fault("is gone for good (410)", remedy, file=self.url), gone=True)
        reason = f" {response.reason}" if response.reason else ""
        problem = f"was answered by {status}{reason[:60]}"
        wait = _wait(response.headers.get("retry-after", ""))
        return FetchError(Fault(problem, "", file=self.url), wait=wait)


def _bare(host: str) -> str:
    """Return a host as it is compared: lower case, without brackets or a last point."""
    return host.lower().strip("[]").rstrip(".")


def _late(url: str, limits: Limits) -> Fault:
    problem = f"took longer than {limits.whole:g} seconds"
    return Fault(problem, "Nothing of it was kept.", file=url)


def _broken(url: str, error: Exception) -> Fault:
    if isinstance(error, ssl.SSLCertVerificationError) or "certificate" in str(error).lower():
        remedy = "Check the address: somebody else may answer in its place."
        return Fault(f"has no valid certificate: {_words(error)}", remedy, file=url)
    if "IncompleteRead" in str(error):
        return Fault("broke off before its end", "Try again later.", file=url)
    return Fault(f"could not be fetched: {_words(error)}", "", file=url)


def _words(error: Exception) -> str:
    """Return why something failed, without the address of an object in memory."""
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "the server does not answer in time"
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return re.sub(r"<[^<>]*>:? ?|\(?\w+Connection\([^()]*\):? ?", "", reason)[:200].rstrip(".")


def _headers(known: Known) -> dict[str, str]:
    told = {"User-Agent": user_agent(), "Accept": ACCEPT, "Accept-Encoding": "gzip"}
    if known.etag:
        told["If-None-Match"] = known.etag
    if known.last_modified:
        told["If-Modified-Since"] = known.last_modified
    return told


def _validator(text: str) -> str:
    """Return an ETag or date as it is sent back; nothing where it is not plain."""
    sound = len(text) <= LONGEST_VALIDATOR and _VALIDATOR.fullmatch(text)
    return text if sound else ""


def _wait(text: str) -> float:
    """Return the seconds that a server asks to wait, by a number or a date."""
    stated = text.strip()
    if stated.isdecimal():
        return float(stated[:9])
    try:
        until = parsedate_to_datetime(stated)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


@cache
def user_agent() -> str:
    """Return who asks."""
    from importlib.metadata import version  # noqa: PLC0415  once, when something is fetched

    return f"eventcast/{version('eventcast')} (forecast inbox fetch)"


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
