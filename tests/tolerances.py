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

SLOPE = 5e-8
"""Relative to the slope itself, however small, against extrapolated central differences with a
step of 3e-3 of the parameter: they are wrong by up to 4e-9 of a slope (measured; of 2,500 slopes
of random networks the largest share, in truncation), and their step by half changes no more."""

SLOPE_FLOOR = 1e-10
"""Absolute, beside `SLOPE`, for slopes near 0: log likelihoods of order 10 are rounded at 1e-15,
which a difference over a step of 1e-4 (3e-3 of a rate of 0.05) turns into 1e-11."""

SERIES_SLOPE = 1e-5
"""Relative, of a slope of the series against extrapolated central differences: the series leaves
out 1e-9 of its weights, and as many terms as rates call for, which moves with them."""

SERIES_SLOPE_FLOOR = 2e-5
"""Absolute, beside `SERIES_SLOPE`: a part of the 1e-9 that is left out, over a step of 1e-3 of a
rate that may itself be far below 1."""

PROBABILITY = 1e-3
"""Absolute, on any probability whatever the rates: what the filter promises."""

SECOND_ORDER = (3.0, 5.5)
"""Bounds on the error ratio as the step halves; 4 in the limit."""

MONTE_CARLO_Z = 5.0
"""Bound on |difference| / estimated standard error, at fixed seeds."""

STEP_GRID = 1e-4
"""Absolute, on a probability whose weekly steps were cut at other dates: the splitting error at
weekly steps, with the stages of a delay at some 30 per year."""

BASE_POINTS = 0.005
"""Absolute, on a probability averaged over 256 Sobol points of the prior against 4096 draws."""

SHOWN = 0.02
"""Absolute, on a probability that a page shows, rounded to 0.005 at the coarsest, or on an end of
its interval: another platform's arithmetic resamples some of 4096 draws otherwise, which moves a
90% quantile by up to its own Monte Carlo error of some 0.005, at 3 of these."""

PUBLISHED_8_DIGITS = 5e-9
"""Absolute: half a unit of the last of eight published decimals."""

FALSE_ALARMS = (0.005, 0.015)
"""Bounds on the share of calibrated forecasters that fail an assertion at an error rate of 1%: half
of it either way. Over 10,000 forecasters the share has a standard error of 0.1%."""

FALSE_ALARMS_SHORT = 0.001
"""Chance that a short run of a test with an error rate of exactly 1% is taken for a wrong one; the
bound on its count is that binomial quantile."""

BETWEEN_NODES = 1e-7
"""Relative, on a gamma rate read between nodes of a table by cubic interpolation: nodes lie 0.018
standard deviations apart, and the fourth derivative of the logarithm is of order one."""

COVERAGE = 0.02
"""Absolute, on the share of 90% intervals that hold the truth: over the 2,400 intervals of 400
simulated data sets its Monte Carlo error is some 0.007."""

PUBLISHED_COX = 5e-7
"""Absolute, on coefficients and standard errors given to six decimals."""

TENTH_OF_ERROR = 0.1
"""Of a published standard error: how near a posterior under flat priors must come."""

COHERENT = 1e-5
"""Absolute, between probabilities of one posterior read off different sweeps. Where these are cut
at the same times they agree to rounding; a question that ties more events together is cut at their
dates too, its weekly steps err by some 1e-7 otherwise, and by 3e-6 where another interval is passed
without steps (measured on random networks)."""

EXPLAINED = 1e-3
"""Absolute, in log-odds, between explanations at two-week steps and forecasts at weekly ones, on
events with rates of some 10 per year: the splitting error of `STEP_GRID`, four times over."""

ROUNDED = 1e-4
"""Absolute, of scores worked out again from probabilities that were kept to six decimals: a
logarithmic loss moves by half of the last one over the probability, of a per mille at the least,
and a score is the mean over several questions."""

PIXELS = 1.0
"""Root mean square, of 255, over the pixels of a picture. Matplotlib brings its fonts and its font
library along, so kept pictures come out alike to the bit on one platform; measured: the line of
the cut-off missing from a picture makes 5, bars moved by a hundredth of the axis 17."""

PICTURE_COLOUR = 64
"""Of 255: by how much a pixel's colour may differ from the picture that is kept. Kept pictures have
96 colours, and smoothed edges of letters shift by less from one Chromium to the next."""

PICTURE_SHARE = 0.01
"""Of a picture's pixels may differ by more: a line of text that moves changes five times as many.
"""

NEWTON = 1e-5
"""Absolute, on log-odds and log likelihoods where Newton's method stops once a step gains less than
1e-4 of log likelihood: what is left is of the order of the square of that, and conjugate gradients
solve each step to 1e-6."""

APPROXIMATE_CROWD = 0.016
"""Absolute, on pooled probabilities where the rest of a large crowd has a diagonal curvature, with
eight forecasters to a question or more: twice the largest difference that was measured."""

APPROXIMATE_CROWD_FEW = 0.05
"""The same with three forecasters to a question, who tell on each other more (0.029 measured)."""
