r"""What answered questions say of a forecaster: a shift and a stretch of log-odds, shrunk to none.

.. math:: \operatorname{logit} q = a + b \operatorname{logit} p

Above 0 the shift a says that forecasts were too low. A stretch b below 1 says that they were too
bold, above 1 too timid [1]_. With few answers both stay near none: the priors are
:math:`a \sim \operatorname{Normal}(0, 0.3)` and :math:`\log b \sim \operatorname{Normal}(0, 0.25)`.
They hold it for unlikely (1 in 20) that odds are off by more than a factor of 1.8 throughout, or
log-odds by more than one of 1.6; too bold is as likely as too timid. People and crowds who were
measured differ by more [2]_. But wider priors cost good forecasters something with every few
answers, and save others little that some tens of answers do not teach: the repository's
``benchmarks/recalibration.md`` has the figures.

What is said instead of p is :math:`q` at the posterior means of a and log b, so that no answers
leave p as it is, and two numbers tell all. (The predictive mean, averaged over a and b, would draw
every forecast towards one half where there is nothing to learn from.)

A question counts once, however often it is forecast: a forecast has as its weight the share of the
question's *scheduled* life through which it stood. Weights over the days that it was open would
count a yes, which closes it early, for more than a no, and calibrated forecasts would look too low;
see `forecast.scoring.gain_over_life`. The questions of a cluster count once together.

A kind of event with answers of 30 clusters has an adjustment of its own. Its prior is what all
other kinds teach, widened by what kinds may differ by: half of what forecasters may.

References
----------
.. [1] Cox, D. R. (1958). Two further applications of a model for binary regression. Biometrika
   45(3/4), 562-565.
.. [2] Baron, J., Mellers, B. A., Tetlock, P. E., Stone, E. & Ungar, L. H. (2014). Two reasons to
   make aggregated probability forecasts more extreme. Decision Analysis 11(2), 133-145.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from forecast.calibration._recalibration import MOST_LOG_ODDS
from forecast.errors import Fault, InputError
from forecast.scoring._inputs import Floats, Ints, numbers, probabilities

SHIFT_SD, STRETCH_SD = 0.3, 0.25
"""Of the priors of the shift, and of the logarithm of the stretch."""

OF_KINDS = 0.5
"""How far kinds of events may differ, as a share of how far forecasters may."""

FEWEST_OF_KIND = 30
"""Clusters of answered questions for a kind to have an adjustment of its own."""

TAILS = (0.05, 0.95)
FIRST, SECOND = (25, 8.0), (41, 6.0)
"""Of the grids, nodes in each direction, and standard deviations to each side."""

HALVINGS = 60  # of an interval that holds an end
STEPS, SMALL_STEP = 100, 1e-10
AT_ONCE = 2_000_000


class Span(NamedTuple):
    """A figure and its central 90% interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Adjustment:
    """A shift and a stretch of log-odds, as far as they are known.

    Parameters
    ----------
    shift, stretch
        Each with its interval: 0 and 1 where nothing was learned.
    questions, clusters
        Answered questions that it was learned from, and clusters of them.
    """

    shift: Span
    stretch: Span
    questions: int
    clusters: int
    _grid: "_Grid" = field(repr=False, compare=False)

    def recalibrated(self, p: float) -> Span:
        """Return what a probability would be, with an interval of how well that is known.

        Certainty stays what it is.

        Examples
        --------
        >>> experience_of([], []).all.recalibrated(0.2).value
        0.2
        """
        given = float(probabilities(p))
        if given in {0.0, 1.0}:
            return Span(given, given, given)
        odds = float(np.log(given) - np.log1p(-given))
        stretch = np.exp(self._grid.nodes[:, 1]) * odds
        slope = np.stack([np.ones_like(stretch), stretch], axis=1)
        ends = self._grid.interval(self._grid.nodes[:, 0] + stretch, slope)
        value = given
        if self.clusters:
            value = float(expit(self.shift.value + self.stretch.value * odds))
        return Span(value, *(float(expit(end)) for end in ends))


@dataclass(frozen=True)
class Experience:
    """What answered questions say of a forecaster.

    Parameters
    ----------
    all
        The adjustment that all questions teach.
    by_kind
        Those of kinds of events with questions enough, each learned from its own questions; its
        prior is what the others teach.
    """

    all: Adjustment
    by_kind: Mapping[str, Adjustment] = field(default_factory=dict)

    def of(self, kind: str) -> Adjustment:
        """Return the adjustment for a kind of event: its own, else that of all."""
        return self.by_kind.get(kind, self.all)


class _Prior(NamedTuple):
    mean: Floats  # (2,)
    covariance: Floats  # (2, 2)


