"""Where a network is estimated does not show in what is said: not in one bit.

The draws are compared as numbers. Where HDF5 puts them in the file depends on when the last handle
to a variable is let go, and a profiler that samples frames, as a Dask worker's does, holds some
longer.
"""

import os
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from forecast.estimate._netcdf import read_tree
from forecast.workspace._cluster import dask_executor
from forecast.workspace._result import Run
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from forecast.workspace._work import spawned
from tests.workspace.samples import NETWORK, write_workspace
from tests.workspace.test_update import TWO_NETWORKS

SECOND = NETWORK.replace("name: tiny", "name: second").replace("5% [2%, 12%]", "9% [4%, 20%]")
FILES = {"forecast.toml": TWO_NETWORKS, "priors/second.yaml": SECOND}
REQUEST = Request(draws=2048)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, ...]:
    return update(write_workspace(tmp_path_factory.mktemp("here"), FILES), REQUEST)


def estimated_on(place: AbstractContextManager[Executor], folder: Path) -> tuple[Run, ...]:
    with place as executor:
        return update(write_workspace(folder, FILES), REQUEST, executor=executor)


def same_bits(found: tuple[Run, ...], here: tuple[Run, ...]) -> None:
    assert [run.manifest.network for run in found] == ["tiny", "second"]
    for there, run in zip(found, here, strict=True):
        assert there.manifest.forecasts == run.manifest.forecasts
        assert bits(there.path) == bits(run.path)


def bits(manifest: Path) -> dict[str, object]:
    """Return every variable and attribute of a run's file of draws."""
    found: dict[str, object] = {}
    for node in read_tree(manifest.with_suffix(".nc")).subtree:
        found[node.path] = dict(node.attrs)
        for name, variable in node.variables.items():
            values = variable.to_numpy()
            content = values.tolist() if values.dtype.hasobject else values.tobytes()
            found[f"{node.path}/{name}"] = (
                variable.dims,
                variable.attrs,
                str(values.dtype),
                content,
            )
    return found


def test_new_processes_say_the_same(tmp_path: Path, here: tuple[Run, ...]) -> None:
    same_bits(estimated_on(spawned(2), tmp_path), here)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed")
def test_a_dask_cluster_says_the_same(tmp_path: Path, here: tuple[Run, ...]) -> None:
    """A scheduler and two workers, processes of their own, on loopback."""
    from distributed import LocalCluster  # noqa: PLC0415  it takes a second

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=os.fspath(tmp_path / "dask"),
    ) as cluster:
        same_bits(estimated_on(dask_executor(cluster.scheduler_address), tmp_path), here)
