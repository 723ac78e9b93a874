"""A DataTree to and from netCDF, each variable compressed and with a checksum of its own."""

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from xarray.backends import H5NetCDFStore

from forecast.errors import ForecastError
from forecast.estimate._draws_file import require_draws

NUMERIC = "iufb"
HDF5 = ("v110", "v110")
"""The form of the file: older ones take 3 kB more for each variable, to find its parts."""
WHOLE = 2**24  # bytes of a variable up to which it is kept in one piece
FILTERS = {"zlib": True, "complevel": 6, "shuffle": True, "fletcher32": True}


def as_netcdf(tree: xr.DataTree) -> bytes:
    """Return a tree as a netCDF file, made by h5netcdf; the tree is left as it is.

    The file is made in memory and written by others: where a disk is full, HDF5 does not always say
    so, and takes the whole process down instead.

    netCDF holds numbers and text only: an attribute of another kind is written as JSON, and a
    variable of Python objects as text, empty where one is missing. Text and single numbers have no
    checksum of their own.
    """
    plain = xr.DataTree.from_dict(
        {node.path: _plain(node.to_dataset(inherit=False)) for node in tree.subtree}
    )
    buffer = BytesIO()
    with _without_cluster():
        store = H5NetCDFStore.open(buffer, mode="w", driver_kwds={"libver": HDF5})
        try:
            for node in plain.subtree:
                data = node.to_dataset(inherit=False)
                place = store if node.path == "/" else store.get_child_store(node.path)
                data.dump_to_store(place, encoding=_encoding(data))
        finally:
            store.close()
    return buffer.getvalue()


def _without_cluster() -> AbstractContextManager[object]:
    """Keep xarray from asking a Dask cluster to lock a file that is in this memory alone."""
    dask = sys.modules.get("dask")  # imported where this process has to do with a cluster
    return nullcontext() if dask is None else dask.config.set(scheduler="threads")


def read_tree(path: Path | BytesIO) -> xr.DataTree:
    """Return the tree in a file, or in its bytes, loaded; refuse one that would fill the memory.

    Raises
    ------
    ForecastError
        If it holds what no file of draws does, or cannot be read.
    """
    name = "the posterior" if isinstance(path, BytesIO) else str(path)
    require_draws(path, name)
    dates = xr.coders.CFDatetimeCoder(time_unit="us")  # nanoseconds end in the year 2262
    try:
        with xr.open_datatree(path, engine="h5netcdf", decode_times=dates) as tree:
            return tree.load()
    except Exception as error:  # the libraries that read it raise many kinds
        msg = f"{name}: cannot be read as draws: {str(error)[:200]}. Put it back from a copy"
        raise ForecastError(msg) from error


def _plain(dataset: xr.Dataset) -> xr.Dataset:
    """Return a dataset that netCDF can hold."""
    plain = dataset.copy()
    plain.attrs = _plain_attrs(dataset.attrs)
    for name, variable in dataset.variables.items():
        values = variable.to_numpy()
        if values.dtype.kind not in NUMERIC + "mMSU":
            texts = ["" if pd.isna(value) else str(value) for value in values.ravel().tolist()]
            plain[name] = (variable.dims, np.array(texts, dtype=str).reshape(values.shape))
        plain[name].attrs = _plain_attrs(variable.attrs)
        plain[name].encoding = {}
    return plain


def _plain_attrs(attrs: dict[str, object]) -> dict[str, object]:
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


def _encoding(dataset: xr.Dataset) -> dict[str, dict[str, object]]:
    return {
        str(name): FILTERS | ({"chunksizes": variable.shape} if variable.nbytes <= WHOLE else {})
        for name, variable in dataset.variables.items()
        if variable.dtype.kind in NUMERIC and variable.ndim > 0 and variable.size > 0
    }
