"""A diagram in DOT, the language of Graphviz, for those who have it."""

from forecast.layout.diagram import Arrow, Diagram
from forecast.layout.strength import said

__all__ = ["dot"]

STYLES = {
    "causes": "",
    "multiplies": "",
    "requires": "style=dashed, arrowhead=normal",
    "prevents": "style=dashed, arrowhead=tee",
}
SHAPES = {"onset": "box", "state": "ellipse", "fact": "diamond"}


def dot(drawing: Diagram) -> str:
    r"""Return a diagram as a DOT graph.

    Parameters
    ----------
    drawing
        What to draw. Its titles may hold any text: they are escaped.

    Examples
    --------
    >>> from forecast.layout.diagram import Diagram, Node
    >>> print(dot(Diagram((Node("pact", 'A "pact"', "onset"),), ())))
    digraph {
      node [shape=box];
      "pact" [label="A \"pact\"", shape=box];
    }
    """
    lines = ["digraph {", "  node [shape=box];"]
    lines += [
        f"  {_quoted(node.id)} [label={_quoted(node.title)}, shape={SHAPES[node.kind]}];"
        for node in drawing.nodes
    ]
    lines += [
        f"  {_quoted(arrow.parent)} -> {_quoted(arrow.child)} [{_look(arrow)}];"
        for arrow in drawing.arrows
    ]
    return "\n".join([*lines, "}"])


def _look(arrow: Arrow) -> str:
    label = f"label={_quoted(said(arrow))}"
    return ", ".join(part for part in (label, STYLES[arrow.kind]) if part)


def _quoted(text: str) -> str:
    r"""Return a text as a DOT string that shows as it is.

    Graphviz reads escapes such as ``\N`` and entities such as ``&amp;`` in labels.
    """
    plain = "".join(c if c.isprintable() else " " for c in text)
    for raw, safe in (("\\", "\\\\"), ('"', '\\"'), ("&", "&amp;")):
        plain = plain.replace(raw, safe)
    return f'"{plain}"'
