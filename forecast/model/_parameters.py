"""Every uncertain number of a model, named, with its prior, as one vector of standard normals.

The same table drives importance sampling (draws of z, mapped here), the path sampler and the PyMC
model, and all three map z by `forecast.engine._channels`: here its arrays are made from priors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from forecast.engine._channels import NOTHING, Channels, values_over
from forecast.engine._lines import EXP, EXPIT, FIXED, ODDS_TABLE, POOLED, TABLE
from forecast.network import Fixed, Gamma, LogitNormal, LogNormal, Prior
from forecast.network._prior import Shaped
from forecast.network._while_on import WhileOn

type Floats = NDArray[np.float64]
type Place = tuple[str, int]
"""The name of a group, and a position in it."""

Z, PARAMETER = "z", "parameter"  # what is sampled, and its dimension
NODES = np.linspace(-9.0, 9.0, 1025)
"""Beyond nine standard deviations there is nothing; between nodes the error is some 1e-10."""
REFINED = 4
"""Newton steps from a straight line between nodes."""
TAIL = 2.0  # standard normals to either side, between which an uncertain number must differ
NARROW = 1e-10


@dataclass(frozen=True)
class Pooled:
    """A source's rate that varies around its type's: logit p = logit p_type + spread · z.

    Parameters
    ----------
    group
        The name of the group that holds the type's rate.
    label
        The type.
    spread
        Standard deviation between sources of the type, in log-odds; with 0 a source's rate is its
        type's, and no number of its own.
    """

    group: str
    label: str
    spread: float


@dataclass(frozen=True)
class Against:
    """A link's strength that was said as the child's rate while the parent is on.

    Its standard normal is that of the rate while on; the strength follows from that and the base.

    Parameters
    ----------
    group
        The name of the group that holds the child's base rate.
    label
        The child.
    on
        The rate while on, and what the strength is to the base.
    """

    group: str
    label: str
    on: WhileOn


@dataclass(frozen=True)
class Group:
    """Parameters of one name along one dimension.

    Parameters
    ----------
    name
        Of the variable, as in the posterior: ``base_rate``, ``hazard_ratio`` …
    dim
        Its dimension: ``event``, ``link``, ``source`` …
    labels
        Coordinates along the dimension.
    priors
        One for each label.
    """

    name: str
    dim: str
    labels: tuple[str, ...]
    priors: tuple[Prior | Pooled | Against, ...]

    @property
    def free(self) -> NDArray[np.intp]:
        """Positions of the labels that have an uncertain number of their own."""
        return np.flatnonzero(
            [not isinstance(prior, Fixed) and not _follows(prior) for prior in self.priors]
        )


def _follows(prior: Prior | Pooled | Against) -> bool:
    return isinstance(prior, Pooled) and prior.spread == 0


@dataclass(frozen=True)
class ParameterTable:
    """The groups in order; a pooled group stands after its types', strengths after base rates."""

    groups: tuple[Group, ...]

    @cached_property
    def places(self) -> dict[Place, int]:
        """Which of the engine's values each (group, position) is."""
        every = ((group.name, i) for group in self.groups for i in range(len(group.labels)))
        return {place: value for value, place in enumerate(every)}

    @cached_property
    def free(self) -> tuple[Place, ...]:
        """The (group, position) of each standard normal."""
        return tuple((group.name, int(i)) for group in self.groups for i in group.free)

    @cached_property
    def channels(self) -> Channels:
        """The engine's map from standard normals to values, of which nothing is used as yet."""
        return channels_from(self.columns())

    @property
    def dimensions(self) -> int:
        """How many numbers are uncertain."""
        return len(self.free)

    def group(self, name: str) -> Group | None:
        """Return a group by name, or None."""
        return next((group for group in self.groups if group.name == name), None)

    def known_group(self, name: str) -> Group:
        """Return the group of a name that the table is known to have."""
        group = self.group(name)
        assert group is not None, name  # noqa: S101 - built from the same network and evidence
        return group

    def value(self, name: str, label: str) -> int:
        """Return which of the engine's values a number is."""
        return self.places[name, self.known_group(name).labels.index(label)]

    def names(self) -> list[str]:
        """Return ``name[label]`` for each coordinate of z."""
        return [f"{name}[{self.known_group(name).labels[i]}]" for name, i in self.free]

    def prior(self, place: Place) -> "Prior | Pooled | Against":
        """Return the prior at a (group, position)."""
        return self.known_group(place[0]).priors[place[1]]

    def from_z(self, z: Floats) -> dict[str, Floats]:
        """Return the natural values at standard-normal coordinates.

        Parameters
        ----------
        z
            Shape (draw, dimension).

        Returns
        -------
        dict of str to ndarray
            By group name, shape (draw, label).
        """
        shapes = [(self._shape(place), z[:, k]) for k, place in enumerate(self.free)]
        lines = [_height(one, own) for one, own in shapes if isinstance(one, Shaped | Gamma)]
        exact = np.stack(lines, axis=1) if lines else np.zeros((len(z), 0))
        return self.named(values_over(self.channels, np.ascontiguousarray(z), exact))

    def named(self, values: Any) -> dict[str, Any]:
        """Return the engine's values (…, value) by group, each (…, label)."""
        found, first = {}, 0
        for group in self.groups:
            found[group.name] = values[..., first : first + len(group.labels)]
            first += len(group.labels)
        return found

    def flat(self, values: Mapping[str, Floats]) -> Floats:
        """Return natural values by group, each (draw, label), as the engine has them."""
        draws = len(next(iter(values.values()))) if values else 1
        columns = [values[group.name] for group in self.groups]
        return np.concatenate([np.zeros((draws, 0)), *columns], axis=1)

    def to_z(self, values: Mapping[str, Floats]) -> Floats:
        """Return the standard normals at which values lie, (…, dimension), from (…, label)."""
        z = []
        for place in self.free:
            prior, value = self.prior(place), values[place[0]][..., place[1]]
            if isinstance(prior, Pooled):
                z.append((logit(value) - logit(self.about(values, prior))) / prior.spread)
            elif isinstance(prior, Against):
                z.append(z_of(prior.on.rate, prior.on.rate_of(value, self.about(values, prior))))
            else:
                z.append(z_of(prior, value))
        return np.nan_to_num(np.stack(z, axis=-1))

    def about(self, values: Mapping[str, Floats], prior: Pooled | Against) -> Floats:
        """Return the values that a number lies around, or follows: shape (…) for (…, label)."""
        return values[prior.group][..., self.known_group(prior.group).labels.index(prior.label)]

    def varying(self) -> dict[str, NDArray[np.intp]]:
        """Return the positions of the labels whose value is uncertain, by group.

        A range so narrow that its values are one number to ten digits is that number.
        """
        ends = self.from_z(np.array([[-TAIL], [TAIL]]) * np.ones(self.dimensions))
        return {
            name: np.flatnonzero(np.abs(high - low) > NARROW * np.abs(high))
            for name, (low, high) in ends.items()
        }

    def uncertain_labels(self) -> dict[str, list[str]]:
        """Return the labels whose value is uncertain, of the groups that have any."""
        names = {group.name: group.labels for group in self.groups}
        return {g: [names[g][i] for i in at] for g, at in self.varying().items() if len(at)}

    def filled(self, drawn: Mapping[str, Floats], shape: tuple[int, ...]) -> dict[str, Floats]:
        """Return natural values by group, shape (…, label), from those of the uncertain labels.

        Parameters
        ----------
        drawn
            By group, shape (…, uncertain label); groups without any may be left out.
        shape
            Of the draws.
        """
        fixed, varying = self.from_z(np.zeros((1, self.dimensions))), self.varying()
        values = {}
        for name, middle in fixed.items():
            values[name] = np.broadcast_to(middle[0], (*shape, middle.shape[1])).copy()
            if len(varying[name]):
                values[name][..., varying[name]] = drawn[name]
        return values

    def _shape(self, place: Place) -> Prior | Pooled:
        """Return the prior whose quantiles are read: of a strength that of the rate while on."""
        prior = self.prior(place)
        return prior.on.rate if isinstance(prior, Against) else prior

    def columns(self) -> dict[str, list[Any]]:
        """Return the fields of the engine's map that say how values follow from normals."""
        normals = {place: column for column, place in enumerate(self.free)}
        rows: dict[str, list[Any]] = {name: [] for name in VALUE_FIELDS}
        for place in self.places:
            prior, shape = self.prior(place), self._shape(place)
            row = {"form": FIXED, "centre": 0.0, "spread": 0.0, "around": NOTHING}
            row |= {"normal": normals.get(place, NOTHING), "over": NOTHING, "softness": 0.0}
            if isinstance(prior, Against):
                row |= {
                    "over": self.value(prior.group, prior.label),
                    "softness": prior.on.softness or 0.0,
                }
            if isinstance(shape, Fixed):
                row |= {"centre": shape.value, "normal": NOTHING}
            elif isinstance(shape, Pooled):
                around = self.value(shape.group, shape.label)
                row |= {"form": POOLED, "spread": shape.spread, "around": around}
                if shape.spread == 0:  # its type's
                    row["normal"] = rows["normal"][around]
            elif isinstance(shape, Shaped | Gamma):
                odds = isinstance(shape, Shaped) and shape.is_chance
                row |= {"form": ODDS_TABLE if odds else TABLE, "around": len(rows["table"])}
                rows["table"].append(line_table(shape))
            else:
                form = EXP if isinstance(shape, LogNormal) else EXPIT
                row |= {"form": form, "centre": shape.mu, "spread": shape.sigma}
            for name, number in row.items():
                rows[name].append(number)
        return rows


