"""Benchmarks: run by hand with ``python -m benchmarks.run``; never asserted in the tests."""