class _Grid(NamedTuple):
    """A posterior on a grid over shifts and logs of stretches.

    `steps` has the two vectors from a node to the next ones.
    """

    nodes: Floats  # (node, 2)
    weight: Floats  # (node,): they sum to 1
    steps: Floats  # (step, 2)

    def moments(self) -> _Prior:
        """Return mean and covariance."""
        mean = self.weight @ self.nodes
        away = self.nodes - mean
        return _Prior(np.asarray(mean), np.asarray((away * self.weight[:, None]).T @ away))

    def interval(self, values: Floats, slope: Floats) -> tuple[float, float]:
        """Return both ends of the central 90% interval of a function.

        Each node's weight is spread over the width of its cell, so that nodes of one value, such as
        those of one shift, leave no steps.

        Parameters
        ----------
        values, slope
            Of the function at each node: shapes (node,) and (node, 2).
        """
        width = np.abs(slope @ self.steps.T).max(axis=1)

        def end(share: float) -> float:
            low, high = float((values - width).min()), float((values + width).max())
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                below = self.weight @ np.clip((middle - values) / width + 0.5, 0.0, 1.0)
                low, high = (middle, high) if below < share else (low, middle)
            return (low + high) / 2

        return end(TAILS[0]), end(TAILS[1])


class _Rows(NamedTuple):
    """Forecasts and what came of them."""

    odds: Floats  # (row,)
    y: Floats
    weight: Floats

    def log_likelihood(self, nodes: Floats) -> Floats:
        """Return the weighted log likelihood at shifts and logs of stretches, shape (node,)."""
        stretch = np.exp(nodes[:, 1])
        told = self.weight * self.y
        found = nodes[:, 0] * told.sum() + stretch * (told * self.odds).sum()
        block = max(1, AT_ONCE // max(self.odds.size, 1))
        for begin in range(0, len(nodes), block):
            some = slice(begin, begin + block)
            logits = nodes[some, :1] + stretch[some, None] * self.odds  # (node, row)
            found[some] -= np.log1p(np.exp(logits)) @ self.weight  # of a few hundred at the most
        return np.asarray(found)


def experience_of(
    p: ArrayLike,
    y: ArrayLike,
    *,
    question: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    kind: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> Experience:
    """Return what answered questions say of the forecaster.

    Parameters
    ----------
    p, y
        Forecasts, and what their questions were answered: 1, 0, or a share; shape (forecast,).
    question
        The question of each forecast; by default each is of its own.
    cluster
        Which linked questions count once together; by default each question by itself.
    kind
        The kind of event of each forecast.
    weight
        The share of its question's scheduled life through which each forecast stood; by default all
        of it. At most 1 for each question.

    Raises
    ------
    InputError
        If the arrays are not of one length, or hold no probabilities or weights.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.tile([0.02, 0.3, 0.7, 0.98], 100)
    >>> y = np.tile([0.0, 0.0, 1.0, 1.0], 100)
    >>> y[::10] = 1 - y[::10]  # one in ten came out the other way, however sure it was
    >>> bold = experience_of(p, y)
    >>> bold.all.stretch.value < 0.8
    True
    """
    given, came = np.ravel(probabilities(p)), np.ravel(numbers(y, "y"))
    size = given.size
    if came.size != size or ((came < 0) | (came > 1)).any():
        problem = "there is one answer from 0 to 1 for each forecast"
        raise InputError(Fault(problem, field="y", value=f"{came.size} for {size}"))
    questions = _codes(question, size, "question", np.arange(size, dtype=np.intp))
    clusters = _codes(cluster, size, "cluster", questions)
    kinds = [""] * size if kind is None else [str(each) for each in np.ravel(kind)]
    stood = np.ones(size) if weight is None else np.ravel(numbers(weight, "weight"))
    if len(kinds) != size:
        problem = "there is one kind for each forecast"
        raise InputError(Fault(problem, field="kind", value=f"{len(kinds)} for {size}"))
    if stood.size != size or (stood < 0).any():
        problem = "there is one weight from 0 to 1 for each forecast"
        raise InputError(Fault(problem, field="weight", value=f"{stood.size} for {size}"))
    total = np.bincount(questions, weights=stood, minlength=1)
    if (total > 1 + 1e-9).any():  # rounding of sums
        problem = "the weights of one question's forecasts are more than 1 together"
        raise InputError(Fault(problem, field="weight", value=f"{total.max():.6g}"))
    pairs = np.unique(np.stack([questions, clusters], axis=1), axis=0)  # (question, 2)
    if len(pairs) > len(total) and size:
        problem = "forecasts of one question are in several clusters"
        raise InputError(Fault(problem, field="cluster"))
    many = np.bincount(pairs[:, 1], minlength=1)  # questions of each cluster
    with np.errstate(divide="ignore"):
        odds = np.log(given) - np.log1p(-given)
    odds = np.clip(odds, -MOST_LOG_ODDS, MOST_LOG_ODDS)
    rows = _Rows(odds, came, stood / many[clusters] if size else stood)
    counts = _Counts(questions, clusters)
    prior = _Prior(np.zeros(2), np.diag([SHIFT_SD**2, STRETCH_SD**2]))
    own = {}
    for name in sorted(set(kinds) - {""}):
        mine = np.array([each == name for each in kinds])
        if counts.of(mine)[1] < FEWEST_OF_KIND:
            continue
        others = _posterior(_some(rows, ~mine), prior).moments()
        wider = _Prior(others.mean, others.covariance + OF_KINDS**2 * prior.covariance)
        own[name] = _adjustment(_some(rows, mine), wider, counts.of(mine))
    everything = np.ones(size, dtype=bool)
    return Experience(_adjustment(rows, prior, counts.of(everything)), own)


class _Counts(NamedTuple):
    questions: Ints
    clusters: Ints

    def of(self, mine: NDArray[np.bool_]) -> tuple[int, int]:
        """Return how many questions and clusters some rows are of."""
        return len(set(self.questions[mine].tolist())), len(set(self.clusters[mine].tolist()))


def _codes(labels: ArrayLike | None, size: int, name: str, default: Ints) -> Ints:
    """Return a number for each label, the same for the same."""
    if labels is None:
        return default
    found = np.ravel(np.asarray(labels))
    if found.size != size:
        problem = f"there is one {name} for each forecast"
        raise InputError(Fault(problem, field=name, value=f"{found.size} for {size}"))
    return np.asarray(np.unique(found, return_inverse=True)[1], dtype=np.intp)


def _some(rows: _Rows, mine: NDArray[np.bool_]) -> _Rows:
    return _Rows(rows.odds[mine], rows.y[mine], rows.weight[mine])


def _adjustment(rows: _Rows, prior: _Prior, counts: tuple[int, int]) -> Adjustment:
    grid = _posterior(rows, prior)
    mean = grid.moments().mean
    shift, log_stretch = (
        grid.interval(grid.nodes[:, n], np.broadcast_to(np.eye(2)[n], grid.nodes.shape))
        for n in range(2)
    )
    return Adjustment(
        shift=Span(float(mean[0]), *shift),
        stretch=Span(float(np.exp(mean[1])), *(float(np.exp(end)) for end in log_stretch)),
        questions=counts[0],
        clusters=counts[1],
        _grid=grid,
    )


def _posterior(rows: _Rows, prior: _Prior) -> _Grid:
    """Return the posterior on a grid along its own axes.

    They are found by the curvature at the mode, and then by the covariance on a first grid. The
    trapezoidal rule is exact to rounding, since the density is smooth and next to nothing at the
    edges.
    """
    mode, information = _mode(rows, prior)
    about = _Prior(mode, np.linalg.inv(information))
    about = _on_grid(rows, prior, about, *FIRST).moments()
    return _on_grid(rows, prior, about, *SECOND)


def _on_grid(rows: _Rows, prior: _Prior, about: _Prior, number: int, reach: float) -> _Grid:
    """Return the posterior on so many by so many nodes about a mean, by a covariance."""
    line = np.linspace(-reach, reach, number)
    square = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    scale = np.linalg.cholesky(about.covariance).T
    nodes = about.mean + square @ scale
    away = nodes - prior.mean
    log_prior = -(away @ np.linalg.inv(prior.covariance) * away).sum(axis=1) / 2
    log_density = rows.log_likelihood(nodes) + log_prior
    weight = np.exp(log_density - log_density.max())
    return _Grid(nodes, weight / weight.sum(), scale * (line[1] - line[0]))


def _mode(rows: _Rows, prior: _Prior) -> tuple[Floats, Floats]:
    """Return the mode by Fisher scoring with halved steps, and the expected information there."""
    precision = np.linalg.inv(prior.covariance)
    at = prior.mean.copy()

    def density(point: Floats) -> float:
        away = point - prior.mean
        return float(rows.log_likelihood(point[None])[0] - away @ precision @ away / 2)

    now = density(at)
    for _ in range(STEPS):
        slope, information = _score(rows, at)
        information += precision
        step = np.linalg.solve(information, slope - precision @ (at - prior.mean))
        while density(at + step) < now and np.abs(step).max() > SMALL_STEP:
            step /= 2
        if np.abs(step).max() <= SMALL_STEP:
            break
        at, now = at + step, density(at + step)
    return at, _score(rows, at)[1] + precision


def _score(rows: _Rows, at: Floats) -> tuple[Floats, Floats]:
    """Return the slope of the log likelihood, and its expected information."""
    stretch = np.exp(at[1])
    chance = expit(at[0] + stretch * rows.odds)
    along = np.stack([np.ones_like(rows.odds), stretch * rows.odds])  # (2, row)
    slope = along @ (rows.weight * (rows.y - chance))
    return np.asarray(slope), np.asarray((along * rows.weight * chance * (1 - chance)) @ along.T)
