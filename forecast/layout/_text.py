"""A diagram as text: in DOT, for Graphviz, and in Mermaid, for GitHub, GitLab and many wikis."""

from forecast.layout._diagram import Arrow, Diagram, said
from forecast.visible import visible

STYLES = {
    "causes": "",
    "multiplies": "",
    "requires": "style=dashed, arrowhead=normal",
    "prevents": "style=dashed, arrowhead=tee",
    "given": "style=dotted",
}
SHAPES = {
    "onset": "box",
    "state": "ellipse",
    "fact": "diamond",
    "decision": "octagon",
    "repeated": "box3d",
}


def dot(drawing: Diagram) -> str:
    r"""Return a diagram as a DOT graph.

    Parameters
    ----------
    drawing
        What to draw. Titles may hold any text: they are escaped.

    Examples
    --------
    >>> from forecast.layout import Diagram, Node
    >>> print(dot(Diagram((Node("pact", 'A "pact"', "onset"),), ())))
    digraph {
      node [shape=box];
      "pact" [label="A \"pact\"", shape=box];
    }
    """
    lines = ["digraph {", "  node [shape=box];"]
    lines += [
        f"  {_quoted(node.id)} [label={_quoted(node.words)}, shape={SHAPES[node.kind]}];"
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
    r"""Return a text as a DOT string that is shown unchanged.

    Graphviz reads escapes such as ``\N`` and entities such as ``&amp;`` in labels.
    """
    plain = visible(text)
    for raw, safe in (("\\", "\\\\"), ('"', '\\"'), ("&", "&amp;")):
        plain = plain.replace(raw, safe)
    return f'"{plain}"'


ARROWS = {
    "causes": "-->",
    "multiplies": "-->",
    "requires": "-.->",
    "prevents": "-.-x",
    "given": "-.->",
}
BOXES = {
    "onset": ("[", "]"),
    "state": ("([", "])"),
    "fact": ("{{", "}}"),
    "decision": ("{", "}"),
    "repeated": ("[[", "]]"),
}


def mermaid(drawing: Diagram) -> str:
    """Return a diagram as a Mermaid flowchart.

    Parameters
    ----------
    drawing
        What to draw. Titles may hold any text: everything but letters, digits and spaces becomes a
        character code, so that nothing is read as markup.

    Examples
    --------
    >>> from forecast.layout import Diagram, Node
    >>> print(mermaid(Diagram((Node("pact", "A <b>", "onset"),), ())))
    flowchart TB
      n0["A #60;b#62;"]
    """
    number = {node.id: f"n{at}" for at, node in enumerate(drawing.nodes)}
    lines = ["flowchart TB"]
    for node in drawing.nodes:
        left, right = BOXES[node.kind]
        lines.append(f'  {number[node.id]}{left}"{_numbered(node.words)}"{right}')
    lines += [
        f"  {number[arrow.parent]} {ARROWS[arrow.kind]}"
        f'|"{_numbered(said(arrow))}"| {number[arrow.child]}'
        for arrow in drawing.arrows
    ]
    return "\n".join(lines)


def _numbered(text: str) -> str:
    return "".join(c if c.isalnum() or c == " " else f"#{ord(c)};" for c in visible(text))
