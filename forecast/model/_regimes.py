"""Regimes as hidden states whose course is given, and that multiply the on-rate of an event.

Since its course is known throughout, such a state costs the filter no bit, and is never redrawn.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from forecast.engine._problem import MULTIPLIES, STATE, Floats, Structure
from forecast.evidence import Evidence, Regime
from forecast.network import Network
from forecast.network._nodes import children_of
from forecast.time import years_between

NEVER = np.zeros(0)


@dataclass(frozen=True)
class RegimeState:
    """A hidden state that is on while a regime holds.

    Parameters
    ----------
    event
        Its id among the engine's events, and that of its link among the engine's links.
    item
        The regime.
    children
        The nodes whose rate it multiplies.
    in_force
        Whether the record has it; else its state is off throughout.
    """

    event: str
    item: Regime
    children: tuple[str, ...]
    in_force: bool


def regimes_in(seen: Evidence) -> tuple[Regime, ...]:
    """Return the regimes of a record that may change something."""
    return tuple(item for item in seen if isinstance(item, Regime) and not item.inert)


def hidden_state(regime: str) -> str:
    """Return the name of the hidden state of a regime, which no event can have."""
    return f"regime:{regime}"


def regime_states(
    network: Network, regimes: Iterable[Regime], seen: Evidence
) -> tuple[RegimeState, ...]:
    """Return the hidden states of regimes, of which a record may have only some."""
    known = {item.id for item in seen}
    return tuple(
        RegimeState(
            hidden_state(item.id),
            item,
            children_of(network.stated(item.event), item.event),
            item.id in known,
        )
        for item in regimes
    )


def with_regimes(
    structure: Structure, states: Sequence[RegimeState], index: Mapping[str, int], start: datetime
) -> Structure:
    """Return a structure with the hidden states and their links, both after all others.

    Parameters
    ----------
    structure
        Without them.
    states
        The hidden states.
    index
        The place of each event, hidden ones included.
    start
        Of the network.
    """
    if not states:
        return structure
    more = len(states)
    ends = [(index[state.event], index[child]) for state in states for child in state.children]
    parents, children = zip(*ends, strict=True)
    wider = structure._replace(
        kind=np.append(structure.kind, np.full(more, STATE)),
        initially=np.append(structure.initially, np.zeros(more, dtype=np.int64)),
        link_kind=np.append(structure.link_kind, np.full(len(ends), MULTIPLIES)),
        link_parent=np.append(structure.link_parent, parents),
        link_child=np.append(structure.link_child, children),
        windows=(*structure.windows, *([None] * more)),
    )
    return _following(wider, states, start)


def without(structure: Structure, states: Sequence[RegimeState], ids: Collection[str]) -> Structure:
    """Return a structure in which the hidden states of some regimes are off throughout."""
    given = list(structure.given or ())
    initially = structure.initially.copy()
    for place, state in enumerate(reversed(states), start=1):
        if state.item.id in ids:
            given[-place], initially[-place] = NEVER, 0
    return structure._replace(given=tuple(given) or None, initially=initially)


def _following(structure: Structure, states: Sequence[RegimeState], start: datetime) -> Structure:
    """Return a structure whose last events, the hidden states, follow their regimes."""
    initially = structure.initially.copy()
    given: list[Floats | None] = [None] * (len(initially) - len(states))
    for state in states:
        times = _changes(state.item, start) if state.in_force else NEVER
        initially[len(given)] = (times <= 0).sum() % 2
        given.append(times[times > 0])
    return structure._replace(given=tuple(given), initially=initially)


def _changes(item: Regime, start: datetime) -> Floats:
    """Return when a regime begins, and ends if it does, in years from the start."""
    edges = [edge for edge in item.span if edge is not None]
    return np.array([years_between(start, edge) for edge in edges])
