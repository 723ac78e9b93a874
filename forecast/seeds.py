"""Child seeds: every random part of a computation has its own seed, named by its purpose."""

import hashlib

import numpy as np

from forecast.errors import InputError


def child_seed(seed: int, *purpose: str | int) -> int:
    """Return a 32-bit seed for one purpose; the same inputs always give the same seed.

    Raises
    ------
    InputError
        If the seed is negative.

    Examples
    --------
    >>> child_seed(1, "proposal") == child_seed(1, "proposal")
    True
    >>> child_seed(1, "proposal") == child_seed(1, "paths")
    False
    """
    if seed < 0:
        msg = f"a seed must be a whole number from 0 on, such as 1 (got {seed})"
        raise InputError(msg)
    name = "/".join(str(part) for part in purpose).encode()
    words = np.frombuffer(hashlib.sha256(name).digest(), dtype=np.uint32)
    return int(np.random.SeedSequence([seed, *words.tolist()]).generate_state(1)[0])


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return a generator for one purpose; see `child_seed`."""
    return np.random.default_rng(child_seed(seed, *purpose))
