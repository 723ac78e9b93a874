"""One request, against servers that are slow, lie, lead astray, and bomb."""

import gzip
import socket
import ssl
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from forecast.inbox import _addresses, _fetch
from forecast.inbox._addresses import RefusedError, addresses_of, is_public
from forecast.inbox._fetch import Answer, FetchError, Known, Limits, fetch
from tests.inbox.servers import HOST, Behaviour, Server, answer, dripping, endless, serving, silent

LIMITS = Limits(connect=1, read=0.5, whole=1, packed=200_000, unpacked=1_000_000, redirects=3)
SLACK = 1.5
"""Seconds by which a busy machine may be late to hang up."""
BUFFERS = 8_000_000
"""Bytes that the system takes from a server before anybody has read them."""
INWARDS = r"leads into a private network|host is not known"
TLS = Path("tests/data/inbox/tls")
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def got(server: Server, limits: Limits = LIMITS, **known: str) -> Answer:
    return fetch(server.url, Known(**known), private=[HOST], limits=limits)


def refused(*behaviours: Behaviour, match: str, limits: Limits = LIMITS) -> Server:
    """Return the server whose answer was refused in the words of `match`, within the time."""
    with serving(*behaviours) as server:
        began = time.monotonic()
        with pytest.raises(FetchError, match=match):
            got(server, limits)
        assert time.monotonic() - began < limits.whole + SLACK
    return server


def test_an_answer_comes_back_with_what_it_says_of_itself() -> None:
    with serving(answer(b"news", etag='"1"', content_type="text/plain")) as server:
        found = got(server)
    assert found == Answer(b"news", "text/plain", server.url, "", Known('"1"'))


def test_a_request_says_who_asks_and_holds_no_cookie() -> None:
    first = answer(b"", "302 Found", location="/other", set_cookie="a=b")
    with serving(first, answer(b"news")) as server:
        assert got(server).body == b"news"
    headers = server.headers_of(1)
    assert headers["user-agent"].startswith("eventcast/")
    assert "cookie" not in headers
    assert headers["host"] == f"{HOST}:{server.port}"


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n" + b"x" * 10_000,
        CHUNKED + b"1\r\nx\r\n" * 10_000,
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 10_000,
        b"HTTP/1.1 " + b" " * 10_000,
    ],
    ids=["body", "chunks", "header", "status"],
)
def test_a_server_that_drips_is_left_when_the_whole_time_is_over(data: bytes) -> None:
    server = refused(dripping(data), match="took longer than 1 seconds")
    assert server.sent < len(data)


def test_a_server_that_drips_its_greeting_of_tls_is_left_as_well() -> None:
    with serving(dripping(b"x" * 1000)) as server:
        url = server.url.replace("http:", "https:")
        began = time.monotonic()
        with pytest.raises(FetchError, match=r"took longer|could not be fetched"):
            fetch(url, private=[HOST], limits=LIMITS)
    assert time.monotonic() - began < LIMITS.whole + SLACK


def test_a_server_that_says_nothing_is_left_after_the_time_to_read() -> None:
    began = time.monotonic()
    with serving(silent) as server, pytest.raises(FetchError, match="does not answer in time"):
        got(server)
    assert time.monotonic() - began < LIMITS.read + SLACK


def test_an_answer_shorter_than_it_says_is_not_taken() -> None:
    refused(answer(b"half", length=1000), match="broke off before its end")


def test_of_an_answer_longer_than_it_says_only_what_it_says_is_taken() -> None:
    with serving(answer(b"news and much more", length=4)) as server:
        assert got(server).body == b"news"


def test_an_answer_that_says_that_it_is_too_long_is_not_begun() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n"
    server = refused(endless(head, b"x" * 1000), match="says that it has more than 200,000 bytes")
    assert server.sent < BUFFERS


@pytest.mark.parametrize(
    "stated", ["-5", "+10", "ten", "9" * 40, "1e3"], ids=["minus", "plus", "word", "huge", "power"]
)
def test_a_length_that_is_no_number_does_no_harm(stated: str) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {stated}\r\nconnection: close\r\n\r\n".encode()
    with serving(dripping(head + b"ok", 0)) as server:
        try:
            assert got(server).body in (b"ok", b"")
        except FetchError as error:
            assert "fetched" in str(error) or "broke off" in str(error)  # noqa: PT017


