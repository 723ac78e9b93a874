"""Kernels that LLVM inlines: passing tuples of many arrays costs more than what they do.

Unlike `forecast.engine.jit.inlined`, which copies Numba's own code to every call, this leaves the
time to compile as it is.
"""

from functools import partial

from numba import njit

__all__ = ["inlined"]

inlined = partial(
    njit,
    cache=True,
    error_model="numpy",
    nogil=True,
    no_cpython_wrapper=True,
    no_cfunc_wrapper=True,
    forceinline=True,
)()
