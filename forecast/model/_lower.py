"""From a network, its evidence and a cut-off to arrays and a table of parameters. No PyMC here."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from forecast.engine._channels import Channels, parameters_over
from forecast.engine._components import AnyPlan, build_plans
from forecast.engine._problem import (
    CAUSES,
    FACT,
    MULTIPLIES,
    ONSET,
    PREVENTS,
    REQUIRES,
    STATE,
    UNCERTAIN,
    Parameters,
    Record,
    Structure,
    Windows,
)
from forecast.engine._reach import MOST_FILTER_BITS, bits_needed
from forecast.engine._relevance import Target
from forecast.errors import Fault, InputError
from forecast.evidence import (
    Clock,
    Evidence,
    Forecast,
    Regime,
)
from forecast.evidence._moment import cut_off
from forecast.model._factors import (
    Factor,
    HiddenClaim,
    build_channels,
    build_factors,
    rate_uses,
)
from forecast.model._groups import Stage, model_groups, stages_of
from forecast.model._opinions import (
    Opinion,
    Stated,
    bases_of,
    crowds_of,
    deadline_of,
    known_for_sure,
    log_odds,
    stated_in,
    told_together,
    without_rows,
)
from forecast.model._own import Own, Question, Word, kept_own
from forecast.model._parameters import ParameterTable
from forecast.model._recorded import recorded, settle, settled_shares
from forecast.model._regimes import RegimeState, regime_states, regimes_in, with_regimes
from forecast.model._start import cells_of, joined_nodes, joint_start
from forecast.network import Event, Fixed, Link, Network, Prior, initial_prior
from forecast.time import DAYS_PER_YEAR, Day, parse_instant, years_between

DEFAULT_MAX_STEP = 7 / DAYS_PER_YEAR
KINDS = {"onset": ONSET, "state": STATE, "fact": FACT}
LINK_KINDS = {
    "causes": CAUSES,
    "multiplies": MULTIPLIES,
    "requires": REQUIRES,
    "prevents": PREVENTS,
}

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lowered:
    """A network and what is known by a time, as the engine sees them.

    Parameters
    ----------
    network, evidence
        What was lowered; `evidence` holds only what is seen by `as_of`.
    as_of
        The cut-off.
    events
        Ids of the engine's events: the nodes of the network, hidden stages of delayed links, facts
        on which it depends whether an event ever comes, then hidden states of regimes.
    links
        The network's link behind each engine link.
    structure, record
        Arrays.
    table
        Uncertain numbers and their priors.
    factors, hidden
        How the parameters give each item its chance, and what hidden origins said.
    stages
        Hidden onsets that delayed links pass through.
    regimes
        Hidden states of regimes.
    opinions
        What sources think of events.
    """

    network: Network
    evidence: Evidence
    as_of: datetime
    events: tuple[str, ...]
    links: tuple[Link | None, ...]
    structure: Structure
    record: Record
    table: ParameterTable
    factors: tuple[Factor, ...]
    hidden: tuple[HiddenClaim, ...]
    stages: tuple[Stage, ...]
    regimes: tuple[RegimeState, ...] = ()
    opinions: tuple[Opinion, ...] = ()

    @property
    def now(self) -> float:
        """`as_of` in years from the start."""
        return years_between(self.network.start_instant, self.as_of)

    def plans(
        self,
        *,
        max_step: float = DEFAULT_MAX_STEP,
        targets: tuple[Target, ...] = (),
        eliminate: bool = True,
    ) -> tuple[AnyPlan, ...]:
        """Return the plans of the likelihood, with targets to read off.

        Parameters
        ----------
        max_step
            Longest step of the filter, in years.
        targets
            Times and events that a forecast will read off.
        eliminate
            Whether components of facts alone are summed out fact by fact, whatever their size;
            else the filter takes them too, which gives slopes.

        Raises
        ------
        InputError
            If the record has a count over a time that is not all known: its chance does not
            factor over time, and the exact filter needs that. Or if there are too many facts for
            the filter.
        """
        self.refuse_counts()
        if not eliminate:
            self._refuse_many_facts(targets)
        return build_plans(
            self.structure, self.record, max_step=max_step, targets=targets, eliminate=eliminate
        )

    def _refuse_many_facts(self, targets: tuple[Target, ...]) -> None:
        """Refuse slopes of the likelihood where the filter cannot hold the facts."""
        bits = bits_needed(self.structure, self.record, targets, eliminate=False)
        if bits > MOST_FILTER_BITS:
            raise InputError(
                Fault(
                    f"{bits} values of facts that depend on each other are tied together, and "
                    f"what needs slopes of the likelihood, NUTS and PyMC models, takes at most "
                    f"{MOST_FILTER_BITS}",
                    'Use method="importance", which sums facts out one by one at any number.',
                    field="method",
                )
            )

    def refuse_counts(self) -> None:
        """Refuse a record that the exact filter cannot take, naming the items."""
        names = np.array([factor.item for factor in self.factors])[self.record.counted]
        if len(names):
            listed = ", ".join(f"'{name}'" for name in names)
            raise InputError(
                Fault(
                    f"counts over a time in which the event's state is not known for sure "
                    f"({listed}) are beyond the exact filter",
                    'Use method="paths", or leave these items out.',
                    field="method",
                )
            )

    @property
    def size(self) -> tuple[int, int]:
        """How many events and links the engine has."""
        return len(self.events), len(self.structure.link_kind)

    @cached_property
    def channels(self) -> Channels:
        """The map from standard normals to values, parameters, and what every item says."""
        links = ["" if link is None else link.id for link in self.links]
        links += [state.event for state in self.regimes for _ in state.children]
        uses = rate_uses(self.table, self.network, self.events, links, self.stages)
        cells, crowds = cells_of(self.network), crowds_of(self.opinions, self._open())
        return build_channels(self.table, uses, self.factors, self.hidden, cells, crowds)

    def _open(self) -> dict[Question, float]:
        """Return what the network itself says of what opinions are open on."""
        every = dict.fromkeys((one.event, time) for one in self.opinions for time in one.times)
        still = [one for one in every if not known_for_sure(self.structure, self.record, *one)]
        return dict(zip(still, self.own.chances(still), strict=True)) if still else {}

    def resolved_opinions(self) -> dict[str, int]:
        """Return at how many deadlines each source's opinions are resolved, of those that are."""
        still = self._open()
        counts: dict[str, int] = {}
        for one in self.opinions:
            resolved = sum((one.event, time) not in still for time in one.times)
            if resolved:
                counts[one.source] = counts.get(one.source, 0) + resolved
        return counts

    @cached_property
    def own(self) -> Own:
        """What the network itself says by the record, opinions left out."""
        if not any(isinstance(item, Forecast) for item in self.evidence):
            return kept_own(self)
        regimes, told = [state.item for state in self.regimes], _without_opinions(self.evidence)
        bare = lower_seen(self.network, told, self.as_of, regimes)
        sure = {
            name: getattr(self.record, name)
            for name in Record._fields
            if name.startswith(("known_", "held_"))
        }
        return kept_own(replace(bare, record=bare.record._replace(**sure)))

    @property
    def identity(self) -> Hashable:
        """What tells this from other networks and records."""
        record = self.record
        return (
            *(self.network, self.as_of, self.factors, self.hidden, self.regimes),
            *(tuple(record.known), tuple(record.held), tuple(record.item_time.tolist())),
        )

    @property
    def tied(self) -> list[set[int]]:
        """Rows of the record whose chances hang on each other: of one origin, or of one crowd."""
        return [*(set(told.members) for told in self.hidden), *told_together(self.opinions)]

    def without_rows(self, struck: Collection[int]) -> "Lowered":
        """Return this with the chances of all rows but some, as if those had not been said.

        The rows stay where they are; the chances of those struck out mean nothing.
        """
        left = [tuple(i for i in told.members if i not in struck) for told in self.hidden]
        hidden = tuple(
            replace(told, members=members)
            for told, members in zip(self.hidden, left, strict=True)
            if members
        )
        return replace(self, hidden=hidden, opinions=without_rows(self.opinions, struck))

    def theta(self, values: Mapping[str, Floats], channels: Channels | None = None) -> Parameters:
        """Return engine parameters for natural values by group, each (draw, label).

        Parameters
        ----------
        values
            Natural values.
        channels
            The map; that of the record as it is, unless given.
        """
        c, flat = self.channels if channels is None else channels, self.table.flat(values)
        return Parameters(*parameters_over(c, flat, *self.size))


