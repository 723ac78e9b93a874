"""Named arrays in groups, as netCDF has them: what a DataTree is made of, without importing it.

xarray takes longer to import, with all that it asks for, than a small network takes to estimate. So
a run is put together and written as these, and becomes a DataTree for whoever asks for one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import xarray as xr


class Variable(NamedTuple):
    """An array, the names of its dimensions, and what is said of it."""

    dims: tuple[str, ...]
    values: NDArray[Any]
    attrs: Mapping[str, object] = {}


@dataclass(frozen=True)
class Group:
    """Variables by name; one that is named like its only dimension has the labels of that."""

    variables: Mapping[str, Variable]
    attrs: Mapping[str, object] = field(default_factory=dict)

    def sizes(self) -> dict[str, int]:
        """Return the length of every dimension."""
        told = self.variables.values()
        return {
            name: size
            for each in told
            for name, size in zip(each.dims, each.values.shape, strict=True)
        }


type Groups = Mapping[str, Group]
"""Groups by their paths, such as ``/posterior``; ``/`` is the one that holds the others."""


def labels(of: Mapping[str, ArrayLike]) -> dict[str, Variable]:
    """Return the labels of dimensions as variables."""
    return {name: Variable((name,), np.asarray(each)) for name, each in of.items()}


def as_datatree(groups: Groups) -> "xr.DataTree":
    """Return groups as a DataTree."""
    import xarray as xr  # noqa: PLC0415 - slow to import

    return xr.DataTree.from_dict({path: _as_dataset(group) for path, group in groups.items()})


def _as_dataset(group: Group) -> "xr.Dataset":
    import xarray as xr  # noqa: PLC0415

    data: dict[str, Any] = {}
    coords: dict[str, Any] = {}
    for name, each in group.variables.items():
        (coords if each.dims == (name,) else data)[name] = (each.dims, each.values, each.attrs)
    return xr.Dataset(data, coords=coords, attrs=group.attrs)


def groups_of(tree: "xr.DataTree") -> Groups:
    """Return what a DataTree is made of."""
    return {
        node.path: Group(
            {
                str(name): Variable(tuple(map(str, each.dims)), each.to_numpy(), each.attrs)
                for name, each in node.to_dataset(inherit=False).variables.items()
            },
            {str(key): value for key, value in node.attrs.items()},
        )
        for node in tree.subtree
    }
