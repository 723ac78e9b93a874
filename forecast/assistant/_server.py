"""A desk as a server of the Model Context Protocol: tools, resources, a prompt."""

from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.server.mcpserver.prompts import Prompt
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, ToolAnnotations

from forecast.assistant._answers import Answer
from forecast.assistant._desk import Desk
from forecast.assistant._guide import INSTRUCTIONS, guide_of
from forecast.errors import ForecastError, InputError

READING = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
WRITING = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
READ = (
    Desk.list_events,
    Desk.event,
    Desk.list_sources,
    Desk.waiting_drafts,
    Desk.proposals,
    Desk.find_duplicates,
    Desk.check_items,
    Desk.what_would_it_do,
    Desk.reasons,
    Desk.what_would_change_my_mind,
)
WRITE = (Desk.add_draft, Desk.propose_items)
BY_LEAVE = (Desk.accept,)
"""What is there only where the workspace says so."""


def server_of(desk: Desk) -> MCPServer[Any]:
    """Return the server of a desk.

    Raises
    ------
    InputError
        If the workspace's file has faults.
    """
    server: MCPServer[Any] = MCPServer(
        "eventcast",
        title="eventcast",
        instructions=INSTRUCTIONS,
        version=version("eventcast"),
        log_level="WARNING",
    )
    write = (*WRITE, *(BY_LEAVE if desk.may_accept else ()))
    for tools, hints in ((READ, READING), (write, WRITING)):
        for tool in tools:
            bound = _answered(desk, getattr(desk, tool.__name__), ToolError)
            server.add_tool(bound, annotations=hints, structured_output=True)

    def coding_guide() -> str:
        """How to turn an article into items: the coding guide, with this workspace's events."""
        return guide_of(desk)

    guide = _answered(desk, coding_guide, ToolError)
    server.add_tool(guide, annotations=READING, structured_output=False)
    prompt = _answered(desk, coding_guide, _of_prompt)
    server.add_prompt(Prompt.from_function(prompt, title="File an article by the coding guide"))
    _add_resources(server, desk)
    return server


def _of_prompt(words: str) -> MCPError:
    return MCPError(code=INTERNAL_ERROR, message=words)


def _add_resources(server: MCPServer[Any], desk: Desk) -> None:
    def events() -> str:
        return desk.list_events().model_dump_json(indent=1)

    def sources() -> str:
        return desk.list_sources().model_dump_json(indent=1)

    def event(event: str) -> str:
        return desk.event(event).model_dump_json(indent=1)

    def guide() -> str:
        return guide_of(desk)

    for address, work, words, kind in (
        ("forecast://guide", guide, "The coding guide, with events and sources", "text/markdown"),
        ("forecast://events", events, "All events, with rules and forecasts", "application/json"),
        ("forecast://sources", sources, "The sources and their types", "application/json"),
        ("forecast://events/{event}", event, "One event in full", "application/json"),
    ):
        told = _answered(desk, work, ResourceError)
        server.resource(address, description=words, mime_type=kind)(told)


def _answered[**P, R: Answer | str](
    desk: Desk, work: Callable[P, R], error: Callable[[str], Exception]
) -> Callable[P, R]:
    """Return a function that answers one call at a time, and tells what goes wrong in words."""

    @wraps(work)
    def answered(*args: P.args, **kwargs: P.kwargs) -> R:
        with desk.at_a_time():
            try:
                return work(*args, **kwargs)
            except InputError as failure:
                told = "\n".join(map(str, failure.faults))
            except ForecastError as failure:
                told = str(failure)
            except OSError as failure:
                told = f"a file cannot be read or written: {failure.strerror or 'unknown reason'}"
        raise error(desk.plain(told))

    return answered
