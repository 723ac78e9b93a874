"""An interval without steps, over many draws: uniformisation [1]_.

With Q the generator of an interval and no rate of leaving a state above L, e^(Qt) is the mean of
P^N over a Poisson number N of mean L t, with P = I + Q / L, whose entries are not negative: no
splitting, nothing to cancel, and an error that is the tail of the Poisson weights.

References
----------
.. [1] Jensen (1953). Markoff chains as an aid in the study of Markoff processes.
   Skandinavisk Aktuarietidskrift 36.
"""

import numpy as np

from forecast.engine.choice import terms
from forecast.engine.jit import kernel
from forecast.engine.plan import STATE_FLIP, STAYS_OFF, Plan
from forecast.engine.rates import RATE, WAYS
from forecast.engine.structure import Floats, Ints

__all__ = ["MOST_MEAN", "MOST_SURVIVAL", "TINY_RATE", "pass_by_series"]

MOST_MEAN = 256.0  # turns a stretch, so that the weights do not underflow
MOST_SURVIVAL = 700.0  # the most that a survival's rate adds up to: beyond it, nothing survives
TINY_RATE = 1e-300
CELLS, FEWEST, MOST = 32768, 64, 128  # states times draws at a time, and draws at least and most


@kernel
def _rates(plan: Plan, k: int, chances: Floats, chosen: Ints) -> Floats:
    """Return the rates of interval k's hazards for some draws, two rows a context."""
    first, last = plan.first_hazard[k], plan.first_hazard[k + 1]
    rows = 0
    for j in range(first, last):
        rows += 2 * plan.hazard_contexts[j]
    most = MOST_SURVIVAL / (plan.cuts[k + 1] - plan.cuts[k])
    rates = np.empty((rows, len(chosen)))
    row = 0
    for j in range(first, last):
        begin = WAYS * plan.first_chance[plan.hazard_table[j]] + RATE
        limit = most if plan.hazard_kind[j] >= STAYS_OFF else np.inf
        for c in range(plan.hazard_contexts[j]):
            for d in range(len(chosen)):
                rates[row, d] = min(chances[begin + WAYS * c, chosen[d]], limit)
                rates[row + 1, d] = chances[begin + WAYS * c + 1, chosen[d]]
            row += 2
    return rates


@kernel
def pair_of(s: int, bit: int) -> int:
    """Return which pair of states, alike but for a bit, a state belongs to."""
    return int(((s >> (bit + 1)) << bit) | (s & ((1 << bit) - 1)))


@kernel
def _leaving(plan: Plan, k: int, rates: Floats, leaving: Floats) -> None:
    """Add up the rate of leaving each state, being found out included."""
    row = 0
    for j in range(plan.first_hazard[k], plan.first_hazard[k + 1]):
        kind, bit = plan.hazard_kind[j], plan.hazard_bit[j]
        first, several = plan.hazard_map[j], plan.hazard_contexts[j] > 1
        for s in range(len(leaving)):
            if kind >= STAYS_OFF:
                r = row + 2 * plan.contexts[first + s] if several else row
            else:
                on = (s >> bit) & 1
                if on and kind != STATE_FLIP:
                    continue
                r = row + 2 * plan.contexts[first + pair_of(s, bit)] + on
            for d in range(leaving.shape[1]):
                leaving[s, d] += rates[r, d]
        row += 2 * plan.hazard_contexts[j]


@kernel
def _term(
    plan: Plan,
    k: int,
    rates: Floats,
    stay: Floats,
    weight: Floats,
    x: Floats,
    y: Floats,
    sums: Floats,
    back: int,
) -> None:
    """Apply P to the states `x`, into `y`, its transpose if `back` is 1; add to `sums`."""
    draws = x.shape[1]
    for s in range(len(x)):
        row = 0
        for d in range(draws):
            y[s, d] = stay[s, d] * x[s, d]
        for j in range(plan.first_hazard[k], plan.first_hazard[k + 1]):
            kind, bit = plan.hazard_kind[j], plan.hazard_bit[j]
            if kind >= STAYS_OFF:
                break  # flips come before the rest
            from_on = ((s >> bit) & 1) ^ 1 ^ back  # whether the event goes off in this turn
            if from_on == 0 or kind == STATE_FLIP:
                c = plan.contexts[plan.hazard_map[j] + pair_of(s, bit)]
                r, other = row + 2 * c + from_on, s ^ (1 << bit)
                for d in range(draws):
                    y[s, d] += rates[r, d] * x[other, d]
            row += 2 * plan.hazard_contexts[j]
        for d in range(draws):
            sums[s, d] += weight[d] * y[s, d]


