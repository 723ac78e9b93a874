"""How the kernels are compiled: cached on disk, without the interpreter lock, IEEE arithmetic.

`entry` is for what Python calls; `kernel` is for what only other kernels call: leaving out its
Python wrapper halves the time to compile.
"""

from functools import partial

from numba import njit

__all__ = ["entry", "kernel"]

entry = partial(njit, cache=True, error_model="numpy", nogil=True)()
kernel = partial(
    njit,
    cache=True,
    error_model="numpy",
    nogil=True,
    no_cpython_wrapper=True,
    no_cfunc_wrapper=True,
)()
