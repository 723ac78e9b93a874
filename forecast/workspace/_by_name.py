"""Networks of a workspace by their names, where a command takes a name or a file."""

from collections.abc import Iterable
from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError, did_you_mean
from forecast.files._network_file import read_network
from forecast.files._workspace_file import scan_workspace
from forecast.network import Network
from forecast.workspace._contents import workspace_file


def network_file(given: Path, folder: Path) -> Path:
    """Return the file of a network, given as a file, or by its name in a workspace.

    Raises
    ------
    InputError
        If there is no such file, and no network of this name.
    """
    if given.exists() or len(given.parts) > 1 or given.suffix:
        return given
    found = networks_in(folder)
    for file, network in found.items():
        if network.name == given.name:
            return file
    known = did_you_mean(given.name, [network.name for network in found.values()])
    remedy = f"{known} Or give a file, such as priors/x.yaml."
    raise InputError(Fault("there is no such network here", remedy, value=given.name))


def removed(names: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Return which networks of a ledger the workspace no longer lists.

    None where its files cannot all be read, as on a machine that has only the ledger, or where it
    lists none of those that have been run: the ledger is then all there is to go by.
    """
    run = tuple(names)
    try:
        files = scan_workspace(workspace_file(folder)).networks
    except ForecastError:
        return ()
    found = networks_in(folder)
    listed = {network.name for network in found.values()}
    if len(found) < len(files) or listed.isdisjoint(run):
        return ()
    return tuple(name for name in run if name not in listed)


def networks_in(folder: Path) -> dict[Path, Network]:
    """Return the networks of a workspace that can be read, by file."""
    found = {}
    try:
        files = scan_workspace(workspace_file(folder)).networks
    except ForecastError:
        return {}
    for file in files:
        try:
            found[file] = read_network(file)
        except ForecastError:
            continue
    return found
