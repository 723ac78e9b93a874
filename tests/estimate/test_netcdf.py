"""A tree written to netCDF reads back as it was, and its bytes guard themselves."""

import resource
from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest

from forecast.errors import ForecastError
from forecast.estimate._groups import groups_of
from forecast.estimate._netcdf import as_netcdf, read_tree
from tests.workspace.samples import draws_tree


def test_numbers_and_labels_read_back_as_they_were(tmp_path: Path) -> None:
    tree = draws_tree()
    (tmp_path / "x.nc").write_bytes(as_netcdf(groups_of(tree)))
    back = read_tree(tmp_path / "x.nc")
    np.testing.assert_array_equal(back["posterior/rate"], tree["posterior/rate"])
    assert back["posterior/event"].to_numpy().tolist() == ["pact", "troops"]
    assert back["stats/diverging"].dtype == bool
    assert float(back["stats/khat"]) == 0.3


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
