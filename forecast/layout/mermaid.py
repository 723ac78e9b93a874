"""A diagram in Mermaid, which GitHub, GitLab and many wikis draw in a page's text."""

from forecast.layout.diagram import Diagram
from forecast.layout.strength import said

__all__ = ["mermaid"]

ARROWS = {"causes": "-->", "multiplies": "-->", "requires": "-.->", "prevents": "-.-x"}
BOXES = {"onset": ("[", "]"), "state": ("([", "])"), "fact": ("{{", "}}")}


def mermaid(drawing: Diagram) -> str:
    """Return a diagram as a Mermaid flowchart.

    Parameters
    ----------
    drawing
        What to draw. Its titles may hold any text: all but letters, digits and spaces is written as
        character numbers, so that nothing in it is read as markup.

    Examples
    --------
    >>> from forecast.layout.diagram import Diagram, Node
    >>> print(mermaid(Diagram((Node("pact", "A <b>", "onset"),), ())))
    flowchart TB
      n0["A #60;b#62;"]
    """
    number = {node.id: f"n{at}" for at, node in enumerate(drawing.nodes)}
    lines = ["flowchart TB"]
    for node in drawing.nodes:
        left, right = BOXES[node.kind]
        lines.append(f'  {number[node.id]}{left}"{_numbered(node.title)}"{right}')
    lines += [
        f"  {number[arrow.parent]} {ARROWS[arrow.kind]}"
        f'|"{_numbered(said(arrow))}"| {number[arrow.child]}'
        for arrow in drawing.arrows
    ]
    return "\n".join(lines)


def _numbered(text: str) -> str:
    printable = (c if c.isprintable() else " " for c in text)
    return "".join(c if c.isalnum() or c == " " else f"#{ord(c)};" for c in printable)
