"""What a forecast leans on: the share of its spread by parameter, and a tornado.

The share is the first-order index of the posterior's draws, Var(E[p | parameter]) / Var(p) [1]_,
with the conditional mean taken within equal bins of draws and freed of the part that chance alone
gives it. A posteriori parameters are dependent, so shares overlap and need not add up to one.

For the tornado each prior's number is set to its own 5% and 95% point, the others follow the
posterior given that: a draw with its number so set has weight L(set) / L(draw), which is right
whatever the draw's own number was, since numbers are independent a priori. Draws of the path
sampler are weighed path by path.

References
----------
.. [1] Saltelli et al. (2008). Global Sensitivity Analysis: The Primer. Wiley.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from forecast.engine._components import AnyPlan, JoinedPlan
from forecast.engine._elimination import FactPlan
from forecast.engine._importance import pareto_smooth
from forecast.engine._plan import ITSELF, WATCHED
from forecast.engine._problem import Parameters
from forecast.engine._relevance import Target
from forecast.model._parameters import Against, Group, Pooled
from forecast.network import Fixed
from forecast.posterior._draws import Draws
from forecast.posterior._exact import Sweep, case_of, plan_sweep
from forecast.posterior._given import beyond
from forecast.posterior._levels import step_of
from forecast.posterior._shifted import Shifted, shifted_forecasts

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]

BINS = 16
TENTH = 10
BLOCKS = 16  # of draws, each left out in turn, for the Monte Carlo error
TAIL = 1.6448536269514722  # the 95% point of a standard normal
NOWHERE = Shifted(0.0, np.zeros(0), 0.0, 0.0)
CELLS, FEWEST, MOST = 2**17, 128, 512
"""States times draws of a sweep of the tornado, and how few and how many draws at any rate."""


def share_table(draws: Draws, forecast: Floats) -> "pd.DataFrame":
    """Return the share of each uncertain number in a forecast's spread; see `Posterior.shares`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    if "ranks" not in draws.memo:
        draws.memo["ranks"] = _ranked(draws)
    names, order, copies = draws.memo["ranks"]
    share, error = first_order_shares(order, forecast, copies)
    ranked, few = forecast[order], max(1, len(forecast) // TENTH)
    levels = list(zip(*names, strict=True)) or [(), ()]
    index = pd.MultiIndex.from_arrays(levels, names=["parameter", "label"])
    return pd.DataFrame(
        {
            "share": share,
            "share_mcse": error,
            "low": ranked[:few].mean(axis=0),
            "high": ranked[-few:].mean(axis=0),
        },
        index=index,
    )


def _ranked(
    draws: Draws,
) -> tuple[list[tuple[str, str]], NDArray[np.intp], NDArray[np.intp]]:
    """Return the uncertain numbers, the draws by rank of each, and how often each draw occurs."""
    names, values = [], []
    for group in draws.lowered.table.groups:
        for label in group.free.tolist():
            names.append((group.name, group.labels[label]))
            values.append(draws.natural[group.name][:, label])
    numbers = np.stack(values, axis=1) if values else np.zeros((len(draws.batch), 0))
    copies = np.unique(draws.distinct[1], return_counts=True)[1]
    return names, np.argsort(numbers, axis=0, kind="stable"), copies


def first_order_shares(
    order: NDArray[np.intp], forecast: Floats, copies: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Return the shares of a forecast's variance that parameters go with, and their errors.

    Parameters
    ----------
    order
        The draws by rank of each parameter, shape (draw, number).
    forecast
        Shape (draw,).
    copies
        How often each draw occurs among them.

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
    >>> order = np.argsort(x)[:, None]
    >>> share, error = first_order_shares(order, x + noise, np.ones(4096, dtype=np.intp))
    >>> bool(abs(share[0] - 0.5) < 5 * error[0])
    True
    """
    if np.ptp(forecast) == 0:
        nothing = np.zeros(order.shape[1])  # to share, as where every number has no range
        return nothing, nothing
    alone = copies.sum() ** 2 / (copies**2).sum()
    by_chance = (BINS - 1) / max(alone - 1, BINS)
    draws, numbers = order.shape
    bin_ = np.repeat(
        np.arange(BINS), [len(part) for part in np.array_split(np.arange(draws), BINS)]
    )
    place = (bin_[:, None] * BLOCKS + order % BLOCKS) * numbers + np.arange(numbers)
    ranked = forecast[order] - forecast.mean()
    cells = np.array(  # how many, their sum, their squares: (3, bin, block, number)
        [
            np.bincount(place.ravel(), what.ravel(), BINS * BLOCKS * numbers)
            for what in (np.ones_like(ranked), ranked, np.square(ranked))
        ]
    ).reshape(3, BINS, BLOCKS, numbers)
    whole = cells.sum(axis=2)
    left = np.array([_shares(whole - cells[:, :, b], by_chance) for b in range(BLOCKS)])
    away = left - left.mean(axis=0)
    spread = (BLOCKS - 1) / BLOCKS * (away**2).sum(axis=0)
    return _shares(whole, by_chance), np.sqrt(spread)


def _shares(cells: Floats, by_chance: float) -> Floats:
    """Return the share of each number from the bins of its ranks, shape (3, bin, number)."""
    size, total, squares = cells
    draws, mean = size.sum(axis=0), total.sum(axis=0) / size.sum(axis=0)
    variance = squares.sum(axis=0) / draws - mean**2
    between = (total**2 / np.maximum(size, 1)).sum(axis=0) / draws - mean**2
    share = np.divide(between, variance, out=np.full_like(mean, by_chance), where=variance > 0)
    return np.asarray((share - by_chance) / (1 - by_chance))


@dataclass(frozen=True)
class Uses:
    """What one plan reads of the parameters: events, chances at the start, links and items."""

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


def _uses(plan: AnyPlan) -> Uses:
    if isinstance(plan, FactPlan):
        nothing = np.zeros(0, dtype=np.int64)
        return Uses(nothing, plan.reads, nothing, plan.item)
    if isinstance(plan, JoinedPlan):
        one, other = _uses(plan.plan), _uses(plan.facts)
        return Uses(
            one.rates,
            np.union1d(one.initial, other.initial),
            one.effect,
            np.union1d(one.factors, other.factors),
        )
    rows = zip(plan.initial_first.tolist(), plan.initial_rows.tolist(), strict=True)
    starts = [at for first, number in rows for at in range(first, first + number)]
    watched = plan.hazard_kind == WATCHED
    return Uses(
        rates=np.unique(plan.hazard_event[~watched]),
        initial=np.unique([*starts, *plan.sure_event.tolist()]).astype(np.int64),
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

    def at(self, group: Group, label: int, level: float) -> Shifted:
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

    def _weighed(self, log_weights: Floats, chance: Floats) -> Shifted:
        khat, smoothed = -np.inf, np.full(len(chance), -np.log(len(chance)))
        if np.ptp(log_weights) > 1e-12:  # noqa: PLR2004 - rounding
            smoothed, khat = pareto_smooth(np.maximum(log_weights, log_weights.max() - 700))
        weights = np.exp(smoothed)
        p = float(weights @ chance)
        scale = max(1.0, len(chance) / self.draws.effective)
        left = 1 / scale / (weights**2).sum()
        return Shifted(p, np.sqrt(scale) * weights * (chance - p), khat, left)

    def _moved(self, group: Group, label: int, level: float) -> dict[str, Floats]:
        """Return the values with one set to its prior's quantile; a type's sources follow it.

        So do strengths that were stated as a rate while on: that rate stays as it was.
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


def sensitivity_table(draws: Draws, event: int, by: datetime) -> "pd.DataFrame":
    """Return what a forecast leans on; see `Posterior.sensitivity`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    frame = share_table(draws, draws.one(event, by).draws)[["share", "share_mcse"]]
    places = [(group, i) for group in draws.lowered.table.groups for i in group.free.tolist()]
    tornado = None if draws.fitted.paths else _tornado(draws, event, by)
    if tornado is not None:
        pairs = [[tornado.at(*place, level) for level in (-TAIL, TAIL)] for place in places]
    else:
        pairs = shifted_forecasts(draws, event, by, (-TAIL, TAIL)) if places else []
    rows = [_row(low, high) for low, high in pairs]
    columns = list(_row(NOWHERE, NOWHERE))
    frame = frame.join(pd.DataFrame(rows, index=frame.index, columns=columns))
    return frame.reindex(frame["swing"].abs().sort_values(ascending=False, kind="stable").index)


def _row(low: Shifted, high: Shifted) -> dict[str, float]:
    return {
        "at_5%": low.mean,
        "at_5%_mcse": low.error(),
        "at_95%": high.mean,
        "at_95%_mcse": high.error(),
        "swing": high.mean - low.mean,
        "khat": max(low.khat, high.khat),
        "effective": min(low.effective, high.effective),
        "swing_mcse": high.error(low),
    }


def _tornado(draws: Draws, event: int, by: datetime) -> Tornado | None:
    """Return the forecast, ready to be asked; None where it is beyond the exact filter."""
    time = draws.calendar.years(by)
    asked = [Target(time, (event,))]
    case = case_of(draws.lowered)
    sweep = plan_sweep(case, [], asked, np.array([time]), every=True, step=step_of(case))
    if beyond(draws, sweep.bits):
        return None
    rows = draws.some(max(FEWEST, min(MOST, CELLS >> sweep.bits)))
    values = {name: value[rows] for name, value in draws.natural.items()}
    theta = draws.lowered.theta(values)
    chance = sweep.read(theta).chance(event, time)
    alone = [replace(sweep, plans=(plan,)).log_likelihood(theta) for plan in sweep.plans]
    uses = tuple(_uses(plan) for plan in sweep.plans)
    each = np.array(alone).reshape(len(alone), len(chance))
    return Tornado(draws, sweep, event, time, values, theta, chance, each, uses)
