"""Scripts that derive what this repository ships; no part of the library."""