def lower(network: Network, evidence: Evidence, as_of: Day, known: Clock = "published") -> Lowered:
    """Return the arrays and the parameter table of a network and what is seen by `as_of`.

    Parameters
    ----------
    network, evidence
        What is stated, and the record.
    as_of
        The cut-off.
    known
        ``"published"``: what the world could read by then is seen; ``"recorded"``: what was on
        file here by then.

    Raises
    ------
    InputError
        If the evidence does not fit the network, observations contradict each other, or `as_of`
        is no date or lies outside the network's time.
    """
    return _lower(network, evidence, _cutoff(network, evidence, as_of), known)


def _cutoff(network: object, evidence: object, as_of: Day) -> datetime:
    """Return a cut-off as an instant, once all that a caller hands in is what it should be."""
    if not isinstance(network, Network):
        remedy = "Read it with forecast.read_network, or build a forecast.Network."
        raise InputError(Fault("this is no network", remedy, field="network", value=str(network)))
    if not isinstance(evidence, Evidence):
        remedy = (
            "Read it with forecast.read_evidence, or put the items into forecast.Evidence([…])."
        )
        raise InputError(
            Fault("this is no record of evidence", remedy, field="evidence", value=str(evidence))
        )
    instant = cut_off(as_of)
    if not network.start_instant <= instant <= network.horizon_instant:
        problem = (
            f"the knowledge cut-off lies outside the time of network '{network.name}' "
            f"({network.start} to {network.horizon})"
        )
        remedy = "Give a cut-off within it, or change the network's start or horizon."
        raise InputError(Fault(problem, remedy, field="as_of", value=str(as_of)))
    return instant


