"""What a forecast leans on: the share of its spread by parameter, and a tornado.

The share is the first-order index of the posterior's draws, Var(E[p | parameter]) / Var(p) [1]_,
with the conditional mean taken within equal bins of draws and freed of the part that chance alone
gives it. A posteriori parameters are dependent, so shares overlap and need not add up to one.

For the tornado each prior's number is set to its own 5% and 95% point, the others follow the
posterior given that: a draw with its number so set has weight L(set) / L(draw), which is right
whatever the draw's own number was, since numbers are independent a priori.

References
----------
.. [1] Saltelli et al. (2008). Global Sensitivity Analysis: The Primer. Wiley.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from forecast.engine.plan import ITSELF, WATCHED, Plan
from forecast.engine.problem import Parameters
from forecast.engine.relevance import Target
from forecast.errors import QueryError
from forecast.estimate.psis import pareto_smooth
from forecast.model.parameters import Against, Group, Pooled
from forecast.network import Fixed
from forecast.posterior.draws import Draws
from forecast.posterior.exact import Sweep, case_of, plan_sweep
from forecast.posterior.given import beyond
from forecast.posterior.levels import step_of

__all__ = ["first_order_share", "sensitivity_table"]

type Floats = NDArray[np.float64]

BINS = 16
BLOCKS = 16  # of draws, each left out in turn, for the Monte Carlo error
TAIL = 1.6448536269514722  # the 95% point of a standard normal
CELLS, FEWEST, MOST = 2**17, 128, 512
"""States times draws of a sweep of the tornado, and how few and how many draws at any rate."""


def first_order_share(values: Floats, forecast: Floats) -> tuple[float, float]:
    """Return the share of a forecast's variance that a parameter goes with, and its error.

    Parameters
    ----------
    values
        Of the parameter, shape (draw,).
    forecast
        Shape (draw,).

    Notes
    -----
    Draws are put into 16 bins by the parameter's rank. With n draws, chance alone gives the means
    of the bins a share of (bins − 1) / (n − 1), which is taken away; what is left may be a little
    below zero where there is none. Draws that occur c times count as Σ c squared over Σ c². The
    error is that over blocks of draws, each left out in turn.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, noise = rng.normal(size=(2, 4096))
    >>> share, error = first_order_share(x, x + noise)
    >>> abs(share - 0.5) < 5 * error
    True
    """
    if np.ptp(forecast) == 0:
        return 0.0, 0.0  # nothing to share, such as where every number is stated without a range
    _, copies = np.unique(np.stack([values, forecast]), axis=1, return_counts=True)
    by_chance = (BINS - 1) / (copies.sum() ** 2 / (copies**2).sum() - 1)
    share = _share(values, forecast, by_chance)
    block = np.arange(len(values)) % BLOCKS
    left = np.array(
        [_share(values[block != b], forecast[block != b], by_chance) for b in range(BLOCKS)]
    )
    spread = (BLOCKS - 1) / BLOCKS * ((left - left.mean()) ** 2).sum()
    return share, float(np.sqrt(spread))


def _share(values: Floats, forecast: Floats, by_chance: float) -> float:
    total = forecast.var()
    if total == 0:
        return 0.0
    order = np.argsort(values, kind="stable")
    parts = np.array_split(forecast[order], BINS)
    sizes = np.array([len(part) for part in parts])
    means = np.array([part.mean() for part in parts])
    between = float(sizes @ (means - forecast.mean()) ** 2 / len(forecast) / total)
    return float((between - by_chance) / (1 - by_chance))


class Moved(NamedTuple):
    """A forecast with a parameter set: its mean, what each draw adds to its error, and Pareto k."""

    mean: float
    influence: Floats  # (draw,)
    khat: float

    def error(self, other: "Moved | None" = None) -> float:
        """Return the Monte Carlo error of the mean, or of its difference from another's."""
        spread = self.influence if other is None else self.influence - other.influence
        return float(np.sqrt((spread**2).sum()))


@dataclass(frozen=True)
class Uses:
    """What one plan reads of the parameters: events, facts, links and items, by index."""

    rates: NDArray[np.int64]
    initial: NDArray[np.int64]
    effect: NDArray[np.int64]
    factors: NDArray[np.int64]

    def differ(self, one: Parameters, other: Parameters) -> bool:
        """Return whether the plan reads anything in which two sets of parameters differ."""
        pairs = (
            (one.base_rate, other.base_rate, self.rates),
            (one.off_rate, other.off_rate, self.rates),
            (one.initial, other.initial, self.initial),
            (one.effect, other.effect, self.effect),
            (one.factors, other.factors, self.factors),
        )
        return any(not np.array_equal(a[:, used], b[:, used]) for a, b, used in pairs)


def _uses(plan: Plan) -> Uses:
    watched = plan.hazard_kind == WATCHED
    return Uses(
        rates=np.unique(plan.hazard_event[~watched]),
        initial=np.unique(np.append(plan.initial_event, plan.sure_event)),
        effect=np.setdiff1d(plan.reference_link, [ITSELF]),
        factors=np.unique(np.append(plan.item, plan.hazard_event[watched])),
    )


