"""A posterior that is saved is the same when it is read, and a wrong file is refused."""

from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

import forecast as fc
from forecast.errors import InputError
from forecast.posterior import Posterior
from tests.estimate.every_kind import AS_OF, case_of_every_kind
from tests.networks import demo_evidence, demo_network

BY = ["2024-09-30", "2024-12-31"]


def same(one: Posterior, other: Posterior) -> None:
    pd.testing.assert_frame_equal(one.table(by=BY), other.table(by=BY), check_exact=True)
    assert one.as_of == other.as_of
    assert one.evidence == other.evidence
    assert one.network == other.network
    assert str(one.gate) == str(other.gate)


def saved(post: Posterior, folder: Path) -> Posterior:
    post.save(folder / "post.nc")
    return fc.read_posterior(folder / "post.nc")


@pytest.mark.parametrize("method", ["importance", "nuts"])
def test_answers_are_the_same_to_the_last_bit(tmp_path: Path, method: str) -> None:
    post = fc.update(
        demo_network(), demo_evidence(), as_of="2024-06-30", method=method, draws=256,  # type: ignore[arg-type]
        known="recorded",
    )  # fmt: skip
    again = saved(post, tmp_path)
    same(post, again)
    event = "arms"
    pd.testing.assert_frame_equal(
        post.explain(event, by=BY[1]), again.explain(event, by=BY[1]), check_exact=True
    )
    same(again, saved(again, tmp_path))


def test_so_are_those_of_the_path_sampler(tmp_path: Path) -> None:
    network, evidence = case_of_every_kind(3, counts=True)
    post = fc.update(network, evidence, as_of=AS_OF, method="paths", draws=128)
    again = saved(post, tmp_path)
    same(post, again)
    assert again.method == "paths"


def test_so_are_those_of_a_model_that_was_extended(tmp_path: Path) -> None:
    network, evidence = demo_network(), demo_evidence()
    nuts = fc.update(network, evidence, as_of="2024-06-30", method="nuts", draws=128)
    post = fc.posterior_from(nuts.idata, network, evidence, as_of="2024-06-30")
    again = saved(post, tmp_path)
    same(post, again)
    assert (again.method, again.fitted.note) == (post.method, post.fitted.note)


def test_what_was_set_aside_stays_aside(tmp_path: Path) -> None:
    evidence = demo_evidence()
    left = evidence.without([evidence.items[0].id])
    post = fc.update(demo_network(), left, as_of="2024-06-30", draws=64)
    same(post, saved(post, tmp_path))


def test_other_programs_open_the_file(tmp_path: Path) -> None:
    fc.prior(demo_network(), draws=64).save(tmp_path / "post.nc")
    with xr.open_datatree(tmp_path / "post.nc", engine="h5netcdf") as tree:
        assert tree.attrs["network"] == demo_network().name


def test_a_wrong_a_damaged_and_a_cut_file_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "post.nc"
    fc.prior(demo_network(), draws=64).save(file)
    data = file.read_bytes()
    file.write_bytes(data[:200] + bytes([data[200] ^ 1]) + data[201:])
    with pytest.raises(InputError, match="the file is damaged"):
        fc.read_posterior(file)
    file.write_bytes(data[:-1000])
    with pytest.raises(InputError, match="is no saved posterior, or is cut off"):
        fc.read_posterior(file)
    file.write_text("id,published\n")
    with pytest.raises(InputError, match="is no saved posterior"):
        fc.read_posterior(file)
    with pytest.raises(InputError, match="no such file"):
        fc.read_posterior(tmp_path / "nothing.nc")


def test_a_file_of_a_later_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("forecast.posterior._kept.FORM", 2)
        fc.prior(demo_network(), draws=64).save(tmp_path / "post.nc")
    with pytest.raises(InputError, match="was saved by a later version"):
        fc.read_posterior(tmp_path / "post.nc")


def test_a_folder_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        fc.prior(demo_network(), draws=64).save(tmp_path / "none" / "post.nc")
