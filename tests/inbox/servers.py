"""Servers on the loopback that behave well or badly, by a function for each connection."""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

HOST = "127.0.0.1"

type Behaviour = Callable[["Server", socket.socket], None]


@dataclass
class Server:
    """A server that does for its nth connection what the nth behaviour does, the last one again.

    Parameters
    ----------
    behaviours
        What it does once it has read the request.
    requests
        The requests, as they came.
    sent
        How many bytes it could send.
    stopped
        Set when it is to end.
    """

    behaviours: tuple[Behaviour, ...]
    port: int = 0
    requests: list[str] = field(default_factory=list)
    sent: int = 0
    stopped: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/feed"

    def send(self, connection: socket.socket, data: bytes) -> bool:
        """Send bytes; return whether anybody takes them."""
        try:
            connection.sendall(data)
        except OSError:
            return False
        self.sent += len(data)
        return True

    def headers_of(self, number: int) -> dict[str, str]:
        """Return the headers of a request, by their names in lower case."""
        lines = self.requests[number].split("\r\n")[1:]
        return {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }


@contextmanager
def serving(*behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server while the block runs."""
    server = Server(behaviours)
    listener = socket.create_server((HOST, 0))
    server.port = listener.getsockname()[1]
    listener.settimeout(0.05)
    thread = Thread(target=_serve, args=(server, listener, tls), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        thread.join(5)
        listener.close()
        assert not thread.is_alive()


def _serve(server: Server, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
    count = 0
    while not server.stopped.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        with connection:
            connection.settimeout(2)
            try:
                talk = tls.wrap_socket(connection, server_side=True) if tls else connection
                with talk:
                    server.requests.append(_request(talk))
                    behaviour = server.behaviours[min(count, len(server.behaviours) - 1)]
                    behaviour(server, talk)
            except OSError:
                pass
        count += 1


def _request(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        block = connection.recv(65_536)
        if not block:
            break
        data += block
    return data.decode("latin-1")


def answer(
    body: bytes = b"", status: str = "200 OK", *, length: int | None = None, **headers: str
) -> Behaviour:
    """Return a plain answer; `length` is what it says that it sends."""
    told: Mapping[str, object] = {
        "content_length": len(body) if length is None else length,
        "connection": "close",
        **headers,
    }
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
    whole = f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body

    def behave(server: Server, connection: socket.socket) -> None:
        server.send(connection, whole)

    return behave


def dripping(data: bytes, every: float = 0.02) -> Behaviour:
    """Return an answer of which a byte comes at a time."""

    def behave(server: Server, connection: socket.socket) -> None:
        for place in range(len(data)):
            if not server.send(connection, data[place : place + 1]) or server.stopped.wait(every):
                return

    return behave


def endless(head: bytes, block: bytes) -> Behaviour:
    """Return an answer that goes on for as long as anybody takes it."""

    def behave(server: Server, connection: socket.socket) -> None:
        going = server.send(connection, head)
        while going and not server.stopped.is_set():
            going = server.send(connection, block)

    return behave


def silent(server: Server, connection: socket.socket) -> None:  # noqa: ARG001  a behaviour
    """Say nothing at all."""
    server.stopped.wait(3)
