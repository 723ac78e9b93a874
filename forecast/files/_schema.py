"""The JSON Schema of the network file, so that editors complete and check it.

It is made from the classes themselves: types and patterns by pydantic, descriptions from the
docstrings. It leaves out what only the reader can check, such as unknown names or medians outside
their interval.
"""

import re
from typing import Any

from pydantic import BaseModel

from forecast.files._network_file import HEAD, REQUIRED
from forecast.files._panel_file import NEIGHBOURS, UNITS
from forecast.network._base import ID_PATTERN
from forecast.network._event import Event, Window
from forecast.network._link import Link
from forecast.network._network import Network
from forecast.network._source import Source, SourceType
from forecast.network._table import TableRow

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAMED = (Event, SourceType, Source)
BLOCKS = {
    "events": (Event, "The events, each by its name."),
    "types": (SourceType, "Types of sources, each by its name; default those of sources.yaml."),
    "sources": (Source, "Sources, each by its name; default those of sources.yaml."),
}
TABLES = {
    UNITS: (
        "Of a panel: a table beside the file with one unit a row, each of which has every event.",
        "units.csv",
    ),
    NEIGHBOURS: (
        "Of a panel: a table beside the file of units and their neighbours, whose events are the "
        "parents of links from 'neighbour.EVENT'.",
        "pairs.csv",
    ),
}


def network_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the YAML form of a network.

    Examples
    --------
    >>> sorted(network_schema()["required"])
    ['events', 'horizon', 'name', 'start']
    """
    definitions: dict[str, Any] = {}
    for kind in (Event, TableRow, Window, Link, SourceType, Source):
        definitions.update(_definitions(kind))
    head = _described(Network, _schema(Network))["properties"]
    blocks = {
        name: {
            "description": text,
            "type": "object",
            "propertyNames": {"pattern": ID_PATTERN},
            "additionalProperties": {"$ref": f"#/$defs/{kind.__name__}"},
        }
        for name, (kind, text) in BLOCKS.items()
    }
    links = {
        "description": "How events affect each other.",
        "type": "array",
        "items": {"$ref": "#/$defs/Link"},
    }
    tables = {
        name: {"description": text, "type": "string", "examples": [example]}
        for name, (text, example) in TABLES.items()
    }
    return {
        "$schema": DIALECT,
        "title": "A network of linked, dated events",
        "type": "object",
        "properties": {**{name: head[name] for name in HEAD}, **blocks, "links": links, **tables},
        "required": list(REQUIRED),
        "additionalProperties": False,
        "$defs": definitions,
    }


def _schema(kind: type[BaseModel]) -> dict[str, Any]:
    return kind.model_json_schema(ref_template="#/$defs/{model}")


def _definitions(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the definitions that an object in the file needs, including its own."""
    schema = _schema(kind)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    schema = _described(kind, schema)
    unneeded = {"id"} if kind in NAMED or kind is Link else set()
    if kind in NAMED:
        schema["properties"].pop("id")
    schema["required"] = [name for name in schema.get("required", []) if name not in unneeded]
    return {**definitions, kind.__name__: schema}


def _described(kind: type[BaseModel], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with the descriptions from the docstring of its class."""
    doc = kind.__doc__ or ""
    texts = parameter_texts(doc)
    properties = {
        name: {**field, "description": texts[name]} if name in texts else field
        for name, field in schema["properties"].items()
    }
    return {**schema, "description": doc.strip().split("\n")[0], "properties": properties}


def parameter_texts(doc: str) -> dict[str, str]:
    """Return the descriptions in the Parameters section of a numpydoc docstring."""
    section = re.search(r"Parameters\n\s*-+\n(.*?)(?:\n\s*\n|\Z)", doc, re.DOTALL)
    if section is None:
        return {}
    lines = section[1].splitlines()
    margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    texts: dict[str, str] = {}
    names: list[str] = []
    for line in lines:
        if len(line) - len(line.lstrip()) == margin:
            names = [name.strip() for name in line.split(",")]
            continue
        for name in names:
            texts[name] = f"{texts.get(name, '')} {line.strip()}".strip()
    return texts
