"""Every uncertain number of a model, named, with its prior, as one vector of standard normals.

The same table drives importance sampling (draws of z, mapped here) and the PyMC model (named
random variables), so the two cannot drift apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from forecast.network import Fixed, Prior
from forecast.network.while_on import WhileOn

__all__ = ["Against", "Group", "ParameterTable", "Pooled", "make_table"]

type Floats = NDArray[np.float64]

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
    first: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        first, at = {}, 0
        for group in self.groups:
            first[group.name] = at
            at += len(group.free)
        object.__setattr__(self, "first", first)

    @property
    def dimensions(self) -> int:
        """How many numbers are uncertain."""
        return sum(len(group.free) for group in self.groups)

    def group(self, name: str) -> Group | None:
        """Return a group by name, or None."""
        return next((group for group in self.groups if group.name == name), None)

    def names(self) -> list[str]:
        """Return ``name[label]`` for each coordinate of z."""
        return [f"{g.name}[{g.labels[i]}]" for g in self.groups for i in g.free]

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
        values: dict[str, Floats] = {}
        for group in self.groups:
            out = np.empty((len(z), len(group.labels)))
            column = self.first[group.name]
            for i, prior in enumerate(group.priors):
                if isinstance(prior, Fixed):
                    out[:, i] = prior.value
                    continue
                if isinstance(prior, Pooled) and prior.spread == 0:
                    out[:, i] = self.about(values, prior)
                    continue
                if isinstance(prior, Pooled):
                    out[:, i] = expit(
                        logit(self.about(values, prior)) + prior.spread * z[:, column]
                    )
                elif isinstance(prior, Against):
                    rate = prior.on.rate.from_z(z[:, column])
                    out[:, i] = prior.on.strength(rate, self.about(values, prior))
                else:
                    out[:, i] = prior.from_z(z[:, column])
                column += 1
            values[group.name] = out
        return values

    def about(self, values: Mapping[str, Floats], prior: Pooled | Against) -> Floats:
        """Return the values that a number lies around, or follows: shape (…) for (…, label)."""
        return values[prior.group][..., self.place(prior)]

    def place(self, prior: Pooled | Against) -> int:
        """Return where in its group the number stands that another lies around, or follows."""
        group = self.group(prior.group)
        assert group is not None, prior  # noqa: S101 - built together
        return group.labels.index(prior.label)

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


def make_table(groups: Sequence[Group]) -> ParameterTable:
    """Return the table of all groups that hold anything."""
    return ParameterTable(tuple(group for group in groups if group.labels))
