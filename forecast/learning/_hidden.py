"""Hidden passages: which causes of a process act with a delay, and what that makes of a course."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.engine._passages import passage_log_likelihood
from forecast.engine._problem import Parameters
from forecast.errors import Fault, InputError
from forecast.learning._risk import Stretches, Watch, alike, rates_in

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

MOST_STATES = 81
NODES = 6
"""Of the quadrature over a unit's ratio."""
NUDGE = 1.05


@dataclass(frozen=True)
class Passages:
    """The courses of a process some of whose causes act after a hidden passage.

    Parameters
    ----------
    watch
        Who is watched, for what.
    first, length, at_risk, event, configuration, multiplier, drive, stages
        As `passage_log_likelihood` takes them.
    node, x, weight
        Of each configuration, none of the delayed causes having passed.
    last, pace
        Of each delayed cause: the engine's event that is its last stage, and the one whose rate is
        that of each of its stages.
    covariates, period
        Of each multiplier; covariates less their means.
    """

    watch: Watch
    first: Ints
    length: Floats
    at_risk: Ints
    event: Ints
    configuration: Ints
    multiplier: Ints
    drive: Ints
    stages: Ints
    node: Ints
    x: Ints
    weight: Floats
    last: tuple[int, ...]
    pace: tuple[int, ...]
    covariates: Floats
    period: Ints

    def log_likelihood(
        self, theta: Parameters, beta: Floats, drift: Floats, ratio: Floats
    ) -> Floats:
        """Return the log likelihood of each unit's course, shape (draw, unit).

        Parameters
        ----------
        theta, beta, drift
            The numbers, draw by draw.
        ratio
            Of each unit, shape (draw, unit).
        """
        log_factor = beta @ self.covariates.T + drift[:, self.period]
        return np.asarray(
            passage_log_likelihood(
                self.first,
                self.length,
                self.at_risk,
                self.event,
                self.configuration,
                self.multiplier,
                self.drive,
                self.stages,
                self._rates(theta),
                np.exp(log_factor),
                np.ascontiguousarray(theta.base_rate[:, list(self.pace)]),
                np.ascontiguousarray(ratio),
            )
        )

    def _rates(self, theta: Parameters) -> Floats:
        """Return the rate of each configuration and set of causes that have passed."""
        sets = [*product((0, 1), repeat=len(self.last))]
        x = np.repeat(self.x[:, None], len(sets), axis=1)
        for k, passed in enumerate(sets):
            for place, on in zip(self.last, reversed(passed), strict=True):
                x[:, k, place] = on
        size = len(self.node) * len(sets)
        found = rates_in(
            self.watch.lowered,
            np.repeat(self.node, len(sets)),
            x.reshape(size, -1),
            np.repeat(self.weight, len(sets)),
            theta,
        )
        return found.reshape(len(found), len(self.node), len(sets))

    def terms(
        self, theta: Parameters, beta: Floats, drift: Floats, variance: Floats, events: Floats
    ) -> tuple[Floats, Floats]:
        """Return the log likelihood of each unit, its ratio summed out, and its expected events.

        Given a path of the passages the ratio g has the factor g^n e^(-g M), with n events and M
        expected. With M̂ that of the typical path, g has nearly a gamma distribution with the shape
        1/v + n and the rate 1/v + M̂, and what is left of the likelihood is summed by the
        Gauss-Laguerre quadrature of that distribution.
        """
        ones = np.ones((len(beta), len(events)))

        def at(ratio: Floats) -> Floats:
            return self.log_likelihood(theta, beta, drift, ratio)

        plain = at(ones)
        slope = (at(ones * NUDGE) - plain) / np.log(NUDGE)
        expected = np.maximum(events - slope, 1e-12)
        if not variance.any():
            return plain, expected
        a = 1 / np.maximum(variance, 1e-8)[:, None]
        shape, rate = a + events, a + expected
        nodes, log_weights = laguerre(shape, NODES)
        parts = np.empty((NODES, *shape.shape))
        for k in range(NODES):
            ratio = nodes[k] / rate
            parts[k] = log_weights[k] + at(ratio) - events * np.log(ratio) + expected * ratio
        top = parts.max(axis=0)
        inside = top + np.log(np.exp(parts - top).sum(axis=0))
        return inside, expected


