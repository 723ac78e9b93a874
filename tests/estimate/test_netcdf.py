"""A tree written to netCDF reads back as it was, and its bytes guard themselves."""

import io
import json
import resource
from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest
import xarray as xr

from forecast.errors import ForecastError
from forecast.estimate._groups import groups_of
from forecast.estimate._netcdf import as_netcdf, read_tree
from tests.workspace.samples import draws_tree

FILTERS = {"zlib": True, "complevel": 6, "shuffle": True, "fletcher32": True}
WHOLE = 2**24


def test_numbers_and_labels_read_back_as_they_were(tmp_path: Path) -> None:
    tree = draws_tree()
    (tmp_path / "x.nc").write_bytes(as_netcdf(groups_of(tree)))
    back = read_tree(tmp_path / "x.nc")
    np.testing.assert_array_equal(back["posterior/rate"], tree["posterior/rate"])
    assert back["posterior/event"].to_numpy().tolist() == ["pact", "troops"]
    assert back["stats/diverging"].dtype == bool
    assert float(back["stats/khat"]) == 0.3


def hard_tree() -> xr.DataTree:
    """Return a tree with every kind of variable, dimension and attribute that is written."""
    times = np.array(["2024-01-01", "2024-01-02T06", "2024-01-03"], dtype="datetime64[us]")
    data = xr.Dataset(
        {
            "empty": (("x", "none"), np.zeros((3, 0))),
            "text": ("x", np.array(["é", "b", ""])),
            "time": ("x", times, {"long_name": "when"}),
            "large": (("x", "wide"), np.arange(3 * 2**20, dtype=float).reshape(3, -1)),
            "counts": (("x", "few"), np.arange(6, dtype=np.int8).reshape(3, 2)),
            "flags": (("x", "few"), np.ones((3, 2), dtype=bool)),
            "short": ((), np.float32(1.5)),
            "one": ((), 3),
        },
        coords={"x": [1.5, 2.0, 3.0], "day": times[:1], "none": np.array([], dtype=float)},
        attrs={"a": 1, "b": 2.5, "c": np.arange(3), "d": "é", "e": True, "f": [1, 2]},
    )
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs={"whole": "yes"}), "/g": data})


def described(data: bytes) -> dict[str, object]:
    """Return how HDF5 keeps all that is in a file, and what is said of each part."""
    found: dict[str, object] = {}

    def add(name: str, part: h5py.Group | h5py.Dataset) -> None:
        for key, value in part.attrs.items():
            if key not in {"REFERENCE_LIST", "DIMENSION_LIST", "_NCProperties"}:
                found[f"{name}@{key}"] = (type(value), np.asarray(value).dtype, str(value))
        if isinstance(part, h5py.Dataset):
            how = (part.chunks, part.compression_opts, part.shuffle, part.fletcher32, part.maxshape)
            scales = [[scale.name for scale in dim.values()] for dim in part.dims]
            found[name] = (part.dtype, part.shape, how, str(part.fillvalue), part.is_scale, scales)

    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(add)
        add("/", file)
    return found


@pytest.mark.parametrize("tree", [draws_tree(), hard_tree()], ids=["draws", "hard"])
def test_a_file_is_kept_as_xarray_keeps_it_and_read_back_as_the_same(tree: xr.DataTree) -> None:
    # xarray takes text for an attribute of another kind, so those are put as we put them.
    for node in tree.subtree:
        node.attrs = {
            key: json.dumps(value) if isinstance(value, dict | list) else value
            for key, value in node.attrs.items()
            if value is not None
        }
        node.attrs = {k: int(v) if isinstance(v, bool) else v for k, v in node.attrs.items()}
    ours, theirs = as_netcdf(groups_of(tree)), io.BytesIO()
    plain = tree.map_over_datasets(_as_text)
    encoding = {
        node.path: {
            name: FILTERS | ({"chunksizes": each.shape} if each.nbytes <= WHOLE else {})
            for name, each in node.to_dataset(inherit=False).variables.items()
            if each.dtype.kind in "iufb" and each.ndim and each.size
        }
        for node in plain.subtree
    }
    plain.to_netcdf(theirs, engine="h5netcdf", encoding=encoding)
    told, expected = described(ours), described(theirs.getvalue())
    for name in ("g/empty", "g/none"):  # how a dimension without length is kept aside
        told.pop(name, None), expected.pop(name, None)
    assert {name: one for name, one in told.items() if name in expected} == expected
    assert {name for name in told if not name.endswith("_Netcdf4Dimid")} <= set(expected)
    one, other = (read_tree(io.BytesIO(each)) for each in (ours, theirs.getvalue()))
    xr.testing.assert_identical(one, other)


def _as_text(data: xr.Dataset) -> xr.Dataset:
    for name in [name for name, each in data.variables.items() if each.dtype == object]:
        data = data.assign({name: data[name].fillna("").astype(str)})
    return data


def test_objects_are_written_as_text_and_rich_attributes_as_json(tmp_path: Path) -> None:
    (tmp_path / "x.nc").write_bytes(as_netcdf(groups_of(draws_tree())))
    back = read_tree(tmp_path / "x.nc")
    assert back["stats/message"].to_numpy().tolist()[:2] == ["", "late"]
    attrs = back["posterior"].attrs
    assert attrs == {"settings": '{"seed": 1}', "converged": 1, "names": '["a"]'}


def test_the_tree_is_left_as_it_was(tmp_path: Path) -> None:
    tree = draws_tree()
    (tmp_path / "x.nc").write_bytes(as_netcdf(groups_of(tree)))
    assert tree["posterior"].attrs["settings"] == {"seed": 1}
    assert tree["stats/message"].dtype == object


def test_numeric_variables_are_compressed_and_carry_a_checksum(tmp_path: Path) -> None:
    (tmp_path / "x.nc").write_bytes(as_netcdf(groups_of(draws_tree())))
    with h5py.File(tmp_path / "x.nc") as file:
        assert file["posterior/rate"].fletcher32
        assert file["posterior/rate"].compression == "gzip"


def test_a_flipped_byte_among_the_draws_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.nc"
    path.write_bytes(as_netcdf(groups_of(draws_tree())))
    with h5py.File(path) as file:
        chunk = file["posterior/rate"].id.get_chunk_info(0)
    raw = bytearray(path.read_bytes())
    raw[chunk.byte_offset + chunk.size // 2] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(ForecastError, match=r"filter|checksum|Fletcher"):
        read_tree(path)


@pytest.mark.parametrize("where", ["a variable", "a coordinate", "a chunk"])
def test_a_file_that_says_that_it_holds_gigabytes_is_refused_unread(
    tmp_path: Path, where: str
) -> None:
    path = tmp_path / "x.nc"
    path.write_bytes(as_netcdf(groups_of(draws_tree())))
    many = 400_000_000
    with h5py.File(path, "a") as file:
        if where == "a chunk":
            file.create_dataset(
                "bomb", (1,), "f8", maxshape=(None,), chunks=(many,), compression="gzip"
            )
        else:
            place = "bomb" if where == "a variable" else "posterior/bomb"
            bomb = file.create_dataset(place, (many,), "f8", chunks=(2**17,), compression="gzip")
            bomb.make_scale("bomb")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ForecastError, match=r"says that it holds 3,2\d\d MB"):
        read_tree(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