def test_an_endless_answer_is_left_at_the_limit() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    server = refused(endless(head, b"x" * 10_000), match="has more than 200,000 bytes")
    assert server.sent < LIMITS.packed + BUFFERS


def test_endless_headers_are_left() -> None:
    server = refused(
        endless(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n" * 100), match="could not be fetched"
    )
    assert server.sent < BUFFERS


def test_a_bomb_of_gzip_is_left_at_the_limit_in_little_memory() -> None:
    bomb = gzip.compress(bytes(100_000_000))
    assert len(bomb) < LIMITS.packed
    with serving(answer(bomb, content_encoding="gzip")) as server:
        tracemalloc.start()
        try:
            with pytest.raises(FetchError, match="unpacks to more than 1 MB"):
                got(server)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 5 * LIMITS.unpacked


def test_packed_news_is_unpacked() -> None:
    with serving(answer(gzip.compress(b"news" * 100), content_encoding="gzip")) as server:
        assert got(server).body == b"news" * 100


@pytest.mark.parametrize("cut", [10, -9, -1])
def test_packed_news_that_breaks_off_is_not_taken(cut: int) -> None:
    packed = gzip.compress(b"news" * 100)[:cut]
    refused(answer(packed, content_encoding="gzip"), match="broke off before its end")


def test_what_is_packed_in_a_way_that_was_not_asked_for_is_not_taken() -> None:
    refused(answer(b"news", content_encoding="br"), match="packed as 'br'")


def test_what_is_no_gzip_is_not_taken() -> None:
    refused(answer(b"news", content_encoding="gzip"), match="could not be fetched")


@pytest.mark.parametrize(
    "onward",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "ftp://example.org/feed",
        "gopher://127.0.0.1/x",
        "data:text/xml,<rss/>",
        "javascript:alert(1)",
        "unix:/run/socket",
    ],
)
def test_nobody_is_followed_off_the_web(onward: str) -> None:
    moved = answer(b"", "302 Found", location=onward)
    server = refused(moved, match="is sent on to what is no address of the web")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  an address to refuse
        "127.0.0.2",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "localhost",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[fe80::1]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2002:7f00:1::]",
        "[64:ff9b::7f00:1]",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
    ],
)
def test_nobody_is_followed_into_a_private_network(host: str) -> None:
    moved = answer(b"", "301 Moved", location=f"http://{host}:9/secret")
    server = refused(moved, match=INWARDS)
    assert len(server.requests) == 1
    with pytest.raises(FetchError, match=INWARDS):
        fetch(f"http://{host}:9/secret", limits=LIMITS)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_a_private_host_that_is_named_is_asked_and_may_send_on_to_another() -> None:
    with serving(answer(b"within")) as inner:
        moved = answer(b"", "302 Found", location=f"http://localhost:{inner.port}/")
        with serving(moved) as outer:
            found = fetch(outer.url, private=[HOST, "LOCALHOST."], limits=LIMITS)
    assert found.body == b"within"


def test_a_public_host_never_sends_on_to_a_private_one_even_if_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_addresses, "is_public", lambda address: address == HOST)
    moved = answer(b"", "302 Found", location="http://127.0.0.2:9/")
    with serving(moved) as server, pytest.raises(FetchError, match="private network"):
        fetch(server.url, private=["127.0.0.2"], limits=LIMITS)


