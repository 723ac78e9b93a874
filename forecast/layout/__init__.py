"""LAYOUT: a network as a drawing (where nodes stand and arrows run), and as DOT or Mermaid text.

Tuples in, tuples out; `plot` and `report` draw them with Matplotlib and as SVG. Lengths are in
the unit of the nodes' sizes; y grows downwards.
"""

from forecast.layout._diagram import Arrow, Diagram, Node, Part, diagram, said, width, wrapped
from forecast.layout._layered import Layout, layered
from forecast.layout._text import dot, mermaid

__all__ = [
    "Arrow",
    "Diagram",
    "Layout",
    "Node",
    "Part",
    "diagram",
    "dot",
    "layered",
    "mermaid",
    "said",
    "width",
    "wrapped",
]