def _lower(network: Network, evidence: Evidence, as_of: datetime, known: Clock) -> Lowered:
    seen = evidence.as_of(as_of, known)
    seen.check(network)
    return lower_seen(network, seen, as_of)


def lower_seen(
    network: Network,
    seen: Evidence,
    as_of: datetime,
    regimes: Sequence[Regime] | None = None,
    opinions: Sequence[Opinion] = (),
) -> Lowered:
    """Return the same for evidence that has been cut and checked before.

    Parameters
    ----------
    network, seen, as_of
        The network, the evidence and its cut-off.
    regimes
        Those that have a hidden state, so that parts of one record have the same events; those of
        the evidence, unless given.
    opinions
        Those of the whole record, of which this is a part: their surprises stay as they are.
    """
    stages = stages_of(network)
    states = regime_states(network, regimes_in(seen) if regimes is None else regimes, seen)
    shown, facts = [node.id for node in network.nodes], [f.name for f in network.hidden_facts]
    events = (*shown, *(s.event for s in stages), *facts, *(state.event for state in states))
    index = {event: i for i, event in enumerate(events)}
    structure, links = _structure(network, stages, index)
    structure = with_regimes(structure, states, index, network.start_instant)
    record = recorded(network, seen, as_of, index)
    shares = settled_shares(structure, record, seen)
    then = _then(network, seen, index, opinions)
    factors, hidden = build_factors(network, seen, bases_of(network, seen, then), shares)
    lowered = Lowered(
        network=network,
        evidence=seen,
        as_of=as_of,
        events=events,
        links=links,
        structure=structure,
        record=settle(record, [factor.share is not None for factor in factors]),
        table=model_groups(network, seen),
        factors=factors,
        hidden=hidden,
        stages=stages,
        regimes=states,
    )
    return replace(lowered, opinions=_opinions(lowered, then)) if then else lowered


def _then(
    network: Network, seen: Evidence, index: Mapping[str, int], whole: Sequence[Opinion]
) -> dict[Stated, dict[float, Word]]:
    """Return what the network itself said when opinions were stated, at all deadlines of an event.

    Only what was published by then is seen, and no opinion. What a base takes the place of is left
    out. Parts of a record have this from the whole.
    """
    told = {item: one for one in whole for item in one.items}
    own: dict[datetime, Own] = {}
    by_source, found = stated_in(seen), dict[Stated, dict[float, Word]]()
    for who, items in by_source.items():
        _, event, when = who
        if items[0].id in told:
            found[who] = told[items[0].id].words()
            continue
        times = {deadline_of(network, item) for key in by_source if key[1] == event
                 for item in by_source[key]}  # fmt: skip
        if times <= {deadline_of(network, item) for item in items if item.base is not None}:
            found[who] = {}
            continue
        asked = sorted(times)
        if when not in own:
            own[when] = own_as_of(network, seen, when)
        known = own[when].words([(index[event], t) for t in asked])
        found[who] = dict(zip(asked, known, strict=True))
    return found


def own_as_of(network: Network, seen: Evidence, when: datetime) -> Own:
    """Return the network's own forecasts by what was published by a time."""
    told = _without_opinions(seen.as_of(when))
    told.check(network)
    return kept_own(lower_seen(network, told, when))


