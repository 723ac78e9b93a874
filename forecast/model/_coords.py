"""The names of dimensions and their labels, alike in the PyMC model and in ArviZ's groups."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from forecast.model._parameters import ParameterTable

ITEM = "item"
RECORD = "nothing_else_happened"
"""The last entry along `ITEM`: what is known for sure, that nothing else has happened included."""


def dims_and_coords(
    table: ParameterTable,
    taken: Mapping[str, Sequence[str]] = MappingProxyType({}),
    labels: Mapping[str, Sequence[str]] | None = None,
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the dimension of each group, and the labels of each dimension.

    Groups of one kind may cover different labels (only some events have an off-rate): a group whose
    labels differ from those of the first gets a dimension of its own.

    Parameters
    ----------
    table
        The groups.
    taken
        Dimensions whose labels are settled beforehand.
    labels
        The groups that are meant, and which of their labels; all of all, unless given.
    """
    labels = {g.name: g.labels for g in table.groups} if labels is None else labels
    coords = {dim: list(labels) for dim, labels in taken.items()}
    dims = {}
    for group in table.groups:
        if group.name in labels:
            own = list(labels[group.name])
            same = coords.setdefault(group.dim, own) == own
            dims[group.name] = group.dim if same else f"{group.name}_{group.dim}"
            coords[dims[group.name]] = own
    return dims, coords
