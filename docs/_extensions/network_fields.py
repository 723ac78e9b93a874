"""The directive ``network-fields``: tables of a file's fields, from the JSON Schema itself."""

import json
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from forecast.files._schema import network_schema

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


class NetworkFields(SphinxDirective):
    """One table: of the file itself, or of the objects of one kind within it."""

    required_arguments = 1
    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """Return the table of the kind that the argument names."""
        schema = network_schema()
        kind = self.arguments[0]
        part = schema if kind == TOP else schema["$defs"][kind]
        required = set(part.get("required", ()))
        rows = [
            (
                name,
                said(field, schema["$defs"]),
                field.get("description", "").replace("`", ""),
                default(name, field, required),
            )
            for name, field in part["properties"].items()
        ]
        return [_table(rows)]


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
    kinds = field.get("type", "anything")
    kinds = kinds if isinstance(kinds, list) else [kinds]
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
    return "" if value in (None, "", [], {}) else json.dumps(value)


def _table(rows: list[tuple[str, ...]]) -> nodes.table:
    group = nodes.tgroup(cols=len(HEADS))
    group += [nodes.colspec(colwidth=width) for width in (15, 25, 45, 15)]
    head = nodes.thead()
    head += _row([nodes.Text(text) for text in HEADS])
    body = nodes.tbody()
    for name, *rest in rows:
        body += _row([nodes.literal(text=name), *(nodes.Text(text) for text in rest)])
    group += [head, body]
    table = nodes.table(classes=["fields"])
    table += group
    return table


def _row(cells: list[nodes.Node]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        entry = nodes.entry()
        entry += nodes.paragraph("", "", cell)
        row += entry
    return row


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("network-fields", NetworkFields)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
