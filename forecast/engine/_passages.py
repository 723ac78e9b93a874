"""The likelihood of a course whose causes act after hidden passages, with the passages summed out.

A delayed cause passes through stages after its parent's onset, the first of them only while the
parent is on. Given the courses of all parents, the stages of all delayed causes of one event are a
hidden Markov chain whose states can only move on: the forward recursion over them is exact. In a
stretch of time t the chances of its states become

    p e^{Qt},

with Q the rates at which stages pass, less the event's on-rate in each state, at which it does not
stay unseen. It is found by uniformisation, and in closed form for one stage.
"""

import numpy as np

from forecast.engine._jit import entry, kernel
from forecast.engine._problem import Floats, Ints

STEP = 8.0
"""The most that a rate times a time comes to in one series."""
ALIKE = 1e-8
"""Of two rates over a stretch: the difference below which its limit stands in for a quotient."""
TERMS, REACHED = 200, 1 - 1e-13
"""The most terms of a series, and the share of its weights at which it ends."""
DONE = 1e-14
"""The share of what is left to pass that no longer counts."""


@kernel
def _carry(p: Floats, killed: Floats, passing: Floats, to: Ints, time: float, work: Floats) -> None:
    """Let a stretch go by in which nothing is seen: `p` changes in place.

    Parameters
    ----------
    p, killed
        Of each state its chance, and the on-rate in it.
    passing, to
        Of each state and link, the rate at which its next stage passes, and the state after it.
    time
        How long.
    work
        Two rows of room.
    """
    states, links = passing.shape
    if links == 1 and states == 1 + links:
        leave, last = killed[0] + passing[0, 0], killed[1]
        stay, seen = np.exp(-leave * time), np.exp(-last * time)
        apart = leave - last
        share = time * seen if abs(apart * time) < ALIKE else (seen - stay) / apart
        p[1] = p[1] * seen + p[0] * passing[0, 0] * share
        p[0] = p[0] * stay
        return
    left = time
    while left > 0:
        moving, total, most = 0.0, 0.0, 0.0
        for s in range(states):
            out = 0.0
            for k in range(links):
                out += passing[s, k]
            total += p[s]
            if out > 0:
                moving += p[s]
            most = max(most, out + killed[s])
        if moving <= DONE * total or most == 0.0:
            for s in range(states):
                p[s] *= np.exp(-killed[s] * left)
            return
        step = min(left, STEP / most)
        left = left - step if left - step > 1e-12 * time else 0.0
        weight = np.exp(-most * step)
        for s in range(states):
            work[0, s] = p[s]
            p[s] *= weight
        n, reached = 0, weight
        while reached < REACHED and n < TERMS:
            n += 1
            for s in range(states):
                work[1, s] = 0.0
            for s in range(states):
                out = killed[s]
                for k in range(links):
                    out += passing[s, k]
                    work[1, to[s, k]] += work[0, s] * passing[s, k] / most
                work[1, s] += work[0, s] * (1 - out / most)
            weight *= most * step / n
            reached += weight
            for s in range(states):
                work[0, s] = work[1, s]
                p[s] += weight * work[0, s]


@entry
def passage_log_likelihood(
    first: Ints,
    length: Floats,
    at_risk: Ints,
    event: Ints,
    configuration: Ints,
    multiplier: Ints,
    drive: Ints,
    stages: Ints,
    rate: Floats,
    factor: Floats,
    pace: Floats,
    ratio: Floats,
) -> Floats:
    """Return the log likelihood of each unit's course, shape (draw, unit).

    Parameters
    ----------
    first
        Where the stretches of each unit begin, shape (unit + 1,).
    length, at_risk, event
        Of each stretch, in order of time: years, whether the event may be seen in it, and whether
        it comes at its end.
    configuration, multiplier
        Of each stretch: which of the rates holds, and which factor.
    drive
        Whether each delayed cause's parent is on, shape (stretch, link).
    stages
        Of each delayed cause, shape (link,).
    rate
        Shape (draw, configuration, which causes have passed: bit k for link k).
    factor
        Shape (draw, multiplier).
    pace
        At which one stage passes, shape (draw, link).
    ratio
        Of each unit's rates to these, shape (draw, unit).
    """
    draws, units, links = len(rate), len(first) - 1, len(stages)
    states = 1
    for k in range(links):
        states *= stages[k] + 1
    stage = np.empty((states, links), dtype=np.int64)
    to = np.empty((states, links), dtype=np.int64)
    passed = np.zeros(states, dtype=np.int64)
    for s in range(states):
        rest, stride = s, 1
        for k in range(links):
            stage[s, k] = rest % (stages[k] + 1)
            rest //= stages[k] + 1
            to[s, k] = s + stride if stage[s, k] < stages[k] else s
            passed[s] += (stage[s, k] == stages[k]) << k
            stride *= stages[k] + 1
    found = np.zeros((draws, units))
    p, killed = np.empty(states), np.empty(states)
    passing, work = np.empty((states, links)), np.empty((2, states))
    for d in range(draws):
        for u in range(units):
            p[:] = 0.0
            p[0] = 1.0
            total = 0.0
            for i in range(first[u], first[u + 1]):
                own = ratio[d, u] * factor[d, multiplier[i]]
                for s in range(states):
                    killed[s] = 0.0
                    if at_risk[i]:
                        killed[s] = own * rate[d, configuration[i], passed[s]]
                    for k in range(links):
                        moves = stage[s, k] < stages[k] and (stage[s, k] > 0 or drive[i, k])
                        passing[s, k] = pace[d, k] if moves else 0.0
                _carry(p, killed, passing, to, length[i], work)
                if event[i]:
                    for s in range(states):
                        p[s] *= killed[s]
                most = p.sum()
                if most <= 0.0:
                    total = -np.inf
                    break
                total += np.log(most)
                for s in range(states):
                    p[s] /= most
            found[d, u] = total
    return found