def make_table(groups: Sequence[Group]) -> ParameterTable:
    """Return the table of all groups that hold anything."""
    return ParameterTable(tuple(group for group in groups if group.labels))


VALUE_FIELDS = ("form", "centre", "spread", "normal", "around", "over", "softness", "table")


def channels_from(columns: Mapping[str, Sequence[Any]]) -> Channels:
    """Return the engine's map from lists of its fields; those left out are empty.

    The fields that say where each row of a list of lists begins hold the ends of its rows.
    """
    arrays: dict[str, Any] = {}
    for name, kind in Channels.__annotations__.items():
        column = list(columns.get(name, ()))
        if name.startswith("first_"):
            column = [0, *column]
        arrays[name] = np.array(column, dtype=np.float64 if "Floats" in str(kind) else np.int64)
    tables = arrays["table"].reshape(-1, len(NODES), 2)
    return Channels(**{**arrays, "node": NODES, "table": np.ascontiguousarray(tables)})


@lru_cache(maxsize=256)
def line_table(prior: Prior) -> Floats:
    """Return a prior's line at the nodes, and its slope: shape (node, 2).

    The line is a positive number's logarithm, and the log-odds of a probability.
    """
    line, slope = _line(prior, NODES)
    return np.stack([line, slope], axis=1)


