"""The folder on disk and the jobs over it; `update` is the main path."""