def test_what_was_checked_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere at a second look-up gains nothing: there is none."""
    looked_up: list[object] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if host != "rebinding.example":
            return real(host, port, *rest, **named)
        looked_up.append(host)
        return real(HOST if len(looked_up) == 1 else "127.0.0.2", port, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(_addresses, "is_public", lambda address: address == HOST)
    with serving(answer(b"news")) as server:
        found = fetch(f"http://rebinding.example:{server.port}/feed", limits=LIMITS)
    assert found.body == b"news"
    assert len(looked_up) == 1
    assert server.headers_of(0)["host"] == f"rebinding.example:{server.port}"


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = [(socket.AF_INET, 1, 6, "", (each, 80)) for each in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(RefusedError, match="private network"):
        addresses_of("both.example", 80, private=(), seconds=1)


def test_a_look_up_that_takes_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    release = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [release.wait(5)][:0])
    began = time.monotonic()
    with pytest.raises(RefusedError, match="not found in time"):
        addresses_of("slow.example", 80, private=(), seconds=0.1)
    assert time.monotonic() - began < 1
    release.set()


def test_a_chain_of_redirections_has_an_end() -> None:
    moved = answer(b"", "302 Found", location="/again")
    server = refused(moved, match="is sent on more than 3 times")
    assert len(server.requests) == LIMITS.redirects + 1


def test_a_redirection_without_a_place_to_go_has_an_end() -> None:
    refused(answer(b"", "302 Found"), match="is sent on more than 3 times")


def test_a_move_for_good_is_told_and_one_for_now_is_not() -> None:
    there = answer(b"news")
    with serving(answer(b"", "301 Moved", location="/new"), there) as server:
        assert got(server).moved_to == f"http://{HOST}:{server.port}/new"
    with serving(answer(b"", "302 Found", location="/new"), there) as server:
        assert got(server).moved_to == ""


def test_what_has_not_changed_is_not_sent_again() -> None:
    with serving(answer(b"", "304 Not Modified")) as server:
        known = {"etag": 'W/"7"', "last_modified": "Mon, 01 Jul 2024 10:00:00 GMT"}
        found = got(server, **known)
    assert found.body is None
    assert found.known == Known(**known)
    headers = server.headers_of(0)
    assert headers["if-none-match"] == 'W/"7"'
    assert headers["if-modified-since"] == "Mon, 01 Jul 2024 10:00:00 GMT"


def test_unchanged_is_no_answer_to_who_never_asked() -> None:
    refused(answer(b"", "304 Not Modified"), match="was answered by 304")


def test_an_etag_that_is_no_plain_text_is_not_sent_back() -> None:
    with serving(answer(b"news", etag="a" * 600)) as server:
        assert got(server).known == Known()


def test_a_server_says_for_how_long_to_leave_it_alone() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    for stated, least, most in (("120", 120, 120), (later, 3500, 3600), ("soon", 0, 0)):
        busy = answer(b"", "503 Busy", retry_after=stated)
        with serving(busy) as server, pytest.raises(FetchError, match="503 Busy") as caught:
            got(server)
        assert least <= caught.value.wait <= most


def test_a_feed_that_is_gone_is_told_apart() -> None:
    with serving(answer(b"", "410 Gone")) as server, pytest.raises(FetchError) as caught:
        got(server)
    assert caught.value.gone
    assert "Remove it from forecast.toml" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/", "http://", "x", "http://u:p@127.0.0.1/"]
)
def test_only_plain_addresses_of_the_web_are_asked(url: str) -> None:
    with pytest.raises(FetchError, match="is no address to fetch"):
        fetch(url, private=[HOST], limits=LIMITS)


def test_nobody_listens() -> None:
    with serving(silent) as server:
        port = server.port
    with pytest.raises(FetchError, match="could not be fetched: Connection refused"):
        fetch(f"http://{HOST}:{port}/", private=[HOST], limits=LIMITS)


def secure_server() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with (
        serving(answer(b"news"), tls=secure_server()) as server,
        pytest.raises(FetchError, match="has no valid certificate"),
    ):
        fetch(f"https://localhost:{server.port}/", private=["localhost"], limits=LIMITS)


def test_a_certificate_must_be_of_the_name_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusting = ssl.create_default_context(cafile=str(TLS / "certificate.pem"))
    monkeypatch.setattr(_fetch, "_tls", lambda: trusting)
    with serving(answer(b"news"), tls=secure_server()) as server:
        found = fetch(f"https://localhost:{server.port}/", private=["localhost"], limits=LIMITS)
        assert found.body == b"news"
        with pytest.raises(FetchError, match="has no valid certificate"):
            fetch(f"https://{HOST}:{server.port}/", private=[HOST], limits=LIMITS)


def test_nobody_is_followed_from_a_secure_page_to_an_open_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusting = ssl.create_default_context(cafile=str(TLS / "certificate.pem"))
    monkeypatch.setattr(_fetch, "_tls", lambda: trusting)
    moved = answer(b"", "302 Found", location="http://localhost:9/")
    with (
        serving(moved, tls=secure_server()) as server,
        pytest.raises(FetchError, match="from https to http"),
    ):
        fetch(f"https://localhost:{server.port}/", private=["localhost"], limits=LIMITS)


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(answer(b"news")) as server:
        assert got(server).body == b"news"
