"""What several opinions on one event say together of its state at their deadlines.

An opinion shifts the network's own log-odds of the event being on at a deadline k by w_s Δ_sk: Δ is
its surprise, and its weight w_s follows from κ_s, what its source's word has been worth. Sources
share most of what they know, so that their weights add up to what the chance of at least one
knowing more would be, divided in proportion:

    w_s = κ_s · (1 - Π_t (1 - κ_t)) / Σ_t κ_t,    and w_s = κ_s where a source stands apart.

With b_k the network's own probability, p_k = σ(logit b_k + Σ_s w_s Δ_sk), made to rise with k, are
the shifted probabilities of the event having come by k. Each segment between deadlines has mass
b_k - b_{k-1}, and is worth

    g_k = (p_k - p_{k-1}) / (b_k - b_{k-1}),    with p_0 = b_0 = 0 and p_{K+1} = b_{K+1} = 1,

so that on average over the network's own it is worth one, whatever the weights: they are taught
nothing. Since an event that came stays on, g is a product of what is said of each deadline by
itself: 1 where the event is off and g_k / g_{k+1} where it is on; at the last g_{K+1} and g_K.
"""

import numpy as np

from forecast.engine._jit import bare, entry
from forecast.engine._problem import Floats, Ints

LEAST_MASS = 1e-12
"""Of a segment: what is next to impossible is not to become impossible by rounding."""


@bare
def part_of_all(values: Floats, voice: Ints, apart: Floats, first: int, last: int) -> float:
    """Return what the weights of sources that share what they know are to their own values."""
    total, ignorant = 0.0, 1.0
    for s in range(first, last):
        if apart[s] == 0.0:
            total += values[voice[s]]
            ignorant *= 1.0 - values[voice[s]]
    return float((1.0 - ignorant) / total) if total > 0.0 else 1.0


@bare
def rising(line: float, before: float) -> float:
    """Return a shifted probability from its log-odds, no less than the one before it."""
    return float(max(1.0 / (1.0 + np.exp(-line)), before))


@bare
def log_worth(told: float, mass: float) -> float:
    """Return the logarithm of what a segment is worth."""
    return float(np.log(max(told, LEAST_MASS) / max(mass, LEAST_MASS)))


@entry
def weights(values: Floats, voice: Ints, apart: Floats, share: Floats) -> Floats:
    """Return how much of its surprise is taken over from each source, shape (voice,)."""
    part = part_of_all(values, voice, apart, 0, len(voice))
    found = np.empty(len(voice))
    for s in range(len(voice)):
        found[s] = share[s] * values[voice[s]] * (part if apart[s] == 0.0 else 1.0)
    return found


@entry
def shifted(weight: Floats, own: Floats, surprise: Floats) -> Floats:
    """Return the shifted probabilities, rising, with 0 before them and 1 after: (deadline + 2,).

    Parameters
    ----------
    weight
        Of each source, shape (voice,).
    own
        The network's own log-odds at each deadline, rising, shape (deadline,).
    surprise
        Of each source at each deadline, row by row, shape (voice * deadline,).
    """
    marks = len(own)
    p = np.zeros(marks + 2)
    p[marks + 1] = 1.0
    for k in range(marks):
        line = own[k]
        for s in range(len(weight)):
            line += weight[s] * surprise[s * marks + k]
        p[k + 1] = rising(line, p[k])
    return p


@entry
def pull_weights(
    values: Floats, voice: Ints, apart: Floats, share: Floats, along: Floats, out: Floats
) -> None:
    """Add to slopes by stated numbers, from those by what `weights` returns."""
    total, ignorant, by_part = 0.0, 1.0, 0.0
    for s in range(len(voice)):
        kappa = values[voice[s]]
        if apart[s] == 0.0:
            total += kappa
            ignorant *= 1.0 - kappa
            by_part += along[s] * share[s] * kappa
        else:
            out[voice[s]] += along[s] * share[s]
    if total <= 0.0:
        return
    part = (1.0 - ignorant) / total
    for s in range(len(voice)):
        if apart[s] != 0.0:
            continue
        others = 1.0
        for t in range(len(voice)):
            if t != s and apart[t] == 0.0:
                others *= 1.0 - values[voice[t]]
        out[voice[s]] += along[s] * share[s] * part + by_part * (others - part) / total


@entry
def pull_said(weight: Floats, own: Floats, surprise: Floats, along: Floats) -> Floats:
    """Return slopes by the weights, from those by what `log_said` returns, (deadline, 2)."""
    marks = len(own)
    p = shifted(weight, own, surprise)
    by_worth = np.zeros(marks + 1)
    for k in range(marks - 1):
        by_worth[k] += along[k, 1]
        by_worth[k + 1] -= along[k, 1]
    by_worth[marks] += along[marks - 1, 0]
    by_worth[marks - 1] += along[marks - 1, 1]
    by_p = np.zeros(marks + 2)
    for k in range(marks + 1):
        told = p[k + 1] - p[k]
        if told > LEAST_MASS:
            by_p[k + 1] += by_worth[k] / told
            by_p[k] -= by_worth[k] / told
    found = np.zeros(len(weight))
    for k in range(marks, 0, -1):
        if p[k] == p[k - 1]:  # held up by the one before
            by_p[k - 1] += by_p[k]
            continue
        steep = by_p[k] * p[k] * (1.0 - p[k])
        for s in range(len(weight)):
            found[s] += steep * surprise[s * marks + k - 1]
    return found
