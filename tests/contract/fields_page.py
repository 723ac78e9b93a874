"""The tables of docs/network-fields.md; `python -m tests.contract.fields_page` writes them.

They are of the JSON Schema itself, so that every place where the page is read shows them.
"""

import json
import re
from typing import Any

from forecast.files._schema import network_schema
from tests.contract.repository import ROOT

PAGE = ROOT / "docs" / "network-fields.md"
MARKED = re.compile(r"(<!-- fields (\w+): begin -->\n)(.*?)(<!-- fields: end -->)", re.DOTALL)
TOP = "Network"
MOST_EXAMPLES = 2
WORDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "null": "nothing",
    "object": "a mapping of its parts",
}
HEADS = ("field", "what may stand there", "meaning", "if left out")


def page(text: str) -> str:
    """Return the page with every table as the schema makes it."""
    return MARKED.sub(lambda found: f"{found[1]}{table(found[2])}\n{found[4]}", text)


def table(kind: str) -> str:
    """Return one table: of the file itself, or of the objects of one kind within it."""
    schema = network_schema()
    part = schema if kind == TOP else schema["$defs"][kind]
    required = set(part.get("required", ()))
    rows = [HEADS, ("---",) * len(HEADS)]
    rows += [
        (
            f"`{name}`",
            cell(said(field, schema["$defs"])),
            cell(field.get("description", "").replace("`", "")),
            default(name, field, required),
        )
        for name, field in part["properties"].items()
    ]
    return "\n".join(f"| {' | '.join(row)} |".replace("  ", " ") for row in rows)


def cell(text: str) -> str:
    """Return a text as a cell of Markdown, in which nothing of it is markup."""
    return re.sub(r"([\\|*_<>\[\]])", r"\\\1", " ".join(text.split()))


def said(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return in words what a value of the field may be."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        target = definitions[name]
        return name if "properties" in target else said(target, definitions)
    options = [said(option, definitions) for option in field.get("anyOf", field.get("oneOf", ()))]
    if options:
        options = [option for option in dict.fromkeys(options) if option != WORDS["null"]]
        return "; or ".join(options)
    if "enum" in field:
        return ", ".join(f"‘{value}’" for value in field["enum"])
    if "const" in field:
        return f"‘{field['const']}’"
    return _plain(field, definitions)


def _plain(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    told = field.get("type", "anything")
    kinds: list[str] = told if isinstance(told, list) else [told]
    if kinds == ["array"] and "items" in field:
        return f"a list, each: {said(field['items'], definitions)}"
    inner = field.get("additionalProperties")
    if kinds == ["object"] and isinstance(inner, dict):
        return f"by name: {said(inner, definitions)}"
    words = " or ".join(WORDS.get(kind, kind) for kind in kinds)
    examples = ", ".join(f"‘{example}’" for example in field.get("examples", ())[:MOST_EXAMPLES])
    return f"{words}, such as {examples}" if examples else words


def default(name: str, field: dict[str, Any], required: set[str]) -> str:
    """Return what holds where the field is left out."""
    if name in required:
        return "required"
    value = field.get("default")
    if isinstance(value, dict) and "wording" in value:
        return cell(value["wording"])
    return "" if value in (None, "", [], {}) else json.dumps(value)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