def _without_opinions(seen: Evidence) -> Evidence:
    """Return a record with its forecasts set aside, the older ones too that newer ones replace."""
    every = (*seen, *seen.replaced, *seen.retracted)
    return seen.without({item.id for item in every if isinstance(item, Forecast)})


def _opinions(lowered: Lowered, then: Mapping[Stated, Mapping[float, Word]]) -> tuple[Opinion, ...]:
    """Return what each source thinks of each event, as far as it says anything."""
    rows = {factor.item: row for row, factor in enumerate(lowered.factors)}
    found = []
    for who, items in stated_in(lowered.evidence).items():
        source, event, _ = who
        own = {item.id: lowered.factors[rows[item.id]].own for item in items}
        said = [item for item in items if own[item.id] is not None]
        factors = [lowered.factors[rows[item.id]] for item in said]
        if not said:
            continue
        place = lowered.events.index(event)
        curve = sorted((t, log_odds(word.chance)) for t, word in then[who].items())
        found.append(
            Opinion(
                source=source,
                weight=factors[0].hit,
                apart=lowered.network.source(source).independent,
                event=place,
                kind=int(lowered.structure.kind[place]),
                items=tuple(item.id for item in said),
                rows=tuple(rows[item.id] for item in said),
                times=tuple(deadline_of(lowered.network, item) for item in said),
                was=tuple(was for was in own.values() if was is not None),
                surprise=tuple(factor.number for factor in factors),
                then=tuple(curve),
                error=max(word.log_odds_error for word in then[who].values()) if then[who] else 0.0,
            )
        )
    return tuple(found)


def _structure(
    network: Network, stages: tuple[Stage, ...], index: Mapping[str, int]
) -> tuple[Structure, tuple[Link | None, ...]]:
    rows: list[tuple[int, str, str, Link | None]] = []
    for link in network.links:
        last = [stage.event for stage in stages if stage.link == link.id]
        parent, kind = last[-1] if last else link.parent, LINK_KINDS[link.kind]
        if network.stated(link.child).kind == "fact":
            continue  # it acts on the start alone
        rows += [(kind, parent, child, link) for child in network.children(link)]
    rows += [(REQUIRES, stage.parent, stage.event, None) for stage in stages]
    rows += [(LINK_KINDS[gate.kind], gate.parent, gate.child, None) for gate in network.gates]
    rows += [(REQUIRES, fact.name, fact.event, None) for fact in network.hidden_facts]
    horizon = years_between(network.start_instant, network.horizon_instant)
    facts = [_sure_or_not(fact.chance.prior()) for fact in network.hidden_facts]
    hidden = len(stages) + len(facts)
    joined = joined_nodes(network)
    kinds = [KINDS[e.kind] for e in network.nodes] + [ONSET] * len(stages) + [FACT] * len(facts)
    initially = [
        UNCERTAIN if e.id in joined else _sure_or_not(initial_prior(e)) for e in network.nodes
    ]
    structure = Structure(
        kind=np.array(kinds, dtype=np.int64),
        initially=np.array([*initially, *[0] * len(stages), *facts], dtype=np.int64),
        link_kind=np.array([row[0] for row in rows], dtype=np.int64),
        link_parent=np.array([index[row[1]] for row in rows], dtype=np.int64),
        link_child=np.array([index[row[2]] for row in rows], dtype=np.int64),
        windows=(*(_windows(network, event) for event in network.nodes), *([None] * hidden)),
        horizon=horizon,
        start=joint_start(network, index),
    )
    return structure, tuple(row[3] for row in rows)


def _sure_or_not(prior: Prior) -> int:
    """Return 0 or 1 for what is certain at the start, or that it is not."""
    return int(prior.value) if isinstance(prior, Fixed) and prior.value in (0, 1) else UNCERTAIN


def _windows(network: Network, event: Event) -> Windows | None:
    """Return an event's calendar: outside weight between its windows."""
    if not event.windows:
        return None
    edges: list[float] = []
    weights = [event.outside_windows]
    for window in sorted(event.windows, key=lambda w: w.start):
        start = years_between(network.start_instant, parse_instant(window.start, edge="start"))
        end = years_between(network.start_instant, parse_instant(window.end))
        if edges and start == edges[-1]:
            weights[-1] = window.weight
        else:
            edges.append(start)
            weights.append(window.weight)
        edges.append(end)
        weights.append(event.outside_windows)
    return Windows(np.array(edges), np.array(weights))
