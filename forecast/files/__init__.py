"""The files that people write, read into objects; every fault by file, line and field."""