def laguerre(shape: Floats, nodes: int) -> tuple[Floats, Floats]:
    """Return nodes and log weights of the expectation over Gamma(shape, 1), (node, …) [1]_.

    References
    ----------
    .. [1] Golub, G. H. & Welsch, J. H. (1969). Calculation of Gauss quadrature rules. Mathematics
       of Computation 23.
    """
    different, of = np.unique(shape, return_inverse=True)
    alpha = different[:, None] - 1
    k = np.arange(nodes)
    jacobi = np.zeros((len(different), nodes, nodes))
    jacobi[:, k, k] = 2 * k + 1 + alpha
    side = np.sqrt(k[1:] * (k[1:] + alpha))
    jacobi[:, k[1:], k[:-1]] = jacobi[:, k[:-1], k[1:]] = side
    values, vectors = np.linalg.eigh(jacobi)
    log_weights = 2 * np.log(np.abs(vectors[:, 0, :]) + 1e-300)
    places = of.reshape(shape.shape)
    return np.moveaxis(values[places], -1, 0), np.moveaxis(log_weights[places], -1, 0)


def passages(watch: Watch, centre: Floats) -> Passages | None:
    """Return the hidden passages of a process; None where no cause has a delay.

    Raises
    ------
    InputError
        If there are too many at once.
    """
    links = watch.delayed
    if not links:
        return None
    states = int(np.prod([link.stages + 1 for link in links]))
    if states > MOST_STATES:
        problem = (
            f"the delays of {len(links)} links into '{watch.event.id}' have {states} hidden states "
            f"together, and at most {MOST_STATES} can be summed out"
        )
        raise InputError(Fault(problem, "Take fewer stages.", field=f"links.{links[0].id}.stages"))
    every, at_risk = watch.segments()
    every, at_risk, first = _used(watch, every, at_risk)
    index = {name: place for place, name in enumerate(watch.lowered.events)}
    of_risk = np.column_stack([every.node, every.x])
    configuration, kept = alike(of_risk, every.weight)
    panel = watch.timeline.panel
    values, row_of = np.unique(panel.spells.covariates, axis=0, return_inverse=True)
    row_of = row_of.ravel()[every.spell]
    multiplier, multiplied = alike(np.column_stack([row_of, every.period]), None)
    middle = (every.start + every.stop) / 2
    states_of = [watch.timeline.state(link.parent, every.unit, middle) for link in links]
    return Passages(
        watch=watch,
        first=first,
        length=every.stop - every.start,
        at_risk=at_risk.astype(np.int64),
        event=(every.event & at_risk).astype(np.int64),
        configuration=configuration,
        multiplier=multiplier,
        drive=np.ascontiguousarray(np.stack(states_of, axis=1)),
        stages=np.array([link.stages for link in links], dtype=np.int64),
        node=every.node[kept],
        x=every.x[kept],
        weight=every.weight[kept],
        last=tuple(index[f"{link.id}__stage_{link.stages}"] for link in links),
        pace=tuple(index[f"{link.id}__stage_1"] for link in links),
        covariates=values[row_of[multiplied]] - centre,
        period=every.period[multiplied],
    )


def _used(watch: Watch, every: Stretches, at_risk: Any) -> tuple[Stretches, Any, Ints]:
    """Return the stretches up to the last at risk of each unit, and where each unit's begin."""
    units = len(watch.timeline.panel.units)
    last = np.full(units, -1)
    places = np.arange(len(every.unit))
    np.maximum.at(last, every.unit[at_risk], places[at_risk])
    keep = places <= last[every.unit]
    every, at_risk = every.some(keep), at_risk[keep]
    first = np.searchsorted(every.unit, np.arange(units + 1)).astype(np.int64)
    return every, at_risk, first
