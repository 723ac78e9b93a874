"""Every tolerance of the tests, by name, with its reason."""

EXACT = 0.0
"""The same numbers in the same order."""

SAME_ALGEBRA = 1e-12
"""Relative: the same sums in another order, in double precision."""

LOG_PROBABILITY = 1e-9
"""Absolute, on a log probability against enumeration over a few thousand terms."""

FINE_GRID = 1e-6
"""Absolute, on a log likelihood at a step of 1/4000 year: the splitting error is
(rates x step)^2, and the random networks have rates up to some 10 per year."""

GRADIENT = 1e-6
"""Relative, of a slope against central differences with a step of 1e-5: their error is
(1e-5)^2 in truncation and 1e-16 / 1e-5 in rounding, on values of order 1 to 100."""

SECOND_ORDER = (3.0, 5.5)
"""Bounds on the error ratio as the step halves; 4 in the limit."""

MONTE_CARLO_Z = 5.0
"""Bound on |difference| / estimated standard error, at fixed seeds."""

STEP_GRID = 1e-4
"""Absolute, on a probability whose weekly steps were cut at other dates: the splitting error at
weekly steps, with the stages of a delay at some 30 per year."""

BASE_POINTS = 0.005
"""Absolute, on a probability averaged over 256 Sobol points of the prior against 4096 draws."""
