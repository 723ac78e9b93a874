"""The log likelihood as a function of the stated numbers, with its slopes, in one sweep.

This is what samplers that need slopes call: plans and the map are packed, so that one compiled
function serves every network, and every record of it.
"""

import numpy as np
from numba import carray

from forecast.engine._channels import (
    parameters_at,
    values_at,
)
from forecast.engine._filter import add_value_and_slope
from forecast.engine._flat_map import unpacked
from forecast.engine._jit import entry, kernel
from forecast.engine._problem import Floats, Ints, Parameters
from forecast.engine._pullback import pull_parameters, pull_values
from forecast.engine._speak import speak


@entry
def packed_values(n: Ints, x: Floats, z: Floats) -> Floats:
    """Return the stated numbers at standard normals, of a packed map."""
    values: Floats = values_at(unpacked(n, x), z)
    return values


@entry
def packed_pull(n: Ints, x: Floats, z: Floats, slope: Floats) -> Floats:
    """Return slopes by standard normals from those by the stated numbers, of a packed map."""
    found: Floats = pull_values(unpacked(n, x), z, slope)
    return found


@entry
def log_marginal(
    plan_n: Ints, plan_x: Floats, n: Ints, x: Floats, size: Ints, said: Ints, values: Floats
) -> tuple[float, Floats]:
    """Return the log likelihood of all evidence, events summed out, and its slopes.

    Parameters
    ----------
    plan_n, plan_x
        Packed plans.
    n, x
        The packed map.
    size
        How many events and links the parameters have.
    said
        What each item says, shape (item,): see `speak`.
    values
        The stated numbers, shape (value,).
    """
    channels = unpacked(n, x)
    speak(channels, said)
    theta = parameters_at(channels, values, size[0], size[1])
    slope = Parameters(
        np.zeros(size[0]),
        np.zeros(size[0]),
        np.zeros(size[0] + len(channels.cell_form)),
        np.zeros(size[1]),
        np.zeros((len(said), 2)),
    )
    value = add_value_and_slope(plan_n, plan_x, theta, slope)
    if not np.isfinite(value):
        return -np.inf, np.zeros(len(values))
    return value, pull_parameters(channels, values, slope)


# The same with pointers to the first number and lengths, to be called by address.


@kernel
def fill_values(n, lengths, x, z, out):  # type: ignore[no-untyped-def]
    """Put the stated numbers into `out`; `lengths` are those of n, x, z and out."""
    sizes = carray(lengths, (4,))
    z = carray(z, (sizes[2],))
    found = packed_values(carray(n, (sizes[0],)), carray(x, (sizes[1],)), z)
    carray(out, (sizes[3],))[:] = found


@kernel
def fill_pull(n, lengths, x, z, slope, out):  # type: ignore[no-untyped-def]
    """Put slopes by standard normals into `out`; `lengths` are those of n, x, z and slope."""
    sizes = carray(lengths, (4,))
    z, slope = carray(z, (sizes[2],)), carray(slope, (sizes[3],))
    found = packed_pull(carray(n, (sizes[0],)), carray(x, (sizes[1],)), z, slope)
    carray(out, (sizes[2],))[:] = found


@kernel
def fill_marginal(plan_n, n, size, said, lengths, plan_x, x, values, out):  # type: ignore[no-untyped-def]
    """Put the log likelihood and after it the slopes into `out`.

    `lengths` are those of plan_n, plan_x, n, x, said and values.
    """
    sizes = carray(lengths, (6,))
    value, slope = log_marginal(
        carray(plan_n, (sizes[0],)),
        carray(plan_x, (sizes[1],)),
        carray(n, (sizes[2],)),
        carray(x, (sizes[3],)),
        carray(size, (2,)),
        carray(said, (sizes[4],)),
        carray(values, (sizes[5],)),
    )
    result = carray(out, (1 + sizes[5],))
    result[0] = value
    result[1:] = slope