def z_of(prior: Prior, values: Floats) -> Floats:
    """Return the standard normals at which a prior has these values; same shape."""
    if isinstance(prior, LogNormal):
        return np.asarray((np.log(values) - prior.mu) / prior.sigma)
    if isinstance(prior, LogitNormal):
        return np.asarray((logit(values) - prior.mu) / prior.sigma)
    assert not isinstance(prior, Fixed), prior  # noqa: S101 - it has the same value everywhere
    is_chance = isinstance(prior, Shaped) and prior.is_chance
    wanted = np.asarray(logit(values) if is_chance else np.log(values))
    line = _line(prior, NODES)[0]
    place = np.clip(np.searchsorted(line, wanted) - 1, 0, len(NODES) - 2)
    low, high = NODES[place], NODES[place + 1]
    z = np.asarray(np.interp(wanted, line, NODES), dtype=np.float64)
    for _ in range(REFINED):
        at, slope = _line(prior, z)
        step = np.divide(wanted - at, slope, out=np.zeros_like(z), where=slope > 0)
        z = np.minimum(np.maximum(z + step, low), high)
    return z


def _height(prior: Prior, z: Floats) -> Floats:
    return prior.line(z) if isinstance(prior, Shaped) else np.log(prior.from_z(z))


def _line(prior: Prior, z: Floats) -> tuple[Floats, Floats]:
    if isinstance(prior, Shaped):
        return prior.line(z), prior.dline_dz(z)
    assert isinstance(prior, Gamma | LogNormal), prior  # noqa: S101 - a positive number
    value = prior.from_z(z)
    return np.log(value), prior.dvalue_dz(z) / value
