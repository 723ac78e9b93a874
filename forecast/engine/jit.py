"""How the kernels are compiled: cached on disk, without the interpreter lock, IEEE arithmetic.

`entry` is for what Python calls; `kernel` is for what only other kernels call: leaving out its
Python wrapper halves the time to compile. `inlined` is for the innermost ones: a call that
passes a tuple of many arrays counts references to each, which costs more than a short loop.
`forced` is left to LLVM to inline: unlike `inlined`, which copies Numba's own code to every call,
it leaves the time to compile as it is.
"""

from functools import partial

from numba import njit

__all__ = ["entry", "forced", "inlined", "kernel"]

entry = partial(njit, cache=True, error_model="numpy", nogil=True)()
kernel = partial(
    njit,
    cache=True,
    error_model="numpy",
    nogil=True,
    no_cpython_wrapper=True,
    no_cfunc_wrapper=True,
)()
inlined = partial(njit, cache=True, error_model="numpy", inline="always")()
forced = partial(
    njit,
    cache=True,
    error_model="numpy",
    nogil=True,
    no_cpython_wrapper=True,
    no_cfunc_wrapper=True,
    forceinline=True,
)()