@dataclass(frozen=True)
class Tornado:
    """A forecast, ready to be asked for with any parameter set.

    Parameters
    ----------
    values
        Natural values by group, shape (draw, label).
    theta
        The same as engine parameters.
    chance
        Of what is asked, draw by draw, as it is, shape (draw,).
    log_likelihoods
        Of each plan of the sweep, as it is, shape (plan, draw).
    uses
        What each plan reads of the parameters.
    """

    draws: Draws
    sweep: Sweep
    event: int
    time: float
    values: dict[str, Floats]
    theta: Parameters
    chance: Floats
    log_likelihoods: Floats
    uses: tuple[Uses, ...]

    def at(self, group: Group, label: int, level: float) -> "Moved":
        """Return the forecast with a parameter at a quantile's z.

        Only the plans that read what has changed are swept again.
        """
        theta = self.draws.lowered.theta(self._moved(group, label, level))
        touched = [k for k, used in enumerate(self.uses) if used.differ(self.theta, theta)]
        if not touched:
            return self._weighed(np.zeros(len(self.chance)), self.chance)
        part = replace(self.sweep, plans=tuple(self.sweep.plans[k] for k in touched))
        reading = part.read(theta)
        log_weights = reading.log_likelihood - self.log_likelihoods[touched].sum(axis=0)
        own = any(self.event in live for live, _ in reading.states[self.time])
        return self._weighed(
            log_weights, reading.chance(self.event, self.time) if own else self.chance
        )

    def _weighed(self, log_weights: Floats, chance: Floats) -> "Moved":
        khat, smoothed = -np.inf, np.full(len(chance), -np.log(len(chance)))
        if np.ptp(log_weights) > 1e-12:  # noqa: PLR2004 - rounding
            smoothed, khat = pareto_smooth(np.maximum(log_weights, log_weights.max() - 700))
        weights = np.exp(smoothed)
        p = float(weights @ chance)
        scale = max(1.0, len(chance) / self.draws.effective)
        return Moved(p, np.sqrt(scale) * weights * (chance - p), khat)

    def _moved(self, group: Group, label: int, level: float) -> dict[str, Floats]:
        """Return the values with one set to its prior's quantile; a type's sources follow it.

        So do strengths that were said as a rate while on: that rate stays as it was.
        """
        values = {name: value.copy() for name, value in self.values.items()}
        prior, table = group.priors[label], self.draws.lowered.table
        if isinstance(prior, Pooled):
            centre = logit(table.about(values, prior))
            values[group.name][:, label] = expit(centre + prior.spread * level)
            return values
        if isinstance(prior, Against):
            base = table.about(values, prior)
            rate = prior.on.rate.from_z(np.full(len(base), level))
            values[group.name][:, label] = prior.on.strength(rate, base)
            return values
        assert not isinstance(prior, Fixed), group.name  # noqa: S101 - only free ones are moved
        before = values[group.name][:, label].copy()
        after = np.full(len(before), float(prior.from_z(np.array([level]))[0]))
        values[group.name][:, label] = after
        for other in table.groups:
            for place, member in enumerate(other.priors):
                if not isinstance(member, Pooled | Against) or (member.group, member.label) != (
                    group.name,
                    group.labels[label],
                ):
                    continue
                old = values[other.name][:, place]
                if isinstance(member, Pooled):
                    old = logit(old) - logit(before) + logit(after)
                    values[other.name][:, place] = expit(old)
                else:
                    rate = member.on.rate_of(old, before)
                    values[other.name][:, place] = member.on.strength(rate, after)
        return values


def sensitivity_table(draws: Draws, event: int, by: datetime, forecast: Floats) -> pd.DataFrame:
    """Return what a forecast leans on; see `Posterior.sensitivity`.

    Parameters
    ----------
    draws
        The posterior.
    event, by
        What is asked.
    forecast
        Its probability, draw by draw.
    """
    tornado = _tornado(draws, event, by)
    rows, index = [], []
    for group in draws.lowered.table.groups:
        for label in group.free.tolist():
            share, error = first_order_share(draws.natural[group.name][:, label], forecast)
            low, high = (tornado.at(group, label, level) for level in (-TAIL, TAIL))
            rows.append(
                {
                    "share": share,
                    "share_mcse": error,
                    "at_5%": low.mean,
                    "at_5%_mcse": low.error(),
                    "at_95%": high.mean,
                    "at_95%_mcse": high.error(),
                    "swing": high.mean - low.mean,
                    "khat": max(low.khat, high.khat),
                    "swing_mcse": high.error(low),
                }
            )
            index.append((group.name, group.labels[label]))
    names = pd.MultiIndex.from_tuples(index, names=["parameter", "label"])
    columns = ["share", "share_mcse", "at_5%", "at_5%_mcse", "at_95%", "at_95%_mcse", "swing"]
    frame = pd.DataFrame(rows, index=names, columns=[*columns, "khat", "swing_mcse"])
    return frame.reindex(frame["swing"].abs().sort_values(ascending=False, kind="stable").index)


def _tornado(draws: Draws, event: int, by: datetime) -> Tornado:
    time = draws.calendar.years(by)
    asked = [Target(time, (event,))]
    case = case_of(draws.lowered)
    sweep = plan_sweep(case, [], asked, np.array([time]), every=True, step=step_of(case))
    if reason := beyond(draws, sweep.bits):
        msg = (
            f"the sensitivity of '{draws.lowered.events[event]}' cannot be told: {reason}. Ask for "
            "an event with fewer causes, or a posterior as of an earlier date"
        )
        raise QueryError(msg)
    rows = draws.some(max(FEWEST, min(MOST, CELLS >> sweep.bits)))
    values = {name: value[rows] for name, value in draws.natural.items()}
    theta = draws.lowered.theta(values)
    chance = sweep.read(theta).chance(event, time)
    alone = [replace(sweep, plans=(plan,)).log_likelihood(theta) for plan in sweep.plans]
    uses = tuple(_uses(plan) for plan in sweep.plans)
    each = np.array(alone).reshape(len(alone), len(chance))
    return Tornado(draws, sweep, event, time, values, theta, chance, each, uses)
