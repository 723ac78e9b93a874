"""Reference classes derived from data sets: ``python -m tools.reference_classes --data DIR``."""
