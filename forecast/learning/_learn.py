"""`learn`: the numbers of a network from the histories of many units."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.evidence import Evidence
from forecast.learning._faults import Faults
from forecast.learning._fit import Fitted, fit_process
from forecast.learning._flat import flat_table
from forecast.learning._learned import Learned
from forecast.learning._panel import Panel, read_panel
from forecast.learning._process import Layout, Process
from forecast.learning._risk import Role, cells, refuse_impossible, shut, stretches
from forecast.learning._scales import Scales
from forecast.learning._timeline import Timeline
from forecast.model._lower import Lowered, lower
from forecast.network import Event, Network
from forecast.network._nodes import Node

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

LEAST_DRAWS = 100


def learn(  # noqa: PLR0913 - one keyword a choice of the model
    network: Network,
    histories: "pd.DataFrame",
    units: "pd.DataFrame",
    *,
    covariates: Sequence[str] = (),
    group: str | None = None,
    drift: "str | Sequence[Any] | None" = None,
    unit: str = "1 year",
    priors: Literal["network", "flat"] = "network",
    scales: Scales | None = None,
    source: str = "",
    draws: int = 4000,
    seed: int = 1,
) -> Learned:
    """Return what the histories of many units say of every number of a network."""
    scales = Scales() if scales is None else scales
    if draws < LEAST_DRAWS:
        raise InputError(Fault(f"{draws} draws are too few", "Ask for 4000, the default."))
    panel = read_panel(network, histories, units, covariates=covariates, group=group, unit=unit)
    lowered = lower(network, Evidence([]), network.start)
    processes = _processes(network, lowered, panel, scales, None, priors)
    fitted = [fit_process(process, draws=draws, seed=seed) for process in processes]
    return Learned(network, panel, tuple(fitted), source=source, seed=seed)


def _processes(
    network: Network,
    lowered: Lowered,
    panel: Panel,
    scales: Scales,
    edges: Floats | None,
    priors: str,
) -> list[Process]:
    timeline, faults = Timeline(network, panel), Faults()
    spells = panel.spells
    time = spells.stop - spells.start
    centre = time @ spells.covariates / time.sum() if spells.covariates.shape[1] else np.zeros(0)
    spread = np.sqrt(time @ (spells.covariates - centre) ** 2 / time.sum()) if len(centre) else np.zeros(0)
    shift = np.zeros(len(panel.units))
    found = []
    for event in network.events:
        for role in _roles(event):
            every = stretches(timeline, lowered, event, role, edges, shift)
            refuse_impossible(timeline, lowered, event, every, faults)
            risk = cells(panel, every.some(~shut(lowered, every)), centre)
            if not len(risk.events):
                continue
            table = lowered.table if priors == "network" else flat_table(lowered.table, risk.years)
            own = replace(lowered, table=table)
            on = role == "on"
            layout = Layout(
                stated=_columns(own, event, role),
                covariates=len(panel.covariates) if on else 0,
                units=on and scales.unit_sd > 0 and len(panel.units) > 1,
                groups=on and scales.group_sd > 0 and len(panel.groups) > 1,
                periods=1,
            )
            found.append(
                Process(
                    event=event,
                    role=role,
                    lowered=own,
                    risk=risk,
                    layout=layout,
                    scales=scales,
                    spread=spread,
                    reference=0,
                    group=panel.group,
                    group_count=len(panel.groups),
                )
            )
    faults.raise_any()
    return found


def _roles(event: Event) -> tuple[Role, ...]:
    if event.kind in {"fact", "decision"}:
        return ()
    roles: tuple[Role, ...] = ("on",)
    if event.kind == "state":
        roles = (*roles, "off")
    return (*roles, "confirmed") if event.lag is not None else roles


def _columns(lowered: Lowered, event: Event, role: Role) -> Ints:
    """Return the standard normals of the stated numbers that a process depends on."""
    network, table = lowered.network, lowered.table
    nodes = {node.id: node for node in network.nodes if node.id.split(".")[0] == event.id}
    likes = {node.like if isinstance(node, Node) else node.id for node in nodes.values()}
    confirmed = {like for like in likes if like.endswith(".confirmed")}
    wanted: set[tuple[str, str]]
    if role == "off":
        wanted = {("off_rate", event.id)}
    elif role == "confirmed":
        wanted = {("base_rate", like) for like in confirmed}
    else:
        wanted = {("base_rate", like) for like in likes - confirmed}
        wanted |= {("initial_probability", f"{event.id}.ever")}
        links = [link for link in network.links if network.stated(link.child).id == event.id]
        names = ("extra_rate", "hazard_ratio", "odds_ratio", "delay")
        wanted |= {(name, link.id) for link in links for name in names}
    labels = [(name, table.known_group(name).labels[i]) for name, i in table.free]
    return np.array([k for k, place in enumerate(labels) if place in wanted], dtype=np.int64)
