"""`Panel`: a network stated once for many units, and what they are forecast together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from forecast.errors import Fault, InputError, QueryError, did_you_mean
from forecast.network import Event, Link, Network
from forecast.network._base import find
from forecast.network._panel import UnitRow, panel_network
from forecast.network._units import UNIT, Unit, of_unit, shared_name, unit_fault, unit_of
from forecast.posterior._update import update
from forecast.time import Day

if TYPE_CHECKING:
    from forecast.evidence import Evidence
    from forecast.posterior._conditions import Condition, Supposed
    from forecast.posterior._posterior import Posterior
    from forecast.posterior._probability import Probability

ABOUT = (UNIT, "title", "group", "notes")


class Learned(Protocol):
    """What `forecast.learn` returns, as far as a panel reads it."""

    @property
    def network(self) -> Network:
        """What holds for all units."""

    def network_of(self, unit: str) -> Network:
        """Return the network of one unit, with its own rates."""


class Panel:
    """A network that is stated once, for many units.

    Each unit has every event of the network, and the links between its own. A number that a unit
    does not state for itself is one uncertain number of all units that share it, as are the
    reliabilities of sources: the evidence on any unit informs the forecasts of all. Given these
    numbers, units are independent of each other unless links `across` them say otherwise.

    Notes
    -----
    An event of a unit is called ``EVENT@UNIT`` (``coup@mli``, ``coup@mli.confirmed``): in items,
    in questions, and wherever one name is needed. The cost grows with the number of units, not
    faster, as long as units with evidence are not tied to others by links.

    Parameters
    ----------
    network
        What holds for each unit.
    units
        A DataFrame, or names, or mappings: ``unit`` (a name of at most 24 lower-case letters,
        digits and underscores), and if wanted ``title``, ``group``, ``notes``, and numbers of the
        unit's own in words, such as ``coup.rate``: ``"0.05 per year [0.02, 0.1]"``.
    neighbours
        Which units are neighbours: a DataFrame with the columns ``unit`` and ``neighbour``, or
        pairs. A pair acts on ``unit``, from ``neighbour``; state both directions where both hold.
    across
        Links from an event of each neighbour: their parent is ``neighbour.EVENT``.

    Raises
    ------
    InputError
        With every fault of the units, the pairs and the links.

    Examples
    --------
    >>> import forecast as fc
    >>> coup = fc.Event(id="coup", kind="onset", rate="5% [2%, 10%] within 1 year")
    >>> stated = fc.Network(name="coups", start="2024-01-01", horizon="2024-12-31", events=[coup])
    >>> panel = fc.Panel(stated, ["mli", "ner"])
    >>> found = panel.update(fc.Evidence([]), as_of="2024-06-30", draws=512)
    >>> found.ranking("coup", by="2024-12-31").index.tolist()
    ['mli', 'ner']
    """

    def __init__(
        self,
        network: Network,
        units: "pd.DataFrame | Iterable[str | Mapping[str, object]]",
        *,
        neighbours: "pd.DataFrame | Iterable[tuple[str, str]] | None" = None,
        across: Sequence[Link] = (),
    ) -> None:
        self.stated = network
        self.joint = panel_network(network, _rows(units), _pairs(neighbours), across)

    @classmethod
    def from_learned(
        cls, learned: Learned, units: "pd.DataFrame | Iterable[str | Mapping[str, object]]"
    ) -> "Panel":
        """Return the panel of units whose rates were learned from their histories.

        Each unit has its own rates, as its history says; ratios, delays and sources are shared.

        Parameters
        ----------
        learned
            What `forecast.learn` returned.
        units
            As for the class. What it states of a unit's numbers takes the place of what was
            learned.
        """
        stated, rows = learned.network, list[Mapping[str, object]]()
        for row in _rows(units):
            common = {event.id: str(event.rate) for event in stated.events}
            own = {
                f"{event.id}.rate": str(event.rate)
                for event in learned.network_of(row.unit.id).events
                if event.rate is not None and str(event.rate) != common[event.id]
            }
            about = {UNIT: row.unit.id, "title": row.unit.title, "group": row.unit.group}
            rows.append({**about, **own, **row.own})
        return cls(stated, rows)

    @property
    def units(self) -> tuple[str, ...]:
        """The names of the units, in order."""
        return tuple(unit.id for unit in self.joint.units)

    def network(self, unit: str) -> Network:
        """Return the network of one unit by itself, with plain names and the unit's numbers."""
        find("unit", unit, dict.fromkeys(self.units))
        mine: list[Event] = []
        for event in self.stated.events:
            joint = self.joint.event(of_unit(event.id, unit))
            numbers = {name: getattr(joint, name) for name in ("rate", "off_rate", "initially")}
            mine.append(event.model_copy(update={**numbers, "title": joint.title}))
        return self.stated.edited(events=mine)

    def update(self, evidence: "Evidence", *, as_of: Day, **options: Any) -> "PanelPosterior":
        """Return what the panel and the evidence published by a date say together.

        Parameters
        ----------
        evidence
            Items on events of units.
        as_of
            The cut-off.
        **options
            As of `forecast.update`.
        """
        return PanelPosterior(update(self.joint, evidence, as_of=as_of, **options))