@kernel
def _stretch(
    plan: Plan, k: int, rates: Floats, stay: Floats, x: Floats, mean: Floats, back: int
) -> None:
    """Carry the states `x` over a stretch with `mean` turns, in place."""
    draws = len(mean)
    last, weight = np.empty(draws, dtype=np.int64), np.empty(draws)
    most = 0
    for d in range(draws):
        last[d] = terms(mean[d], plan.depth[k]) if mean[d] > 0 else 0
        most = max(most, last[d])
        weight[d] = np.exp(-mean[d])
    v, w = x.copy(), np.empty_like(x)
    for s in range(len(x)):
        for d in range(draws):
            x[s, d] *= weight[d]
    for n in range(1, most + 1):
        for d in range(draws):
            weight[d] = weight[d] * mean[d] / n if n <= last[d] else 0.0
        _term(plan, k, rates, stay, weight, v, w, x, back)
        v, w = w, v


@kernel
def _pass_chunk(plan: Plan, k: int, chances: Floats, chosen: Ints, x: Floats, back: int) -> None:
    """Carry the states `x` of a few draws through interval k, in place."""
    draws, length = len(chosen), plan.cuts[k + 1] - plan.cuts[k]
    rates, stay = _rates(plan, k, chances, chosen), np.zeros_like(x)
    _leaving(plan, k, rates, stay)
    most, mean, stretches = np.empty(draws), np.empty(draws), np.empty(draws, dtype=np.int64)
    least = np.zeros(draws)  # below 0 where what is said adds chance, as a word of a density does
    for d in range(draws):
        most[d] = TINY_RATE
    for s in range(len(x)):
        for d in range(draws):
            least[d] = min(least[d], stay[s, d])
    for s in range(len(x)):
        for d in range(draws):
            stay[s, d] -= least[d]
            most[d] = max(most[d], stay[s, d])
    for s in range(len(x)):
        for d in range(draws):
            stay[s, d] = 1 - stay[s, d] / most[d]
            x[s, d] *= np.exp(-least[d] * length)
    for row in range(len(rates)):
        for d in range(draws):
            rates[row, d] /= most[d]
    longest = 0
    for d in range(draws):
        stretches[d] = max(1, int(np.ceil(most[d] * length / MOST_MEAN)))
        longest = max(longest, stretches[d])
    for n in range(longest):
        for d in range(draws):
            mean[d] = most[d] * length / stretches[d] if n < stretches[d] else 0.0
        _stretch(plan, k, rates, stay, x, mean, back)


@kernel
def pass_by_series(
    plan: Plan, k: int, chances: Floats, order: Ints, before: Floats, after: Floats, back: int
) -> None:
    """Carry the states of some draws through interval k; by the transpose if `back` is 1.

    Parameters
    ----------
    order
        The draws, those of like numbers of terms side by side.
    before, after
        States, shape (state, draw): `after` is filled for these draws alone.
    """
    chunk = min(max(CELLS // len(before), FEWEST), MOST)
    for begin in range(0, len(order), chunk):
        chosen = order[begin : begin + chunk]
        x = np.empty((len(before), len(chosen)))
        for s in range(len(x)):
            for d in range(len(chosen)):
                x[s, d] = before[s, chosen[d]]
        _pass_chunk(plan, k, chances, chosen, x, back)
        for s in range(len(x)):
            for d in range(len(chosen)):
                after[s, chosen[d]] = x[s, d]
