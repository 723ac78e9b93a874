"""Kernels that LLVM inlines: passing tuples of many arrays costs more than what they do."""

from forecast.engine.jit import forced as inlined

__all__ = ["inlined"]
