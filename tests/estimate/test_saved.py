"""What a run saves of a fit gives the fit again, to the last bit, and takes little room."""

import io
from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import pytest
import xarray as xr

from forecast.engine._importance import LocalFit
from forecast.engine.paths import packed, to_lists, unpacked
from forecast.errors import ForecastError
from forecast.estimate._fit import fit
from forecast.estimate._groups import as_datatree
from forecast.estimate._netcdf import as_netcdf, read_tree
from forecast.estimate._result import Fit, Settings
from forecast.estimate._saved import KEPT_BITS, restored, rounded
from forecast.evidence import Evidence, Observation
from forecast.model._lower import Lowered, lower
from forecast.network import Event, Network
from forecast.posterior import Posterior
from forecast.posterior._along import futures_of
from tests.estimate.every_kind import AS_OF, case_of_every_kind
from tests.networks import demo_evidence, demo_network

BY = "2024-12-31"


def file_of(fitted: Fit) -> bytes:
    return as_netcdf(Posterior(fitted).saved_groups())


def again(fitted: Fit, tmp_path: Path) -> Fit:
    file = tmp_path / "run.nc"
    file.write_bytes(file_of(fitted))
    how = fitted.settings
    return restored(fitted.lowered, how, fitted.method, fitted.gate, read_tree(file))


def of_every_kind(*, counts: bool) -> Lowered:
    network, evidence = case_of_every_kind(3, counts=counts)
    return lower(network, evidence, AS_OF)


def telling() -> Lowered:
    """Onsets of many rare events, so that the prior alone will not do as a proposal."""
    names = [f"e{k}" for k in range(10)]
    rate = "5% [0.5%, 40%] within 1 year"
    network = Network(
        name="told",
        start="2024-01-01",
        horizon=BY,
        events=[Event(id=name, kind="onset", rate=rate) for name in names],
    )
    seen = [
        Observation(id=f"o{name}", event=name, published="2024-02-01", onset="2024-01-20")
        for name in names[:-1]
    ]
    return lower(network, Evidence(seen), "2024-03-01")


CASES = {
    "importance": (lambda: lower(demo_network(), demo_evidence(), "2024-06-30"), "importance"),
    "adapted": (telling, "importance"),
    "nuts": (lambda: lower(demo_network(), demo_evidence(), "2024-06-30"), "nuts"),
    "paths": (lambda: of_every_kind(counts=False), "paths"),
    "counts": (lambda: of_every_kind(counts=True), "paths"),
}


@pytest.fixture(scope="module", params=CASES)
def fitted(request: pytest.FixtureRequest) -> Fit:
    make, method = CASES[request.param]
    return fit(make(), Settings(method=method, draws=512))  # type: ignore[arg-type]


def test_what_was_saved_is_the_fit_to_the_last_bit(fitted: Fit, tmp_path: Path) -> None:
    found = again(fitted, tmp_path)
    assert (found.method, found.shape, found.gate) == (fitted.method, fitted.shape, fitted.gate)
    assert found.ess == fitted.ess
    assert found.values.keys() == fitted.values.keys()
    for name, values in fitted.values.items():
        np.testing.assert_array_equal(found.values[name], values)
    np.testing.assert_array_equal(found.batches, fitted.batches)
    assert (found.log_likelihood is None) == (fitted.log_likelihood is None)
    if fitted.log_likelihood is not None:
        np.testing.assert_array_equal(found.log_likelihood, fitted.log_likelihood)
    assert found.stats.keys() == fitted.stats.keys()
    for name, stat in fitted.stats.items():
        np.testing.assert_array_equal(found.stats[name], stat)


def test_answers_from_what_was_saved_are_the_same(fitted: Fit, tmp_path: Path) -> None:
    before, after = Posterior(fitted), Posterior(again(fitted, tmp_path))
    assert after.table(by=[BY]).equals(before.table(by=[BY]))
    assert after.scenarios(by=BY).equals(before.scenarios(by=BY))
    events = fitted.lowered.network.events
    first, last = events[0].id, events[-1].id
    for supposed in ({"given": {first: "on"}}, {"do": {first: "off"}}):
        told = [post.probability(last, by=BY, **supposed) for post in (before, after)]  # type: ignore[arg-type]
        assert (told[0].mean, told[0].mcse) == (told[1].mean, told[1].mcse)


