"""The likelihood of facts and decisions: how often which value came, given what it depends on."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecast.engine._problem import Parameters, start_of
from forecast.learning._panel import values_of
from forecast.learning._process import Layout, Numbers
from forecast.learning._risk import alike, rates_in
from forecast.learning._timeline import Timeline
from forecast.model._lower import Lowered
from forecast.network import Event

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Tally:
    """How many values were counted: what is told of them beside their likelihood.

    Parameters
    ----------
    events
        Shape (1,).
    unit_events
        Shape (unit,).
    years
        None that would mean anything.
    """

    events: Floats
    unit_events: Floats
    years: float = float("nan")


@dataclass(frozen=True)
class Choice:
    """What a fact or a decision came to, over all units.

    Parameters
    ----------
    event
        The fact or the decision.
    lowered
        The network as the engine has it.
    nodes
        The engine's event of each value; one alone of a fact that is true or false.
    x
        The states of the engine's events in each configuration, shape (configuration, event).
    counts
        How often which value came, shape (configuration, value).
    risk
        How many there were.
    layout
        Which normals are what.
    """

    event: Event
    lowered: Lowered
    nodes: tuple[int, ...]
    x: Ints
    counts: Floats
    risk: Tally
    layout: Layout
    role: Literal["value"] = "value"

    def numbers(self, z: Floats) -> Numbers:
        """Return the numbers at standard normals, (draw, dimension)."""
        every = np.zeros((len(z), self.lowered.table.dimensions))
        every[:, self.layout.stated] = z
        values, none = self.lowered.table.from_z(every), np.zeros(len(z))
        theta = self.lowered.theta(values)
        return Numbers(values, theta, np.zeros((len(z), 0)), none, none, none[:, None], none)

    def __call__(self, z: Floats) -> Floats:
        """Return the log likelihood at standard normals, shape (draw,)."""
        chances = self.chances(self.numbers(z).theta)
        with np.errstate(divide="ignore"):
            logs = np.log(chances)
        return np.asarray(np.where(self.counts > 0, self.counts * logs, 0.0).sum(axis=(1, 2)))

    def chances(self, theta: Parameters) -> Floats:
        """Return the chance of each value in each configuration, (draw, configuration, value)."""
        size = len(self.x)
        if self.event.kind == "decision":  # a race: whoever is fastest, by their rates
            nodes = np.repeat(np.array(self.nodes), size)
            x = np.tile(self.x, (len(self.nodes), 1))
            rates = rates_in(self.lowered, nodes, x, np.ones(len(nodes)), theta)
            rates = np.moveaxis(rates.reshape(len(rates), len(self.nodes), size), 1, 2)
            return np.asarray(rates / rates.sum(axis=2, keepdims=True))
        structure = self.lowered.structure
        start = structure.start or start_of(len(structure.kind))
        left = np.ones((len(theta.initial), size))
        found = []
        for node in self.nodes:
            row = np.zeros(size, dtype=np.int64)
            for i in range(start.first_given[node], start.first_given[node + 1]):
                if start.given[i] not in self.nodes:  # of its own values none before is true
                    row += start.stride[i] * self.x[:, start.given[i]]
            chance = theta.initial[:, start.first[node] + row]
            found.append(left * chance)
            left = left * (1 - chance)
        if len(found) == 1:
            found.append(left)
        return np.stack(found, axis=2)


def choice(timeline: Timeline, lowered: Lowered, event: Event, stated: Ints) -> Choice | None:
    """Return what a fact or a decision came to; None where histories do not say."""
    rows = timeline.panel.values.get(event.id, ())
    if not rows:
        return None
    index = {name: place for place, name in enumerate(lowered.events)}
    values = values_of(event)
    options = values or ("true",)
    nodes = tuple(index[f"{event.id}.{name}"] for name in values) or (index[event.id],)
    unit = np.array([row[0] for row in rows], dtype=np.int64)
    when = np.array([row[1] for row in rows])
    when = np.where(np.isfinite(when), when, timeline.panel.entry[unit])
    x = np.zeros((len(rows), len(lowered.events)), dtype=np.int64)
    for gate in lowered.network.gates:
        x[:, index[gate.parent]] = gate.kind == "requires"
    for name in parents_of(lowered, event):
        x[:, index[name]] = timeline.state(name, unit, when)
    of, first = alike(x, None)
    counts = np.zeros((len(first), max(len(options), 2)))
    for place, row in zip(of.tolist(), rows, strict=True):
        counts[place, options.index(row[2]) if row[2] in options else 1] += 1
    units = np.bincount(unit, minlength=len(timeline.panel.units)).astype(np.float64)
    tally = Tally(np.array([float(len(rows))]), units)
    layout = Layout(stated, covariates=0, units=False, groups=False, periods=1)
    return Choice(event, lowered, nodes, x[first], counts, tally, layout)


def parents_of(lowered: Lowered, event: Event) -> list[str]:
    """Return the nodes that the chances of a fact or a decision depend on."""
    network = lowered.network
    links = [link.parent for link in network.links if network.stated(link.child).id == event.id]
    family = next((family for family in network.families if family.event == event.id), None)
    given = [] if family is None else [n for p in family.parents for n in p.nodes if n]
    return sorted({*links, *given})
