"""How the kernels are compiled: cached on disk, without the interpreter lock, IEEE arithmetic.

`entry` is for what Python calls; `kernel` is for what only other kernels call: leaving out its
Python wrapper halves the time to compile. A call that passes a tuple of many arrays counts
references to each, which costs more than a short loop. So `bare` and `bare_kernel` count none: they
are for what neither makes an array nor returns one, and owns nothing that its caller does not hold.
`bare` and `folded` are for what LLVM is to fold into the caller, which leaves the time to compile
as it is, and `inlined` for what Numba copies there itself, so that the types of the caller hold.
"""

from pathlib import Path
from typing import Any

from numba import njit

from forecast.engine._cache import kept_somewhere

_KEPT = kept_somewhere(Path(__file__).parent)
_ALL: dict[str, Any] = {"cache": _KEPT, "error_model": "numpy", "nogil": True}
_INNER: dict[str, Any] = {**_ALL, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

entry = njit(**_ALL)
kernel = njit(**_INNER)
folded = njit(**_INNER, forceinline=True)
bare = njit(**_INNER, forceinline=True, _nrt=False)
bare_kernel = njit(**_INNER, _nrt=False)
inlined = njit(cache=_KEPT, error_model="numpy", inline="always")