def test_the_proposal_of_a_strong_record_is_kept_too() -> None:
    fitted = fit(telling(), Settings(method="importance", draws=512))
    assert fitted.weighted is not None
    assert isinstance(fitted.weighted.source, LocalFit)


def test_kept_paths_have_the_futures_of_the_paths_themselves(fitted: Fit, tmp_path: Path) -> None:
    if not fitted.paths:
        assert "paths" not in Posterior(fitted).idata.children
        return
    found, theta = again(fitted, tmp_path), fitted.lowered.theta(fitted.flat())
    assert found.states is not None
    np.testing.assert_array_equal(found.states, fitted.states)
    assert [to_lists(one) for one in found.paths] == [to_lists(one) for one in fitted.paths]
    courses = [
        futures_of(fitted.lowered, theta, one.paths, seed=3).futures for one in (fitted, found)
    ]
    for one, other in zip(*courses, strict=True):
        np.testing.assert_array_equal(one, other)


def test_paths_take_at_most_twice_the_room_of_the_parameters(fitted: Fit) -> None:
    if fitted.paths:
        sizes = sizes_of(file_of(fitted))
        assert sizes["paths"] <= 2 * sizes["posterior"]


def sizes_of(data: bytes) -> dict[str, int]:
    sizes: dict[str, int] = {}

    def add(name: str, found: object) -> None:
        if isinstance(found, h5py.Dataset):
            group = name.split("/", maxsplit=1)[0]
            sizes[group] = sizes.get(group, 0) + found.id.get_storage_size()

    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(add)
    return sizes


def test_a_night_of_a_small_network_takes_little_room() -> None:
    fitted = fit(lower(demo_network(), demo_evidence(), "2024-06-30"), Settings())
    assert fitted.method == "importance"
    assert len(file_of(fitted)) < 290_000


def test_packed_paths_come_back_with_a_slot_for_each_event(fitted: Fit) -> None:
    """The sampler redraws an onset into its slot, without asking for one."""
    if fitted.paths:
        for one, before in zip(unpacked(*packed(fitted.paths)), fitted.paths, strict=True):
            assert to_lists(one) == to_lists(before)
            assert np.array_equal(np.diff(one.first), np.maximum(one.jumps, 1))
            assert one.first[-1] == len(one.time)


def test_draws_that_come_out_otherwise_are_no_draws_of_the_run() -> None:
    fitted = fit(
        lower(demo_network(), demo_evidence(), "2024-06-30"),
        Settings(method="importance", draws=512),
    )
    tree = as_datatree(Posterior(fitted).saved_groups())
    tree["proposal"].attrs["seed"] = "1"
    with pytest.raises(ForecastError, match="come out otherwise"):
        restored(fitted.lowered, fitted.settings, fitted.method, fitted.gate, tree)


def test_a_tree_of_an_older_version_is_read_or_says_why_not() -> None:
    fitted = fit(
        lower(demo_network(), demo_evidence(), "2024-06-30"),
        Settings(method="importance", draws=512),
    )
    whole = Posterior(fitted).idata
    found = restored(fitted.lowered, fitted.settings, fitted.method, fitted.gate, whole)
    for name, values in fitted.values.items():
        np.testing.assert_array_equal(found.values[name], values)
    sampled = fit(of_every_kind(counts=False), Settings(method="paths", draws=64))
    old = xr.DataTree.from_dict(
        {
            node.path: node.to_dataset(inherit=False)
            for node in Posterior(sampled).idata.subtree
            if node.name != "paths"
        }
    )
    with pytest.raises(ForecastError, match="did not keep its paths"):
        restored(sampled.lowered, sampled.settings, sampled.method, sampled.gate, old)


def test_numbers_are_rounded_to_so_many_digits() -> None:
    values = np.random.default_rng(1).lognormal(sigma=20.0, size=1000)
    found = rounded(np.append(values, [0.0, 1.0, -np.inf]))
    assert np.abs(found[:1000] / values - 1).max() <= 2.0 ** -(KEPT_BITS + 1)
    assert found[1000:].tolist() == [0.0, 1.0, -np.inf]
    assert not (found.view(np.uint32) << np.uint32(KEPT_BITS + 9)).any()
