"""The log likelihood of parameters given paths: closed form, with its gradient.

Each row of statistics adds ``starts * log(rate) - exposure * rate``; each state that ends the
same in its off-rate; each uncertain start and each item the logarithm of its probability, in
proportion to the time that its event spends on and off where it watches one [1]_. A count is
Poisson with the mean of its two expectations by that share.

References
----------
.. [1] Nodelman, Shelton & Koller (2003). Learning continuous time Bayesian networks. UAI.
"""

import numpy as np

from forecast.engine.channels import poisson
from forecast.engine.jit import entry
from forecast.engine.paths.inline import inlined
from forecast.engine.paths.statistics import Stats
from forecast.engine.structure import CAUSES, Parameters

__all__ = [
    "event_term",
    "item_term",
    "path_log_likelihood",
    "path_log_likelihood_and_gradient",
    "rows_of",
]


@inlined
def rows_of(stats: Stats, event: int) -> tuple[int, int]:
    """Return where the rows of an event begin and end."""
    first = int(np.searchsorted(stats.row_event, event))
    last = first
    while last < len(stats.row_event) and stats.row_event[last] == event:
        last += 1
    return first, last


@inlined
def event_term(stats: Stats, event: int, first: int, last: int, theta: Parameters) -> float:
    """Return what an event's path adds, given where its rows are."""
    total = 0.0
    if stats.off_jumps[event] > 0 or stats.off_exposure[event] > 0:
        total -= stats.off_exposure[event] * theta.off_rate[event]
        if stats.off_jumps[event] > 0:
            total += stats.off_jumps[event] * np.log(theta.off_rate[event])
    if stats.initially[event] == 1:
        total += np.log(theta.initial[event])
    elif stats.initially[event] == 0:
        total += np.log1p(-theta.initial[event])
    for row in range(first, last):
        rate, factor = theta.base_rate[event], 1.0
        for i in range(stats.first_link[row], stats.first_link[row + 1]):
            link = stats.row_link[i]
            if stats.link_kind[link] == CAUSES:
                rate += theta.effect[link]
            else:
                factor *= theta.effect[link]
        total -= stats.row_exposure[row] * rate * factor
        if stats.row_starts[row] > 0:
            total += stats.row_starts[row] * np.log(rate * factor)
    return float(total)


@inlined
def item_term(stats: Stats, item: int, theta: Parameters) -> float:
    """Return what an item adds."""
    on, total = stats.item_on[item], 0.0
    off_factor, on_factor = theta.factors[item, 0], theta.factors[item, 1]
    if stats.item_count[item] >= 0:
        return float(
            poisson(float(stats.item_count[item]), (1.0 - on) * off_factor + on * on_factor)
        )
    if on > 0.0:
        total += on * np.log(on_factor)
    if on < 1.0:
        total += (1.0 - on) * np.log(off_factor)
    return float(total)


@entry
def path_log_likelihood(stats: Stats, theta: Parameters) -> float:
    """Return log p(paths, evidence | theta); -inf where the paths are impossible.

    Parameters
    ----------
    stats
        From `path_statistics`.
    theta
        One value of the parameters.
    """
    total, first = stats.log_weight, 0
    for event in range(len(stats.broken)):
        if stats.broken[event] > 0:
            return -np.inf
        last = first
        while last < len(stats.row_event) and stats.row_event[last] == event:
            last += 1
        total += event_term(stats, event, first, last, theta)
        first = last
    for item in range(len(stats.item_on)):
        total += item_term(stats, item, theta)
    return float(total)


@entry
def path_log_likelihood_and_gradient(stats: Stats, theta: Parameters, slope: Parameters) -> float:
    """Return the log likelihood; its slopes are *added* to `slope`.

    Parameters
    ----------
    stats
        From `path_statistics`.
    theta
        One value of the parameters.
    slope
        Zeros, of the same shapes.
    """
    total = float(path_log_likelihood(stats, theta))
    if total == -np.inf:
        return total
    for event in range(len(stats.broken)):
        slope.off_rate[event] -= stats.off_exposure[event]
        if stats.off_jumps[event] > 0:
            slope.off_rate[event] += stats.off_jumps[event] / theta.off_rate[event]
        if stats.initially[event] == 1:
            slope.initial[event] += 1.0 / theta.initial[event]
        elif stats.initially[event] == 0:
            slope.initial[event] -= 1.0 / (1.0 - theta.initial[event])
    for row in range(len(stats.row_event)):
        event = stats.row_event[row]
        rate, factor = theta.base_rate[event], 1.0
        for i in range(stats.first_link[row], stats.first_link[row + 1]):
            link = stats.row_link[i]
            if stats.link_kind[link] == CAUSES:
                rate += theta.effect[link]
            else:
                factor *= theta.effect[link]
        by_rate = stats.row_starts[row] / rate - stats.row_exposure[row] * factor
        by_log_factor = stats.row_starts[row] - stats.row_exposure[row] * rate * factor
        slope.base_rate[event] += by_rate
        for i in range(stats.first_link[row], stats.first_link[row + 1]):
            link = stats.row_link[i]
            if stats.link_kind[link] == CAUSES:
                slope.effect[link] += by_rate
            else:
                slope.effect[link] += by_log_factor / theta.effect[link]
    for item in range(len(stats.item_on)):
        on = stats.item_on[item]
        if stats.item_count[item] >= 0:
            mean = (1.0 - on) * theta.factors[item, 0] + on * theta.factors[item, 1]
            by_mean = stats.item_count[item] / mean - 1.0
            slope.factors[item, 0] += (1.0 - on) * by_mean
            slope.factors[item, 1] += on * by_mean
            continue
        if on > 0.0:
            slope.factors[item, 1] += on / theta.factors[item, 1]
        if on < 1.0:
            slope.factors[item, 0] += (1.0 - on) / theta.factors[item, 0]
    return total
