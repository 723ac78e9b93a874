"""A workspace, and an assistant that follows a script: the SDK's own client."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from forecast.assistant._desk import Desk
from forecast.assistant._server import server_of
from tests.workspace.samples import NETWORK, WORKSPACE, write_workspace

TWO_SOURCES = NETWORK + "  herald: {title: The Herald, type: press}\n"
FILES = {
    "forecast.toml": WORKSPACE.replace("draws = 512", "draws = 4096"),
    "priors/tiny.yaml": TWO_SOURCES,
}
MAY_ACCEPT = {**FILES, "forecast.toml": FILES["forecast.toml"] + "[assistant]\nmay_accept = true\n"}
REPORT: dict[str, str | int | float] = {"event": "troops", "source": "gazette", "claim": "on"}

type Script = Callable[[Client], Awaitable[None]]


def a_workspace(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    return write_workspace(folder, files)


def a_desk(folder: Path, files: Mapping[str, str] = FILES, name: str = "ada") -> Desk:
    return Desk(a_workspace(folder, files), name)


def follow(folder: Path, script: Script, name: str = "ada") -> None:
    """Let the SDK's client follow a script, with the server in this process."""

    async def main() -> None:
        async with Client(server_of(Desk(folder, name))) as client:
            await script(client)

    anyio.run(main)


async def told(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool that is to succeed; return its structured answer."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Call a tool that is to refuse; return its words."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.structured_content
    (content,) = result.content
    return str(content.text)


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of every file, but for locks and what SQLite keeps beside its file."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock" and not path.name.endswith(("-wal", "-shm"))
    }


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    names = {*before, *after}
    return {name for name in names if before.get(name) != after.get(name)}