@dataclass(frozen=True)
class PanelPosterior:
    """What is said of the units of a panel.

    Parameters
    ----------
    joint
        The posterior of all units: it is asked for events by their whole names.
    """

    joint: "Posterior"

    @cached_property
    def units(self) -> dict[str, Unit]:
        """The units, by name."""
        return {unit.id: unit for unit in self.joint.network.units}

    def table(self, *, by: Sequence[Day]) -> pd.DataFrame:
        """Return the probability of every event of every unit at deadlines.

        Returns
        -------
        DataFrame
            One row for each unit and event; columns as of `Posterior.table`.
        """
        found = self.joint.table(by=by)
        names = [(unit_of(name), shared_name(name)) for name in found.index]
        found.index = pd.MultiIndex.from_tuples(names, names=[UNIT, "event"])
        return found

    def ranking(self, event: str, *, by: Day) -> pd.DataFrame:
        """Return the units by the probability of one event at a deadline, the highest first.

        Returns
        -------
        DataFrame
            Indexed by unit: ``rank`` (units of equal probability in the order of the panel), the
            columns of `Posterior.table`, ``title``, ``group``, and how many ``items`` of the
            evidence are on the unit.

        Raises
        ------
        QueryError
            If units have no such event, or the deadline is out of range.
        """
        names = [node.id for node in self.joint.network.nodes]
        events = dict.fromkeys(map(shared_name, names))
        if event not in events:
            raise QueryError(Fault("unknown event", did_you_mean(event, events), value=event))
        whole = self.table(by=[by])
        found = whole.xs(event, level="event")[whole.columns[0][0]]
        items = [unit_of(name) for item in self.joint.evidence for name in item.events]
        about = {
            "title": [self.units[unit].title for unit in found.index],
            "group": [self.units[unit].group for unit in found.index],
            "items": [items.count(unit) for unit in found.index],
        }
        ordered: pd.DataFrame = found.assign(**about)
        ordered = ordered.sort_values("mean", ascending=False, kind="stable")
        ordered.insert(0, "rank", range(1, len(ordered) + 1))
        return ordered

    def posterior(self, unit: str) -> "UnitPosterior":
        """Return what is said of one unit, asked for its events by their plain names."""
        find("unit", unit, self.units)
        return UnitPosterior(self.joint, unit)


@dataclass(frozen=True)
class UnitPosterior:
    """What is said of one unit of a panel, with its events by their plain names.

    Parameters
    ----------
    joint
        The posterior of all units.
    unit
        The unit.
    """

    joint: "Posterior"
    unit: str

    def probability(
        self,
        event: str,
        *,
        by: Day,
        given: "Mapping[str, Condition] | None" = None,
        do: "Mapping[str, Supposed] | None" = None,
    ) -> "Probability":
        """Return the probability that an event is on; see `Posterior.probability`."""
        return self.joint.probability(
            self._here(event), by=by, given=self._all(given), do=self._all(do)
        )

    def curve(self, event: str, *, dates: "Sequence[Day] | None" = None) -> pd.DataFrame:
        """Return the probability of an event over dates; see `Posterior.curve`."""
        return self.joint.curve(self._here(event), dates=dates)

    def explain(self, event: str, *, by: Day, **options: Any) -> pd.DataFrame:
        """Return what moved the probability of an event; see `Posterior.explain`."""
        return self.joint.explain(self._here(event), by=by, **options)

    def _all[Said](self, said: "Mapping[str, Said] | None") -> "dict[str, Said] | None":
        return None if said is None else {self._here(name): one for name, one in said.items()}

    def _here(self, event: str) -> str:
        return event if unit_of(event) else of_unit(event, self.unit)


def _rows(units: "pd.DataFrame | Iterable[str | Mapping[str, object]]") -> list[UnitRow]:
    """Return the units that a caller names; refuse what is no unit, all faults in one go."""
    told: list[Any] = units.to_dict("records") if isinstance(units, pd.DataFrame) else list(units)
    rows, faults = list[UnitRow](), list[Fault]()
    for place, one in enumerate(told, start=1):
        given = {UNIT: one} if isinstance(one, str) else dict(one)
        cells = {str(name): str(cell) for name, cell in given.items() if not pd.isna(cell)}
        own = {name: cell for name, cell in cells.items() if name not in ABOUT and cell}
        title, group = cells.get("title", ""), cells.get("group", "")
        wrong = unit_fault(cells.get(UNIT, ""))
        if wrong is None:
            rows.append(UnitRow(Unit(id=cells[UNIT], title=title, group=group), own))
        else:
            faults.append(replace(wrong, field=f"row {place}: {UNIT}"))
    if faults:
        raise InputError(faults)
    return rows


def _pairs(
    neighbours: "pd.DataFrame | Iterable[tuple[str, str]] | None",
) -> list[tuple[str, str]]:
    if neighbours is None:
        return []
    if not isinstance(neighbours, pd.DataFrame):
        return [(one, two) for one, two in neighbours]
    lacking = [name for name in (UNIT, "neighbour") if name not in neighbours.columns]
    if lacking:
        remedy = "Name the columns unit and neighbour."
        raise InputError(Fault(f"there is no column '{lacking[0]}'", remedy, field="neighbours"))
    return list(zip(neighbours[UNIT], neighbours["neighbour"], strict=True))
