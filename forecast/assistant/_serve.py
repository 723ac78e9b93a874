"""Serving a desk: over standard input and output, or over HTTP on this machine with a token."""

import hmac
import logging
import os
import secrets
import socket
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.assistant._desk import Desk
from forecast.errors import Fault, ForecastError, InputError, MissingExtraError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
PATH = "/mcp"
TOKEN = "FORECAST_MCP_TOKEN"  # noqa: S105  the name of a variable
LEAST_TOKEN = 16
MOST_BODY = 16 * 2**20
"""Bytes of a request: a long article passes, and is cut where it is made a draft."""
ANYBODY_ELSE = 0o077

type Tell = Callable[[str], None]


def serve_stdio(folder: Path, name: str) -> None:
    """Serve one assistant over standard input and output, until it hangs up.

    Raises
    ------
    MissingExtraError
        If the SDK of the protocol is not installed.
    InputError
        If there is no workspace, or its file has faults.
    """
    _server(folder, name).run("stdio")


def serve_http(
    folder: Path,
    name: str,
    port: int,
    *,
    token_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    tell: Tell,
) -> None:
    """Serve over HTTP on this machine alone, to whoever has the token, until it is interrupted.

    Parameters
    ----------
    folder, name
        The workspace, and the name of the assistant.
    port
        Of the loopback address; 0 for any that is free.
    token_file
        Holds the token, for its owner alone; made if it is not there.
    environment
        Where ``FORECAST_MCP_TOKEN`` may stand; that of this process if None.
    tell
        Is told the address, and a token that was made up.

    Raises
    ------
    MissingExtraError, InputError
        As of `serve_stdio`; if the token cannot be used.
    ForecastError
        If the port is taken.
    """
    server = _server(folder, name)
    token, made = token_of(os.environ if environment is None else environment, token_file)
    import uvicorn  # noqa: PLC0415  of the extra

    try:
        bound = socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"port {port} of {HOST} cannot be used: {reason}. Name another: --port N"
        raise ForecastError(msg) from error
    with bound:
        port = bound.getsockname()[1]
        app = guarded(server, token, port)
        tell(f"Serving http://{HOST}:{port}{PATH} to whoever has the token.")
        if made:
            tell(f"Token, made up for this once: {token}")
        config = uvicorn.Config(
            app,
            ws="none",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
        )
        with suppress(KeyboardInterrupt):  # how it is ended
            uvicorn.Server(config).run(sockets=[bound])


def guarded(server: "MCPServer[Any]", token: str, port: int) -> "ASGIApp":
    """Return an application that answers only who has the token, and has come straight here.

    A page in a browser that was led here by another name is refused by its ``Host``, and one of
    another site by its ``Origin``.
    """
    from mcp.server.transport_security import TransportSecuritySettings  # noqa: PLC0415

    hosts = [f"{host}:{port}" for host in (HOST, "localhost")]
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=MOST_BODY,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=hosts,
            allowed_origins=[f"http://{host}" for host in hosts],
        ),
    )
    return _WithToken(app, token)


class _WithToken:
    """An application behind a token."""

    def __init__(self, app: "ASGIApp", token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "lifespan" or self._knows(scope):
            await self._app(scope, receive, send)
            return
        from starlette.responses import PlainTextResponse  # noqa: PLC0415  of the extra

        refused = PlainTextResponse(
            "A token is needed: Authorization: Bearer TOKEN.\n",
            status_code=401,
            headers={"WWW-Authenticate": "Bearer"},
        )
        await refused(scope, receive, send)

    def _knows(self, scope: "Scope") -> bool:
        given = [value for name, value in scope.get("headers", ()) if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._expected)


def token_of(environment: Mapping[str, str], file: Path | None) -> tuple[str, bool]:
    """Return the token, and whether it was made up just now and is kept nowhere.

    That of the file if one is named, else of the environment, else a new one.

    Raises
    ------
    InputError
        If others may read the file, or the token is short.
    ForecastError
        If the file cannot be read or made.
    """
    if file is not None:
        return _checked(_of_file(file), str(file)), False
    if TOKEN in environment:
        return _checked(environment[TOKEN].strip(), f"${TOKEN}"), False
    return secrets.token_urlsafe(32), True


def _of_file(file: Path) -> str:
    try:
        try:
            made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(made, "w", encoding="ascii") as new:
                new.write(f"{secrets.token_urlsafe(32)}\n")
        mode = file.stat().st_mode
        if os.name == "posix" and stat.S_IMODE(mode) & ANYBODY_ELSE:
            raise InputError(
                Fault(
                    "others may read the file of the token",
                    f"Run 'chmod 600 {file}', and change the token if they have read it.",
                    file=str(file),
                )
            )
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        msg = f"{file}: the token cannot be read or made: {reason}"
        raise ForecastError(msg) from error


def _checked(token: str, where: str) -> str:
    if len(token) < LEAST_TOKEN or not (token.isascii() and token.isprintable()) or " " in token:
        raise InputError(
            Fault(
                f"the token must have {LEAST_TOKEN} characters or more: letters, digits and signs, "
                "without spaces",
                "Take one that nobody guesses: python -c 'import secrets; "
                "print(secrets.token_urlsafe(32))'.",
                file=where,
            )
        )
    return token


def _server(folder: Path, name: str) -> "MCPServer[Any]":
    try:
        import mcp  # noqa: F401, PLC0415  of the extra
    except ImportError as error:
        raise MissingExtraError("mcp", "mcp") from error
    from forecast.assistant._server import server_of  # noqa: PLC0415  of the extra

    server = server_of(Desk(folder, name))
    for handler in logging.getLogger().handlers:  # the SDK's, to standard error
        handler.setLevel(logging.WARNING)
    return server
