"""Bone-marrow transplants: four linked events of many patients, forecast and scored.

The rows are not part of this repository: they are read from a folder, in the layout of the
registry extract ``ebmt4`` of the R package mstate.
"""
