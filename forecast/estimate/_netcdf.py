"""Groups of named arrays to netCDF, compressed and with checksums; and a DataTree from it."""

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.errors import ForecastError
from forecast.estimate._draws_file import require_draws
from forecast.estimate._groups import Group, Groups

if TYPE_CHECKING:
    import h5py  # type: ignore[import-untyped]
    import xarray as xr

NUMERIC = "iufb"
HDF5 = ("v110", "v110")
"""The form of the file: older ones take 3 kB more for each variable, to find its parts."""
WHOLE = 2**24  # bytes of a variable up to which it is kept in one piece
FILTERS = {"compression": "gzip", "compression_opts": 6, "shuffle": True, "fletcher32": True}
UNLABELLED = "This is a netCDF dimension but not a netCDF variable.%10d"
"""What netCDF calls a dimension without labels, with its length."""
UNITS = {"days": 24 * 60 * 60, "hours": 60 * 60, "minutes": 60, "seconds": 1}
"""Units of times, in seconds."""


def as_netcdf(groups: Groups) -> bytes:
    """Return groups as a netCDF file, as xarray writes one.

    The file is made in memory and written by others: where a disk is full, HDF5 does not always say
    so, and takes the whole process down instead.

    netCDF holds numbers and text only: an attribute of another kind is written as JSON, and a
    variable of Python objects as text, empty where one is missing. Text and single numbers have no
    checksum of their own.
    """
    import h5py  # noqa: PLC0415 - only those who read and write draws need it

    buffer, dimensions = BytesIO(), 0
    with h5py.File(buffer, "w", libver=HDF5, track_order=True) as file:
        for path, group in groups.items():
            place = file if path == "/" else file.create_group(path, track_order=True)
            dimensions += _write(place, group, dimensions)
        versions = f"version=2,hdf5={h5py.version.hdf5_version},h5py={h5py.__version__}"
        ascii_text = h5py.string_dtype("ascii", len(versions))
        file.attrs["_NCProperties"] = np.array(versions.encode(), dtype=ascii_text)
    return buffer.getvalue()


def _write(place: "h5py.Group", group: Group, first: int) -> int:
    """Write a group, whose dimensions are numbered from `first` on; return how many there are."""
    sizes = group.sizes()
    number = {name: first + k for k, name in enumerate(sizes)}
    for name, size in sizes.items():
        if name in group.variables:
            continue
        grows = {} if size else {"maxshape": (None,)}
        made = place.create_dataset(name, (size,), ">f4", track_order=True, **grows)
        made.attrs["_Netcdf4Dimid"] = np.int32(number[name])
        made.make_scale(UNLABELLED % size)
    for name, variable in group.variables.items():
        values, attrs = _stored(variable.values)
        made = _dataset(place, name, values, filtered=variable.values.dtype.kind in NUMERIC)
        numbers = np.array([number[dim] for dim in variable.dims], dtype=np.int32)
        if len(numbers):
            attrs |= {"_Netcdf4Dimid": numbers[0], "_Netcdf4Coordinates": numbers}
        if name in sizes:
            made.make_scale(name)
        _tell(made, attrs | _plain_attrs(variable.attrs))
    for name, variable in group.variables.items():
        for k, dim in enumerate(variable.dims if name not in sizes else ()):
            place[name].dims[k].attach_scale(place[dim])
    _tell(place, _plain_attrs(group.attrs))
    return len(sizes)


def _dataset(
    place: "h5py.Group", name: str, values: NDArray[Any], *, filtered: bool
) -> "h5py.Dataset":
    """Write numbers or texts."""
    import h5py  # noqa: PLC0415

    options: dict[str, Any] = {"track_order": True}
    if values.ndim and not values.size:  # to netCDF, what has no length yet is to grow
        options |= {"maxshape": tuple(size or None for size in values.shape), "chunks": True}
    elif values.ndim and filtered:
        options |= FILTERS | ({"chunks": values.shape} if values.nbytes <= WHOLE else {})
    if values.dtype.kind == "f":
        options["fillvalue"] = np.nan
    kind = h5py.string_dtype() if values.dtype.kind == "O" else values.dtype
    return place.create_dataset(name, values.shape, kind, data=values, **options)


def _tell(place: "h5py.Group | h5py.Dataset", attrs: Mapping[str, object]) -> None:
    for name, value in attrs.items():
        alone = isinstance(value, str | np.int32)
        place.attrs[name] = value if alone else np.atleast_1d(np.asarray(value))


def _stored(values: NDArray[Any]) -> tuple[NDArray[Any], dict[str, object]]:
    """Return what netCDF can hold of values, and what tells a reader to have them again."""
    match values.dtype.kind:
        case "f":
            return values, {"_FillValue": values.dtype.type(np.nan)}
        case "b":
            return values.astype(np.int8), {"dtype": "bool"}
        case "i" | "u":
            return values, {}
        case "M":
            return _since(values.astype("datetime64[us]"))
        case _:
            texts = ["" if _is_missing(value) else str(value) for value in values.ravel().tolist()]
            return np.array(texts, dtype=object).reshape(values.shape), {}


def _since(times: NDArray[np.datetime64]) -> tuple[NDArray[np.int64], dict[str, object]]:
    """Return times as numbers of the largest unit of which all are whole, since the first."""
    first = times.ravel()[0] if times.size else np.datetime64("1970-01-01", "us")
    passed = (times - first).astype(np.int64)  # in microseconds
    units = ((name, seconds * 10**6) for name, seconds in UNITS.items())
    unit, length = next((one for one in units if not (passed % one[1]).any()), ("microseconds", 1))
    start = str(first).replace("T", " ").removesuffix(".000000")
    return passed // length, {"units": f"{unit} since {start}", "calendar": "proleptic_gregorian"}


def _is_missing(value: object) -> bool:
    """Return whether a value is none, or no number."""
    return value is None or type(value).__name__ in {"NAType", "NaTType"} or value != value  # noqa: PLR0124 - no number is not itself


def read_tree(path: Path | BytesIO) -> "xr.DataTree":
    """Return the tree in a file, or in its bytes, loaded; refuse one that would fill the memory.

    Raises
    ------
    ForecastError
        If it holds what no file of draws does, or cannot be read.
    """
    name = "the posterior" if isinstance(path, BytesIO) else str(path)
    require_draws(path, name)
    import xarray as xr  # noqa: PLC0415 - slow to import

    dates = xr.coders.CFDatetimeCoder(time_unit="us")  # nanoseconds end in the year 2262
    try:
        with xr.open_datatree(path, engine="h5netcdf", decode_times=dates) as tree:
            return tree.load()
    except Exception as error:  # the libraries that read it raise many kinds
        msg = f"{name}: cannot be read as draws: {str(error)[:200]}. Put it back from a copy"
        raise ForecastError(msg) from error


def _plain_attrs(attrs: Mapping[str, object]) -> dict[str, object]:
    return {str(key): _plain_attr(value) for key, value in attrs.items() if value is not None}


def _plain_attr(value: object) -> object:
    match value:
        case bool() | np.bool_():
            return int(value)
        case str() | int() | float() | np.integer() | np.floating():
            return value
        case np.ndarray() if value.dtype.kind in "iuf":
            return value
        case _:
            return json.dumps(value, default=str)
