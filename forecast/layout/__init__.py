"""LAYOUT: networks as drawings: where nodes stand and arrows run, and as DOT and Mermaid text.

Tuples in, tuples out: what draws them (Matplotlib, SVG) is the business of the floors above.
Lengths are in whatever unit the sizes of the nodes are given in; y grows downwards.

Examples
--------
>>> from forecast.network import Event, Link, Network
>>> rate = "10% within 1 year"
>>> network = Network(
...     name="demo",
...     start="2024-01-01",
...     horizon="2024-12-31",
...     events=[Event(id=name, kind="onset", rate=rate) for name in ("pact", "arms")],
...     links=[Link(parent="pact", child="arms", kind="multiplies", hazard_ratio="x3")],
... )
>>> drawing = diagram(network)
>>> drawn = layered({node.id: (120, 40) for node in drawing.nodes}, drawing.edges, gap=20)
>>> drawn.centres["arms"]
(60.0, 100.0)
>>> drawn.routes[0]
((60.0, 40.0), (60.0, 60.0), (60.0, 60.0), (60.0, 80.0))
"""

from forecast.layout.diagram import Arrow, Diagram, Node, diagram
from forecast.layout.dot import dot
from forecast.layout.layered import Layout, layered
from forecast.layout.mermaid import mermaid
from forecast.layout.strength import said, width
from forecast.layout.wrap import wrapped

__all__ = [
    "Arrow",
    "Diagram",
    "Layout",
    "Node",
    "diagram",
    "dot",
    "layered",
    "mermaid",
    "said",
    "width",
    "wrapped",
]
