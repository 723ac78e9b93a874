"""Political events of states: one-year forecasts of linked events, against their outcomes.

The rows are not part of this repository: they are read from a folder, in the layout that `data`
describes.
"""
