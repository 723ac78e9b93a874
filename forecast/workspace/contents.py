"""What a workspace holds: its networks, each with its evidence, all of it checked."""

from dataclasses import dataclass
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.evidence import Evidence
from forecast.files.evidence_file import read_evidence
from forecast.files.network_file import read_network
from forecast.files.workspace_file import Workspace, check_deadlines, read_workspace
from forecast.network import Network
from forecast.workspace.faults import Gathered

__all__ = ["WORKSPACE_FILE", "Contents", "Inputs", "read_contents"]

WORKSPACE_FILE = "forecast.toml"


@dataclass(frozen=True)
class Inputs:
    """One network and the evidence on its events, whatever its date."""

    network: Network
    evidence: Evidence


@dataclass(frozen=True)
class Contents:
    """A workspace file and what it names."""

    workspace: Workspace
    inputs: tuple[Inputs, ...]

    @property
    def file(self) -> Path:
        """The workspace file."""
        return self.workspace.folder / WORKSPACE_FILE


def read_contents(folder: Path) -> Contents:
    """Return everything that a workspace's ``forecast.toml`` names, checked.

    Parameters
    ----------
    folder
        The folder of the workspace.

    Raises
    ------
    InputError
        With every fault of every file: of each for itself, of the evidence against the networks,
        and of the deadlines against the horizons.
    """
    file = folder / WORKSPACE_FILE
    if not file.is_file():
        remedy = "Run inside a workspace, or name one: --workspace DIR."
        raise InputError(Fault("there is no workspace here: no such file", remedy, file=str(file)))
    workspace = read_workspace(file)
    gathered = Gathered()
    networks = _networks(workspace, gathered)
    evidence = Evidence()
    with gathered.faults_of():
        evidence = read_evidence(workspace.evidence_paths)
    all_read = len(networks) == len(workspace.network_paths)
    inputs = tuple(
        Inputs(network, part)
        for network, part in zip(
            networks, _shares(networks, evidence, claim_orphans=all_read), strict=True
        )
    )
    for each in inputs:
        with gathered.faults_of():
            each.evidence.check(each.network)
        with gathered.faults_of():
            check_deadlines(each.network, workspace.deadlines, file=file)
    gathered.refuse()
    return Contents(workspace, inputs)


def _networks(workspace: Workspace, gathered: Gathered) -> list[Network]:
    """Return the networks that can be read; no two of one name."""
    networks: dict[str, Network] = {}
    for path in workspace.network_paths:
        with gathered.faults_of():
            network = read_network(path)
            if network.name in networks:
                remedy = "Rename one: forecasts are kept by the name of their network."
                raise InputError(
                    Fault("another network has the same name", remedy, str(path), field="name")
                )
            networks[network.name] = network
    return list(networks.values())


def _shares(networks: list[Network], evidence: Evidence, *, claim_orphans: bool) -> list[Evidence]:
    """Return each network's evidence: the items on its events.

    An item on an event of no network goes to the first, whose check names it, unless some network
    could not be read: its event may be there.
    """
    known = [{event.id for event in network.events} for network in networks]
    everywhere = set().union(*known)
    shares = []
    for position, events in enumerate(known):
        mine = [
            item
            for item in evidence
            if item.event in events
            or (claim_orphans and position == 0 and item.event not in everywhere)
        ]
        shares.append(Evidence(mine, places=evidence.places))
    return shares
