"""`learn`: the numbers of a network from the histories of many units."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from forecast.errors import Fault, InputError
from forecast.evidence import Evidence
from forecast.learning._choice import Choice, choice
from forecast.learning._drift import Drift, drift_of
from forecast.learning._faults import Faults
from forecast.learning._fit import fit_process
from forecast.learning._flat import flat_table
from forecast.learning._hidden import passages
from forecast.learning._learned import Learned
from forecast.learning._panel import Panel, Spells, read_panel
from forecast.learning._process import Layout, Process
from forecast.learning._risk import Role, Stretches, Watch, cells, links_into
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
    """Return what the histories of many units say of every number of a network.

    The histories are complete: whatever happened to a unit while it was at risk is in them. So the
    likelihood is a product over events. At any time the rate of an event of a unit is the
    network's, given which of its parents are on there, times ``exp(covariates · β)``, the ratio of
    the unit, that of its group, and that of the period. What the network states are the priors.

    Notes
    -----
    Limits: covariates, units' ratios, groups and periods act on how events come, not on how states
    end nor on confirmations. A ratio of a unit is the same at all times, and those of its events
    are independent. What is on when a unit enters is taken as it is, and tells nothing. Two events
    at the same time do not act on each other.

    Parameters
    ----------
    network
        What is stated.
    histories
        One row an event: ``unit``, ``event``, ``on`` (when it happened: a day, ``1974-05`` for a
        month, ``1974`` for a year; or a number of `unit` since the unit's own origin), ``off``
        (when a state ended; empty while it lasts), ``value`` (of facts and decisions). Of what is
        repeated every time is a row. A row before a unit's first spell says what was so by then.
    units
        One row a spell at risk: ``unit``, ``start``, ``stop`` (included, unless the next spell
        starts then), and columns of covariates and groups, constant over a row.
    covariates
        Columns of `units` by which rates differ.
    group
        A column of `units` whose values share a ratio.
    drift
        Periods in which rates differ, by a random walk of log rates: their length, ``"10 years"``
        by the calendar or ``"1 year since entry"``, or the edges between them.
    unit
        What 1 means where times are numbers.
    priors
        ``"network"``: what it states; ``"flat"``: wide ones in its place.
    scales
        How far covariates, units, groups and periods may make rates differ; None for the defaults.
    source
        Where the histories come from; told with each belief.
    draws
        Of the posterior.
    seed
        Of the draws.

    Returns
    -------
    Learned
        ``.table()`` of all numbers; ``.network``, whose beliefs state them, and
        ``.network_of(unit)``; ``.rates(...)`` and ``.probability(...)``; ``.data_tree``.

    Raises
    ------
    InputError
        With every fault of the tables.
    GateError
        If the posterior could not be drawn from.

    Examples
    --------
    >>> import pandas as pd
    >>> import forecast as fc
    >>> coup = fc.Event(id="coup", kind="repeated", rate="0.1 per year [0.01, 1]")
    >>> network = fc.Network(name="a", start="2024-01-01", horizon="2025-01-01", events=[coup])
    >>> units = pd.DataFrame({"unit": ["x", "y"], "start": 1990, "stop": [2009, 2019]})
    >>> seen = pd.DataFrame({"unit": ["x", "x"], "event": "coup", "on": ["1991", "1999-05-03"]})
    >>> learned = fc.learn(network, seen, units)
    >>> int(learned.table()["events"].iloc[0])
    2

    References
    ----------
    .. [1] Andersen, P. K., Borgan, Ø., Gill, R. D. & Keiding, N. (1993). Statistical Models Based
       on Counting Processes. Springer.
    """
    if draws < LEAST_DRAWS:
        raise InputError(Fault(f"{draws} draws are too few", "Ask for 4000, the default."))
    if priors not in ("network", "flat"):
        problem = "priors are those of the network, or flat"
        raise InputError(Fault(problem, "Write 'network' or 'flat'.", field="priors", value=priors))
    panel = read_panel(network, histories, units, covariates=covariates, group=group, unit=unit)
    processes = processes_of(network, panel, scales=scales, drift=drift, priors=priors)
    fitted = [fit_process(process, draws=draws, seed=seed) for process in processes]
    return Learned(network, panel, tuple(fitted), source=source, seed=seed)


def read_processes(
    network: Network, histories: "pd.DataFrame", units: "pd.DataFrame", **settings: Any
) -> list[Process | Choice]:
    """Return the processes of two tables without covariates; settings as `processes_of` has them.

    Parameters
    ----------
    network, histories, units
        As `learn` takes them.
    **settings
        Of `processes_of`.
    """
    panel = read_panel(network, histories, units, covariates=(), group=None, unit="1 year")
    return processes_of(network, panel, **settings)


def processes_of(
    network: Network,
    panel: Panel,
    *,
    scales: Scales | None = None,
    drift: "str | Sequence[Any] | None" = None,
    priors: str = "network",
    only: Collection[str] | None = None,
) -> list[Process | Choice]:
    """Return the processes of a panel, each with its likelihood; of some events alone if asked.

    Raises
    ------
    InputError
        With the fault of each event that comes while the network says that it cannot.
    """
    lowered = lower(network, Evidence([]), network.start)
    scales = Scales() if scales is None else scales
    events = [event for event in network.events if only is None or event.id in only]
    return _processes(events, lowered, panel, scales, drift_of(panel, drift), priors)


def _processes(  # noqa: PLR0917 - one caller
    events: Sequence[Event],
    lowered: Lowered,
    panel: Panel,
    scales: Scales,
    drift: Drift,
    priors: str,
) -> list[Process | Choice]:
    timeline, faults = Timeline(lowered.network, panel), Faults()
    spells = panel.spells
    time = spells.stop - spells.start
    centre = time @ spells.covariates / time.sum() if spells.covariates.shape[1] else np.zeros(0)
    spread = (
        np.sqrt(time @ (spells.covariates - centre) ** 2 / time.sum())
        if len(centre)
        else np.zeros(0)
    )
    found: list[Process | Choice] = []
    for event in events:
        if event.kind in {"fact", "decision"}:
            table = lowered.table if priors == "network" else flat_table(lowered.table, 1.0)
            own = replace(lowered, table=table)
            counted = choice(timeline, own, event, _columns(own, event, "value"))
            found += [] if counted is None else [counted]
        for role in _roles(event):
            watch = Watch(timeline, lowered, event, role, drift)
            every = watch.stretches()
            watch.refuse_impossible(every, faults)
            seen = every.some(~watch.shut(every))
            risk = cells(panel, seen, centre, _before(watch, every), watch.blurred(seen))
            if not len(risk.events):
                continue
            table = lowered.table if priors == "network" else flat_table(lowered.table, risk.years)
            own = replace(lowered, table=table)
            on, hidden = role == "on", passages(watch, centre)
            fact = f"{event.id}.ever"
            ever = own.events.index(fact) if on and fact in own.events else None
            alone = hidden is None and ever is None
            layout = Layout(
                stated=_columns(own, event, role),
                covariates=len(panel.covariates) if on else 0,
                units=on and scales.unit_sd > 0 and len(panel.units) > 1,
                groups=on and alone and scales.group_sd > 0 and len(panel.groups) > 1,
                periods=len(drift.names) if on and scales.drift_sd > 0 else 1,
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
                    drift=drift,
                    group=panel.group,
                    group_count=len(panel.groups),
                    passages=hidden,
                    ever=ever,
                )
            )
    faults.raise_any()
    return found


def _before(watch: Watch, every: Stretches) -> Stretches | None:
    """Return the time before units entered in which an onset had not come; None where that is none.

    Of what may happen again, or turns off, nothing follows from it.
    """
    panel = watch.timeline.panel
    if watch.role != "on" or watch.event.kind != "onset" or watch.delayed:
        return None
    first = np.searchsorted(panel.spells.unit, np.arange(len(panel.units)))
    late = np.flatnonzero(panel.origin < panel.entry)
    late = late[np.isin(late, every.unit)]
    if not len(late):
        return None
    spells = Spells(
        late, panel.origin[late], panel.entry[late], panel.spells.covariates[first[late]]
    )
    earlier = replace(
        watch, timeline=Timeline(watch.lowered.network, replace(panel, spells=spells))
    )
    found = earlier.stretches()
    return replace(found.some(~earlier.shut(found)), spell=first[found.unit[~earlier.shut(found)]])


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
    names = ("extra_rate", "hazard_ratio", "odds_ratio", "delay")
    strengths = {(n, link.id) for link in links_into(network, event, role) for n in names}
    wanted: set[tuple[str, str]]
    if role == "off":
        wanted = {("off_rate", event.id)}
    elif role == "value":
        family = next((one for one in network.families if one.event == event.id), None)
        rows = () if family is None else family.rows
        wanted = {("initial_probability", event.id)}
        wanted |= {("chance", number.label) for row in rows for number in row}
        wanted |= {("outcome_weight", name) for name in nodes}
    elif role == "confirmed":
        wanted = {("base_rate", like) for like in confirmed}
    else:
        wanted = {("base_rate", like) for like in likes - confirmed}
        wanted |= {("initial_probability", f"{event.id}.ever")}
    labels = [(name, table.known_group(name).labels[i]) for name, i in table.free]
    return np.array(
        [k for k, place in enumerate(labels) if place in wanted | strengths], dtype=np.int64
    )
